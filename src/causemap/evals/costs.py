"""What a run cost: seconds of each window, calls to a model, tokens and money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causemap.evals.answers import Sample


@dataclass(frozen=True, slots=True)
class Costs:
    """Means for each answered or failed window; ``usd`` is ``None`` where a price is not known.

    Seconds are wall time; a fall that was measured before is found again and costs less. Without a
    model there are no calls, and the money is a true 0.
    """

    windows: int
    seconds: float | None
    calls: int
    tokens: float | None
    usd: float | None


def costs_of(samples: Iterable[Sample]) -> Costs:
    """The costs of all samples, failed ones with them."""
    given = list(samples)
    if not given:
        return Costs(0, None, 0, None, None)
    calls = [call for sample in given for call in sample.calls]
    tokens = sum(call.tokens_in + call.tokens_out for call in calls)
    usd = spent(given)
    return Costs(
        len(given),
        round(sum(sample.seconds for sample in given) / len(given), 3),
        len(calls),
        tokens / len(given),
        None if usd is None else usd / len(given),
    )


def spent(samples: Iterable[Sample]) -> float | None:
    """US dollars of all calls; ``None`` if the cost of one that answered is not known."""
    bills = [call.cost_usd for s in samples for call in s.calls if call.tokens_in or call.cost_usd]
    known = [bill for bill in bills if bill is not None]
    return sum(known) if len(known) == len(bills) else None
