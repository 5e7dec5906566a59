"""What the desks measure on real data, against figures known from the sources."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from causemap.agents.graph import run
from causemap.attribution.scenarios import scenarios
from causemap.closed_sets import AssetGroup
from causemap.records import Dossier, Evidence, Scope
from causemap.settings import Settings
from causemap.tools.market import open_market

GROUPS: tuple[AssetGroup, ...] = ("equity", "crypto", "metals")
ASSETS = ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV")


def _dossier(shared_dir: Path, start: str, end: str, as_of: str) -> Dossier:
    scope = Scope(start, end, as_of, ASSETS, GROUPS)
    folder = shared_dir / "data"
    view = open_market(folder).view(datetime.fromisoformat(as_of))
    return run(scope, view, (), Settings(data_dir=folder, home=folder))


@pytest.fixture(scope="module")
def anchor(shared_dir: Path) -> Dossier:
    """The window the project was founded on."""
    return _dossier(shared_dir, "2026-01-29", "2026-02-05", "2026-02-07T23:59Z")


def _of(dossier: Dossier, key: str) -> Evidence:
    return next(item for item in dossier.evidence if item.id.endswith(f".{key}"))


@pytest.mark.parametrize(
    ("key", "value", "tolerance"),
    [
        ("ust10y.change", -3.0, 0.01),
        ("ust2y.change", -6.0, 0.01),
        ("real10y.change", 0.0, 0.01),
        ("dxy.change", 1.6, 0.05),
        ("gld.change", -11.0, 0.5),
        ("btc.change", -26.0, 0.5),
        ("slv.change", -36.8, 0.05),
        ("silver.change", -33.6, 0.06),
        ("rsp.change", 0.0, 0.1),
        ("kre.change", 4.7, 0.05),
        ("spx_btc.corr_10d", 0.58, 0.01),
        ("spx_btc.corr_20d", 0.55, 0.01),
        ("spx_btc.corr_60d", 0.51, 0.01),
        ("spx.two_shock_monetary", -1.1, 0.05),
        ("btc.funding_deepest", -1.4, 0.05),
        ("igv.residual", -10.9, 0.05),
        ("ust10y.real_part", 0.0, 0.01),
        ("ust10y.breakeven_part", -3.0, 0.01),
        ("ust10y.front_end_part", -6.0, 0.01),
        ("ust10y.long_end_part", 3.0, 0.01),
        ("vix.level", 21.8, 0.05),
        ("worst_cohort.above_low", 0.0, 0.01),
        ("gdx.beta_gold", 1.43, 0.01),
        ("spx_btc.compression", 0.0, 0.0),
        ("btc.trend_tests", 4.0, 0.0),
    ],
)
def test_the_anchor_window_measures_what_is_known(
    anchor: Dossier, key: str, value: float, tolerance: float
) -> None:
    """Each figure of the anchor window agrees with the published one."""
    assert _of(anchor, key).value == pytest.approx(value, abs=tolerance)


def test_software_broke_while_the_equal_weight_index_held(anchor: Dossier) -> None:
    """IGV residual z is about -5.3 and the RSP residual is positive."""
    assert _of(anchor, "igv.residual").z == pytest.approx(-5.3, abs=0.05)
    assert _of(anchor, "rsp.residual").z == pytest.approx(1.8, abs=0.05)


def test_the_deepest_funding_came_after_the_low(anchor: Dossier) -> None:
    """Funding turned clearly negative only after bitcoin's low; earlier prints were shallow."""
    deepest, low = _of(anchor, "btc.funding_deepest"), _of(anchor, "btc.speed_share")
    first = _of(anchor, "btc.funding_first_negative")
    assert deepest.observed_at > low.observed_at
    assert first.observed_at < low.observed_at
    assert -0.6 < first.value < 0.0


def test_nothing_was_available_after_the_as_of(anchor: Dossier) -> None:
    """Every fact carries a time at which it was available, never later than the as-of."""
    assert all(item.available_at <= anchor.scope.as_of for item in anchor.evidence)
    assert all(item.observed_at <= anchor.scope.as_of for item in anchor.evidence)


def test_ids_are_unique_and_every_fact_has_a_source(anchor: Dossier) -> None:
    """An id names one fact, and each fact says where it comes from."""
    ids = [item.id for item in anchor.evidence]
    assert len(ids) == len(set(ids))
    assert all(item.source and item.said for item in anchor.evidence)


def test_what_the_data_do_not_carry_is_a_gap(anchor: Dossier) -> None:
    """SOFR, reserves, liquidations and intraday equities are named, not guessed."""
    said = " ".join(gap.what for gap in anchor.gaps)
    for word in ("SOFR", "reserves", "liquidations", "open interest", "1h bars of the S&P 500"):
        assert word in said


def test_a_run_is_the_same_twice(anchor: Dossier, shared_dir: Path) -> None:
    """The same window gives the same dossier, whatever order the desks finish in."""
    assert _dossier(shared_dir, "2026-01-29", "2026-02-05", "2026-02-07T23:59Z") == anchor


def test_a_window_before_the_data_is_all_gaps(shared_dir: Path) -> None:
    """In 1998 nothing is on file: gaps for every desk and not one number of the target."""
    dossier = _dossier(shared_dir, "1998-07-17", "1998-08-31", "1998-09-02T23:59Z")
    assert not any(item.metric == "change" for item in dossier.evidence)
    assert dossier.gaps


def test_contributions_and_the_unexplained_rest_sum_to_one(anchor: Dossier) -> None:
    """Each decomposition is a whole, and a tenth at least stays unexplained."""
    assert {d.asset for d in anchor.decompositions} >= {"NDX", "BTC"}
    for found in anchor.decompositions:
        assert sum(p.share for p in found.parts) + found.residual == pytest.approx(1.0, abs=1e-6)
        assert found.residual >= 0.0999
        assert all(p.low <= p.share <= p.high for p in found.parts)


def test_the_yield_split_adds_up(anchor: Dossier) -> None:
    """By price and by curve, the parts of the 10-year move make up the move, to a basis point."""
    move = _of(anchor, "ust10y.change").value
    for one, two in (("real_part", "breakeven_part"), ("front_end_part", "long_end_part")):
        parts = _of(anchor, f"ust10y.{one}").value + _of(anchor, f"ust10y.{two}").value
        assert parts == pytest.approx(move, abs=1.01)


def test_the_outlooks_conditions_are_measured(anchor: Dossier) -> None:
    """Only what no file holds (SOFR, a dated statement) is left open."""
    watched = [t for scenario in scenarios(anchor) for t in scenario.triggers]
    assert {t.text for t in watched if t.met is None} == {
        "SOFR 10 bp or more above the rate on reserves",
        "a dated statement that settles policy",
    }
    assert all(t.evidence for t in watched if t.met is not None)


def test_recent_changes_end_with_the_window(anchor: Dossier) -> None:
    """The 10-session change of the spread begins ten sessions before the end, at its own date."""
    item = _of(anchor, "hy_oas.change_10d")
    assert (item.start, item.end) == ("2026-01-22", "2026-02-05")
    assert item.unit == "bp"


def test_forced_selling_of_silver_is_bounded_by_its_own_residual(anchor: Dossier) -> None:
    """Silver's mechanical part is its fall beyond gold, as far as it went on the worst day."""
    (parts,) = [d for d in anchor.decompositions if d.asset == "SLV"]
    (part,) = [p for p in parts.parts if p.cause == "liquidation_cascade"]
    own = _of(anchor, "slv.residual").value / _of(anchor, "slv.change").value
    assert 0.0 < part.low <= part.share <= part.high < 1.0
    assert part.share <= own


def test_a_rates_shock_gets_no_share_where_yields_fell(anchor: Dossier) -> None:
    """Yields fell over the window: no part of any asset's fall is put down to them."""
    assert anchor.decompositions
    for found in anchor.decompositions:
        assert all(p.share == 0.0 for p in found.parts if p.cause == "rates_shock")


def test_a_rates_rout_gives_stocks_a_rates_part(shared_dir: Path) -> None:
    """In the taper tantrum the monetary path carries more of the fall than any other part."""
    dossier = _dossier(shared_dir, "2013-05-21", "2013-06-24", "2013-06-26T23:59Z")
    (parts,) = [d for d in dossier.decompositions if d.asset in ("SPX", "NDX")]
    most = max(parts.parts, key=lambda p: p.share)
    assert most.cause == "rates_shock"
    assert most.low < most.share < most.high


def test_metals_are_read_to_the_last_session_of_a_window_that_ends_on_a_sunday(
    shared_dir: Path,
) -> None:
    """Bitcoin's weekend does not cost the reading of bullion, silver and miners."""
    sunday = _dossier(shared_dir, "2026-01-28", "2026-02-01", "2026-02-03T23:59Z")
    friday = _dossier(shared_dir, "2026-01-28", "2026-01-30", "2026-02-03T23:59Z")
    assert _of(sunday, "metals.reading").value == _of(friday, "metals.reading").value
    assert not any("bullion" in gap.what for gap in sunday.gaps)


def _gaps(dossier: Dossier) -> dict[str, str]:
    return {gap.what: gap.why for gap in dossier.gaps}


def test_what_did_not_fall_lacks_no_test_of_its_fall(shared_dir: Path) -> None:
    """Bitcoin rose in May 2019: that no part of a fall was tested is no gap."""
    found = _gaps(_dossier(shared_dir, "2019-05-03", "2019-06-03", "2019-06-05T23:59Z"))
    assert not any("bitcoin's fall that stocks leave" in what for what in found)


def test_a_gap_gives_its_one_reason(shared_dir: Path) -> None:
    """Silver's fund was six weeks old in June 2006, and there are no bars of stocks by the hour."""
    found = _gaps(_dossier(shared_dir, "2006-05-10", "2006-06-13", "2006-06-15T23:59Z"))
    assert found["the share of silver's fall that stocks leave unexplained"] == (
        "too little history before the window"
    )
    calm = _gaps(_dossier(shared_dir, "2018-12-24", "2018-12-26", "2018-12-28T23:59Z"))
    assert calm["whether the S&P 500 saw a flush"] == "no bars under a day over the window"


def test_a_day_that_is_not_over_fails_no_desk(shared_dir: Path) -> None:
    """Asked at half past one of the window's last day, the tape is read to the last closed bar."""
    dossier = _dossier(shared_dir, "2022-05-04", "2022-05-09", "2022-05-09T13:30Z")
    assert not any("did not finish" in gap.why for gap in dossier.gaps)
    assert _of(dossier, "btc.funding_deepest").value == pytest.approx(-1.3, abs=0.05)
    assert _of(dossier, "btc.weekend_share").observed_at <= dossier.scope.as_of
