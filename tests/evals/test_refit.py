"""Out of fold: nothing of the asked episode reaches the fitted engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from causemap.agents import graph
from causemap.attribution import fitting
from causemap.attribution.calibration import PLAIN, Calibration, load_calibration
from causemap.attribution.judge import judge
from causemap.causes import CAUSES, GROUPS, NAMED
from causemap.closed_sets import AssetGroup, Primary
from causemap.errors import UsageError
from causemap.evals import provenance, work
from causemap.evals.answers import Prediction, SystemFault
from causemap.evals.campaign import Order, begin, make_plan, order_of
from causemap.evals.invented import Case, invented
from causemap.evals.measured import measure
from causemap.evals.refit import Refitted
from causemap.evals.runner import run_tasks
from causemap.evals.systems import Example, Rules
from causemap.records import Dossier, Note, Scope
from causemap.settings import Settings
from causemap.tools.market import AsOfView, open_market

Write = Callable[..., Path]
CASES = invented()


def _example(case: Case) -> Example:
    label = tuple((cause, float(cause == case.label)) for cause in CAUSES)
    return Example(case.dossier.scope, None, (), label, case.label)  # type: ignore[arg-type]  # not looked at


def _told(case: Case) -> fitting.Told:
    return fitting.Told(case.dossier.scope.groups, dict(_example(case).label), {})


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rules:
    """The engine, whose measurements are those of the invented windows."""
    held = {case.dossier.scope: case.dossier for case in CASES}

    def given(_self: Rules, scope: Scope, _view: AsOfView, _notes: tuple[Note, ...]) -> Dossier:
        return held[scope]

    monkeypatch.setattr(Rules, "measure", given)
    return Rules(Settings(data_dir=tmp_path, home=tmp_path))


def test_parameters_are_refitted_on_other_episodes_only(
    small_settings: Settings, write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fit sees five of six windows, each once, with whole labels and their own episodes."""
    sums: list[list[float]] = []

    def fit(
        data: fitting.Design,
        labels: fitting.Floats,
        primary: fitting.Ints,
        groups: fitting.Ints,
        _priors: fitting.Priors,
        mixed_on: fitting.Bools,
    ) -> Calibration:
        assert mixed_on.all()
        assert data.windows == len(labels) == 5
        assert primary.tolist() == labels.argmax(axis=1).tolist()
        assert sorted(groups.tolist()) == [0, 1, 2, 3, 4]
        sums.append(labels.sum(axis=1).tolist())
        return PLAIN

    monkeypatch.setattr(fitting, "fit", fit)
    plan = make_plan(Order(write_events(), out_of_fold=True), small_settings)
    samples = list(run_tasks(plan.job, plan.tasks[:2], 0))
    assert [sample.fault for sample in samples] == [None, None]
    assert sums == [[1.0] * 5] * 2
    for task in plan.tasks:
        assert task.key not in task.lessons
        assert task.episode == (task.scope.start, task.scope.end)


def test_further_windows_teach_only_other_episodes(
    small_settings: Settings, write_events: Write
) -> None:
    """A further window that shares a day with the asked one's episode teaches it nothing."""
    events, further = write_events(), write_events("further.yaml", primary="growth_scare")
    notes = further.with_name("further.jsonl")
    notes.write_text("", encoding="utf-8")
    order = Order(events, out_of_fold=True, lessons=further, lesson_notes=notes)
    plan = make_plan(order, small_settings)
    assert len(plan.tasks) == 6
    assert len(plan.job.lessons) == 12
    for task in plan.tasks:
        assert set(task.lessons) == set(range(12)) - {task.key, task.key + 6}
    assert {lesson.notes for lesson in plan.job.lessons} == {None, str(notes)}
    assert [lesson.further for lesson in plan.job.lessons] == [False] * 6 + [True] * 6
    taught, alone = (
        next(iter(run_tasks(one.job, one.tasks[:1], 0))).prediction
        for one in (plan, make_plan(replace(order, lessons=None), small_settings))
    )
    assert taught is not None
    assert alone is not None
    scare = CAUSES.index("growth_scare")
    assert taught.probabilities[scare] > alone.probabilities[scare]
    assert make_plan(replace(order, out_of_fold=False), small_settings).job.lessons == ()


def test_further_windows_are_part_of_a_run_s_identity(
    small_settings: Settings, write_events: Write
) -> None:
    """Other lessons make another run, and a kept run finds its own again."""
    events, further = write_events(), write_events("further.yaml", primary="growth_scare")
    order = Order(events, out_of_fold=True, lessons=further, workers=0)
    plan = make_plan(order, small_settings)
    run = begin(order, small_settings, plan)
    assert order_of(run) == replace(order, ids=run.identity.chosen)
    more = write_events("further.yaml", primary="rates_shock")
    again = replace(order, lessons=more)
    assert begin(again, small_settings, make_plan(again, small_settings)).id != run.id


def test_the_answer_does_not_depend_on_the_label_asked_for(
    small_settings: Settings, write_events: Write
) -> None:
    """With the label of its own window changed, an out-of-fold answer stays to the last digit."""
    found = []
    for old in ("primary: funding_stress", "primary: ai_rerating"):
        events = write_events()
        text = events.read_text().replace("primary: funding_stress", old)
        events.write_text(text)
        plan = make_plan(Order(events, out_of_fold=True), small_settings)
        found.append(next(iter(run_tasks(plan.job, plan.tasks[4:5], 0))).prediction)
    assert found[0] is not None
    assert found[0] == found[1]


def test_the_refitted_engine_uses_what_was_learnt(rules: Rules) -> None:
    """Other labels teach other probabilities; the packaged calibration has no part in it."""
    plain = [_example(case) for case in CASES[1:]]
    turned = [
        replace(e, label=tuple((c, float(c == "policy_geopolitics")) for c in CAUSES))
        for e in plain
    ]
    asked = CASES[0].dossier
    one, two, shipped = (
        system.decide(asked)
        for system in (Refitted(rules).fit(plain), Refitted(rules).fit(turned), rules)
        if isinstance(system, Rules)
    )
    at = CAUSES.index("policy_geopolitics")
    assert two.probabilities[at] > one.probabilities[at]
    assert one.probabilities != shipped.probabilities


def test_further_windows_do_not_teach_what_is_mixed(
    rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mixed share is fitted on the labels of the windows' own labellers, if there are any."""
    seen: list[list[bool] | None] = []

    def fit(*given: object) -> Calibration:
        own = given[5]
        seen.append(own.tolist() if isinstance(own, np.ndarray) else None)
        return PLAIN

    monkeypatch.setattr(fitting, "fit", fit)
    plain = [_example(case) for case in CASES[:4]]
    further = [replace(example, further=True) for example in plain]
    Refitted(rules).fit([*plain[:2], *further[2:]])
    Refitted(rules).fit(further)
    assert seen == [[True, True, False, False], None]


def test_a_prior_is_counted_by_group_and_by_own_label() -> None:
    """A group's own label goes before the window's; metals count by their own label alone."""
    base = _told(CASES[0])._replace(groups=("equity", "crypto", "metals"))
    own: dict[AssetGroup, Primary] = {
        "crypto": "liquidation_cascade",
        "metals": "liquidation_cascade",
    }
    found = fitting.count_priors([base._replace(by_asset=own)])
    for group in GROUPS:
        assert sum(found[group].values()) == pytest.approx(1.0)
    assert found["equity"]["rates_shock"] == pytest.approx(3.0 / 19.0)
    assert found["crypto"]["liquidation_cascade"] == pytest.approx(3.0 / 19.0)
    assert found["metals"]["liquidation_cascade"] == pytest.approx(3.0 / 19.0)
    bare = fitting.count_priors([base])
    assert all(share == pytest.approx(1.0 / 9.0) for share in bare["metals"].values())


def test_the_design_holds_the_prior() -> None:
    """The column of the prior is its logarithm by the row's group; nothing else depends on it."""
    read = [fitting.read(case.dossier) for case in CASES]
    even = fitting.count_priors([])
    ours = fitting.count_priors([_told(case) for case in CASES])
    one, two = fitting.design(read, even), fitting.design(read, ours)
    column = fitting.CELLS.index("prior")
    rest = [k for k in range(len(fitting.CELLS)) if k != column]
    assert np.array_equal(one.x[:, :, rest], two.x[:, :, rest])
    first = two.x[0, NAMED.index("rates_shock"), column]
    assert first == pytest.approx(math.log(ours[read[0].groups[0]]["rates_shock"]))
    assert np.allclose(one.x[:, :, column], math.log(1.0 / 9.0))
    assert two.windows == len(CASES)


def test_another_prior_moves_log_odds_by_its_ratio() -> None:
    """``w (log ours - log even)``: the prior's own weight times its log-ratio, and nothing more."""
    case = CASES[0].dossier
    ours = {**dict.fromkeys(CAUSES, 0.1), "rates_shock": 0.2}
    fitted = replace(PLAIN, weights={"prior": 0.5})
    odds = []
    for one in (fitted, replace(fitted, priors={case.scope.groups[0]: ours})):
        found = dict(judge(case, one)[0][1].probabilities)
        odds.append(math.log(found["rates_shock"] / found["funding_stress"]))
    assert odds[1] - odds[0] == pytest.approx(0.5 * math.log(2.0), abs=1e-4)


def test_another_calibration_keeps_the_channels() -> None:
    """Under any calibration a verdict says how the fall spread, not what would change it."""
    for case in CASES:
        for group, verdict in judge(case.dossier, load_calibration()):
            shipped = dict(judge(case.dossier))[group]
            assert replace(shipped, would_change=verdict.would_change) == verdict


def test_a_learned_table_is_part_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the package weighs with counts as its source, the reader's weights included."""
    kinds: set[str] = set()

    def seen(paths: Iterable[Path]) -> str:
        kinds.update(path.suffix for path in paths)
        return ""

    monkeypatch.setattr(provenance, "hash_files", seen)
    provenance.source_hash()
    assert {".py", ".json", ".npz", ".toml", ".md"} <= kinds


def test_what_an_ablation_leaves_out_has_no_weight(tmp_path: Path) -> None:
    """Without prices the fall is still found, yet no price speaks for a cause, silver included."""
    settings = Settings(data_dir=tmp_path, home=tmp_path)
    case = CASES[-1].dossier
    text = Rules(settings, kept=("event_time", "text"))
    held = text.ablated(case)
    assert {e.family for e in held.evidence if e.quality > 0.0} == {"text"}
    assert {e.asset for e in held.evidence if e.family == "prices"} == {"BTC", "ETH"}
    assert text.decide(case).primary != "no_drawdown"
    prices = Rules(settings, kept=("prices", "plumbing"), reads=False).ablated(case)
    assert {e.family for e in prices.evidence} == {"prices"}
    whole = Rules(settings)
    assert whole.ablated(case) is case


def test_analogues_keep_off_the_whole_episode(tmp_path: Path) -> None:
    """A past window that shares a day with the episode is never shown, though the window does."""
    settings = Settings(data_dir=tmp_path, home=tmp_path)
    late = tuple(replace(e, available_at="2025-01-01T00:00Z") for e in CASES[1].dossier.evidence)
    scope = replace(
        CASES[1].dossier.scope, start="2024-12-02", end="2024-12-09", as_of="2025-01-02T00:00Z"
    )
    dossier = replace(CASES[1].dossier, scope=scope, evidence=late)
    shown = Rules(settings).judge(dossier).analogues
    if not shown:
        pytest.skip("no reference window is near enough")
    spans = tuple((one.start, one.end) for one in shown)
    again = Rules(settings, apart=spans).judge(dossier).analogues
    assert not {(one.start, one.end) for one in again} & set(spans)


def test_a_task_hands_its_episode_to_the_engine(
    small_settings: Settings, write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is told which days are out of bounds for analogues."""
    asked: list[Rules] = []

    def answer(self: Rules, *_: object) -> Prediction:
        asked.append(self)
        raise SystemFault("seen")

    monkeypatch.setattr(Rules, "__call__", answer)
    plan = make_plan(Order(write_events(), "rules"), small_settings)
    for task in plan.tasks:
        work.answer(plan.job, task)
    assert [one.apart for one in asked] == [(task.episode,) for task in plan.tasks]
    assert all(task.episode is not None for task in plan.tasks)


def test_a_dossier_is_measured_once_and_read_back_whole(
    small_settings: Settings, write_events: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time it comes from the folder, equal; a damaged file is measured again."""
    plan = make_plan(Order(write_events()), small_settings)
    scope = plan.tasks[0].scope
    view = open_market(small_settings.data_dir).view(datetime.fromisoformat(scope.as_of))
    first = measure(scope, view, (), small_settings, tmp_path / "kept")
    calls: list[Scope] = []
    real = graph.run

    def counted(scope: Scope, *rest: object) -> Dossier:
        calls.append(scope)
        return real(scope, *rest)  # type: ignore[arg-type]  # handed on as given

    monkeypatch.setattr(graph, "run", counted)
    assert measure(scope, view, (), small_settings, tmp_path / "kept") == first
    assert calls == []
    (path,) = (tmp_path / "kept").iterdir()
    path.write_text("{", encoding="utf-8")
    assert measure(scope, view, (), small_settings, tmp_path / "kept") == first
    assert calls == [scope]


def test_a_system_that_is_not_fitted_has_no_folds(
    small_settings: Settings, write_events: Write
) -> None:
    """Asking for folds of fixed rules is bad input, not a silent no."""
    with pytest.raises(UsageError, match="not fitted"):
        make_plan(Order(write_events(), "template", out_of_fold=True), small_settings)
