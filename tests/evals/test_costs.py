"""What a run cost, where a model was asked over real HTTP; limits and replay."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.llm.scripted_server import Reply, Request, serving
from tests.llm.scripted_server import Server as Scripted

from causemap.cli.eval import _asking
from causemap.errors import IncompleteError, UsageError
from causemap.evals import campaign
from causemap.evals.answers import Prediction, Sample, dump_sample, load_sample
from causemap.evals.campaign import Order, begin, carry_on, hold, make_plan
from causemap.evals.costs import costs_of, spent
from causemap.evals.results import cost_line
from causemap.evals.store import Run
from causemap.model_records import ModelCall
from causemap.settings import ModelSettings, Settings

Write = Callable[..., Path]
CALL = ModelCall("single", 1, "p@1", "m", "a", "b", 100, 20, 1.5, 0.002, "json")


def _sample(key: int, *calls: ModelCall) -> Sample:
    return Sample(key, None, "SystemFault: x", priced=True, seconds=2.0, calls=calls)


def test_costs_are_means_over_all_windows_failed_ones_too() -> None:
    """Without a model the money is 0; one unknown price makes the whole unknown."""
    found = costs_of([_sample(0, CALL, CALL), _sample(1)])
    assert (found.windows, found.seconds, found.calls, found.tokens) == (2, 2.0, 2, 120.0)
    assert found.usd == pytest.approx(0.002)
    assert costs_of([_sample(0)]).usd == 0.0
    unknown = replace(CALL, cost_usd=None)
    assert spent([_sample(0, CALL, unknown)]) is None
    assert "not known" in cost_line(costs_of([_sample(0, unknown)]))
    refused = replace(unknown, tokens_in=0, tokens_out=0, outcome="refused")
    assert spent([_sample(0, CALL, refused)]) == 0.002
    assert cost_line(costs_of([])) == "cost: n/a, nothing was answered"


def test_a_sample_keeps_its_calls_and_only_the_journal_their_seconds() -> None:
    """What must reproduce holds no time; old lines without calls are read."""
    sample = _sample(3, CALL)
    assert load_sample(dump_sample(sample)) == sample
    still = json.loads(dump_sample(sample, timed=False))
    assert still["calls"][0]["seconds"] == 0.0
    assert "seconds" not in still
    old = json.loads(dump_sample(sample))
    del old["calls"]
    assert load_sample(json.dumps(old)).calls == ()


def _answers(request: Request) -> Reply:
    if request.agent != "single":
        return Reply('{"ok": true}')
    made = {"reasoning": "x", "probabilities": {"rates_shock": 1.0}, "primary": "rates_shock"}
    return Reply(json.dumps(made))


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A model that always says rates, and what it was asked."""
    with serving(_answers) as running:
        yield running


@pytest.fixture
def asked(small_settings: Settings, tmp_path: Path, server: Scripted) -> Settings:
    """Settings with the scripted model and a price for it."""
    prices = tmp_path / "prices.json"
    prices.write_text('{"as_of": "2026-01-01", "models": {"scripted": {"in": 1, "out": 1}}}')
    model = ModelSettings(
        "scripted", tmp_path / "records", server.url, "sk-canary", deadline=30.0, prices=prices
    )
    return replace(small_settings, model=model)


def _order(events: Path, limit: float | None = None) -> Order:
    return Order(events, "single-call", limit=3, workers=0, cost_limit=limit)


def _run(order: Order, settings: Settings) -> Run:
    plan = make_plan(order, settings)
    run = begin(order, settings, plan)
    carry_on(run, plan, order, lambda _: None)
    return run


def test_a_run_with_a_model_records_prompts_limits_and_every_call(
    asked: Settings, write_events: Write
) -> None:
    """E19: prompt hashes, the model as the server names it, tokens and cost of each call."""
    run = _run(_order(write_events()), asked)
    assert any(name.startswith("single_call@") for name in run.identity.prompts)
    assert dict(run.identity.limits)["run_usd"] == 0.5
    assert "sk-canary" not in (run.folder / "run.json").read_text()
    samples = run.samples()
    assert len(samples) == 3
    for sample in samples.values():
        (call,) = sample.calls
        assert isinstance(sample.prediction, Prediction)
        assert call.prompt.startswith("single_call@")
        assert call.tokens_in > 0
        assert call.cost_usd is not None
    assert (spent(samples.values()) or 0.0) > 0.0


def test_a_replay_gives_the_same_bytes_without_a_server(
    asked: Settings, write_events: Write, tmp_path: Path
) -> None:
    """E19: from the records alone, under another home, byte for byte."""
    order = _order(write_events())
    before = (_run(order, asked).folder / "results.json").read_bytes()
    assert asked.model is not None
    quiet = replace(asked.model, replay=True)
    again = _run(order, replace(asked, model=quiet, home=tmp_path / "elsewhere"))
    assert (again.folder / "results.json").read_bytes() == before


def test_a_run_ends_at_its_cost_limit_and_carries_on(
    asked: Settings, server: Scripted, write_events: Write
) -> None:
    """What was answered is kept; without the limit the rest is asked, nothing twice."""
    events = write_events()
    with pytest.raises(IncompleteError, match="limit of"):
        _run(_order(events, 0.000001), asked)
    plan = make_plan(_order(events), asked)
    kept = begin(_order(events), asked, plan).samples()
    assert len(kept) == 1
    asked_before = len(server.seen)
    with pytest.raises(IncompleteError, match="limit of"):
        _run(_order(events, 0.000001), asked)
    assert len(server.seen) == asked_before
    whole = _run(_order(events), asked).samples()
    assert len(whole) == 3
    assert sum(request.agent == "single" for request in server.seen) == 3
    assert all(whole[key] == sample for key, sample in kept.items())


def test_at_its_limit_a_run_asks_nothing_more(
    small_settings: Settings, write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers still to come are dropped at once, not when somebody forgets the error."""
    ended = []

    def answers(*_given: object) -> Generator[Sample]:
        try:
            yield _sample(0, CALL)
            yield _sample(1, CALL)
        finally:
            ended.append(True)

    monkeypatch.setattr(campaign, "run_tasks", answers)
    order = Order(write_events(), "template", cost_limit=0.001)
    with pytest.raises(IncompleteError) as kept:
        _run(order, small_settings)
    assert ended == [True], kept


def test_a_limit_without_a_known_price_is_said_not_to_hold() -> None:
    """An unknown cost is never counted as nothing; the run does not go on under it."""
    unknown = _sample(0, replace(CALL, cost_usd=None))
    with pytest.raises(IncompleteError, match="No price"):
        hold(1.0, {0: unknown})
    hold(1.0, {0: _sample(0, CALL)})
    with pytest.raises(IncompleteError, match="is spent"):
        hold(0.002, {0: _sample(0, CALL)})


def test_offline_refuses_what_could_ask_a_server(asked: Settings) -> None:
    """A model without its records, and any outside program; rules and replays may run."""
    for system in ("single-call", "llm", "cmd:./mine"):
        with pytest.raises(UsageError, match="--offline"):
            _asking(asked, system, replay=False, offline=True)
    assert _asking(asked, "rules", replay=False, offline=True) == asked
    replayed = _asking(asked, "llm", replay=True, offline=True)
    assert replayed.model is not None
    assert replayed.model.replay
    with pytest.raises(UsageError, match="--replay"):
        _asking(asked, "rules", replay=True, offline=False)
