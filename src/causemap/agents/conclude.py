"""A dossier to a report: a pure function, so a frozen case replays byte for byte."""

from __future__ import annotations

from causemap.agents.allowance import Allowed, allow
from causemap.agents.story import Story
from causemap.agents.synthesiser import write_narrative
from causemap.agents.told import merge
from causemap.agents.verifier import verify
from causemap.attribution.analogues import find_analogues
from causemap.attribution.cause_map import build_map
from causemap.attribution.judge import judge, overall
from causemap.attribution.scenarios import scenarios
from causemap.records import Dossier, Report


def conclude(dossier: Dossier) -> Report:
    """Judge, map, write and verify; nothing is read from outside the dossier."""
    verdicts = judge(dossier)
    verdict = overall(dossier, verdicts)
    cause_map = build_map(dossier, verdicts)
    watch = scenarios(dossier)
    near = find_analogues(dossier)
    draft = write_narrative(dossier, verdict, verdicts, cause_map, watch, near)
    allowed = allow(dossier, verdict, verdicts, cause_map, scenarios=watch, analogues=near)
    narrative = verify(draft, dossier.evidence, dossier.scope.as_of, allowed)
    if dossier.model is not None:
        held = {item.id: item for item in dossier.evidence}
        story = Story(dossier, verdict, verdicts, cause_map, watch, near, held)
        narrative = merge(narrative, dossier.model, story, allowed)
    return Report(
        scope=dossier.scope,
        verdict=verdict,
        verdicts=verdicts,
        evidence=dossier.evidence,
        gaps=dossier.gaps,
        cause_map=cause_map,
        narrative=narrative,
        markers=dossier.markers,
        onsets=dossier.onsets,
        paths=dossier.paths,
        decompositions=dossier.decompositions,
        notes=dossier.notes,
        claims=dossier.claims,
        analogues=near,
        scenarios=watch,
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
