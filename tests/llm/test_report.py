"""A full report with a model: through every rung and every fault, replayed, within its bounds."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.llm.scripted_server import Reply, Request, obliging, serving, table_ids

from causemap.agents.conclude import conclude
from causemap.agents.model_progress import telling
from causemap.agents.model_run import enrich
from causemap.agents.state import Progress
from causemap.attribution.judge import judge
from causemap.attribution.objections import BOUND, COUNTED, objected, weighed_down
from causemap.attribution.scoring import by_key, group_scores, weigh
from causemap.cases.store import list_cases, load_case
from causemap.errors import UsageError
from causemap.model_records import ModelPart, Objection, Priced
from causemap.records import Dossier, Report
from causemap.reporting.json_codec import dump_dossier, dumps, load_dossier
from causemap.reporting.markdown import to_markdown
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
    # Five calls that all wait for each other come through only if they are side by side.
    together = threading.Barrier(5, timeout=60)

    def script(request: Request) -> Reply:
        if request.agent in ("reader", "desk"):
            together.wait()
        return obliging(request)

    with serving(script) as server:
        _, part = run(model(server.url, deadline=60.0))
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
    "hang": Reply(hang=600.0),
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
def test_a_report_through_every_fault(
    agent: str, fault: str, model: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever fails is named, the others' work stands, and the verdict is the engine's."""
    monkeypatch.setattr("causemap.llm.retrying._FIRST_PAUSE", 0.01)
    dossier = replace(DOSSIER, notes=())
    with serving(only(agent, FAULTS[fault])) as server:
        # The others must have their answers within the deadline, on a busy machine too.
        made, part = run(model(server.url, deadline=6.0 if fault == "hang" else 60.0), dossier)
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
    nothing = ModelPart(calls=part.calls, failures=part.failures, priced=Priced("local"))
    assert part == nothing
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


# --- broken answers are asked for once more ------------------------------------------------------

AGENTS = ("reader", "desk", "sceptic", "writer")


def breaking(*agents: str, good: Callable[[Request], Reply] = obliging) -> Callable[..., Reply]:
    """A script whose agents give prose first and the form when they are told what was wrong."""

    def script(request: Request) -> Reply:
        again = "could not be used: no JSON object in the answer" in request.user
        return Reply("It fell.") if request.agent in agents and not again else good(request)

    return script


@pytest.mark.parametrize("agent", AGENTS)
def test_a_broken_answer_is_made_good(agent: str, model: MakeSettings) -> None:
    """Each kind of agent may break its form once: the report is as with a model that does not."""
    with serving(obliging) as server:
        _, clean = run(model(server.url, name="clean"))
    with serving(breaking(agent)) as server:
        _, part = run(model(server.url))
    broken = [call for call in part.calls if call.outcome != "ok"]
    assert len(broken) == (4 if agent == "desk" else 1)
    assert part.failures == ()
    assert part.findings == clean.findings
    assert part.alternative == clean.alternative
    assert len(part.calls) == len(clean.calls) + len(broken)
    # Readers, desks and the sceptic are asked again beside the stage after theirs.
    assert max(call.stage for call in part.calls) == (4 if agent == "writer" else 3)
    assert len(part.sentences) == len(clean.sentences)


def test_whatever_breaks_the_chain_is_four_calls_long(model: MakeSettings) -> None:
    """All agents break their form at first: four stages, nobody is asked a third time."""
    with serving(breaking(*AGENTS)) as server:
        made, part = run(model(server.url))
    assert sorted({call.stage for call in part.calls}) == [1, 2, 3, 4]
    assert len(part.calls) == 2 * 7
    assert part.failures == ()
    assert len(part.sentences) == 4
    assert conclude(made).narrative.sentences != PLAIN.narrative.sentences


def test_a_model_that_never_keeps_to_the_form_ends_in_the_engines_report(
    model: MakeSettings,
) -> None:
    """Prose for ever: twice each, every loss is told once with both reasons."""
    with serving(lambda r: obliging(r) if r.agent == "probe" else Reply("It fell.")) as server:
        made, part = run(model(server.url))
    assert len(part.calls) == 2 * 7
    assert len(part.failures) == 7
    assert all("asked again: " in why for why in part.failures)
    assert conclude(made).narrative == PLAIN.narrative


def test_an_account_asked_for_again_is_not_repaired(model: MakeSettings) -> None:
    """The second account takes the repair's place: what fails its check is dropped and listed."""

    def wrong(request: Request) -> Reply:
        if request.agent != "writer":
            return obliging(request)
        key = table_ids(request)[0]
        bad = _one("mechanism", f"{{{key}|said|text}} was 77.7%.", key)
        good = _one("counter", f"{{{key}|said|text}} stood at {{{key}|value|auto}}.", key)
        return Reply(json.dumps({"reasoning": "", "sentences": [bad, good]}))

    with serving(breaking("writer", good=wrong)) as server:
        made, part = run(model(server.url))
        assert "repair" not in server.agents()
    assert max(call.stage for call in part.calls) == 4
    report = conclude(made)
    assert any("77.7" in lost for lost in report.narrative.dropped)
    assert any("stood at" in s.text for s in report.narrative.sentences if s.section == "counter")


def test_a_run_with_second_questions_replays_byte_for_byte(model: MakeSettings) -> None:
    """First answers, second ones and what they cost stand in the record."""
    with serving(breaking("desk", "writer")) as server:
        made, _ = run(model(server.url))
    again, _ = run(model(None, replay=True))
    assert dump_dossier(again) == dump_dossier(made)
    assert dumps(conclude(again)) == dumps(conclude(made))


def test_progress_names_each_agent_and_what_is_spent(model: MakeSettings) -> None:
    """Rows beside the desks': running, then done, with calls, tokens, money and time of limits."""
    rows: list[Progress] = []
    with serving(breaking("sceptic")) as server:
        enrich(DOSSIER, model(server.url), heard=telling(rows.append))
    last = {row.desk: row for row in rows}
    assert set(last) == {
        "reader_1",
        "macro_agent",
        "earnings_news_agent",
        "technicals_agent",
        "crypto_structure_agent",
        "sceptic",
        "writer",
    }
    assert {row.state for row in last.values()} == {"ok"}
    sceptic = [row.state for row in rows if row.desk == "sceptic"]
    assert sceptic == ["running", "failed", "running", "ok"]
    counts = [int(row.said.split(" call")[0].rsplit(" ", 1)[-1]) for row in rows]
    assert counts[-1] == 8
    assert counts == sorted(counts)
    assert "of 60,000 tokens, about $0.0000 of $0.50" in rows[-1].said
    assert "of 240 s" in rows[-1].said


def test_an_unknown_price_is_a_gap_and_not_zero(
    model: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No table knows the model: its calls have no cost, and report and progress say so."""
    monkeypatch.setattr("causemap.llm.prices.LOCAL", frozenset())
    rows: list[Progress] = []
    with serving(obliging) as server:
        made = enrich(DOSSIER, model(server.url), heard=telling(rows.append))
    part = made.model
    assert part is not None
    assert part.priced == Priced("unknown")
    assert all(call.cost_usd is None for call in part.calls)
    assert "cost not known" in rows[-1].said
    page = to_markdown(conclude(made))
    assert "cost not known" in page
    assert "$0.0000" not in page


def test_money_is_kept_to_with_a_table_of_ones_own(model: MakeSettings, tmp_path: Path) -> None:
    """The user's prices win: the calls are priced by them, and their limit stops the run."""
    own = tmp_path / "mine.json"
    table = {"as_of": "2026-11-20", "models": {"scripted": {"in": 1.0, "out": 10.0}}}
    own.write_text(json.dumps(table))
    with serving(obliging) as server:
        _, part = run(model(server.url, prices=own))
        made, tight = run(model(server.url, prices=own, run_usd=0.02, records=tmp_path / "two"))
    assert part.priced == Priced("own", "2026-11-20", "mine.json")
    for call in part.calls:
        assert call.cost_usd == pytest.approx((call.tokens_in + 10 * call.tokens_out) / 1e6)
    assert any("money" in why for why in tight.failures)
    assert sum(call.cost_usd or 0.0 for call in tight.calls) <= 0.02
    assert "2026-11-20, mine.json" in to_markdown(conclude(made)) or not tight.calls


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
