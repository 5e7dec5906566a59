"""Where the learned guess at a question's kind goes before what the phrases made of it.

The guess chooses the kind of answer only. What is declined stays declined, a day stays a day, a
question that carries on stays with the last one, and what names an asset that the run did not
measure, or slips in a word that may be a name, is not answered on others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from causemap.agents.asset_words import GROUP_OF, mentioned_assets
from causemap.agents.chat_found import found
from causemap.agents.chat_intent import Read
from causemap.agents.chat_kinds import kind_of
from causemap.agents.chat_mended import mended
from causemap.agents.chat_topics import measure_in
from causemap.agents.subjects import unanswered
from causemap.agents.turns import Intent
from causemap.closed_sets import AssetGroup
from causemap.records import Report

# The least probability of a guess that goes before a reading by rules, by folds over
# ``scripts/questions/varied.txt``: below, few more are right for each that is wrong. Readings that
# are not named here, of narrower words, stand.
_LEAST: Final[dict[Intent, float]] = {"found": 0.4, "fact": 0.6, "why": 0.6}
# To decline needs less where no phrase was found, and may go before any phrase.
_DECLINED: Final[dict[Intent, float]] = {"found": 0.25, "fact": 0.25}
_DECLINED_ANYWAY: Final = 0.6
# A figure named by its measure is looked up, whatever else is asked with it.
_OF_FIGURES: Final[frozenset[Intent]] = frozenset({"shares", "when"})
# All moves, or what a term means, say less of a thing named than what was measured of it.
_LESS: Final[frozenset[Intent]] = frozenset({"moves", "meaning"})


def guessed(text: str, read: Read, ruled: Intent, report: Report) -> Intent:
    """The learned kind where it is sure and may decide, else what the phrases say."""
    kind, chance = kind_of(text)
    if kind is None or kind == ruled:
        return ruled
    if kind == "advice":
        return kind if chance >= _DECLINED.get(ruled, _DECLINED_ANYWAY) else ruled
    least = _LEAST.get(ruled)
    if least is None or chance < least or not _may_answer(text, ruled, report):
        return ruled
    if kind == "fact":
        return kind if read.near.items else ruled
    # A gap that is named is an answer; all of them would hide it.
    if kind == "missing" and found(report, text, "en", kinds=("gap",)):
        return ruled
    looked_up = kind in _LESS or (kind in _OF_FIGURES and measure_in(text))
    return ruled if ruled == "fact" and looked_up else kind


def _may_answer(text: str, ruled: Intent, report: Report) -> bool:
    """Whether all that is named is spelt right, measured and, of a why, given a verdict."""
    held = {item.asset for item in report.evidence}
    measured = held.issuperset(mentioned_assets(text).assets)
    judged = ruled != "why" or not any(unanswered(text))
    return measured and judged and not mended(text, report)


def groups_in(text: str, said: Sequence[AssetGroup]) -> tuple[AssetGroup, ...]:
    """The groups named, else that of the one asset named ("what hurt tech")."""
    named = mentioned_assets(text).assets
    return tuple(said) or tuple(GROUP_OF[asset] for asset in named if len(named) == 1)
