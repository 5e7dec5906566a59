"""When a shock began: with its events or its leading series, and never from what answers a fall."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.attribution.dating import shock_onset
from causemap.attribution.order import Span, hours, may_cause, span_of
from causemap.records import Dossier, Evidence, Marker, OnsetInterval, Path, Scope

SCOPE = Scope("2022-06-07", "2022-06-16", "2022-06-18", ("SPX", "NDX"), ("equity",))
FELL = Path(
    "SPX",
    ("2022-06-07", "2022-06-09", "2022-06-10", "2022-06-16"),
    (100.0, 98.0, 94.0, 88.0),
)


def event(cause: str, at: str, value: float = 0.2, quality: float = 0.5) -> Evidence:
    """A dated report of a cause in equities."""
    return Evidence(
        id=f"earnings_news.event_equity.{cause}",
        desk="earnings_news",
        family="text",
        group="event_time",
        metric=cause,
        asset="equity events",
        start=SCOPE.start,
        end=SCOPE.end,
        value=value,
        unit="ratio",
        said="the share of the fall that followed at once",
        observed_at=at,
        available_at=SCOPE.as_of,
        source="test",
        quality=quality,
    )


def dossier(
    *markers: Marker,
    lead: tuple[str, str] | None = None,
    evidence: tuple[Evidence, ...] = (),
    paths: tuple[Path, ...] = (FELL,),
) -> Dossier:
    """A window whose 2-year yield moved in ``lead``."""
    onsets = () if lead is None else (OnsetInterval("UST2Y", *lead),)
    return Dossier(SCOPE, evidence, (), markers=markers, onsets=onsets, paths=paths)


CPI = Marker("2022-06-10T12:30Z", "CPI release", "cpi")


def test_a_release_after_the_yields_had_begun_does_not_make_the_shock_young() -> None:
    """Bars that closed before the release belong to the move, so the shock began with them."""
    found = shock_onset(
        "rates_shock", dossier(CPI, lead=("2022-06-07T20:00Z", "2022-06-10T20:00Z")), ("equity",)
    )
    assert found == OnsetInterval("rates_shock", "2022-06-07T20:00Z", CPI.at)


@pytest.mark.parametrize(
    "lead",
    [
        ("2022-06-09T20:00Z", "2022-06-10T20:00Z"),  # the bar that holds the release
        ("2022-06-10T20:00Z", "2022-06-13T20:00Z"),  # a later bar
    ],
)
def test_a_release_within_the_first_bar_is_the_time_of_the_shock(lead: tuple[str, str]) -> None:
    """No bar tells before from after within itself: the dated event stands."""
    found = shock_onset("rates_shock", dossier(CPI, lead=lead), ("equity",))
    assert found == OnsetInterval("rates_shock", CPI.at, CPI.at)


def test_a_bar_over_a_weekend_is_one_bar() -> None:
    """From Friday's close to Monday's nothing traded: an event on Monday morning dates it."""
    marker = replace(CPI, at="2022-06-13T12:30Z")
    late = replace(FELL, values=(100.0, 99.9, 99.8, 88.0))
    found = shock_onset(
        "rates_shock",
        dossier(marker, lead=("2022-06-10T20:00Z", "2022-06-13T20:00Z"), paths=(late,)),
        ("equity",),
    )
    assert found == OnsetInterval("rates_shock", marker.at, marker.at)


def test_a_release_after_a_third_of_the_fall_only_says_by_when() -> None:
    """It answers the fall (rule 6): the shock was there by then, and began in the window."""
    late = replace(CPI, at="2022-06-15T12:30Z")
    found = shock_onset("rates_shock", dossier(late), ("equity",))
    assert found == OnsetInterval("rates_shock", SCOPE.start, late.at)
    led = shock_onset(
        "rates_shock", dossier(late, lead=("2022-06-14T20:00Z", "2022-06-15T20:00Z")), ("equity",)
    )
    assert led == OnsetInterval("rates_shock", "2022-06-14T20:00Z", "2022-06-15T20:00Z")


def test_a_reported_event_that_is_not_marked_says_by_when() -> None:
    """Too little of the fall followed for a proof: an interval from the start to that day."""
    told = event("policy_geopolitics", "2022-06-09")
    found = shock_onset("policy_geopolitics", dossier(evidence=(told,)), ("equity",))
    assert found == OnsetInterval("policy_geopolitics", SCOPE.start, "2022-06-09")
    assert shock_onset("policy_geopolitics", dossier(evidence=(told,)), ("crypto",)) is None


def test_an_event_before_the_window_dates_the_shock_if_it_names_it_firmly() -> None:
    """The whole day before the window; a passing word of it, or a long past one, dates nothing."""
    before = event("policy_geopolitics", "2022-06-06", value=0.0)
    found = shock_onset("policy_geopolitics", dossier(evidence=(before,)), ("equity",))
    assert found == OnsetInterval("policy_geopolitics", "2022-06-06", "2022-06-06")
    for weak in (replace(before, quality=0.1), replace(before, observed_at="2022-05-20")):
        assert shock_onset("policy_geopolitics", dossier(evidence=(weak,)), ("equity",)) is None


@given(
    st.integers(0, 8 * 24),
    st.integers(0, 8 * 24),
    st.integers(1, 4),
)
def test_the_leading_series_of_a_shock_may_always_follow_from_it(
    at: int, begun: int, days: int
) -> None:
    """Whatever the event, time never forbids the arrow from a shock to what leads it."""

    def stamp(hour: int) -> str:
        return f"2022-06-{7 + hour // 24:02}T{hour % 24:02}:00Z"

    lead = (stamp(begun), stamp(min(begun + 24 * days, 9 * 24)))
    found = shock_onset(
        "rates_shock", dossier(replace(CPI, at=stamp(at)), lead=lead, paths=()), ("equity",)
    )
    shock, series = span_of(found), Span(hours(lead[0]), hours(lead[1]))
    assert shock is not None
    assert may_cause(shock, series) or shock.lo == series.hi


def test_a_release_dates_the_shocks_of_its_kind_alone() -> None:
    """Consumer prices may begin a rates shock and no funding stress."""
    assert shock_onset("rates_shock", dossier(CPI), ("equity",)) is not None
    assert shock_onset("funding_stress", dossier(CPI), ("equity",)) is None


@pytest.mark.parametrize(
    ("value", "z", "dates"),
    [(-2.0, -1.0, True), (-2.0, -0.5, False), (-2.0, None, True), (2.0, 2.0, False)],
)
def test_a_release_on_which_stocks_did_not_fall_abnormally_dates_nothing(
    value: float, z: float | None, dates: bool
) -> None:
    """What was measured on the day must speak for a shock, where it was measured."""
    day = replace(event("x", CPI.at, value), id="macro.spx.cpi_20220610", z=z, expected=())
    marker = replace(CPI, evidence=(day.id,))
    found = shock_onset("rates_shock", dossier(marker, evidence=(day,)), ("equity",))
    assert (found is not None) is dates


def test_an_event_of_the_start_day_was_not_over_before_the_window() -> None:
    """A date alone is the whole day, so the start day's own event is inside it."""
    firm = event("policy_geopolitics", SCOPE.start, value=0.0)
    assert shock_onset("policy_geopolitics", dossier(evidence=(firm,)), ("equity",)) is None
