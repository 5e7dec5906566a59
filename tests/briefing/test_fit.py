"""The length of a briefing: whole sentences, the most important that fit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from causemap.briefing.fit import Choice, fit

CHOICES = st.lists(
    st.builds(
        Choice,
        weight=st.floats(0.5, 50),
        words=st.lists(st.integers(3, 40), min_size=1, max_size=3).map(tuple),
        required=st.booleans(),
    ),
    min_size=1,
    max_size=25,
)


@given(CHOICES, st.integers(20, 200))
def test_the_words_are_those_of_the_forms_taken(choices: list[Choice], budget: int) -> None:
    """What is said to be used is the sum of the chosen forms, never above the tolerance."""
    taken = fit(choices, budget)
    used = [c.words[form] for c, form in zip(choices, taken.forms, strict=True) if form is not None]
    assert sum(used) == taken.words
    assert taken.words <= budget * 1.1


@given(CHOICES, st.integers(20, 200))
def test_the_tolerance_is_met_whenever_it_can_be(choices: list[Choice], budget: int) -> None:
    """With nothing required, any reachable length within ten percent is preferred to a shorter."""
    free = [Choice(c.weight, c.words) for c in choices]
    sums = {0}
    for choice in free:
        sums |= {s + w for s in sums for w in choice.words}
    possible = any(abs(s - budget) <= budget * 0.1 for s in sums)
    assert (abs(fit(free, budget).words - budget) <= budget * 0.1) == possible


def test_the_more_important_claim_wins() -> None:
    """Of two claims of one length the weightier is said."""
    assert fit([Choice(1, (20,)), Choice(5, (20,))], 20).forms == (None, 0)


def test_a_required_claim_is_said_though_others_weigh_more() -> None:
    """What must be said comes first, whatever it costs."""
    assert fit([Choice(1, (20,), required=True), Choice(50, (20,))], 20).forms == (0, None)


def test_a_longer_form_is_taken_when_there_is_room() -> None:
    """Room that no further claim needs goes to the fuller wording."""
    assert fit([Choice(3, (10, 20))], 20).forms == (1,)


def test_too_much_that_is_required_loses_the_least_of_it() -> None:
    """Where even what must be said is too long, the least important of it is dropped first."""
    choices = [Choice(9, (30,), required=True), Choice(1, (30,), required=True)]
    assert fit(choices, 30).forms == (0, None)


def test_too_little_is_said_whole() -> None:
    """A run with little to say gives a short text, not a padded one."""
    assert fit([Choice(1, (5, 9))], 500) == ((1,), 9)
