"""English: the narrative's clauses, shares in phrases of their own, engine words in slots."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from causemap.agents.clauses import cause_words, clause, deviation, listed
from causemap.briefing.lacks import plain_lack
from causemap.briefing.phrased import phrase_of, share_form, thing_of, with_slots
from causemap.briefing.tongue import Fields, Missing, Turning, Undecided, by_name, turning_kind
from causemap.briefing.voice import book_of
from causemap.causes import GROUP_WORDS
from causemap.closed_sets import AssetGroup, Group
from causemap.llm.slots import ASSET_NAMES, Ledger, fill, say_number
from causemap.records import Evidence, Gap, Scenario
from causemap.reporting.diff import Change

_STATES: Final = {True: "met", False: "not met", None: "not measured"}
_SHARE_FIRST: Final = re.compile(r"(?:only )?\{[^{}]+\|value\|pct0\} ")
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


def _turned(item: Evidence, *, turned: bool) -> str:
    """What would turn a verdict: a series, a move beyond beta, a share by what it is of."""
    if by_name(item):
        return f"{{{item.id}|asset|name}}"
    if item.metric == "residual" and item.asset in ASSET_NAMES:
        name = f"{{{item.id}|asset|name}}"
        return f"{name}, beyond its beta," if turned else f"the move of {name} beyond its beta"
    return thing_of(item) or f"{{{item.id}|said|text}}"


def _range(item: Evidence) -> str:
    """The bounds of a share; those that print as the share itself tell nothing."""
    if item.low is None or item.high is None:
        return ""
    form = share_form(item)
    printed = {say_number(value, item.unit, form) for value in (item.value, item.low, item.high)}
    if len(printed) == 1:
        return ""
    return f" (range {{{item.id}|low|{form}}} to {{{item.id}|high|{form}}})"


class English:
    """The narrative's own words."""

    def listed(self, parts: Sequence[str]) -> str:
        """'a, b and c'; a share with its figure in front stands apart from what was told before."""
        if len(parts) > 1 and any(_SHARE_FIRST.match(part) for part in parts):
            return "; ".join(parts)
        return listed(parts)

    def some(self, parts: Sequence[str], most: int) -> str:
        """'a, b, c and others'."""
        return listed([*parts[:most], *(("others",) if len(parts) > most else ())])

    def names(self, parts: Sequence[str]) -> str:
        """The same."""
        return listed(parts)

    def fact(self, item: Evidence) -> str:
        """A share in its phrase; else the clause, the bracket with the distance cut off."""
        phrase = phrase_of(item, "en")
        if phrase is not None:
            return with_slots(item, phrase)
        return self.fact_z(item).split(f" ({{{item.id}|z|")[0]

    def fact_z(self, item: Evidence) -> str:
        """The narrative's clause, or the phrase with its bounds or its distance."""
        phrase = phrase_of(item, "en")
        if phrase is None:
            return clause(item)
        return with_slots(item, phrase) + (_range(item) or deviation(item))

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
        """The channel inside a sentence, with its article."""
        told: str = book_of("en")["channels"][key]
        return told

    def agreed(self, cause: str, groups: Sequence[AssetGroup]) -> str:
        """'in equities, a rates shock is a likely explanation at 64%, and in metals ...'."""
        first, *others = groups
        key = f"p:{first}.{cause}"
        told = (
            f"in {GROUP_WORDS[first]}, {cause_words(cause)} is {{{key}|a_band}} explanation "
            f"at {{{key}|pct0}}"
        )
        keys = [(GROUP_WORDS[group], f"p:{group}.{cause}") for group in others]
        more = [f"in {where} {{{key}|a_band}} one at {{{key}|pct0}}" for where, key in keys]
        return f"{told}, and {listed(more)}"

    def undecided(self, found: Sequence[Undecided], *, reasons: bool) -> str:
        """'no single cause can be named in crypto, where a cascade leads at 37%, and in ...'."""
        told = [self._undecided(one) for one in found]
        whys = [one.reason for one in found]
        slots = [f"{{q:{one.group}.short|text}}" if one.reason else "" for one in found]
        each = ""
        if reasons and len(set(whys)) == 1 and whys[0]:
            lead = "each" if whys[0].startswith(("below", "just below")) else "in each,"
            each = f" ({lead} {slots[0]})"
        elif reasons:
            told = [f"{one} ({why})" if why else one for one, why in zip(told, slots, strict=True)]
        return f"no single cause can be named {self._clauses(told)}{each}"

    def _clauses(self, parts: Sequence[str]) -> str:
        """Clauses with commas of their own, the last with an 'and'."""
        *most, last = parts
        return f"{'; '.join(most)}{';' if len(most) > 1 else ','} and {last}" if most else last

    def _undecided(self, one: Undecided) -> str:
        said = f"in {GROUP_WORDS[one.group]}"
        if one.nearest is None:
            return said
        odds = f"{{p:{one.group}.{one.nearest}|pct0}}"
        return f"{said}, where {cause_words(one.nearest)} comes nearest at {odds}"

    def because(self, _reason: str, slot: str) -> str:
        """The engine's words, through a slot."""
        return slot

    def share(self, cause: str, slot: str) -> str:
        """'a rates shock explains 30%'."""
        return f"{cause_words(cause)} explains {slot}"

    def rest(self, slot: str, *, least: bool) -> str:
        """'at least 10%' where the measure goes no lower."""
        return f"at least {slot}" if least else slot

    def only(self, fact: str) -> str:
        """'only 8% of the independent news ...'."""
        return f"only {fact}"

    def too_little(self, facts: str) -> str:
        """'..., too little for it'."""
        return f"{facts}, too little for it"

    def findings(self, parts: Sequence[str]) -> str:
        """With semicolons."""
        return "; ".join(parts)

    def test(self, _words: str, slot: str) -> str:
        """The engine's words, through a slot."""
        return f"{slot}: "

    def aside(self, *, other: bool) -> str:
        """A clause of its own."""
        return "; the largest measured share is not that of the cause named" if other else ""

    def event(self, _label: str, slot: str) -> str:
        """The calendar's name, through a slot."""
        return slot

    def dated(self, what: str, when: str) -> str:
        """'payrolls report (11 February 2026)'."""
        return f"{what} ({when})"

    def gap(self, missing: Missing) -> str:
        """The engine's words, through a slot."""
        return f"{{q:gap.{missing.place}.what|text}}"

    def lack(self, missing: Missing) -> str:
        """The same."""
        return f"{{q:gap.{missing.place}.why|text}}"

    def reason(self, gap: Gap) -> str:
        """The engine's words."""
        return plain_lack(gap)

    def past(self, place: int, cause: str, *, full: bool) -> str:
        """'“519”, from 12 May 2021 to 19 May 2021', what it was labelled and how it differs."""
        key = f"past.{place}"
        days = f"from {{t:{key}.start|date}} to {{t:{key}.end|date}}"
        said = f"\u201c{{q:{key}.case|text}}\u201d, {days}"
        more = f", labelled {cause_words(cause)}, and it differs: {{q:{key}.differs|text}}"
        return said + (more if full else "")

    def scenario(self, scenario: Scenario) -> Fields:
        """Triggers with 'met', 'not met', 'not measured'."""
        told = [
            f"{{q:{scenario.key}.{k}|text}} ({_STATES[trigger.met]})"
            for k, trigger in enumerate(scenario.triggers)
        ]
        name = f"{{q:{scenario.key}.name|text}}"
        return {"name": name, "triggers": "; ".join(told)}

    def turn(self, turning: Turning) -> tuple[str, Fields]:
        """'Without' and 'the other way' are two phrases; a share is named by what it is of."""
        item, then = turning.item, turning.change.primary
        verdict = (
            "no single cause would be named"
            if then == "mixed_unclear"
            else f"the verdict would be {cause_words(then)}"
        )
        kind = turning_kind(turning.change)
        what = _turned(item, turned=kind == "turn_other")
        return kind, {"what": what, "where": GROUP_WORDS[turning.group], "then": verdict}

    def change(self, change: Change) -> Fields | None:
        """The comparison's own words."""
        return {"what": f"{{q:change:{change.key}|text}}"}

    def fill(self, template: str, ledger: Ledger) -> str:
        """Fill the slots in English."""
        return fill(template, ledger)
