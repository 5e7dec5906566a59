"""The past windows nearest to this one by what their evidence said, and how they differ.

Distance is Mahalanobis on the group scores of METHODS 3 with a diagonal covariance shrunk to the
mean variance, because some dozens of windows cannot support a full one. Windows that share days
with the question, or that were not over by the as-of time, are no analogues; nor are windows in
which what decides the present verdict was not measured (there was no crypto tape in 2010).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from statistics import fmean, pvariance
from typing import Final, NamedTuple, get_args

from causemap.attribution.fingerprints import MEASURED, Fingerprint
from causemap.attribution.scoring import by_key, group_scores, log_odds, weigh
from causemap.causes import GROUPS, NAMED, NAMES
from causemap.closed_sets import AssetGroup, Primary
from causemap.errors import UsageError
from causemap.records import Analogue, Dossier, Evidence, Scope, Verdict
from causemap.words import amount, figure_of, number, unit_of

SHOWN: Final = 3
_PRIOR_WINDOWS: Final = 10.0
_MIN_COMMON: Final = 0.5
_ALIKE: Final = 0.5
# A family decides a verdict when its score for the leading cause is half of the largest or more.
_DECIDES: Final = 0.5
_DIFFERENCES: Final = 2
# Each asset group's own tape: when the group fell, both windows must have one.
_TAPES: Final[dict[AssetGroup, str]] = {
    "equity": "leadership",
    "crypto": "crypto_tape",
    "metals": "dollar_metals",
}
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


Measure = tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Reference:
    """A past window: ``scores`` by evidence group, as :func:`score_vector` gives them.

    ``measures`` are the value and the robust z of what was measured, as :func:`measured` gives
    them; a table made without them has none.
    """

    case: str
    start: str
    end: str
    primary: Primary
    scores: Mapping[str, float]
    measures: Mapping[str, Measure] = field(default_factory=dict)


def measured(dossier: Dossier) -> dict[str, Measure]:
    """Value and robust z of every item behind the scores, by fingerprint key."""
    keys = {row.key for row in MEASURED}
    found = sorted(by_key(dossier.evidence).items())
    return {key: (item.value, item.z) for key, item in found if key in keys}


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
    return Reference(case, start, end, primary, values, _measures(case, row.get("measures", {})))


def _measures(case: str, raw: object) -> dict[str, Measure]:
    if not isinstance(raw, dict):
        raise UsageError(f"analogues: window {case} has measures that are no table")
    found: dict[str, Measure] = {}
    for key, pair in raw.items():
        value, z = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
        if not isinstance(value, int | float) or not isinstance(z, int | float | None):
            raise UsageError(f"analogues: window {case} has a measure that is no value with its z")
        found[str(key)] = (float(value), None if z is None else float(z))
    return found


class _Near(NamedTuple):
    distance: float
    ref: Reference


def find_analogues(
    dossier: Dossier,
    references: Sequence[Reference] | None = None,
    shown: int = SHOWN,
    apart: Sequence[tuple[str, str]] = (),
    verdicts: Sequence[tuple[AssetGroup, Verdict]] = (),
) -> tuple[Analogue, ...]:
    """The nearest reference windows of other episodes, nearest first.

    ``references`` default to those of the package. A window is compared on the scores that both
    have, at least half of this window's, and its squared distance is scaled up to all of them:
    what was not measured is not taken as alike. Of windows that overlap only the nearest is given.
    No analogue shares a day with ``apart``, spans of ISO dates (an evaluation's own episode), and
    none lacks what decides ``verdicts``: a window before there was a crypto tape is no analogue of
    a fall in crypto.
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
    needed = _needed(here, verdicts, scale)
    evidence = by_key(dossier.evidence)
    bearing = _bearing(here, verdicts, evidence)
    near: list[_Near] = []
    for ref in usable:
        far = _distance(here, ref.scores, scale)
        if far is not None and all(names & ref.scores.keys() for names in needed):
            near.append(_Near(round(far, 3), ref))
    near.sort(key=lambda one: (one.distance, one.ref.case))
    return tuple(
        Analogue(
            ref.case, ref.start, ref.end, far, ref.primary, _differs(bearing, ref, scale, evidence)
        )
        for far, ref in _separate(near)[:shown]
    )


def _needed(
    here: Mapping[str, float],
    verdicts: Iterable[tuple[AssetGroup, Verdict]],
    known: Iterable[str],
) -> list[set[str]]:
    """Sets of scores of which a window must have one each: each decider, each fallen group's tape.

    What no past window has (dated events) is asked of none.
    """
    held = {name: score for name, score in here.items() if name in set(known)}
    needed: list[set[str]] = []
    for group, verdict in verdicts:
        leading = next((c for c, _ in verdict.ranked if c in NAMED), None)
        if verdict.primary == "no_drawdown" or leading is None:
            continue
        pulls = {n: s for n, s in held.items() if n.endswith(f".{leading}") and s > 0.0}
        most = max(pulls.values(), default=0.0)
        needed += [{name} for name, score in pulls.items() if score >= _DECIDES * most]
        needed.append({name for name in held if name.startswith(f"{_TAPES[group]}.")})
    return [names for names in needed if names]


def _bearing(
    here: Mapping[str, float],
    verdicts: Iterable[tuple[AssetGroup, Verdict]],
    evidence: Mapping[str, Evidence],
) -> dict[str, float]:
    """The scores that bear on a group that fell: of nothing else is a difference told."""
    fell = {group for group, verdict in verdicts if verdict.primary != "no_drawdown"}
    names = {
        f"{evidence[row.key].group}.{row.cause}"
        for row in MEASURED
        if row.key in evidence and (not fell or fell & {*row.groups})
    }
    return {name: score for name, score in here.items() if name in names}


def _apart(ref: Reference, scope: Scope) -> bool:
    """Another episode, and one that was over by the as-of time."""
    shares_days = ref.start[:10] <= scope.end[:10] and scope.start[:10] <= ref.end[:10]
    return not shares_days and ref.end[:10] < scope.as_of[:10] and ref.primary != "no_drawdown"


def _separate(near: Iterable[_Near]) -> tuple[_Near, ...]:
    kept: list[_Near] = []
    for one in near:
        ref = one.ref
        if all(ref.end < k.ref.start or k.ref.end < ref.start for k in kept):
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
    here: Mapping[str, float],
    ref: Reference,
    scale: Mapping[str, float],
    evidence: Mapping[str, Evidence],
) -> str:
    """The largest differences, one of each evidence group, in figures where both have them."""
    gaps = {
        name: (ref.scores[name] - here[name]) / math.sqrt(scale[name])
        for name in here
        if name in ref.scores
    }
    told: dict[str, str] = {}
    for name in sorted(gaps, key=lambda name: (-abs(gaps[name]), name)):
        family = name.partition(".")[0]
        if abs(gaps[name]) >= _ALIKE and family not in told and len(told) < _DIFFERENCES:
            told[family] = _difference(name, gaps[name], ref, evidence)
    return "; ".join(told.values()) or "no group of evidence differs much"


def _difference(name: str, gap: float, ref: Reference, evidence: Mapping[str, Evidence]) -> str:
    """One difference: the measure that makes it now and then, else where it pointed then."""
    family, _, cause = name.partition(".")
    called = _GROUP_NAMES.get(family, family.replace("_", " "))
    named = next((said for label, said in NAMES.items() if label == cause), "the same cause")
    side = "more" if gap > 0 else "less"
    pointed = f"{called} pointed {side} to {named}"
    held = [row for row in MEASURED if row.cause == cause and row.key in evidence]
    rows = [row for row in held if evidence[row.key].group == family]
    both = [row for row in rows if row.key in ref.measures]
    if not rows:
        return f"{pointed} then than now"
    row = max(both or rows, key=lambda row: _apart_by(row, ref, evidence[row.key]))
    item = evidence[row.key]
    now = f"{_plain(item)} {_figure(item, item.value, item.z)} now"
    if not both:
        return f"{now} ({pointed} then)"
    return f"{now} and {_figure(item, *ref.measures[row.key])} then"


def _apart_by(row: Fingerprint, ref: Reference, item: Evidence) -> float:
    """How far the item's pulls of now and then are apart; its pull now where then is not known."""
    if row.key not in ref.measures:
        return abs(_pull(item, row))
    value, z = ref.measures[row.key]
    return abs(_pull(replace(item, value=value, z=z), row) - _pull(item, row))


def _pull(item: Evidence, row: Fingerprint) -> float:
    """The item's pull; what could not be standardised pulls nowhere."""
    return log_odds(item, row) or 0.0


def _figure(item: Evidence, value: float, z: float | None) -> str:
    if item.unit == "z":
        return figure_of(item, value)
    scored = "" if z is None else f" (z {number(z, signed=True)})"
    return f"{amount(value, unit_of(item))}{scored}"


def _plain(item: Evidence) -> str:
    """What was measured, without the code of the series that it was of in this window."""
    return re.sub(r" \([A-Z0-9]+\)", "", item.said)
