"""Layer 2: the weight of each family of evidence, learned once and kept as a small file.

``calibration.json`` holds a weight per family of evidence (some told apart by cause), a bias per
cause, the prior by asset group, and two numbers that say how much goes to ``mixed_unclear`` when
two causes run close. It is written by ``scripts/fit_calibration.py`` (see
:mod:`causemap.attribution.fitting`) and read here without any numerical library. The learned
weights are divided by one temperature (METHODS 3); layer 1 is the same with every weight one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

from causemap.causes import CAUSES, NAMED
from causemap.closed_sets import AssetGroup, Cause
from causemap.errors import UsageError

VERSION: Final = 2
# Families whose learned weight is told apart by cause: yields do not say as much against a growth
# scare as they say for a rates shock.
SPLIT: Final[frozenset[str]] = frozenset({"rates", "crypto_tape"})


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights by cell (``family`` or ``family>cause``), biases, mixed share's line, priors.

    ``priors`` are probabilities of the closed set by asset group. The share of ``mixed_unclear`` is
    ``1 / (1 + exp(-(mixed_at + mixed_slope * margin)))``, where ``margin`` is the distance between
    the two likeliest causes.
    """

    weights: Mapping[str, float]
    biases: Mapping[str, float]
    mixed_at: float
    mixed_slope: float
    priors: Mapping[AssetGroup, Mapping[Cause, float]] = field(default_factory=dict)

    def weight(self, family: str, cause: Cause) -> float:
        """The weight of a family's score for a cause; one where nothing was learned."""
        return self.weights.get(cell(family, cause), 1.0)

    def bias(self, cause: Cause) -> float:
        """The learned bias of a cause in log-odds; zero where nothing was learned."""
        return self.biases.get(cause, 0.0)

    def prior(self, group: AssetGroup) -> Mapping[Cause, float]:
        """The prior of an asset group; even where nothing was counted."""
        return self.priors.get(group, _EVEN)


_EVEN: Final[Mapping[Cause, float]] = dict.fromkeys(CAUSES, 1.0 / len(CAUSES))
PLAIN: Final = Calibration({}, {}, -1.5, -1.5)


def cell(family: str, cause: Cause) -> str:
    """The name of the weight that a family's score for a cause is multiplied by."""
    return f"{family}>{cause}" if family in SPLIT else family


@cache
def load_calibration() -> Calibration:
    """The calibration that comes with the package."""
    text = resources.files(__package__).joinpath("calibration.json").read_text(encoding="utf-8")
    return read_calibration(text)


def read_calibration(text: str) -> Calibration:
    """Parse a calibration file.

    Raises:
        UsageError: another version, or a number that is missing or not finite.
    """
    raw = json.loads(text)
    if not isinstance(raw, dict) or raw.get("version") != VERSION:
        raise UsageError(f"calibration: version {VERSION} is needed; fit it anew")
    try:
        priors, mixed = raw["priors"], raw["mixed"]
        tables = (raw["weights"], raw["biases"], mixed, *priors.values())
        numbers = [number for table in tables for number in table.values()]
        line = float(mixed["at"]), float(mixed["slope"])
    except (KeyError, AttributeError, TypeError) as fault:
        raise UsageError("calibration: a table or a number is missing; fit it anew") from fault
    if not all(isinstance(x, int | float) and math.isfinite(x) for x in numbers):
        raise UsageError("calibration: a number is not finite; fit it anew")
    return Calibration(raw["weights"], raw["biases"], *line, priors)


def with_mixed(shares: Mapping[Cause, float], fitted: Calibration) -> dict[Cause, float]:
    """Make room for ``mixed_unclear``: the closer the two likeliest causes, the larger it is.

    ``shares`` run over the named causes and sum to 1; the result runs over the closed set.
    """
    first, second = sorted((shares[cause] for cause in NAMED), reverse=True)[:2]
    odds = fitted.mixed_at + fitted.mixed_slope * (first - second)
    mixed = 1.0 / (1.0 + math.exp(-odds))
    return {c: mixed if c == "mixed_unclear" else (1.0 - mixed) * shares[c] for c in CAUSES}
