"""Chinese: names and phrases from the tables of ``phrases/zh.yaml``, figures as slots."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from causemap.agents.chat_words import cause_zh
from causemap.agents.clauses import turn_of
from causemap.agents.names_zh import gap_zh, named_zh
from causemap.agents.told_zh import fill_chinese
from causemap.briefing.phrased import phrase_of, with_slots
from causemap.briefing.tongue import (
    NAMED,
    Fields,
    Missing,
    Turning,
    Undecided,
    by_name,
    turning_kind,
)
from causemap.briefing.voice import book_of
from causemap.closed_sets import AssetGroup, Group
from causemap.llm.slots import SLOT, Ledger, parse
from causemap.records import Evidence, Gap, Scenario
from causemap.reporting.diff import Change

# The end of a name that says what its verb says again: beta, to whatever, is taken out.
_BEYOND: Final = re.compile("扣除(?:对[^，。]*)?贝塔后的变动$")


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

    def some(self, parts: Sequence[str], most: int) -> str:
        """Names, and the word for others behind them."""
        said = self.names(parts[:most])
        return self._word("others", said=said) if len(parts) > most else said

    def names(self, parts: Sequence[str]) -> str:
        """Names with the mark that lists things."""
        return self._word("names").join(parts)

    def fact(self, item: Evidence) -> str:
        """A share in its phrase, a move with its verb, else the measure's name and its value."""
        phrase = phrase_of(item, "zh")
        if phrase is not None:
            return with_slots(item, phrase)
        if turn := turn_of(item):
            named = item.asset in NAMED and item.metric in ("change", "residual")
            said = f"{{{item.id}|asset|name}}" if named else self.measure(item.said)
            # The verb of a residual says by itself that beta is taken out.
            said = _BEYOND.sub("", said) if turn == "lagged_led" else said
            return f"{said}{{{item.id}|value|{turn}+auto}}"
        return self._word("at", said=self.measure(item.said), value=f"{{{item.id}|value|auto}}")

    def fact_z(self, item: Evidence) -> str:
        """The fact, and its distance behind it where it is an unusual one."""
        if item.z is None or item.unit == "z" or abs(item.z) < 1.0:
            return self.fact(item)
        return self.fact(item) + self._word("deviation", z=f"{{{item.id}|z|z1}}")

    def measure(self, said: str) -> str:
        """A measure's name, from the table or a pattern; what both lack is quoted."""
        return named_zh(said)

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

    def agreed(self, cause: str, groups: Sequence[AssetGroup]) -> str:
        """Groups and probabilities, one after the other."""
        told = [
            self._word(
                "agreed",
                where=self.where(group),
                band=f"{{p:{group}.{cause}|a_band}}",
                p=f"{{p:{group}.{cause}|pct0}}",
            )
            for group in groups
        ]
        return self._word("agree", cause=self.cause(cause), told=self._word("comma").join(told))

    def undecided(self, found: Sequence[Undecided], *, reasons: bool) -> str:
        """Group after group, with the nearest cause and the reason behind it."""
        whys = [self.because(one.reason, "") if reasons and one.reason else "" for one in found]
        same = len(set(whys)) == 1
        told = [
            self._nearest(one) + (self._word("why", why=why) if why and not same else "")
            for one, why in zip(found, whys, strict=True)
        ]
        return self._word(
            "undecided",
            groups=self.names([self.where(one.group) for one in found]),
            told=self._word("comma").join(told),
            why=self._word("each", why=whys[0]) if same and whys[0] else "",
        )

    def _nearest(self, one: Undecided) -> str:
        where = self.where(one.group)
        if one.nearest is None:
            return self._word("bare", where=where)
        odds = f"{{p:{one.group}.{one.nearest}|pct0}}"
        return self._word("nearest", where=where, cause=self.cause(one.nearest), p=odds)

    def because(self, reason: str, _slot: str) -> str:
        """The reason from its pattern; figures stand in it as the engine wrote them."""
        return self.measure(reason.strip().rstrip("."))

    def share(self, cause: str, slot: str) -> str:
        """A cause and its share."""
        return self._word("share", cause=self.cause(cause), share=slot)

    def rest(self, slot: str, *, least: bool) -> str:
        """'at least' where the measure goes no lower."""
        return self._word("least" if least else "rest", share=slot)

    def only(self, fact: str) -> str:
        """Before the share, wherever it stands."""
        return (
            fact.replace("中有{", "中只有{", 1)
            if "中有{" in fact
            else self._word("only", fact=fact)
        )

    def too_little(self, facts: str) -> str:
        """Behind the facts."""
        return self._word("too_little", facts=facts)

    def findings(self, parts: Sequence[str]) -> str:
        """With semicolons."""
        return self._word("findings").join(parts)

    def test(self, words: str, _slot: str) -> str:
        """The test from its pattern."""
        return self._word("test", test=self.measure(words))

    def aside(self, *, other: bool) -> str:
        """A clause of its own."""
        return self._word("aside") if other else ""

    def event(self, label: str, _slot: str) -> str:
        """The date's name."""
        return self.measure(label)

    def dated(self, what: str, when: str) -> str:
        """Name and day."""
        return self._word("dated", what=what, when=when)

    def gap(self, missing: Missing) -> str:
        """What is missing; a name that the table lacks is quoted."""
        return gap_zh(missing.gap.what)

    def lack(self, missing: Missing) -> str:
        """The kind of gap: the engine's own words on it are English."""
        return self.reason(missing.gap)

    def reason(self, gap: Gap) -> str:
        """The same."""
        return self._word(gap.kind)

    def past(self, place: int, cause: str, *, full: bool) -> str:
        """Its days, and what it was labelled; its name and how it differs are English."""
        key = f"past.{place}"
        said = self._word("past", start=f"{{t:{key}.start|date}}", end=f"{{t:{key}.end|date}}")
        return self._word("labelled", said=said, cause=self.cause(cause)) if full else said

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
        return {"name": name, "triggers": self._word("findings").join(told)}

    def turn(self, turning: Turning) -> tuple[str, Fields]:
        """'Without' and 'the other way' are two phrases here."""
        item, then = turning.item, turning.change.primary
        fields = {
            "what": f"{{{item.id}|asset|name}}" if by_name(item) else self.measure(item.said),
            "where": self.where(turning.group),
            "then": self._word("no_single")
            if then == "mixed_unclear"
            else self._word("verdict", cause=self.cause(then)),
        }
        return turning_kind(turning.change), fields

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


def _quoted(found: re.Match[str], ledger: Ledger) -> str:
    text = ledger.texts.get(found[1]) if found[1].startswith("q:note.") else None
    # Braces of an outside text would be read as slots.
    return found[0] if text is None else text.replace("{", "(").replace("}", ")")
