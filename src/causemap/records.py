"""Frozen records that cross every boundary of the house.

A run is ``Scope -> Dossier -> Report``. The :class:`Dossier` is all that the desks measured and
read; everything after it (verdict, cause map, narrative) is a pure function of the dossier, so a
stored dossier reproduces its report byte for byte. Numbers are rounded once, when evidence is made.

Times are ISO 8601 strings in UTC (``2026-02-05T21:00Z``), dates are ``YYYY-MM-DD``: strings sort,
serialise and compare the same way everywhere, and no record depends on a date library.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Literal

from causemap.articles import Claim as Claim  # noqa: PLC0414  records are imported from here
from causemap.closed_sets import (
    AssetGroup,
    Cause,
    Desk,
    Family,
    GapKind,
    Group,
    Identification,
    MissionLabel,
    NodeKind,
    Primary,
)
from causemap.model_records import ModelPart
from causemap.scheduled import Scheduled as Scheduled  # noqa: PLC0414  as with claims


@dataclass(frozen=True, slots=True)
class Scope:
    """The question as the engine sees it: closes ``start`` to ``end``, known up to ``as_of``.

    ``assets`` are canonical series names (``SPX``, ``BTC`` ...); ``groups`` the asset groups they
    belong to, in a fixed order. ``left_out`` names what was asked about and has no verdict.
    ``partial`` marks that, and a window that ends in the running session.
    """

    start: str
    end: str
    as_of: str
    assets: tuple[str, ...]
    groups: tuple[AssetGroup, ...]
    question: str = ""
    partial: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether the window ends in a session that was not complete at the as-of."""
        close = "T22:00Z" if self.groups != ("crypto",) else "T24"
        return self.partial and (not self.left_out or self.as_of < f"{self.end}{close}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measured or read fact. Made only by measures and sources, never by a model.

    ``value`` is in ``unit`` over ``start`` .. ``end``; ``z`` says how unusual it is (raw, never
    clipped): the robust z of METHODS 1 for changes, else the deviations of the item's own measure
    (a residual over its standard error, Fisher's z of a correlation, a mean of z), or ``None``
    where the metric is not standardised. ``low``/``high`` bound the value where the method gives
    an interval. ``expected`` gives the sign (+1/-1) that would speak
    for a cause. ``said`` is the plain-English name of what was measured, without any number.
    """

    id: str
    desk: Desk
    family: Family
    group: Group
    metric: str
    asset: str
    start: str
    end: str
    value: float
    unit: str
    said: str
    observed_at: str
    available_at: str
    source: str
    z: float | None = None
    quality: float = 1.0
    low: float | None = None
    high: float | None = None
    n: int | None = None
    expected: tuple[tuple[Cause, int], ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A source or measure that could not be had; never zero, never neutral."""

    what: str
    kind: GapKind
    why: str
    desk: Desk
    weakens: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A dated outside item (news, notice, statement). Outside text: hostile until filtered."""

    id: str
    published: str
    precision: Literal["minute", "date"]
    publisher: str
    kind: str
    text: str
    url: str | None
    basis: Literal["found", "headline_file", "knowledge"]
    confidence: float


@dataclass(frozen=True, slots=True)
class Marker:
    """A dated event on the clock of the window (FOMC, CPI, results, a note)."""

    at: str
    label: str
    kind: str
    evidence: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """An asset's path rebased to 100 at the window's start close, rounded to 0.1."""

    asset: str
    dates: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class OnsetInterval:
    """When a node first moved abnormally: an interval of bar closes, not a point."""

    name: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class PartShare:
    """A part of a target's move, as a share of it with an 80 % interval."""

    cause: Cause
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A target's move split up: parts and residual sum to 1 (METHODS 3, layer 3).

    Parts are by ordered regression, mechanical share, or event study.
    """

    asset: str
    move_pct: float
    parts: tuple[PartShare, ...]
    residual: float
    residual_low: float
    residual_high: float


@dataclass(frozen=True, slots=True)
class DeskReport:
    """What one desk hands over."""

    desk: Desk
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    markers: tuple[Marker, ...] = ()
    onsets: tuple[OnsetInterval, ...] = ()
    paths: tuple[Path, ...] = ()
    decompositions: tuple[Decomposition, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that the desks found, in a fixed order; a stored dossier is a frozen case."""

    scope: Scope
    evidence: tuple[Evidence, ...]
    gaps: tuple[Gap, ...]
    markers: tuple[Marker, ...] = ()
    onsets: tuple[OnsetInterval, ...] = ()
    paths: tuple[Path, ...] = ()
    decompositions: tuple[Decomposition, ...] = ()
    notes: tuple[Note, ...] = ()
    claims: tuple[Claim, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    model: ModelPart | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """A cause's share of the move (shares and residual sum to 1)."""

    cause: Cause
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Residual:
    """The unexplained share, always printed."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rejected:
    """An alternative that was turned down, and the test that decided."""

    cause: Cause
    why: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """One evidence item's pull on the log-odds of one cause, after quality and clipping."""

    evidence: str
    cause: Cause
    log_odds: float


@dataclass(frozen=True, slots=True)
class Analogue:
    """A past window near this one on family scores, with how it differs."""

    case: str
    start: str
    end: str
    distance: float
    primary: Primary
    differs: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """One measurable condition of a scenario and its present state."""

    text: str
    met: bool | None
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A state of the world to watch (normalisation, tightening, reflation); never a forecast."""

    key: Literal["A", "B", "C"]
    name: str
    triggers: tuple[Trigger, ...]


@dataclass(frozen=True, slots=True)
class WouldChange:
    """An evidence change that would turn the verdict, recomputed by the engine."""

    text: str
    evidence: tuple[str, ...]
    primary: Primary


@dataclass(frozen=True, slots=True)
class Verdict:
    """Probabilities over the closed set for one asset group, or an abstention with its reason."""

    primary: Primary
    mission_label: MissionLabel
    probabilities: tuple[tuple[Cause, float], ...]
    abstained: bool
    reason: str
    contributions: tuple[Contribution, ...] = ()
    residual: Residual = field(default_factory=lambda: Residual(1.0, 1.0, 1.0))
    rejected: tuple[Rejected, ...] = ()
    counter_evidence: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    weighed: tuple[Weighed, ...] = ()
    amplifiers: tuple[str, ...] = ()
    subtype: str | None = None
    would_change: tuple[WouldChange, ...] = ()

    @property
    def ranked(self) -> tuple[tuple[Cause, float], ...]:
        """Causes by falling probability (ties by name)."""
        return tuple(sorted(self.probabilities, key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True, slots=True)
class Node:
    """A shock, a channel or an asset move; ``probability`` is the largest of ``by_group``'s."""

    id: str
    kind: NodeKind
    label: str
    onset: OnsetInterval | None = None
    rank: int | None = None
    probability: float | None = None
    evidence: tuple[str, ...] = ()
    by_group: tuple[tuple[AssetGroup, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A directed link with its sign, lag in days, strength and the evidence for and against."""

    source: str
    target: str
    sign: int
    lag: tuple[float, float] | None
    strength: float | None
    confidence: float
    evidence: tuple[str, ...]
    counter_evidence: tuple[str, ...]
    identification: Identification

    @property
    def supported(self) -> bool:
        """Whether any evidence stands behind the edge (drawn solid) or none (dashed)."""
        return bool(self.evidence)


@dataclass(frozen=True, slots=True)
class CauseMap:
    """A directed acyclic graph; ``order`` groups ties, ``unlinked`` names falls without a link."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    order: tuple[tuple[str, ...], ...] = ()
    unlinked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One verified sentence: ``template`` has slots (``{ev-id.value}``), ``text`` is filled."""

    section: str
    template: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Narrative:
    """Sentences that passed the grounding gate, and how many were dropped by it."""

    sentences: tuple[Sentence, ...]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The only product of a run; every output is a view of it."""

    scope: Scope
    verdict: Verdict
    verdicts: tuple[tuple[AssetGroup, Verdict], ...]
    evidence: tuple[Evidence, ...]
    gaps: tuple[Gap, ...]
    cause_map: CauseMap
    narrative: Narrative
    markers: tuple[Marker, ...] = ()
    onsets: tuple[OnsetInterval, ...] = ()
    paths: tuple[Path, ...] = ()
    decompositions: tuple[Decomposition, ...] = ()
    notes: tuple[Note, ...] = ()
    claims: tuple[Claim, ...] = ()
    analogues: tuple[Analogue, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    ahead: tuple[Scheduled, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    model: ModelPart | None = None

    def dossier(self) -> Dossier:
        """What the report was concluded from: it holds all that the desks found."""
        return Dossier(**{part.name: getattr(self, part.name) for part in fields(Dossier)})

    def find(self, evidence_id: str) -> Evidence | None:
        """The evidence item with this id, or ``None``."""
        return next((item for item in self.evidence if item.id == evidence_id), None)
