"""Assets asked about that no verdict weighs by themselves: how they moved beside their index.

Causes are weighed for asset groups on their own targets (the S&P 500 and the Nasdaq 100, bitcoin
and ether, gold and silver). Of a stock, a fund or another coin the desks measure what its beta to
its group's index implies and what is left, for the cause map and the account; as context it moves
no probability.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from causemap.agents.asset_words import GROUP_OF
from causemap.causes import GROUP_ASSETS
from causemap.closed_sets import AssetGroup
from causemap.tools.measures.stats import beta_residual, percent
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

_INDEX: Final[dict[AssetGroup, str]] = {"equity": "SPX", "crypto": "BTC", "metals": "GLD"}
# Bullion is fixed and settled hours before the funds close: a slope between days of different hours
# is too flat, and would call a share of every fall the metal's own.
_OTHER_HOURS: Final = ("GOLD", "GOLD_FUT", "SILVER")


def add_own_moves(bench: Bench) -> None:
    """What the index implies for each such asset, and its residual where no desk measures it."""
    for name, index in _asked(bench):
        said, held = REGISTRY[name].said, REGISTRY[index].said
        with bench.attempt(f"{said} beyond its beta"):
            found = beta_residual(bench.recent(name), bench.recent(index), bench.start, bench.end)
            if found is None:
                bench.gap(f"{said} beyond its beta", "empty", "too little common history")
                continue
            whose = f"{said}'" if said.endswith("s") else f"{said}'s"
            part, beta = f"the part of {whose} move", f"its beta to {held}"
            rows = (
                ("beta_implied", found.move - found.residual, f"{part} that {beta} explains"),
                ("residual", found.residual, f"{part} beyond {beta}"),
            )
            for metric, moved, words in rows:
                key = f"{name.lower()}.{metric}"
                if any(item.id == f"{bench.desk}.{key}" for item in bench.evidence):
                    continue
                bench.add(
                    key,
                    percent(moved),
                    "%",
                    words,
                    inputs=(name, index),
                    asset=name,
                    z=found.z if metric == "residual" else None,
                    n=found.n,
                )


def _asked(bench: Bench) -> Iterator[tuple[str, str]]:
    """Assets of the question that are no target of their group, with the group's index."""
    for name in bench.scope.assets:
        group = GROUP_OF.get(name)
        if group is None or name not in REGISTRY or name in _OTHER_HOURS:
            continue
        if name not in GROUP_ASSETS[group]:
            yield name, _INDEX[group]
