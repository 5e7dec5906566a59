from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causemap.articles import Article
from causemap.records import Claim, Evidence, Note, Scope
from causemap.tools.claims import check, checking
from causemap.tools.market import AsOfView, Market

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("SPX", "BTC"), ("equity", "crypto"))
NOW = datetime(2026, 2, 7, 23, 59, tzinfo=UTC)


def _article(text: str, published: str = "2026-02-06", publisher: str = "Wire") -> Article:
    return Article(
        "a", None, publisher, "Title", published, "date", published, published, "en", text
    )


def _one(view: AsOfView, text: str, published: str = "2026-02-06") -> tuple[Claim, list[Evidence]]:
    checked = check([_article(text, published)], SCOPE, view, ())
    (claim,) = checked.claims
    ledger = {item.id: item for item in checked.evidence}
    return claim, [ledger[key] for key in claim.evidence]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Gold fell this week.", "supported"),
        ("Gold rose this week.", "contradicted"),
        ("Gold held firm.", "contradicted"),
        ("The S&P 500 remained resilient.", "supported"),
        ("Gold fell 11% this week.", "supported"),
        ("Gold fell about 12%.", "supported"),
        ("Gold fell 4%.", "contradicted"),
        ("Gold fell 14%.", "not_checkable"),
        ("Gold fell 30%.", "contradicted"),
        ("Gold fell -11%.", "supported"),
        ("Gold fell -10% to -12%.", "supported"),
        ("Gold fell -4%.", "contradicted"),
        ("Gold fell more than 5%.", "supported"),
        ("Gold fell less than 5%.", "contradicted"),
        ("Real yields rose.", "contradicted"),
        ("The 10-year Treasury yield fell 8 basis points.", "supported"),
        ("The 10-year Treasury yield rose 8 basis points.", "contradicted"),
        ("The dollar index strengthened.", "supported"),
        ("Gold fell to $4,500.", "supported"),
        ("Gold fell to $4,400.", "not_checkable"),
        ("Gold fell to $3,000.", "contradicted"),
        ("A breakout in gold above $3,000 could help.", "contradicted"),
        ("A breakout in gold above $6,000 could help.", "supported"),
        ("Bitcoin fell below $76,000.", "supported"),
        ("Bitcoin fell below $70,000.", "contradicted"),
        ("The dollar index hit a nearly two-year low.", "supported"),
        ("Nvidia fell 3%.", "not_checkable"),
        ("A whale bought 840 XAUT.", "single_source"),
        ("According to single-source data, Nvidia fell 3%.", "single_source"),
        ("The exchange raised margin requirements for gold.", "not_checkable"),
    ],
)
def test_the_written_rules_decide(view: AsOfView, text: str, verdict: str) -> None:
    """On a market known by construction each rule gives the verdict it is written to give."""
    claim, _ = _one(view, text)
    assert claim.verdict == verdict


def test_a_verdict_carries_value_unit_window_and_id(view: AsOfView) -> None:
    """The measured figure stands beside the quote with its unit, its days and its own id."""
    claim, (item,) = _one(view, "Gold held firm this week.")
    assert claim.text == "Gold held firm this week."
    assert item.id.startswith("earnings_news.claim.gld.")
    assert (item.unit, item.start, item.end) == ("%", "2026-01-29", "2026-02-05")
    assert item.value == pytest.approx(-11, abs=0.5)
    assert item.group == "context"
    assert item.available_at <= SCOPE.as_of


def test_a_crossing_is_dated_by_the_hour(view: AsOfView) -> None:
    """The first intraday low under the level is the one shown, with its hour."""
    _, (item,) = _one(view, "Bitcoin fell below $76,000.")
    assert item.observed_at == "2026-01-31T17:00Z"
    assert item.value == 75_500


def test_a_claim_is_judged_on_its_own_day(view: AsOfView) -> None:
    """The same words are true on the day of the low and false once the dollar has risen."""
    low = "The dollar index fell, hitting a nearly two-year low."
    checked = check([_article(low, "2026-01-28")], SCOPE, view, ())
    assert {claim.verdict for claim in checked.claims} == {"supported"}
    assert {item.observed_at for item in checked.evidence} == {"2026-01-27"}
    later, _ = _one(view, "The dollar index fell this week.", "2026-02-06")
    assert later.verdict == "contradicted"


def test_an_article_from_after_the_as_of_is_not_read(view: AsOfView) -> None:
    """What was published later than the as-of gives no claim and no evidence."""
    checked = check([_article("Gold fell this week.", "2026-02-09")], SCOPE, view, ())
    assert checked == ((), (), 0)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(factor=st.floats(0.2, 5.0), text=st.sampled_from(["Gold fell 11%.", "Gold held firm.",
    "Bitcoin fell below $76,000.", "Real yields rose.", "Gold fell to $4,500."]))  # fmt: skip
def test_a_planted_future_never_changes_a_verdict(
    market_dir: Path, factor: float, text: str
) -> None:
    """Whatever prices come after the article's day, its claims keep verdict and figures."""
    before = check([_article(text, "2026-02-04")], SCOPE, Market(market_dir).view(NOW), ())
    planted = Market(market_dir)
    for name in ("market_daily", "crypto_1h"):
        frame = pd.read_parquet(market_dir / f"{name}.parquet")
        late = pd.DatetimeIndex(frame.index).tz_localize(None) >= pd.Timestamp("2026-02-05 01:00")
        frame.loc[late] *= factor
        planted._frames[name] = frame
    assert check([_article(text, "2026-02-04")], SCOPE, planted.view(NOW), ()) == before


def _notice(published: str) -> Note:
    text = "The exchange said gold margins would rise to 8% from 6%."
    return Note("n", published, "date", "CME", "official", text, "https://x.example", "found", 0.9)


@pytest.mark.parametrize(
    ("published", "verdict"), [("2026-01-31", "too_late"), ("2026-01-28", "supported")]
)
def test_a_margin_rise_is_dated_against_the_first_fall(
    view: AsOfView, published: str, verdict: str
) -> None:
    """A notice after the first fall is too late to be its cause; one before it is not."""
    text = "The exchange raised margin requirements for gold."
    checked = check([_article(text)], SCOPE, view, (), (_notice(published),))
    assert [claim.verdict for claim in checked.claims] == [verdict]
    assert any(item.metric == "claim_margin_lag" for item in checked.evidence)


def _fact(z: float) -> Evidence:
    return Evidence(
        "macro.x.change", "macro", "prices", "rates", "change", "X", SCOPE.start, SCOPE.end, z,
        "bp", "a yield", SCOPE.end, "2026-02-05T23:30Z", "test", z=z,
        expected=(("rates_shock", 1),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("z", "verdict"), [(2.0, "supported"), (-0.5, "contradicted"), (0.5, "not_checkable")]
)
def test_a_cause_is_tested_by_the_facts_expected_of_it(
    view: AsOfView, z: float, verdict: str
) -> None:
    """A named cause stands or falls with the measured facts that its fingerprint expects."""
    article = _article("The sell-off was driven by hawkish expectations.")
    checked = check([article], SCOPE, view, (_fact(z),))
    assert [(c.verdict, c.evidence) for c in checked.claims] == [(verdict, ("macro.x.change",))]


def test_order_of_articles_does_not_matter(view: AsOfView) -> None:
    """The same articles in another order give the same claims and evidence."""
    one = _article("Gold fell 11%.", "2026-02-03", "One")
    two = _article("Gold held firm. Bitcoin fell below $76,000.", "2026-02-05", "Two")
    assert check([one, two], SCOPE, view, ()) == check([two, one], SCOPE, view, ())


def test_of_too_many_articles_the_latest_are_read_and_the_rest_is_counted(
    view: AsOfView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told last counts most, and a reader hears how much was not read."""
    monkeypatch.setattr(checking, "MAX_ARTICLES", 2)
    days = ("2026-02-04", "2026-02-02", "2026-02-03")
    told = [replace(_article(f"Gold fell on {day}.", day), id=day) for day in days]
    checked = check(told, SCOPE, view, ())
    assert {claim.article for claim in checked.claims} == {"2026-02-03", "2026-02-04"}
    assert checked.left_out == 1
    assert check(told[:2], SCOPE, view, ()).left_out == 0


@pytest.mark.parametrize(
    ("level", "verdict"), [("98", "supported"), ("99.8", "not_checkable"), ("105", "contradicted")]
)
def test_a_level_is_crossed_upwards_as_downwards(view: AsOfView, level: str, verdict: str) -> None:
    """Above what no close reached, but within a day's widest move, closes cannot tell."""
    claim, (item,) = _one(view, f"The dollar index rose above {level} this week.")
    assert (claim.kind, claim.verdict) == ("threshold", verdict)
    assert item.value == pytest.approx(98.94, abs=0.3)


def _coins(market_dir: Path) -> AsOfView:
    """Funding that was negative on one day, and a coin that went with stocks for ten sessions."""
    stocks = pd.read_parquet(market_dir / "market_daily.parquet")["SPX"]
    days = pd.date_range(stocks.index[0], stocks.index[-1], name="date")
    own = 1 + np.random.default_rng(5).uniform(-0.02, 0.02, len(stocks))
    since = stocks.index >= stocks.loc[:"2026-02-05"].index[-11]
    coin = pd.Series(np.where(since, 10 * stocks, 70_000.0 * own), index=stocks.index)
    funding = pd.Series(1e-4, index=days)
    funding["2026-02-03"] = -2e-4
    coin = coin.reindex(days).ffill()
    # A day's lowest print lies half a basis point below its mean.
    prints = {"BTC_FUNDING_8H_MEAN": funding, "BTC_FUNDING_8H_MIN": funding - 0.5e-4}
    frame = pd.DataFrame({"BTC": coin, **prints})
    frame.to_parquet(market_dir / "crypto_daily.parquet")
    return Market(market_dir).view(NOW)


@pytest.mark.parametrize(
    ("text", "verdict", "value"),
    [
        ("Funding rates turned negative.", "supported", -2.5),
        ("Bitcoin funding slipped below zero on February 3.", "supported", -2.5),
        ("比特币资金费率在2月3日转负。", "supported", -2.5),
        # The day before was negative, the day named was not.
        ("Bitcoin funding turned negative on February 4.", "contradicted", 0.5),
        ("Funding rates turned positive.", "supported", 1.0),
        ("Funding rates stayed positive.", "contradicted", -2.5),
        ("资金费率保持正值。", "contradicted", -2.5),
        ("Funding rates remained negative.", "contradicted", 1.0),
        ("Ether funding rates turned negative.", "not_checkable", None),
        ("Bank reserves are low.", "not_checkable", None),
    ],
)
def test_a_state_is_read_from_its_own_series(
    market_dir: Path, text: str, verdict: str, value: float | None
) -> None:
    """Bitcoin's funding has a series, in basis points; what has none is not checkable.

    A turn takes one print; what lasts has none against it.
    """
    claim, items = _one(_coins(market_dir), text)
    assert (claim.kind, claim.verdict) == ("state", verdict)
    assert [item.value for item in items] == ([] if value is None else [pytest.approx(value)])


@pytest.mark.parametrize(
    ("text", "verdict"),
    [("Funding turned negative.", "not_checkable"), ("Funding stayed negative.", "contradicted")],
)
def test_a_print_that_is_not_out_yet_may_still_bear_a_turn_out(
    market_dir: Path, text: str, verdict: str
) -> None:
    """A turn told of may lie in prints to come; what lasted has been contradicted already."""
    _coins(market_dir)
    frame = pd.read_parquet(market_dir / "crypto_daily.parquet")
    known = frame.assign(**dict.fromkeys(("BTC_FUNDING_8H_MEAN", "BTC_FUNDING_8H_MIN"), 1e-4))
    known.loc["2026-02-04":] = np.nan
    known.to_parquet(market_dir / "crypto_daily.parquet")
    claim, _ = _one(Market(market_dir).view(NOW), text, published="2026-02-04")
    assert claim.verdict == verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        # Binance's prints: the mean of the day was above zero, its lowest print below.
        ("Bitcoin funding rates turned negative on February 5.", "supported"),
        ("2月5日比特币资金费率转负。", "supported"),
        ("Bitcoin funding rates turned negative on February 4.", "contradicted"),
        ("Funding stayed positive through the fall.", "contradicted"),
    ],
)
def test_funding_in_the_bundled_story(shared_dir: Path, text: str, verdict: str) -> None:
    """Dated claims about funding against the prints of the first week of February 2026."""
    view = Market(shared_dir / "data").view(NOW)
    assert _one(view, text, published="2026-02-07")[0].verdict == verdict


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "0.9 to 1.0",
            "it held only on the horizon and days shown, not at the end on every horizon",
        ),
        ("-1.0 to -0.98", "it held on no horizon"),
    ],
)
def test_a_correlation_must_hold_on_every_horizon(market_dir: Path, said: str, why: str) -> None:
    """Ten sessions that went together make no correlation of sixty."""
    claim, items = _one(
        _coins(market_dir), f"The correlation of bitcoin with the S&P 500 was {said} this week."
    )
    assert (claim.verdict, claim.why) == ("contradicted", why)
    ten = [i for i in items if i.metric == "claim_corr_10d" and i.observed_at == "2026-02-05"]
    assert [item.value for item in ten] == [pytest.approx(1.0)]
