"""The engine refitted without an episode: weights, temperature, mixed share and prior alike.

The shipped calibration was learnt on the labelled windows. Out of fold it is not used:
:func:`causemap.attribution.fitting.fit` runs on the other episodes' dossiers and labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from causemap.attribution.judge import judge
from causemap.causes import CAUSES
from causemap.evals.folds import Span, episodes
from causemap.evals.systems import Example, Rules, System

if TYPE_CHECKING:
    from causemap.attribution.calibration import Calibration
    from causemap.attribution.fitting import Read
    from causemap.records import Note, Scope
    from causemap.tools.market import AsOfView


@dataclass(frozen=True, slots=True)
class Refitted:
    """The rules, to be fitted on windows of other episodes before they answer."""

    rules: Rules

    def fit(self, examples: Sequence[Example]) -> System:
        """The rules with parameters and a prior learnt from ``examples`` alone."""
        return replace(self.rules, judging=partial(judge, fitted=fitted_on(self.rules, examples)))


def fitted_on(rules: Rules, examples: Sequence[Example]) -> Calibration:
    """The calibration learnt from ``examples``."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from causemap.attribution import fitting

    told = [fitting.Told(e.scope.groups, dict(e.label), dict(e.by_asset)) for e in examples]
    priors = fitting.count_priors(told)
    data = fitting.design([_read(rules, e.scope, e.view, e.notes) for e in examples], priors)
    labels = np.array([[one.label[cause] for cause in CAUSES] for one in told])
    primary = np.array([CAUSES.index(e.primary) for e in examples])
    groups = np.array(episodes([Span(e.scope.start, e.scope.end) for e in examples]))
    own = np.array([not e.further for e in examples])
    # The matrices are tiny: threads of the linear algebra would only get in each other's way.
    with threadpool_limits(1):
        return fitting.fit(data, labels, primary, groups, priors, own if own.any() else None)


# Every fold fits on nearly the same windows: each is read once in a process.
@lru_cache(maxsize=1024)
def _read(rules: Rules, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Read:
    from causemap.attribution import fitting

    return fitting.read(rules.ablated(rules.measure(scope, view, notes)))
