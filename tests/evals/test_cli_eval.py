from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from causemap.cli import main
from causemap.cli.commands import app
from causemap.errors import IncompleteError, UsageError
from causemap.evals import compare, provenance, scorecard
from causemap.evals.summary import CLOSES, OPENS

Write = Callable[..., Path]
Eval = Callable[..., Result]


@pytest.fixture
def evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Eval:
    """Runs ``causemap eval ARGUMENTS`` with runs kept in the test's own folder."""
    monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path / "kept"))
    # The width of an interval is tested elsewhere: few resamples do here.
    monkeypatch.setattr(scorecard.score, "__defaults__", (0, 8))
    monkeypatch.setattr(compare.compare, "__defaults__", (0, 8))

    def call(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, ["eval", *map(str, arguments)], catch_exceptions=True)

    return call


def _begin(evaluate: Eval, events: Path, data: Path, *more: str, code: int = 0) -> Result:
    fixed = ("--events", events, "--data-dir", data, "--workers", "0", "-q")
    done = evaluate("run", *fixed, *more)
    assert done.exit_code == code, done.output
    return done


def test_run_then_list_show_score_compare_gate_and_export(
    evaluate: Eval, write_events: Write, small_data: Path, tmp_path: Path
) -> None:
    """The way of one evaluation through all its commands."""
    events, out = write_events(), tmp_path / "out.json"
    _begin(evaluate, events, small_data, "--system", "template", "--json", str(out))
    plain = json.loads(out.read_text())
    assert plain["n"] == len(plain["events"]) == 6
    assert set(plain["metrics"]["top1"]) == {"value", "low", "high", "n"}
    _begin(evaluate, events, small_data, "--system", "majority")
    assert "template-events" in evaluate("list").output
    assert len(json.loads(evaluate("list", "--json").output)) == 2
    assert "window-0" in evaluate("show", "template").output
    scored = evaluate("score", "template", "--json", "-")
    again, first = json.loads(scored.output), plain
    assert again == first
    drawn = json.loads(evaluate("score", "template", "--seed", "1", "--json", "-").output)
    assert drawn["metrics"]["top2"] != first["metrics"]["top2"]
    assert drawn["metrics"]["top2"]["value"] == first["metrics"]["top2"]["value"]
    assert "first minus second" in evaluate("compare", "template", "majority").output
    assert evaluate("gate", "template").exit_code == 0
    assert evaluate("gate", "template", "--bound", "brier<=0.0").exit_code == 1
    assert evaluate("gate", "template", "--against", "majority", "--margin", "1").exit_code == 0
    page = tmp_path / "page.html"
    assert evaluate("export", "template", "--html", page).exit_code == 0
    assert page.read_text().startswith("<!doctype html>")
    assert "temperature" in evaluate("calibrate", "majority").output


def _says_junk(folder: Path) -> Path:
    script = folder / "system.sh"
    script.write_text("#!/bin/sh\necho junk\n")
    script.chmod(0o755)
    return script


def test_windows_without_an_answer_end_every_run_with_code_3(
    write_events: Write,
    small_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The scores are delivered all the same, and the line says which windows and what to do."""
    monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path / "kept"))
    monkeypatch.setattr(scorecard.score, "__defaults__", (0, 8))
    system, out = f"cmd:{_says_junk(tmp_path)}", tmp_path / "out.json"
    fixed = ["--data-dir", str(small_data), "--workers", "0", "-q", "--system", system]
    ask = ["eval", "run", "--events", str(write_events()), "--limit", "2", *fixed]
    with pytest.raises(SystemExit) as first:
        main([*ask, "--json", str(out)])
    assert first.value.code == 3
    assert json.loads(out.read_text())["n"] == 2
    said = capsys.readouterr()
    assert "2 errors" in said.out
    assert "No answer for 2 of 2 windows of cmd-" in said.err
    assert "'causemap eval retry RUN'" in said.err
    for again in (ask, ["eval", "retry", "cmd", "-q"]):
        with pytest.raises(SystemExit) as kept:
            main(again)
        assert kept.value.code == 3
    with pytest.raises(SystemExit) as judged:
        main(["eval", "score", "cmd"])
    assert judged.value.code == 0


@pytest.mark.parametrize("command", ["placebo", "table"])
def test_commands_of_several_runs_are_incomplete_without_all_answers(
    evaluate: Eval, write_events: Write, small_data: Path, tmp_path: Path, command: str
) -> None:
    """What the others answered is shown first, and the run that is short is named alone."""
    calm = write_events("calm.yaml", primary="no_drawdown", mission_label="none")
    given: dict[str, tuple[str | Path, ...]] = {
        "placebo": ("--events", calm, "--draw", "0"),
        "table": ("--events", write_events(), "--no-out-of-fold"),
    }
    fixed = ("--data-dir", small_data, "--workers", "0", "-q")
    done = evaluate(command, *given[command], *fixed, "--system", f"cmd:{_says_junk(tmp_path)}")
    assert isinstance(done.exception, IncompleteError)
    assert str(done.exception).startswith("No answer for 6 of 6 windows of cmd-")
    assert str(done.exception).count(" of 6 windows") == 1
    assert {"placebo": "no cause named in", "table": "| majority |"}[command] in done.output


def test_failures_can_be_retried(
    evaluate: Eval,
    write_events: Write,
    small_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only what failed is asked again, once the program is mended; the gate then holds."""
    script = _says_junk(tmp_path)
    _begin(
        evaluate, write_events(), small_data, "--system", f"cmd:{script}", "--limit", "2", code=1
    )
    assert evaluate("gate", "cmd").exit_code == 1
    (journal,) = (tmp_path / "kept").glob("evals/cmd-*/samples.jsonl")
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:1]))
    assert "2 errors (1 not asked yet)" in evaluate("score", "cmd").output
    note = "note: 1 of 2 windows of cmd-"
    assert evaluate("compare", "cmd", "cmd").stderr.startswith(note)
    broken_off = evaluate("gate", "cmd").exception
    assert isinstance(broken_off, IncompleteError)
    assert "1 of 2 windows" in str(broken_off)
    answer = json.dumps({"primary": "rates_shock", "probabilities": {"rates_shock": 1}})
    script.write_text(f"#!/bin/sh\necho '{answer}'\n")
    again = evaluate("retry", "cmd", "-q")
    assert "0 errors" in again.output
    assert evaluate("gate", "cmd").exit_code == 0
    monkeypatch.setattr(provenance, "source_hash", lambda *_: "another program")
    assert isinstance(evaluate("retry", "cmd", "-q").exception, UsageError)
    # What is refused leaves no empty run behind.
    assert len(json.loads(evaluate("list", "--json").output)) == 1


@pytest.mark.parametrize("changed", ["events", "mapping"])
def test_a_run_is_not_scored_by_other_labels(
    evaluate: Eval, write_events: Write, small_data: Path, tmp_path: Path, changed: str
) -> None:
    """Labels or their meaning changed since the run: it is refused, not scored by them."""
    files = {"events": write_events(primary="fed"), "mapping": tmp_path / "map.yaml"}
    files["mapping"].write_text("labels: {fed: rates_shock}\n")
    more = ("--system", "template", "--mapping", str(files["mapping"]), "--limit", "1")
    _begin(evaluate, files["events"], small_data, *more)
    assert evaluate("score", "template").exit_code == 0
    files[changed].write_text(files[changed].read_text() + "# one more line\n")
    for command in ("score", "show", "gate", "retry"):
        refused = evaluate(command, "template").exception
        assert isinstance(refused, UsageError)
        assert "has changed since the run" in str(refused)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "nothing"), "not known"),
        (("export", "nothing"), "Nothing to write"),
        (("gate", "nothing", "--bound", "x"), "no bound"),
        (("run", "--events", "absent.yaml", "--data-dir", "."), "cannot be read"),
    ],
)
def test_bad_input_is_one_clear_line(evaluate: Eval, arguments: tuple[str, ...], said: str) -> None:
    """Every mistake is a usage error that names it."""
    done = evaluate(*arguments)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--system", "single-call"), "needs a language model"),
        (("--system", "oracle"), "not known"),
        (("--ids", "nobody"), "no window"),
        (("--perturb", "upside-down"), "not known"),
        (("--perturb", "shuffle-dates"), "give --notes"),
        (("--notes", "nowhere.jsonl"), "nowhere.jsonl cannot be read: no such file"),
        (("--notes", "/"), "cannot be read: it is a folder"),
        (("--lessons", "nowhere.yaml", "--system", "template"), "add --out-of-fold"),
        (("--json", "/nowhere/x.json"), "The folder /nowhere does not exist"),
        (("--json", "-", "--junit", "-"), "Only one form"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_kept(
    evaluate: Eval,
    write_events: Write,
    small_data: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    said: str,
) -> None:
    """A wrong order leaves no run behind."""
    fixed = ("--events", write_events(), "--data-dir", small_data)
    done = evaluate("run", *fixed, *options)
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
    assert not list((tmp_path / "kept").glob("evals/*"))


def test_the_named_windows_are_run_alone(
    evaluate: Eval, write_events: Write, small_data: Path, tmp_path: Path
) -> None:
    """``--ids`` picks windows, in the order of the file."""
    out = tmp_path / "out.json"
    picked = ("--ids", "window-4,window-1", "--system", "template", "--json", str(out))
    _begin(evaluate, write_events(), small_data, *picked)
    assert [row["id"] for row in json.loads(out.read_text())["events"]] == ["window-1", "window-4"]


def test_placebos_are_asked_as_they_are_and_under_other_notes(
    evaluate: Eval, write_events: Write, small_data: Path, tmp_path: Path
) -> None:
    """Two lines for the labelled calm windows, each with what so many prove."""
    calm = write_events("calm.yaml", primary="no_drawdown", mission_label="none")
    notes = tmp_path / "notes.jsonl"
    notes.write_text('{"published": "2018-01-05", "publisher": "P", "kind": "news", "text": "x"}\n')
    falls, fixed = write_events(), ("--draw", "0", "--system", "template", "--workers", "0", "-q")
    given = ("--events", calm, "--donors", falls, "--notes", notes, "--data-dir", small_data)
    done = evaluate("placebo", *given, *fixed)
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "labelled, as they are",
        "labelled, another window's notes",
    ]
    assert all("of 6 (proves" in line for line in lines)


def test_the_tables_are_written_between_the_markers(
    evaluate: Eval, write_events: Write, small_data: Path, tmp_path: Path
) -> None:
    """One command fills a page; what stands around the markers stays, and twice is once."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{OPENS}\nold\n{CLOSES}\nafter\n")
    calm = write_events("calm.yaml", primary="no_drawdown", mission_label="none")
    fixed = ("--events", write_events(), "--data-dir", small_data, "--placebo", calm)
    more = ("--system", "majority", "--workers", "0", "-q", "--write", page)
    assert evaluate("table", *fixed, *more, "--no-out-of-fold").exit_code == 0
    text = page.read_text()
    assert text.startswith(f"before\n{OPENS}\n\n| figure | majority |")
    assert text.endswith(f"{CLOSES}\nafter\n")
    assert "old" not in text
    assert "logistic-prices" in text
    # Without notes it has no words to learn from.
    assert "logistic-words" not in text
    assert "| rates shock | " in text
    assert "Labelled calm windows as they are: no cause named in" in text
    first = page.stat().st_ino
    evaluate("table", *fixed, *more, "--no-out-of-fold")
    assert page.read_text() == text
    # A new file was put in place of the old one: a run broken off leaves the old page whole.
    assert page.stat().st_ino != first


@pytest.mark.parametrize("name", ["absent.md", "unmarked.md"])
def test_a_page_without_a_place_is_refused_before_anything_is_run(
    evaluate: Eval, write_events: Write, small_data: Path, tmp_path: Path, name: str
) -> None:
    """A page that is not there or has no markers is bad input at once."""
    (tmp_path / "unmarked.md").write_text("nothing here")
    fixed = ("--events", write_events(), "--data-dir", small_data, "--write", tmp_path / name)
    assert isinstance(evaluate("table", *fixed).exception, UsageError)
    assert not (tmp_path / "kept" / "evals").exists()


def test_the_memory_panel_of_the_rules(
    evaluate: Eval, write_events: Write, small_data: Path, tmp_path: Path
) -> None:
    """Figures as lines and as JSON; a baseline has no evidence to change."""
    out = tmp_path / "leak.json"
    fixed = ("--events", write_events(), "--data-dir", small_data, "-q")
    done = evaluate("leak", *fixed, "--limit", "2", "--json", out)
    plain = json.loads(out.read_text())
    assert done.exit_code == (0 if plain["passed"] else 1)
    assert [r["value"] for r in plain["rates"] if r["name"].startswith("right from")] == [None]
    assert plain["errors"] == 0
    assert isinstance(evaluate("leak", *fixed, "--system", "majority").exception, UsageError)
    assert "language model" in str(evaluate("leak", *fixed, "--system", "llm").exception)
