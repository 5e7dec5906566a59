"""Made-up reports for the views: figures are plausible for early February 2026, not data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causemap.records import (
    Analogue,
    CauseMap,
    Claim,
    Contribution,
    Decomposition,
    Edge,
    Evidence,
    Gap,
    Marker,
    Narrative,
    Node,
    Note,
    OnsetInterval,
    PartShare,
    Path,
    Rejected,
    Report,
    Residual,
    Scenario,
    Scope,
    Sentence,
    Trigger,
    Verdict,
    Weighed,
    WouldChange,
)

START, END, AS_OF = "2026-01-29", "2026-02-05", "2026-02-07T21:00Z"
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1)) "
    "![x](https://evil.example/p.png) https://evil.example/?q=1 www.evil.example "
    "[bold red]rich[/] | pipe `code` *star* _under_ \x1b[31mred\x07 \u202eabc\u2066 a\u200bb "
    '{{7*7}}" onmouseover="x'
)


def item(
    identifier: str,
    asset: str,
    value: float,
    unit: str,
    said: str,
    z: float | None = None,
    **more: object,
) -> Evidence:
    """An evidence item with the fields that do not matter to a view filled in."""
    desk = identifier.partition(".")[0]
    base = Evidence(
        id=identifier,
        desk=desk,  # type: ignore[arg-type]  # ids in this file begin with a desk's name
        family="prices",
        group="rates",
        metric=identifier.rpartition(".")[-1],
        asset=asset,
        start=START,
        end=END,
        value=value,
        unit=unit,
        said=said,
        observed_at=END,
        available_at="2026-02-05T21:00Z",
        source="market_daily",
        z=z,
    )
    return replace(base, **more)  # type: ignore[arg-type]  # keyword names are Evidence fields


def evidence() -> tuple[Evidence, ...]:
    """The ledger of the made-up window."""
    url = "https://news.example/fed-chair"
    corr = "technicals.btc.corr_"
    name = "correlation of S&P 500 and Bitcoin, daily returns"
    return (
        item("macro.us2y.change", "UST2Y", -6.0, "bp", "change of the 2-year yield", -0.5),
        item("macro.us10y.change", "UST10Y", -3.0, "bp", "change of the 10-year yield", -0.3),
        item("macro.dxy.change", "DXY", 1.6, "%", "change of the dollar index", 1.8),
        item(
            "macro.two_shock_monetary", "SPX", -1.1, "%", "monetary part", None, low=-2.8, high=0.0
        ),
        item("earnings_news.igv.residual", "IGV", -7.3, "%", "software against the index", -5.3),
        item("earnings_news.smh.residual", "SMH", -0.5, "%", "chips against the index", -0.2),
        item("earnings_news.rsp.residual", "RSP", 1.8, "%", "equal-weight against the index", 1.4),
        item("technicals.spx.change", "SPX", -2.4, "%", "fall of the S&P 500", -1.9),
        item("technicals.btc.change", "BTC", -26.0, "%", "fall of Bitcoin", -5.3),
        item("technicals.slv.change", "SLV", -37.0, "%", "fall of silver", -9.4),
        item(f"{corr}20d", "BTC", 0.55, "corr", f"{name}, 20 days", low=0.14, high=0.8, n=20),
        item(
            f"{corr}20d_start", "BTC", 0.41, "corr", f"{name}, 20 days", low=-0.04, high=0.72, n=20
        ),
        item(f"{corr}60d", "BTC", 0.51, "corr", f"{name}, 60 days", low=0.29, high=0.68, n=60),
        item(
            f"{corr}60d_start", "BTC", 0.44, "corr", f"{name}, 60 days", low=0.21, high=0.63, n=60
        ),
        item("crypto_structure.btc.speed", "BTC", 0.31, "ratio", "deepest 4 h bar over the fall"),
        item("crypto_structure.btc.funding", "BTC", -0.3, "bp_8h", "perpetual funding", -1.2),
        item("earnings_news.note.chair", "SPX", 1.0, "count", "dated nomination news", url=url),
    )


def verdict() -> Verdict:
    """An AI re-rating verdict with a close second."""
    return Verdict(
        primary="ai_rerating",
        mission_label="ai_rerating",
        probabilities=(
            ("rates_shock", 0.04),
            ("ai_rerating", 0.52),
            ("liquidation_cascade", 0.24),
            ("funding_stress", 0.02),
            ("growth_scare", 0.05),
            ("policy_geopolitics", 0.04),
            ("positioning_unwind", 0.03),
            ("crypto_idiosyncratic", 0.01),
            ("mixed_unclear", 0.05),
        ),
        abstained=False,
        reason="software fell against the index, equal-weight shares held, yields did not rise",
        contributions=(
            Contribution("ai_rerating", 0.46, 0.3, 0.6),
            Contribution("liquidation_cascade", 0.22, 0.05, 0.38),
            Contribution("rates_shock", -0.04, -0.15, 0.06),
        ),
        residual=Residual(0.36, 0.2, 0.52),
        rejected=(
            Rejected(
                "rates_shock",
                "the 2-year, 10-year and real yields all fell: the sign test forbids it",
                ("macro.us2y.change", "macro.us10y.change"),
            ),
        ),
        counter_evidence=("earnings_news.smh.residual",),
        support=("earnings_news.igv.residual", "earnings_news.rsp.residual"),
        weighed=(
            Weighed("earnings_news.igv.residual", "ai_rerating", 1.6),
            Weighed("earnings_news.rsp.residual", "ai_rerating", 0.7),
            Weighed("earnings_news.smh.residual", "ai_rerating", -0.5),
            Weighed("macro.us10y.change", "rates_shock", -1.2),
        ),
        amplifiers=("margin_call", "vol_target_cta"),
        subtype="disruption",
        would_change=(
            WouldChange(
                "If software had kept pace with the index, the liquidation cascade would lead.",
                ("earnings_news.igv.residual",),
                "liquidation_cascade",
            ),
        ),
    )


def cause_map() -> CauseMap:
    """Three shocks, four channels, four moves; one edge without evidence, one skipping a layer."""
    first = OnsetInterval("igv", "2026-01-29", "2026-01-29")
    bars = OnsetInterval("btc", "2026-01-29T12:00Z", "2026-01-29T16:00Z")
    metals = OnsetInterval("slv", "2026-01-30", "2026-02-02")
    nodes = (
        Node("ai_rerating", "shock", "AI and tech re-rating", first, 1, 0.52, ("e",)),
        Node("liquidation_cascade", "shock", "Liquidation cascade", metals, 2, 0.24, ("e",)),
        Node("rates_shock", "shock", "Rates shock", None, 3, 0.04),
        Node("earnings_multiple", "channel", "Earnings multiple", first),
        Node("margin_call", "channel", "Margin calls", metals),
        Node("vol_target_cta", "channel", "Vol-target and trend selling", None),
        Node("discount_rate", "channel", "Discount rate", None),
        Node("SPX", "move", "S&P 500 \u22122.4%", first),
        Node("NDX", "move", "Nasdaq 100 \u22124.1%", first),
        Node("BTC", "move", "Bitcoin \u221226.0%", bars),
        Node("SLV", "move", "Silver (SLV) \u221237.0%", metals),
    )

    def edge(a: str, b: str, sign: int, p: float, *ids: str, against: tuple[str, ...] = ()) -> Edge:
        lag = (0.0, 1.0) if ids else None
        kind = "residual" if ids else "none"
        return Edge(a, b, sign, lag, None, p, ids, against, kind)  # type: ignore[arg-type]  # one of two words

    igv, btc, slv = "earnings_news.igv.residual", "technicals.btc.change", "technicals.slv.change"
    edges = (
        edge("ai_rerating", "earnings_multiple", -1, 0.81, igv),
        edge("liquidation_cascade", "margin_call", 1, 0.55, slv),
        edge("ai_rerating", "vol_target_cta", 1, 0.3),
        edge("rates_shock", "discount_rate", 1, 0.1, against=("macro.us10y.change",)),
        edge("earnings_multiple", "SPX", 1, 0.6, igv),
        edge("earnings_multiple", "NDX", 1, 0.77, igv),
        edge("margin_call", "BTC", -1, 0.5, btc),
        edge("margin_call", "SLV", -1, 0.7, slv),
        edge("vol_target_cta", "SPX", -1, 0.25),
        edge("discount_rate", "NDX", -1, 0.1),
        edge("ai_rerating", "BTC", -1, 0.35, btc),
    )
    order = (("ai_rerating",), ("earnings_multiple", "SPX", "NDX"), ("margin_call", "SLV"))
    return CauseMap(nodes, edges, order)


def paths() -> tuple[Path, ...]:
    """Made-up paths, 100 at the start."""
    days = ("29", "30", "02", "03", "04", "05", "06")
    dates = tuple(f"2026-{'01' if d in ('29', '30') else '02'}-{d}" for d in days)
    series = {
        "SPX": (100.0, 99.6, 100.1, 99.3, 98.8, 97.6, 99.5),
        "NDX": (100.0, 98.7, 99.4, 97.9, 96.1, 95.2, 97.3),
        "IGV": (100.0, 97.4, 96.0, 92.1, 90.4, 89.9, 92.5),
        "BTC": (100.0, 99.1, 93.0, 89.9, 86.4, 74.0, 83.4),
        "ETH": (100.0, 97.0, 83.0, 80.1, 76.2, 65.0, 73.0),
        "GLD": (100.0, 90.0, 86.2, 91.4, 91.9, 89.0, 91.5),
        "SLV": (100.0, 71.5, 69.0, 74.0, 76.0, 63.0, 67.2),
    }
    return tuple(Path(asset, dates, values) for asset, values in series.items())


@pytest.fixture
def report() -> Report:
    """A full report of the window 29 January to 5 February 2026."""
    overall = verdict()
    crypto = replace(
        overall,
        primary="mixed_unclear",
        mission_label="mixed",
        abstained=True,
        reason="forced selling and the software rout are within 0.10 of each other",
        contributions=(),
        residual=Residual(1.0, 1.0, 1.0),
    )
    dxy = ("macro.dxy.change",)
    parts = (
        PartShare("ai_rerating", 0.5, 0.3, 0.66),
        PartShare("rates_shock", -0.05, -0.2, 0.1),
        PartShare("positioning_unwind", 0.2, 0.05, 0.4),
    )
    return Report(
        scope=Scope(
            START,
            END,
            AS_OF,
            ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV"),
            ("equity", "crypto", "metals"),
            "why did stocks and bitcoin fall together this week?",
        ),
        verdict=overall,
        verdicts=(("equity", overall), ("crypto", crypto)),
        evidence=evidence(),
        gaps=(
            Gap(
                "market-wide liquidations",
                "not_covered",
                "no source covers this window",
                "crypto_structure",
                ("liquidation_cascade",),
            ),
            Gap("SOFR less IORB", "stale", "the last value is old", "macro", ("funding_stress",)),
        ),
        cause_map=cause_map(),
        narrative=Narrative(
            (
                Sentence(
                    "why",
                    "Software fell {earnings_news.igv.residual|value|%} against the index.",
                    "Software fell 7.3% against the index while the equal-weight index held up.",
                    ("earnings_news.igv.residual", "earnings_news.rsp.residual"),
                ),
                Sentence(
                    "why_not",
                    "The 10-year yield moved {macro.us10y.change|value|bp}.",
                    "The 10-year yield moved \u22123 bp, so rates did not lead.",
                    ("macro.us10y.change",),
                ),
            )
        ),
        markers=(
            Marker("2026-01-28T21:05Z", "MSFT results, after the close", "earnings"),
            Marker("2026-01-30T15:00Z", "Nomination for the chair of the Fed", "news"),
            Marker("2026-01-30T22:00Z", "Exchange raises metal margins (notice)", "margin"),
            Marker("2026-02-05T13:30Z", "Weekly jobless claims", "data"),
        ),
        onsets=(
            OnsetInterval("IGV", "2026-01-29", "2026-01-29"),
            OnsetInterval("BTC", "2026-01-29T12:00Z", "2026-01-29T16:00Z"),
            OnsetInterval("SLV", "2026-01-30", "2026-02-02"),
        ),
        paths=paths(),
        decompositions=(Decomposition("SPX", -2.4, parts, 0.35, 0.1, 0.6),),
        notes=(
            Note(
                "n1",
                "2026-01-30T15:00Z",
                "minute",
                "Example Wire",
                "news",
                "A nomination for the chair of the Fed was announced.",
                "https://news.example/fed-chair",
                "found",
                0.9,
            ),
        ),
        claims=(
            Claim(
                "rates and dollar repriced on higher real yields",
                "Example Letter",
                "contradicted",
                ("macro.us10y.change",),
            ),
        ),
        analogues=(
            Analogue(
                "2025-10-10",
                "2025-10-09",
                "2025-10-11",
                1.9,
                "liquidation_cascade",
                "it took one day, not five, and no leadership group broke first",
            ),
        ),
        scenarios=(
            Scenario(
                "A",
                "Normalisation",
                (
                    Trigger("VIX below 20 and falling", met=False, evidence=()),
                    Trigger("10-year moves less than 10 bp in 5 days", met=True, evidence=dxy),
                    Trigger("No new low in software residual", None, ()),
                ),
            ),
        ),
        versions=(("causemap", "0.1.0"), ("engine", "1")),
    )


@pytest.fixture
def bare() -> Report:
    """A report with nothing but an abstention: every optional part empty."""
    return Report(
        scope=Scope(START, END, AS_OF, ("SPX",), ("equity",)),
        verdict=Verdict(
            "mixed_unclear", "mixed", (), abstained=True, reason="no prices for the window"
        ),
        verdicts=(),
        evidence=(),
        gaps=(),
        cause_map=CauseMap((), ()),
        narrative=Narrative(()),
    )


@pytest.fixture
def hostile(report: Report) -> Report:
    """The full report with hostile text wherever text from outside can stand."""
    bad = HOSTILE
    note = replace(report.notes[0], text=bad, publisher=bad, url="javascript:alert(1)")
    nodes = tuple(replace(n, label=bad) for n in report.cause_map.nodes)
    return replace(
        report,
        scope=replace(report.scope, question=bad),
        verdict=replace(
            report.verdict,
            reason=bad,
            rejected=(replace(report.verdict.rejected[0], why=bad),),
            would_change=(replace(report.verdict.would_change[0], text=bad),),
        ),
        evidence=tuple(
            replace(e, said=bad, source=bad, url='https://ok.example/"><script>')
            for e in report.evidence
        ),
        gaps=tuple(replace(g, what=bad, why=bad) for g in report.gaps),
        cause_map=replace(report.cause_map, nodes=nodes),
        narrative=Narrative((Sentence(bad, bad, bad, ("missing.id",)),), (bad,)),
        markers=tuple(replace(m, label=bad, kind=bad) for m in report.markers),
        onsets=tuple(replace(o, name=bad) for o in report.onsets),
        paths=tuple(replace(p, asset=bad) for p in report.paths),
        notes=(note,),
        claims=(replace(report.claims[0], text=bad, source=bad),),
        analogues=(replace(report.analogues[0], case=bad, differs=bad),),
        scenarios=(replace(report.scenarios[0], name=bad),),
        versions=((bad, bad),),
    )
