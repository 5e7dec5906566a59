"""A claimed cause against the facts of its own kind, in the asset groups the claim is about.

Leadership says nothing of crypto and silver nothing of bitcoin: a fact measured on one group's
assets tests a claim on that group alone, while yields, the dollar and credit are common to all. A
claim that names no asset is about every group asked about, and each is told. That an asset fell is
what is to be explained and no fact of any cause; nor is a fact that merely goes with it.
"""

from __future__ import annotations

import re
from statistics import median
from typing import Final

from causemap.causes import GROUP_ASSETS, GROUPS, SHOWN_IN
from causemap.closed_sets import AssetGroup, ClaimVerdict, Group
from causemap.records import Evidence
from causemap.tools.claims.docket import Case, Judged
from causemap.tools.claims.subjects import keys, subjects

_TARGETS: Final = frozenset(asset for assets in GROUP_ASSETS.values() for asset in assets)
_OF: Final[dict[str, AssetGroup]] = {
    **dict.fromkeys(("SPX", "NDX", "DJI", "IGV", "SMH", "MAG7", "IWM", "KRE", "EWJ"), "equity"),
    **dict.fromkeys(("NVDA", "MSFT", "AAPL", "AMZN", "GOOGL", "TSLA", "AMD", "PLTR"), "equity"),
    **dict.fromkeys(("BTC", "ETH", "SOL"), "crypto"),
    **dict.fromkeys(("GOLD", "SILVER", "GLD", "SLV", "GDX"), "metals"),
}
_WORDS: Final[dict[AssetGroup, re.Pattern[str]]] = {
    "equity": re.compile(r"\b(?:stocks?|shares|equit(?:y|ies))\b|股市|股票|股指", re.IGNORECASE),
    "crypto": re.compile(r"\b(?:crypto\w*|tokens?|coins?)\b|加密|币圈|币市|代币", re.IGNORECASE),
    "metals": re.compile(r"\b(?:metals?|bullion)\b|金属|金银", re.IGNORECASE),
}
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")
_SAYS: Final[dict[ClaimVerdict, str]] = {
    "supported": "most facts expected of it are there",
    "contradicted": "the facts expected of it are not there",
    "not_checkable": "the facts expected of it point both ways",
}
_NOTHING: Final = "no measured fact of its own kind bears on it"
_SHOWN: Final = 3


def judge_cause(case: Case) -> Judged:
    """A cause is borne out when the facts expected of it point its way over the window."""
    about = groups_of(case.claim.text) or case.scope.groups
    facts = {group: _facts(case, group) for group in about}
    held = {group: _verdict(found) for group, found in facts.items() if found}
    if not held:
        return Judged("not_checkable", _NOTHING)
    rests = _strongest([facts[group] for group in held])
    verdicts = set(held.values())
    verdict: ClaimVerdict = verdicts.pop() if len(verdicts) == 1 else "not_checkable"
    told = {_told(facts, group, held) for group in about}
    if len(told) == 1:
        return Judged(verdict, told.pop(), (), rests)
    each = "; ".join(f"{group}: {_told(facts, group, held)}" for group in about)
    return Judged(verdict, each, (), rests)


def groups_of(text: str) -> tuple[AssetGroup, ...]:
    """The asset groups that a claim's words name, in the fixed order; none if it names none."""
    named = keys(subjects(text, chinese=bool(_CHINESE.search(text))))
    found = {_OF[key] for key in named if key in _OF}
    found |= {group for group, words in _WORDS.items() if words.search(text)}
    return tuple(group for group in GROUPS if group in found)


def _facts(case: Case, group: AssetGroup) -> list[tuple[float, str]]:
    """Signed z of the facts of the cause's kind that bear on the group, with their ids."""
    cause = case.claim.cause
    kind = frozenset[Group]() if cause is None else SHOWN_IN.get(cause, frozenset())
    return [
        (item.z * sign, item.id)
        for item in case.evidence
        for named, sign in item.expected
        if named == cause and item.z is not None and item.group in kind and _bears(item, group)
    ]


def _bears(item: Evidence, group: AssetGroup) -> bool:
    if item.metric == "change" and item.asset in _TARGETS:
        return False
    stocks = item.group in ("leadership", "volatility")
    return ("equity" if stocks else _OF.get(item.asset, group)) == group


def _verdict(facts: list[tuple[float, str]]) -> ClaimVerdict:
    middle = median(pull for pull, _ in facts)
    return "supported" if middle >= 1 else "contradicted" if middle <= 0 else "not_checkable"


def _told(
    facts: dict[AssetGroup, list[tuple[float, str]]],
    group: AssetGroup,
    held: dict[AssetGroup, ClaimVerdict],
) -> str:
    return _SAYS[held[group]] if facts[group] else _NOTHING


def _strongest(found: list[list[tuple[float, str]]]) -> tuple[str, ...]:
    """The strongest facts, each group's first before any group's second."""
    ranked = [sorted(facts, key=lambda fact: (-abs(fact[0]), fact[1])) for facts in found]
    turns = [facts[k][1] for k in range(_SHOWN) for facts in ranked if k < len(facts)]
    return tuple(dict.fromkeys(turns))[:_SHOWN]
