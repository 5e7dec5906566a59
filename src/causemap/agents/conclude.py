"""A dossier to a report: a pure function, so a frozen case replays byte for byte."""

from __future__ import annotations

from causemap.agents.allowance import allow
from causemap.agents.synthesiser import write_narrative
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
    return Report(
        scope=dossier.scope,
        verdict=verdict,
        verdicts=verdicts,
        evidence=dossier.evidence,
        gaps=dossier.gaps,
        cause_map=cause_map,
        narrative=verify(draft, dossier.evidence, dossier.scope.as_of, allowed),
        markers=dossier.markers,
        onsets=dossier.onsets,
        paths=dossier.paths,
        decompositions=dossier.decompositions,
        notes=dossier.notes,
        claims=dossier.claims,
        analogues=near,
        scenarios=watch,
        versions=dossier.versions,
    )
