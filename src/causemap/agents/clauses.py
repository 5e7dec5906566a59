"""Evidence as clauses: one item becomes a few words around its slots, never a numeral.

Clauses are written so that each number follows the thing it belongs to, which is how the verifier
reads them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from causemap.agents.asset_words import GROUP_OF
from causemap.causes import GROUP_ASSETS, GROUP_WORDS
from causemap.closed_sets import AssetGroup, Cause
from causemap.llm.slots import ASSET_NAMES
from causemap.records import Evidence
from causemap.words import figure_of, unit_of, value_of

CAUSE_WORDS: Final[dict[str, str]] = {
    "rates_shock": "a rates shock",
    "ai_rerating": "an AI and tech re-rating",
    "liquidation_cascade": "a liquidation cascade",
    "funding_stress": "funding stress",
    "growth_scare": "a growth scare",
    "policy_geopolitics": "a policy or geopolitics shock",
    "positioning_unwind": "a positioning unwind",
    "crypto_idiosyncratic": "a crypto-specific event",
    "mixed_unclear": "a mixed or unclear picture",
}
_SPREADS: Final = ("HY_OAS", "IG_OAS")
# A standardised move below one deviation is an ordinary one and is not worth a bracket.
_WORTH_A_Z: Final = 1.0
# Moves of the thing named; other changes ("the largest rise of ...") are named by what they are.
_MOVE: Final = re.compile(r"change(?:_\d+d)?")
# What is told of a stretch of time and not of its end: a move beyond beta, a part of it, a flow.
_FLOWS: Final = re.compile(r"\bbeyond\b|^the part of\b|\bflow\b")
_FIGURE: Final = re.compile(r"\s*[-\u2212+]?\d[\d.,]*\s?(?:%|bp)$")


def clause(item: Evidence, *, apart: bool = False) -> str:
    """One item in words: asset and verb where it is a move, else its name 'stood at' its value.

    ``apart`` names the asset group of what was told of a group, not of one asset.
    """
    group = _group_told(item) if apart else ""
    return f"{_core(item, group)}{_interval(item)}{deviation(item)}"


def _group_told(item: Evidence) -> str:
    group = item.asset.partition(" ")[0]
    found = next((words for name, words in GROUP_WORDS.items() if name == group), None)
    return "" if found is None else f" in {found}"


def _core(item: Evidence, where: str) -> str:
    turn = turn_of(item)
    named = turn and item.asset in ASSET_NAMES and item.metric in ("change", "residual")
    by_asset = named or not item.said.strip()
    subject = f"{{{item.id}|asset|name}}" if by_asset else f"{{{item.id}|said|text}}"
    if turn:
        return f"{subject} {{{item.id}|value|{turn}+auto}}"
    # "bitcoin's worst four hours, close to close, stood at": what a comma opens a comma closes,
    # but for the comma of a list.
    last = item.said.rpartition(")")[2].rpartition(",")
    comma = "," if not by_asset and last[1] and " and " not in last[2] else ""
    stood = "came to" if _FLOWS.search(item.said) else "stood at"
    return f"{subject}{where}{comma} {stood} {{{item.id}|value|auto}}"


def turn_of(item: Evidence) -> str:
    """The verbs that an item's value is said with; '' where it is no move but a value."""
    if item.metric == "residual" and item.asset in ASSET_NAMES and item.unit in ("%", "bp"):
        return "lagged_led"
    if not is_move(item):
        return ""
    if item.asset in _SPREADS:
        return "narrowed_widened"
    if item.asset.startswith("CURVE"):
        return "flattened_steepened"
    return "lost_gained" if unit_of(item) == "%" and item.asset in ASSET_NAMES else "fell_rose"


def is_move(item: Evidence) -> bool:
    """Whether the item is the change of the very thing that its words name."""
    return _MOVE.fullmatch(item.metric) is not None


def _interval(item: Evidence) -> str:
    if item.low is None or item.high is None:
        return ""
    # An interval that prints as the value itself tells nothing.
    if value_of(item) == figure_of(item):
        return ""
    return f" (range {{{item.id}|low|auto}} to {{{item.id}|high|auto}})"


def deviation(item: Evidence) -> str:
    """The bracket with the distance in standard deviations; empty where it is an ordinary one."""
    if item.z is None or item.unit == "z" or abs(item.z) < _WORTH_A_Z:
        return ""
    return f" ({{{item.id}|z|z1}})"


def clauses(items: Iterable[Evidence], most: int, *, apart: bool = False) -> str:
    """Up to ``most`` items as one list; items about the same thing are not said twice.

    ``apart``, or two with the same words: what was told of an asset group says of which.
    """
    chosen: dict[tuple[str, str], Evidence] = {}
    for item in items:
        chosen.setdefault((item.asset, item.metric), item)
    told = list(chosen.values())[:most]
    words = [item.said for item in told]
    return listed([clause(i, apart=apart or words.count(i.said) > 1) for i in told])


def no_path(group: AssetGroup, cause: Cause | str) -> str:
    """That a named cause could not be followed to any asset asked about."""
    where = GROUP_WORDS[group]
    return f"No measured link leads from {cause_words(cause)} to any asset asked about in {where}."


def listed(parts: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def moves(items: Iterable[Evidence], group: AssetGroup, assets: Sequence[str]) -> list[Evidence]:
    """The window changes of a group's assets that were asked about, else of its targets.

    An asset that is no target of the group (a stock, a fund) comes first, its group's move after.
    """
    targets = GROUP_ASSETS[group]
    own = [asset for asset in assets if GROUP_OF.get(asset) == group and asset not in targets]
    asked = [asset for asset in assets if asset in targets] or targets
    found = {item.asset: item for item in items if item.metric == "change"}
    return [found[asset] for asset in (*own, *asked) if asset in found]


def cause_words(cause: Cause | str) -> str:
    """A cause with its article."""
    return CAUSE_WORDS[cause]


def plain_label(label: str) -> str:
    """Cut a drawing's figure from a node's label: 'Bitcoin −25.9%' is 'Bitcoin' in a sentence."""
    return _FIGURE.sub("", label).strip() or label
