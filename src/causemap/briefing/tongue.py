"""Tongues: how facts, causes and the engine's own words are put in English and in Chinese.

English uses the narrative's clauses and prints the engine's words through slots, so that the
narrative's gate can read them back. Chinese translates them from tables (``phrases/zh.yaml``); what
a table lacks is quoted in English rather than guessed. Figures are slots in both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple, Protocol

from causemap.agents.chat_words import cause_zh
from causemap.agents.clauses import GROUP_WORDS, cause_words, clause, listed
from causemap.agents.told_zh import fill_chinese
from causemap.briefing.tree import Language
from causemap.briefing.voice import book_of
from causemap.causes import CHANNELS
from causemap.closed_sets import AssetGroup, Group
from causemap.llm.slots import SLOT, Ledger, fill, parse
from causemap.records import Evidence, Gap, Scenario, WouldChange
from causemap.reporting.diff import Change

Fields = dict[str, str]
_STATES: Final = {True: "met", False: "not met", None: "not measured"}
_TOPICS: Final[dict[Group, str]] = {
    "rates": "rates",
    "credit": "credit",
    "dollar_metals": "the dollar and metals",
    "leadership": "market leadership",
    "volatility": "volatility",
    "crypto_tape": "the crypto tape",
    "plumbing": "market plumbing",
    "event_time": "dated events",
    "text": "the news",
    "context": "the wider picture",
}


class Missing(NamedTuple):
    """What is missing, and its place in the run, by which a slot finds it."""

    place: int
    gap: Gap


class Turning(NamedTuple):
    """What would turn the verdict, its place in the run, and the item it is about."""

    place: int
    change: WouldChange
    item: Evidence | None


class Tongue(Protocol):
    """What a point's fields are written with."""

    def listed(self, parts: Sequence[str]) -> str:
        """Several parts as one list."""

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

    def findings(self, found: Sequence[tuple[AssetGroup, str | None]]) -> str:
        """What was found in which group; ``None`` where no cause is named."""

    def share(self, cause: str, slot: str) -> str:
        """That a cause explains a share."""

    def gap(self, missing: Missing) -> str:
        """What is missing."""

    def scenario(self, scenario: Scenario) -> Fields:
        """A scenario's name and its triggers with their present state."""

    def turn(self, turning: Turning) -> tuple[str, Fields]:
        """What would turn the verdict: the kind of phrase and its fields."""

    def change(self, change: Change) -> Fields | None:
        """What changed since the last issue, or ``None`` where it cannot be said."""

    def fill(self, template: str, ledger: Ledger) -> str:
        """Print a template."""


class English:
    """The narrative's own words."""

    def listed(self, parts: Sequence[str]) -> str:
        """'a, b and c'."""
        return listed(parts)

    def names(self, parts: Sequence[str]) -> str:
        """The same."""
        return listed(parts)

    def fact(self, item: Evidence) -> str:
        """Cut the bracket with the distance off the clause."""
        return self.fact_z(item).split(f" ({{{item.id}|z|")[0]

    def fact_z(self, item: Evidence) -> str:
        """The clause with a verb; the narrative's own lists do without one."""
        return clause(item).replace("} at {", "} stood at {", 1)

    def cause(self, cause: str) -> str:
        """With its article."""
        return "no drawdown" if cause == "no_drawdown" else cause_words(cause)

    def where(self, group: AssetGroup) -> str:
        """'equities', 'crypto', 'metals'."""
        return GROUP_WORDS[group]

    def topic(self, group: Group) -> str:
        """'rates', 'the dollar and metals' ..."""
        return _TOPICS[group]

    def channel(self, key: str) -> str:
        """The channel's plain name."""
        return CHANNELS[key]

    def findings(self, found: Sequence[tuple[AssetGroup, str | None]]) -> str:
        """'a rates shock in equities and no single cause in crypto'."""
        return listed([f"{self._found(cause)} in {GROUP_WORDS[group]}" for group, cause in found])

    def _found(self, cause: str | None) -> str:
        if cause == "no_drawdown":
            return "nothing to explain"
        return "no single cause" if cause is None else cause_words(cause)

    def share(self, cause: str, slot: str) -> str:
        """'a rates shock explains 30%'."""
        return f"{cause_words(cause)} explains {slot}"

    def gap(self, missing: Missing) -> str:
        """The engine's words, through a slot."""
        return f"{{q:gap.{missing.place}.what|text}}"

    def scenario(self, scenario: Scenario) -> Fields:
        """Triggers with 'met', 'not met', 'not measured'."""
        told = [
            f"{{q:{scenario.key}.{k}|text}} ({_STATES[trigger.met]})"
            for k, trigger in enumerate(scenario.triggers)
        ]
        return {"name": f"{{q:{scenario.key}.name|text}}", "triggers": listed(told)}

    def turn(self, turning: Turning) -> tuple[str, Fields]:
        """The engine's sentence."""
        return "turn", {"what": f"{{q:change.{turning.place}|text}}"}

    def change(self, change: Change) -> Fields | None:
        """The comparison's own words."""
        return {"what": f"{{q:change:{change.key}|text}}"}

    def fill(self, template: str, ledger: Ledger) -> str:
        """Fill the slots in English."""
        return fill(template, ledger)


@dataclass(frozen=True, slots=True)
class Chinese:
    """The tables of ``phrases/zh.yaml``."""

    book: Mapping[str, Any] = field(default_factory=lambda: book_of("zh"))

    def _word(self, key: str, **parts: str) -> str:
        said: str = self.book["words"][key]
        for name, part in parts.items():
            said = said.replace(f"{{{name}}}", part)
        return said

    def listed(self, parts: Sequence[str]) -> str:
        """Clauses with commas."""
        return self._word("comma").join(parts)

    def names(self, parts: Sequence[str]) -> str:
        """Names with the mark that lists things."""
        return self._word("names").join(parts)

    def fact(self, item: Evidence) -> str:
        """Asset and verb for a move, else the measure's name and its value."""
        if item.asset in _NAMED and item.unit in ("%", "bp"):
            turn = _turn(item)
            if turn:
                return f"{{{item.id}|asset|name}}{{{item.id}|value|{turn}+auto}}"
        return self._word("at", said=self.measure(item.said), value=f"{{{item.id}|value|auto}}")

    def fact_z(self, item: Evidence) -> str:
        """The fact, and its distance behind it where it is an unusual one."""
        if item.z is None or item.unit == "z" or abs(item.z) < 1.0:
            return self.fact(item)
        return self.fact(item) + self._word("deviation", z=f"{{{item.id}|z|z1}}")

    def measure(self, said: str) -> str:
        """A measure's name; one that the table lacks is quoted."""
        return str(self.book["measures"].get(said, f"「{said}」"))

    def cause(self, cause: str) -> str:
        """The cause's name."""
        return cause_zh(cause)

    def where(self, group: AssetGroup) -> str:
        """The group's name."""
        return str(self.book["groups"][group])

    def topic(self, group: Group) -> str:
        """The name of the group of measures."""
        return str(self.book["topics"][group])

    def channel(self, key: str) -> str:
        """The channel's name."""
        return str(self.book["channels"][key])

    def findings(self, found: Sequence[tuple[AssetGroup, str | None]]) -> str:
        """Group and finding, one after the other."""
        told = [self._word("in", where=self.where(g), found=self._found(c)) for g, c in found]
        return self._word("findings").join(told)

    def _found(self, cause: str | None) -> str:
        if cause == "no_drawdown":
            return self._word("nothing")
        return self._word("no_single") if cause is None else self.cause(cause)

    def share(self, cause: str, slot: str) -> str:
        """A cause and its share."""
        return self._word("share", cause=self.cause(cause), share=slot)

    def gap(self, missing: Missing) -> str:
        """What is missing; a name that the table lacks is quoted."""
        what = missing.gap.what
        return str(self.book["gaps"].get(what, f"「{what}」"))

    def scenario(self, scenario: Scenario) -> Fields:
        """Name and triggers with their state."""
        table = self.book["triggers"]
        states = {True: "met", False: "not_met", None: "unknown"}
        told = [
            self._word(
                "state",
                trigger=str(table.get(t.text, f"「{t.text}」")),
                state=self._word(states[t.met]),
            )
            for t in scenario.triggers
        ]
        name = str(table.get(scenario.name, f"「{scenario.name}」"))
        return {"name": name, "triggers": self.listed(told)}

    def turn(self, turning: Turning) -> tuple[str, Fields]:
        """'Without' and 'the other way' are two phrases here."""
        change, item = turning.change, turning.item
        # "In metals, without ...": among several groups the sentence names its own first.
        text = change.text.lower()
        whose = next(
            (g for g, word in GROUP_WORDS.items() if text.startswith(f"in {word}, ")), None
        )
        bare = text if whose is None else text.partition(", ")[2]
        kind = "turn_without" if bare.startswith("without") else "turn_other"
        said = self.measure(item.said) if item else ""
        if item is not None and item.asset in _NAMED and item.metric == "change":
            said = f"{{{item.id}|asset|name}}"
        then = self.cause(change.primary)
        shown = then if whose is None else f"{then}（就{self.where(whose)}而言）"
        return kind, {"what": said, "then": shown}

    def change(self, change: Change) -> Fields | None:
        """Probabilities alone: the other differences are told in the engine's English."""
        if change.kind != "probability":
            return None
        cause = change.key.partition(".")[2]
        was, now = f"{{b:{cause}|pct0}}", f"{{p:{cause}|pct0}}"
        return {"cause": self.cause(cause), "was": was, "now": now}

    def fill(self, template: str, ledger: Ledger) -> str:
        """Fill the slots in Chinese; quotations stay in the language they were written in."""
        parse(template)
        quoted = SLOT.sub(lambda found: _quoted(found, ledger), template)
        return fill_chinese(quoted, ledger)


# Series whose Chinese names the slots print.
_NAMED: Final = frozenset(
    ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV", "GOLD", "SILVER", "IGV", "SMH", "DXY", "UST2Y")
) | frozenset(("UST10Y", "UST30Y", "REAL10Y", "HY_OAS", "IG_OAS", "WTI", "USDJPY"))


def _turn(item: Evidence) -> str:
    if item.metric == "residual":
        return "lagged_led"
    if item.metric != "change":
        return ""
    if item.asset in ("HY_OAS", "IG_OAS"):
        return "narrowed_widened"
    return "fell_rose" if item.unit == "bp" else "lost_gained"


def _quoted(found: re.Match[str], ledger: Ledger) -> str:
    text = ledger.texts.get(found[1]) if found[1].startswith("q:note.") else None
    # Braces of an outside text would be read as slots.
    return found[0] if text is None else text.replace("{", "(").replace("}", ")")


@cache
def tongue_of(language: Language) -> Tongue:
    """The tongue of a language."""
    return Chinese() if language == "zh" else English()
