"""Fingerprints as data: which evidence bears on which cause, with what sign and weight.

Each row turns one evidence item into a log-likelihood ratio (METHODS 3, layer 1):
``LLR = w * clip(d * x - 1, -3, 3)``, where ``x`` is the robust z, or, for a metric that is not
standardised, ``1 + (value - threshold) / scale`` (so that the practice threshold is worth zero).
Weights are 0.15 (weak), 0.3 (medium) or 0.5 (strong). Signatures are those of TAXONOMY v1 and
thresholds those of METHODS 2; none is fitted to a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from causemap.causes import BREAK_SHARE, CAUSES, GROUPS, NAMED
from causemap.closed_sets import AssetGroup, Cause

WEAK: Final = 0.15
MEDIUM: Final = 0.3
STRONG: Final = 0.5
TAU: Final = 1.0
CLIP: Final = 3.0
# Shares of a fall from which it counts as a cascade's (METHODS 2.6), here and wherever else the
# same measures are held against a threshold: the deepest four hours, what was won back in a day,
# what the shock elsewhere leaves, what fell on a weekend.
FAST: Final = 0.45
WON_BACK: Final = 0.33
MECHANICAL: Final = 0.67
WEEKEND: Final = 0.4
# Liquidations told by the news, in % of bitcoin's market value: 2 % of open interest (METHODS 2.6)
# where contracts outstanding are some 2.5 % of that value.
LIQUIDATED: Final = 0.05

_ALL: Final[tuple[AssetGroup, ...]] = ("equity", "crypto", "metals")
_EQUITY: Final[tuple[AssetGroup, ...]] = ("equity",)
_CRYPTO: Final[tuple[AssetGroup, ...]] = ("crypto",)
_METALS: Final[tuple[AssetGroup, ...]] = ("metals",)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A metric judged by its value: ``at`` is worth zero, one ``scale`` further is worth w.

    A share is judged by its natural logarithm against ``at`` (``log``): twice the even share says
    as much for a cause as half of it says against. ``raw``: the value is judged, not its z.
    """

    at: float
    scale: float
    log: bool = False
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One row: evidence ``key`` (asset.metric) speaks for ``cause`` when it has ``sign``.

    ``against``: its weight when it is missing or has the other sign, if not the same. A sign that
    is not required, or one of several of which any will do (TAXONOMY: "not required", "or"), says
    nothing against the cause (0); the chief one of several says little (weak).
    """

    key: str
    cause: Cause
    sign: int
    weight: float
    groups: tuple[AssetGroup, ...] = _ALL
    threshold: Threshold | None = None
    against: float | None = None


MEASURED: Final[tuple[Fingerprint, ...]] = (
    # rates: the mean z of 2Y, 10Y and real 10Y is the item that identifies a rates shock
    Fingerprint("rates.score", "rates_shock", +1, STRONG),
    Fingerprint("ust2y.change", "rates_shock", +1, MEDIUM),
    Fingerprint("ust10y.change", "rates_shock", +1, MEDIUM),
    Fingerprint("real10y.change", "rates_shock", +1, MEDIUM),
    Fingerprint("dxy.change", "rates_shock", +1, WEAK, against=0.0),
    Fingerprint(
        "spx.two_shock_monetary_share",
        "rates_shock",
        +1,
        WEAK,
        _EQUITY,
        Threshold(0.6, 0.3, raw=True),
    ),
    # AI and tech re-rating: cohort residual down while the equal-weight index holds
    Fingerprint("worst_cohort.residual", "ai_rerating", -1, STRONG, _EQUITY),
    Fingerprint("ndx.residual", "ai_rerating", -1, MEDIUM, _EQUITY),
    Fingerprint("rsp.residual", "ai_rerating", +1, STRONG, _EQUITY),
    Fingerprint("rates.score", "ai_rerating", -1, WEAK, _EQUITY, Threshold(-1.0, 1.0)),
    Fingerprint("hy_oas.change", "ai_rerating", -1, WEAK, _EQUITY, Threshold(-2.5, 1.0)),
    # liquidation cascade: speed, retrace, mechanical share; never the residual alone
    Fingerprint(
        "btc.speed_share",
        "liquidation_cascade",
        +1,
        STRONG,
        _CRYPTO,
        Threshold(FAST, 0.1, raw=True),
    ),
    Fingerprint(
        "btc.retrace_24h",
        "liquidation_cascade",
        +1,
        MEDIUM,
        _CRYPTO,
        Threshold(WON_BACK, 0.15, raw=True),
    ),
    Fingerprint(
        "btc.mechanical_share",
        "liquidation_cascade",
        +1,
        WEAK,
        _CRYPTO,
        Threshold(MECHANICAL, 0.2, raw=True),
    ),
    Fingerprint(
        "told.liquidations",
        "liquidation_cascade",
        +1,
        STRONG,
        _CRYPTO,
        Threshold(LIQUIDATED, 0.5, log=True, raw=True),
    ),
    Fingerprint("aave.liquidations", "liquidation_cascade", +1, WEAK, _CRYPTO, Threshold(4.0, 3.0)),
    Fingerprint(
        "metals.mechanical_share",
        "liquidation_cascade",
        +1,
        STRONG,
        _METALS,
        Threshold(MECHANICAL, 0.15, raw=True),
    ),
    Fingerprint("slv.residual", "liquidation_cascade", -1, STRONG, _METALS, Threshold(-2.0, 1.0)),
    Fingerprint("slv.change", "liquidation_cascade", -1, MEDIUM, _METALS, Threshold(-4.0, 2.0)),
    # funding stress: credit, or banks, or the dollar-shortage signature
    Fingerprint(
        "hy_oas.change", "funding_stress", +1, STRONG, _ALL, Threshold(5.0, 1.5), against=WEAK
    ),
    Fingerprint(
        "kre.residual", "funding_stress", -1, MEDIUM, _EQUITY, Threshold(-2.0, 1.0), against=0.0
    ),
    Fingerprint("dollar.funding_signature", "funding_stress", +1, MEDIUM, against=0.0),
    # growth scare: yields and oil down, cyclicals under defensives
    Fingerprint("rates.score", "growth_scare", -1, STRONG, _EQUITY),
    Fingerprint("uso.change", "growth_scare", -1, MEDIUM, _EQUITY),
    Fingerprint("cyclicals.residual", "growth_scare", -1, MEDIUM, _EQUITY),
    Fingerprint("hy_oas.change", "growth_scare", +1, WEAK, _EQUITY),
    # policy: no signature of its own, but bonds are the haven from it too, so that falling yields
    # must not decide between a war or a tariff and the slowdown it makes people fear
    Fingerprint("rates.score", "policy_geopolitics", -1, MEDIUM, _EQUITY),
    # positioning: volatility or yen far beyond what credit says
    Fingerprint(
        "vix.change", "positioning_unwind", +1, STRONG, _EQUITY, Threshold(7.0, 2.0), against=WEAK
    ),
    Fingerprint(
        "usdjpy.change",
        "positioning_unwind",
        -1,
        MEDIUM,
        _ALL,
        Threshold(-3.0, 1.0),
        against=0.0,
    ),
    # crypto-specific: an abnormal residual while stocks are calm, without cascade speed
    Fingerprint("btc.residual", "crypto_idiosyncratic", -1, MEDIUM, _CRYPTO, Threshold(-1.5, 1.0)),
    Fingerprint("spx.change", "crypto_idiosyncratic", +1, MEDIUM, _CRYPTO, Threshold(-1.0, 1.0)),
    Fingerprint(
        "btc.speed_share",
        "crypto_idiosyncratic",
        -1,
        MEDIUM,
        _CRYPTO,
        Threshold(FAST, 0.15, raw=True),
    ),
)

# What the news names: the even share over the nine outcomes is worth zero. No signature of prices
# tells a war from a referendum, so here the words must.
_EVEN: Final = Threshold(1.0 / len(CAUSES), 0.5, log=True, raw=True)
NEWS: Final = tuple(
    Fingerprint(f"news_{group}.{cause}", cause, +1, STRONG, (group,), _EVEN)
    for group in GROUPS
    for cause in NAMED
)
# What followed a dated event at once: a third of the fall is worth zero (TAXONOMY, policy row:
# timing is the proof).
_THIRD: Final = Threshold(BREAK_SHARE, BREAK_SHARE, raw=True)
EVENTS: Final = tuple(
    Fingerprint(f"event_{group}.{cause}", cause, +1, STRONG, (group,), _THIRD)
    for group in GROUPS
    for cause in NAMED
)
# What articles claim, after it was tested on the tape: from -1 (contradicted) to 1 (borne out). The
# test uses figures that speak for themselves above, so that it adds at most 0.3.
_TESTED: Final = Threshold(0.0, 0.5, raw=True)
CLAIMS: Final = tuple(
    Fingerprint(f"claims.{cause}", cause, +1, WEAK, threshold=_TESTED) for cause in NAMED
)
FINGERPRINTS: Final[tuple[Fingerprint, ...]] = (*MEASURED, *NEWS, *EVENTS, *CLAIMS)
# Rows that a value of nought agrees with: stocks that were calm, a fall that was not fast.
_BY_ABSENCE: Final = frozenset(
    (row.key, row.cause)
    for row in MEASURED
    if row.threshold is not None and row.sign * row.threshold.at < 0.0
)


def by_absence(item: str, cause: str) -> bool:
    """Whether an evidence id speaks for the cause by what did not happen."""
    return (item.partition(".")[2], cause) in _BY_ABSENCE
