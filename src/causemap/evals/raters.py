"""The labellers beside the systems: how far they agree, and the second one scored as a system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from causemap.causes import CAUSES, mission_label
from causemap.closed_sets import Primary
from causemap.evals.agreement import class_alpha, nominal_alpha
from causemap.evals.folds import episodes
from causemap.evals.intervals import Estimate, Resampler, mean_of
from causemap.evals.windows import LabelledWindow


@dataclass(frozen=True, slots=True)
class Raters:
    """Two labellers on ``n`` falls: what the second has right of the first, and alpha.

    ``classes`` gives alpha of each label against all others; ``None`` where nobody gave it.
    """

    n: int
    top1: Estimate
    mission4: Estimate
    mission5: Estimate
    alpha: float | None
    classes: tuple[tuple[Primary, float | None], ...]


def compare_raters(windows: Sequence[LabelledWindow], seed: int, resamples: int) -> Raters | None:
    """Both labellers on the falls that both labelled; ``None`` where no window has two."""
    given = [
        (window.span, window.primary, window.second_primary)
        for window in windows
        if window.second_primary is not None and window.primary != "no_drawdown"
    ]
    if not given:
        return None
    draws = Resampler(episodes([span for span, _, _ in given]), seed, resamples)
    pairs = [(one, two) for _, one, two in given]

    def share(same: Sequence[bool]) -> Estimate:
        return draws.estimate(mean_of(np.array(same, dtype=float)))

    return Raters(
        len(pairs),
        share([one == two for one, two in pairs]),
        share([_folded(one) == _folded(two) for one, two in pairs]),
        share([mission_label(one) == mission_label(two) for one, two in pairs]),
        nominal_alpha(pairs),
        tuple((cause, class_alpha(pairs, cause)) for cause in CAUSES),
    )


def _folded(label: Primary) -> str:
    """The mission label with mixed in other."""
    found = mission_label(label)
    return "other" if found == "mixed" else found
