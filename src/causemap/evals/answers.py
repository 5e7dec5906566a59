"""What a system answers, checked before it counts, and how a sample is kept.

An answer that cannot be scored (no label of the closed set, probabilities that do not sum to 1) is
a fault of the system, never mended here: a faulty sample takes the worst value of every metric.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final, get_args

from causemap.causes import CAUSES
from causemap.closed_sets import AssetGroup, Cause, Primary
from causemap.errors import SourceError, UsageError
from causemap.evals.accounts import Account, account
from causemap.evals.dropping import Dropped, Verdicts, drop_cited
from causemap.model_records import ModelCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from causemap.records import Dossier, Report, Verdict

TOLERANCE: Final = 1e-6
_LABELS: Final[tuple[Primary, ...]] = get_args(Primary)


class SystemFault(SourceError):
    """A system's answer cannot be used; the sample is kept as an error and counted as one.

    ``calls`` are those to a model that were made all the same, and cost what they cost.
    """

    def __init__(self, message: str, calls: tuple[ModelCall, ...] = ()) -> None:
        super().__init__(message)
        self.calls = calls


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """The answer for one asset group."""

    group: AssetGroup
    primary: Primary
    probabilities: tuple[float, ...]
    abstained: bool


@dataclass(frozen=True, slots=True)
class TracedNode:
    """A node of the cause map and the interval of its onset, where it has one."""

    id: str
    kind: str
    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class TracedEdge:
    """A link of the cause map."""

    source: str
    target: str
    sign: int
    supported: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """What a report says beside its label: shares, cause map, analogues shown.

    ``future`` counts evidence that was not yet available at the as-of, ``uncited`` sentences
    without the evidence they owe, and sentences and links that name evidence the report does not
    hold. ``account`` is ``None`` in answers kept before accounts were read again.
    """

    shares: tuple[tuple[Cause, float], ...] = ()
    residual: float = 1.0
    nodes: tuple[TracedNode, ...] = ()
    edges: tuple[TracedEdge, ...] = ()
    order: tuple[tuple[str, ...], ...] = ()
    analogues: tuple[tuple[str, str], ...] = ()
    future: int = 0
    uncited: int = 0
    account: Account | None = None
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answer; ``probabilities`` run over :data:`CAUSES` in its order and sum to 1.

    ``calls`` are those to a model that it took.
    """

    primary: Primary
    probabilities: tuple[float, ...]
    abstained: bool
    reason: str = ""
    groups: tuple[GroupAnswer, ...] = ()
    trace: Trace | None = None
    calls: tuple[ModelCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One question answered, or failed with ``fault``.

    ``priced`` says whether any asset asked about has a price over the window. ``seconds`` is wall
    time; it is kept apart from what a second run must reproduce. ``calls`` were made to a model.
    """

    key: int
    prediction: Prediction | None
    fault: str | None
    priced: bool
    seconds: float
    calls: tuple[ModelCall, ...] = ()


def checked(prediction: Prediction) -> Prediction:
    """The prediction if it can be scored; raises :class:`SystemFault` if not."""
    if prediction.primary not in _LABELS:
        raise SystemFault(f"{prediction.primary!r:.60} is no label of the taxonomy")
    for shares in (prediction.probabilities, *(group.probabilities for group in prediction.groups)):
        if len(shares) != len(CAUSES) or not all(math.isfinite(p) and p >= 0.0 for p in shares):
            raise SystemFault("the probabilities are not one share for each cause")
        if abs(math.fsum(shares) - 1.0) > TOLERANCE:
            raise SystemFault(f"the probabilities sum to {math.fsum(shares):.6g}, not to 1")
    return prediction


def from_shares(shares: Mapping[Cause, float], primary: Primary | None = None) -> Prediction:
    """A prediction that names the likeliest cause (ties by the order of the closed set)."""
    row = tuple(float(shares.get(cause, 0.0)) for cause in CAUSES)
    named: Primary = primary or CAUSES[row.index(max(row))]
    return checked(Prediction(named, row, abstained=named == "mixed_unclear"))


def from_report(report: Report, judging: Callable[[Dossier], Verdicts] | None = None) -> Prediction:
    """What a report answers, with its groups, cause map, account and analogues.

    ``judging`` is what the report was judged by (the engine as shipped by default): cited items
    are dropped and it is asked again.
    """
    verdict = report.verdict
    return checked(
        Prediction(
            verdict.primary,
            _row(verdict),
            verdict.abstained,
            verdict.reason,
            tuple(
                GroupAnswer(group, one.primary, _row(one), one.abstained)
                for group, one in report.verdicts
            ),
            _trace(report, judging),
            report.model.calls if report.model else (),
        )
    )


def _row(verdict: Verdict) -> tuple[float, ...]:
    shares = dict(verdict.probabilities)
    return tuple(shares.get(cause, 0.0) for cause in CAUSES)


def _trace(report: Report, judging: Callable[[Dossier], Verdicts] | None) -> Trace:
    from causemap.attribution.judge import judge

    read = account(report)
    return Trace(
        shares=tuple((part.cause, part.share) for part in report.verdict.contributions),
        residual=report.verdict.residual.share,
        nodes=tuple(
            TracedNode(
                node.id,
                node.kind,
                node.onset.low if node.onset else None,
                node.onset.high if node.onset else None,
            )
            for node in report.cause_map.nodes
        ),
        edges=tuple(
            TracedEdge(edge.source, edge.target, edge.sign, edge.supported)
            for edge in report.cause_map.edges
        ),
        order=report.cause_map.order,
        analogues=tuple((near.start, near.end) for near in report.analogues),
        future=sum(item.available_at > report.scope.as_of for item in report.evidence),
        uncited=read.uncited + _dead_links(report),
        account=read,
        dropped=tuple(drop_cited(report.dossier(), report.verdicts, judging or judge)),
    )


def _dead_links(report: Report) -> int:
    """Links of the cause map that name evidence the report does not hold."""
    known = {item.id for item in report.evidence} | {note.id for note in report.notes}
    edges = report.cause_map.edges
    return sum(not {*edge.evidence, *edge.counter_evidence} <= known for edge in edges)


def dump_sample(sample: Sample, *, timed: bool = True) -> str:
    """One line of JSON; without ``timed`` the seconds are left out, so that bytes reproduce."""
    still = tuple(replace(call, seconds=0.0) for call in sample.calls)
    plain = asdict(sample if timed else replace(sample, seconds=0.0, calls=still))
    if not timed:
        del plain["seconds"]
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def load_sample(line: str) -> Sample:
    """A line of :func:`dump_sample` back; ``UsageError`` if it is none."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Sample).validate_json(line)
    except ValidationError as fault:
        raise UsageError(f"a kept sample cannot be read: {fault.errors()[0]['msg']}") from fault
