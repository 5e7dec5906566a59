"""What cannot be done is one line: what, why and what to do, with code 2 and nothing before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from causemap.cli import main

MISUSES = [
    (["explain", "2026-02-seed", "--llm", "maybe"], "'maybe' is not one of 'off', 'auto'"),
    (["brief", "2026-02-seed", "--format", "docx"], "'docx' is not one of"),
    (["ui", "--port", "0"], "--port"),
    (["serve", "--port", "70000"], "--port"),
    (["explain", "2026-02-seed", "--bogus"], "--bogus"),
    (["cases", "show"], "ID"),
    (["nosuchcommand"], "nosuchcommand"),
    (["explain", "nosuchcase"], "There is no case 'nosuchcase'"),
    (["explain", "2026-02-sed"], "The nearest are 2026-02-seed"),
    (["explain", "2026_02_seed"], "The nearest are 2026-02-seed"),
    (["explain", "should", "I", "sell", "my", "bitcoin", "now?"], "I do not say what to buy"),
]


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Standard error of a run that must end with code 2 and print nothing else."""
    with pytest.raises(SystemExit) as ended:
        main(words)
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    return told.err


@pytest.mark.parametrize(("words", "part"), MISUSES, ids=lambda held: str(held)[:40])
def test_a_misuse_is_one_line(
    words: list[str],
    part: str,
    shared_dir: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No block of usage, no words of a library; the line names what was wrong."""
    monkeypatch.setenv("CAUSEMAP_DATA_DIR", str(shared_dir / "data"))
    err = said(words, capsys)
    assert err.startswith("causemap: ")
    assert err.count("\n") == 1
    assert part in err
    assert "Value error" not in err


@pytest.mark.parametrize(
    "window",
    [
        ("--start", "2026-02-01", "--end", "2099-01-01"),
        ("--start", "abc", "--end", "2026-01-01"),
        ("--start", "2026-02-05", "--end", "2026-02-01"),
    ],
)
def test_a_bad_window_is_one_line_without_the_age_of_the_data(
    window: tuple[str, ...], shared_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """How fresh the data are has no bearing on dates that cannot be."""
    err = said(["explain", *window, "--data-dir", str(shared_dir / "data")], capsys)
    assert err.count("\n") == 1
    assert "fresh" not in err


def test_a_group_of_commands_given_nothing_shows_its_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """There is nothing wrong to name, so the help itself is shown."""
    assert "Usage: causemap cases" in said(["cases"], capsys)
