"""The engine refitted without an episode: weights, temperature, mixed share and prior alike.

The shipped calibration and the shipped prior were learnt on the labelled windows. Out of fold
neither is used: :func:`causemap.attribution.fitting.fit` runs on the other episodes' dossiers, with
the prior counted on those episodes too. The engine's prior is a constant of its own, so ours is
laid over it as a bias: ``w * (log ours - log shipped)`` for each asset group.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from causemap.attribution.calibration import Calibration
from causemap.attribution.channels import amplifiers, subtype
from causemap.attribution.fingerprints import prior
from causemap.attribution.judge import group_weights, judge
from causemap.attribution.objections import weighed_down
from causemap.attribution.scoring import by_key
from causemap.causes import CAUSES, GROUPS, NAMED
from causemap.closed_sets import AssetGroup, Cause
from causemap.evals.folds import Span, episodes
from causemap.evals.systems import Example, Rules, System

if TYPE_CHECKING:
    from causemap.attribution.fitting import Design
    from causemap.records import Dossier, Note, Scope, Verdict
    from causemap.tools.market import AsOfView

Priors = Mapping[AssetGroup, Mapping[Cause, float]]

# Dirichlet pseudo-count of METHODS 3, as the engine's own prior has it.
PSEUDO: Final = 2.0


@dataclass(frozen=True, slots=True)
class Refitted:
    """The rules, to be fitted on windows of other episodes before they answer."""

    rules: Rules

    def fit(self, examples: Sequence[Example]) -> System:
        """The rules with parameters and a prior learnt from ``examples`` alone."""
        import numpy as np
        from threadpoolctl import (  # type: ignore[import-untyped]  # comes with scikit-learn
            threadpool_limits,
        )

        from causemap.attribution import fitting

        found = [_read(self.rules, e.scope, e.view, e.notes) for e in examples]
        labels = np.array([[dict(e.label)[cause] for cause in CAUSES] for e in examples])
        groups = np.array(episodes([Span(e.scope.start, e.scope.end) for e in examples]))
        counted = priors(examples)
        data = with_prior(found, counted)
        # The matrices are tiny: threads of the linear algebra would only get in each other's way.
        with threadpool_limits(1):
            fitted = fitting.fit(data, labels, groups)
        return replace(self.rules, judging=partial(judged, fitted=fitted, counted=counted))


def priors(examples: Sequence[Example]) -> dict[AssetGroup, dict[Cause, float]]:
    """Shares of causes by asset group over the examples, pseudo-counts included (sum to 1).

    A window counts for a group by the label it has for it, else by its soft label; metals, which
    are never asked about alone, by their own label only.
    """
    counts = {group: dict.fromkeys(CAUSES, PSEUDO) for group in GROUPS}
    for example in examples:
        own = dict(example.by_asset)
        for group in example.scope.groups:
            if group in own:
                if own[group] != "no_drawdown":
                    counts[group][_cause(own[group])] += 1.0
            elif group != "metals":
                for cause, share in example.label:
                    counts[group][cause] += share
    return {
        group: {cause: count / sum(found.values()) for cause, count in found.items()}
        for group, found in counts.items()
    }


def _cause(label: str) -> Cause:
    return next(cause for cause in CAUSES if cause == label)


class Read(NamedTuple):
    """The family scores of one window; the rows are its ``groups``, in their order."""

    scores: Design
    groups: tuple[AssetGroup, ...]


def scores_of(dossier: Dossier) -> Read:
    """What a fit reads of one dossier."""
    from causemap.attribution import fitting

    return Read(fitting.design([dossier]), tuple(group_weights(dossier)))


# Every fold fits on nearly the same windows: each is read once in a process.
@lru_cache(maxsize=512)
def _read(rules: Rules, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Read:
    return scores_of(rules.ablated(rules.measure(scope, view, notes)))


def with_prior(found: Sequence[Read], counted: Priors) -> Design:
    """The design of all windows, with our prior in place of the shipped one."""
    import numpy as np

    from causemap.attribution.fitting import CELLS, Design

    x = np.concatenate([one.scores.x for one in found])
    for row, group in enumerate(group for one in found for group in one.groups):
        x[row, :, CELLS.index("prior")] = [math.log(counted[group][c]) for c in NAMED]
    window = np.repeat(np.arange(len(found)), [len(one.groups) for one in found])
    return Design(x, window, np.concatenate([one.scores.share for one in found]), len(found))


def over_prior(fitted: Calibration, group: AssetGroup, counted: Priors) -> Calibration:
    """The calibration under which the shipped prior of ``group`` acts as ours."""
    shipped, ours = prior(group), counted[group]
    return replace(
        fitted,
        biases={
            cause: fitted.bias(cause)
            + fitted.weight("prior", cause) * (math.log(ours[cause]) - math.log(shipped[cause]))
            for cause in NAMED
        },
    )


def judged(
    dossier: Dossier, fitted: Calibration, counted: Priors
) -> tuple[tuple[AssetGroup, Verdict], ...]:
    """Verdicts under refitted parameters, channels included, as ``judge`` gives them."""
    evidence = by_key(weighed_down(dossier))
    found = []
    for group in dossier.scope.groups:
        verdict = dict(judge(dossier, over_prior(fitted, group, counted)))[group]
        named = verdict.primary
        channels = amplifiers(named, group, evidence)
        kind = subtype(named, group, evidence)
        found.append((group, replace(verdict, amplifiers=channels, subtype=kind)))
    return tuple(found)
