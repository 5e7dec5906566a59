"""Links of the cause map against links an events file labels, where it labels any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from causemap.evals.graphs import EdgeScore, Link, edge_score
from causemap.evals.intervals import Estimate, Resampler, mean_of

if TYPE_CHECKING:
    from causemap.evals.answers import Sample
    from causemap.evals.windows import LabelledWindow


@dataclass(frozen=True, slots=True)
class LinkScores:
    """Over the ``n`` windows with labelled links: precision and recall ask for the direction.

    ``signs`` is the share of rightly directed links with the right sign, ``turned`` the links found
    the wrong way round, in all, ``distance`` the mean structural Hamming distance.
    """

    n: int
    precision: Estimate
    recall: Estimate
    signs: Estimate
    turned: int
    distance: Estimate


def link_scores(
    windows: Sequence[LabelledWindow],
    samples: Mapping[int, Sample],
    episode: Sequence[int],
    seed: int,
    resamples: int,
) -> LinkScores | None:
    """Scores over the windows whose links are labelled; ``None`` where none are.

    A window without a map (an error, or a system that draws none) found nothing: its recall is 0
    and all its links are missing. Of no link drawn no share can be right, so it has no precision.
    """
    rows = [
        (episode[key], _score(window, samples.get(key)))
        for key, window in enumerate(windows)
        if window.links
    ]
    if not rows:
        return None
    draws, found = Resampler([at for at, _ in rows], seed, resamples), [row for _, row in rows]

    def mean(values: Sequence[float | None]) -> Estimate:
        return draws.estimate(mean_of(np.array(values, dtype=float)))

    return LinkScores(
        len(rows),
        mean([row.precision for row in found]),
        mean([row.recall for row in found]),
        mean([row.signs for row in found]),
        sum(row.turned for row in found),
        mean([row.distance for row in found]),
    )


def _score(window: LabelledWindow, sample: Sample | None) -> EdgeScore:
    answer = None if sample is None else sample.prediction
    edges = answer.trace.edges if answer and answer.trace else ()
    return edge_score((Link(e.source, e.target, e.sign) for e in edges), window.links)
