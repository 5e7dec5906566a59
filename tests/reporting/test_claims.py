from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from causemap.records import Claim, Report
from causemap.reporting.claims import MOST, claims
from causemap.reporting.html import to_html
from causemap.reporting.markdown import to_markdown
from causemap.reporting.terminal import print_report

HOSTILE = "”<img src=x onerror=alert(1)> [click](javascript:alert(1)) | `x`\u202e **b**"


def _with(report: Report, *found: Claim) -> Report:
    return replace(report, claims=found)


def _claim(report: Report, verdict: str = "contradicted", text: str = "Gold held.") -> Claim:
    key = report.evidence[0].id
    given: Claim = replace(report.claims[0], text=text, evidence=(key,), why="it did not hold")
    return replace(given, verdict=verdict)  # type: ignore[arg-type]  # one of the closed set


def test_a_row_holds_quote_source_verdict_and_measure(report: Report) -> None:
    """The quote stands in quotation marks beside the verdict and the measured value."""
    part = claims(_with(report, replace(_claim(report), published="2026-02-03")))
    assert part.table is not None
    ((quote, source, verdict, measured),) = part.table.rows
    assert quote.text == "“Gold held.”"
    assert source.text.endswith("3 Feb 2026")
    assert (verdict.text, verdict.refs) == ("Contradicted by the data: it did not hold", (1,))
    assert report.evidence[0].said in measured.text


def test_contradicted_claims_come_first_and_the_table_is_bounded(report: Report) -> None:
    """Where articles and tape part ways comes first; a long list is cut and says so."""
    many = [_claim(report, "supported", f"Claim {n}.") for n in range(MOST + 5)]
    part = claims(_with(report, *many, _claim(report)))
    assert part.table is not None
    assert len(part.table.rows) == MOST
    assert part.table.rows[0][0].text == "“Gold held.”"
    assert f"{MOST + 6} tested" in part.lines[0].text
    assert f"shows {MOST}" in part.lines[0].text


def test_hostile_words_stay_words(report: Report) -> None:
    """Markup in quoted words shows as text in HTML and Markdown, and cannot end its quote."""
    bad = _with(report, _claim(report, text=HOSTILE))
    page, text = to_html(bad), to_markdown(bad)
    assert "<img" not in page
    assert "javascript:alert(1)]" not in text
    assert "[click](" not in text
    part = claims(bad)
    assert part.table is not None
    quote = part.table.rows[0][0].text
    assert quote.count("”") == 1
    assert "\u202e" not in quote


def test_a_screen_shows_the_first_claims_only(report: Report) -> None:
    """A terminal shows a short table of claims; the files hold them all."""
    console = Console(width=100, record=True, file=io.StringIO())
    print_report(_with(report, *[_claim(report, text=f"Claim {n}.") for n in range(30)]), console)
    assert console.export_text().count("“Claim") == 12
