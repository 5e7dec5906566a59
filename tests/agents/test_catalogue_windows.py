"""Windows of the catalogue end to end: nothing fails, nothing is invented, nothing is foreseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.availability import available_at

from causemap.agents.conclude import conclude
from causemap.agents.graph import run
from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import AssetGroup
from causemap.records import Dossier, Report, Scope
from causemap.settings import Settings
from causemap.tools.market import Market, open_market
from causemap.tools.registry import REGISTRY

GROUPS: dict[str, tuple[AssetGroup, ...]] = {
    "equity": ("equity",),
    "crypto": ("crypto",),
    "cross": ("equity", "crypto", "metals"),
}
SENTINEL = 987654.0


def scope_of(start: str, end: str, groups: tuple[AssetGroup, ...]) -> Scope:
    """The question about a window, as known two days after its end."""
    as_of = datetime.fromisoformat(end).replace(tzinfo=UTC) + timedelta(hours=71, minutes=59)
    assets = tuple(asset for group in groups for asset in GROUP_ASSETS[group])
    return Scope(start, end, as_of.strftime("%Y-%m-%dT%H:%MZ"), assets, groups)


def measured(market: Market, scope: Scope) -> Dossier:
    """What the desks find."""
    view = market.view(datetime.fromisoformat(scope.as_of))
    return run(scope, view, (), Settings(data_dir=market.folder, home=market.folder))


@pytest.fixture(scope="module")
def market(shared_dir: Path) -> Market:
    """The real data."""
    return open_market(shared_dir / "data")


@pytest.fixture(scope="module")
def reports(market: Market, shared_dir: Path) -> list[Report]:
    """Every sixth labelled window, without its label."""
    text = (shared_dir / "events" / "train.yaml").read_text(encoding="utf-8")
    windows = [(e["window"], e["scope"]) for e in yaml.safe_load(text)["events"][::6]]
    scopes = [
        scope_of(w["start_close_utc"], w["trough_close_utc"], GROUPS[kind]) for w, kind in windows
    ]
    return [conclude(measured(market, scope)) for scope in scopes]


def test_no_desk_fails_and_no_sentence_is_dropped(reports: list[Report]) -> None:
    """Each window is measured by all four desks and told without a loss."""
    assert len(reports) == 12
    for report in reports:
        assert not [g for g in report.gaps if "did not finish" in g.why]
        assert report.narrative.dropped == ()


def test_probabilities_and_shares_sum_to_one(reports: list[Report]) -> None:
    """Of every group's verdict, and of every decomposition with its unexplained part."""
    for report in reports:
        for _, verdict in report.verdicts:
            assert sum(p for _, p in verdict.probabilities) == pytest.approx(1.0)
        for parts in report.decompositions:
            assert parts.residual >= 0.0999
            assert sum(p.share for p in parts.parts) + parts.residual == pytest.approx(1.0)
            assert all(p.low <= p.share <= p.high for p in parts.parts)


def test_nothing_was_available_later_than_the_as_of(reports: list[Report]) -> None:
    """Every item was known at the as-of time and observed before it was known."""
    for report in reports:
        assert all(item.available_at <= report.scope.as_of for item in report.evidence)
        assert all(item.observed_at[:10] <= item.available_at[:10] for item in report.evidence), (
            report.scope
        )


def test_single_venue_open_interest_lifts_no_cap(market: Market) -> None:
    """Coin-margined open interest is shown as a weak item and weighs on no cause."""
    report = conclude(measured(market, scope_of("2021-12-02", "2021-12-04", ("crypto",))))
    (item,) = [e for e in report.evidence if e.metric == "coinm_oi"]
    assert item.quality == pytest.approx(0.2)
    assert item.group == "context"
    verdict = dict(report.verdicts)["crypto"]
    assert item.id not in {w.evidence for w in verdict.weighed}
    assert dict(verdict.probabilities)["liquidation_cascade"] <= 0.65


def planted(market: Market, when: pd.Timestamp) -> Market:
    """The same market in which everything not yet known at ``when`` is a sentinel."""
    frames = {}
    for name in ("market_daily", "crypto_daily"):
        frame = market.frame(name).copy()
        index = pd.DatetimeIndex(frame.index)
        for column in frame.columns:
            frame.loc[np.asarray(available_at(index, REGISTRY[column]) > when), column] = SENTINEL
        frames[name] = frame
    for hours in (1, 4):
        bars = market.frame(f"crypto_{hours}h").copy()
        bars.loc[np.asarray(pd.DatetimeIndex(bars.index) + pd.Timedelta(hours=hours) > when)] = (
            SENTINEL
        )
        frames[f"crypto_{hours}h"] = bars
    for name, time, text in (
        ("macro_calendar", "date", "event"),
        ("megacap_earnings", "date", "ticker"),
        ("fomc_statements", "date", "text"),
        ("headlines", "ts", "title"),
    ):
        frame = market.frame(name).copy()
        late = pd.to_datetime(frame[time], utc=True, format="mixed").dt.normalize() > when
        frame.loc[late, text] = "a planted future"
        frames[name] = frame
    return Market(market.folder, frames)


@pytest.mark.parametrize(
    ("start", "end"), [("2026-01-29", "2026-02-05"), ("2020-03-06", "2020-03-20")]
)
def test_a_planted_future_changes_nothing(market: Market, start: str, end: str) -> None:
    """With every later value of every file replaced, the desks find the very same."""
    scope = scope_of(start, end, GROUPS["cross"])
    later = planted(market, pd.Timestamp(scope.as_of))
    assert measured(later, scope) == measured(market, scope)
