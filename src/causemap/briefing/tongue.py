"""Tongues: how facts, causes and the engine's own words are put in English and in Chinese.

English uses the narrative's clauses and prints the engine's words through slots, so that the
narrative's gate can read them back. Chinese translates them from tables (``phrases/zh.yaml``); what
a table lacks is quoted in English rather than guessed. Figures are slots in both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple, Protocol

from causemap.briefing.tree import Language
from causemap.closed_sets import AssetGroup, Cause, Group
from causemap.llm.slots import Ledger
from causemap.records import Evidence, Gap, Scenario, WouldChange
from causemap.reporting.diff import Change

Fields = dict[str, str]
# Series that the slots have a name for in both languages.
NAMED: Final = frozenset(
    ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV", "GOLD", "SILVER", "IGV", "SMH", "DXY", "UST2Y")
) | frozenset(("UST10Y", "UST30Y", "REAL10Y", "HY_OAS", "IG_OAS", "USO", "USDJPY"))


class Missing(NamedTuple):
    """What is missing, and its place in the run, by which a slot finds it."""

    place: int
    gap: Gap


class Turning(NamedTuple):
    """What would turn a group's verdict, and the item it is about."""

    group: AssetGroup
    change: WouldChange
    item: Evidence


class Undecided(NamedTuple):
    """A group without a named cause: its nearest cause, if any, and the engine's reason."""

    group: AssetGroup
    nearest: Cause | None
    reason: str


class Tongue(Protocol):
    """What a point's fields are written with."""

    def listed(self, parts: Sequence[str]) -> str:
        """Several parts as one list."""

    def some(self, parts: Sequence[str], most: int) -> str:
        """The first of several as a list that says so where it leaves some out."""

    def names(self, parts: Sequence[str]) -> str:
        """Several names as one list."""

    def fact(self, item: Evidence) -> str:
        """A measured fact as a clause, without its distance in standard deviations."""

    def fact_z(self, item: Evidence) -> str:
        """The same with it."""

    def cause(self, cause: str) -> str:
        """A cause inside a sentence."""

    def where(self, group: AssetGroup) -> str:
        """An asset group inside a sentence."""

    def topic(self, group: Group) -> str:
        """A group of measures inside a sentence."""

    def channel(self, key: str) -> str:
        """A channel inside a sentence."""

    def agreed(self, cause: str, groups: Sequence[AssetGroup]) -> str:
        """One cause named for several groups, with its probability in each."""

    def undecided(self, found: Sequence[Undecided], *, reasons: bool) -> str:
        """Several groups without a named cause, each with its nearest cause or its reason."""

    def because(self, reason: str, slot: str) -> str:
        """Why a group names no cause."""

    def share(self, cause: str, slot: str) -> str:
        """That a cause explains a share."""

    def rest(self, slot: str, *, least: bool) -> str:
        """The unexplained share; at its floor it may be more."""

    def only(self, fact: str) -> str:
        """A small share, told against a reading."""

    def too_little(self, facts: str) -> str:
        """Facts of the sign that a cause needs, and not enough of it."""

    def findings(self, parts: Sequence[str]) -> str:
        """Clauses that stand apart."""

    def test(self, words: str, slot: str) -> str:
        """The test that a rejected rival failed, before its facts."""

    def aside(self, *, other: bool) -> str:
        """That the largest share is another cause's than the verdict's, or nothing."""

    def event(self, label: str, slot: str) -> str:
        """A scheduled date's name."""

    def dated(self, what: str, when: str) -> str:
        """A scheduled date's name with its day."""

    def gap(self, missing: Missing) -> str:
        """What is missing."""

    def lack(self, missing: Missing) -> str:
        """Why it is missing."""

    def reason(self, gap: Gap) -> str:
        """What this reason reads as: gaps with the same one are told together."""

    def past(self, place: int, cause: str, *, full: bool) -> str:
        """A near window of the past; in full with its cause and, if it can be, how it differs."""

    def scenario(self, scenario: Scenario) -> Fields:
        """A scenario's name and its triggers with their present state."""

    def turn(self, turning: Turning) -> tuple[str, Fields]:
        """What would turn the verdict: the kind of phrase and its fields."""

    def change(self, change: Change) -> Fields | None:
        """What changed since the last issue, or ``None`` where it cannot be said."""

    def fill(self, template: str, ledger: Ledger) -> str:
        """Print a template."""


def by_name(item: Evidence) -> bool:
    """Whether the item is the move of a series that the slots have a name for."""
    return item.asset in NAMED and item.metric == "change"


def turning_kind(change: WouldChange) -> str:
    """The phrase for what would turn a verdict: without an item, or with it turned round."""
    # Among several groups the sentence names its own first: "in metals, without ...".
    return "turn_without" if re.match(r"(?:in \w+, )?without ", change.text) else "turn_other"


@cache
def tongue_of(language: Language) -> Tongue:
    """The tongue of a language."""
    from causemap.briefing.tongue_en import English
    from causemap.briefing.tongue_zh import Chinese

    return Chinese() if language == "zh" else English()
