"""The command line with a model: explain, replay, chat; and the model's form of a conversation."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.llm.scripted_server import Reply, Request, obliging, serving

from causemap.agents.chat import Turn, reply
from causemap.agents.chat_model import reply_with_model
from causemap.agents.conclude import conclude
from causemap.cases.store import load_case
from causemap.cli import main
from causemap.settings import ModelSettings

MakeSettings = Callable[..., ModelSettings]
CASE = "2025-01-tech"


def code(*arguments: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    return int(stop.value.code or 0)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Set a model up in the environment."""

    def set_up(url: str) -> None:
        monkeypatch.setenv("CAUSEMAP_HOME", str(tmp_path))
        monkeypatch.setenv("CAUSEMAP_MODEL", "scripted")
        monkeypatch.setenv("CAUSEMAP_MODEL_URL", url)

    return set_up


def test_explain_with_a_model_and_its_replay(
    named: Callable[[str], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report holds the calls; --replay gives the same bytes with the server gone."""
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    with serving(obliging) as server:
        named(server.url)
        assert code("explain", CASE, "--llm", "auto", "--json", str(first), "-q") == 0
    assert code("explain", CASE, "--replay", "--json", str(second)) == 0
    assert first.read_bytes() == second.read_bytes()
    report = json.loads(first.read_text())
    assert len(report["model"]["calls"]) == 7
    assert "model: 7 calls, 3 deep" in capsys.readouterr().err
    # A report's file is a case again, and needs no model to be read.
    third = tmp_path / "third.json"
    assert code("explain", str(first), "--json", str(third)) == 0
    assert third.read_bytes() == first.read_bytes()


def test_calls_are_shown_as_they_go_on(
    named: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line an agent on standard error, with what is spent of what may be; none when quiet."""
    out = ("--json", str(tmp_path / "r.json"))
    own = tmp_path / "prices.json"
    own.write_text('{"as_of": "2026-11-20", "models": {"scripted": {"in": 1, "out": 4}}}')
    monkeypatch.setenv("CAUSEMAP_MODEL_PRICES", str(own))
    with serving(obliging) as server:
        named(server.url)
        assert code("explain", CASE, "--llm", "auto", *out) == 0
    told = capsys.readouterr().err
    assert "costs are estimates by prices of 2026-11-20, prices.json: $1 in, $4 out" in told
    for agent in ("reader 1", "macro agent", "technicals agent", "sceptic", "writer"):
        assert re.search(
            rf"^  {agent} +ok +[0-9.]+ s  \d calls?, [0-9,]+ of 60,000 tokens", told, re.MULTILINE
        )
    assert re.search(r"about \$0\.\d{4} of \$0\.50, \d+ of 240 s", told)
    assert re.search(r"model: 7 calls, 3 deep, \d+ tokens, about \$0\.\d+ \(prices of 2026", told)
    assert code("explain", CASE, "--replay", "-q", *out) == 0
    assert capsys.readouterr().err == ""


def test_a_terminal_is_not_flooded_by_a_growing_answer(
    named: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer of many pieces is one line when it begins and one when it is done."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    def wordy(request: Request) -> Reply:
        given = obliging(request)
        if request.agent != "writer":
            return given
        made = json.loads(given.text)
        return Reply(json.dumps({**made, "reasoning": "It is so. " * 2_000}))

    with serving(wordy) as server:
        named(server.url)
        assert code("explain", CASE, "--llm", "auto", "--json", str(tmp_path / "r.json")) == 0
    told = [line for line in capsys.readouterr().err.splitlines() if "writer" in line]
    assert len(told) == 2
    assert "running" in told[0]
    assert " ok " in told[1]


def test_a_model_without_a_known_price_is_said_before_it_is_asked(
    named: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No cost is told as zero; a table that cannot be used ends the command before any work."""
    monkeypatch.setattr("causemap.llm.prices.LOCAL", frozenset())
    out = ("--json", str(tmp_path / "r.json"))
    with serving(obliging) as server:
        named(server.url)
        assert code("explain", CASE, "--llm", "auto", *out) == 0
        told = capsys.readouterr().err
        assert "no price of scripted is known" in told
        assert "cost not known" in told
        assert "$0.0000" not in told
        asked = len(server.seen)
        monkeypatch.setenv("CAUSEMAP_MODEL_PRICES", str(tmp_path / "none.json"))
        assert code("explain", CASE, "--llm", "auto", *out) == 2
        assert len(server.seen) == asked
    assert "CAUSEMAP_MODEL_PRICES" in capsys.readouterr().err


def test_the_page_says_what_the_models_did(named: Callable[[str], None], tmp_path: Path) -> None:
    """Readers see which model took part, how many calls, and that the figures are not its own."""
    page = tmp_path / "page.md"
    with serving(obliging) as server:
        named(server.url)
        assert code("explain", CASE, "--llm", "auto", "--markdown", str(page), "-q") == 0
    text = page.read_text()
    assert "scripted-1" in text
    assert "7 calls" in text
    assert "sceptic" in text.lower()


def test_auto_without_a_model_is_the_rules_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said once, and the bytes are those without the option."""
    plain, auto = tmp_path / "plain.json", tmp_path / "auto.json"
    assert code("explain", CASE, "--json", str(plain), "-q") == 0
    assert code("explain", CASE, "--llm", "auto", "--json", str(auto)) == 0
    assert plain.read_bytes() == auto.read_bytes()
    assert "the rules answer alone" in capsys.readouterr().err


def test_replay_without_a_name_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    """Whose records are meant must be said."""
    assert code("explain", CASE, "--replay") == 2
    assert "CAUSEMAP_MODEL" in capsys.readouterr().err


def test_chat_answers_each_question_and_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    """Plain text on standard output, without the escapes of a page."""
    asked = ("--ask", "why?", "--ask", "为什么不是利率冲击?", "--ask", "any update today?")
    assert code("chat", CASE, *asked) == 0
    out = capsys.readouterr().out
    assert "AI and tech re-rating" in out
    assert "利率冲击" in out
    assert "Shall I refresh it?" in out
    assert "\\[" not in out


@pytest.mark.parametrize("arguments", [("no-case-1",), ("missing.json",), (CASE, "--llm")])
def test_chat_refuses_what_it_cannot_do(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown run, or a model that is not set up: one line, code 2."""
    assert code("chat", *arguments, "--ask", "why?") == 2
    assert capsys.readouterr().err.count("\n") == 1


# --- the model's form of a conversation ----------

DOSSIER = load_case(CASE)
REPORT = conclude(DOSSIER)
ITEM = "macro.ust10y.change"


def said(**changes: object) -> Callable[[Request], Reply]:
    """A model that reads every question so."""
    read: dict[str, object] = {
        "intent": "why",
        "causes": [],
        "items": [],
        "change": "none",
        "opening": "",
    }

    def script(request: Request) -> Reply:
        return Reply(json.dumps(read | changes)) if request.agent == "chat" else obliging(request)

    return script


def test_a_model_understands_what_phrases_do_not(model: MakeSettings) -> None:
    """It names the kind of question and the item; the engine recomputes."""
    odd = "Consider a world in which that thing never was."
    script = said(intent="what_if", items=[ITEM], change="remove")
    with serving(script) as server:
        answer = reply_with_model(REPORT, DOSSIER, odd, model(server.url))
    assert reply(REPORT, DOSSIER, odd).intent == "found"
    assert answer.intent == "what_if"
    assert answer.evidence == (ITEM,)
    assert "Recomputed without" in answer.text


def test_an_opening_in_slots_is_filled_and_checked(model: MakeSettings) -> None:
    """A sound opening stands first; one with a figure of its own is left out."""
    good = f"{{{ITEM}|asset|name}} {{{ITEM}|value|fell_rose+auto}}."
    for opening, stands in ((good, True), ("The 10-year Treasury yield rose 99 bp.", False)):
        with serving(said(opening=opening)) as server:
            settings = model(server.url, name=f"m{stands}")
            answer = reply_with_model(REPORT, DOSSIER, "why?", settings)
        plain = reply(REPORT, DOSSIER, "why?")
        assert answer.text.endswith(plain.text)
        assert answer.text.startswith("The 10-year Treasury yield") == stands


def test_a_model_cannot_turn_a_question_for_advice_into_another(model: MakeSettings) -> None:
    """What phrases recognise as advice stays declined."""
    with serving(said(intent="why")) as server:
        answer = reply_with_model(REPORT, DOSSIER, "should I buy now?", model(server.url))
    assert answer.intent == "advice"


@pytest.mark.parametrize("fault", [Reply(status=401), Reply("no"), Reply(refusal="no")])
def test_without_the_model_the_rules_answer(fault: Reply, model: MakeSettings) -> None:
    """A failing call costs nothing but its own part."""
    history = (Turn("why?", "why"),)
    with serving(lambda r: fault if r.agent == "chat" else obliging(r)) as server:
        answer = reply_with_model(REPORT, DOSSIER, "brief me", model(server.url), history)
    assert answer == reply(REPORT, DOSSIER, "brief me", history)
