"""Windows and samples as one table of columns, errors at the worst value of every metric.

Columns of probabilities are the closed set in its order and, last, ``no_drawdown``: a system that
says nothing fell has put everything there, whatever it prints beside.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, Self, TypeVar

import numpy as np

from causemap.agents.asset_words import GROUP_OF
from causemap.causes import CAUSES, NAMED, mission_label
from causemap.closed_sets import Primary
from causemap.evals import graphs, metrics
from causemap.evals.answers import GroupAnswer, Prediction, Sample, Trace
from causemap.evals.folds import Span, episode_spans, episodes, shares_days
from causemap.evals.metrics import Floats, Ints
from causemap.evals.windows import LabelledWindow, soft_label

LABELS: Final[tuple[Primary, ...]] = (*CAUSES, "no_drawdown")
NONE: Final = len(CAUSES)
MISSIONS: Final = ("rates_shock", "ai_rerating", "liquidation_cascade", "other", "mixed", "none")
_MISSION: Final = np.array([MISSIONS.index(mission_label(label)) for label in LABELS])
_FOLDED: Final = np.array([3 if name == "mixed" else k for k, name in enumerate(MISSIONS)])
Phrases = Mapping[str, tuple[str, ...]]
T = TypeVar("T", bound="Table")


@dataclass(frozen=True)
class Table:
    """One row for each window; every column has the same length.

    ``hit`` and ``near`` are top-1 and top-2; ``named`` whether the system's own primary is the
    label; ``answered`` whether it named anything. NaN marks what a row cannot have (a cause map
    without an order), never an error: those carry the worst value. ``cited`` and ``carrying`` are
    citation recall and precision, ``unmoved`` and ``rests`` what dropping the first cited item
    does, ``reached`` whether named causes lead to an asset asked about.
    """

    key: Ints
    episode: Ints
    label: Ints
    guess: Ints
    failed: Ints
    priced: Ints
    answered: Ints
    confidence: Floats
    hit: Floats
    near: Floats
    mission4: Floats
    mission5: Floats
    named: Floats
    loss: Floats
    brier: Floats
    brier_soft: Floats
    cost: Floats
    overlap: Floats
    nodes: Floats
    tau: Floats
    forward: Floats
    cycles: Floats
    late: Floats
    repeats: Floats
    cited: Floats
    carrying: Floats
    unmoved: Floats
    rests: Floats
    reached: Floats
    future: Floats
    uncited: Floats

    def __len__(self) -> int:
        """The number of windows."""
        return len(self.key)

    def where(self, mask: np.typing.NDArray[np.bool_]) -> Self:
        """The rows a mask picks."""
        return type(self)(*(getattr(self, field.name)[mask] for field in fields(self)))


def make_table(
    windows: Sequence[LabelledWindow], samples: Mapping[int, Sample], phrases: Phrases
) -> Table:
    """The table of all windows; one that was not answered counts as failed."""
    spans = [window.span for window in windows]
    whole = episode_spans(spans)
    answers = [_prediction(samples.get(key)) for key in range(len(windows))]
    p = np.array([_shares(answer) for answer in answers])
    label = np.array([LABELS.index(window.primary) for window in windows])
    failed = np.array([answer is None for answer in answers])
    guess = np.where(failed, -1, p.argmax(axis=1))
    primary = np.array([-1 if a is None else LABELS.index(a.primary) for a in answers])
    answered = np.array([a is not None and not a.abstained for a in answers])
    soft = np.array([_target(window) for window in windows])
    worst, alright = np.log(1 / metrics.LOG_CLIP), ~failed
    named = (primary == label).astype(float)
    abstained = alright & ~answered
    draws = any(_trace_of(answer) is not _NO_TRACE for answer in answers)
    traced = [
        _traced(window, answer, phrases, span, draws=draws)
        for window, answer, span in zip(windows, answers, whole, strict=True)
    ]
    return Table(
        key=np.arange(len(windows)),
        episode=np.array(episodes(spans), dtype=np.int64),
        label=label,
        guess=guess,
        failed=failed.astype(np.int64),
        priced=np.array([_priced(samples.get(k)) for k in range(len(windows))], dtype=np.int64),
        answered=answered.astype(np.int64),
        confidence=np.where(failed, 1.0, p.max(axis=1)),
        hit=np.where(failed, 0.0, metrics.in_top(p, label, 1)),
        # A share of nothing is no second place, however the zeros are ordered.
        near=metrics.in_top(p, label, 2) * (p[np.arange(len(label)), label] > 0.0),
        mission4=(alright & (_folded(guess) == _folded(label))).astype(float),
        mission5=(alright & (_MISSION[guess] == _MISSION[label])).astype(float),
        named=named,
        loss=np.where(failed, worst, metrics.log_loss(p, label)),
        brier=np.where(failed, metrics.WORST_BRIER, metrics.brier(p, np.eye(NONE + 1)[label])),
        brier_soft=np.where(failed, metrics.WORST_BRIER, metrics.brier(p, soft)),
        cost=np.where(named > 0, 0.0, np.where(abstained, metrics.ABSTENTION_COST, 1.0)),
        **{name: np.array([row[name] for row in traced]) for name in _TRACED},
        future=np.array([_trace_of(answer).future for answer in answers], dtype=float),
        uncited=np.array([_trace_of(answer).uncited for answer in answers], dtype=float),
    )


def _prediction(sample: Sample | None) -> Prediction | None:
    return None if sample is None else sample.prediction


_NO_TRACE: Final = Trace()


def _trace_of(answer: Prediction | None) -> Trace:
    return (answer.trace if answer else None) or _NO_TRACE


def _priced(sample: Sample | None) -> bool:
    return sample is None or sample.priced


def _folded(labels: Ints) -> Ints:
    folded: Ints = _FOLDED[_MISSION[labels]]
    return folded


def _shares(answer: Prediction | None) -> list[float]:
    if answer is None:
        return [0.0] * (NONE + 1)
    if answer.primary == "no_drawdown":
        return [0.0] * NONE + [1.0]
    return [*answer.probabilities, 0.0]


def _target(window: LabelledWindow) -> list[float]:
    soft = soft_label(window)
    return [soft.get(cause, 0.0) for cause in CAUSES] + [0.0 if soft else 1.0]


# What a failed answer has for each: the worst value, NaN for counts of what was not drawn.
_FAILED_TRACE: Final = {
    "overlap": 0.0,
    "nodes": 0.0,
    "tau": -1.0,
    "forward": 0.0,
    "cycles": math.nan,
    "late": math.nan,
    "repeats": 0.0,
    "cited": 0.0,
    "carrying": 0.0,
    "unmoved": 1.0,
    "rests": -1.0,
    "reached": 0.0,
}
_TRACED: Final = tuple(_FAILED_TRACE)
# Of a window whose labeller told no order.
_FAILED_UNORDERED: Final = _FAILED_TRACE | dict.fromkeys(("nodes", "tau", "forward"), math.nan)


def _traced(
    window: LabelledWindow,
    answer: Prediction | None,
    phrases: Phrases,
    episode: Span,
    *,
    draws: bool,
) -> dict[str, float]:
    """What the cause map, shares and account of one answer score; NaN where they do not apply.

    ``draws``: the system draws maps at all; one that does not cannot fail to.
    """
    nothing = dict.fromkeys(_TRACED, math.nan)
    if window.primary == "no_drawdown":
        return nothing
    known = graphs.first_places(phrases.get(phrase, ()) for phrase in window.order)
    if answer is None and draws:
        return _FAILED_TRACE if known else _FAILED_UNORDERED
    if answer is None or answer.trace is None:
        return nothing
    trace = answer.trace
    pairs = [(edge.source, edge.target) for edge in trace.edges]
    forward, apart = graphs.forward_share(pairs, known)
    return {
        "overlap": _overlap(window, trace),
        "nodes": _number(graphs.node_f1(_told(trace, known), known)) if known else math.nan,
        "tau": _number(graphs.order_tau(graphs.first_places(trace.order), known)),
        "forward": forward / apart if apart else math.nan,
        "cycles": float(not graphs.is_acyclic(pairs)),
        "late": float(graphs.time_violations(trace.nodes, pairs)),
        "repeats": float(sum(shares_days(Span(*near), episode) for near in trace.analogues)),
        "reached": _reached(window, answer.groups, pairs),
        **_account(trace),
    }


def _account(trace: Trace) -> dict[str, float]:
    """Citations borne out and carrying, and what verdicts lose with the first item they cite."""
    read, dropped = trace.account, trace.dropped
    return {
        "cited": read.borne / read.owed if read and read.owed else math.nan,
        "carrying": read.carrying / read.cites if read and read.cites else math.nan,
        "unmoved": _mean([float(one.unmoved) for one in dropped]),
        "rests": _mean([one.stands - one.without_first for one in dropped]),
    }


def _reached(
    window: LabelledWindow, groups: Sequence[GroupAnswer], pairs: Sequence[tuple[str, str]]
) -> float:
    """Share of named group verdicts whose cause leads to an asset asked about of that group."""
    named = [g for g in groups if not g.abstained and g.primary in NAMED]
    asked = {g.group: {a for a in window.asked if GROUP_OF[a] == g.group} for g in named}
    return _mean([float(graphs.reaches(pairs, g.primary, asked[g.group])) for g in named])


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _told(trace: Trace, known: Mapping[str, int]) -> set[str]:
    """Shocks and channels of the map, and those of its moves that the labeller speaks of."""
    return {node.id for node in trace.nodes if node.kind != "move" or node.id in known}


def _overlap(window: LabelledWindow, trace: Trace) -> float:
    if not trace.shares:
        return math.nan
    shares = dict(trace.shares)
    shares["mixed_unclear"] = shares.get("mixed_unclear", 0.0) + trace.residual
    ours = np.array([[shares.get(cause, 0.0) for cause in CAUSES]])
    soft = soft_label(window)
    theirs = np.array([[soft[cause] for cause in CAUSES]])
    return float(metrics.overlap(ours, theirs)[0])


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def episode_count(table: Table) -> int:
    """How many episodes the rows come from."""
    return len(set(table.episode.tolist()))


def total(values: Iterable[float]) -> int:
    """The sum of a column of counts, rows without one left out."""
    return int(sum(value for value in values if not math.isnan(value)))
