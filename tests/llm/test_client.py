from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict
from tests.llm.scripted_server import Reply, Request, Server, serving

from causemap.errors import ModelError
from causemap.llm.calling import Answer, Ask, Tool
from causemap.llm.client import Client
from causemap.llm.hearing import CallEvent
from causemap.llm.prompting import Rendered
from causemap.llm.retrying import Clock
from causemap.model_records import Priced
from causemap.settings import ModelSettings

MakeSettings = Callable[..., ModelSettings]
PROMPT = Rendered("test@0", "You are a test.", "Say something.")
GOOD = Reply('{"reasoning": "r", "word": "yes"}')
OK = Reply('{"ok": true}')
TOOL = Tool("look", "Look something up.", {"type": "object", "properties": {}})


class Form(BaseModel):
    """The answer these tests ask for."""

    model_config = ConfigDict(extra="forbid")
    reasoning: str
    word: str


@dataclass
class FakeClock:
    """A clock whose sleep costs nothing and is written down."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.slept.append(seconds)
        self.at += seconds

    @property
    def clock(self) -> Clock:
        """The clock as the client takes it, without jitter."""
        return Clock(lambda: self.at, self.sleep, lambda: 1.0)


def ask(*tools: Tool, user: str = "Say something.") -> Ask[Form]:
    """A question in the form of these tests."""
    return Ask("tester", 1, replace(PROMPT, user=user), Form, 200, tools)


def put(client: Client, *asks: Ask[Form]) -> list[Answer[Form] | BaseException]:
    """Put questions side by side in one event loop and close the client."""

    async def run() -> list[Answer[Form] | BaseException]:
        try:
            return await asyncio.gather(*(client.ask(a) for a in asks), return_exceptions=True)
        finally:
            await client.close()

    return asyncio.run(run())


def one(client: Client, question: Ask[Form] | None = None) -> Answer[Form]:
    """Put one question; its fault is raised."""
    (answer,) = put(client, question or ask())
    if isinstance(answer, BaseException):
        raise answer
    return answer


def after_probe(*replies: Reply) -> Callable[[Request], Reply]:
    """A script that answers the probe and then these, the last one for ever."""
    left = list(replies)

    def script(request: Request) -> Reply:
        if request.agent == "probe" and "You are a test." not in request.system:
            return OK
        return left.pop(0) if len(left) > 1 else left[0]

    return script


def accepting(*forms: str, status: int) -> Callable[[Request], Reply]:
    """A server that knows only some rungs and answers the others with a status."""

    def script(request: Request) -> Reply:
        if request.format not in forms:
            return Reply(status=status)
        return GOOD if request.system else OK

    return script


@pytest.mark.parametrize("status", [400, 422, 500])
@pytest.mark.parametrize(
    ("forms", "rung"),
    [
        (("json_schema", "json_object", "prompt"), "json_schema"),
        (("json_object", "prompt"), "json_object"),
        (("prompt",), "prompt"),
    ],
)
def test_the_ladder_ends_on_the_highest_rung_the_server_knows(
    forms: tuple[str, ...], rung: str, status: int, model: MakeSettings
) -> None:
    """400, 422 and 500 all mean "not supported" to a probe; the answer is validated alike."""
    with serving(accepting(*forms, status=status)) as server:
        answer = one(Client(model(server.url), clock=FakeClock().clock))
    assert answer.form == Form(reasoning="r", word="yes")
    assert answer.call.rung == rung
    assert server.seen[-1].format == rung


def test_the_schema_is_told_in_words_below_the_first_rung(model: MakeSettings) -> None:
    """A server without schemas is shown the schema in the prompt, json_object as a hint too."""
    with serving(accepting("json_object", status=400)) as server:
        one(Client(model(server.url)))
    last = server.seen[-1]
    assert '"word"' in last.user
    assert last.body["response_format"]["schema"]["required"] == ["reasoning", "word"]


def test_capability_is_probed_once_and_remembered(model: MakeSettings) -> None:
    """Parallel first questions share one probe; a later client asks for none."""
    with serving(after_probe(GOOD)) as server:
        put(Client(model(server.url)), *(ask(user=f"q{n}") for n in range(4)))
        probes = [r for r in server.seen if not r.system]
        assert len(probes) == 1
        one(Client(model(server.url)), ask(user="later"))
        assert len([r for r in server.seen if not r.system]) == 1


def test_an_older_server_is_spoken_to_in_the_plain_dialect(model: MakeSettings) -> None:
    """A server that knows neither stream options nor max_completion_tokens gets max_tokens."""

    def script(request: Request) -> Reply:
        if "stream_options" in request.body or "max_completion_tokens" in request.body:
            return Reply(status=400)
        return GOOD if request.system else OK

    with serving(script) as server:
        answer = one(Client(model(server.url)))
    assert server.seen[-1].body["max_tokens"] == 200
    assert answer.call.rung == "json_schema"
    assert answer.call.tokens_in > 0  # estimated, for the server does not count


@pytest.mark.parametrize("status", [401, 403, 404])
def test_other_client_errors_are_never_tried_again(status: int, model: MakeSettings) -> None:
    """A wrong key or model name ends the call at the first answer."""
    with serving(after_probe(Reply(status=status))) as server:
        with pytest.raises(ModelError, match=str(status)):
            one(Client(model(server.url)))
        assert len([r for r in server.seen if r.system]) == 1


def test_429_waits_as_long_as_the_server_asks(model: MakeSettings) -> None:
    """Retry-After is kept to, and the call goes through at the second attempt."""
    clock = FakeClock()
    busy = Reply(status=429, headers=(("retry-after", "4"),))
    with serving(after_probe(busy, GOOD)) as server:
        assert one(Client(model(server.url), clock=clock.clock)).form is not None
        assert len([r for r in server.seen if r.system]) == 2
    assert clock.slept == [4.0]


def test_429_that_asks_for_longer_than_the_deadline_ends_at_once(model: MakeSettings) -> None:
    """No call sleeps past its deadline."""
    clock = FakeClock()
    busy = Reply(status=429, headers=(("retry-after", "3600"),))
    with serving(after_probe(busy)) as server:
        with pytest.raises(ModelError, match="429"):
            one(Client(model(server.url), clock=clock.clock))
        assert len([r for r in server.seen if r.system]) == 1
    assert clock.slept == []


def test_server_errors_are_tried_three_times_with_growing_pauses(model: MakeSettings) -> None:
    """503 for ever: three attempts in all (no retries under them), pauses of a half and one."""
    clock = FakeClock()
    with serving(after_probe(Reply(status=503))) as server:
        with pytest.raises(ModelError, match="503"):
            one(Client(model(server.url), clock=clock.clock))
        assert len([r for r in server.seen if r.system]) == 3
    assert clock.slept == [0.5, 1.0]


def test_a_server_that_hangs_is_left_at_the_deadline(model: MakeSettings) -> None:
    """The call ends with its deadline, not with the server, which is still holding it."""
    with serving(after_probe(Reply(hang=600.0))) as server:
        client = Client(model(server.url, deadline=1.0))
        with pytest.raises(ModelError, match="in time"):
            one(client)
        assert server.inside == 1
    # It may have done the work and charge for it: what was reserved counts as spent.
    assert client.budget.spent.tokens > ask().max_tokens


def test_an_unreachable_server_is_an_error_with_a_reason(model: MakeSettings) -> None:
    """Nothing listens: the fault is named after the attempts, in plain words."""
    with pytest.raises(ModelError, match="could not be reached"):
        one(Client(model("http://127.0.0.1:9/v1"), clock=FakeClock().clock))


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply("this is no JSON"), "no JSON"),
        (Reply('{"reasoning": "r"}'), "word"),
        (Reply('{"reasoning": "r", "word": "y", "extra": 1}'), "a field not asked for"),
        (Reply(""), "empty"),
        (Reply(refusal="I will not."), "refused"),
        (Reply("x", finish="content_filter"), "refused"),
        (Reply('{"reasoning": "' + "x" * 900, cut=True), "no JSON"),
        (Reply(garbled=True), "could not be read"),
    ],
    ids=["prose", "short", "extra", "empty", "refusal", "filter", "cut", "garbled"],
)
def test_an_unusable_answer_is_an_error_and_is_recorded(
    reply: Reply, why: str, model: MakeSettings
) -> None:
    """Broken, refused and empty answers end the call with a reason in its record."""
    with serving(after_probe(reply)) as server:
        client = Client(model(server.url))
        with pytest.raises(ModelError, match=why):
            one(client)
    (call,) = client.calls
    assert why in call.outcome


def test_tool_calls_come_back_as_asked(model: MakeSettings) -> None:
    """Streamed pieces of a tool call are put together."""
    reply = Reply(tools=(("look", '{"series": "TLT"}'),))
    with serving(after_probe(reply)) as server:
        answer = one(Client(model(server.url)), ask(TOOL))
    assert answer.form is None
    assert answer.tools == (("look", '{"series": "TLT"}'),)
    assert server.seen[-1].body["tools"][0]["function"]["name"] == "look"


def test_a_server_without_tools_is_asked_without_them(model: MakeSettings) -> None:
    """The refusal costs one attempt and is remembered for the next call."""

    def script(request: Request) -> Reply:
        if "tools" in request.body:
            return Reply(status=400)
        return GOOD if request.system else OK

    with serving(script) as server:
        client = Client(model(server.url))
        assert one(client, ask(TOOL)).call.rung == "json_schema"
        assert one(Client(model(server.url)), ask(TOOL, user="2")).form is not None
        assert sum("tools" in r.body for r in server.seen) == 1


def test_progress_tells_the_characters_so_far(model: MakeSettings) -> None:
    """A call is told from the question to the answer, its stream as it grows, and what it took."""
    told: list[CallEvent] = []
    long = Reply(json.dumps({"reasoning": "x" * 1500, "word": "y"}), usage=(100, 20))
    with serving(after_probe(long)) as server:
        one(Client(model(server.url), heard=told.append))
    states = [event.state for event in told]
    assert (states[0], states[-1]) == ("asked", "done")
    grown = [event.chars for event in told if event.state == "streaming"]
    assert grown == sorted(grown)
    assert len(set(grown)) >= 4
    assert told[-1].used.calls == 1
    assert told[-1].used.tokens == 120 + 136
    assert told[-1].call is not None


def test_a_failed_call_is_told_with_its_reason(model: MakeSettings) -> None:
    """Who listens learns what went wrong, and that it counted as a call."""
    told: list[CallEvent] = []
    with serving(after_probe(Reply(status=401))) as server, pytest.raises(ModelError):
        one(Client(model(server.url), heard=told.append))
    assert told[-1].state == "failed"
    assert "401" in told[-1].why
    assert told[-1].used.calls == 1


# --- asked again ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        Reply("I would say: yes."),
        Reply('{"reasoning": "r"}'),
        Reply('{"reasoning": "r", "word": "yes", "mine": 1}'),
        Reply(""),
        Reply('{"reasoning": "' + "x" * 300, finish="length"),
    ],
    ids=["prose", "short", "extra", "empty", "too long"],
)
@pytest.mark.parametrize("form", ["json_schema", "json_object", "prompt"])
def test_a_broken_answer_is_asked_for_once_more(
    form: str, broken: Reply, model: MakeSettings
) -> None:
    """On each rung: with the fault and the form in words, without tools, one place further down."""
    left = [broken, GOOD]

    def script(request: Request) -> Reply:
        if request.format != form:
            return Reply(status=400)
        return left.pop(0) if request.system else OK

    with serving(script) as server:
        client = Client(model(server.url), clock=FakeClock().clock)
        question = ask(TOOL)
        answer = insisted(client, question)
        asked = [r for r in server.seen if r.system and r.format == form]
    assert answer.form == Form(reasoning="r", word="yes")
    assert [call.stage for call in client.calls] == [1, 2]
    assert client.calls[0].outcome != "ok" == client.calls[1].outcome
    again = asked[-1]
    assert client.calls[0].outcome in again.user
    assert '"required":["reasoning","word"]' in again.user
    assert "tools" not in again.body
    assert broken.text not in again.user or not broken.text
    assert again.system == asked[0].system
    assert client.calls[1].prompt.startswith("test@0+again@")


def insisted(client: Client, question: Ask[Form]) -> Answer[Form]:
    """Put one question that may be put once more."""

    async def run() -> Answer[Form]:
        try:
            return await client.insist(question)
        finally:
            await client.close()

    return asyncio.run(run())


def test_nothing_is_asked_a_third_time(model: MakeSettings) -> None:
    """Two broken answers are a fault; refusals and server errors are not asked again at all."""
    for reply, times in ((Reply("no"), 2), (Reply(refusal="no"), 1), (Reply(status=401), 1)):
        with serving(after_probe(reply)) as server:
            client = Client(model(server.url, name=f"m{times}{reply.status}"))
            with pytest.raises(ModelError):
                insisted(client, ask())
            assert len([r for r in server.seen if r.system]) == times
        assert len(client.calls) == times


def test_asking_again_needs_its_own_reservation(model: MakeSettings) -> None:
    """A budget that has room for one call stops the second, and says why."""
    with serving(after_probe(replace(Reply("no"), usage=(300, 200)))) as server:
        client = Client(model(server.url, run_tokens=1_000))
        with pytest.raises(ModelError, match="budget"):
            insisted(client, ask())
        assert len([r for r in server.seen if r.system]) == 1
    assert client.budget.spent.tokens <= 1_000


def test_a_second_question_replays_too(model: MakeSettings) -> None:
    """Both answers stand in the record: the replay asks nobody and ends alike."""
    with serving(after_probe(Reply("no"), GOOD)) as server:
        first = Client(model(server.url))
        insisted(first, ask())
    second = Client(model(None, replay=True))
    assert insisted(second, ask()).form == Form(reasoning="r", word="yes")
    assert second.calls == first.calls
    assert second.priced == first.priced == Priced("local")


def test_the_same_question_is_answered_from_the_record(model: MakeSettings) -> None:
    """A second client asks nobody, and its call is the recorded one."""
    with serving(after_probe(GOOD)) as server:
        first, second = Client(model(server.url)), Client(model(server.url))
        one(first)
        asked = len(server.seen)
        one(second)
        assert len(server.seen) == asked
    assert first.calls == second.calls


def test_replay_needs_no_server_and_invents_nothing(model: MakeSettings) -> None:
    """Recorded calls answer, failed ones fail alike, and an unknown one is an error."""
    with serving(after_probe(GOOD, Reply("nonsense"))) as server:
        first, second = Client(model(server.url)), Client(model(server.url))
        put(first, ask(user="a"))
        put(second, ask(user="b"))
    again = Client(model(None, replay=True))
    put(again, ask(user="a"), ask(user="b"))
    assert again.calls == [*first.calls, *second.calls]
    assert "no JSON" in again.calls[1].outcome
    with pytest.raises(ModelError, match="no record"):
        one(Client(model(None, replay=True)), ask(user="never asked"))


def test_an_unusable_record_is_asked_for_again(model: MakeSettings) -> None:
    """A refusal of yesterday does not stand for ever."""
    with serving(after_probe(Reply(refusal="no"), GOOD)) as server:
        with pytest.raises(ModelError):
            one(Client(model(server.url)))
        assert one(Client(model(server.url))).form is not None


def test_a_call_over_budget_is_not_made(model: MakeSettings) -> None:
    """Nothing is sent when the reservation does not fit, and the reason is told."""
    with serving(after_probe(GOOD)) as server:
        with pytest.raises(ModelError, match="budget"):
            one(Client(model(server.url, run_tokens=210)))
        assert [r for r in server.seen if r.system] == []


def test_parallel_calls_cannot_pass_the_budget(model: MakeSettings) -> None:
    """Twenty at once with room for a few: what is spent stays within the limit."""
    with serving(after_probe(replace(GOOD, usage=(100, 200))), delay=0.05) as server:
        client = Client(model(server.url, run_tokens=2_500))
        answers = put(client, *(ask(user=f"q{n}") for n in range(20)))
        made = [r for r in server.seen if r.system]
    assert 0 < len(made) < 20
    assert sum(isinstance(a, ModelError) for a in answers) == 20 - len(made)
    assert client.budget.spent.tokens <= 2_500


def test_parallel_calls_dearer_than_reserved_are_the_last(model: MakeSettings) -> None:
    """What is in flight fits by its reservations; once one comes out dearer nothing new starts."""
    gate = threading.Barrier(4, timeout=60)

    def dear(request: Request) -> Reply:
        if not request.system:
            return OK
        gate.wait()
        return replace(GOOD, usage=(3_000, 200))

    with serving(dear) as server:
        client = Client(model(server.url, run_tokens=136 + 4 * 700, deadline=60.0))
        answers = put(client, *(ask(user=f"q{n}") for n in range(4)))
        put(client, *(ask(user=f"r{n}") for n in range(3)))
        made = [r for r in server.seen if r.system]
    assert not any(isinstance(answer, BaseException) for answer in answers)
    assert len(made) == 4
    assert client.budget.reserved.tokens == 0
    assert client.budget.spent.tokens == 136 + 4 * 3_200


def test_a_prompt_in_chinese_reserves_what_it_may_cost(model: MakeSettings) -> None:
    """A character outside ASCII may be more than a token: the reservation counts it so."""
    with serving(after_probe(GOOD)) as server:
        client = Client(model(server.url, run_tokens=1_800))
        assert one(client, ask(user="a" * 1_000)).form is not None
        with pytest.raises(ModelError, match="budget"):
            one(Client(model(server.url, run_tokens=1_800)), ask(user="跌" * 1_000))


def test_a_call_dearer_than_reserved_is_the_last(model: MakeSettings) -> None:
    """The overshoot is at most that one call's difference: nothing starts after it."""
    with serving(after_probe(replace(GOOD, usage=(5_000, 200)))) as server:
        client = Client(model(server.url, run_tokens=3_000))
        for n in range(3):
            put(client, ask(user=f"q{n}"))
        assert len([r for r in server.seen if r.system]) == 1
    assert client.budget.spent.tokens == 5_200 + 136


def test_the_key_is_nowhere_but_in_the_header(model: MakeSettings, tmp_path: Path) -> None:
    """Every path, faults that echo the key too: it is in no record, message or representation."""
    echo = Reply('{"reasoning": "KEY", "word": "yes"}'.replace("KEY", "sk-canary-4f1d9c2b7e"))
    told: list[str] = []
    with serving(after_probe(Reply(status=401), Reply(status=503), echo)) as server:
        settings = model(server.url)
        for n in range(6):
            client = Client(settings, clock=FakeClock().clock)
            told += [repr(answer) for answer in put(client, ask(user=f"q{n}"))]
            told += [repr(client.calls), repr(settings), repr(client)]
        assert all(r.key == f"Bearer {settings.key}" for r in server.seen)
    told += [f.read_text() for f in tmp_path.rglob("*") if f.is_file()]
    assert any("[key]" in text for text in told)
    assert not any(settings.key in text for text in told)


def test_the_model_is_named_as_the_server_gave_it(model: MakeSettings) -> None:
    """What is recorded is the name that came back, not the one asked for."""
    with serving(after_probe(GOOD)) as server:
        assert one(Client(model(server.url))).call.model == "scripted-1"


def test_redirects_are_not_followed(model: MakeSettings) -> None:
    """A server cannot send the question, and the key with it, to another address."""
    other: Server
    with serving(after_probe(GOOD)) as other:
        away = Reply(status=307, headers=(("location", f"{other.url}/chat/completions"),))
        with serving(after_probe(away)) as server, pytest.raises(ModelError):
            one(Client(model(server.url), clock=FakeClock().clock))
        assert other.seen == []


def test_a_server_that_answers_no_probe_is_not_asked_again(model: MakeSettings) -> None:
    """Parallel callers share the failed probe: one set of attempts, every call says why."""
    with serving(lambda _: Reply(status=503)) as server:
        client = Client(model(server.url), clock=FakeClock().clock)
        answers = put(client, *(ask(user=f"q{n}") for n in range(5)))
        assert len(server.seen) == 3
    assert all("503" in str(answer) for answer in answers)
    assert len(client.calls) == 5
