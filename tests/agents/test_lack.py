"""Sentences that tell a gap: what they name beside it must be that gap's own."""

from __future__ import annotations

import pytest
from tests.agents.test_verifier import SPX

from causemap.agents import lack_zh
from causemap.agents.allowance import Allowed, Lack
from causemap.agents.verifier import check_sentence
from causemap.briefing.voice import book_of

_BARS = "no 4h bars over the window in the data directory"
_OLD = "BTC_OI_COINM_USD: the last value is of 2025-10-26, 102 days old"
_WEAKER = "Not covered: bank reserves (no reserves series), which weakens any finding on"
_LACKS = (
    Lack("4h bars of the S&P 500", "not_covered", (_BARS,), ()),
    Lack("bank reserves", "not_covered", ("no reserves series",), ("funding_stress",)),
    Lack("coin-margined open interest", "stale", (_OLD,), ("liquidation_cascade",)),
)
_ALLOWED = Allowed(
    quoted=tuple(words for lack in _LACKS for words in (lack.what, *lack.whys)), lacks=_LACKS
)


@pytest.mark.parametrize(
    "text",
    [
        f"Not covered: 4h bars of the S&P 500 ({_BARS}).",
        f"{_WEAKER} funding stress.",
        f"Out of date: coin-margined open interest ({_OLD}).",
        "What we lack: 4h bars of the S&P 500 and bank reserves.",
    ],
)
def test_a_gap_in_its_own_words_passes(text: str) -> None:
    """The gap's asset, reason, kind and the cause that it weakens may be told."""
    assert not check_sentence(text, [], _ALLOWED)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Not covered: prices of gold (no reserves series).", "asset"),
        ("Not covered: bank reserves of bitcoin (no reserves series).", "asset"),
        ("Out of date: gold, silver and the VIX.", "asset"),
        (f"Not covered: bank reserves ({_BARS}).", "gap"),
        (f"Not covered: coin-margined open interest ({_OLD}).", "gap"),
        (f"{_WEAKER} a rates shock.", "gap"),
    ],
)
def test_a_gap_of_something_else_is_refused(text: str, kind: str) -> None:
    """Another asset, another gap's reason or kind, a cause that it does not weaken."""
    assert kind in {problem.kind for problem in check_sentence(text, [], _ALLOWED)}


def test_a_reason_may_begin_with_the_whole_of_another_gap_s() -> None:
    """What stands within a gap's own reason is no word of another gap."""
    short = Lack("the absorption ratio", "empty", ("too little common history",), ())
    why = "too little common history, or a value not published yet"
    long = Lack("the six-shock decomposition", "empty", (why,), ())
    lacks = (short, long)
    allowed = Allowed(
        quoted=tuple(w for lack in lacks for w in (lack.what, *lack.whys)), lacks=lacks
    )
    assert not check_sentence(f"Nothing came back: {long.what} ({why}).", [], allowed)
    assert check_sentence(f"Nothing came back: {short.what} ({why}).", [], allowed)


def test_a_sentence_with_evidence_may_name_its_assets() -> None:
    """Assets of cited items stand beside a gap, as they did."""
    text = "The S&P 500 lost 2.4%, though bank reserves are not at hand."
    assert not check_sentence(text, [SPX], _ALLOWED)


def problems_zh(text: str) -> set[str]:
    """What is wrong with an uncited Chinese sentence on gaps, by its kind."""
    found = lack_zh.check_lacks(text, _LACKS, cited=False, named=True)
    return {problem.partition(":")[0] for problem in found}


@pytest.mark.parametrize(
    "text",
    [
        "暂缺：标普500的4小时线、银行准备金等。",
        "银行准备金：数据中没有收录。",
        "币本位未平仓量：数值已经过时。",
        "数据中没有收录银行准备金，削弱融资压力的判断。",
    ],
)
def test_a_chinese_gap_in_its_own_words_passes(text: str) -> None:
    """The gap's name, the words for its kind and the cause that it weakens may be told."""
    assert not problems_zh(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("暂缺：黄金价格、银行准备金。", "asset"),
        ("暂缺：通胀数据。", "gap"),
        ("银行准备金：读取失败。", "gap"),
        ("币本位未平仓量：数据中没有收录。", "gap"),
        ("数据中没有收录银行准备金，削弱利率冲击的判断。", "gap"),
    ],
)
def test_a_chinese_gap_of_something_else_is_refused(text: str, kind: str) -> None:
    """Another asset, no gap of the run, another gap's kind, a cause that it does not weaken."""
    assert kind in problems_zh(text)


def test_the_longer_of_two_names_is_the_gap_told() -> None:
    """Bitcoin beyond its beta is missing, and bitcoin itself is not: the kinds stay apart."""
    lacks = (
        Lack("bitcoin", "stale", ("old",), ()),
        Lack("bitcoin beyond its beta", "empty", ("too little",), ()),
    )
    text = "比特币扣除贝塔后的变动：{}。"
    good, bad = (text.format(words) for words in ("没有可用的数值", "数值已经过时"))
    assert not list(lack_zh.check_lacks(good, lacks, cited=False, named=True))
    assert list(lack_zh.check_lacks(bad, lacks, cited=False, named=True))


def test_every_word_for_a_kind_of_gap_is_read() -> None:
    """What the phrase book prints for a kind is what the reader takes for it."""
    words = book_of("zh")["words"]
    assert {words[kind]: kind for kind in lack_zh.KINDS.values()} == lack_zh.KINDS
