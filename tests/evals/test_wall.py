"""The wall: labels, ids, titles and order of a catalogue never reach the system under test."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from causemap.errors import UsageError
from causemap.evals.campaign import Order, make_plan
from causemap.evals.runner import run_tasks
from causemap.evals.systems import NAMES, Rules, build
from causemap.settings import Settings

Write = Callable[..., Path]
MARK = "zxqv-answer-in-here"
PLANTED = {
    "title": MARK,
    "subtype": MARK,
    "decisive_evidence": MARK,
    "naive_error": MARK,
    "transmission_order": [MARK],
    "sources": [MARK],
    "reference_measures": {MARK: 1.0},
    "weights": {"crypto_idiosyncratic": 1.0},
    "second_label": {"primary": "mixed_unclear", "weights": {"crypto_idiosyncratic": 1.0}},
    "primary_by_asset": {"equity": "crypto_idiosyncratic"},
    "role": MARK,
    "links": [{"source": MARK, "target": MARK, "sign": 1}],
    MARK: MARK,
}
WORDS = (
    "treasury yields rose sharply payrolls beat forecasts lifting odds central bank raises "
    "interest rates stocks bonds gold fell banks oil dollar gained traders priced inflation wages "
    "spending growth earlier estimates"
)
SPY = """
import json, pathlib, sys
with open(pathlib.Path(__file__).with_name("heard.log"), "a") as log:
    log.write(sys.stdin.read() + "\\n" + json.dumps(sys.argv[1:]) + "\\n")
print(json.dumps({"primary": "rates_shock", "probabilities": {"rates_shock": 1.0}}))
"""


def _planted(write_events: Write) -> Path:
    text = write_events("planted.yaml", **PLANTED).read_text()
    path = write_events("planted.yaml")
    path.write_text(text.replace("id: window-", f"id: {MARK}-").replace("funding", "growth_scare"))
    path.write_text(path.read_text().replace("growth_scare_stress", "policy_geopolitics"))
    return path


def test_a_spy_hears_the_same_whatever_the_catalogue_says(
    tmp_path: Path, small_settings: Settings, write_events: Write
) -> None:
    """Other labels, ids, titles and weights: byte for byte the same questions, no token in them."""
    script = tmp_path / "spy.py"
    script.write_text(SPY, encoding="utf-8")
    heard = []
    for events in (write_events(), _planted(write_events)):
        plan = make_plan(Order(events, f"cmd:{sys.executable} {script}"), small_settings)
        list(run_tasks(plan.job, plan.tasks, 0))
        heard.append((tmp_path / "heard.log").read_bytes())
        (tmp_path / "heard.log").unlink()
    assert heard[0] == heard[1]
    assert MARK.encode() not in heard[1]
    assert len(heard[0].splitlines()) == 12


@pytest.mark.parametrize("system", ["rules", "template", "price-only", "headline"])
def test_what_a_worker_is_given_does_not_depend_on_labels(
    small_settings: Settings, write_events: Write, system: str
) -> None:
    """Job and tasks are equal, whatever the catalogue says: no system can tell two labels apart."""
    plain = make_plan(Order(write_events(), system), small_settings)
    planted = make_plan(Order(_planted(write_events), system), small_settings)
    assert (plain.job, plain.tasks) == (planted.job, planted.tasks)
    assert MARK not in repr((asdict(planted.job), planted.tasks))
    assert [w.primary for w in plain.windows] != [w.primary for w in planted.windows]


def test_the_rules_answer_alike_whatever_the_catalogue_says(
    small_settings: Settings, write_events: Write
) -> None:
    """The whole answer of the engine, cause map included, is the same under planted labels."""
    answers = []
    for events in (write_events(), _planted(write_events)):
        plan = make_plan(Order(events, "rules"), small_settings)
        answers.append([s.prediction for s in run_tasks(plan.job, plan.tasks[:2], 0)])
    assert answers[0] == answers[1]
    assert None not in answers[0]


def test_a_learner_never_sees_its_own_episode(
    small_settings: Settings, write_events: Write
) -> None:
    """The answer of a fitted baseline does not change with the label of the window asked."""
    events = write_events()
    other = events.with_name("other.yaml")
    other.write_text(events.read_text().replace("primary: funding_stress", "primary: ai_rerating"))
    plan = make_plan(Order(events, "majority"), small_settings)
    again = make_plan(Order(other, "majority"), small_settings)
    found = [
        {s.key: s.prediction for s in run_tasks(one.job, one.tasks, 0)} for one in (plan, again)
    ]
    changed = [key for key in found[0] if found[0][key] != found[1][key]]
    relabelled = next(k for k, w in enumerate(plan.windows) if w.start == "2020-03-02")
    assert relabelled not in changed
    assert len(changed) == 5
    for task in plan.tasks:
        assert task.key not in task.lessons


@pytest.mark.parametrize("name", NAMES)
def test_every_system_that_is_offered_answers_or_says_why(
    name: str, tmp_path: Path, small_settings: Settings, write_events: Write
) -> None:
    """Systems that need a model say so in one line; all others answer a question."""
    days = ("2018-01-04", "2018-06-05", "2019-02-05", "2019-09-03", "2020-03-03", "2021-05-04")
    # Each note lacks other words, so that there is something to learn from.
    rows = [
        {
            "published": day,
            "publisher": "Wire",
            "kind": "newswire",
            "text": " ".join(word for n, word in enumerate(WORDS.split()) if n % len(days) != k),
        }
        for k, day in enumerate(days)
    ]
    notes = tmp_path / "notes.jsonl"
    notes.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    order = Order(write_events(), name, notes=notes)
    if name in ("single-call", "llm"):
        with pytest.raises(UsageError, match="needs a language model"):
            make_plan(order, small_settings)
        return
    plan = make_plan(order, small_settings)
    (sample,) = run_tasks(plan.job, plan.tasks[:1], 0)
    assert sample.fault is None
    assert sample.prediction is not None
    assert sum(sample.prediction.probabilities) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["rulez", "rules-without-luck", ""])
def test_an_unknown_system_is_bad_input(small_settings: Settings, name: str) -> None:
    """A misspelt system is refused with what is known."""
    with pytest.raises(UsageError):
        build(name, small_settings, 1.0)


def test_an_ablation_keeps_the_moves_that_pose_the_question(small_settings: Settings) -> None:
    """Leaving out all prices leaves the targets' changes, and nothing else of that family."""
    from causemap.evals.windows import LabelledWindow, question
    from causemap.evals.work import Job, Task, _ask

    window = LabelledWindow("x", "2020-03-02", "2020-03-11", "equity", "rates_shock", "rates_shock")
    full, cut = Rules(small_settings), build("rules-without-prices", small_settings, 1.0)
    assert isinstance(cut, Rules)
    assert full.kept == ("prices", "plumbing", "event_time", "text")
    assert cut.kept == ("plumbing", "event_time", "text")
    answer = _ask(Job("rules-without-prices", small_settings), Task(0, question(window)))
    whole = _ask(Job("rules", small_settings), Task(0, question(window)))
    assert (answer.primary == "no_drawdown") == (whole.primary == "no_drawdown")
