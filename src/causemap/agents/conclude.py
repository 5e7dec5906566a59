"""A dossier to a report: a pure function, so a frozen case replays byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from causemap.agents.allowance import Allowed, allow
from causemap.agents.story import Story
from causemap.agents.synthesiser import write_narrative
from causemap.agents.verifier import verify
from causemap.attribution.analogues import find_analogues
from causemap.attribution.cause_map import build_map
from causemap.attribution.judge import judge, overall
from causemap.attribution.parts import as_judged
from causemap.attribution.scenarios import scenarios
from causemap.closed_sets import AssetGroup
from causemap.records import Dossier, Narrative, Report, Verdict
from causemap.tools.schedules import ahead

Judging = Callable[[Dossier], tuple[tuple[AssetGroup, Verdict], ...]]


def conclude(
    dossier: Dossier, judging: Judging = judge, apart: Sequence[tuple[str, str]] = ()
) -> Report:
    """Judge, map, write and verify; nothing is read from outside the dossier.

    An evaluation may hand in another ``judging``, and in ``apart`` days that no analogue shares.
    """
    report = assess(dossier, judging, apart)
    story, allowed = story_of(dossier, report)
    draft = write_narrative(
        dossier,
        report.verdict,
        report.verdicts,
        report.cause_map,
        report.scenarios,
        report.analogues,
    )
    narrative = verify(draft, dossier.evidence, dossier.scope.as_of, allowed)
    if dossier.model is not None:
        # Sentences of a model, in two languages, are checked by much that no other run needs.
        from causemap.agents.told import merge

        narrative = merge(narrative, dossier.model, story, allowed)
    return replace(report, narrative=narrative)


def assess(
    dossier: Dossier, judging: Judging = judge, apart: Sequence[tuple[str, str]] = ()
) -> Report:
    """The report before its account is written: verdicts, cause map, scenarios, analogues."""
    verdicts = judging(dossier)
    verdict = overall(dossier, verdicts)
    # Where nothing fell, no past fall is like it.
    fell = verdict.primary != "no_drawdown"
    return Report(
        scope=dossier.scope,
        verdict=verdict,
        verdicts=verdicts,
        evidence=dossier.evidence,
        gaps=dossier.gaps,
        cause_map=build_map(dossier, verdicts),
        narrative=Narrative(()),
        markers=dossier.markers,
        onsets=dossier.onsets,
        paths=dossier.paths,
        decompositions=as_judged(dossier.decompositions, verdicts),
        notes=dossier.notes,
        claims=dossier.claims,
        analogues=find_analogues(dossier, apart=apart, verdicts=verdicts) if fell else (),
        scenarios=scenarios(dossier),
        ahead=ahead(dossier.scope.as_of),
        versions=dossier.versions,
        model=dossier.model,
    )


def story_of(dossier: Dossier, report: Report) -> tuple[Story, Allowed]:
    """What sentences about a judged run are written from, and what they may say."""
    held = {item.id: item for item in dossier.evidence}
    verdict, verdicts, drawn = report.verdict, report.verdicts, report.cause_map
    watch, near = report.scenarios, report.analogues
    story = Story(dossier, verdict, verdicts, drawn, watch, near, held)
    return story, allow(dossier, verdict, verdicts, drawn, scenarios=watch, analogues=near)
