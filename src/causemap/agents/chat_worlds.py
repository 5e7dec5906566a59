"""Answers that set this run beside another world: what if, and another window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from causemap.agents.chat_compared import names_in
from causemap.agents.chat_phrases import say
from causemap.agents.chat_question import Asked
from causemap.agents.chat_said import Said, bullets, cite, window_of
from causemap.agents.chat_verdicts import cause_word, verdict_of, verdict_words
from causemap.agents.chat_words import GROUP_NAMES
from causemap.agents.names_zh import told_in
from causemap.agents.turns import Language
from causemap.agents.what_if import Change, World, recompute
from causemap.attribution.scoring import key_of
from causemap.causes import CAUSES
from causemap.ranking import unusual_first
from causemap.records import Analogue, Dossier, Evidence, Report, Verdict
from causemap.reporting.diff import compare as differences
from causemap.reporting.markdown import escape
from causemap.words import amount, figure_of, percent, sentence

Other = Callable[[str], Report | None]
_WORDS: Final = {"remove": "removed", "turn": "turned", "force": "turned", "set": "set"}
_SMALL: Final = 0.005
_SHOWN: Final = 4
_BESIDE: Final = 2


def what_if(report: Report, dossier: Dossier, asked: Asked) -> Said:
    """Change the evidence named, judge again, and set the probabilities side by side."""
    language = asked.language
    if not asked.items:
        text, ids = bullets(report, verdict_of(report, asked.groups).support, language)
        return Said((say("which_item", language), text), ids)
    if asked.change is None:
        text, ids = bullets(report, asked.items, language)
        return Said((say("which_change", language), text), ids)
    world = recompute(dossier, asked.items, asked.change)
    if world is None:
        named = ", ".join(
            escape(told_in(i.said, language)) for i in dossier.evidence if i.id in asked.items
        )
        return Said((say("unchangeable", language, items=named),), asked.items)
    parts = [_changed_words(report, world, asked.change, language), *_tables(report, world, asked)]
    if asked.change.kind != "remove":
        parts.append(say("derived", language))
    ids = tuple(item.id for item in world.changed)
    return Said(tuple(parts), ids)  # a chart would show the run as it is, not as it would be


def _changed_words(report: Report, world: World, change: Change, language: Language) -> str:
    shown = [
        f"{_item_words(i, change, language)}{cite(report, (i.id,))}" for i in world.changed[:8]
    ]
    return say(_WORDS[change.kind], language, items=", ".join(shown))


def _item_words(item: Evidence, change: Change, language: Language) -> str:
    said = escape(told_in(item.said, language))
    return said if change.kind == "remove" else f"{said} {figure_of(item)}"


def _tables(report: Report, world: World, asked: Asked) -> list[str]:
    """The overall verdict, and each group whose probabilities move, before and after."""
    language = asked.language
    after = dict(world.verdicts)
    parts = [_turn(report.verdict, world.verdict, language)]
    pairs = [(report.verdict, world.verdict), *((b, after[g]) for g, b in report.verdicts)]
    if not any(_moved(before, then) for before, then in pairs):
        return [*parts, say("unmoved", language)]
    if len(report.verdicts) < 2:
        return [*parts, side_by_side(report.verdict, world.verdict, "columns", language)]
    if _moved(report.verdict, world.verdict):
        overall = side_by_side(report.verdict, world.verdict, "columns", language)
        parts.append(f"**{say('overall', language)}**\n\n{overall}")
    for group, before in report.verdicts:
        if _moved(before, after[group]):
            table = side_by_side(before, after[group], "columns", language)
            turn = _turn(before, after[group], language)
            parts.append(f"**{GROUP_NAMES[group][language]}**: {turn}\n\n{table}")
    return parts


def _moved(before: Verdict, after: Verdict) -> bool:
    now = dict(after.probabilities)
    return any(abs(p - now.get(cause, 0.0)) >= _SMALL for cause, p in before.probabilities)


def _turn(before: Verdict, after: Verdict, language: Language) -> str:
    old, new = cause_word(before.primary, language), cause_word(after.primary, language)
    return say("stays" if before.primary == after.primary else "turns", language, old=old, new=new)


def side_by_side(before: Verdict, after: Verdict, head: str, language: Language) -> str:
    """A Markdown table of two sets of probabilities over the closed set."""
    one, two = dict(before.probabilities), dict(after.probabilities)
    ranked = sorted(CAUSES, key=lambda c: (-max(one.get(c, 0.0), two.get(c, 0.0)), c))
    rows = [
        f"| {cause_word(c, language)} | {percent(one.get(c, 0.0))} | {percent(two.get(c, 0.0))} |"
        for c in ranked
        if max(one.get(c, 0.0), two.get(c, 0.0)) >= _SMALL
    ]
    return "\n".join([f"| {say(head, language)} |", "| --- | ---: | ---: |", *rows])


def compare(report: Report, asked: Asked, other: Other | None) -> Said:
    """Other runs beside this one; failing that the nearest past windows of the run itself."""
    # A window without a date is looked for by what its days are called, anywhere in the question.
    brought = [other(name) for name in asked.others or (asked.text,)] if other is not None else []
    found = [one for one in brought if one is not None]
    if found:
        said = [_beside(report, one, asked.language, asked.items) for one in found[:_BESIDE]]
        ids = tuple(key for one in said for key in one.evidence)
        return Said(tuple(part for one in said for part in one.parts), ids)
    return _nearest(report, asked, asked.others[0] if asked.others else "", other)


def _nearest(report: Report, asked: Asked, which: str, other: Other | None) -> Said:
    """The run's own analogues; a name that is no window's is said to be none."""
    language = asked.language
    named = [near for near in report.analogues if which and which in near.case]
    if which and not named and other is None:
        return Said((say("compare_ask", language),), (), None, f"compare:{which}")
    shown = named or list(report.analogues)
    unknown = which if which and not named else ", ".join(names_in(asked.text))
    head = say("compare_none", language, which=unknown) if unknown else say("near", language)
    if not shown:
        return Said((head if unknown else say("no_near", language),))
    lines = [_near_words(near, language) for near in shown]
    action = f"compare:{shown[0].case}" if named else None
    return Said((head, "\n".join(lines)), (), None, action)


def _near_words(near: Analogue, language: Language) -> str:
    cause = cause_word(near.primary, language)
    differs = escape(sentence(near.differs))
    return f"- {escape(near.case)} ({near.start} – {near.end}): {cause}. {differs}"


def _both(report: Report, other: Report, items: Sequence[str]) -> list[tuple[Evidence, Evidence]]:
    """What the question names and both runs measured."""
    theirs = {key_of(item): item for item in other.evidence}
    named = [item for key in items if (item := report.find(key)) is not None]
    return [(item, theirs[key_of(item)]) for item in named if key_of(item) in theirs][:_SHOWN]


def _beside(report: Report, other: Report, language: Language, items: Sequence[str] = ()) -> Said:
    here, there = escape(window_of(report, language)), escape(window_of(other, language))
    parts = [
        say("compare_head", language, here=here, there=there),
        (
            f"- {here}: {verdict_words(report.verdict, language)}\n"
            f"- {there}: {verdict_words(other.verdict, language)}"
        ),
        side_by_side(report.verdict, other.verdict, "compare_columns", language),
    ]
    own = _both(report, other, items)
    if own:
        rows = [_pair_words(report, one, two, language) for one, two in own]
        parts.append(f"{say('asked_beside', language)}\n\n" + "\n".join(rows))
    moved = _moves_beside(report, other, language)
    if moved:
        parts.append(f"{say('moves_beside', language)}\n\n" + "\n".join(moved))
    pairs = _largest(report, other)
    if pairs:
        rows = [_pair_words(report, one, two, language) for one, two in pairs]
        parts.append(f"{say('differs', language)}\n\n" + "\n".join(rows))
    if (report.scope.start, report.scope.end) == (other.scope.start, other.scope.end):
        changes = differences(other, report)[:_SHOWN]
        parts += [f"- {escape(sentence(change.text))}" for change in changes]
    return Said(tuple(parts), tuple(one.id for one, _ in (*own, *pairs)))


def _moves_beside(report: Report, other: Report, language: Language) -> list[str]:
    """The moves of the assets asked about, in both windows."""
    theirs = {i.asset: i for i in other.evidence if i.metric == "change" and i.unit == "%"}
    return [
        f"- {escape(told_in(item.said, language))}: {figure_of(item)} | "
        f"{figure_of(theirs[item.asset])}{cite(report, (item.id,))}"
        for item in report.evidence
        if item.metric == "change" and item.asset in report.scope.assets and item.asset in theirs
    ]


def _largest(report: Report, other: Report) -> list[tuple[Evidence, Evidence]]:
    """Items both runs measured whose deviations lie furthest apart."""
    theirs = {key_of(item): item for item in other.evidence}
    both = [
        (item, theirs[key_of(item)])
        for item in report.evidence
        if item.z is not None and key_of(item) in theirs and theirs[key_of(item)].z is not None
    ]
    both.sort(key=lambda pair: (unusual_first(_apart(*pair)), pair[0].id))
    return both[:_SHOWN]


def _apart(one: Evidence, two: Evidence) -> float | None:
    return None if one.z is None or two.z is None else one.z - two.z


def _pair_words(report: Report, one: Evidence, two: Evidence, language: Language) -> str:
    here, there = (
        figure_of(i) if i.z is None else f"{figure_of(i)} ({amount(i.z, 'z')})" for i in (one, two)
    )
    return f"- {escape(told_in(one.said, language))}: {here} | {there}{cite(report, (one.id,))}"
