"""Systems with a language model: one prompt with the evidence table, and the full run.

A call that gives nothing usable is a fault of that window, counted as an error: the rules do not
step in, or a model that is down would be scored as the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from causemap.causes import CAUSES
from causemap.errors import UsageError
from causemap.evals.answers import Prediction, SystemFault, checked, from_report

if TYPE_CHECKING:
    from causemap.evals.systems import System
    from causemap.records import Dossier, Note, Scope
    from causemap.settings import ModelSettings, Settings
    from causemap.tools.market import AsOfView


def with_model(name: str, settings: Settings) -> System:
    """The system of this name; :class:`UsageError` where no model is set up."""
    if settings.model is None:
        raise UsageError(
            f"The system {name!r} needs a language model, and none is set up; "
            "set CAUSEMAP_MODEL (and CAUSEMAP_MODEL_URL), or use rules or a baseline."
        )
    made: type[Single | FullRun] = Single if name == "single-call" else FullRun
    # In English, so that the account can be read again by the gate that reads all others.
    return made(settings, replace(settings.model, language="en"))


@dataclass(frozen=True, slots=True)
class Single:
    """One call on the evidence table; the model's own probabilities are the answer."""

    settings: Settings
    model: ModelSettings
    folder: Path | None = None

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        """Measure and ask once."""
        return self.decide(self.measure(scope, view, notes))

    def measure(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Dossier:
        """The dossier of a question, without a model's part."""
        from causemap.evals.measured import measure

        return measure(scope, view, notes, self.settings, self.folder)

    def decide(self, dossier: Dossier) -> Prediction:
        """The model's answer; raises :class:`SystemFault` where nothing usable came back."""
        from causemap.agents.single_call import single_call

        found = single_call(dossier.scope, dossier.evidence, self.model)
        if found.failure:
            raise SystemFault(f"the model gave no answer: {found.failure}", found.calls)
        shares = dict(found.probabilities)
        row = tuple(shares[cause] for cause in CAUSES)
        answer = Prediction(found.primary, row, found.abstained, calls=found.calls)
        return checked(answer)


@dataclass(frozen=True, slots=True)
class FullRun:
    """The whole run with the desks' agents, the sceptic and the writer; the engine decides."""

    settings: Settings
    model: ModelSettings
    folder: Path | None = None
    apart: tuple[tuple[str, str], ...] = ()

    def __call__(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Prediction:
        """Measure, let the model take its part, and conclude."""
        return self._concluded(self.measure(scope, view, notes), view)

    def measure(self, scope: Scope, view: AsOfView, notes: tuple[Note, ...]) -> Dossier:
        """The dossier of a question, before the model's part."""
        from causemap.evals.measured import measure

        return measure(scope, view, notes, self.settings, self.folder)

    def decide(self, dossier: Dossier) -> Prediction:
        """The answer on a dossier alone; no further measurement can be asked for."""
        return self._concluded(dossier, None)

    def _concluded(self, dossier: Dossier, view: AsOfView | None) -> Prediction:
        from causemap.agents.conclude import conclude
        from causemap.agents.model_run import enrich

        made = enrich(dossier, self.model, view=(lambda: view) if view is not None else None)
        part = made.model
        if part is not None and part.failures and not (part.findings or part.sentences):
            raise SystemFault(f"the model took no part: {part.failures[0]}", part.calls)
        return from_report(conclude(made, apart=self.apart))


def asks_a_model(system: object) -> bool:
    """Whether a system calls a language model."""
    return isinstance(system, Single | FullRun)
