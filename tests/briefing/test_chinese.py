"""Chinese briefings: the same claims and figures, names translated or quoted, the strict gate."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.briefing.conftest import edited
from tests.briefing.extract import disagreements

from causemap.agents.chat_words import cause_zh
from causemap.agents.margin_notices import SAID, WORDS
from causemap.agents.names_zh import named_zh
from causemap.briefing.gate import check
from causemap.briefing.ground import ground_of
from causemap.briefing.tree import Issue
from causemap.briefing.voice import FIELD, VOICES, book_of
from causemap.cases.store import list_cases
from causemap.causes import CAUSES, CHANNELS, GROUPS
from causemap.records import Report
from causemap.tools.registry import REGISTRY

IssueOf = Callable[..., Issue]
ReportOf = Callable[[str], Report]


@pytest.mark.parametrize("words", [60, 120, 350])
@pytest.mark.parametrize("voice", VOICES)
def test_a_chinese_issue_passes_the_gate_at_its_length(
    case: str, words: int, voice: str, issue_of: IssueOf, report_of: ReportOf
) -> None:
    """Length, headline, sources and figures hold in Chinese as in English."""
    issue = issue_of(case, words, voice, "zh")
    assert check(issue, report_of(case)) == ()
    assert issue.words <= words * 1.1
    assert re.search(r"[\u4e00-\u9fff]", issue.headline)


def test_the_two_languages_tell_one_verdict(case: str, issue_of: IssueOf) -> None:
    """Every probability that the Chinese verdict prints stands in the English one."""
    chinese, english = issue_of(case, 900, "wire", "zh"), issue_of(case, 900)
    pairs = {s.claim: s.text for s in english.said}
    for said in chinese.said:
        if said.claim.startswith("verdict:") and said.claim in pairs:
            figures = set(re.findall(r"\d+%", said.text))
            assert figures <= set(re.findall(r"\d+%", pairs[said.claim]))


def test_all_forms_say_the_same_in_chinese(case: str, issue_of: IssueOf) -> None:
    """Markdown, paste and both halves of the email carry one sequence of words."""
    assert disagreements(issue_of(case, 350, "wire", "zh")) == ()


def test_a_bent_figure_is_refused_in_chinese(issue_of: IssueOf, report_of: ReportOf) -> None:
    """An edit may change words; a changed figure blocks the export."""
    issue, report = issue_of("2026-02-seed", 350, "wire", "zh"), report_of("2026-02-seed")
    said = issue.parts[0].said[0]
    assert check(edited(issue, said.claim, said.text.replace("2.4%", "3.4%")), report)
    assert check(edited(issue, said.claim, said.text + "建议逢低买入。"), report)
    assert check(edited(issue, said.claim, said.text.replace("比特币", "币")), report) == ()


def test_a_gap_bent_in_chinese_is_refused(issue_of: IssueOf, report_of: ReportOf) -> None:
    """What is missing may be told in other words; another thing, or another reason, may not."""
    issue, report = issue_of("2026-02-seed", 1500, "wire", "zh"), report_of("2026-02-seed")
    (said,) = [s for s in issue.said if s.claim == "gaps"]
    assert check(edited(issue, said.claim, said.text.replace("暂缺", "尚缺")), report) == ()
    assert check(edited(issue, said.claim, "暂缺：黄金的成交量。"), report)
    assert check(edited(issue, said.claim, "暂缺：通胀数据。"), report)
    failed = next(s for s in issue.said if s.text.endswith("读取失败。"))
    bent = failed.text.replace("读取失败", "数值已经过时")
    assert check(edited(issue, failed.claim, bent), report)


@pytest.mark.parametrize("voice", VOICES)
def test_both_books_hold_the_same_phrases(voice: str) -> None:
    """No kind of point lacks words, and every field of a phrase is one that English has too."""
    english, chinese = book_of("en"), book_of("zh")
    for table in ("labels", "disclosures", "empty", "headlines"):
        assert set(english[table]) == set(chinese[table])
    missing = set(english["voices"][voice]) - set(chinese["voices"][voice])
    assert not missing
    for kind, forms in chinese["voices"][voice].items():
        known = english["voices"][voice].get(kind)
        if known and kind != "change":
            fields = {f for form in known for f in FIELD.findall(form[0])}
            assert {f for form in forms for f in FIELD.findall(form[0])} <= fields


# Names that stand in Latin letters in Chinese prose too are of two words at the most ("Aave WBTC",
# "Fisher z"); three in a row are English.
MOST_LATIN = 2


@pytest.mark.parametrize("entry", [entry.id for entry in list_cases()])
def test_no_english_is_left_in_chinese(
    entry: str, everything_of: Callable[[str, str], list[tuple[str, str]]]
) -> None:
    """No sentence that could be told holds a run of English words.

    Notes stay in the language they were written in, and are marked so.
    """
    for claim, text in everything_of(entry, "zh"):
        if claim.startswith("note:"):
            assert "（摘要，未翻译）" in text
            continue
        runs = re.findall(r"[A-Za-z][A-Za-z'&.-]*(?:[ ,]+[A-Za-z][A-Za-z'&.-]*)*", text)
        assert not [run for run in runs if len(re.split(r"[ ,]+", run)) > MOST_LATIN], text
        assert "\u300c" not in text, text


def test_sources_are_named_in_chinese(case: str, issue_of: IssueOf) -> None:
    """Kinds of sources are translated; summaries, series and outlets keep their names."""
    for source in issue_of(case, 900, "wire", "zh").sources:
        for words in ("dated notes", "daily closes", "and others", "headline file", "On-chain"):
            assert words not in source.title
            assert words not in source.outlet


def test_every_measure_of_the_registry_has_a_chinese_name() -> None:
    """Series that desks measure by their own name are translated."""
    measured = (
        *("SPX", "NDX", "RSP", "SMH", "IGV", "ARKK", "KRE", "IWM", "TLT", "GLD", "SLV", "GDX"),
        *("VIX", "MOVE", "UST2Y", "UST10Y", "UST30Y", "REAL10Y", "BE10Y", "CURVE_2S10S"),
        *("HY_OAS", "IG_OAS", "DXY", "USDJPY", "GOLD", "SILVER", "USO", "BTC", "ETH"),
    )
    for name in (*measured, "NVDA", "AAPL", "AMZN", "MSFT", "TSLA", "AVGO"):
        assert "\u300c" not in named_zh(REGISTRY[name].said), name


def test_perpetuals_and_parts_of_a_move_have_chinese_names() -> None:
    """What a run on a single coin or fund measures of it is translated too."""
    assert named_zh(REGISTRY["SOL_PERP"].said) == "SOL永续合约"
    part = "the part of the SOL perpetual's move beyond its beta to bitcoin"
    assert named_zh(part) == "SOL永续合约变动中超出其对比特币贝塔的部分"


def test_a_move_beyond_beta_names_its_beta_once(seed: Report) -> None:
    """The verb says that beta is taken out, to whatever: the name does not say it again."""
    ground = ground_of(seed, (), "2026-02-09", "zh")
    found = next(e for e in seed.evidence if e.asset == "GDX" and e.metric == "residual")
    assert ground.tongue.fact(found).count("贝塔") == 0
    assert ground.tongue.fill(ground.tongue.fact(found), ground.ledger).startswith("金矿股")


def test_an_unknown_name_is_quoted_rather_than_guessed() -> None:
    """What no table holds stands in English within quotation marks."""
    assert named_zh("the price of tea") == "\u300cthe price of tea\u300d"
    assert named_zh("reaction to Broadcom results") == "对博通财报的反应"
    assert named_zh("bitcoin after its results, beyond beta") == "比特币财报后扣除贝塔的变动"


def test_moves_carry_verb_and_unit_in_chinese(seed: Report) -> None:
    """A change reads as one, up or down, and no figure stands without its unit."""
    ground = ground_of(seed, (), "2026-02-09", "zh")

    def told(key: str, sign: float) -> str:
        found = next(e for e in seed.evidence if e.id.endswith(key))
        item = replace(found, value=sign * abs(found.value))
        held = replace(ground.ledger, evidence={item.id: item})
        return ground.tongue.fill(ground.tongue.fact(item), held)

    assert re.fullmatch(r"VIX指数上升[\d.]+点", told(".vix.change", +1))
    assert re.fullmatch(r"美国小盘股下跌[\d.]+%", told(".iwm.change", -1))
    assert re.fullmatch(r"隔夜逆回购工具下降[\d.,]+亿美元", told(".rrp_busd.change", -1))
    assert re.fullmatch(r"美联储资产负债表下降[\d,.]+亿美元", told(".fed_bs_musd.change", -1))


def test_every_cause_channel_and_group_has_its_name() -> None:
    """A closed set is translated whole."""
    book = book_of("zh")
    assert all(cause_zh(cause) for cause in CAUSES)
    assert set(CHANNELS) == set(book["channels"])
    assert set(GROUPS) == set(book["groups"])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "No measured link leads from a positioning unwind to any asset asked about in metals.",
        ),
        ("zh", "在贵金属方面，没有实测的联系从"),
    ],
)
def test_a_named_cause_that_reaches_no_asset_is_told_in_both_languages(
    language: str, said: str, issue_of: IssueOf, report_of: ReportOf
) -> None:
    """Metals are put down to what nothing measured leads from; from 120 words on it is said."""
    for words in (120, 350):
        issue = issue_of("2024-08-all", words, "wire", language)
        assert check(issue, report_of("2024-08-all")) == ()
        (told,) = [s.text for s in issue.said if s.claim == "no_path:metals"]
        assert told.startswith(said)
        assert all(s.claim != "counter" or "found" not in s.text for s in issue.said)


def test_an_amplifier_without_a_measured_link_is_not_told_as_one(issue_of: IssueOf) -> None:
    """Spreads were unusual in June 2022, yet no measured link leads on from them."""
    issue = issue_of("2022-06-all", 900)
    (told,) = [s for s in issue.said if s.claim == "amplifiers"]
    assert told.text == "The fall was passed on and grew through a stronger dollar."


def test_every_standing_of_a_margin_rise_has_its_words() -> None:
    """Response, possible cause, after the low or undecided: none is quoted in English."""
    book = book_of("zh")
    assert {f"{SAID} ({words})" for words in WORDS.values()} <= set(book["measures"])
    assert {"exchange margin rises on metals", "tokenised-gold flows"} <= set(book["gaps"])
