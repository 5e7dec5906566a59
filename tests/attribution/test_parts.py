"""Parts of a fall: by drivers or by dated events, of the causes that stand alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.attribution.parts import UNEXPLAINED, as_judged, at_floor, parts_of_causes
from causemap.causes import NAMED
from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.records import Contribution, Decomposition, Evidence, PartShare, Residual, Verdict

SPLIT = Decomposition("SPX", -8.0, (PartShare("rates_shock", 0.3, 0.1, 0.4),), 0.7, 0.6, 0.9)
shares = st.floats(0.0, 1.0)


def _event(
    cause: Cause,
    followed: float,
    firmness: float,
    group: str = "equity",
    day: str = "2025-04-02",
) -> Evidence:
    return Evidence(
        id=f"earnings_news.event_{group}.{cause}",
        desk="earnings_news",
        family="event_time",
        group="event_time",
        metric=cause,
        asset=f"{group} events",
        start="2025-04-02",
        end="2025-04-08",
        value=followed,
        unit="ratio",
        said="what followed at once",
        observed_at=day,
        available_at="2025-04-08T20:00Z",
        source="dated notes, daily closes",
        quality=firmness,
        low=max(0.0, followed - 0.1),
        high=min(1.0, followed + 0.1),
    )


def _parts(
    events: list[Evidence], split: Decomposition = SPLIT, causes: tuple[Cause, ...] = NAMED
) -> Decomposition:
    keyed = {item.id.partition(".")[2]: item for item in events}
    return parts_of_causes(split, "equity", keyed, causes)


def test_a_cause_without_a_driver_has_what_followed_its_event() -> None:
    """Half of the fall after a text that names tariffs by 0.8 is a part of 0.4, with its bounds."""
    found = _parts([_event("policy_geopolitics", 0.5, 0.8)])
    assert found.parts == (*SPLIT.parts, PartShare("policy_geopolitics", 0.4, 0.32, 0.48))
    assert found.residual == pytest.approx(0.3)
    assert (found.residual_low, found.residual_high) == pytest.approx((0.12, 0.58))


def test_what_a_driver_measures_is_not_counted_twice() -> None:
    """An event of a cause that has a part by regression adds nothing, nor one of another market."""
    events = [_event("rates_shock", 0.9, 1.0), _event("policy_geopolitics", 0.9, 1.0, "crypto")]
    assert _parts(events) == SPLIT


def test_a_cause_that_does_not_stand_has_no_part() -> None:
    """The share of a rejected cause, by driver or by event, is unexplained for certain."""
    events = [_event("policy_geopolitics", 0.5, 0.8)]
    found = _parts(events, causes=("growth_scare",))
    assert found.parts == ()
    assert (found.residual, found.residual_low, found.residual_high) == pytest.approx((1, 1, 1))
    assert [p.cause for p in _parts(events, causes=("policy_geopolitics",)).parts] == [
        "policy_geopolitics"
    ]


def test_the_bounds_of_the_unexplained_are_what_the_parts_kept_leave() -> None:
    """Of a part between 0.1 and 0.4 the rest is between 0.6 and 0.9, whatever else was dropped."""
    dropped = PartShare("growth_scare", 0.6, 0.2, 0.7)
    split = replace(SPLIT, parts=(*SPLIT.parts, dropped), residual=0.1, residual_low=0.1)
    found = _parts([], split, causes=("rates_shock",))
    assert found.parts == SPLIT.parts
    assert (found.residual, found.residual_low, found.residual_high) == pytest.approx(
        (0.7, 0.6, 0.9)
    )


@pytest.mark.parametrize(
    ("day", "shares"),
    [
        ("2025-04-02", (0.25, 0.25)),
        ("2025-04-03T18:00Z", (0.25, 0.25)),
        ("2025-04-07", (0.3, 0.3)),
    ],
)
def test_events_of_the_same_days_share_what_followed(day: str, shares: tuple[float, float]) -> None:
    """Two firm events of neighbouring days halve the move; of other days, each has its own."""
    events = [_event("policy_geopolitics", 0.5, 1.0), _event("growth_scare", 0.5, 1.0, day=day)]
    found = {part.cause: part.share for part in _parts(events).parts}
    assert (found["policy_geopolitics"], found["growth_scare"]) == pytest.approx(shares)


@pytest.mark.parametrize("weekend", ["2025-04-05", "2025-04-06"])
def test_a_weekend_event_acts_on_monday(weekend: str) -> None:
    """One of Saturday or Sunday shares with Monday's, not with Thursday's or the next Monday's."""
    for day, share in (("2025-04-07", 0.25), ("2025-04-03", 0.3), ("2025-04-14", 0.3)):
        events = [
            _event("policy_geopolitics", 0.5, 1.0, day=weekend),
            _event("growth_scare", 0.5, 1.0, day=day),
        ]
        found = {part.cause: part.share for part in _parts(events).parts}
        assert found["growth_scare"] == pytest.approx(share)


def test_events_of_other_days_share_what_drivers_leave() -> None:
    """Two events that claim more than is left are scaled alike; a tenth stays unexplained."""
    events = [
        _event("policy_geopolitics", 0.8, 1.0),
        _event("growth_scare", 0.4, 1.0, day="2025-04-08"),
    ]
    found = {part.cause: part.share for part in _parts(events).parts}
    assert found["policy_geopolitics"] == pytest.approx(2 * found["growth_scare"], abs=1e-3)
    assert found["policy_geopolitics"] + found["growth_scare"] == pytest.approx(0.6, abs=1e-3)


def test_nothing_is_left_for_events_when_drivers_explain_the_fall() -> None:
    """With a tenth unexplained the decomposition stays as it is."""
    full = replace(SPLIT, residual=0.1)
    assert _parts([_event("policy_geopolitics", 0.9, 1.0)], full) == full


@given(st.lists(st.tuples(shares, shares), max_size=len(NAMED)), st.floats(-0.5, 1.0))
def test_parts_and_residual_always_sum_to_one(
    told: list[tuple[float, float]], residual: float
) -> None:
    """Whatever events claim, parts and residual sum to 1 and bounds hold their share."""
    measured = (PartShare("rates_shock", 1 - residual, 0, 1),)
    split = replace(SPLIT, parts=measured, residual=residual, residual_high=1.0)
    events = [_event(c, *pair) for c, pair in zip(NAMED, told, strict=False)]
    found = _parts(events, split)
    assert sum(part.share for part in found.parts) + found.residual == pytest.approx(1.0, abs=1e-3)
    assert found.residual >= min(residual, UNEXPLAINED) - 1e-3
    assert found.residual_high >= found.residual
    if found != split:
        assert found.residual_low <= found.residual
    for part in found.parts[1:]:
        assert part.low <= part.share <= part.high


def _verdict(primary: Primary, parts: tuple[Contribution, ...], rest: Residual) -> Verdict:
    return Verdict(
        primary,
        "other",
        (),
        abstained=False,
        reason="",
        contributions=parts,
        residual=rest,
    )


def test_a_report_splits_a_fall_as_its_verdict_does() -> None:
    """The parts shown are the verdict's; where nothing fell, nothing is split."""
    told = (Contribution("policy_geopolitics", 0.4, 0.3, 0.5),)
    verdict = _verdict("policy_geopolitics", told, Residual(0.6, 0.5, 0.7))
    calm = _verdict("no_drawdown", (), Residual(1.0, 1.0, 1.0))
    named: list[tuple[AssetGroup, Verdict]] = [("equity", verdict)]
    (found,) = as_judged([SPLIT], named)
    assert found.parts == (PartShare("policy_geopolitics", 0.4, 0.3, 0.5),)
    assert (found.residual, found.residual_low, found.residual_high) == (0.6, 0.5, 0.7)
    assert as_judged([SPLIT], [("equity", calm)]) == ()
    # A group that was not judged has no account of its fall.
    assert as_judged([SPLIT], [("crypto", verdict)]) == ()


def test_the_unexplained_share_stands_at_its_floor_at_a_tenth() -> None:
    """To the rounding of shares: 0.1001 may be a rounded tenth, 0.102 is more than that."""
    assert [at_floor(share) for share in (0.05, 0.1, 0.1001, 0.102)] == [True, True, True, False]


def test_an_event_without_bounds_has_its_share_for_certain() -> None:
    """Where the days' usual noise is not known the bounds are the share itself."""
    event = replace(_event("policy_geopolitics", 0.2, 1.0), low=None, high=None)
    part = next(p for p in _parts([event]).parts if p.cause == "policy_geopolitics")
    assert (part.low, part.share, part.high) == (0.2, 0.2, 0.2)


def test_friday_and_monday_are_neighbours() -> None:
    """The two closes after Friday's event hold Monday's, so both share what followed."""
    events = [
        _event("policy_geopolitics", 0.5, 1.0, day="2025-04-04"),
        _event("growth_scare", 0.5, 1.0, day="2025-04-07"),
    ]
    found = {part.cause: part.share for part in _parts(events).parts}
    assert found["growth_scare"] == pytest.approx(0.25)


def test_an_event_that_nothing_followed_has_no_part() -> None:
    """A part of nothing is not listed."""
    events = [
        _event("policy_geopolitics", 0.5, 0.8),
        _event("growth_scare", 0.0, 0.9, day="2025-04-08"),
    ]
    assert {part.cause for part in _parts(events).parts} == {"rates_shock", "policy_geopolitics"}
