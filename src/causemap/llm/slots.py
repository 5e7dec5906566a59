"""Numeral slots: prose carries ``{evidence_id|field|format}``, code prints the number.

A writer (template or model) never types a figure. It writes a slot, and :func:`fill` prints the
value with its unit and sign from the ledger of the run. Verbs of direction are slots too, so a
verb cannot contradict its number, and a hedge (``{p:rates_shock|band}``) follows the probability.

Slots::

    {macro.ust10y.change|value|bp0}         a number of an evidence item (value, z, low, high, n)
    {macro.ust10y.change|value|fell_rose}   'fell', 'rose' or 'held flat'
    {macro.ust10y.change|value|fell_rose+bp0}   'fell 3 bp' or, when it rounds to nothing, the flat
    {macro.ust10y.change|end|date}          a date of an evidence item (start, end, observed_at)
    {macro.ust10y.change|asset|name}        words of an evidence item (asset, said)
    {p:rates_shock|pct0}  {s:residual|pct0} a probability or a share (0..1) of the verdict
    {w:start|date}                          a moment of the run
    {q:reason|text}                         words the engine wrote
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NamedTuple

from causemap.errors import CausemapError
from causemap.records import Evidence
from causemap.words import is_change, unit_of

SLOT: Final = re.compile(r"\{([^{}|]+)\|([^{}|]+)(?:\|([^{}|]+))?\}")
_OPENING: Final = re.compile(r"^[a-z]|(?<=\? )[a-z]")
NUMBERS: Final = ("value", "z", "low", "high", "n")
MOMENTS: Final = ("start", "end", "observed_at")
WORDS: Final = ("asset", "said")
BANDS: Final = ((0.8, "very likely"), (0.6, "likely"), (0.3, "possible"), (0.0, "unlikely"))


class SlotError(CausemapError):
    """A sentence cannot be filled; it must be dropped or repaired."""


class SlotSyntaxError(SlotError):
    """A brace that is not a well-formed slot, or an unknown field or format."""


class UnknownSlotError(SlotError):
    """The slot names an item that this run does not hold."""


class EmptySlotError(SlotError):
    """The item exists, the field is absent (no z, no interval)."""


class FormatMismatchError(SlotError):
    """The format does not fit the unit of the item."""


class Turn(NamedTuple):
    """How one kind of movement is said downwards, upwards and flat."""

    down: str
    up: str
    flat: str


TURNS: Final[dict[str, Turn]] = {
    "fell_rose": Turn("fell", "rose", "held flat"),
    "lost_gained": Turn("lost", "gained", "held flat"),
    "slid_climbed": Turn("slid", "climbed", "held flat"),
    "narrowed_widened": Turn("narrowed", "widened", "held flat"),
    "flattened_steepened": Turn("flattened", "steepened", "held flat"),
    "lagged_led": Turn(
        "fell short of its usual pattern (its beta) by",
        "ran ahead of its usual pattern (its beta) by",
        "held flat against its usual pattern (its beta)",
    ),
}

ASSET_NAMES: Final[dict[str, str]] = {
    "SPX": "the S&P 500",
    "NDX": "the Nasdaq 100",
    "RSP": "the equal-weight S&P 500",
    "SMH": "the semiconductor group",
    "IGV": "the software group",
    "ARKK": "the ARK Innovation fund",
    "MAG7": "the Magnificent Seven basket",
    "KRE": "the regional-bank group",
    "BTC": "Bitcoin",
    "ETH": "Ether",
    "SOL": "Solana",
    "GLD": "the GLD gold fund",
    "SLV": "the SLV silver fund",
    "GDX": "the gold-miner group",
    "GOLD": "gold",
    "SILVER": "silver",
    "USO": "the USO oil fund",
    "DXY": "the dollar index",
    "USDJPY": "the dollar against the yen",
    "UST2Y": "the 2-year Treasury yield",
    "UST10Y": "the 10-year Treasury yield",
    "UST30Y": "the 30-year Treasury yield",
    "REAL10Y": "the 10-year real yield",
    "BE10Y": "the 10-year breakeven rate",
    "CURVE_2S10S": "the 2s10s curve",
    "HY_OAS": "the high-yield spread",
    "IG_OAS": "the investment-grade spread",
    "MOVE": "the MOVE index",
    "VIX": "the VIX",
}


class Style(NamedTuple):
    """How a number format prints: decimals, text before and after, and the units it may print."""

    decimals: int
    before: str
    after: str
    units: tuple[str, ...]


_ANY: Final = ("index", "ratio", "corr", "count", "z", "")
STYLES: Final[dict[str, Style]] = {
    **{f"pct{k}": Style(k, "", "%", ("%", "ratio", "share", "level_pct")) for k in (0, 1, 2)},
    **{f"bp{k}": Style(k, "", " bp", ("bp", "bp_8h")) for k in (0, 1, 2)},
    **{f"pp{k}": Style(k, "", " pp", ("pp",)) for k in (0, 1, 2)},
    "points1": Style(1, "", " points", ("index", "points")),
    "z1": Style(1, "", " standard deviations", ("z",)),
    "corr2": Style(2, "", "", ("corr",)),
    **{f"num{k}": Style(k, "", "", _ANY) for k in (0, 1, 2)},
    "days": Style(0, "", " days", ("days",)),
    "hours": Style(0, "", " hours", ("hours",)),
}
AUTO: Final[dict[str, str]] = {
    "%": "pct1",
    "bp": "bp0",
    "bp_8h": "bp2",
    "pp": "pp1",
    "z": "z1",
    "corr": "corr2",
    "ratio": "num2",
    "index": "num1",
    "points": "points1",
    "level_pct": "pct2",
    "count": "num0",
    "usd": "money",
    "usd_mn": "money",
    "usd_bn": "money",
    "days": "days",
    "hours": "hours",
    "share": "pct0",
}


# Millions of dollars in one of a unit.
MONEY: Final[dict[str, float]] = {"usd": 1e-6, "usd_mn": 1.0, "usd_bn": 1e3}
_PER_PRINT: Final = " per eight hours"


@dataclass(frozen=True, slots=True)
class Ledger:
    """All that slots may be filled from.

    ``shares`` holds probabilities and shares in 0..1 (keys ``p:...``, ``s:...``), ``moments`` ISO
    times (``w:...``, ``t:...``), ``texts`` words written by the engine (``q:...``).
    """

    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    moments: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


class Slot(NamedTuple):
    """One parsed slot; ``field`` is ``None`` for probabilities, moments and engine words."""

    key: str
    field: str | None
    format: str


def parse(template: str) -> tuple[Slot, ...]:
    """List the slots of a template in order; raises :class:`SlotSyntaxError` on a stray brace."""
    if "{" in SLOT.sub("", template) or "}" in SLOT.sub("", template):
        raise SlotSyntaxError(f"a brace that is no slot in {template!r}")
    return tuple(_slot(match) for match in SLOT.finditer(template))


def _slot(match: re.Match[str]) -> Slot:
    key, second, third = match.groups()
    if third is None:
        return Slot(key, None, second)
    if second not in NUMBERS + MOMENTS + WORDS:
        raise SlotSyntaxError(f"unknown field {second!r} in {match.group(0)}")
    return Slot(key, second, third)


def cited(template: str) -> tuple[str, ...]:
    """Evidence ids that the template's slots name, each once, in order of appearance."""
    return tuple(dict.fromkeys(slot.key for slot in parse(template) if slot.field is not None))


def fill(template: str, ledger: Ledger) -> str:
    """Print the sentence: slots filled once, first letter raised; raises :class:`SlotError`."""
    parse(template)
    text = SLOT.sub(lambda match: _print(_slot(match), ledger), template)
    return _OPENING.sub(lambda match: match.group(0).upper(), text)


def band(probability: float) -> str:
    """Name the hedge: very likely from 0.8, likely from 0.6, possible from 0.3, else unlikely."""
    # By the printed percent: "likely, at 80%" would contradict itself.
    printed = round(probability * 100) / 100
    return next(word for floor, word in BANDS if printed >= floor or floor == 0.0)


def asset_name(asset: str) -> str:
    """Give the plain name of a canonical series; the series' own code where there is none."""
    return ASSET_NAMES.get(asset, asset)


def item_of(slot: Slot, ledger: Ledger) -> Evidence:
    """The item a slot names; raises :class:`UnknownSlotError`."""
    item = ledger.evidence.get(slot.key)
    if item is None:
        raise UnknownSlotError(f"no evidence {slot.key!r} in this run")
    return item


def figure_of(slot: Slot, item: Evidence) -> tuple[float, str]:
    """The number a slot prints and its unit; raises :class:`EmptySlotError` where it has none."""
    number: float | None = getattr(item, str(slot.field))
    if number is None:
        raise EmptySlotError(f"{slot.key!r} has no {slot.field}")
    return float(number), {"z": "z", "n": "count"}.get(str(slot.field), unit_of(item))


def _print(slot: Slot, ledger: Ledger) -> str:
    if slot.field is None:
        return _print_run(slot, ledger)
    item = item_of(slot, ledger)
    if slot.field == "asset":
        return asset_name(item.asset)
    if slot.field == "said":
        return item.said
    if slot.field in MOMENTS:
        moment: str = getattr(item, slot.field)
        return say_moment(moment, slot.format)
    number, unit = figure_of(slot, item)
    return with_sign(say_number(number, unit, slot.format), slot, item)


def with_sign(text: str, slot: Slot, item: Evidence) -> str:
    """The printed figure of a change with a plus where it has no other sign and no verb."""
    verb = slot.format.startswith("abs_") or slot.format.partition("+")[0] in TURNS
    if verb or slot.field not in ("value", "low", "high") or not is_change(item):
        return text
    return f"+{text}" if text[0] != "-" and re.search("[1-9]", text) else text


def _print_run(slot: Slot, ledger: Ledger) -> str:
    if slot.key in ledger.shares:
        share = ledger.shares[slot.key]
        return _say_band(share, slot.format) or say_number(share, "share", slot.format)
    if slot.key in ledger.moments:
        return say_moment(ledger.moments[slot.key], slot.format)
    if slot.key in ledger.texts:
        return ledger.texts[slot.key]
    raise UnknownSlotError(f"nothing called {slot.key!r} in this run")


def _say_band(share: float, style: str) -> str | None:
    if style == "band":
        return band(share)
    if style == "a_band":
        word = band(share)
        return f"an {word}" if word == "unlikely" else f"a {word}"
    return None


def say_number(number: float, unit: str, style: str) -> str:
    """Print ``number`` of ``unit``; ``style`` is a format, a turn of verbs, or ``turn+format``."""
    verb, plus, rest = style.partition("+")
    if verb in TURNS:
        return _say_turn(number, unit, TURNS[verb], rest if plus else None)
    absolute = style.startswith("abs_")
    name = style.removeprefix("abs_")
    name = AUTO.get(unit, "num2") if name == "auto" else name
    shown = abs(number) if absolute else number
    if name == "money":
        return say_money(shown, unit)
    form = _style(name, unit)
    return _digits(shown * _scale(name, unit), form)


def _say_turn(number: float, unit: str, turn: Turn, style: str | None) -> str:
    name = AUTO.get(unit, "num2") if style in (None, "auto") else str(style)
    if name == "money":
        shown = number if re.search("[1-9]", say_money(number, unit)) else 0.0
    else:
        shown = round(number * _scale(name, unit), _style(name, unit).decimals)
    if shown == 0:
        return turn.flat
    verb = turn.down if shown < 0 else turn.up
    return verb if style is None else f"{verb} {say_number(number, unit, 'abs_' + name)}"


def _style(name: str, unit: str) -> Style:
    if name not in STYLES:
        raise SlotSyntaxError(f"unknown format {name!r}")
    form = STYLES[name]
    # A unit outside the closed list is printed bare rather than refused: the name carries it.
    known = unit if unit in AUTO else ""
    if known not in form.units:
        raise FormatMismatchError(f"format {name!r} cannot print a value in {unit!r}")
    return form._replace(after=form.after + _PER_PRINT) if unit == "bp_8h" else form


def _scale(name: str, unit: str) -> float:
    return 100.0 if name.startswith("pct") and unit in ("ratio", "share") else 1.0


def _digits(number: float, form: Style) -> str:
    text = f"{number:,.{form.decimals}f}"
    if not text.strip("-0.,"):
        text = text.removeprefix("-")
    return f"{form.before}{text}{form.after}"


def say_money(number: float, unit: str) -> str:
    """Print an amount of dollars; raises :class:`FormatMismatchError` for what is none."""
    if unit not in MONEY:
        raise FormatMismatchError(f"money format cannot print a value in {unit!r}")
    millions = abs(number) * MONEY[unit]
    if millions >= 1000:
        text = f"${millions / 1000:,.2f} billion"
    else:
        text = f"${abs(number):,.0f}" if unit == "usd" else f"${millions:,.0f} million"
    return f"-{text}" if number < 0 and re.search("[1-9]", text) else text


def say_moment(moment: str, style: str) -> str:
    """``date`` '5 February 2026', ``day`` '5 February', ``datetime`` '5 February 2026, 21:00 UTC'.

    A moment without a clock time prints as a date under ``datetime``.
    """
    when = date.fromisoformat(moment[:10])
    day = f"{when.day} {when:%B}"
    if style == "day":
        return day
    if style == "date" or (style == "datetime" and len(moment) == 10):
        return f"{day} {when.year}"
    if style == "datetime":
        clock = datetime.fromisoformat(moment)
        return f"{day} {when.year}, {clock:%H:%M} UTC"
    raise SlotSyntaxError(f"unknown format {style!r} for a moment")
