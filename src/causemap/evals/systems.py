"""Systems under test: each gets a scope, an as-of view and notes, and answers with a prediction.

Nothing else reaches a system. A :class:`Learner` is fitted first, on windows of other episodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, get_args, runtime_checkable

from causemap.closed_sets import AssetGroup, Cause, Family, Primary
from causemap.errors import UsageError
from causemap.evals.answers import Prediction, from_report

if TYPE_CHECKING:
    from causemap.records import Dossier, Evidence, Note, Report, Scope, Verdict
    from causemap.settings import Settings
    from causemap.tools.market import AsOfView

NAMES: Final = (
    "rules",
    "majority",
    "headline",
    "template",
    "single-call",
    "price-only",
    "text-only",
    "logistic-prices",
    "logistic-words",
    "llm",
)
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)
# What each form of the engine may judge on; the moves that pose the question always stay.
_KEPT: Final[dict[str, tuple[Family, ...]]] = {
    "rules": FAMILIES,
    "price-only": ("prices", "plumbing"),
    "text-only": ("event_time", "text"),
}
# Forms of the engine whose parameters can be refitted without an episode.
FITTED: Final = frozenset(_KEPT)
_WITHOUT: Final = re.compile(r"rules-without-([a-z_]+)")


class System(Protocol):
    """Answers one question; raises ``SystemFault`` or another project error when it cannot."""

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        """The answer, on what was known at the scope's as-of."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """A window to learn from: what a system would be told of it, and its labels.

    ``label`` is the soft label, ``primary`` the one label, ``by_asset`` the label of an
    asset group where it has its own.
    ``further``: by other labellers than those of the windows asked about.
    """

    scope: Scope
    view: AsOfView
    notes: tuple[Note, ...]
    label: tuple[tuple[Cause, float], ...]
    primary: Primary
    by_asset: tuple[tuple[AssetGroup, Primary], ...] = ()
    further: bool = False


@runtime_checkable
class Learner(Protocol):
    """A system that must be fitted before it answers."""

    def fit(self, examples: Sequence[Example]) -> System:
        """The system fitted on ``examples``, none of which shares an episode with the question."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The engine without a model: the desks measure, the rules conclude.

    ``kept`` are the evidence families it may judge on (all by default). What decides whether
    anything fell, the targets' own moves, always stays, but of a family left out it says nothing
    for any cause: an ablation changes the cause, not the question. ``apart`` are days that no
    analogue may share, ``folder`` where measured dossiers are kept.
    """

    settings: Settings
    kept: tuple[Family, ...] = FAMILIES
    reads: bool = True
    judging: Callable[[Dossier], tuple[tuple[AssetGroup, Verdict], ...]] | None = None
    apart: tuple[tuple[str, str], ...] = ()
    folder: Path | None = None

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        """Measure, leave out the families that are not kept, and conclude."""
        return self.decide(self.measure(scope, view, notes))

    def measure(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Dossier:
        """The dossier of a question."""
        from causemap.evals.measured import measure

        return measure(scope, view, notes if self.reads else (), self.settings, self.folder)

    def decide(self, dossier: Dossier) -> Prediction:
        """The answer on a dossier's kept families."""
        return from_report(self.judge(dossier), self.judging)

    def judge(self, dossier: Dossier) -> Report:
        """The report on a dossier's kept families."""
        from causemap.agents.conclude import conclude
        from causemap.attribution.judge import judge

        return conclude(self.ablated(dossier), self.judging or judge, self.apart)

    def ablated(self, dossier: Dossier) -> Dossier:
        """The dossier with the kept families; a move that only poses the question has no weight."""
        if self.kept == FAMILIES:
            return dossier
        return replace(
            dossier,
            evidence=tuple(
                item if item.family in self.kept else replace(item, quality=0.0)
                for item in dossier.evidence
                if item.family in self.kept or _is_target(item, dossier)
            ),
            decompositions=dossier.decompositions if "prices" in self.kept else (),
        )


def _is_target(item: Evidence, dossier: Dossier) -> bool:
    return item.metric == "change" and item.asset in dossier.scope.assets


def build(name: str, settings: Settings, timeout: float) -> System | Learner:
    """The system called ``name``; ``timeout`` in seconds bounds an outside program.

    Raises :class:`UsageError` for a name that is not known or a system that is not set up.
    """
    if name.startswith("cmd:"):
        from causemap.evals.command import Program

        return Program.parse(name[len("cmd:") :], timeout)
    if name in ("single-call", "llm"):
        from causemap.evals.modelled import with_model

        return with_model(name, settings)
    if name in _KEPT:
        return Rules(settings, kept=_KEPT[name], reads=name != "price-only")
    found = _WITHOUT.fullmatch(name)
    return _ablated(found[1], settings) if found else _baseline(name)


def _ablated(family: str, settings: Settings) -> System:
    if family not in FAMILIES:
        raise UsageError(f"There is no evidence family {family!r}: use {', '.join(FAMILIES)}.")
    kept = tuple(other for other in FAMILIES if other != family)
    return Rules(settings, kept=kept)


def _baseline(name: str) -> System | Learner:
    from causemap.evals import baselines, logistic

    made: dict[str, Callable[[], System | Learner]] = {
        "majority": baselines.Majority,
        "headline": baselines.Headline,
        "template": baselines.Template,
        "logistic-prices": lambda: logistic.Logistic(words=False),
        "logistic-words": lambda: logistic.Logistic(words=True),
    }
    if name not in made:
        known = ", ".join((*NAMES, "rules-without-FAMILY", "cmd:PROGRAM"))
        raise UsageError(f"The system {name!r} is not known; known are {known}.")
    return made[name]()
