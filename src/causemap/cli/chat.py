"""``causemap chat``: questions about a frozen run, answered from that run alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from causemap.cli.delivery import say, show
from causemap.errors import UsageError

if TYPE_CHECKING:
    from causemap.agents.turns import ChatAnswer
    from causemap.records import Dossier, Report

EPILOG: Final = """\b
Examples:
  causemap chat 2026-02-seed
  causemap chat 2026-02-seed --ask "why not a rates shock?" --ask "what if gold had risen?"
  echo "为什么下跌?" | causemap chat report.json"""
_AGAIN: Final = "(to measure again: causemap explain with --start, --end and --data-dir)"
_LEAVE: Final = frozenset({"q", "quit", "exit", "bye", "退出"})


def chat(
    run: Annotated[str, typer.Argument(metavar="CASE|RUN|FILE", help="A case, a run or a file.")],
    ask: Annotated[
        list[str] | None, typer.Option("--ask", metavar="QUESTION", help="Ask this and leave.")
    ] = None,
    llm: Annotated[
        bool, typer.Option("--llm/--no-llm", help="Let a model understand the questions.")
    ] = False,
) -> None:
    """Ask about a run. Why, why not, what if, how sure, one day, compare, sources, gaps."""
    dossier = _dossier(run)
    from causemap.agents.chat import Turn
    from causemap.agents.conclude import conclude

    report = conclude(dossier)
    answer = _answering(llm)
    history: tuple[Turn, ...] = ()
    for question in ask or _typed():
        said = answer(report, dossier, question, history)
        history = (*history, Turn(question, said.intent, said.text))
        show(_plain(said.text))
        if said.action == "refresh":
            say(_AGAIN, quiet=False)


def _answering(llm: bool) -> Callable[..., ChatAnswer]:
    """The deterministic form, or the model's where one is wanted and set up."""
    from causemap.agents.chat import reply
    from causemap.briefing.headline import headlines
    from causemap.settings import load_settings

    model = load_settings().model if llm else None
    if llm and model is None:
        raise UsageError("--llm needs a language model; set CAUSEMAP_MODEL, or leave it out.")
    if model is None:
        return partial(reply, other=_other, headlines=headlines)
    from causemap.agents.chat_model import reply_with_model

    def failed(why: str) -> None:
        say(f"without the model: {why}", quiet=False)

    return lambda report, dossier, question, history: reply_with_model(
        report,
        dossier,
        question,
        model,
        history,
        other=_other,
        headlines=headlines,
        failed=failed,
    )


def _dossier(run: str) -> Dossier:
    from causemap.cases.store import load_case, load_case_file
    from causemap.cli.kept import kept_run

    if run.endswith(".json"):
        if not Path(run).is_file():
            raise UsageError(f"There is no file {run}; name a report's JSON or a frozen case.")
        return load_case_file(Path(run))
    return kept_run(run) or load_case(run)


def _other(name: str) -> Report | None:
    """The report of the bundled case that is named."""
    from causemap.agents.conclude import conclude
    from causemap.cases.store import case_named, load_case

    found = case_named(name)
    return conclude(load_case(found)) if found else None


def _typed() -> Iterator[str]:
    """Questions from the keyboard until an empty end; without a prompt when piped."""
    while True:
        if sys.stdin.isatty():
            typer.echo("> ", nl=False, err=True)
        line = sys.stdin.readline()
        if not line or line.strip().lower() in _LEAVE:
            return
        if line.strip():
            yield line.strip()


def _plain(markdown: str) -> str:
    """Markdown as a terminal shows it: the escapes of the page taken away."""
    import re

    return re.sub(r"\\([\\`*\[\]<>|~#$_:.+=-])", r"\1", markdown).replace("**", "") + "\n"
