"""Labelled windows: the events file, read strictly, and the question each one asks.

The wall of the evaluation stands here. A :class:`Question` holds what a system may be told: two
closes, an as-of time and assets. Labels, weights, ids, titles, measures and the order of
transmission stay in :class:`LabelledWindow`, which only the scorer reads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal, get_args

from causemap.agents.asset_words import GROUP_OF
from causemap.agents.scope import make_scope, resolve_assets
from causemap.causes import CAUSES, GROUP_ASSETS, mission_label
from causemap.closed_sets import AssetGroup, Cause, MissionLabel, Primary
from causemap.errors import UsageError
from causemap.evals.folds import Span
from causemap.evals.graphs import Link
from causemap.evals.yaml_file import as_object, read_yaml
from causemap.records import Scope

ScopeName = Literal["equity", "crypto", "cross"]
Weights = tuple[tuple[Cause, float], ...]

ASSETS: Final[dict[ScopeName, tuple[str, ...]]] = {
    "equity": GROUP_ASSETS["equity"],
    "crypto": GROUP_ASSETS["crypto"],
    "cross": tuple(asset for group in GROUP_ASSETS.values() for asset in group),
}
_READ: Final = frozenset(
    ("id", "window", "scope", "primary", "role", "weights", "second_label", "primary_by_asset")
) | frozenset(("transmission_order", "as_of", "links", "assets"))
# What the catalogue says beside: for people, never for a system or the scorer.
_ASIDE: Final = frozenset(
    ("title", "subtype", "mission_label", "label_confidence", "weights_uncertainty", "sources")
) | frozenset(
    (
        "decisive_evidence",
        "naive_error",
        "reference_measures",
        "liquidations_usd_bn",
        "liquidations_note",
    )
)
_ID: Final = 200


@dataclass(frozen=True, slots=True)
class LabelledWindow:
    """One window with everything its labellers said; for the scorer's eyes only."""

    id: str
    start: str
    end: str
    scope: ScopeName
    primary: Primary
    mission: MissionLabel
    role: str = "standard"
    weights: Weights = ()
    second_primary: Primary | None = None
    second_weights: Weights = ()
    by_asset: tuple[tuple[AssetGroup, Primary], ...] = ()
    order: tuple[str, ...] = ()
    as_of: str | None = None
    links: tuple[Link, ...] = ()
    assets: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The assets asked about: the event's own, else those of its scope."""
        return self.assets or ASSETS[self.scope]

    @property
    def span(self) -> Span:
        """The closes of the window."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Wording:
    """What an evaluator's own file calls our labels and scopes, and phrases as map nodes."""

    labels: tuple[tuple[str, Primary], ...] = ()
    scopes: tuple[tuple[str, ScopeName], ...] = ()
    phrases: tuple[tuple[str, tuple[str, ...]], ...] = ()


def question(window: LabelledWindow, now: datetime | None = None) -> Scope:
    """All that a system is told of a window: its closes, as-of and assets, nothing else."""
    moment = now or datetime.now(UTC)
    try:
        return make_scope(window.start, window.end, window.asked, window.as_of, now=moment)
    except UsageError as fault:
        raise UsageError(f"The window {window.id!r} cannot be asked about: {fault}") from fault


def soft_label(window: LabelledWindow) -> dict[Cause, float]:
    """The mean of the labellers' weights; half on ``mixed_unclear`` where one's primary is mixed.

    The shares sum to 1 over the closed set. Without weights the label itself has all of it; empty
    for a window without a fall.
    """
    if window.primary == "no_drawdown":
        return {}
    given = [_one_labeller(window.primary, window.weights)]
    if window.second_primary is not None:
        given.append(_one_labeller(window.second_primary, window.second_weights))
    return {cause: sum(one[cause] for one in given) / len(given) for cause in CAUSES}


def _one_labeller(primary: Primary, weights: Weights) -> dict[Cause, float]:
    named = dict(weights) or {cause: 1.0 for cause in CAUSES if cause == primary}
    total = sum(named.values())
    shares = {cause: named.get(cause, 0.0) / total for cause in CAUSES}
    if primary != "mixed_unclear":
        return shares
    return {c: 0.5 * share + (0.5 if c == "mixed_unclear" else 0.0) for c, share in shares.items()}


def read_windows(path: Path, wording: Wording = Wording()) -> tuple[LabelledWindow, ...]:
    """The windows of an events file, in its order.

    Keys that the schema does not know are left unread. Raises :class:`UsageError` naming the
    window and the field for anything else that does not fit, and for an id given twice.
    """
    raw = read_yaml(path)
    rows = raw.get("events")
    if not isinstance(rows, list) or not rows:
        raise UsageError(f"{path.name} has no list 'events'; see docs/evaluation.md for the form.")
    found = tuple(_window(row, f"{path.name}, event {k}", wording) for k, row in enumerate(rows, 1))
    seen: set[str] = set()
    for window in found:
        if window.id in seen:
            raise UsageError(f"{path.name}: the id {window.id!r} is given twice.")
        seen.add(window.id)
    return found


def unread_fields(path: Path) -> tuple[str, ...]:
    """Fields of the file's windows that nothing reads, beside those the catalogue is known for."""
    rows = read_yaml(path).get("events")
    rows = rows if isinstance(rows, list) else []
    found = {key for row in rows if isinstance(row, dict) for key in row}
    return tuple(sorted(str(key) for key in found - _READ - _ASIDE))


def read_wording(path: Path) -> Wording:
    """A mapping file: ``labels``, ``scopes`` and ``phrases``, each an object, all optional."""
    raw = read_yaml(path)
    if unknown := sorted(set(raw) - {"labels", "scopes", "phrases"}):
        raise UsageError(f"{path.name}: {unknown[0]!r} is none of labels, scopes, phrases.")
    labels = as_object(raw.get("labels") or {}, f"{path.name}, labels")
    scopes = as_object(raw.get("scopes") or {}, f"{path.name}, scopes")
    return Wording(
        tuple((name, _primary(value, f"{path.name}, labels")) for name, value in labels.items()),
        tuple((name, _scope(value, f"{path.name}, scopes")) for name, value in scopes.items()),
        _phrases(as_object(raw.get("phrases") or {}, f"{path.name}, phrases"), path.name),
    )


def _phrases(raw: Mapping[str, object], where: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for phrase, nodes in raw.items():
        if not isinstance(nodes, list) or not all(isinstance(node, str) for node in nodes):
            raise UsageError(
                f"{where}: phrase {phrase!r} needs a list of node ids, empty for none."
            )
        found.append((phrase, tuple(nodes)))
    return tuple(found)


def _window(raw: object, where: str, wording: Wording) -> LabelledWindow:
    row = as_object(raw, where)
    name = _text(row, "id", where)
    if not name.isprintable() or len(name) > _ID:
        raise UsageError(f"{where}: an 'id' is one line of at most {_ID} characters.")
    where = f"{where} ({name})"
    closes = as_object(row.get("window"), f"{where}, window")
    start, end = (_day(closes, key, where) for key in ("start_close_utc", "trough_close_utc"))
    if start >= end:
        raise UsageError(
            f"{where}: the window must start before it ends, but runs {start} to {end}."
        )
    labels, scopes = dict(wording.labels), dict(wording.scopes)
    primary = _label(row.get("primary"), labels, where)
    second = as_object(row.get("second_label") or {}, f"{where}, second_label")
    other = _label(second.get("primary"), labels, f"{where}, second_label") if second else None
    scope = _scoped(row.get("scope"), scopes, where)
    return LabelledWindow(
        id=name,
        start=start,
        end=end,
        scope=scope,
        primary=primary,
        mission=mission_label(primary),
        role=str(row.get("role") or "standard"),
        weights=_weights(row.get("weights"), labels, where),
        second_primary=other,
        second_weights=_weights(second.get("weights"), labels, where),
        by_asset=_by_asset(row.get("primary_by_asset"), labels, where),
        order=_order(row.get("transmission_order"), where),
        as_of=_as_of(row, where),
        links=_links(row.get("links"), where),
        assets=_assets(row.get("assets"), scope, where),
    )


def _text(row: Mapping[str, object], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise UsageError(f"{where}: {key!r} is missing or not a text.")
    return value


def _day(row: Mapping[str, object], key: str, where: str) -> str:
    value = row.get(key)
    try:
        if isinstance(value, str):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    raise UsageError(f"{where}: {key!r} must be a date, YYYY-MM-DD.")


def _as_of(row: Mapping[str, object], where: str) -> str | None:
    """A date or a time; YAML itself reads a bare one as such."""
    value = row.get("as_of")
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else _text(row, "as_of", where)


def _label(value: object, labels: Mapping[str, Primary], where: str) -> Primary:
    return labels[value] if isinstance(value, str) and value in labels else _primary(value, where)


def _primary(value: object, where: str) -> Primary:
    known: tuple[Primary, ...] = get_args(Primary)
    found = next((label for label in known if label == value), None)
    if found is None:
        raise UsageError(
            f"{where}: {value!r} is no label of the taxonomy; map it in a mapping file (--mapping)."
        )
    return found


def _scoped(value: object, scopes: Mapping[str, ScopeName], where: str) -> ScopeName:
    return scopes[value] if isinstance(value, str) and value in scopes else _scope(value, where)


def _scope(value: object, where: str) -> ScopeName:
    found = next((name for name in ASSETS if name == value), None)
    if found is None:
        raise UsageError(f"{where}: the scope {value!r} is none of {', '.join(ASSETS)}.")
    return found


def _assets(raw: object, scope: ScopeName, where: str) -> tuple[str, ...]:
    """The assets an event names for itself, as series; they belong to the groups of its scope."""
    if raw is None:
        return ()
    if (
        not isinstance(raw, list)
        or not raw
        or not all(isinstance(name, str) and name.strip() for name in raw)
    ):
        raise UsageError(f"{where}: 'assets' must be a list of names.")
    try:
        found = resolve_assets(raw)
    except UsageError as fault:
        raise UsageError(f"{where}: {fault}") from fault
    for name in found:
        if scope not in (GROUP_OF[name], "cross"):
            raise UsageError(f"{where}: {name} is no asset of the scope {scope}.")
    return found


def _weights(raw: object, labels: Mapping[str, Primary], where: str) -> Weights:
    if raw is None:
        return ()
    shares: dict[Cause, float] = {}
    for name, value in as_object(raw, f"{where}, weights").items():
        cause = _label(name, labels, where)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if cause == "no_drawdown" or not number or not math.isfinite(float(str(value))):
            raise UsageError(f"{where}: the weight of {name!r} is not a number for a cause.")
        shares[cause] = shares.get(cause, 0.0) + float(str(value))
    if min(shares.values(), default=1.0) < 0.0 or abs(sum(shares.values()) - 1.0) > 0.051:
        raise UsageError(f"{where}: the weights are not shares that sum to 1.")
    return tuple(shares.items())


def _by_asset(
    raw: object, labels: Mapping[str, Primary], where: str
) -> tuple[tuple[AssetGroup, Primary], ...]:
    given = {} if raw is None else as_object(raw, f"{where}, primary_by_asset")
    groups: Sequence[AssetGroup] = get_args(AssetGroup)
    if unknown := sorted(set(given) - set(groups)):
        raise UsageError(f"{where}: {unknown[0]!r} is no asset group ({', '.join(groups)}).")
    return tuple((g, _label(given[g], labels, where)) for g in groups if g in given)


def _order(raw: object, where: str) -> tuple[str, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise UsageError(f"{where}: 'transmission_order' must be a list.")
    return tuple(str(item) for item in raw)


def _links(raw: object, where: str) -> tuple[Link, ...]:
    """Labelled links of the cause map, by its own node ids; ``sign`` is 1 or -1."""
    if raw is None:
        return ()
    if not isinstance(raw, list):
        raise UsageError(f"{where}: 'links' must be a list of source, target and sign.")
    return tuple(_link(as_object(item, f"{where}, links"), where) for item in raw)


def _link(row: Mapping[str, object], where: str) -> Link:
    sign = row.get("sign")
    if sign not in (1, -1) or isinstance(sign, bool):
        raise UsageError(f"{where}: the sign of a link is 1 or -1.")
    return Link(_text(row, "source", where), _text(row, "target", where), 1 if sign == 1 else -1)
