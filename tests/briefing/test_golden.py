"""Golden issues: six bundled cases as plain text, read by a person, kept word for word."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from causemap.briefing.mail import to_text
from causemap.briefing.tree import Issue

GOLDEN = Path(__file__).parent / "golden"
ISSUES = (
    ("2026-02-seed", 350, "wire", "en"),
    ("2025-01-tech", 120, "wire", "en"),
    ("2022-06-all", 350, "plain", "en"),
    ("2021-05-crypto", 120, "plain", "en"),
    ("2018-12-stocks", 350, "wire", "en"),
    ("2008-09-autumn", 120, "wire", "en"),
    ("2026-02-seed", 350, "plain", "zh"),
)


@pytest.mark.parametrize(("case", "words", "voice", "language"), ISSUES)
def test_an_issue_reads_as_it_was_signed(
    case: str, words: int, voice: str, language: str, issue_of: Callable[..., Issue]
) -> None:
    """A changed word in a golden issue is read again before it is kept.

    Delete a file and run the test to write it anew; then read it.
    """
    path = GOLDEN / f"{case}-{words}-{voice}-{language}.txt"
    text = to_text(issue_of(case, words, voice, language))
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path.name} was written anew: read it, then keep it")
    assert text == path.read_text(encoding="utf-8")
