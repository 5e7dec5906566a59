"""The command line: what is asked, where it goes, which code it ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from tests.facts import evidence_item

from causemap.cases.freeze import write_case
from causemap.cli import main
from causemap.errors import IncompleteError, SourceError
from causemap.records import (
    CauseMap,
    Dossier,
    Gap,
    Narrative,
    Node,
    Note,
    Report,
    Scope,
    Sentence,
    Verdict,
)
from causemap.reporting.json_codec import load_report

SCOPE = Scope(
    "2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("SPX",), ("equity",), "Why did it fall?"
)
FACT = evidence_item(
    id="macro.ust10y.change",
    asset="UST10Y",
    value=-3.0,
    said="the 10-year yield",
    available_at="2026-02-05T23:30Z",
    source="FRED",
    z=-0.3,
)
DOSSIER = Dossier(SCOPE, (FACT,), (Gap("SOFR", "not_covered", "no such series", "macro"),))
VERDICT = Verdict(
    primary="growth_scare",
    mission_label="other",
    probabilities=(("growth_scare", 0.7), ("mixed_unclear", 0.3)),
    abstained=False,
    reason="",
)


def conclude(dossier: Dossier) -> Report:
    """A stand-in for the engine: the same verdict for every dossier."""
    node = Node("spx", "move", "S&P 500 fell", evidence=(FACT.id,))
    return Report(
        scope=dossier.scope,
        verdict=VERDICT,
        verdicts=(("equity", VERDICT),),
        evidence=dossier.evidence,
        gaps=dossier.gaps,
        cause_map=CauseMap((node,), ()),
        narrative=Narrative((Sentence("summary", "It fell.", "It fell.", (FACT.id,)),)),
        notes=dossier.notes,
    )


@dataclass(frozen=True)
class Ended:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> list[Scope]:
    """Stand-ins for the desks and the engine; the list holds the scopes measured."""
    seen: list[Scope] = []

    def run(scope: Scope, view: object, notes: tuple[Note, ...], *_: object) -> Dossier:
        seen.append(scope)
        assert str(view.as_of)  # type: ignore[attr-defined]  # a real view over the small folder
        return replace(DOSSIER, scope=scope, notes=notes)

    fake = SimpleNamespace(conclude=conclude)
    monkeypatch.setitem(sys.modules, "causemap.agents.conclude", fake)
    monkeypatch.setitem(sys.modules, "causemap.agents.graph", SimpleNamespace(run=run))
    return seen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small data directory: SPX and BTC to 6 February 2026, with a fall to the 5th."""
    days = pd.bdate_range("2025-01-01", "2026-02-06")
    spx = pd.Series(6900.0, index=days)
    for day, close in {"2026-02-03": 6850.0, "2026-02-04": 6830.0, "2026-02-05": 6800.0}.items():
        spx[day] = close
    data = tmp_path / "data"
    data.mkdir()
    spx.to_frame("SPX").rename_axis("date").to_parquet(data / "market_daily.parquet")
    coins = pd.date_range("2025-01-01", "2026-02-06")
    frame = pd.DataFrame({"BTC": 80000.0}, index=coins).rename_axis("date")
    frame.to_parquet(data / "crypto_daily.parquet")
    return data


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder with one bundled case."""
    bundle = tmp_path / "bundle"
    (bundle / "data").mkdir(parents=True)
    write_case(DOSSIER, "2026-02-test", bundle / "data")
    monkeypatch.setattr("causemap.cases.store.resources.files", lambda _: bundle)
    return bundle


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process."""

    def call(*args: object) -> Ended:
        with pytest.raises(SystemExit) as stop:
            main([str(arg) for arg in args])
        said = capsys.readouterr()
        code = stop.value.code
        return Ended(code if isinstance(code, int) else 0, said.out, said.err)

    return call


WINDOW = ("--start", "2026-02-02", "--end", "2026-02-05")


@pytest.mark.usefixtures("cases", "engine")
class TestExplainCase:
    """Replaying frozen cases."""

    def test_json_to_standard_output_is_the_report_alone(self, run: Run) -> None:
        """Standard output holds one JSON object and nothing else, the same every time."""
        first = run("explain", "2026-02-test", "--json", "-")
        assert first.code == 0
        assert load_report(first.out).verdict.primary == "growth_scare"
        assert json.loads(first.out)["scope"]["start"] == "2026-01-29"
        assert run("explain", "2026-02-test", "--json", "-").out == first.out

    def test_the_page_is_printed_when_nothing_is_asked(self, run: Run) -> None:
        """Without an option the reader's page goes to the terminal."""
        ended = run("explain", "2026-02-test")
        assert ended.code == 0
        assert "rowth scare" in ended.out

    def test_every_form_is_written_to_its_file(self, run: Run, tmp_path: Path) -> None:
        """All forms of one run, with the page for readers still on standard output."""
        names = {
            form: tmp_path / f"report.{form}" for form in ("json", "html", "svg", "png", "dot")
        }
        options = [part for form, path in names.items() for part in (f"--{form}", path)]
        ended = run("explain", "2026-02-test", "--markdown", tmp_path / "r.md", *options)
        assert ended.code == 0
        assert "rowth scare" in ended.out
        assert "rowth scare" in (tmp_path / "r.md").read_text()
        assert names["html"].read_text().lstrip().lower().startswith("<!doctype html")
        assert "<svg" in names["svg"].read_text()
        assert names["png"].read_bytes().startswith(b"\x89PNG")
        assert "digraph" in names["dot"].read_text()
        assert load_report(names["json"].read_text()).scope == SCOPE
        assert sorted(p.suffix for p in tmp_path.iterdir() if p.is_file()) == sorted(
            [".md", ".json", ".html", ".svg", ".png", ".dot"]
        )

    def test_a_case_file_is_replayed(self, run: Run, tmp_path: Path) -> None:
        """A report's JSON is itself a case: replaying it gives the same bytes."""
        run("explain", "2026-02-test", "--json", tmp_path / "r.json")
        again = run("explain", tmp_path / "r.json", "--json", "-")
        assert again.out == (tmp_path / "r.json").read_text()

    def test_an_unknown_case_brings_the_nearest(self, run: Run) -> None:
        """A typing error costs one line and code 2."""
        ended = run("explain", "2026-02-tset")
        assert ended.code == 2
        assert "2026-02-test" in ended.err
        assert ended.err.count("\n") == 1

    def test_a_case_takes_no_window(self, run: Run) -> None:
        """Options that would change a frozen case are refused by name."""
        ended = run("explain", "2026-02-test", "--assets", "BTC", "--as-of", "2026-02-05")
        assert ended.code == 2
        assert "takes no --assets or --as-of" in ended.err

    def test_an_empty_map_has_no_picture(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """What could be made is made; the missing picture is code 3."""

        def bare(dossier: Dossier) -> Report:
            return replace(conclude(dossier), cause_map=CauseMap((), ()))

        monkeypatch.setattr(sys.modules["causemap.agents.conclude"], "conclude", bare)
        ended = run("explain", "2026-02-test", "--json", "-", "--png", "map.png")
        assert ended.code == 3
        assert load_report(ended.out).scope == SCOPE
        assert "cause map is empty" in ended.err

    def test_cases_are_listed_and_shown(self, run: Run) -> None:
        """The index as text and JSON, and what one case holds."""
        assert "2026-02-test  2026-01-29 2026-02-05" in run("cases", "list").out
        (entry,) = json.loads(run("cases", "list", "--json").out)
        assert (entry["id"], entry["title"]) == ("2026-02-test", "Why did it fall?")
        shown = run("cases", "show", "2026-02-test").out
        assert "Growth scare (70%)" in shown
        assert "SOFR (not_covered): no such series" in shown


class TestExplainWindow:
    """Measuring a window afresh."""

    def test_two_closes(self, run: Run, engine: list[Scope], folder: Path) -> None:
        """The scope is what the options say, told on standard error before the work."""
        ended = run(
            "explain", *WINDOW, "--assets", "SPX,bitcoin", "--data-dir", folder, "--json", "-"
        )
        assert ended.code == 0
        (scope,) = engine
        assert scope.assets == ("SPX", "BTC")
        assert (scope.start, scope.end, scope.as_of) == (
            "2026-02-02",
            "2026-02-05",
            "2026-02-07T23:59Z",
        )
        assert "S&P 500, Bitcoin: closes of 2026-02-02 to 2026-02-05" in ended.err

    def test_quiet_says_nothing_beside_the_result(
        self, run: Run, engine: list[Scope], folder: Path
    ) -> None:
        """With --quiet standard error stays empty."""
        ended = run("explain", *WINDOW, "--data-dir", folder, "--json", "-", "-q")
        assert (ended.code, ended.err) == (0, "")
        assert len(engine) == 1

    def test_a_question_without_quotes(self, run: Run, engine: list[Scope], folder: Path) -> None:
        """Loose words make one question; the prices give its window."""
        words = "why did the S&P fall in early February 2026"
        ended = run("explain", *words.split(), "--data-dir", folder, "--json", "-")
        assert ended.code == 0
        (scope,) = engine
        assert (scope.start, scope.end) == ("2026-02-02", "2026-02-05")
        assert scope.question == words

    @pytest.mark.usefixtures("engine")
    def test_a_question_in_chinese_has_its_verdict_in_chinese(self, run: Run, folder: Path) -> None:
        """The page is in English, which its last line says in Chinese after the verdict."""
        asked = ("2026年2月初美股为什么下跌?", "--data-dir", folder, "-q")
        ended = run("explain", *asked)
        assert ended.code == 0
        assert ended.out.splitlines()[-1].startswith("市场回落，无法认定单一原因。报告正文只有英文")
        assert "报告" not in run("explain", *asked, "--json", "-").out
        assert "报告" not in run("explain", *WINDOW, "--data-dir", folder, "-q").out

    def test_a_question_seen_from_the_as_of(
        self, run: Run, engine: list[Scope], folder: Path
    ) -> None:
        """'This week' is the week of the as-of, and nothing later is known."""
        ended = run(
            "explain", "S&P this week", "--as-of", "2026-02-05T22:30Z", "--data-dir", folder, "-q"
        )
        assert ended.code == 0
        (scope,) = engine
        assert (scope.end, scope.as_of) == ("2026-02-05", "2026-02-05T22:30Z")

    def test_notes_are_cut_to_the_window(
        self, run: Run, engine: list[Scope], folder: Path, tmp_path: Path
    ) -> None:
        """A note from after the as-of is not handed on, and other keys are not read."""
        row = {"publisher": "P", "kind": "k", "basis": "found", "url": "https://example.com/"}
        rows = [
            {**row, "published": "2026-02-04", "text": "inside the window", "event": "CANARY"},
            {**row, "published": "2026-02-08", "text": "LATER"},
        ]
        path = tmp_path / "notes.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        ended = run("explain", *WINDOW, "--data-dir", folder, "--notes", path, "--json", "-")
        assert [note["text"] for note in json.loads(ended.out)["notes"]] == ["inside the window"]
        assert "CANARY" not in ended.out
        assert len(engine) == 1

    def test_desks_report_as_they_finish(
        self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Away from a terminal each desk gives one plain line, when it is done."""
        from causemap.agents.state import Progress

        def desks(
            scope: Scope,
            _v: object,
            _n: object,
            _s: object,
            tell: Callable[[Progress], None],
            _a: object,
        ) -> Dossier:
            tell(Progress("macro", "running", 0.0))
            tell(Progress("macro", "ok", 1.25, "28 facts"))
            return replace(DOSSIER, scope=scope)

        monkeypatch.setitem(sys.modules, "causemap.agents.graph", SimpleNamespace(run=desks))
        monkeypatch.setitem(
            sys.modules, "causemap.agents.conclude", SimpleNamespace(conclude=conclude)
        )
        ended = run("explain", *WINDOW, "--data-dir", folder, "--json", "-")
        assert [line for line in ended.err.splitlines() if "macro" in line] == [
            "  macro             ok         1.2 s  28 facts"
        ]

    @pytest.mark.parametrize(
        ("args", "why"),
        [
            ([], "Nothing to explain"),
            (["--start", "2026-01-29"], "--end is missing"),
            (["--end", "2026-01-29"], "--start is missing"),
            (["--start", "2026-02-30", "--end", "2026-03-02"], "not a day of the calendar"),
            (["--start", "29.1.2026", "--end", "2026-02-05"], "not a date"),
            (["--start", "2026-02-05", "--end", "2026-01-29"], "must start before it ends"),
            (["--start", "2026-02-05", "--end", "2999-01-01"], "lies in the future"),
            ([*WINDOW, "--assets", "nvdia"], "did you mean"),
            ([*WINDOW, "--as-of", "yesterday"], "is not a time"),
            ([*WINDOW, "--as-of", "2026-02-01"], "after the as-of"),
            ([*WINDOW, "--notes", "none.jsonl"], "cannot be read"),
            ([*WINDOW, "--data-dir", "no-such-folder"], "not a data directory"),
            (["why", "did", "bitcoin", "fall"], "not a data directory"),
            ([*WINDOW, "--json", "-", "--markdown", "-"], "Only one form"),
            ([*WINDOW, "--json", "no/such/folder/x.json"], "does not exist"),
            ([*WINDOW, "--html", "."], "is a folder"),
            ([*WINDOW, "--png", "-"], "A picture cannot go"),
        ],
    )
    def test_bad_input_is_one_line_and_code_two(
        self, run: Run, engine: list[Scope], args: list[str], why: str
    ) -> None:
        """Every wrong input says what is wrong, before any desk has run."""
        ended = run("explain", *args, "-q")
        assert ended.code == 2
        assert why in ended.err
        assert ended.err.count("\n") == 1
        assert "Traceback" not in ended.err
        assert (engine, ended.out) == ([], "")

    def test_an_unclear_question_is_asked_back(self, run: Run, folder: Path) -> None:
        """The question back goes to standard error with code 2."""
        ended = run("explain", "why did bitcoin fall?", "--data-dir", folder)
        assert ended.code == 2
        assert "I understand the assets (BTC) but no time" in ended.err

    @pytest.mark.parametrize(
        "error", [IncompleteError("no desk\x1b[2J found"), SourceError("x broke")]
    )
    def test_what_is_missing_is_code_three(
        self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        """A run that cannot be completed ends with 3 and one clean line."""

        def fail(*_: object) -> Dossier:
            raise error

        monkeypatch.setitem(sys.modules, "causemap.agents.graph", SimpleNamespace(run=fail))
        ended = run("explain", *WINDOW, "--data-dir", folder, "-q")
        assert ended.code == 3
        assert ended.err == f"causemap: {str(error).replace(chr(27), '')}\n"


@pytest.mark.usefixtures("engine")
class TestFreeze:
    """Freezing from the command line."""

    def test_a_window_is_frozen_and_replays(self, run: Run, folder: Path, tmp_path: Path) -> None:
        """The file written by freeze replays to the same report as its own dossier."""
        ended = run(
            "cases", "freeze", "--id", "mine", *WINDOW, "--title", "Why?", "--out", tmp_path,
            "--data-dir", folder,
        )  # fmt: skip
        assert ended.code == 0
        one = run("explain", tmp_path / "mine.json", "--json", tmp_path / "r.json")
        assert one.code == 0
        run("cases", "freeze", "--id", "again", "--from", tmp_path / "r.json", "--out", tmp_path)
        assert (tmp_path / "again.json").read_bytes() == (tmp_path / "mine.json").read_bytes()

    def test_recollected_notes_are_not_frozen(self, run: Run, folder: Path, tmp_path: Path) -> None:
        """Only a note found at an address reaches the desks of a frozen window."""
        row = {"published": "2026-02-04", "publisher": "P", "kind": "k"}
        rows = [
            {**row, "text": "kept", "basis": "found", "url": "https://example.com/"},
            {**row, "text": "recollected", "basis": "knowledge", "url": "https://example.com/2"},
        ]
        path = tmp_path / "n.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)))
        out = tmp_path / "c.json"
        source = (*WINDOW, "--notes", path, "--data-dir", folder)
        run("cases", "freeze", "--id", "c", *source, "--out", out)
        assert [note["text"] for note in json.loads(out.read_text())["notes"]] == ["kept"]

    @pytest.mark.parametrize(
        ("args", "why"),
        [
            (["--id", "x"], "Say what to freeze"),
            (["--id", "../x", "--from", "r.json"], "cannot be read"),
            ([*WINDOW], "Missing option '--id'"),
        ],
    )
    def test_bad_input(self, run: Run, args: list[str], why: str) -> None:
        """Freezing nothing, or under no name, is code 2."""
        ended = run("cases", "freeze", *args)
        assert ended.code == 2
        assert why in ended.err


@pytest.mark.usefixtures("engine")
class TestChecklist:
    """The daily page."""

    def test_the_window_is_the_last_five_sessions(
        self, run: Run, engine: list[Scope], folder: Path
    ) -> None:
        """Five sessions end on the day asked, as known at the midnight after it."""
        ended = run("checklist", "--date", "2026-02-05", "--data-dir", folder, "--json", "-q")
        assert ended.code == 0
        (scope,) = engine
        assert (scope.start, scope.end, scope.as_of) == (
            "2026-01-29",
            "2026-02-05",
            "2026-02-06T00:00Z",
        )
        assert not scope.partial
        assert json.loads(ended.out)["date"] == "2026-02-05"

    def test_a_weekend_has_the_page_of_friday(
        self, run: Run, engine: list[Scope], folder: Path
    ) -> None:
        """On Sunday the last session is Friday's."""
        run("checklist", "--date", "2026-02-01", "--data-dir", folder)
        assert [scope.end for scope in engine] == ["2026-01-30"]

    def test_markdown_goes_to_a_file(self, run: Run, folder: Path, tmp_path: Path) -> None:
        """The page as Markdown, the text still printed."""
        path = tmp_path / "page.md"
        ended = run("checklist", "--date", "2026-02-05", "--data-dir", folder, "--markdown", path)
        assert path.read_text().startswith("# Risk-off checklist, 5 Feb 2026")
        assert "Risk-off checklist, 5 Feb 2026" in ended.out

    def test_notes_known_by_then_are_read(
        self, run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Notes of the window reach the desks, later ones do not."""
        told: list[str] = []
        graph = sys.modules["causemap.agents.graph"]
        before = graph.run

        def listening(scope: Scope, view: object, notes: tuple[Note, ...], *rest: object) -> object:
            told.extend(note.text for note in notes)
            return before(scope, view, notes, *rest)

        monkeypatch.setattr(graph, "run", listening)
        path = tmp_path / "notes.jsonl"
        row = {"publisher": "P", "kind": "k", "basis": "found", "url": "https://example.com/"}
        texts = {"2026-02-03": "in time", "2026-02-09": "too late"}
        rows = [{**row, "published": day, "text": text} for day, text in texts.items()]
        path.write_text("\n".join(map(json.dumps, rows)))
        given = ("--date", "2026-02-05", "--data-dir", folder, "--notes", path)
        assert run("checklist", *given).code == 0
        assert told == ["in time"]

    def test_without_a_date_the_last_day_of_the_data_is_taken(
        self, run: Run, engine: list[Scope], folder: Path
    ) -> None:
        """Old data are not hidden: the page says which day it is of."""
        ended = run("checklist", "--data-dir", folder)
        assert ended.code == 0
        assert "the data end on 2026-02-06" in ended.err
        assert engine[0].as_of == "2026-02-07T00:00Z"

    @pytest.mark.parametrize(
        ("day", "why"),
        [
            ("2026-13-01", "not a day of the calendar"),
            ("2999-01-01", "lies in the future"),
            ("2026-04-01", "The data end on 2026-02-06"),
            ("2025-01-03", "fewer than 5 sessions"),
        ],
    )
    def test_a_day_without_data_is_refused(
        self, run: Run, folder: Path, day: str, why: str
    ) -> None:
        """A wrong day is one line and code 2."""
        ended = run("checklist", "--date", day, "--data-dir", folder)
        assert ended.code == 2
        assert why in ended.err


class TestDoctor:
    """What the machine has and lacks."""

    def test_missing_files_are_named_with_what_to_do(self, run: Run, folder: Path) -> None:
        """Present files show their last day; missing ones become gaps, not failures."""
        ended = run("doctor", "--data-dir", folder)
        assert ended.code == 0
        assert "288 rows to 2026-02-06" in ended.out.split("market_daily.parquet")[1]
        assert "missing  headlines.parquet" in ended.out

    def test_a_broken_file_is_code_three(self, run: Run, folder: Path) -> None:
        """A file that is no Parquet is named, without a traceback."""
        (folder / "crypto_4h.parquet").write_bytes(b"nonsense")
        ended = run("doctor", "--data-dir", folder)
        assert ended.code == 3
        assert "broken   crypto_4h.parquet" in ended.out
        assert "crypto_4h.parquet" in ended.err

    def test_no_data_directory_is_no_fault(self, run: Run, tmp_path: Path) -> None:
        """Cases work without data, and the line says how to point at some."""
        ended = run("doctor", "--data-dir", tmp_path / "none")
        assert ended.code == 0
        assert "does not exist  -> point --data-dir" in ended.out

    def test_no_key_is_ever_shown(
        self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Keys and addresses with a password do not reach the output; that they are set does."""
        monkeypatch.setenv("OPENAI_API_KEY", "CANARY-KEY")
        monkeypatch.setenv("CAUSEMAP_FRED_KEY", "CANARY-FRED")
        monkeypatch.setenv("CAUSEMAP_LEDGER_URL", "postgresql://me:CANARY@db.example/runs")
        monkeypatch.setenv("CAUSEMAP_MODEL", "some-model")
        ended = run("doctor", "--data-dir", folder)
        assert "CANARY" not in ended.out + ended.err
        (line,) = [row for row in ended.out.splitlines() if "language model" in row]
        assert "some-model at api.openai.com, key set (not shown)" in line
        assert "with --llm auto" in line

    def test_no_model_is_said_to_be_none(self, run: Run, folder: Path) -> None:
        """The line tells the settings, whatever they are."""
        ended = run("doctor", "--data-dir", folder)
        assert "none set up: the rules answer alone" in ended.out

    @pytest.mark.parametrize("name", ["ledger.sqlite", "library/library.sqlite"])
    def test_what_is_kept_is_looked_at(
        self, run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        """A ledger or library that is none is broken, in one line, with exit code 3."""
        monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path / "kept"))
        damaged = tmp_path / "kept" / name
        damaged.parent.mkdir(parents=True)
        damaged.write_bytes(b"no database " * 1_000)
        ended = run("doctor", "--data-dir", folder)
        assert ended.code == 3
        what = "ledger of runs" if "ledger" in name else "article library"
        assert f"broken   {what}" in ended.out
        assert what in ended.err

    def test_folders_that_cannot_be_written_are_named(
        self, run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The home folder, and the one without which the model is never asked."""
        (tmp_path / "file").write_text("no folder")
        monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path / "file" / "home"))
        monkeypatch.setenv("CAUSEMAP_MODEL", "some-model")
        ended = run("doctor", "--data-dir", folder)
        assert ended.code == 3
        assert "home folder, language model" in ended.err


def test_a_list_of_commands_says_what_each_does_in_full(run: Run) -> None:
    """No sentence of a list breaks off in dots."""
    for group in ((), ("brief",), ("cases",), ("data",), ("eval",), ("library",)):
        listed = run(*group, "--help").out.partition("Commands:")[2]
        assert listed.count("\n") > 2
        assert "..." not in listed, listed


def test_help_shows_examples_for_each_command(run: Run) -> None:
    """Every command that takes a question or a day explains itself by example."""
    cases = (["cases", "show"], ["cases", "freeze"])
    review = [["brief", name] for name in ("approve", "publish", "check", "correct", "send")]
    data = (["data", "pull"], ["data", "status"], ["doctor"])
    for command in (["explain"], ["checklist"], *cases, *data, *review):
        ended = run(*command, "--help")
        assert ended.code == 0
        assert "\n    causemap " in ended.out
        assert "\b" not in ended.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--help",), 0),
        (("cases", "list"), 0),
        (("explain", "2026-02-seed", "--json", "-"), 0),
        (("explain", "no-such-case"), 2),
        (("no-such-command",), 2),
    ],
)
def test_a_reader_that_leaves_is_no_error(words: tuple[str, ...], code: int) -> None:
    """`causemap ... | head` ends quietly; a failure keeps its code, whoever reads its line."""
    unread, written = os.pipe()
    os.close(unread)
    command = [sys.executable, "-m", "causemap.cli", *words]
    try:
        error = subprocess.PIPE if code == 0 else written
        ended = subprocess.run(command, stdout=written, stderr=error, check=False)
    finally:
        os.close(written)
    assert (ended.returncode, ended.stderr or b"") == (code, b"")
