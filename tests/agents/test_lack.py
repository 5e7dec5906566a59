"""Sentences that tell a gap: what they name beside it must be that gap's own."""

from __future__ import annotations

import pytest
from tests.agents.test_verifier import SPX

from causemap.agents.allowance import Allowed, Lack
from causemap.agents.verifier import check_sentence

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


def test_a_sentence_with_evidence_may_name_its_assets() -> None:
    """Assets of cited items stand beside a gap, as they did."""
    text = "The S&P 500 lost 2.4%, though bank reserves are not at hand."
    assert not check_sentence(text, [SPX], _ALLOWED)
