from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from causemap.agents import conclude as concluding
from causemap.closed_sets import Cause
from causemap.errors import UsageError
from causemap.evals import refit
from causemap.evals.campaign import Order, make_plan
from causemap.evals.runner import run_tasks
from causemap.records import Dossier, Report
from causemap.settings import Settings

Write = Callable[..., Path]


def test_without_fitted_parameters_an_out_of_fold_run_is_the_plain_run(
    small_settings: Settings, write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to refit, and nothing is made up."""
    monkeypatch.setattr(refit, "find_spec", lambda _: None)
    found = []
    for flag in (False, True):
        plan = make_plan(Order(write_events(), out_of_fold=flag), small_settings)
        found.append([s.prediction for s in run_tasks(plan.job, plan.tasks[:1], 0)])
    assert found[0] == found[1]


def test_parameters_are_refitted_on_other_episodes_only(
    small_settings: Settings, write_events: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fit sees five of six windows with their labels and episodes, and its result is used."""
    fitted_on: list[list[str]] = []
    used: list[object] = []
    plain = concluding.conclude

    def fit(pairs: Sequence[tuple[Dossier, Mapping[Cause, float]]], groups: Sequence[int]) -> str:
        assert [sum(label.values()) for _, label in pairs] == [1.0] * 5
        assert sorted(groups) == [0, 1, 2, 3, 4]
        fitted_on.append([dossier.scope.start for dossier, _ in pairs])
        return "fitted"

    def conclude(dossier: Dossier, calibration: Any = None) -> Report:
        used.append(calibration)
        return plain(dossier)

    module = ModuleType(refit.MODULE)
    module.fit = fit  # type: ignore[attr-defined]  # a stand-in for the engine's own module
    monkeypatch.setitem(sys.modules, refit.MODULE, module)
    monkeypatch.setattr(refit, "find_spec", lambda _: module)
    monkeypatch.setattr(concluding, "conclude", conclude)
    plan = make_plan(Order(write_events(), out_of_fold=True), small_settings)
    samples = list(run_tasks(plan.job, plan.tasks[:2], 0))
    assert [sample.fault for sample in samples] == [None, None]
    assert used == ["fitted", "fitted"]
    for task, starts in zip(plan.tasks, fitted_on, strict=False):
        assert task.scope.start not in starts


def test_a_system_that_is_not_fitted_has_no_folds(
    small_settings: Settings, write_events: Write
) -> None:
    """Asking for folds of fixed rules is bad input, not a silent no."""
    with pytest.raises(UsageError, match="not fitted"):
        make_plan(Order(write_events(), "template", out_of_fold=True), small_settings)
