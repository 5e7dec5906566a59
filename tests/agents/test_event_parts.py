from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.agents.event_parts import with_event_parts
from causemap.causes import NAMED
from causemap.closed_sets import Cause
from causemap.records import Decomposition, Evidence, PartShare
from causemap.tools.measures.shares import UNEXPLAINED

SPLIT = Decomposition("SPX", -8.0, (PartShare("rates_shock", 0.3, 0.1, 0.4),), 0.7, 0.6, 0.9)
shares = st.floats(0.0, 1.0)


def _event(cause: Cause, followed: float, firmness: float, group: str = "equity") -> Evidence:
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
        observed_at="2025-04-02",
        available_at="2025-04-08T20:00Z",
        source="dated notes, daily closes",
        quality=firmness,
        low=max(0.0, followed - 0.1),
        high=min(1.0, followed + 0.1),
    )


def test_a_cause_without_a_driver_has_what_followed_its_event() -> None:
    """Half of the fall after a text that names tariffs by 0.8 is a part of 0.4, with its bounds."""
    found = with_event_parts(SPLIT, [_event("policy_geopolitics", 0.5, 0.8)])
    assert found.parts == (*SPLIT.parts, PartShare("policy_geopolitics", 0.4, 0.32, 0.48))
    assert found.residual == pytest.approx(0.3)
    assert (found.residual_low, found.residual_high) == pytest.approx((0.12, 0.58))


def test_what_a_driver_measures_is_not_counted_twice() -> None:
    """An event of a cause that has a part by regression adds nothing, nor one of another market."""
    events = [_event("rates_shock", 0.9, 1.0), _event("policy_geopolitics", 0.9, 1.0, "crypto")]
    assert with_event_parts(SPLIT, events) == SPLIT


def test_events_share_what_drivers_leave() -> None:
    """Two events that claim more than is left are scaled alike; a tenth stays unexplained."""
    events = [_event("policy_geopolitics", 0.8, 1.0), _event("growth_scare", 0.4, 1.0)]
    found = {part.cause: part.share for part in with_event_parts(SPLIT, events).parts}
    assert found["policy_geopolitics"] == pytest.approx(2 * found["growth_scare"], abs=1e-3)
    assert found["policy_geopolitics"] + found["growth_scare"] == pytest.approx(0.6, abs=1e-3)


def test_nothing_is_left_for_events_when_drivers_explain_the_fall() -> None:
    """With a tenth unexplained the decomposition stays as it is."""
    full = replace(SPLIT, residual=0.1)
    assert with_event_parts(full, [_event("policy_geopolitics", 0.9, 1.0)]) == full


@given(st.lists(st.tuples(shares, shares), max_size=len(NAMED)), st.floats(-0.5, 1.0))
def test_parts_and_residual_always_sum_to_one(
    told: list[tuple[float, float]], residual: float
) -> None:
    """Whatever events claim, parts and residual sum to 1 and bounds hold their share."""
    measured = (PartShare("rates_shock", 1 - residual, 0, 1),)
    split = replace(SPLIT, parts=measured, residual=residual, residual_high=1.0)
    events = [_event(c, *pair) for c, pair in zip(NAMED, told, strict=False)]
    found = with_event_parts(split, events)
    assert sum(part.share for part in found.parts) + found.residual == pytest.approx(1.0, abs=1e-3)
    assert found.residual >= min(residual, UNEXPLAINED) - 1e-3
    assert found.residual_high >= found.residual
    for part in found.parts[1:]:
        assert part.low <= part.share <= part.high
