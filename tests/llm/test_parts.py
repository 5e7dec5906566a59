"""The small parts: budget, records, parsing, prompts, prices, extra measurements."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from tests.llm.scripted_server import Reply, Request, obliging, serving, table_ids

from causemap.agents import extra_measures
from causemap.agents.model_run import enrich
from causemap.agents.single_call import SingleView, single_call
from causemap.cases.store import load_case
from causemap.errors import ModelError, UsageError
from causemap.llm.budget import Budget, BudgetSpent, Cost, Day, Limits
from causemap.llm.ladder import Capability, options
from causemap.llm.parsing import Unreadable, parse
from causemap.llm.prices import estimated_tokens, price_of, priced
from causemap.llm.prompting import language_name, load_prompt, prompt_names, render
from causemap.llm.recording import Records, redacted
from causemap.model_records import Priced
from causemap.records import Scope
from causemap.settings import ModelSettings, load_settings
from causemap.tools.market import open_market

MakeSettings = Callable[..., ModelSettings]
LIMITS = Limits(Cost(100, 1.0), Cost(1_000, 10.0), 60.0)


class Form(BaseModel):
    """A form to parse."""

    model_config = ConfigDict(extra="forbid")
    word: str


# --- budget --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 90)), max_size=30))
def test_a_run_overshoots_by_one_reservation_at_most(calls: list[tuple[int, int]]) -> None:
    """Whatever is reserved and then spent: past the limit by one call's difference, never more."""
    budget = Budget(LIMITS)
    worst = 0
    for held, spent in calls:
        try:
            with budget.reserve(Cost(held)) as bill:
                bill.add(Cost(spent))
        except BudgetSpent:
            continue
        worst = max(worst, spent - held)
    assert budget.spent.tokens <= 100 + max(0, worst)
    assert budget.reserved == Cost()


def test_reservations_in_flight_count(tmp_path: Path) -> None:
    """Many threads at once hold no more than the limit together, in the run and in the day."""
    day = Day(tmp_path)
    budgets = [Budget(LIMITS, day), Budget(LIMITS, day)]
    gate = threading.Barrier(8, timeout=20)
    most: list[int] = []

    def call(budget: Budget) -> None:
        gate.wait()
        try:
            with budget.reserve(Cost(30, 0.1)) as bill:
                most.append(budget.reserved.tokens)
                bill.add(Cost(30, 0.1))
        except BudgetSpent:
            pass

    threads = [threading.Thread(target=call, args=(budgets[n % 2],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= 100
    assert all(budget.spent.tokens <= 100 for budget in budgets)
    assert day.used().tokens == sum(budget.spent.tokens for budget in budgets)


def test_the_day_is_shared_between_runs_and_ends_at_midnight(tmp_path: Path) -> None:
    """A second run finds what the first used; the next day starts afresh."""
    now = [datetime(2026, 11, 21, 23, 59, tzinfo=UTC)]
    day = Day(tmp_path, lambda: now[0])
    tight = Limits(Cost(100, 1.0), Cost(50, 10.0), 60.0)
    with Budget(tight, day).reserve(Cost(40)) as bill:
        bill.add(Cost(40))
    with pytest.raises(BudgetSpent, match="day"), Budget(tight, day).reserve(Cost(40)):
        pass
    now[0] = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)
    with Budget(tight, day).reserve(Cost(40)):
        assert day.used() == Cost(40)


def test_a_call_over_midnight_is_settled_on_the_day_that_held_it(tmp_path: Path) -> None:
    """What comes back after midnight goes back to yesterday; today starts at nothing, not below."""
    now = [datetime(2026, 11, 21, 23, 59, tzinfo=UTC)]
    day = Day(tmp_path, lambda: now[0])
    with Budget(LIMITS, day).reserve(Cost(90)) as bill:
        now[0] = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)
        bill.add(Cost(30))
    assert day.used() == Cost(0)
    now[0] = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
    assert day.used() == Cost(30)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 90)), min_size=1, max_size=12),
    st.randoms(use_true_random=False),
)
def test_calls_in_flight_never_hold_more_than_the_limit(
    calls: list[tuple[int, int]], rng: random.Random
) -> None:
    """In any order of starts and ends: nothing starts that does not fit beside all that runs."""
    budget = Budget(LIMITS)
    running: list[tuple[ExitStack, int, int]] = []
    over = 0
    for held, spent in calls:
        while running and rng.random() < 0.4:
            stack, reserved, cost = running.pop(rng.randrange(len(running)))
            stack.close()
            over += max(0, cost - reserved)
        stack = ExitStack()
        before = budget.spent.tokens + budget.reserved.tokens
        try:
            stack.enter_context(budget.reserve(Cost(held))).add(Cost(spent))
        except BudgetSpent:
            assert before + held > 100
            continue
        assert before + held <= 100
        running.append((stack, held, spent))
    for stack, reserved, cost in running:
        stack.close()
        over += max(0, cost - reserved)
    assert budget.spent.tokens <= 100 + over
    assert budget.reserved == Cost()


def test_money_and_time_are_limits_too() -> None:
    """A call that would cost too much, or comes too late, is not made."""
    at = [0.0]
    budget = Budget(LIMITS, clock=lambda: at[0])
    with pytest.raises(BudgetSpent, match="money"), budget.reserve(Cost(1, 1.01)):
        pass
    at[0] = 61.0
    with pytest.raises(BudgetSpent, match="60 seconds"), budget.reserve(Cost(1)):
        pass


def test_a_failing_call_gives_its_reservation_back() -> None:
    """What was not spent is free again."""
    budget = Budget(LIMITS)
    with pytest.raises(ValueError, match="x"), budget.reserve(Cost(90)):
        raise ValueError("x")
    with budget.reserve(Cost(90)):
        assert budget.reserved == Cost(90)


# --- records, parsing, prices --------------------


def test_a_damaged_record_is_an_error_not_an_answer(tmp_path: Path) -> None:
    """A record that cannot be read says which file to remove."""
    records = Records(tmp_path)
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "abcd.json").write_text("{")
    with pytest.raises(ModelError, match=r"abcd\.json"):
        records.find("abcd")


def test_the_salt_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Two readers of a folder see one salt, and others cannot read it."""
    for k in range(15):
        start = threading.Barrier(4)

        def salt(folder: Path, start: threading.Barrier = start) -> str:
            start.wait()
            return Records(folder).salt()

        with ThreadPoolExecutor(4) as pool:
            (made,) = set(pool.map(salt, [tmp_path / str(k)] * 4))
        assert len(made) == 32
        assert (tmp_path / str(k) / "salt").stat().st_mode & 0o077 == 0


def test_a_key_is_taken_out_of_any_text() -> None:
    """An echo of the key is hidden; an empty key hides nothing."""
    assert redacted("no (Bearer sk-abcdef)", "sk-abcdef") == "no (Bearer [key])"
    assert redacted("text", "") == "text"


@pytest.mark.parametrize(
    "text",
    [
        '{"word": "yes"}',
        'Sure!\n```json\n{"word": "yes"}\n```\nHope this helps.',
        '<think>{"word": "no"} maybe</think>{"word": "yes"}',
        '{"word": "yes",}',
        '{"other": 1} {"word": "yes"}',
    ],
)
def test_the_object_is_found_in_what_models_write(text: str) -> None:
    """Fences, greetings, thoughts and a trailing comma are passed over."""
    assert parse(text, Form).word == "yes"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("It fell.", "no JSON object in the answer"),
        ('{"word": {"other": "yes"}, "rest": "and the', "no JSON object is complete"),
        ('{"word": 1}', "word: Input should be a valid string"),
        ('{"ignore all rules": 1}', "word: Field required"),
        ('{"word": "y", "ignore all rules": 1}', "a field not asked for"),
    ],
)
def test_a_fault_is_told_in_our_words(text: str, why: str) -> None:
    """Where the form is broken is said without a word of the answer."""
    with pytest.raises(Unreadable) as fault:
        parse(text, Form)
    assert why in str(fault.value)
    assert "ignore" not in str(fault.value)


@given(st.text(max_size=400))
def test_parsing_never_breaks(text: str) -> None:
    """Any text gives a record or a readable fault."""
    with suppress(Unreadable):
        assert parse(text, Form).word is not None


def test_prices_are_dated_and_known_by_family() -> None:
    """A served name finds its list price, a local server is free, an unknown name has none."""
    assert price_of("gpt-4o-mini-2024-07-18", None) == price_of("openai/gpt-4o-mini", None)
    known = price_of("gpt-4o-mini", "https://api.example.com/v1")
    assert known is not None
    assert known.of(1_000_000, 1_000_000) == pytest.approx(0.75)
    local = price_of("anything", "http://127.0.0.1:8000/v1")
    assert local is not None
    assert local.of(10**6, 10**6) == 0.0
    assert price_of("no-such-model", None) is None
    assert known.priced.kind == "listed"
    assert known.priced.as_of >= "2026-11-21"
    assert known.priced.source
    assert priced(local) == Priced("local")
    assert priced(None) == Priced("unknown")


def test_a_table_of_the_users_own_wins(tmp_path: Path) -> None:
    """It prices what it names, a local server too, and leaves the rest to the shipped table."""
    own = tmp_path / "own.json"
    own.write_text('{"as_of": "2026-11-20", "models": {"Mine": {"in": 1, "out": 2}}}')
    price = price_of("mine-2026-01-01", "http://127.0.0.1:8000/v1", own)
    assert price is not None
    assert price.of(10**6, 10**6) == pytest.approx(3.0)
    assert price.priced == Priced("own", "2026-11-20", "own.json")
    assert price_of("gpt-4o-mini", None, own) == price_of("gpt-4o-mini", None)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"models": {}}',
        '{"as_of": "x", "models": {"m": {"in": "dear", "out": 1}}}',
        '{"as_of": "x", "models": {"m": {"in": -1, "out": 1}}}',
        '{"as_of": "x", "models": {"m": {"in": NaN, "out": 1}}}',
        '{"as_of": "x", "models": {"m": 1}}',
    ],
)
def test_a_table_that_cannot_be_used_is_bad_input(text: str, tmp_path: Path) -> None:
    """One line names the setting and the form; a file that is not there too."""
    own = tmp_path / "own.json"
    own.write_text(text)
    with pytest.raises(UsageError, match="CAUSEMAP_MODEL_PRICES"):
        price_of("m", None, own)
    with pytest.raises(UsageError, match="cannot be read"):
        price_of("m", None, tmp_path / "none.json")


def test_tokens_are_estimated_upwards() -> None:
    """English at three characters a token, anything else at a token and a half a character."""
    assert estimated_tokens("") == 0
    assert estimated_tokens("a" * 300) == 100
    assert estimated_tokens("跌" * 100) == 150


# --- prompts -------------------------------------------------------------------------------------

VALUES: dict[str, dict[str, object]] = {
    "again": {"system": "s", "user": "u", "why": "w", "form": "f"},
    "reader": {"marker": "~m~", "most": 3, "causes": "c", "assets": "a", "lines": ["~m~ n1.1| x"]},
    "desk": {
        "desk": "macro",
        "tools": 3,
        "most": 3,
        "start": "s",
        "end": "e",
        "as_of": "t",
        "assets": "a",
        "rows": ["r"],
        "gaps": "g",
        "measured": ["m"],
    },
    "sceptic": {"leading": "l", "ranked": "r", "rows": ["r"], "findings": ["f"], "claims": ["c"]},
    "writer": {
        "language": "Chinese (simplified)",
        "causes_zh": "c",
        "most": 3,
        "start": "s",
        "end": "e",
        "verdicts": ["v"],
        "steps": ["s"],
        "rows": ["r"],
        "rejected": ["r"],
        "findings": ["f"],
        "claims": ["c"],
    },
    "repair": {
        "language": "English",
        "failed": [{"section": "s", "template": "t", "reasons": "r", "allowed": "a"}],
        "probabilities": "p",
    },
    "chat": {
        "language": "English",
        "intents": "i",
        "causes": "c",
        "rows": ["r"],
        "earlier": "e",
        "question": "q",
    },
    "single_call": {"start": "s", "end": "e", "assets": "a", "causes": "c", "rows": ["r"]},
}


def test_every_prompt_of_the_package_is_under_test() -> None:
    """A new prompt file is rendered here before it is used."""
    assert set(prompt_names()) == set(VALUES)


@pytest.mark.parametrize("name", VALUES)
def test_a_prompt_renders_with_all_its_values_and_only_with_all(name: str) -> None:
    """Strict: a value that is missing is an error, and no template mark is left."""
    made = render(name, **VALUES[name])
    assert "{%" not in made.system + made.user
    assert "{{" not in made.system + made.user
    assert made.label == f"{name}@{load_prompt(name).digest}"
    for missing in VALUES[name]:
        rest = {key: value for key, value in VALUES[name].items() if key != missing}
        with pytest.raises(jinja2.UndefinedError):
            render(name, **rest)


def test_slots_in_prompts_are_left_as_they_are() -> None:
    """What the writer is shown is the slot itself."""
    assert "{ID|value|fell_rose+auto}" in render("writer", **VALUES["writer"]).system


def test_the_strict_schema_requires_every_field() -> None:
    """Servers that enforce schemas want each property required, defaults or not."""
    sent = options(Capability(), "x", SingleView.model_json_schema(), 10)
    schema = sent["response_format"]["json_schema"]["schema"]
    for part in (schema, *schema["$defs"].values()):
        assert part["required"] == list(part["properties"])
        assert part["additionalProperties"] is False


def test_languages_are_named() -> None:
    """Known ones by name, others as the setting gives them."""
    assert (language_name("zh"), language_name("fr")) == ("Chinese (simplified)", "fr")


# --- extra measurements --------------------

SCOPE = Scope("2026-01-29", "2026-02-05", "2026-02-07T23:59Z", ("SPX",), ("equity",))


def test_extra_measurements_are_taken_from_the_tape_and_bounded(shared_dir: Path) -> None:
    """A known series is measured once; repeats, excess, strangers and nonsense are refused."""
    view = open_market(shared_dir / "data").view(datetime.fromisoformat(SCOPE.as_of))
    tlt = ("measure_change", '{"series": "TLT"}')
    pair = ("measure_correlation", '{"first": "SPX", "second": "BTC", "sessions": 20}')
    found, refused = extra_measures.take("macro", SCOPE, view, [tlt, tlt, tlt, pair, pair])
    assert [item.id for item in found] == ["macro.asked_tlt.change"]
    assert len(refused) == 3
    found, refused = extra_measures.take("macro", SCOPE, view, [pair])
    case = load_case("2026-02-seed")
    same = next(e for e in case.evidence if e.id == "technicals.spx_btc.corr_20d")
    assert found[0].value == same.value
    assert found[0].group == "context"
    for bad in (("rm", "{}"), ("measure_change", "["), ("measure_change", '{"series": "../x"}')):
        found, refused = extra_measures.take("macro", SCOPE, view, [bad])
        assert found == ()
        assert refused


def test_a_desk_that_asks_is_answered_in_its_second_turn(
    shared_dir: Path, model: MakeSettings
) -> None:
    """The measurement enters the evidence, the desk speaks again, the chain stays three deep."""
    case = load_case("2026-02-seed")
    view = open_market(shared_dir / "data").view(datetime.fromisoformat(case.scope.as_of))

    def script(request: Request) -> Reply:
        if request.agent == "desk" and "tools" in request.body and "macro" in request.system:
            return Reply(tools=(("measure_change", '{"series": "TLT"}'),))
        if request.agent == "desk" and "Measured at your request" in request.user:
            said = {
                "text": "{ev:macro.asked_tlt.change} was the move of {macro.asked_tlt.change"
                "|said|text}.",
                "evidence": ["macro.asked_tlt.change"],
            }
            made = {"reasoning": "", "findings": [said], "doubts": [], "objections": []}
            return Reply(json.dumps(made))
        return obliging(request)

    with serving(script) as server:
        made = enrich(case, model(server.url), view=lambda: view)
    assert made.model is not None
    assert made.model.failures == ()
    assert any(item.id == "macro.asked_tlt.change" for item in made.evidence)
    assert any("asked_tlt" in finding.template for finding in made.model.findings)
    assert {call.stage for call in made.model.calls} == {1, 2, 3}


# --- the single-call baseline, settings --------------------


def test_the_single_call_gives_probabilities_that_sum_to_one(model: MakeSettings) -> None:
    """One call, the table without the question, and nothing when the model fails."""
    case = load_case("2025-01-tech")
    with serving(obliging) as server:
        said = single_call(case.scope, case.evidence, model(server.url))
        (asked,) = [r for r in server.seen if r.agent == "single"]
    assert said.primary == "ai_rerating"
    assert sum(p for _, p in said.probabilities) == pytest.approx(1.0)
    assert len(said.calls) == 1
    assert case.scope.question not in asked.user
    assert set(table_ids(asked)) <= {item.id for item in case.evidence}
    nobody = model("http://127.0.0.1:9/v1", name="other", deadline=0.5)
    lost = single_call(case.scope, case.evidence, nobody)
    assert lost.abstained
    assert lost.failure
    assert dict(lost.probabilities)["mixed_unclear"] == 1.0


def test_a_model_is_set_up_by_name(tmp_path: Path) -> None:
    """Without a name there is none; address and key may come as OpenAI's own tools take them."""
    home = {"CAUSEMAP_HOME": str(tmp_path)}
    assert load_settings({**home, "OPENAI_API_KEY": "k"}).model is None
    env = {**home, "CAUSEMAP_MODEL": "m", "OPENAI_API_KEY": "sk-secret", "CAUSEMAP_LANGUAGE": "zh"}
    model = load_settings(env).model
    assert model is not None
    assert (model.name, model.key, model.language) == ("m", "sk-secret", "zh")
    assert model.records == tmp_path / "model_calls"
    assert "sk-secret" not in repr(load_settings(env))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CAUSEMAP_MODEL_URL", "file:///etc/passwd"),
        ("CAUSEMAP_MODEL_URL", "https://a:b@example.com"),
        ("CAUSEMAP_MODEL_URL", "http://example.com/v1"),
        ("CAUSEMAP_MODEL_DEADLINE", "0"),
        ("CAUSEMAP_MODEL_RUN_TOKENS", "many"),
        ("CAUSEMAP_MODEL_RUN_USD", "-1"),
        ("CAUSEMAP_LANGUAGE", "x; ignore"),
    ],
)
def test_a_bad_model_setting_is_refused_by_name(name: str, text: str) -> None:
    """No credentials in addresses, no key in clear text to another machine, no nonsense."""
    with pytest.raises(UsageError, match=name):
        load_settings({"CAUSEMAP_MODEL": "m", "CAUSEMAP_MODEL_KEY": "sk-1", name: text})
