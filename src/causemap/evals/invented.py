"""Windows that never were: evidence with the signature of one cause, under dates nobody can recall.

The signatures stand in ``invented.yaml``. A system that reads its evidence names their causes; one
that answers from memory has nothing to remember.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any, Final

from causemap.causes import CAUSES, GROUP_ASSETS, NAMED, NAMES
from causemap.closed_sets import AssetGroup, Cause
from causemap.records import Dossier, Evidence, Scope

_FIRST: Final = date(2011, 3, 7)
_DAYS: Final = 9
_LONG: Final = 7


@dataclass(frozen=True, slots=True)
class Case:
    """A dossier and the cause its labellers, or its makers, gave it."""

    dossier: Dossier
    label: Cause


def invented() -> tuple[Case, ...]:
    """One window for each named cause, a quiet stretch of weeks apart."""
    raw = _raw()
    return tuple(_case(raw, row, k) for k, row in enumerate(raw["windows"]))


@cache
def _raw() -> Mapping[str, Any]:
    import yaml

    text = resources.files(__package__).joinpath("invented.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def _case(raw: Mapping[str, Any], row: Mapping[str, Any], number: int) -> Case:
    scope = _scope(row["group"], number)
    rows = [*(item for part in row["parts"] for item in raw[part]), *row["items"]]
    label = next(cause for cause in CAUSES if cause == row["cause"])
    told = _news(scope, label, row["named"]) if "named" in row else ()
    return Case(Dossier(scope, (*(_item(scope, one) for one in rows), *told), ()), label)


def _scope(group: AssetGroup, number: int) -> Scope:
    start = _FIRST + timedelta(days=_DAYS * _LONG * number)
    end = start + timedelta(days=_LONG)
    as_of = f"{end + timedelta(days=2)}T23:59Z"
    return Scope(start.isoformat(), end.isoformat(), as_of, GROUP_ASSETS[group], (group,))


def _item(scope: Scope, row: Sequence[Any]) -> Evidence:
    asset, metric, family, group, value, unit, z, said = row
    key = metric if "." in metric else f"{asset.lower()}.{metric}"
    desk: Any = "crypto_structure" if group in ("crypto_tape", "plumbing") else "macro"
    return Evidence(
        id=f"{desk}.{key}",
        desk=desk,
        family=family,
        group=group,
        metric=metric.rpartition(".")[2],
        asset=asset,
        start=scope.start,
        end=scope.end,
        value=value,
        unit=unit,
        said=said,
        observed_at=f"{scope.end}T21:00Z",
        available_at=f"{scope.end}T21:00Z",
        source="invented",
        z=z,
    )


def _news(scope: Scope, named: Cause, outlets: int) -> tuple[Evidence, ...]:
    """Shares of the news that name each cause: ``outlets`` papers name one, none another."""
    group = scope.groups[0]
    return tuple(
        Evidence(
            id=f"earnings_news.news_{group}.{cause}",
            desk="earnings_news",
            family="text",
            group="text",
            metric=cause,
            asset=f"{group} news",
            start=scope.start,
            end=scope.end,
            value=0.65 if cause == named else 0.04,
            unit="ratio",
            said=f"the weight of the independent news that falls on {NAMES[cause]}",
            observed_at=f"{scope.end}T12:00Z",
            available_at=f"{scope.end}T12:00Z",
            source="invented",
            n=outlets if cause == named else 0,
            expected=((cause, +1),),
        )
        for cause in NAMED
    )
