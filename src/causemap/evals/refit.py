"""The engine refitted without an episode: the seam between its fitted parameters and the folds.

What the engine learnt from labelled windows lives in ``causemap.attribution.calibration``: a
function ``fit(pairs, groups)`` over (dossier, soft label) pairs and their episodes gives the
parameters, and ``conclude(dossier, calibration=...)`` uses them in place of the shipped ones. While
that module is absent the engine has nothing to refit, and an out-of-fold run is the plain run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from causemap.evals.folds import Span, episodes
from causemap.evals.systems import Example, Rules, System

if TYPE_CHECKING:
    from causemap.records import Dossier, Scope

MODULE: Final = "causemap.attribution.calibration"
_dossiers: dict[Scope, Dossier] = {}


@dataclass(frozen=True, slots=True)
class Refitted:
    """The rules, to be fitted on windows of other episodes before they answer."""

    rules: Rules

    def fit(self, examples: Sequence[Example]) -> System:
        """The rules with parameters learnt from ``examples`` alone."""
        if find_spec(MODULE) is None:
            return self.rules
        # By name: the engine below must not know of the evaluation, nor this of its insides.
        calibration: Any = import_module(MODULE)
        conclude: Any = import_module("causemap.agents.conclude").conclude
        pairs = [(self._measured(example), dict(example.label)) for example in examples]
        groups = episodes([Span(e.scope.start, e.scope.end) for e in examples])
        fitted = calibration.fit(pairs, groups)
        return replace(self.rules, conclude=partial(conclude, calibration=fitted))

    def _measured(self, example: Example) -> Dossier:
        """The example's dossier; folds share their windows, so each is measured once a process."""
        if example.scope not in _dossiers:
            found = self.rules.measure(example.scope, example.view, example.notes)
            _dossiers[example.scope] = found
        return _dossiers[example.scope]
