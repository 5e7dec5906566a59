"""The past windows nearest to this one by what their evidence said, and how they differ.

Distance is Mahalanobis on the group scores of METHODS 3 with a diagonal covariance shrunk to the
mean variance, because some dozens of windows cannot support a full one. Windows that share days
with the question, or that were not over by the as-of time, are no analogues.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import fmean, pvariance
from typing import Final, get_args

from causemap.attribution.scoring import by_key, group_scores, weigh
from causemap.causes import GROUPS, NAMES
from causemap.closed_sets import Primary
from causemap.errors import UsageError
from causemap.records import Analogue, Dossier, Scope

SHOWN: Final = 3
_PRIOR_WINDOWS: Final = 10.0
_MIN_COMMON: Final = 0.5
_ALIKE: Final = 0.5
_GROUP_NAMES: Final[dict[str, str]] = {
    "rates": "yields",
    "credit": "credit spreads",
    "dollar_metals": "the dollar and metals",
    "leadership": "leadership groups",
    "volatility": "volatility",
    "crypto_tape": "crypto prices",
    "plumbing": "liquidations and funding",
    "event_time": "dated events",
    "text": "news",
    "context": "the context",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A past window: ``scores`` by evidence group, as :func:`score_vector` gives them."""

    case: str
    start: str
    end: str
    primary: Primary
    scores: Mapping[str, float]


def score_vector(dossier: Dossier) -> dict[str, float]:
    """The dossier's group scores in log-odds, keyed ``group.cause``; unmeasured groups are absent.

    How much the news named each cause is left out: windows are alike by what moved, not by what was
    said of it. Dated events are told by notes too, but count by what the market did next. The
    evidence is weighed for all asset groups alike, so that the vector does not depend on which
    assets were asked about.
    """
    evidence = by_key(dossier.evidence)
    weighed = dict.fromkeys(item for group in GROUPS for item in weigh(evidence, group))
    found = group_scores(weighed, evidence)
    return {
        f"{group}.{cause}": round(found[cause, group], 4)
        for cause, group in sorted(found)
        if group != "text"
    }


@cache
def load_references() -> tuple[Reference, ...]:
    """The reference windows that come with the package; none in an empty file.

    Raises:
        UsageError: the file is not a list of windows with known causes and finite scores.
    """
    text = resources.files(__package__).joinpath("analogues.json").read_text(encoding="utf-8")
    return read_references(text)


def read_references(text: str) -> tuple[Reference, ...]:
    """Parse a JSON list of ``{case, start, end, primary, scores}``; see :func:`load_references`."""
    rows: object = json.loads(text)
    if not isinstance(rows, list):
        raise UsageError("analogues: a list of windows is needed")
    return tuple(_reference(row) for row in rows)


def _reference(row: object) -> Reference:
    if not isinstance(row, dict):
        raise UsageError("analogues: every window is an object")
    words = [row.get(name) for name in ("case", "start", "end")]
    case, start, end = (word if isinstance(word, str) else "" for word in words)
    primary = next((label for label in get_args(Primary) if label == row.get("primary")), None)
    scores = row.get("scores")
    if not (case and start and end) or primary is None or not isinstance(scores, dict):
        raise UsageError(f"analogues: window {case or row!r} lacks a field or has an unknown cause")
    values = {str(name): float(value) for name, value in scores.items()}
    if not all(math.isfinite(value) for value in values.values()):
        raise UsageError(f"analogues: window {case} has a score that is not finite")
    return Reference(case, start, end, primary, values)


def find_analogues(
    dossier: Dossier,
    references: Sequence[Reference] | None = None,
    shown: int = SHOWN,
    apart: Sequence[tuple[str, str]] = (),
) -> tuple[Analogue, ...]:
    """The nearest reference windows of other episodes, nearest first.

    ``references`` default to those of the package. A window is compared on the scores that both
    have, at least half of this window's, and its squared distance is scaled up to all of them:
    what was not measured is not taken as alike. Of windows that overlap only the nearest is given.
    No analogue shares a day with ``apart``, spans of ISO dates (an evaluation's own episode).
    """
    known = load_references() if references is None else references
    usable = [
        ref
        for ref in known
        if _apart(ref, dossier.scope)
        and all(ref.end[:10] < first or last < ref.start[:10] for first, last in apart)
    ]
    here = score_vector(dossier)
    scale = _variances(usable)
    near: list[Analogue] = []
    for ref in usable:
        far = _distance(here, ref.scores, scale)
        if far is not None:
            said = _differs(here, ref.scores, scale)
            near.append(Analogue(ref.case, ref.start, ref.end, round(far, 3), ref.primary, said))
    near.sort(key=lambda one: (one.distance, one.case))
    return _separate(near)[:shown]


def _apart(ref: Reference, scope: Scope) -> bool:
    """Another episode, and one that was over by the as-of time."""
    shares_days = ref.start[:10] <= scope.end[:10] and scope.start[:10] <= ref.end[:10]
    return not shares_days and ref.end[:10] < scope.as_of[:10] and ref.primary != "no_drawdown"


def _separate(near: Iterable[Analogue]) -> tuple[Analogue, ...]:
    kept: list[Analogue] = []
    for one in near:
        if all(one.end < other.start or other.end < one.start for other in kept):
            kept.append(one)
    return tuple(kept)


def _variances(references: Iterable[Reference]) -> dict[str, float]:
    """Each score's variance over the windows, shrunk to the mean with the weight of ten windows."""
    columns: dict[str, list[float]] = {}
    for ref in references:
        for name, value in ref.scores.items():
            columns.setdefault(name, []).append(value)
    raw = {name: pvariance(values) for name, values in columns.items()}
    mean = fmean(raw.values()) if raw else 0.0
    target = mean if mean > 0 else 1.0
    return {
        name: (len(columns[name]) * value + _PRIOR_WINDOWS * target)
        / (len(columns[name]) + _PRIOR_WINDOWS)
        for name, value in raw.items()
    }


def _distance(
    here: Mapping[str, float], there: Mapping[str, float], scale: Mapping[str, float]
) -> float | None:
    common = [name for name in here if name in there]
    if not common or len(common) < _MIN_COMMON * len(here):
        return None
    squares = sum((here[name] - there[name]) ** 2 / scale[name] for name in common)
    return math.sqrt(squares * len(here) / len(common))


def _differs(
    here: Mapping[str, float], there: Mapping[str, float], scale: Mapping[str, float]
) -> str:
    gaps = {
        name: (there[name] - here[name]) / math.sqrt(scale[name]) for name in here if name in there
    }
    most = max(sorted(gaps), key=lambda name: abs(gaps[name]))
    if abs(gaps[most]) < _ALIKE:
        return "no group of evidence differs much"
    group, _, cause = most.partition(".")
    called = _GROUP_NAMES.get(group, group.replace("_", " "))
    more = "more" if gaps[most] > 0 else "less"
    named = next((name for label, name in NAMES.items() if label == cause), "the same cause")
    return f"{called} spoke {more} for {named} then than now"
