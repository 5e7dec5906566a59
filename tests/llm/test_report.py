"""A full report with a model: through every rung and every fault, replayed, within its bounds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.llm.scripted_server import Reply, Request, obliging, serving, table_ids

from causemap.agents.conclude import conclude
from causemap.agents.model_run import enrich
from causemap.attribution.judge import judge
from causemap.attribution.objections import BOUND, COUNTED, objected, weighed_down
from causemap.attribution.scoring import by_key, group_scores, weigh
from causemap.cases.store import list_cases, load_case
from causemap.errors import UsageError
from causemap.model_records import ModelPart, Objection
from causemap.records import Dossier, Report
from causemap.reporting.json_codec import dump_dossier, dumps, load_dossier
from causemap.settings import ModelSettings

MakeSettings = Callable[..., ModelSettings]
CASE = "2025-01-tech"
DOSSIER = load_case(CASE)
PLAIN = conclude(DOSSIER)


def run(settings: ModelSettings, dossier: Dossier = DOSSIER) -> tuple[Dossier, ModelPart]:
    """The dossier with the models' part."""
    made = enrich(dossier, settings)
    assert made.model is not None
    return made, made.model


def only(agent: str, fault: Reply) -> Callable[[Request], Reply]:
    """A script whose one agent fails and whose others oblige."""
    return lambda request: fault if request.agent == agent else obliging(request)


def test_a_usual_report_takes_three_calls_one_after_another(model: MakeSettings) -> None:
    """Readers and desks are one stage, then the sceptic, then the writer; all side by side."""
    with serving(obliging, delay=0.05) as server:
        _, part = run(model(server.url))
        assert server.most_at_once >= 4
    stages = {
        call.stage: sorted(c.agent for c in part.calls if c.stage == call.stage)
        for call in part.calls
    }
    assert sorted(stages) == [1, 2, 3]
    assert stages[2] == ["sceptic"]
    assert stages[3] == ["writer"]
    assert len(stages[1]) == 5
    assert part.failures == ()


def test_a_usual_report_stays_under_twenty_thousand_prompt_tokens(model: MakeSettings) -> None:
    """The largest bundled case, all prompts together, by four characters a token."""
    with serving(obliging) as server:
        run(model(server.url), load_case("2026-02-seed"))
        told = sum(len(json.dumps(r.body)) for r in server.seen)
    assert told / 4 < 20_000


def test_what_the_model_wrote_stands_filled_and_cited(model: MakeSettings) -> None:
    """Sentences replace the engine's in their sections; verdict and gaps stay the engine's."""
    with serving(obliging) as server:
        made, part = run(model(server.url))
    report = conclude(made)
    mine = {s.template for s in part.sentences}
    written = [s for s in report.narrative.sentences if s.template in mine]
    assert len(written) == len(mine) == 4
    assert all(s.evidence and "{" not in s.text for s in written)
    assert _engine(report) == _engine(PLAIN)


def _engine(report: Report) -> list[str]:
    """Templates of the sections that no model writes."""
    told = report.narrative.sentences
    return [s.template for s in told if s.section in ("verdict", "gaps", "unexplained")]


@pytest.mark.parametrize("status", [400, 422, 500])
@pytest.mark.parametrize("forms", [("json_object", "prompt"), ("prompt",)])
def test_a_report_on_every_rung(forms: tuple[str, ...], status: int, model: MakeSettings) -> None:
    """A server that knows less gives the same report."""

    def script(request: Request) -> Reply:
        return obliging(request) if request.format in forms else Reply(status=status)

    with serving(script) as server:
        _, part = run(model(server.url))
    assert part.failures == ()
    assert {call.rung for call in part.calls} == {forms[0]}
    assert len(part.sentences) == 4


FAULTS = {
    "400": Reply(status=400),
    "422": Reply(status=422),
    "429": Reply(status=429, headers=(("retry-after", "600"),)),
    "500": Reply(status=500, headers=()),
    "hang": Reply(hang=20.0),
    "broken": Reply('{"reasoning": "x", "sent'),
    "garbled": Reply(garbled=True),
    "refusal": Reply(refusal="no"),
    "empty": Reply(""),
    "prose": Reply("I think it was the Fed."),
    "cut": Reply("{" + "x" * 2000, cut=True),
}


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["desk", "writer"])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_report_through_every_fault(agent: str, fault: str, model: MakeSettings) -> None:
    """Whoever fails is named, the others' work stands, and the verdict is the engine's."""
    dossier = replace(DOSSIER, notes=())
    with serving(only(agent, FAULTS[fault])) as server:
        short = 1.5 if fault in ("hang", "500") else 10.0
        made, part = run(model(server.url, deadline=short), dossier)
    failing = "macro" if agent == "desk" else agent
    assert any(why.startswith(f"{failing}: ") for why in part.failures)
    report = conclude(made)
    if agent == "desk":
        assert part.sentences
        assert part.alternative is not None
    else:
        assert part.sentences == ()
        plain = conclude(dossier)
        assert report.narrative.sentences == plain.narrative.sentences or part.objections
    assert [g for g, _ in report.verdicts] == list(dossier.scope.groups)
    assert report.narrative.sentences


def test_a_server_that_is_not_there_costs_nothing_but_the_model(model: MakeSettings) -> None:
    """The report is the engine's own, and every call says why it failed."""
    made, part = run(model("http://127.0.0.1:9/v1", deadline=1.0))
    assert part == ModelPart(calls=part.calls, failures=part.failures)
    assert part.calls
    assert all(call.outcome != "ok" for call in part.calls)
    assert part.failures
    assert conclude(made).narrative == PLAIN.narrative
    assert conclude(made).verdicts == PLAIN.verdicts


def test_a_spent_budget_ends_in_the_best_answer_so_far(model: MakeSettings) -> None:
    """The desks' calls use the budget up: their findings stand, the writer is not asked."""

    def dear(request: Request) -> Reply:
        return replace(obliging(request), usage=(5_000, 500))

    with serving(dear) as server:
        made, part = run(model(server.url, run_tokens=20_000))
        assert "writer" not in server.agents()
    assert part.findings
    assert any("budget" in why for why in part.failures)
    assert conclude(made).narrative.sentences == PLAIN.narrative.sentences


def test_a_repair_is_the_fourth_stage_and_the_last(model: MakeSettings) -> None:
    """A made-up figure is handed back with the values allowed; what fails again is dropped."""

    def script(request: Request) -> Reply:
        if request.agent in ("writer", "repair"):
            key = table_ids(request)[0] if request.agent == "writer" else _cited(request)
            bad = _one("mechanism", f"{{{key}|said|text}} was 77.7%.", key)
            good = _one("counter", f"{{{key}|said|text}} stood at {{{key}|value|auto}}.", key)
            made = [bad, good] if request.agent == "writer" else [bad]
            return Reply(json.dumps({"reasoning": "", "sentences": made}))
        return obliging(request)

    with serving(script) as server:
        made, part = run(model(server.url))
        asked = next(r for r in server.seen if r.agent == "repair")
    assert max(call.stage for call in part.calls) == 4
    assert [call.agent for call in part.calls].count("repair") == 1
    assert "prints" in asked.user
    assert "77.7" in asked.user
    report = conclude(made)
    assert not any("77.7" in s.text for s in report.narrative.sentences)
    assert any("77.7" in lost for lost in report.narrative.dropped)
    assert any(s.section == "counter" and "stood at" in s.text for s in report.narrative.sentences)


def _one(section: str, text: str, key: str) -> dict[str, Any]:
    return {"section": section, "text": text, "evidence": [key]}


def _cited(request: Request) -> str:
    return request.user.split("{", 1)[1].split("|", 1)[0]


def test_a_good_repair_takes_the_place_of_what_failed(model: MakeSettings) -> None:
    """After the repair nothing is dropped."""

    def script(request: Request) -> Reply:
        if request.agent == "writer":
            key = table_ids(request)[0]
            text = f"{{{key}|said|text}} fell to 3%."
            one = {"section": "mechanism", "text": text, "evidence": [key]}
            return Reply(json.dumps({"reasoning": "", "sentences": [one]}))
        if request.agent == "repair":
            key = _cited(request)
            text = f"{{{key}|said|text}} stood at {{{key}|value|auto}}."
            one = {"section": "mechanism", "text": text, "evidence": [key]}
            return Reply(json.dumps({"reasoning": "", "sentences": [one]}))
        return obliging(request)

    with serving(script) as server:
        made, _ = run(model(server.url))
    report = conclude(made)
    assert report.narrative.dropped == PLAIN.narrative.dropped
    assert [s.text for s in report.narrative.sentences if s.section == "mechanism"] != [
        s.text for s in PLAIN.narrative.sentences if s.section == "mechanism"
    ]


@pytest.mark.parametrize(
    "script",
    [obliging, only("desk", FAULTS["broken"]), only("writer", FAULTS["refusal"])],
    ids=["good", "broken desk", "refusing writer"],
)
def test_a_run_replays_byte_for_byte_without_a_server(
    script: Callable[[Request], Reply], model: MakeSettings
) -> None:
    """The record is the run: faults, seconds and tokens included."""
    with serving(script) as server:
        made, _ = run(model(server.url))
    again, _ = run(model(None, replay=True))
    assert dump_dossier(again) == dump_dossier(made)
    assert dumps(conclude(again)) == dumps(conclude(made))


def test_a_stored_dossier_with_a_model_part_concludes_to_the_same_bytes(
    model: MakeSettings,
) -> None:
    """The dossier holds all that the model contributed: conclude needs nothing else."""
    with serving(obliging) as server:
        made, _ = run(model(server.url))
    assert dumps(conclude(load_dossier(dump_dossier(made)))) == dumps(conclude(made))


def test_without_a_model_nothing_is_different() -> None:
    """No bundled case mentions a model, in its dossier or its report."""
    for entry in list_cases()[:6]:
        dossier = load_case(entry.id)
        assert '"model"' not in dump_dossier(dossier) + dumps(conclude(dossier))


def test_no_model_set_up_is_said(model: MakeSettings) -> None:
    """Asking for a model where none is named is bad input with a way out."""
    assert model(None).url is None
    with pytest.raises(UsageError, match="CAUSEMAP_MODEL"):
        enrich(DOSSIER, None)


def test_the_key_is_in_nothing_that_a_run_leaves(model: MakeSettings, tmp_path: Path) -> None:
    """Dossier, report and record folder of good and failing runs hold no trace of it."""
    left: list[str] = []
    settings = model(None)
    for script in (obliging, only("desk", Reply(status=401)), only("writer", Reply(status=503))):
        with serving(script) as server:
            settings = model(server.url)
            made, _ = run(settings, replace(DOSSIER, notes=()))
        left += [dump_dossier(made), dumps(conclude(made))]
    left += [f.read_text() for f in tmp_path.rglob("*") if f.is_file()]
    assert not any(settings.key in text for text in left)


def test_objections_to_unknown_items_are_not_heard(model: MakeSettings) -> None:
    """An objection that cites anything outside its table falls away with its citation."""

    def script(request: Request) -> Reply:
        reply = obliging(request)
        if request.agent not in ("sceptic", "desk"):
            return reply
        made: dict[str, Any] = json.loads(reply.text)
        made["objections"] = [{"text": "It is wrong.", "evidence": ["made.up.item"]}]
        return Reply(json.dumps(made))

    with serving(script) as server:
        made, part = run(model(server.url))
    assert part.objections == ()
    assert conclude(made).verdicts == PLAIN.verdicts


def _objecting(dossier: Dossier, ids: list[str]) -> Dossier:
    part = ModelPart(objections=tuple(Objection("x", (key,)) for key in ids))
    return replace(dossier, model=part)


SEED = load_case("2026-02-seed")


@given(st.lists(st.sampled_from([item.id for item in SEED.evidence]), max_size=12))
def test_objections_move_log_odds_within_their_bound(ids: list[str]) -> None:
    """However many and whatever they cite: no cause's summed score moves by more than the bound."""
    dossier = _objecting(SEED, ids)
    assert len(objected(dossier)) <= COUNTED
    for group in dossier.scope.groups:
        before, after = _scores(SEED, group), _scores(dossier, group)
        assert all(abs(after[c] - before[c]) <= BOUND + 1e-3 for c in before)


def _scores(dossier: Dossier, group: Any) -> dict[str, float]:
    evidence = by_key(weighed_down(dossier))
    sums: dict[str, float] = {}
    for (cause, _), value in group_scores(weigh(evidence, group), evidence).items():
        sums[cause] = sums.get(cause, 0.0) + value
    return sums


def test_an_objection_moves_the_probabilities_a_little() -> None:
    """It is heard: the cited item counts for less, and the verdict's figures move."""
    top = judge(SEED)[0][1].support[0]
    before = dict(judge(SEED)[0][1].probabilities)
    after = dict(judge(_objecting(SEED, [top]))[0][1].probabilities)
    leading = max(before, key=lambda c: before[c])
    assert after[leading] < before[leading]
    odds = [math.log(p[leading] / (1 - p[leading])) for p in (before, after)]
    assert abs(odds[0] - odds[1]) <= 2 * BOUND
