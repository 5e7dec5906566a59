from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.articles import Article
from causemap.tools.claims import ExtractedClaim, extract
from causemap.tools.claims.extract import MAX_CLAIMS, MAX_QUOTE


def _article(text: str, published: str = "2026-02-06") -> Article:
    return Article("a", None, "Wire", "Title", published, "date", published, published, "en", text)


def _said(claim: ExtractedClaim) -> tuple[str, str, int | None, float | None]:
    about = claim.cause or "-".join(claim.about)
    return claim.kind, about, claim.direction, None if claim.amount is None else claim.amount.low


def _read(text: str) -> set[tuple[str, str, int | None, float | None]]:
    return {_said(claim) for claim in extract(_article(text))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gold tumbled 9.8% on Friday.", ("move", "GOLD", -1, 9.8)),
        ("Silver recorded a one-day drop of 12%.", ("move", "SILVER", -1, 12)),
        ("The 10-year Treasury yield fell 8 basis points.", ("move", "UST10Y", -1, 8)),
        ("Rising real yields hurt the market this week.", ("move", "REAL10Y", 1, None)),
        ("A stronger dollar added to the pressure.", ("move", "DXY", 1, None)),
        ("Bullion has remained remarkably resilient.", ("move", "GOLD", 0, None)),
        ("Microsoft, which dropped 5%, led the way down.", ("move", "MSFT", -1, 5)),
        ("Bitcoin slid through $65,000.", ("threshold", "BTC", -1, 65_000)),
        ("Bitcoin climbed back above $100,000.", ("threshold", "BTC", 1, 100_000)),
        ("Gold fell from around $5,400 to $4,900.", ("level", "GOLD", None, 5400)),
        ("Gold fell from around $5,400 to $4,900.", ("level", "GOLD", None, 4900)),
        ("A breakout in gold above $3,000 could help.", ("ahead", "GOLD", 1, 3000)),
        ("The dollar index hit a three-year low.", ("extreme", "DXY", -1, None)),
        ("Oil closed at its highest since March 2024.", ("extreme", "WTI", 1, None)),
        (
            "The correlation between the S&P 500 and bitcoin rose to 0.8.",
            ("correlation", "SPX-BTC", 1, 0.8),
        ),
        ("Funding rates turned negative.", ("state", "FUNDING", -1, None)),
        ("Bitcoin funding rates turned deeply negative.", ("state", "FUNDING", -1, None)),
        ("The funding rate for bitcoin fell below zero.", ("state", "FUNDING", -1, None)),
        ("Funding swung from negative to positive.", ("state", "FUNDING", 1, None)),
        ("Ether funding rates went negative.", ("state", "OTHER_FUNDING", -1, None)),
        ("比特币资金费率跌入负区间。", ("state", "FUNDING", -1, None)),
        ("永续合约资金费率仍为正。", ("state", "FUNDING", 1, None)),
        ("The exchange raised margin requirements for silver.", ("event", "MARGIN", 1, None)),
        ("About $2.5 billion of longs were liquidated.", ("event", "LIQUIDATIONS", 1, 2.5e9)),
        ("A whale bought 1,200 PAXG tokens.", ("flow", "PAXG", 1, 1200)),
        ("The sell-off was driven by tariffs.", ("cause", "policy_geopolitics", None, None)),
        (
            "Traders blamed forced selling for the rout.",
            ("cause", "liquidation_cascade", None, None),
        ),
        ("周四纳斯达克下跌2.1%。", ("move", "NDX", -1, 2.1)),
        ("黄金和白银双双重挫。", ("move", "SILVER", -1, None)),
        ("实物黄金仍表现出韧性。", ("move", "GOLD", 0, None)),
        ("比特币一度跌破65,000美元。", ("threshold", "BTC", -1, 65_000)),
        ("现货黄金从5,400美元跌至4,850美元。", ("level", "GOLD", None, 4850)),
        ("美元指数跌至96.2，创近两年新低。", ("extreme", "DXY", -1, None)),
        ("比特币与标普500的相关性升至0.8。", ("correlation", "BTC-SPX", 1, 0.8)),
        ("交易所上调白银期货保证金。", ("event", "MARGIN", 1, None)),
        ("抛售的主要原因是AI估值担忧。", ("cause", "ai_rerating", None, None)),
    ],
)
def test_an_assertion_is_read(
    text: str, expected: tuple[str, str, int | None, float | None]
) -> None:
    """Each kind of claim is read in English and Chinese, with subject, side and size."""
    assert expected in _read(text)


@pytest.mark.parametrize(
    "text",
    [
        "Will gold fall below $4,000?",
        "If yields rise further, stocks could fall 10%.",
        "Bitcoin might drop below $60,000.",
        "Higher yields usually hurt growth stocks.",
        "When the dollar strengthens, gold falls.",
        "Every time stocks fall, gold rises.",
        "Gold did not fall.",
        "Bitcoin funding rates did not turn negative.",
        "If bitcoin funding rates turn negative, shorts pay longs.",
        "Start-up funding turned negative.",
        "Funding is tight in the repo market.",
        "Funding conditions in crypto improved.",
        "资金费率没有转负。",
        "资金费率恢复正常。",
        "The narrative of digital gold fell out of favour.",
        "The Canadian dollar fell.",
        "Infections surged in Italy before stocks opened.",
        "- Funding costs: higher yields → less leverage → lower valuations.",
        "The sell-off was not driven by tariffs.",
        "如果收益率继续上升，股市可能下跌。",
        "股市下跌往往会拖累比特币。",
        "人民币兑美元汇率小幅走低。",
        "BTC-2.68%",
        "| Dollar strength | Gold falls 3% |",
    ],
)
def test_what_asserts_nothing_is_left_out(text: str) -> None:
    """Questions, conditions, forecasts, habits, denials and page furniture are no claims."""
    assert _read(text) == set()


def test_scenarios_and_questions_under_headings_are_left_out() -> None:
    """What stands under a heading of scenarios is supposed, not asserted."""
    text = "What happened\nStocks fell 2% this week.\nScenario B: tightening\nGold fell 5%.\n"
    assert _read(text) == {("move", "SPX", -1, 2.0)}


def test_items_under_a_causal_line_are_causes() -> None:
    """Short lines under a line that announces the causes of a fall are read as causes."""
    text = "Several factors drove the sell-off:\nTariff threats\nMass liquidations of crypto\n"
    causes = {about for kind, about, _, _ in _read(text) if kind == "cause"}
    assert causes == {"policy_geopolitics", "liquidation_cascade"}


def test_a_paragraph_on_the_past_keeps_its_year() -> None:
    """A sentence without a date inside a paragraph on 2020 is judged on 2020."""
    (claim,) = extract(_article("In March 2020 the world closed. Bitcoin lost 50% in a day."))
    assert claim.span is not None
    assert claim.span.since == "2020-03-01"


def test_a_time_since_is_no_time_of_the_claim() -> None:
    """The year of a comparison does not become the time of the move."""
    (claim,) = extract(_article("The S&P 500 plunged 9.5%, its worst day since 1987."))
    assert claim.span is None


def test_the_same_words_on_a_page_are_one_claim() -> None:
    """A text printed twice, once run together, gives its claims once."""
    body = "Earlier this week the mood was poor. Gold tumbled 9.8% in New York. Then it was calm."
    once, twice = extract(_article(body)), extract(_article(f"{body}\nAgain. {body}"))
    assert [c.text for c in once] == [c.text for c in twice]


def test_words_resting_on_one_source_are_marked() -> None:
    """A statement that names itself single-source carries the mark."""
    (claim,) = extract(_article("According to single-source data, bitcoin fell 5%."))
    assert claim.single


WORDS = st.sampled_from(
    [
        *("gold", "Bitcoin", "the dollar", "real yields", "黄金", "比特币", "fell", "rose", "下跌"),
        *("$65,000", "12% to 18%", "0.7–0.9", "from", "below", "跌破", "correlation", "相关性"),
        *("not", "if", ".", ",", "\n", "- ", "：", "(", "mid-$90,000", "since 2020", "\u202e"),
        *("\x00", "\ud800", "9" * 400, "on Friday", "raised margin requirements", "840 XAUT"),
    ]
)


@settings(max_examples=150)
@given(st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=40).map(" ".join)))
def test_any_text_is_read_and_every_quote_is_verbatim(text: str) -> None:
    """No text raises; each quote is the article's own words, short, and claims are bounded."""
    claims = extract(_article(text))
    assert len(claims) <= MAX_CLAIMS
    for claim in claims:
        assert claim.text == text[claim.start : claim.end]
        assert 0 < len(claim.text) <= MAX_QUOTE
    assert claims == extract(_article(text))
