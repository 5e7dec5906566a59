"""Two runs on the same windows: paired differences, what changed, and whether one beats the other.

Differences are taken window by window and resampled by episode, so what both find hard cancels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from causemap.closed_sets import Primary
from causemap.errors import UsageError
from causemap.evals.answers import Sample
from causemap.evals.intervals import RESAMPLES, Estimate, Metric, Resampler
from causemap.evals.scorecard import HIGHER, metrics_of, phrases_of
from causemap.evals.table import NONE, Table, make_table
from causemap.evals.windows import LabelledWindow, Wording

# A standard error is this part of a 95 % interval; 80 % power at 5 % asks for 2.80 of them.
_ERROR: Final = 1 / (2 * 1.959964)
_POWER: Final = 2.801585


@dataclass(frozen=True, slots=True)
class Answered:
    """One run as a comparison needs it; samples by window position."""

    name: str
    windows: tuple[LabelledWindow, ...]
    samples: Mapping[int, Sample]
    wording: Wording


@dataclass(frozen=True, slots=True)
class Difference:
    """First minus second; ``visible`` is the smallest difference these windows could show."""

    metric: str
    first: float | None
    second: float | None
    estimate: Estimate
    visible: float | None

    @property
    def better(self) -> int:
        """+1 where the whole interval favours the first run, -1 the second, 0 undecided."""
        low, high = self.estimate.low, self.estimate.high
        if low is None or high is None or low <= 0.0 <= high:
            return 0
        return 1 if (low > 0.0) == (self.metric in HIGHER) else -1


@dataclass(frozen=True, slots=True)
class Changed:
    """A window that the two runs answer differently; ``None`` for an error."""

    id: str
    label: Primary
    first: Primary | None
    second: Primary | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the windows they share."""

    first: str
    second: str
    n: int
    differences: tuple[Difference, ...]
    changed: tuple[Changed, ...]

    def verdict(self, metric: str = "top1") -> str:
        """One sentence: whether the first beats the second, by the paired interval."""
        found = next(d for d in self.differences if d.metric == metric)
        value, low, high = found.estimate.value, found.estimate.low, found.estimate.high
        if value is None or low is None or high is None:
            return f"{metric}: n/a, too few episodes to compare {self.first} with {self.second}."
        word = {1: "beats", -1: "is beaten by", 0: "is not shown to beat"}[found.better]
        return (
            f"{metric}: {self.first} {word} {self.second}: difference {value:+.3f}, "
            f"95 % interval {low:+.3f} to {high:+.3f} on {self.n} windows."
        )


def compare(
    first: Answered, second: Answered, seed: int = 0, resamples: int = RESAMPLES
) -> Comparison:
    """Paired differences on the windows both runs were asked.

    Raises:
        UsageError: they share no window, or label one differently.
    """
    pairs = _shared(first, second)
    windows = [first.windows[one] for one, _ in pairs]
    ours = _table(windows, {k: first.samples.get(one) for k, (one, _) in enumerate(pairs)}, first)
    theirs = _table(
        windows, {k: second.samples.get(two) for k, (_, two) in enumerate(pairs)}, second
    )
    fell = ours.label != NONE
    return Comparison(
        first.name,
        second.name,
        len(pairs),
        _differences(ours.where(fell), theirs.where(fell), seed, resamples) if fell.any() else (),
        _changed(windows, pairs, first, second),
    )


def _shared(first: Answered, second: Answered) -> list[tuple[int, int]]:
    there = {window.id: key for key, window in enumerate(second.windows)}
    pairs = [(key, there[w.id]) for key, w in enumerate(first.windows) if w.id in there]
    if not pairs:
        raise UsageError(f"{first.name} and {second.name} share no window.")
    for one, two in pairs:
        if first.windows[one] != second.windows[two]:
            raise UsageError(
                f"{first.name} and {second.name} know {first.windows[one].id!r} by different "
                "closes or labels; compare runs on the same events file."
            )
    return pairs


def _table(
    windows: Sequence[LabelledWindow], samples: Mapping[int, Sample | None], run: Answered
) -> Table:
    kept = {key: sample for key, sample in samples.items() if sample is not None}
    return make_table(windows, kept, phrases_of(run.wording))


def _differences(ours: Table, theirs: Table, seed: int, resamples: int) -> tuple[Difference, ...]:
    draws = Resampler(ours.episode.tolist(), seed, resamples)
    left, right = metrics_of(ours), metrics_of(theirs)
    return tuple(_difference(name, draws, left, right) for name in left)


def _difference(
    name: str, draws: Resampler, left: Mapping[str, Metric], right: Mapping[str, Metric]
) -> Difference:
    one, two = left[name], right[name]
    estimate = draws.estimate(lambda rows: one(rows) - two(rows))
    error = (
        None
        if estimate.low is None or estimate.high is None
        else (estimate.high - estimate.low) * _ERROR
    )
    return Difference(
        name,
        draws.estimate(one, bounds=False).value,
        draws.estimate(two, bounds=False).value,
        estimate,
        # Answers that are all alike say nothing of how much they could differ by chance.
        _POWER * error if error else None,
    )


def _changed(
    windows: Sequence[LabelledWindow],
    pairs: Sequence[tuple[int, int]],
    first: Answered,
    second: Answered,
) -> tuple[Changed, ...]:
    rows = [
        Changed(
            window.id,
            window.primary,
            _primary(first.samples.get(one)),
            _primary(second.samples.get(two)),
        )
        for window, (one, two) in zip(windows, pairs, strict=True)
    ]
    return tuple(row for row in rows if row.first != row.second)


def _primary(sample: Sample | None) -> Primary | None:
    return sample.prediction.primary if sample and sample.prediction else None
