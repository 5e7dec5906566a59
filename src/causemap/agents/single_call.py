"""The single-call baseline: one prompt with the same evidence table, probabilities out of it.

What a straightforward system does, for the evaluation to beat: here, and nowhere else, a model
gives probabilities. No outside text, title or question is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict

from causemap.agents.tables import rows
from causemap.attribution.scoring import normalised
from causemap.causes import CAUSES
from causemap.closed_sets import Cause
from causemap.errors import ModelError
from causemap.llm.calling import Ask
from causemap.llm.client import Client
from causemap.llm.prompting import render

if TYPE_CHECKING:
    from causemap.model_records import ModelCall
    from causemap.records import Evidence, Scope
    from causemap.settings import ModelSettings

_ROWS: Final = 90


class CauseShares(BaseModel):
    """A probability for each cause, as the model gives it."""

    model_config = ConfigDict(extra="forbid")
    rates_shock: float = 0.0
    ai_rerating: float = 0.0
    liquidation_cascade: float = 0.0
    funding_stress: float = 0.0
    growth_scare: float = 0.0
    policy_geopolitics: float = 0.0
    positioning_unwind: float = 0.0
    crypto_idiosyncratic: float = 0.0
    mixed_unclear: float = 0.0


class SingleView(BaseModel):
    """The model's answer; reasoning stands before the label."""

    model_config = ConfigDict(extra="forbid")
    reasoning: str
    probabilities: CauseShares
    primary: Cause


@dataclass(frozen=True, slots=True)
class SingleCall:
    """The baseline's answer: probabilities over the closed set sum to 1.

    ``abstained`` is true where the model says ``mixed_unclear`` or nothing usable came back;
    ``failure`` then says why, and all probability lies on ``mixed_unclear``.
    """

    primary: Cause
    probabilities: tuple[tuple[Cause, float], ...]
    abstained: bool
    calls: tuple[ModelCall, ...]
    failure: str = ""


def single_call(scope: Scope, evidence: Iterable[Evidence], model: ModelSettings) -> SingleCall:
    """One call on a scope and its evidence table; never fails for a model's fault."""
    return asyncio.run(_asked(scope, tuple(evidence), Client(model)))


async def _asked(scope: Scope, evidence: tuple[Evidence, ...], client: Client) -> SingleCall:
    # Context items last, so that a long table is cut where it matters least.
    items = sorted(evidence, key=lambda item: item.group == "context")[:_ROWS]
    prompt = render(
        "single_call",
        start=scope.start,
        end=scope.end,
        assets=", ".join(scope.assets),
        causes=", ".join(CAUSES),
        rows=rows(items),
    )
    try:
        answer = await client.insist(Ask("single", 1, prompt, SingleView, 900))
        return _read(answer.form, tuple(client.calls))
    except ModelError as fault:
        return _none(tuple(client.calls), str(fault))
    finally:
        await client.close()


def _read(view: SingleView | None, calls: tuple[ModelCall, ...]) -> SingleCall:
    if view is None:
        return _none(calls, "no answer")
    shares = _shares(view.probabilities.model_dump())
    if not sum(shares.values()):
        return _none(calls, "no probability above zero")
    probabilities = normalised(shares)
    return SingleCall(
        view.primary, tuple(probabilities.items()), view.primary == "mixed_unclear", calls
    )


def _shares(given: Mapping[str, float]) -> dict[Cause, float]:
    """What was given, held between 0 and 1; a value that is no number counts as 0."""
    return {c: min(1.0, given[c]) if given.get(c, 0.0) > 0 else 0.0 for c in CAUSES}


def _none(calls: tuple[ModelCall, ...], why: str) -> SingleCall:
    even = tuple((cause, 1.0 if cause == "mixed_unclear" else 0.0) for cause in CAUSES)
    return SingleCall("mixed_unclear", even, abstained=True, calls=calls, failure=why)
