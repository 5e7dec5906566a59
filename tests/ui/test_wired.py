"""What the desk takes from the program's other parts: briefings, pulls, evaluations, own files."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from causemap.cases.store import load_case
from causemap.cli.commands import app as commands
from causemap.errors import UsageError
from causemap.evals.campaign import Order, begin, carry_on, make_plan
from causemap.ledger import open_ledger
from causemap.settings import ModelSettings, Settings, load_settings
from causemap.tools.library.intake import make_article
from causemap.tools.pulling import Wish
from causemap.tools.sources.contract import Batch, Headline, Missing
from causemap.ui.choices import Choices
from causemap.ui.filling import Filler
from causemap.ui.given import articles_of, notes_of
from causemap.ui.questions import Question, measure
from causemap.ui.scores import evaluation_of, kept_runs
from causemap.ui.settings_desk import _rows

if TYPE_CHECKING:
    from causemap.tools.fetch import Fetcher
    from causemap.tools.sources.contract import Span

CASE = "2018-11-crypto"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a home of its own, without data."""
    return load_settings({"CAUSEMAP_HOME": str(tmp_path / "kept")})


@dataclass
class Slow:
    """A source that brings nothing, after a while."""

    name: str
    seconds: float
    series: tuple[str, ...] = ("SOFR",)
    deadline: float = 30.0
    redistributable: bool = False
    terms: str = ""

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:  # noqa: ARG002  as the protocol says
        """Wait, then say that nothing came."""
        await asyncio.sleep(self.seconds)
        return Batch(missing=(Missing("SOFR", "failed", "no answer"),))


def ended(filler: Filler) -> str:
    """The state in which a pull ends."""
    for _ in range(3000):
        if filler.standing().state != "running":
            break
        time.sleep(0.02)
    return filler.standing().state


def test_a_pull_runs_beside_the_page_and_names_what_failed(settings: Settings) -> None:
    """Each source is counted when it has answered; a failed one keeps its reason."""
    filler = Filler(settings)
    assert filler.start(Wish(), [Slow("one", 0.0), Slow("two", 0.05)])
    assert ended(filler) == "done"
    found = filler.standing()
    assert (found.asked, {o.source for o in found.outcomes}) == (2, {"one", "two"})
    assert found.outcomes[0].missing[0].why == "no answer"


@dataclass
class Press:
    """A source that brings one article, of last year: its page is not asked for."""

    name: str = "feeds"
    series: tuple[str, ...] = ()
    deadline: float = 30.0
    redistributable: bool = False
    terms: str = ""

    async def pull(self, fetcher: Fetcher, span: Span) -> Batch:  # noqa: ARG002  as the protocol says
        """The article, and the headline it is read from."""
        at = datetime(2025, 11, 20, tzinfo=UTC)
        url, title = "https://p.example/a", "Stocks fell"
        told = make_article(
            title=title, text=title, publisher="P", published=at.isoformat(), retrieved=at, url=url
        )
        return Batch(headlines=(Headline(at, "second", "P", title, url),), articles=(told,))


def test_a_pull_keeps_articles_in_the_library(settings: Settings) -> None:
    """As the command does."""
    filler = Filler(settings)
    assert filler.start(Wish(), [Press()])
    assert ended(filler) == "done", filler.standing().said
    assert filler.standing().outcomes[0].added["library"] == 1


def test_a_pull_is_stopped_and_only_one_runs(settings: Settings) -> None:
    """A second one is not begun beside the first; stopped, it keeps what had come."""
    filler = Filler(settings)
    assert filler.start(Wish(), [Slow("quick", 0.0), Slow("slow", 30.0)])
    assert not filler.start(Wish(), [])
    for _ in range(3000):
        if filler.standing().outcomes:
            break
        time.sleep(0.02)
    assert filler.stop()
    assert ended(filler) == "stopped"
    assert [o.source for o in filler.standing().outcomes] == ["quick"]
    assert not filler.stop()


def test_a_wrong_wish_ends_the_pull_with_its_reason(settings: Settings) -> None:
    """An unknown source is told in words, not as an endless wait."""
    filler = Filler(settings)
    assert filler.start(Wish(sources=("nobody",)), [Slow("one", 0.0)])
    assert ended(filler) == "failed"
    assert "nobody" in filler.standing().said


@dataclass
class Upload:
    """A file as a browser hands it over."""

    name: str
    content: bytes

    def getvalue(self) -> bytes:
        """Its bytes."""
        return self.content


def test_an_article_of_the_readers_own_is_dated_and_read() -> None:
    """A file's name never becomes a path; a text without a date takes the window's last day."""
    given = [Upload("../../etc/passwd.txt", b"Bitcoin fell. Real yields rose.")]
    (article,) = articles_of(given, "2026-02-05")
    assert article.published.startswith("2026-02-05")
    assert "Real yields rose" in article.text
    assert articles_of([]) == ()


@pytest.mark.parametrize("name", ["a.exe", "noending", "b.json/../x"])
def test_a_file_of_another_kind_is_refused(name: str) -> None:
    """Only texts are read."""
    with pytest.raises(UsageError, match="none of txt"):
        articles_of([Upload(name, b"x")], "2026-02-05")


def test_a_broken_notes_file_is_told_without_its_folder() -> None:
    """The message names the line, not where the server put the file."""
    with pytest.raises(UsageError) as fault:
        notes_of(Upload("n.jsonl", b"{not json}\n"))
    assert "notes.jsonl" in str(fault.value)
    assert "causemap-" not in str(fault.value)
    assert notes_of(None) == ()


def test_a_window_is_tested_against_the_readers_articles(
    settings: Settings, market_dir: Path
) -> None:
    """Claims of an article handed in stand in the run, and nothing published later does."""
    texts = [Upload("a.txt", b"Bitcoin fell this week. The S&P 500 rose 20% this week.")]
    question = Question("window", "", "2026-01-29", "2026-02-05", ("SPX", "BTC"))
    question = replace(question, articles=articles_of(texts, "2026-02-05"))
    found = measure(
        question, replace(settings, data_dir=market_dir), threading.Event(), lambda _: None
    )
    verdicts = {claim.text: claim.verdict for claim in found.claims}
    assert any("S&P 500" in text and v == "contradicted" for text, v in verdicts.items())


def test_kept_evaluations_are_found_and_scored(
    settings: Settings, market_dir: Path, shared_dir: Path
) -> None:
    """A run of the evaluation stands on the page by itself, with its verdicts."""
    chosen = replace(settings, data_dir=market_dir)
    order = Order(shared_dir / "events" / "train.yaml", "majority", limit=3, workers=0)
    plan = make_plan(order, chosen)
    run = begin(order, chosen, plan)
    carry_on(run, plan, order, lambda _: None)
    (row,) = kept_runs(chosen)
    found = evaluation_of(chosen, row.id)
    assert (row.done, found.n) == (3, 3)
    assert len(found.judged) == 3
    assert {m.name for m in found.metrics}


def test_kept_runs_go_by_their_id_on_the_command_line(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of the desk is explained, asked about and briefed like a case."""
    monkeypatch.setenv("CAUSEMAP_HOME", str(settings.home))
    with open_ledger(settings) as ledger:
        run_id = ledger.save(load_case(CASE), "kept")
        open_run = ledger.begin("still open")
    terminal = CliRunner()
    for command in (
        ["explain", run_id, "-q"],
        ["chat", run_id, "--ask", "how sure are you?"],
        ["brief", run_id, "--length", "flash", "--no-charts"],
    ):
        result = terminal.invoke(commands, command)
        assert result.exit_code == 0, (command, result.output)
        assert "iquidation cascade" in result.output
    refused = terminal.invoke(commands, ["brief", open_run])
    assert isinstance(refused.exception, UsageError)
    unknown = terminal.invoke(commands, ["chat", "zzzzzzzzzzzz"])
    assert isinstance(unknown.exception, UsageError)


def test_looking_for_a_run_makes_no_ledger(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped case on a fresh machine leaves no file behind."""
    from causemap.cli.kept import kept_run

    monkeypatch.setenv("CAUSEMAP_HOME", str(settings.home))
    assert kept_run("zzzzzzzzzzzz") is None
    assert not settings.home.exists()


def test_the_models_key_is_masked_and_its_limits_are_shown(settings: Settings) -> None:
    """The settings page tells what may be spent, and of the key only that there is one."""
    model = ModelSettings("tiny", settings.home, key="canary-key", run_tokens=12_345)
    rows = list(_rows(replace(settings, model=model, fred_key="canary-fred")))
    said = {row[0].text: (row[1].text, row[2].text) for row in rows}
    assert "canary" not in json.dumps(said)
    assert said["Model key"] == ("CAUSEMAP_MODEL_KEY", "set")
    assert said["Model tokens per run"] == ("CAUSEMAP_MODEL_RUN_TOKENS", "12345")
    assert said["Model"] == ("CAUSEMAP_MODEL", "tiny")


def test_a_visitors_choices_only_narrow_what_the_server_allows(settings: Settings) -> None:
    """More than is allowed is what is allowed, less than nothing is nothing; the key stays."""
    model = ModelSettings("tiny", settings.home, key="k", run_tokens=900, run_usd=0.5)
    server = replace(settings, llm="auto", model=model)
    assert Choices().applied(server) == server
    wide = Choices(tokens=10**9, usd=99.0, seconds=1e9).applied(server)
    assert wide == server
    less = Choices(tokens=-5, usd=0.1, language="zh").applied(server).model
    assert less == replace(model, run_tokens=0, run_usd=0.1, language="zh")
    assert Choices(model=False).applied(server).llm == "off"
    assert Choices(model=True).applied(settings).llm == "off"  # no model can be switched on


def test_choices_are_part_of_a_question() -> None:
    """The same words with other settings are another run."""
    one = Question("question", "why?")
    two = replace(one, choices=Choices(model=False))
    assert one != two
    assert replace(two, choices=Choices()) == one


def test_follow_ups_compare_with_a_bundled_case(settings: Settings) -> None:
    """A name that begins one case only brings that case; an unclear one brings none."""
    from causemap.cases.store import list_cases
    from causemap.ui.room import Room
    from causemap.ui.runner import Runner

    with open_ledger(settings) as ledger:
        runner = Runner(settings, ledger)
        room = Room(settings, ledger, runner, list_cases(), Filler(settings))
        found = room.other(CASE)
        assert found is not None
        assert found.scope.end.startswith("2018-11")
        assert room.other("20") is None
        runner.close()


def test_scripts_of_the_shell_are_named_ahead(tmp_path: Path) -> None:
    """The header names files that are there and leaves out those that are not."""
    from causemap.ui.doorway import ahead

    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "Html.abcd1234.js").touch()
    (tmp_path / "js" / "embed.-_cd1234.js").touch()
    (tmp_path / "js" / "useHtml.abcd1234.js").touch()
    assert ahead(tmp_path) == (
        "</static/js/Html.abcd1234.js>; rel=modulepreload, "
        "</static/js/embed.-_cd1234.js>; rel=prefetch; as=script"
    )
