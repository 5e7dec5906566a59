"""The memory panel: whether a system reads its evidence or remembers the dates (E14).

Each probe is a changed dossier whose right answer follows from the change:

- *closed book*: the dates and assets alone. Being right here beyond the commonest cause is memory.
- *fall alone*: the targets' own moves and nothing that explains them. It must abstain.
- *masked*: all dates moved by the same 37 years, and then the assets' names replaced too
  (:mod:`causemap.evals.masks`); the answer must stay.
- *swap*: one window's dates over another's evidence. The answer must follow the evidence.
- *invented*: windows that never were, with a known signature.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from causemap.causes import CAUSES
from causemap.errors import CausemapError, UsageError
from causemap.evals.invented import Case, invented
from causemap.evals.masks import laid_over, without_dates, without_names

if TYPE_CHECKING:
    from causemap.closed_sets import Primary
    from causemap.evals.answers import Prediction
    from causemap.records import Dossier, Evidence

FOLLOWING: Final = 0.8
ABSTAINING: Final = 0.9
_NO_MEMORY: Final = "rules cannot remember a date"
_BY_KEY: Final = "the engine decides by the keys of series and reads no name"
Decide = Callable[["Dossier"], "Prediction"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of probes; ``value`` is ``None`` where none applied, and ``why`` may say why."""

    name: str
    value: float | None
    n: int
    least: float | None = None
    why: str = ""

    @property
    def passed(self) -> bool | None:
        """Whether the gate holds; ``None`` for a figure without one. No probe is no pass."""
        return None if self.least is None else self.value is not None and self.value >= self.least


@dataclass(frozen=True, slots=True)
class Panel:
    """The figures of one system, and how many of its answers failed."""

    system: str
    rates: tuple[Rate, ...]
    errors: int

    @property
    def passed(self) -> bool:
        """Whether every gate holds."""
        return all(rate.passed is not False for rate in self.rates)


class _Asked:
    """A system that is asked; a failure is counted and answers nothing."""

    def __init__(self, decide: Decide, heard: Callable[[], None]) -> None:
        self.decide, self.heard, self.errors = decide, heard, 0

    def __call__(self, dossier: Dossier) -> Prediction | None:
        self.heard()
        try:
            return self.decide(dossier)
        except UsageError:
            raise
        except CausemapError:
            self.errors += 1
            return None


def run_panel(
    system: str,
    decide: Decide,
    cases: Sequence[Case],
    *,
    remembers: bool,
    reads_names: bool = False,
    seed: int = 0,
    heard: Callable[[], None] = lambda: None,
) -> Panel:
    """Put every probe to a system.

    ``cases`` are measured falls with their labels; ``remembers`` says whether the system could
    know a date at all (a model could, rules cannot: closed book does not apply to them),
    ``reads_names`` whether it decides on the words of the table and not on the keys of series. A
    failed answer is an error and fails its probe.
    """
    ask = _Asked(decide, heard)
    full = [ask(case.dossier) for case in cases]
    rates = [
        _share(
            "right with all evidence",
            [_likeliest(a) == c.label for a, c in zip(full, cases, strict=True)],
        ),
        *(_closed_book(ask, cases) if remembers else _no_book()),
        _share("abstains on the fall alone", _alone(ask, cases), ABSTAINING),
        _share("same answer with dates masked", _kept(ask, cases, full, without_dates)),
        _share("same with names masked too", _kept(ask, cases, full, _unrecognisable))
        if reads_names
        else Rate("same with names masked too", None, 0, why=_BY_KEY),
        _share("follows swapped evidence", _swapped(ask, cases, full, seed), FOLLOWING),
        _share("right on invented windows", _on_invented(ask)),
    ]
    return Panel(system, tuple(rates), ask.errors)


def _share(name: str, found: Sequence[bool], least: float | None = None) -> Rate:
    value = round(sum(found) / len(found), 4) if found else None
    return Rate(name, value, len(found), least)


def _likeliest(answer: Prediction | None) -> Primary | None:
    if answer is None:
        return None
    if answer.primary == "no_drawdown":
        return "no_drawdown"
    return CAUSES[answer.probabilities.index(max(answer.probabilities))]


def _no_book() -> tuple[Rate, ...]:
    names = ("right from the dates alone", "the same, over majority")
    return tuple(Rate(name, None, 0, why=_NO_MEMORY) for name in names)


def _closed_book(ask: _Asked, cases: Sequence[Case]) -> tuple[Rate, ...]:
    """Accuracy of the likeliest cause without any evidence, and its lift over the commonest."""
    found = [_likeliest(ask(_bare(case.dossier, ()))) == case.label for case in cases]
    known = _share("right from the dates alone", found)
    commonest = max(Counter(case.label for case in cases).values()) / len(cases) if cases else 0.0
    lift = None if known.value is None else round(known.value - commonest, 4)
    return known, Rate("the same, over majority", lift, known.n)


def _bare(dossier: Dossier, evidence: tuple[Evidence, ...]) -> Dossier:
    """The question with ``evidence`` alone: no note, onset, decomposition or claim."""
    from causemap.records import Dossier

    return Dossier(dossier.scope, evidence, (), versions=dossier.versions)


def _alone(ask: _Asked, cases: Sequence[Case]) -> list[bool]:
    found = []
    for case in cases:
        scope = case.dossier.scope
        moves = (e for e in case.dossier.evidence if e.metric == "change")
        answer = ask(_bare(case.dossier, tuple(e for e in moves if e.asset in scope.assets)))
        found.append(answer is not None and answer.abstained)
    return found


def _kept(
    ask: _Asked,
    cases: Sequence[Case],
    full: Sequence[Prediction | None],
    mask: Callable[[Dossier], Dossier],
) -> list[bool]:
    """Whether the answer stays the same under a mask."""
    found = []
    for case, before in zip(cases, full, strict=True):
        after = ask(mask(_bare(case.dossier, case.dossier.evidence)))
        found.append(before is not None and after is not None and after.primary == before.primary)
    return found


def _unrecognisable(dossier: Dossier) -> Dossier:
    return without_names(without_dates(dossier))


def _swapped(
    ask: _Asked, cases: Sequence[Case], full: Sequence[Prediction | None], seed: int
) -> list[bool]:
    """For pairs whose own answers name two causes: whether the answer is the evidence's."""
    found = []
    for here, there in _pairs(cases, full, seed):
        scope, given = cases[here].dossier.scope, cases[there].dossier
        mixed = replace(
            _bare(given, laid_over(given.evidence, scope.start, scope.end)),
            scope=scope,
        )
        answer, own = ask(mixed), full[there]
        found.append(answer is not None and own is not None and answer.primary == own.primary)
    return found


def _pairs(
    cases: Sequence[Case], full: Sequence[Prediction | None], seed: int
) -> Iterator[tuple[int, int]]:
    """For each window one of the same assets whose evidence was given another cause."""
    drawn = random.Random(seed)  # noqa: S311  a seeded draw, not a secret
    for here, case in enumerate(cases):
        others = [
            there
            for there, other in enumerate(cases)
            if other.dossier.scope.assets == case.dossier.scope.assets
            and _named(full[there]) is not None
            and _named(full[there]) not in (_named(full[here]), case.label)
        ]
        if others:
            yield here, drawn.choice(others)


def _named(answer: Prediction | None) -> Primary | None:
    """The cause an answer names; none where it abstains or finds no fall."""
    if answer is None or answer.abstained or answer.primary == "no_drawdown":
        return None
    return answer.primary


def _on_invented(ask: _Asked) -> list[bool]:
    return [_likeliest(ask(case.dossier)) == case.label for case in invented()]


def to_lines(panel: Panel) -> Iterator[str]:
    """The panel as lines of text."""
    for rate in panel.rates:
        value = "n/a" if rate.value is None else f"{rate.value:.3f}"
        gate = "" if rate.least is None else f"  {_verdict(rate)} (at least {rate.least})"
        why = f"  does not apply: {rate.why}" if rate.why else ""
        yield f"{rate.name:<32} {value:>7}  of {rate.n}{gate}{why}"
    yield f"{panel.errors} errors"


def _verdict(rate: Rate) -> str:
    return "pass" if rate.passed else "FAIL"


def to_dict(panel: Panel) -> dict[str, object]:
    """The panel as plain JSON values."""
    return {
        "system": panel.system,
        "passed": panel.passed,
        "errors": panel.errors,
        "rates": [
            {
                "name": r.name,
                "value": r.value,
                "n": r.n,
                "least": r.least,
                "passed": r.passed,
                "applies": not r.why,
                "why": r.why,
            }
            for r in panel.rates
        ],
    }
