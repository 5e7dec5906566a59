"""The bundled cases as they ship: every sentence stands, and the data give the dossier again."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from causemap.agents.clauses import no_path
from causemap.agents.conclude import conclude
from causemap.attribution.reach import reached, targets
from causemap.cases.store import list_cases, load_case
from causemap.reporting.content import against
from causemap.reporting.json_codec import dump_dossier

CASES = [entry.id for entry in list_cases()]


@pytest.mark.parametrize("case", CASES)
def test_no_bundled_case_drops_a_sentence(case: str) -> None:
    """The verification gate keeps every sentence of a case, so nothing goes unsaid by accident."""
    assert conclude(load_case(case)).narrative.dropped == ()


@pytest.mark.parametrize("case", CASES)
def test_a_named_cause_reaches_an_asset_or_the_report_says_that_it_does_not(case: str) -> None:
    """What a verdict names leads to an asset asked about; if no measured link does, it is said."""
    report = conclude(load_case(case))
    said = [s.text for s in report.narrative.sentences if s.section == "counter"]
    for group, verdict in report.verdicts:
        if verdict.primary in ("mixed_unclear", "no_drawdown"):
            continue
        links = report.cause_map.edges
        ours = set(targets(group, report.scope.assets))
        assert ours & reached(verdict.primary, links)
        bare = not ours & reached(verdict.primary, [e for e in links if e.supported])
        words = no_path(group, verdict.primary)
        assert (words in said) == bare
        assert not bare or against(report).lines


@pytest.mark.parametrize("case", CASES)
def test_no_bundled_case_was_frozen_with_a_failed_desk(case: str) -> None:
    """A desk that did not finish leaves a gap; a case that ships has none of them."""
    assert [g.what for g in load_case(case).gaps if "did not finish" in g.why] == []


def test_the_script_freezes_the_cases_that_ship(checkout: Path) -> None:
    """The list of windows and the folder of cases name the same cases."""
    script = runpy.run_path(str(checkout / "scripts" / "freeze_cases.py"))
    assert sorted(case[0] for case in script["CASES"]) == sorted(CASES)


@pytest.mark.parametrize("case", ["2021-12-crypto", "2025-01-tech", "2026-02-seed"])
def test_a_bundled_case_comes_out_of_the_data_byte_for_byte(
    case: str, checkout: Path, shared_dir: Path
) -> None:
    """Measuring a case's window again gives the stored dossier, every byte of it."""
    script = runpy.run_path(str(checkout / "scripts" / "freeze_cases.py"))
    notes = shared_dir / "events" / "notes.jsonl"
    again = script["frozen"](case, shared_dir / "data", notes)
    assert dump_dossier(again) == dump_dossier(load_case(case))
