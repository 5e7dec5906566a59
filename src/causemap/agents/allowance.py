"""What a narrative may say beside the figures of cited evidence, derived from the run itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from causemap.agents.clauses import plain_label
from causemap.closed_sets import AssetGroup, GapKind
from causemap.records import Analogue, CauseMap, Dossier, Scenario, Verdict


class Quantity(NamedTuple):
    """A probability or share of the verdict (0..1); ``group`` is ``None`` for the whole market."""

    cause: str
    kind: Literal["probability", "share"]
    value: float
    low: float | None = None
    high: float | None = None
    group: AssetGroup | None = None


class Moment(NamedTuple):
    """A time that may be said of a thing named ``words``; of the run itself where that is ''.

    ``side`` ties an onset to its side of the interval ('any' for a point), and ``topic`` to
    sentences with that word, so that an onset never passes for the start of a measured window.
    """

    words: str
    at: str
    side: Literal["start", "end", "any"] = "any"
    topic: str = ""


class Lack(NamedTuple):
    """A gap of the run: what is missing, the ways its reason is told, and what it weakens."""

    what: str
    kind: GapKind
    whys: tuple[str, ...]
    weakens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be said beside cited evidence: verdict figures, run dates, words of the engine.

    ``lacks`` are the gaps that a sentence may tell of, each in its own words only.
    """

    quantities: tuple[Quantity, ...] = ()
    moments: tuple[Moment, ...] = ()
    quoted: tuple[str, ...] = ()
    lacks: tuple[Lack, ...] = ()


def allow(
    dossier: Dossier,
    verdict: Verdict,
    verdicts: Iterable[tuple[AssetGroup, Verdict]],
    cause_map: CauseMap,
    *,
    scenarios: Iterable[Scenario] = (),
    analogues: Iterable[Analogue] = (),
) -> Allowed:
    """Collect the verdict's figures, the run's dates and the engine's own words."""
    judged = tuple(verdicts)
    past = tuple(analogues)
    quantities = [*_quantities(verdict, None)]
    for group, found in judged:
        quantities += _quantities(found, group)
    every = (verdict, *(found for _, found in judged))
    return Allowed(
        tuple(quantities),
        tuple(_moments(dossier, cause_map, past)),
        tuple(_quoted(dossier, every, cause_map, scenarios, past)),
        tuple(Lack(gap.what, gap.kind, (gap.why,), gap.weakens) for gap in dossier.gaps),
    )


def _quantities(verdict: Verdict, group: AssetGroup | None) -> Iterator[Quantity]:
    for cause, probability in verdict.probabilities:
        yield Quantity(cause, "probability", probability, group=group)
    for part in verdict.contributions:
        yield Quantity(part.cause, "share", part.share, part.low, part.high, group)
    rest = verdict.residual
    yield Quantity("unexplained", "share", rest.share, rest.low, rest.high, group)


def _moments(
    dossier: Dossier, cause_map: CauseMap, analogues: Iterable[Analogue]
) -> Iterator[Moment]:
    yield Moment("", dossier.scope.start, "start")
    yield Moment("", dossier.scope.end, "end")
    for node in cause_map.nodes:
        if node.onset is not None:
            yield Moment(plain_label(node.label), node.onset.low, "start", "first")
            yield Moment(plain_label(node.label), node.onset.high, "end", "first")
    for marker in dossier.markers:
        yield Moment(marker.label, marker.at)
    for past in analogues:
        yield Moment(past.case, past.start, "start")
        yield Moment(past.case, past.end, "end")


def _quoted(
    dossier: Dossier,
    verdicts: Iterable[Verdict],
    cause_map: CauseMap,
    scenarios: Iterable[Scenario],
    analogues: Iterable[Analogue],
) -> Iterator[str]:
    for verdict in verdicts:
        yield verdict.reason
        # The deciding test of a rejection: its words only, its figures are slots of their own.
        yield from (item.why.partition(": ")[0] for item in verdict.rejected)
        yield from (change.text for change in verdict.would_change)
    yield from (words for gap in dossier.gaps for words in (gap.what, gap.why))
    yield from (plain_label(node.label) for node in cause_map.nodes)
    yield from (marker.label for marker in dossier.markers)
    for scenario in scenarios:
        yield scenario.name
        yield from (trigger.text for trigger in scenario.triggers)
    yield from (words for past in analogues for words in (past.case, past.differs))
