"""Metals on the crypto-structure desk: bullion, silver and miners, and what they read as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.agents.mechanical import add_mechanical_share
from causemap.tools.measures.metals import MetalsVerdict, metals_verdict
from causemap.tools.measures.stats import beta_residual, percent

if TYPE_CHECKING:
    from causemap.agents.bench import Bench

_CASCADE: Final = ("liquidation_cascade",)
_NAMES: Final = ("GLD", "SLV", "GDX", "SPX")


def add_metals(bench: Bench) -> None:
    """Miners against gold and silver against gold: bullion, beta and margin squeeze apart."""
    for name, said in (
        ("GDX", "gold miners beyond their beta to gold"),
        ("SLV", "silver beyond its beta to gold"),
    ):
        with bench.attempt(said):
            found = beta_residual(bench.recent(name), bench.recent("GLD"), bench.start, bench.end)
            key, inputs = f"{name.lower()}.residual", (name, "GLD")
            bench.residual(key, said, found, group="dollar_metals", inputs=inputs, what=said)
    _reading(bench)
    with bench.attempt("the mechanical share of silver's fall", _CASCADE):
        if "metals" in bench.scope.groups:
            said = "silver's fall that stocks leave unexplained"
            add_mechanical_share(bench, "metals.mechanical_share", "SLV", said)


def _reading(bench: Bench) -> None:
    """What bullion, silver and miners look like together; miners are a beta, not a cause."""
    with bench.attempt("bullion, silver and miners together"):
        prices = pd.DataFrame({name: bench.recent(name) for name in _NAMES})
        # A window may end on a day without a session: the last one before it is then its end.
        sessions = bench.view.sessions
        last = sessions[sessions <= bench.end]
        found = None if last.empty else metals_verdict(prices, bench.start, last[-1])
        if found is None:
            why = "too little common history, or no session inside the window"
            bench.gap("bullion, silver and miners together", "empty", why)
            return
        words = found.reading.value.replace("_", " ")
        bench.add(
            "metals.reading",
            found.gold_z,
            "z",
            f"gold against its own usual moves (metals read as: {words})",
            inputs=_NAMES,
            asset="GLD",
            z=found.gold_z,
        )
        _miners(bench, found)
        if found.worst_day_share is not None:
            bench.add(
                "slv.worst_day_share",
                found.worst_day_share,
                "ratio",
                "the share of silver's fall made on its worst day",
            )


def _miners(bench: Bench, found: MetalsVerdict) -> None:
    """Miners' betas to gold and to stocks taken together, and what both leave."""
    rows = [("beta_gold", found.miners.beta, "the beta of gold miners to gold")]
    if found.miners_partial is not None:
        partial = found.miners_partial
        rows += [
            (
                "partial_beta_gold",
                partial.gold_beta,
                "the beta of gold miners to gold beside stocks",
            ),
            (
                "partial_beta_spx",
                partial.index_beta,
                "the beta of gold miners to stocks beside gold",
            ),
        ]
        bench.add(
            "gdx.residual_gold_spx",
            percent(partial.residual),
            "%",
            "gold miners beyond their betas to gold and to stocks",
            inputs=("GDX", "GLD", "SPX"),
            z=partial.z,
        )
    for metric, value, said in rows:
        bench.add(
            f"gdx.{metric}",
            value,
            "ratio",
            said,
            inputs=("GDX", "GLD", "SPX"),
        )
