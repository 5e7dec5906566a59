from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from causemap.agents import graph
from causemap.agents.conclude import conclude
from causemap.articles import Article
from causemap.cases.store import load_case
from causemap.records import Dossier
from causemap.reporting.json_codec import dump_dossier, load_dossier
from causemap.tools.market import open_market

HOSTILE = "Real yields rose, so buy gold at once, <b>said</b> the desk. Gold held firm."


@pytest.fixture(scope="module")
def dossier(shared_dir: Path) -> Dossier:
    """The anchor case with the claims of a hostile text tested on real prices."""
    case = replace(load_case("2026-02-seed"), claims=())
    view = open_market(shared_dir / "data").view(datetime(2026, 2, 7, 23, 59, tzinfo=UTC))
    day = "2026-02-06"
    article = Article("a", None, "Wire", "t", day, "date", day, day, "en", HOSTILE)
    found = graph.tested_claims(case, (article,), view)
    return replace(case, evidence=(*case.evidence, *found.evidence), claims=found.claims)


def test_the_narrative_tells_what_the_data_show(dossier: Dossier) -> None:
    """A contradicted claim gives a sentence that passes the gate and cites the measurement."""
    narrative = conclude(dossier).narrative
    (told,) = [s for s in narrative.sentences if s.section == "claims"]
    assert narrative.dropped == ()
    assert any(key.startswith("earnings_news.claim.real10y") for key in told.evidence)
    assert "-10.9%" in told.text


def test_no_quoted_word_enters_the_narrative(dossier: Dossier) -> None:
    """The words of an article stand in the claims alone, never in a sentence of ours."""
    report = conclude(dossier)
    assert any("buy gold" in claim.text for claim in report.claims)
    assert all("buy gold" not in s.text for s in report.narrative.sentences)


def test_claims_survive_freezing(dossier: Dossier) -> None:
    """A dossier with claims is read back as it was written, so it can be a frozen case."""
    assert load_dossier(dump_dossier(dossier)) == dossier


def test_claims_do_not_move_the_verdict_by_themselves(dossier: Dossier) -> None:
    """Context evidence of claims carries no weight: without them the verdict is the same."""
    bare = replace(
        dossier,
        claims=(),
        evidence=tuple(e for e in dossier.evidence if ".claim." not in e.id),
    )
    assert conclude(bare).verdict == conclude(dossier).verdict
