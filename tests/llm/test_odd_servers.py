"""Servers that keep to no protocol and disks that take nothing: named faults, no traceback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from pydantic import BaseModel, ConfigDict
from tests.llm.scripted_server import Reply, Request, obliging, serving

from causemap.agents.chat_model import reply_with_model
from causemap.agents.conclude import conclude
from causemap.agents.model_run import enrich
from causemap.cases.store import load_case
from causemap.errors import ModelError
from causemap.llm import budget
from causemap.llm.budget import Cost, Day
from causemap.llm.calling import Answer, Ask
from causemap.llm.client import Client
from causemap.llm.ladder import Capability, Memory
from causemap.llm.prompting import Rendered
from causemap.settings import ModelSettings

MakeSettings = Callable[..., ModelSettings]
CASE = "2026-02-seed"


class Form(BaseModel):
    """The answer these tests ask for."""

    model_config = ConfigDict(extra="forbid")
    word: str


def chunk(delta: object, **more: object) -> bytes:
    """An event of the stream as servers write it."""
    return json.dumps({"id": "c", "choices": [{"index": 0, "delta": delta}], **more}).encode()


YES = chunk({"content": '{"word": "yes"}'})
UNREADABLE = {
    "content is a number": chunk({"content": 42}),
    "content is a list": chunk({"content": ["a"]}),
    "the model is a number": json.dumps({"id": "c", "model": 7, "choices": []}).encode(),
    "choices are a number": b'{"id": "c", "choices": 3}',
    "no object": b"[1, 2]",
    "null": b"null",
    "a tool without place": chunk({"tool_calls": [{"index": None, "function": {"name": "x"}}]}),
}


def script(reply: Reply) -> Callable[[Request], Reply]:
    """A server that passes the probe and then answers this to everything."""
    return lambda request: reply if request.system else Reply('{"ok": true}')


def asked(model: ModelSettings) -> tuple[Answer[Form] | ModelError, Client]:
    """One question: the answer or the fault, and the client that put it."""

    async def run() -> tuple[Answer[Form] | ModelError, Client]:
        client = Client(model)
        question = Ask("tester", 1, Rendered("test@0", "You are a test.", "Speak."), Form, 200)
        try:
            return await client.ask(question), client
        except ModelError as fault:
            return fault, client
        finally:
            await client.close()

    return asyncio.run(run())


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_event_that_is_none_of_the_protocol_is_a_named_fault(
    name: str, model: MakeSettings
) -> None:
    """It ends the call like a broken stream, is recorded, and replays as the same fault."""
    with serving(script(Reply(events=(UNREADABLE[name],)))) as server:
        said, client = asked(model(server.url))
    assert "stream could not be read" in str(said)
    again, _ = asked(model(None, replay=True))
    assert str(again) == str(said)
    assert [call.outcome for call in client.calls] == [str(said)]


@pytest.mark.parametrize(
    "odd",
    [
        json.dumps({"id": "c", "choices": None}).encode(),
        chunk(None),
        chunk({"tool_calls": [{"index": -1, "id": "a", "function": {"name": "x"}}]}),
    ],
    ids=["no choices", "no delta", "a tool before the first"],
)
def test_an_event_that_says_nothing_is_passed_over(odd: bytes, model: MakeSettings) -> None:
    """Null beside the usage, an empty delta, a tool call in no place: the rest is the answer."""
    with serving(script(Reply(events=(odd, YES)))) as server:
        said, _ = asked(model(server.url))
    assert isinstance(said, Answer)
    assert said.form == Form(word="yes")
    assert said.tools == ()


def test_half_a_character_is_joined_or_replaced(model: MakeSettings) -> None:
    """Two halves in two events are one character; a lone one can stand in no file."""
    halves = (chunk({"content": '{"word": "\ud83d'}), chunk({"content": '\ude00 \ud800x"}'}))
    with serving(script(Reply(events=halves))) as server:
        said, _ = asked(model(server.url))
    assert isinstance(said, Answer)
    assert said.form == Form(word="\U0001f600 \ufffdx")


@pytest.mark.parametrize("told", [(-5_000_000, -5), ("many", "more"), (None, 7), (3.5, 1)])
def test_a_count_that_is_none_is_estimated(
    told: tuple[object, object], model: MakeSettings
) -> None:
    """Tokens below zero or in words are not believed: a budget only ever shrinks."""
    usage = {"prompt_tokens": told[0], "completion_tokens": told[1]}
    counted = json.dumps({"id": "c", "choices": [], "usage": usage}).encode()
    with serving(script(Reply(events=(YES, counted)))) as server:
        said, client = asked(model(server.url))
    assert isinstance(said, Answer)
    assert said.call.tokens_in > 0
    assert client.budget.spent.tokens > 136  # the probe's, and this call's


def test_a_number_past_all_measure_is_no_json(model: MakeSettings) -> None:
    """Python converts no integer of five thousand digits: the answer is malformed, nothing more."""
    with serving(script(Reply('{"word": ' + "9" * 5_000 + "}"))) as server:
        said, _ = asked(model(server.url))
    assert "no JSON" in str(said)


def test_the_servers_name_for_its_model_is_cleaned(model: MakeSettings) -> None:
    """It comes from outside and stands in every saved run."""
    named = chunk({"content": '{"word": "yes"}'}, model="m\x1b[31m\u202e-1")
    with serving(script(Reply(events=(named,)))) as server:
        said, _ = asked(model(server.url))
    assert isinstance(said, Answer)
    assert said.call.model == "m[31m-1"


def blocked(folder: Path) -> Path:
    """A folder for records that cannot be one, whoever the user is."""
    folder.write_text("a file stands here")
    return folder


def test_records_that_cannot_be_written_leave_the_engines_report(
    model: MakeSettings, tmp_path: Path
) -> None:
    """Every agent names the folder's fault once; the verdict is as without a model."""
    case = load_case(CASE)
    with serving(obliging) as server:
        made = enrich(case, model(server.url, records=blocked(tmp_path / "full")))
        assert server.seen == []
    assert made.model is not None
    whys = {why.partition(": ")[2] for why in made.model.failures}
    assert len(whys) == 1
    assert "CAUSEMAP_MODEL_RECORDS" in whys.pop()
    assert conclude(made).verdict == conclude(case).verdict


def test_a_conversation_goes_on_without_the_model_and_says_why(
    model: MakeSettings, tmp_path: Path
) -> None:
    """A disk or a stream that fails costs the model's part of an answer only."""
    case = load_case(CASE)
    report = conclude(case)
    with serving(script(Reply(events=(b"null",)))) as server:
        settings = model(server.url)
        for one in (settings, replace(settings, records=blocked(tmp_path / "full"))):
            told: list[str] = []
            said = reply_with_model(report, case, "why?", one, failed=told.append)
            assert said.intent == "why"
            assert said.evidence
            assert len(told) == 1


def test_a_capability_that_cannot_be_kept_is_probed_again(
    model: MakeSettings, tmp_path: Path
) -> None:
    """The file of capabilities is a convenience: a call does not fail for it."""
    (tmp_path / "records" / "capabilities.json").mkdir(parents=True)
    with serving(script(Reply(events=(YES,)))) as server:
        said, _ = asked(model(server.url))
    assert isinstance(said, Answer)


def test_a_server_in_trouble_is_not_held_to_it_for_ever(tmp_path: Path) -> None:
    """What it could do least is probed again after a day; the best is remembered, as is a mess."""
    now = [1_000_000.0]
    memory = Memory(tmp_path, lambda: now[0])
    poor, best = Capability("prompt", "plain", tools=False), Capability()
    memory.keep("u", "poor", poor)
    memory.keep("u", "best", best)
    assert (memory.find("u", "poor"), memory.find("u", "best")) == (poor, best)
    now[0] += 86_401
    assert (memory.find("u", "poor"), memory.find("u", "best")) == (None, best)
    file = tmp_path / "capabilities.json"
    for row in ({"at": "x"}, {"other": 1}, [1], "x"):
        file.write_text(json.dumps(dict.fromkeys(json.loads(file.read_text()), row)))
        assert memory.find("u", "best") is None


def test_a_record_of_the_day_that_is_held_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting for another process in vain is not a fault of the disk."""
    monkeypatch.setattr(budget, "_PATIENCE", 0.05)
    day = Day(tmp_path)
    with FileLock(f"{day.path}.lock"), pytest.raises(ModelError, match="another process"):
        day.hold(Cost(1), Cost(10))
