"""Order from onset intervals: ties stay ties, and no effect stands before its cause."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.facts import evidence_item

from causemap.attribution.order import (
    Admission,
    Arrow,
    Span,
    answers,
    earliest,
    hours,
    lag_days,
    may_cause,
    order_groups,
    precedes,
    probability_before,
    proved_steps,
    span_of,
    third_done,
    timing_log_odds,
)
from causemap.records import CauseMap, Evidence, Node, OnsetInterval, Path

NAMES = tuple("abcdef")


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """A start interval of 0 to 8 hours within two days, points and shared ends among them."""
    low = draw(st.integers(0, 40))
    return Span(low, low + draw(st.integers(0, 8)))


layered = st.dictionaries(st.sampled_from(NAMES), spans(), max_size=6)
links = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES))
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: Arrow(*pair)),
    unique=True,
).map(sorted)


def admitted(dated: dict[str, Span], arrows: list[Arrow]) -> list[Arrow]:
    """The arrows that time allows, offered causes first."""
    admission = Admission(dated, {})
    return [arrow for arrow in arrows if admission.lets_in(arrow)]


def reached(start: str, arrows: list[Arrow]) -> set[str]:
    """Every node that an arrow path leads to."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        here = ahead.pop()
        after = {a.target for a in arrows if a.source == here} - found
        found |= after
        ahead += after
    return found


def test_a_date_is_the_whole_day() -> None:
    """A date alone begins at midnight UTC and is over at the next."""
    assert hours("2026-01-30") == hours("2026-01-30T00:00Z")
    assert hours("2026-01-30", late=True) == hours("2026-01-31T00:00Z")
    assert hours("2026-01-30T21:00Z", late=True) == hours("2026-01-30T00:00Z") + 21


def test_an_interval_the_wrong_way_round_dates_nothing() -> None:
    """Bad ends give no date instead of a negative width."""
    assert span_of(OnsetInterval("x", "2026-01-31", "2026-01-29")) is None
    assert span_of(None) is None


@pytest.mark.parametrize(
    ("first", "second", "probability"),
    [
        (Span(0, 1), Span(2, 3), 1.0),
        (Span(0, 2), Span(0, 2), 0.5),
        (Span(0, 2), Span(1, 3), 0.875),  # the corner above the diagonal is 1/8 of the square
        (Span(0, 4), Span(1, 1), 0.25),
        (Span(1, 1), Span(0, 4), 0.75),
        (Span(2, 2), Span(2, 2), 0.5),
    ],
)
def test_probability_of_order_by_hand(first: Span, second: Span, probability: float) -> None:
    """The share of the rectangle where the first comes first, computed by hand."""
    assert probability_before(first, second) == pytest.approx(probability)


@settings(deadline=None)
@given(spans(), spans())
def test_one_of_two_came_first(first: Span, second: Span) -> None:
    """The two orders share the whole probability, and proof of order means certainty."""
    forward, back = probability_before(first, second), probability_before(second, first)
    assert forward + back == pytest.approx(1.0)
    if precedes(first, second):
        assert forward == pytest.approx(1.0)
        assert not precedes(second, first)
        assert not may_cause(second, first)


def test_touching_bars_are_in_order() -> None:
    """What the last bar showed began before the bar that opens at its close."""
    assert precedes(Span(0, 24), Span(24, 48))
    assert not may_cause(Span(24, 48), Span(0, 24))
    assert not precedes(Span(24, 24), Span(24, 48))


def test_lag_is_an_interval_and_never_negative() -> None:
    """Two daily bars that overlap leave any lag from none to two days."""
    assert lag_days(Span(0, 24), Span(24, 48)) == (0.0, 2.0)
    assert lag_days(Span(0, 24), Span(72, 96)) == (2.0, 4.0)
    assert lag_days(Span(0, 48), Span(0, 24)) == (0.0, 1.0)


def test_an_unusual_lag_lowers_the_odds() -> None:
    """The same certain order is worth less when the effect came long after the usual lag."""
    soon = timing_log_odds(Span(0, 24), Span(48, 72), (0, 3))
    late = timing_log_odds(Span(0, 24), Span(480, 504), (0, 3))
    assert soon == pytest.approx(0.5)
    assert late == pytest.approx(0.0)


def test_time_holds_through_an_undated_node() -> None:
    """A late cause may not reach an early effect by way of a node that nothing dates."""
    dated = {"a": Span(30, 31), "c": Span(0, 1)}
    assert admitted(dated, [Arrow("a", "b"), Arrow("b", "c")]) == [Arrow("a", "b")]


def test_a_later_cause_does_not_push_a_channel_past_its_moves() -> None:
    """A channel that explains an early move keeps it when a later cause asks to feed it too."""
    dated = {"early": Span(0, 1), "late": Span(30, 31)}
    admission = Admission(dated, {"channel": (5.0,)})
    assert admission.lets_in(Arrow("early", "channel"))
    assert not admission.lets_in(Arrow("late", "channel"))


@settings(deadline=None)
@given(layered, links)
def test_admitted_arrows_never_violate_time(dated: dict[str, Span], arrows: list[Arrow]) -> None:
    """Along every path of admitted arrows, no end was seen before a beginning on the way."""
    kept = admitted(dated, arrows)
    for name, span in dated.items():
        for later in reached(name, kept) & set(dated):
            assert span.lo <= dated[later].hi
            assert not precedes(dated[later], span)


@settings(deadline=None)
@given(layered, links)
def test_order_covers_dated_names_once_and_keeps_causes_first(
    dated: dict[str, Span], arrows: list[Arrow]
) -> None:
    """Groups hold each dated name once, in proved order, and no cause after its effect."""
    kept = admitted(dated, arrows)
    groups = order_groups(dated, kept)
    place = {name: k for k, group in enumerate(groups) for name in group}
    assert sorted(name for group in groups for name in group) == sorted(dated)
    assert all(groups)
    for one, first in dated.items():
        for two, second in dated.items():
            assert place[one] < place[two] or not precedes(first, second)
        assert all(place[one] <= place[two] for two in reached(one, kept) & set(dated))


def test_overlap_is_a_tie() -> None:
    """Overlapping onsets share a group; only a proved gap opens the next."""
    dated = {"IGV": Span(0, 72), "SLV": Span(0, 24), "BTC": Span(30, 54), "SPX": Span(96, 120)}
    assert order_groups(dated) == (("SLV", "IGV"), ("BTC",), ("SPX",))


def test_earliest_start_follows_the_causes() -> None:
    """A wide interval is narrowed by a cause that began inside it."""
    known = earliest({"a": Span(5, 6), "c": Span(0, 9)}, [Arrow("a", "b"), Arrow("b", "c")])
    assert known == {"a": 5, "b": 5, "c": 5}


def item(name: str, asset: str, at: str) -> Evidence:
    """An item dated ``at``."""
    return evidence_item(
        id=name,
        desk="crypto_structure",
        family="plumbing",
        group="plumbing",
        asset=asset,
        unit="count",
        said="a notice",
        observed_at=at,
        available_at=at,
        source="exchange",
    )


def test_margin_notice_after_a_third_of_the_fall_is_a_response() -> None:
    """A notice in the evening of the crash answers it; the same notice a day before does not."""
    days = ("2026-01-29", "2026-01-30", "2026-02-02")
    thirds = third_done((Path("SLV", days, (100.0, 71.5, 68.6)), Path("KRE", days, (100.0,) * 3)))
    assert thirds == {"SLV": hours("2026-01-30T21:00Z")}
    assert answers(item("crypto_structure.slv.margin_rise", "SLV", "2026-01-30T22:00Z"), thirds)
    assert not answers(item("crypto_structure.slv.margin_rise", "SLV", "2026-01-29"), thirds)
    assert not answers(item("crypto_structure.slv.residual", "SLV", "2026-02-05"), thirds)


@pytest.mark.parametrize(
    ("first", "second", "allowed"),
    [
        (Span(0, 1), Span(2, 3), True),
        (Span(2, 3), Span(0, 1), False),
        (Span(0, 9), Span(2, 3), True),
        (Span(2, 4), Span(1, 2), False),
        (Span(2, 4), Span(2, 2), True),
    ],
)
def test_time_allows_a_cause_that_had_not_begun_after_its_effect(
    first: Span, second: Span, allowed: bool
) -> None:
    """An effect seen before its cause could begin forbids the arrow; an overlap does not."""
    assert may_cause(first, second) is allowed


def test_a_moment_inside_an_interval_is_placed_by_its_distance_from_the_start() -> None:
    """Two of six hours in, and the other way round."""
    assert probability_before(Span(4, 4), Span(2, 8)) == pytest.approx(4 / 6)
    assert probability_before(Span(2, 8), Span(4, 4)) == pytest.approx(2 / 6)


def test_a_third_of_the_fall_is_of_the_fall_and_by_the_close_of_its_market() -> None:
    """Eleven of thirty points are a third; a coin's day closes at midnight, a stock's before."""
    days, values = ("2026-01-29", "2026-01-30", "2026-02-02"), (100.0, 89.0, 70.0)
    thirds = third_done((Path("BTC", days, values), Path("SPX", days, values)))
    assert thirds == {"BTC": hours("2026-01-31"), "SPX": hours("2026-01-30T21:00Z")}


def test_a_notice_at_the_very_close_is_no_answer_yet() -> None:
    """What comes later than a third of the fall answers it, not what comes with it."""
    thirds = {"SLV": hours("2026-01-30T21:00Z")}
    assert not answers(item("crypto_structure.slv.margin_rise", "SLV", "2026-01-30T21:00Z"), thirds)


def drawn(found: dict[str, Span]) -> CauseMap:
    """A map of dated nodes without links; hours are those of January 1970."""

    def at(hour: float) -> str:
        return f"1970-01-{1 + int(hour) // 24:02d}T{int(hour) % 24:02d}:00Z"

    return CauseMap(
        tuple(
            Node(name, "move", name, OnsetInterval(name, at(span.lo), at(span.hi)))
            for name, span in found.items()
        ),
        (),
    )


def test_a_later_step_says_what_it_is_proved_to_follow() -> None:
    """A wide interval beside an early one: what comes after the early one is not after the wide."""
    steps = proved_steps(drawn({"a": Span(0, 2), "w": Span(0, 30), "b": Span(3, 4)}))
    assert [[n.id for n in step.nodes] for step in steps] == [["a", "w"], ["b"]]
    assert [n.id for n in steps[1].after] == ["a"]
    assert [n.id for n in steps[1].beside] == ["w"]
    alone = proved_steps(drawn({"a": Span(0, 2), "w": Span(0, 30), "b": Span(3, 4)}), {"a", "b"})
    assert not alone[1].beside


@given(layered)
def test_steps_claim_what_intervals_prove_and_nothing_else(found: dict[str, Span]) -> None:
    """Within a step no pair is ordered; what a step is told to follow precedes all of it."""
    steps = proved_steps(drawn(found))
    assert sorted(n.id for step in steps for n in step.nodes) == sorted(found)
    told: set[str] = set()
    for step in steps:
        own = [found[node.id] for node in step.nodes]
        assert not any(precedes(a, b) for a in own for b in own)
        assert all(precedes(found[node.id], span) for node in step.after for span in own)
        assert not any(all(precedes(found[n.id], span) for span in own) for n in step.beside)
        assert {n.id for n in (*step.after, *step.beside)} == told
        told |= {node.id for node in step.nodes}
