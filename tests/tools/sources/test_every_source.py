"""Every source against good answers and against each fault; the table in docs/sources.md."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from causemap.settings import load_settings
from causemap.tools.fetch import Limits
from causemap.tools.registry import REGISTRY
from causemap.tools.sources.catalogue import NOT_OFFERED, all_sources
from causemap.tools.sources.contract import Batch, Job, each

NAMES = tuple(source.name for source in all_sources(load_settings({})))
FAULTS = (
    "429",
    "500",
    "slow drip",
    "truncated",
    "HTML, 200",
    "no bytes",
    "nothing in it",
    "other shape",
)
# One attempt: that a fault is tried again is the fetcher's business, and tested there.
ONCE = Limits(attempts=1)
SHORT = Limits(attempt=0.25, total=1.0, attempts=1)
OTHER = {
    "application/json": b'{"other": {"shape": [1, 2]}}',
    "text/xml": b"<other/>",
    "application/atom+xml": b"<other/>",
    "application/csv": b"a,b\n1,2\n",
}


def values(batch: Batch) -> dict[str, float]:
    """The values of a batch by file and series (of the last day or bar)."""
    return {f"{o.file}:{o.series}": o.value for o in batch.observations}


def bar_values(close: float, low: float) -> dict[str, float]:
    """The same close and low in the bars of both coins and both lengths."""
    return {
        f"{file}:{coin}_{what}": value
        for file in ("crypto_4h", "crypto_1h")
        for coin in ("BTC", "ETH")
        for what, value in (("CLOSE", close), ("LOW", low))
    }


EXPECTED: dict[str, dict[str, float]] = {
    "yahoo": {"market_daily:SPX": 5900.0},
    "fred": {"market_daily:HY_OAS": 2.9},
    "treasury": {f"market_daily:{n}": 4.1 for n in ("UST3M", "UST2Y", "UST5Y", "UST10Y", "UST30Y")},
    "nyfed": {
        "market_daily:SOFR": 3.9,
        "market_daily:SOFR_P99": 4.0,
        "market_daily:SOFR_VOLUME_BUSD": 2900.0,
        "market_daily:EFFR": 3.87,
    },
    "bybit": {
        "crypto_1h:BTC_FUNDING_BYBIT": 0.0003,
        "crypto_1h:ETH_FUNDING_BYBIT": 0.0003,
        "crypto_1h:SOL_FUNDING_BYBIT": 0.0003,
        "crypto_daily:BTC_OI_BTC_BYBIT": 59000.25,
        "crypto_daily:ETH_OI_ETH_BYBIT": 59000.25,
        "crypto_daily:BTC_BASIS_BP_BYBIT": 2.0,
        **bar_values(100.5, 95.0),
    },
    "okx": {
        "crypto_1h:BTC_FUNDING_OKX": -0.0002,
        "crypto_1h:ETH_FUNDING_OKX": -0.0002,
        "crypto_1h:SOL_FUNDING_OKX": -0.0002,
        "crypto_daily:BTC_OI_BTC_OKX": 29000.5,
        "crypto_daily:ETH_OI_ETH_OKX": 29000.5,
        "crypto_daily:BTC_LIQ_LONG_BTC_OKX": 0.0,
        "crypto_daily:BTC_LIQ_SHORT_BTC_OKX": 0.0,
        "crypto_daily:BTC_BASIS_BP_OKX": 100.0,
        **bar_values(101.0, 99.0),
    },
    "coinbase": {"crypto_daily:BTC_SPOT_USD": 90000.5, "crypto_daily:ETH_SPOT_USD": 90000.5},
    "defillama": {
        "crypto_daily:STABLECOIN_SUPPLY_USD": 3.1e11,
        "crypto_daily:DEFI_TVL_USD": 1.5e11,
    },
    "alternative_me": {"crypto_daily:FEAR_GREED": 12.0},
    "calendars": {},
    "sec": {},
    "feeds": {},
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_good_answer_becomes_typed_rows(
    case_of: Any, serve: Any, read: Any, now: datetime, name: str
) -> None:
    """Values in the registry's units, each known no earlier than it came out and not after now."""
    case = case_of(name)
    serve(case.good)
    batch = read(case.source)
    assert values(batch) == pytest.approx(EXPECTED[name])
    assert all(row.observed_at < row.available_at <= now for row in batch.observations)


def test_binance_fills_its_three_files(case_of: Any, serve: Any, read: Any) -> None:
    """Days, 4-hour and 1-hour bars, funding by print and by day, interest in coins, basis in bp."""
    case = case_of("binance")
    serve(case.good)
    batch = read(case.source)
    found = values(batch)
    assert batch.missing == ()
    assert found["crypto_daily:SOL_PERP"] == 90.0
    assert found["crypto_daily:BTC_PERP_LOW"] == 89.0
    assert found["crypto_daily:BTC_PERP_HIGH"] == 91.0
    assert found["crypto_daily:BTC_PERP_QVOL"] == 99.0
    assert found["crypto_daily:BTC_FUNDING_8H_MEAN"] == pytest.approx(0.0001)
    assert found["crypto_daily:BTC_OI_BTC_BINANCE"] == 75000.5
    assert found["crypto_daily:BTC_BASIS_BP_BINANCE"] == pytest.approx(-5.0)
    assert found["crypto_4h:BTC_CLOSE"] == 95.0
    assert found["crypto_1h:HYPE_VOL"] == 5.0
    assert found["crypto_4h:BTC_FUNDING_8H"] == found["crypto_1h:BTC_FUNDING_BINANCE"] == 0.0001
    days = {str(o.observed_at) for o in batch.observations if o.series == "BTC_OI_BTC_BINANCE"}
    assert days == {"2026-11-18 00:00:00+00:00"}
    prints = {str(o.observed_at) for o in batch.observations if o.series == "ETH_FUNDING_BINANCE"}
    assert prints == {f"2026-11-18 {h:02d}:00:00+00:00" for h in (0, 8, 16)}


def test_calendars_filings_and_feeds_become_rows(case_of: Any, serve: Any, read: Any) -> None:
    """Releases, results dates and headlines carry their dates, times and addresses."""
    serve(case_of("calendars").good)
    batch = read(case_of("calendars").source)
    said = {(r.event, str(r.date), r.time_et, r.ref_period) for r in batch.releases}
    assert said == {
        ("FOMC_DECISION", "2026-11-18", "14:00", None),
        ("CPI", "2026-11-18", "08:30", "2026-10"),
    }
    serve(case_of("sec").good)
    batch = read(case_of("sec").source)
    assert {(r.ticker, str(r.date), r.timing) for r in batch.results} == {
        (t, "2026-11-18", "AMC") for t in ("AAPL", "GOOG")
    }
    assert len(batch.results) == 2
    (filing,) = batch.headlines
    assert (filing.publisher, str(filing.at)) == ("SEC EDGAR", "2026-11-20 18:30:36+00:00")
    serve(case_of("feeds").good)
    (item,) = read(case_of("feeds").source).headlines
    assert (item.publisher, item.title, item.url) == (
        "Press",
        "Stocks fall",
        "https://p.example/1",
    )


def faulty(fault: str, kind: str) -> dict[str, Any]:
    """The answer of a page of some kind under a fault."""
    found: dict[str, dict[str, Any]] = {
        "429": {"body": b"Too Many Requests", "kind": "text/plain", "status": 429},
        "500": {"body": b"oops", "kind": kind, "status": 500},
        "slow drip": {"body": b"x" * 100, "kind": kind, "drip": 0.05},
        "truncated": {"body": b"[1, 2, 3]" * 20, "kind": kind, "cut": 40},
        "HTML, 200": {"body": b"<html><p>consent</p></html>", "kind": "text/html"},
        "no bytes": {"body": b"", "kind": kind},
    }
    return found[fault]


def outcome(case: Any, fault: str, web: Any, answer: Any, serve: Any, read: Any) -> str:
    """How a source ends under a fault: the kinds of its gaps, or ``ok`` when nothing is amiss."""
    if fault == "nothing in it":
        serve(case.empty)
    elif fault == "other shape":
        serve(case.other or {page: (OTHER[kind], kind) for page, (_, kind) in case.good.items()})
    else:
        web.routes.clear()
        for page, (_, kind) in case.good.items():
            web.routes[page] = answer(**faulty(fault, kind))
    batch = read(case.source, limits=SHORT if fault == "slow drip" else ONCE)
    assert batch.empty, f"{fault}: values were read: {batch}"
    assert all(gap.why and "unforeseen" not in gap.why for gap in batch.missing)
    return "/".join(sorted({gap.kind for gap in batch.missing})) or "ok"


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_is_a_named_gap(
    case_of: Any, web: Any, answer: Any, serve: Any, read: Any, name: str, checkout: Path
) -> None:
    """No fault becomes a value or an exception; the row of docs/sources.md is what happens."""
    case = case_of(name)
    cells = [outcome(case, fault, web, answer, serve, read) for fault in FAULTS]
    row = f"| {name} | {case.seen} | {' | '.join(cells)} |"
    page = (checkout / "docs" / "sources.md").read_text(encoding="utf-8")
    assert row in page.splitlines()


def test_the_table_has_a_row_for_every_source(checkout: Path) -> None:
    """A new source cannot be left out of the table, nor of these tests."""
    page = (checkout / "docs" / "sources.md").read_text(encoding="utf-8")
    head = f"| source | format seen | {' | '.join(FAULTS)} |"
    assert head in page
    rows = page.split(head)[1].splitlines()[2:]
    assert [row.split(" | ")[0].strip("| ") for row in rows[: len(NAMES)]] == list(NAMES)


def test_what_each_source_may_do_is_on_the_page(checkout: Path) -> None:
    """The first table has a row a source, in order, with its leave to republish."""
    page = (checkout / "docs" / "sources.md").read_text(encoding="utf-8")
    table = page.split("| source | brings | key | terms | republish |")[1].split("\n\n")[0]
    cells = [[c.strip() for c in row.strip("|").split("|")] for row in table.splitlines()[2:]]
    assert [row[0] for row in cells] == list(NAMES)
    for source, row in zip(all_sources(load_settings({})), cells, strict=True):
        assert row[4] in (("yes",) if source.redistributable else ("no", "per series", "per feed"))


def test_every_series_has_a_source_or_a_reason_and_the_page_says_which(checkout: Path) -> None:
    """Nothing is missing without a word: series no source fills, and venues' liquidations."""
    filled = {name for source in all_sources(load_settings({})) for name in source.series}
    reasons = {gap.what: gap.why for gap in NOT_OFFERED}
    assert set(REGISTRY) - filled == set(reasons) & set(REGISTRY)
    page = (checkout / "docs" / "sources.md").read_text(encoding="utf-8")
    for what, why in reasons.items():
        assert f"| {what} | {why} |" in page


def test_one_question_in_trouble_does_not_cost_the_others(
    case_of: Any, serve: Any, web: Any, answer: Any, read: Any
) -> None:
    """What answered is kept; what did not is named."""
    case = case_of("nyfed")
    serve(case.good)
    web.routes["markets.newyorkfed.org/api/rates/unsecured/effr/search.json"] = answer(status=500)
    batch = read(case.source)
    assert {o.series for o in batch.observations} == {"SOFR", "SOFR_P99", "SOFR_VOLUME_BUSD"}
    assert [(gap.what, gap.kind) for gap in batch.missing] == [("EFFR", "failed")]


def test_a_source_ends_at_its_own_deadline() -> None:
    """A question that hangs is called off, and those already answered are kept."""

    async def hang() -> Batch:
        await asyncio.sleep(60)
        return Batch()

    async def done() -> Batch:
        return Batch(missing=())

    batch = asyncio.run(
        each((Job(("A",), hang), Job(("B",), done, may_be_empty=True)), deadline=0.05)
    )
    assert [(gap.what, gap.why) for gap in batch.missing] == [("A", "no answer within 0.05 s")]


def test_a_key_is_sent_and_told_to_nobody(web: Any, answer: Any, read: Any) -> None:
    """With a key FRED's interface is asked first; the key is in no gap, whatever happens."""
    from causemap.tools.sources.fred import Fred

    web.routes["api.stlouisfed.org"] = answer(b'{"error_code":400}', status=400)
    batch = read(Fred(key="CANARY", series=("HY_OAS",)))
    assert web.asked[0].query.endswith("api_key=CANARY")
    assert "CANARY" not in repr(batch)
    assert web.count("fred.stlouisfed.org") == 1
