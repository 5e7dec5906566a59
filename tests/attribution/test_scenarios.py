"""Scenarios: each condition met, not met, or not measurable, never guessed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.facts import evidence_item

from causemap.attribution.scenarios import scenarios
from causemap.records import Dossier, Evidence, Path, Scope, Trigger

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T21:00Z", ("SPX",), ("equity",))
COHORT = "earnings_news.worst_cohort.residual"


def item(name: str, value: float, z: float | None = None, at: str = SCOPE.end) -> Evidence:
    """An item over the window."""
    return evidence_item(
        id=name,
        asset="IGV" if name == COHORT else "X",
        value=value,
        observed_at=at,
        available_at=SCOPE.end,
        z=z,
    )


def seen(
    *items: Evidence, paths: tuple[Path, ...] = (), scope: Scope = SCOPE
) -> dict[str, Trigger]:
    """All conditions by text."""
    found = scenarios(Dossier(scope, items, (), paths=paths))
    return {trigger.text: trigger for scenario in found for trigger in scenario.triggers}


def state(words: str, found: dict[str, Trigger]) -> bool | None:
    """The state of the one condition whose text contains ``words``."""
    (trigger,) = (trigger for text, trigger in found.items() if words in text)
    return trigger.met


def test_three_scenarios_and_nothing_known_without_evidence() -> None:
    """An empty dossier leaves every condition open."""
    found = scenarios(Dossier(SCOPE, (), ()))
    assert [(s.key, s.name) for s in found] == [
        ("A", "Normalisation"),
        ("B", "Tightening"),
        ("C", "Reflation"),
    ]
    assert all(t.met is None and t.evidence == () for s in found for t in s.triggers)


def test_texts_carry_only_the_fixed_thresholds() -> None:
    """The text of a condition never depends on the data, whatever the figures are."""
    full = seen(item("macro.ust10y.change", -3.3, -0.4), item("technicals.vix.maximum", 21.77))
    assert list(full) == list(seen())
    numerals = {n for text in full for n in re.findall(r"\d+(?:\.\d+)?", text)}
    assert numerals == {"20", "10", "5", "2", "1.5", "50", "1", "30"}


@pytest.mark.parametrize(
    ("words", "name", "value", "z", "met"),
    [
        ("10-year", "macro.ust10y.change", -9.9, None, True),
        ("10-year", "macro.ust10y.change", -10.0, None, False),
        ("flat or lower", "macro.dxy.change", 0.0, None, True),
        ("flat or lower", "macro.dxy.change", 1.6, 1.8, False),
        ("2-year", "macro.ust2y.change", 20.0, 1.5, True),
        ("2-year", "macro.ust2y.change", 20.0, 1.4, False),
        ("2-year", "macro.ust2y.change", 20.0, None, None),
        ("dollar index up", "macro.dxy.change", 1.6, 1.8, True),
        ("high-yield", "macro.hy_oas.change_10d", 50.0, None, True),
        ("high-yield", "macro.hy_oas.change", 60.0, None, None),
        ("high-yield", "macro.hy_oas.change_10d", 49.0, None, False),
        ("no new low", "earnings_news.worst_cohort.above_low", 0.0, None, False),
        ("no new low", "earnings_news.worst_cohort.above_low", 0.1, None, True),
        ("SOFR", "macro.sofr_iorb.spread", 9.0, None, False),
        ("ahead of the index", COHORT, 2.0, 1.0, True),
        ("settles policy", "earnings_news.note.policy_clarity", 1.0, None, True),
    ],
)
def test_conditions_at_their_thresholds(
    words: str, name: str, value: float, z: float | None, met: bool | None
) -> None:
    """Each condition turns at the threshold of the method and cites what it was read from."""
    one = item(name, value, z)
    found = seen(one)
    assert state(words, found) is met
    (trigger,) = (t for text, t in found.items() if words in text)
    assert trigger.evidence == (() if met is None else (name,))


def test_a_change_over_another_length_is_not_taken_for_five_sessions() -> None:
    """A month's change says nothing about the last five sessions."""
    for start, met in (("2026-01-05", None), ("2026-01-27", None), ("2026-01-28", True)):
        change = replace(item("macro.ust10y.change", 3.0), start=start)
        assert state("10-year", seen(change)) is met


@pytest.mark.parametrize(
    ("high", "at", "level", "calm", "released"),
    [
        (21.8, "2026-02-05", None, False, False),  # the high is the last close
        (18.0, "2026-02-03", None, True, None),  # below 20 throughout and off the high
        (25.0, "2026-02-03", None, None, None),  # where it closed is not known
        (25.0, "2026-02-03", 17.0, True, True),
        (25.0, "2026-02-03", 19.0, True, False),
        (25.0, "2026-02-03", 20.0, False, False),
    ],
)
def test_volatility(
    high: float, at: str, level: float | None, calm: bool | None, released: bool | None
) -> None:
    """The VIX conditions follow from the high, its day and the last close, if known."""
    items = [item("technicals.vix.maximum", high, at=at)]
    items += [item("technicals.vix.level", level)] if level is not None else []
    found = seen(*items)
    assert state("VIX below 20", found) is calm
    assert state("below its high", found) is released


@pytest.mark.parametrize(("level", "calm"), [(17.0, None), (20.0, False)])
def test_an_unknown_high_leaves_calm_open(level: float, calm: bool | None) -> None:
    """Whether it falls is not known without a high; at 20 or above it is not calm anyway."""
    assert state("VIX below 20", seen(item("technicals.vix.level", level))) is calm


@pytest.mark.parametrize(
    ("cohort", "met"), [((100.0, 90.0, 95.0), True), ((100.0, 95.0, 90.0), False)]
)
def test_new_low_of_the_cohort(cohort: tuple[float, ...], met: bool) -> None:
    """A cohort that closes at its low against the index makes a new low; one off it does not."""
    days = ("2026-01-29", "2026-02-03", "2026-02-05")
    paths = (Path("IGV", days, cohort), Path("SPX", days, (100.0, 100.0, 99.0)))
    assert state("no new low", seen(item(COHORT, -9.0, -5.0), paths=paths)) is met
    assert state("no new low", seen(item(COHORT, -9.0, -5.0), paths=paths[:1])) is None
