"""The narrative, written from the verdict and the cause map only: no model, no free numerals.

Every sentence is a template whose figures, dates, verbs of direction and hedges are slots (see
:mod:`causemap.llm.slots`), so the same dossier always gives the same words. Sections come in a
fixed order: verdict, mechanism, why_not, counter, unexplained, timing, claims, gaps, would_change,
watch, analogues. Evidence that is not there is not written about.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from causemap.agents.claim_sentences import claim_sentences
from causemap.agents.clauses import cause_words, clauses, listed, no_path
from causemap.agents.mechanism import KINDS, mechanism
from causemap.agents.own_move_words import own_move_sentences
from causemap.agents.story import Draft, Story, ledger_of, test_words
from causemap.attribution.parts import at_floor
from causemap.causes import GROUP_WORDS
from causemap.closed_sets import AssetGroup, Cause, GapKind
from causemap.llm.slots import SlotError, cited, fill
from causemap.records import (
    Analogue,
    CauseMap,
    Contribution,
    Dossier,
    Evidence,
    Marker,
    Narrative,
    Node,
    Rejected,
    Residual,
    Scenario,
    Sentence,
    Verdict,
)
from causemap.words import leaders

YIELDS: Final = ("UST2Y", "UST10Y", "REAL10Y")
_GAP_WORDS: Final[dict[GapKind, str]] = {
    "empty": "Nothing came back",
    "stale": "Out of date",
    "failed": "Could not be read",
    "not_covered": "Not covered",
}
_MOST: Final = 3
# A share that prints as 0 % is left to the chart.
_WORTH_SAYING: Final = 0.005
_STEPS: Final = 6
_GAPS: Final = 8


def write_narrative(
    dossier: Dossier,
    verdict: Verdict,
    verdicts: tuple[tuple[AssetGroup, Verdict], ...],
    cause_map: CauseMap,
    scenarios: tuple[Scenario, ...] = (),
    analogues: tuple[Analogue, ...] = (),
) -> Narrative:
    """Write the sentences of a report; one whose slots cannot be filled is listed as dropped."""
    evidence = {item.id: item for item in dossier.evidence}
    story = Story(dossier, verdict, verdicts, cause_map, scenarios, analogues, evidence)
    ledger = ledger_of(story)
    kept: list[Sentence] = []
    dropped: list[str] = []
    for draft in _drafts(story):
        try:
            text = fill(draft.template, ledger)
        except SlotError as error:
            dropped.append(f"{draft.section}: {draft.template} [{error}]")
            continue
        known = (key for key in draft.also if key in evidence)
        ids = tuple(dict.fromkeys([*cited(draft.template), *known]))
        kept.append(Sentence(draft.section, draft.template, text, ids))
    return Narrative(tuple(kept), tuple(dropped))


def _drafts(story: Story) -> Iterator[Draft]:
    yield from _verdict(story)
    if story.falling:
        yield from mechanism(story)
        yield from _why_not(story)
        yield from _counter(story)
        yield from _unexplained(story)
        yield from _timing(story)
    yield from claim_sentences(story)
    yield from _gaps(story)
    yield from _would_change(story)
    yield from _watch(story)
    yield from _analogues(story)


# --- verdict ------------------------------------------------------------------------------------


def _verdict(story: Story) -> Iterator[Draft]:
    yield from _moved(story)
    yield from own_move_sentences(story)
    for group, verdict in story.verdicts:
        yield from _judged(group, verdict)
    if len(story.verdicts) > 1 and story.falling:
        yield from _overall(story)


def _moved(story: Story) -> Iterator[Draft]:
    """The moves in question, one sentence for each window they were measured over.

    Of a session that is still running there is no close yet: each move is told to its last one.
    """
    to = "observed_at" if story.dossier.scope.running else "end"
    windows: dict[tuple[str, str], list[Evidence]] = {}
    for group, _ in story.verdicts:
        for item in story.moved(group):
            windows.setdefault((item.start, getattr(item, to)), []).append(item)
    for (start, end), found in windows.items():
        first, style = found[0].id, "day" if start[:4] == end[:4] else "date"
        when = f"From {{{first}|start|{style}}} to {{{first}|{to}|date}}, "
        yield Draft("verdict", f"{when}{clauses(found, len(found))}.")


def _judged(group: AssetGroup, verdict: Verdict) -> Iterator[Draft]:
    where = GROUP_WORDS[group]
    if verdict.primary == "no_drawdown":
        yield Draft("verdict", f"There is no drawdown to explain in {where}.", verdict.support)
    elif verdict.abstained or verdict.primary == "mixed_unclear":
        reason = f"{{q:{group}.reason|text}}"
        yield Draft(
            "verdict", f"In {where}, no single cause can be named: {reason}.", _rests(verdict)
        )
        yield from _front_runners(verdict, f"{group}.", f"In {where}")
    else:
        said = _likelihood(verdict, f"{group}.")
        yield Draft("verdict", f"In {where}, {said}.", _rests(verdict))


def _rests(verdict: Verdict) -> tuple[str, ...]:
    return (
        verdict.support[:_MOST] or tuple(dict.fromkeys(w.evidence for w in verdict.weighed))[:_MOST]
    )


def _likelihood(verdict: Verdict, prefix: str) -> str:
    primary = verdict.primary
    second = next((cause for cause, _ in leaders(verdict) if cause != primary), None)
    key = f"p:{prefix}{primary}"
    said = f"{cause_words(primary)} is {{{key}|a_band}} explanation at {{{key}|pct0}}"
    if second is None:
        return said
    return f"{said}, ahead of {cause_words(second)} at {{p:{prefix}{second}|pct0}}"


def _front_runners(verdict: Verdict, prefix: str, where: str) -> Iterator[Draft]:
    named = [cause for cause, _ in leaders(verdict)]
    if not named or not _rests(verdict):
        return
    told = listed([f"{cause_words(c)} at {{p:{prefix}{c}|pct0}}" for c in named])
    verb = "front-runners are" if len(named) > 1 else "front-runner is"
    yield Draft("verdict", f"{where} the {verb} {told}.", _rests(verdict))


def _overall(story: Story) -> Iterator[Draft]:
    verdict = story.verdict
    # Of a group without a price in the window nothing is known that could be another cause.
    priced = [(group, found) for group, found in story.verdicts if story.moved(group)]
    if len({found.primary for _, found in priced}) > 1:
        told = listed([f"{_finding(found)} in {GROUP_WORDS[group]}" for group, found in priced])
        yield Draft("verdict", f"The asset groups part ways: {told}.", _rests(verdict))
    if verdict.abstained or verdict.primary == "mixed_unclear":
        yield Draft("verdict", "Overall, no single cause covers the whole fall.", _rests(verdict))
        yield from _front_runners(verdict, "", "Overall")
    elif verdict.primary != "no_drawdown":
        yield Draft("verdict", f"Overall, {_likelihood(verdict, '')}.", _rests(verdict))


def _finding(verdict: Verdict) -> str:
    if verdict.primary == "no_drawdown":
        return "nothing to explain"
    return cause_words(verdict.primary)


# --- alternatives and doubt ---------------------------------------------------------------------


def _why_not(story: Story) -> Iterator[Draft]:
    """Each rejection once, with all the asset groups it was decided for; rates come first."""
    merged: dict[tuple[Cause, tuple[str, ...]], list[AssetGroup]] = {}
    words: dict[Cause, str] = {}
    for group, verdict in story.falling:
        for item in _turned_down(story, verdict):
            merged.setdefault((item.cause, item.evidence), []).append(group)
            if test_words(item):
                words.setdefault(item.cause, f"{{q:{group}.why.{item.cause}|text}}: ")
    for (cause, ids), groups in sorted(merged.items(), key=lambda kv: kv[0][0] != "rates_shock"):
        yield _rejection(story, Rejected(cause, words.get(cause, ""), ids), groups)
    for group, verdict in story.falling:
        first = next(iter(leaders(verdict)), ("", 0.0))[0]
        leads_unnamed = first == "rates_shock" and verdict.primary != "rates_shock"
        turned_down = any(i.cause == "rates_shock" for i in _turned_down(story, verdict))
        if not leads_unnamed and not turned_down:
            yield _about_rates(story, group, verdict)


def _turned_down(story: Story, verdict: Verdict) -> list[Rejected]:
    found = [item for item in verdict.rejected if story.items(item.evidence)]
    found.sort(key=lambda item: item.cause != "rates_shock")
    return found[: _MOST + 1]


def _rejection(story: Story, item: Rejected, groups: list[AssetGroup]) -> Draft:
    where = listed([GROUP_WORDS[group] for group in groups])
    proof = clauses(story.items(item.evidence), _MOST, apart=story.several)
    question = f"Why not {cause_words(item.cause)} in {where}?"
    return Draft(
        "why_not", f"{question} {item.why}{proof}; {_left(groups, item.cause)}.", item.evidence
    )


def _left(groups: list[AssetGroup], cause: Cause) -> str:
    odds = [
        f"in {GROUP_WORDS[g]} as {{p:{g}.{cause}|band}} ({{p:{g}.{cause}|pct0}})" for g in groups
    ]
    return f"{cause_words(cause)} is left {listed(odds)}"


def _about_rates(story: Story, group: AssetGroup, verdict: Verdict) -> Draft:
    where = GROUP_WORDS[group]
    found = {e.asset: e for e in story.dossier.evidence if e.metric == "change"}
    yields = [found[asset] for asset in YIELDS if asset in found]
    if not yields:
        text = (
            f"Why not a rates shock in {where}? No yield could be measured, so it stays untested."
        )
        return Draft("why_not", text)
    proof = clauses(yields, _MOST)
    if verdict.primary == "rates_shock":
        return Draft("why_not", f"A rates shock in {where} meets its own test: {proof}.")
    text = f"Why not a rates shock in {where}? {proof}; {_left([group], 'rates_shock')}."
    return Draft("why_not", text)


def _counter(story: Story) -> Iterator[Draft]:
    against = story.items(story.verdict.counter_evidence)
    if against:
        told = clauses(against, _MOST + 1, apart=story.several)
        yield Draft("counter", f"Speaking against this reading: {told}.")
    for group, cause in story.unreached:
        ids = tuple(item.id for item in story.moved(group))
        yield Draft("counter", no_path(group, cause), ids)
    for group, cause in story.partless:
        said = f"No measured part of the fall in {GROUP_WORDS[group]} goes with"
        yield Draft("counter", f"{said} {cause_words(cause)}.", story.split_of(group))
    if not against and not story.unreached and not story.partless:
        yield Draft("counter", "Counter-evidence: none found.", _rests(story.verdict))


def _unexplained(story: Story) -> Iterator[Draft]:
    for group, verdict in story.falling:
        where, rests = GROUP_WORDS[group], story.split_of(group)
        if not story.moved(group):
            continue
        parts = [
            f"{cause_words(part.cause)} explains {_bounded(f's:{group}.{part.cause}', part)}"
            for part in verdict.contributions
            if abs(part.share) >= _WORTH_SAYING
        ]
        if parts:
            yield Draft("unexplained", f"Of the move in {where}, {listed(parts)}.", rests)
        key, rest = f"s:{group}.residual", verdict.residual
        said = f"at least {{{key}|pct0}}" if at_floor(rest.share) else _bounded(key, rest)
        yield Draft("unexplained", f"The unexplained share in {where} is {said}.", rests)


def _bounded(key: str, part: Contribution | Residual) -> str:
    if part.low == part.high:
        return f"{{{key}|pct0}}"
    return f"{{{key}|pct0}} (range {{{key}.low|pct0}} to {{{key}.high|pct0}})"


# --- clock, gaps, outlook -----------------------------------------------------------------------


def _timing(story: Story) -> Iterator[Draft]:
    told = story.paths | story.standing | story.asked | {*story.acting}
    dated = [(n.onset, n) for n in story.cause_map.nodes if n.onset is not None and n.id in told]
    bars: dict[tuple[str, str], list[Node]] = {}
    for onset, node in sorted(dated, key=lambda d: (d[0].low, d[0].high, KINDS.index(d[1].kind))):
        bars.setdefault((onset.low, onset.high), []).append(node)
    for (low, high), nodes in list(bars.items())[:_STEPS]:
        # A node that no item of the run stands behind is not written about.
        if ids := tuple(key for node in nodes for key in node.evidence):
            yield Draft("timing", _onset(nodes, point=low == high), ids)
    dates = _calendar(story)
    # Some meetings stood on no calendar before they were held.
    lead = "Dated event" if len(dates) <= _STEPS else "Among the first dated events"
    for i, marker in dates[:_STEPS]:
        # What was reported says so itself, by its label.
        head = f"{lead}: " if marker.kind != "note" else ""
        text = f"{head}{{q:marker.{i}|text}}, {{t:marker.{i}|datetime}}."
        yield Draft("timing", text, marker.evidence)
    if not dated and not dates:
        yield Draft("timing", "No first abnormal move could be dated.", _rests(story.verdict))


def _calendar(story: Story) -> list[tuple[int, Marker]]:
    """The dated events of the window; results of companies where stocks are in question."""
    every = list(enumerate(story.dossier.markers))
    stocks = "equity" in story.dossier.scope.groups
    return [pair for pair in every if stocks or pair[1].kind != "earnings"]


def _onset(nodes: list[Node], *, point: bool) -> str:
    """Say when nodes that share an interval began: a shock by its event, the rest by a move."""
    low, high = f"{{t:{nodes[0].id}.low|datetime}}", f"{{t:{nodes[0].id}.high|datetime}}"
    when = f"on {low}" if point else f"between {low} and {high}"
    names = listed([f"{{q:node.{node.id}|text}}" for node in nodes])
    return f"First sign {when}: {names}."


def _gaps(story: Story) -> Iterator[Draft]:
    gaps = story.dossier.gaps
    if not gaps:
        yield Draft("gaps", "Every source that was asked answered.")
    for i, gap in list(enumerate(gaps))[:_GAPS]:
        why = f" ({{q:gap.{i}.why|text}})" if gap.why.strip() else ""
        weaker = listed([cause_words(cause) for cause in gap.weakens])
        tail = f", which weakens any finding on {weaker}" if weaker else ""
        yield Draft("gaps", f"{_GAP_WORDS[gap.kind]}: {{q:gap.{i}.what|text}}{why}{tail}.")
    if len(gaps) > _GAPS:
        yield Draft("gaps", "Further gaps stand in the coverage list.")


def _would_change(story: Story) -> Iterator[Draft]:
    for i, change in enumerate(story.verdict.would_change[:_MOST]):
        yield Draft("would_change", f"{{q:change.{i}|text}}.", change.evidence)


def _watch(story: Story) -> Iterator[Draft]:
    states = {True: "met", False: "not met", None: "not known"}
    for scenario in story.scenarios:
        told = [
            f"{{q:{scenario.key}.{i}|text}} ({states[trigger.met]})"
            for i, trigger in enumerate(scenario.triggers)
        ]
        ids = tuple(key for trigger in scenario.triggers for key in trigger.evidence)
        if told:
            yield Draft(
                "watch", f"{{q:{scenario.key}.name|text}} would show in: {listed(told)}.", ids
            )


def _analogues(story: Story) -> Iterator[Draft]:
    for i, past in enumerate(story.analogues[:_MOST]):
        label = "no drawdown" if past.primary == "no_drawdown" else cause_words(past.primary)
        text = (
            f"A near window in the past is {{q:past.{i}.case|text}}, from "
            f"{{t:past.{i}.start|date}} to {{t:past.{i}.end|date}}, labelled {label}"
        )
        differs = f"; it differs: {{q:past.{i}.differs|text}}" if past.differs.strip() else ""
        yield Draft("analogues", f"{text}{differs}.")
