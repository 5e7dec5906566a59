"""Bundled cases concluded once, and issues on them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache

import pytest

from causemap.agents.conclude import conclude
from causemap.briefing.compose import Order, brief
from causemap.briefing.ground import ground_of
from causemap.briefing.points import points
from causemap.briefing.tree import Issue, Language
from causemap.briefing.voice import VOICES, voice_of
from causemap.cases.store import load_case
from causemap.llm.slots import SlotError
from causemap.records import Dossier, Report

# Every cause that the bundled cases name, an abstention, and windows with little data.
CASES = (
    "2026-02-seed",
    "2025-01-tech",
    "2022-06-all",
    "2021-05-crypto",
    "2018-12-stocks",
    "2008-09-autumn",
)


ReportOf = Callable[[str], Report]
IssueOf = Callable[..., Issue]


@cache
def _report(case: str) -> Report:
    """The report of a bundled case."""
    return conclude(load_case(case))


@cache
def _issue(case: str, words: int = 350, voice: str = "wire", language: Language = "en") -> Issue:
    """An issue without charts on a bundled case."""
    return brief(_report(case), Order(words=words, voice=voice, language=language, charts=False))


@cache
def _everything(case: str, language: Language) -> list[tuple[str, str]]:
    """Every sentence that could be told of a bundled case, in both voices, with its claim."""
    report = _report(case)
    ground = ground_of(report, (), "2026-02-09", language)
    every = points(report, ground.story, (), "2026-02-09", ground.tongue)
    found = []
    for voice in (voice_of(name, language) for name in VOICES):
        for point in every:
            for template in voice.forms(point, ground.as_of):
                with suppress(SlotError):
                    found.append((point.id, ground.tongue.fill(template, ground.ledger)))
    return found


@pytest.fixture(scope="session")
def everything_of() -> Callable[[str, Language], list[tuple[str, str]]]:
    """All sentences that could be told of a case in a language, with their claims."""
    return _everything


@pytest.fixture(scope="session")
def seed() -> Report:
    """The report of the anchor case."""
    return _report("2026-02-seed")


@pytest.fixture(scope="session")
def dossier() -> Dossier:
    """The dossier of a small case."""
    return load_case("2025-01-tech")


@pytest.fixture(scope="session")
def pictured() -> Issue:
    """An issue with its charts."""
    return brief(_report("2025-01-tech"), Order())


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    """Each of the cases above."""
    named: str = request.param
    return named


@pytest.fixture(scope="session")
def report_of() -> ReportOf:
    """The report of a bundled case, by its id."""
    return _report


@pytest.fixture(scope="session")
def issue_of() -> IssueOf:
    """An issue without charts on a bundled case: id, words, voice, language."""
    return _issue


def edited(issue: Issue, claim: str, text: str) -> Issue:
    """The issue with one sentence in other words, as a stranger might have put them."""
    parts = tuple(
        replace(p, said=tuple(replace(s, text=text) if s.claim == claim else s for s in p.said))
        for p in issue.parts
    )
    return replace(issue, parts=parts, review="")
