"""The crypto-structure desk: speed, funding, on-chain, basis; metals beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.agents.all_venues import add_all_venues
from causemap.agents.bench import Bench
from causemap.agents.mechanical import add_mechanical_share
from causemap.agents.metal_tape import add_metals
from causemap.agents.open_interest import add_open_interest
from causemap.agents.share_words import share_words
from causemap.records import DeskReport, Note, Scope
from causemap.tools.market import MissingSeries
from causemap.tools.measures.crypto import (
    Speed,
    Tape,
    basis,
    cascade_speed,
    fall_progress,
    weekend_share,
)
from causemap.tools.measures.funding import Funding, funding
from causemap.tools.measures.open_interest import (
    liquidations,
    onchain_liquidations,
    supply_change,
)
from causemap.tools.measures.stats import percent
from causemap.tools.registry import bar_info

if TYPE_CHECKING:
    from causemap.closed_sets import Group
    from causemap.settings import Settings
    from causemap.tools.market import AsOfView

_CASCADE: Final = ("liquidation_cascade",)
# Negative funding prints named one by one after the first; charts say "or more" from so many on.
FURTHER_PRINTS: Final = 5
_HOUR4: Final = pd.Timedelta(hours=4)
_DAY: Final = pd.Timedelta(days=1)
_FUNDING: Final = "BTC_FUNDING_8H"


def measure(
    scope: Scope, view: AsOfView, _settings: Settings, _notes: tuple[Note, ...] = ()
) -> DeskReport:
    """All the crypto-structure desk can say about the window as of the view."""
    bench = Bench("crypto_structure", scope, view)
    if "crypto" in scope.groups:
        _tape(bench)
        _funding(bench)
        _mechanical(bench)
        _on_chain(bench)
        _supply(bench)
        _basis(bench)
        add_open_interest(bench)
        _venue_liquidations(bench)
        add_all_venues(bench)
        _uncovered(bench)
    add_metals(bench)
    return bench.report()


def _opens(bench: Bench) -> pd.Timestamp:
    """UTC midnight at which the window's start day closed."""
    return (bench.start + _DAY).tz_localize("UTC")


def _closes(bench: Bench) -> pd.Timestamp:
    return (bench.end + _DAY).tz_localize("UTC")


def _ends(bench: Bench) -> pd.Timestamp:
    """As :func:`_closes`, or the as-of where the window's last day is still running."""
    return min(_closes(bench), pd.Timestamp(bench.view.as_of))


def _tape_of(bench: Bench) -> Tape:
    """The 4h closes and lows of the BTC perpetual; raises :class:`MissingSeries`."""
    close, low = bench.view.bars("BTC_CLOSE", "4h"), bench.view.bars("BTC_LOW", "4h")
    if close.index[0] > _opens(bench) - 5 * _DAY or close.index[-1] < _closes(bench) - _DAY:
        raise MissingSeries("BTC_CLOSE", "not_covered", "4h bars do not reach over the window")
    return Tape(close, low)


def tape_speed(bench: Bench) -> Speed | None:
    """Speed on the fixed 120 hours to the close of the trough day, or ``None``."""
    try:
        tape = _tape_of(bench)
        daily = bench.series("BTC")
    except MissingSeries:
        return None
    inside = bench.inside(daily)
    if inside.empty:
        return None
    trough = (pd.DatetimeIndex([inside.idxmin()])[0] + _DAY).tz_localize("UTC")
    return cascade_speed(tape, trough, as_of=pd.Timestamp(bench.view.as_of))


def _tape(bench: Bench) -> None:
    with bench.attempt("cascade speed", (*_CASCADE, "crypto_idiosyncratic")):
        tape = _tape_of(bench)
        # Without daily closes the day of the trough is not known: that is no want of a fall.
        bench.series("BTC")
        found = tape_speed(bench)
        if found is None:
            bench.gap("cascade speed", "empty", "no fall on 4h bars in the 120 hours to the trough")
            return
        _speed_evidence(bench, found)
        weekend = weekend_share(tape, _opens(bench), _ends(bench))
        if weekend is not None:
            bench.add(
                "btc.weekend_share",
                weekend,
                "ratio",
                share_words(
                    "weekend", "the share of bitcoin's fall made on Saturday and Sunday", weekend
                ),
                inputs=("BTC_CLOSE",),
                observed=_ends(bench),
            )


def _speed_evidence(bench: Bench, found: Speed) -> None:
    low = found.low_at + _HOUR4
    said = "the deepest four hours as a share of bitcoin's fall"
    _tape_row(bench, "speed_share", found.share, "ratio", said, low, group="crypto_tape")
    said = "the bitcoin perpetual at its low in the 120 hours"
    _tape_row(bench, "perp_low", 100.0 * found.fall, "%", said, low)
    bench.add(
        "btc.worst_4h",
        percent(found.worst),
        "%",
        "bitcoin's worst four hours, close to close",
        inputs=("BTC_CLOSE",),
        z=found.worst_z,
        observed=found.worst_at + _HOUR4,
    )
    if found.retrace is None:
        bench.gap("24-hour retrace", "empty", "24 hours after the low lie after the as-of time")
        return
    bench.add(
        "btc.retrace_24h",
        found.retrace,
        "ratio",
        share_words(
            "won_back", "the part of bitcoin's fall won back 24 hours after the low", found.retrace
        ),
        group="crypto_tape",
        inputs=("BTC_CLOSE",),
        observed=low + _DAY,
    )


def _tape_row(
    bench: Bench,
    metric: str,
    value: float,
    unit: str,
    said: str,
    observed: pd.Timestamp,
    *,
    group: Group = "context",
) -> None:
    """What closes and lows of the perpetual say together."""
    inputs = ("BTC_CLOSE", "BTC_LOW")
    bench.add(f"btc.{metric}", value, unit, said, group=group, inputs=inputs, observed=observed)


def _funding(bench: Bench) -> None:
    with bench.attempt("perpetual funding", _CASCADE):
        prints = _prints(bench)
        as_of = pd.Timestamp(bench.view.as_of)
        try:
            progress = fall_progress(_tape_of(bench), _opens(bench), _ends(bench))
        except MissingSeries:
            progress = None
        found = funding(prints, _opens(bench), _closes(bench), as_of=as_of, progress=progress)
        if found is None:
            bench.gap("perpetual funding", "empty", "no print in the window", _CASCADE)
            return
        _funding_evidence(bench, found)


def _prints(bench: Bench) -> pd.Series[float]:
    """Settled Binance 8-hour prints; the 4h file is the longer record."""
    prints = bench.view.bars(_FUNDING, "4h")
    if prints.index[0] > _opens(bench) or prints.index[-1] < _closes(bench) - _DAY:
        raise MissingSeries(_FUNDING, "not_covered", "no funding prints over the window")
    return prints


def _funding_evidence(bench: Bench, found: Funding) -> None:
    deepest = found.deepest
    said = "the deepest bitcoin funding"
    _funding_row(bench, "deepest", deepest.bp, said, deepest.at, found.deepest_z)
    if found.before_bp is not None:
        said = "mean bitcoin funding in the week before"
        _funding_row(bench, "before", found.before_bp, said, _opens(bench), found.before_z)
    for place, one in enumerate(found.negatives[: 1 + FURTHER_PRINTS]):
        metric = f"{one.at:%Y%m%d%H}" if place else "first_negative"
        further = "a further negative bitcoin funding print"
        said = further if place else "the first negative bitcoin funding"
        _funding_row(bench, metric, one.bp, said, one.at)
    if found.done_at_flip is not None and found.flip_at is not None:
        bench.add(
            "btc.done_at_flip",
            found.done_at_flip,
            "ratio",
            "the share of the fall already done when funding flipped clearly negative",
            family="plumbing",
            inputs=(_FUNDING, "BTC_CLOSE"),
            observed=found.flip_at,
        )


def _funding_row(
    bench: Bench, metric: str, bp: float, said: str, at: pd.Timestamp, z: float | None = None
) -> None:
    bench.add(
        f"btc.funding_{metric}",
        bp,
        "bp_8h",
        said,
        family="plumbing",
        inputs=(_FUNDING,),
        z=z,
        observed=at,
    )


def _mechanical(bench: Bench) -> None:
    """Dominance test: what the downside beta to stocks leaves of bitcoin's fall (TAXONOMY 4)."""
    with bench.attempt("the mechanical share of bitcoin's fall", _CASCADE):
        said = "bitcoin's fall that stocks leave unexplained"
        add_mechanical_share(bench, "btc.mechanical_share", "BTC", said)


def _on_chain(bench: Bench) -> None:
    with bench.attempt("on-chain liquidations", _CASCADE):
        usd = bench.view.bars("AAVE_WBTC_LIQ_USD", "4h")
        found = onchain_liquidations(usd, _opens(bench), _closes(bench))
        if found is None:
            why = "the series does not cover the window"
            bench.gap("on-chain liquidations", "not_covered", why, _CASCADE)
            return
        bench.add(
            "aave.liquidations",
            found.total_usd / 1e6,
            "usd_mn",
            "Aave WBTC liquidations over the window",
            group="plumbing",
            family="plumbing",
            inputs=("AAVE_WBTC_LIQ_USD",),
            asset="BTC",
            z=found.z,
            n=found.n,
            observed=min(found.covered_to, _closes(bench)),
        )


def _supply(bench: Bench) -> None:
    with bench.attempt("stablecoin supply"):
        supply = bench.series("STABLECOIN_SUPPLY_USD")
        found = supply_change(supply, bench.start, bench.end)
        if found is None:
            bench.gap("stablecoin supply", "empty", "no value within two days of both ends")
            return
        bench.add(
            "stablecoins.change",
            100.0 * found,
            "%",
            "stablecoin supply",
            family="plumbing",
            inputs=("STABLECOIN_SUPPLY_USD",),
            asset="stablecoins",
        )


def _basis(bench: Bench) -> None:
    """Perpetual against spot at UTC midnight."""
    with bench.attempt("the perpetual basis", _CASCADE):
        perp = _tape_of(bench).close
        midnight = perp[pd.DatetimeIndex(perp.index).hour == 20]
        daily = pd.Series(
            midnight.to_numpy(),
            index=pd.DatetimeIndex(midnight.index).tz_localize(None).normalize(),
        )
        found = basis(daily, bench.series("BTC"), bench.start, bench.end)
        if found is None:
            why = "fewer than two midnights of the window have both prices"
            bench.gap("the perpetual basis", "empty", why, _CASCADE)
            return
        bench.add(
            "btc.basis_deepest",
            found.deepest_bp,
            "bp",
            "the lowest bitcoin perpetual basis at UTC midnight",
            inputs=("BTC", "BTC_CLOSE"),
            n=found.n,
            observed=found.deepest_at,
        )


def _venue_liquidations(bench: Bench) -> None:
    """Liquidations of one venue on the few weeks its record covers; never the whole market's."""
    try:
        longs, shorts = (bench.series(f"HL_LIQ_{side}_USD") for side in ("LONG", "SHORT"))
    except MissingSeries:
        return
    prints = pd.DataFrame({"long_usd": longs, "short_usd": shorts})
    found = liquidations(prints, bench.start, bench.end, None)
    if found is None:
        return
    for metric, value, unit, said in (
        (
            "venue_liquidations",
            found.total_usd / 1e6,
            "usd_mn",
            "bitcoin liquidations on one venue",
        ),
        ("venue_long_share", found.long_share, "ratio", "the share of longs in them"),
    ):
        bench.add(
            f"btc.{metric}",
            value,
            unit,
            said,
            family="plumbing",
            inputs=("HL_LIQ_LONG_USD", "HL_LIQ_SHORT_USD"),
        )


def _uncovered(bench: Bench) -> None:
    """Rows of the method that no file of the data directory carries."""
    bench.gap("spot ETF flows", "not_covered", "no ETF flow series in the data directory")
    fence = bar_info("BTC_OI_HL_USD").valid_to
    if fence is not None and bench.scope.end > fence:
        bench.gap(
            "Hyperliquid open interest",
            "failed",
            bar_info("BTC_OI_HL_USD").fault,
            _CASCADE,
        )
