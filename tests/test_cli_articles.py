"""Articles on the command line: dated or refused, tested, and never part of a frozen case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from causemap.cases.store import load_case
from causemap.cli import main

WINDOW = ("--start", "2026-01-29", "--end", "2026-02-05")


def _run(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return int(ended.value.code or 0)


def test_an_undated_article_is_bad_input(
    tmp_path: Path, shared_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A text without a date ends with code 2 and one line that says what to do."""
    file = tmp_path / "a.txt"
    file.write_text("Gold held firm.", encoding="utf-8")
    code = _run("explain", *WINDOW, "--data-dir", shared_dir / "data", "--articles", file, "-q")
    assert code == 2
    assert "--articles-date" in capsys.readouterr().err


def test_a_frozen_case_takes_no_articles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A case holds its own claims: articles beside it are refused."""
    assert _run("explain", "2026-02-seed", "--articles", tmp_path / "a.txt") == 2
    assert "--articles" in capsys.readouterr().err


def test_claims_reach_the_json(
    tmp_path: Path, shared_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The JSON names each claim's words, source, verdict and evidence; later articles are left."""
    early, late = tmp_path / "early.txt", tmp_path / "late.md"
    early.write_text("Gold held firm.", encoding="utf-8")
    late.write_text("Published: 2026-03-01\nGold fell.", encoding="utf-8")
    code = _run(
        *("explain", *WINDOW, "--data-dir", shared_dir / "data", "--json", "-"),
        *("--articles", f"{early}@2026-02-06", "--articles", late),
    )
    seen = capsys.readouterr()
    assert code == 0
    report = json.loads(seen.out)
    (claim,) = report["claims"]
    assert (claim["text"], claim["source"], claim["verdict"]) == (
        *("Gold held firm.", "early", "contradicted"),
    )
    assert set(claim["evidence"]) <= {item["id"] for item in report["evidence"]}
    assert "late" in seen.err


def test_the_anchor_case_carries_claims_of_a_sample() -> None:
    """The bundled case tests a text of our own, marked as a sample, true and false claims in it."""
    claims = load_case("2026-02-seed").claims
    assert {claim.source for claim in claims} == {"causemap sample text"}
    assert {"supported", "contradicted", "too_late"} <= {claim.verdict for claim in claims}
