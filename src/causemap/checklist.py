"""The daily risk-off page: the state of macro, leadership, crypto and correlation in one place.

A view of a report over the last five sessions. States are words for how unusual a move was in the
risk-off direction; they describe what is, for hours, days and months, and recommend nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from textwrap import wrap
from typing import TYPE_CHECKING, Final, Literal

from causemap.attribution.fingerprints import FAST
from causemap.ranking import unusual_first
from causemap.reporting.answer import PARTED, parted
from causemap.words import ADVICE, cause_name, clean, day, instant, number, percent, value_of

if TYPE_CHECKING:
    from causemap.closed_sets import AssetGroup
    from causemap.records import Evidence, Report, Verdict

Section = Literal["Macro", "Leadership", "Crypto", "Correlation and volatility"]
Horizon = Literal["hours", "days", "months"]

SESSIONS: Final = 5
# The terminal shows one page; the other forms name every gap.
MAX_GAPS: Final = 12
# Columns of a terminal.
_WIDTH: Final = 80
HORIZONS: Final[tuple[Horizon, ...]] = ("hours", "days", "months")
SECTIONS: Final[tuple[Section, ...]] = (
    "Macro",
    "Leadership",
    "Crypto",
    "Correlation and volatility",
)
# Tiers by robust z in the risk-off direction: the least z of each, from the mildest.
TIERS: Final = ((4.0, "extreme"), (2.0, "stressed"), (1.0, "elevated"), (-1.0, "calm"))
# Exchanges set funding at an interest part of 1 bp per 8 h while premiums are small, so that its
# usual spread is next to nothing by rule and any other print is "extreme". Here one step away is
# no less than that part itself: what separates the rule's rate from shorts paying longs.
FUNDING_RULE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where evidence stands on the page; ``key`` matches ``asset.metric`` of its id.

    ``risk_off`` is the sign of the risk-off direction, 0 where both directions are unusual alike.
    """

    section: Section
    key: str
    horizon: Horizon
    risk_off: int


def _places(section: Section, horizon: Horizon, risk_off: int, keys: str) -> Iterator[Place]:
    return (Place(section, key, horizon, risk_off) for key in keys.split())


PLACES: Final = (
    *_places("Macro", "days", 0, "rates.score ust2y.change ust10y.change real10y.change"),
    *_places("Macro", "days", +1, "dxy.change hy_oas.change move.change"),
    *_places("Macro", "days", -1, "uso.change usdjpy.change"),
    *_places("Macro", "days", 0, "gold.change silver.change"),
    *_places("Leadership", "days", -1, "spx.change ndx.change worst_cohort.residual"),
    *_places("Leadership", "days", -1, "smh.residual igv.residual rsp.residual kre.residual"),
    *_places("Leadership", "months", +1, "cohort.below_50d"),
    *_places("Leadership", "months", -1, "spx.regime_*"),
    *_places("Crypto", "days", -1, "btc.change eth.change btc.residual"),
    *_places("Crypto", "hours", +1, "btc.speed_share"),
    *_places("Crypto", "hours", 0, "btc.retrace_24h btc.trend_1h btc.trend_4h"),
    *_places("Crypto", "days", 0, "btc.funding_deepest *stablecoin*.change"),
    *_places("Crypto", "months", -1, "btc.regime_*"),
    *_places("Correlation and volatility", "days", +1, "vix.change"),
    *_places("Correlation and volatility", "days", 0, "spx_btc.corr_10d spx_btc.corr_20d"),
    *_places("Correlation and volatility", "months", 0, "spx_btc.corr_60d"),
    *_places("Correlation and volatility", "days", +1, "market.absorption_shift"),
)


@dataclass(frozen=True, slots=True)
class Split:
    """Words for a metric judged by its value: at or above ``at``, and below it."""

    metric: str
    at: float
    above: str
    below: str


# The speed of a fall is judged as the verdict judges it; the others are halves.
SPLITS: Final = (
    Split("speed_share", FAST, "flush", "no flush"),
    Split("retrace_24h", 0.5, "mostly taken back", "not taken back"),
    Split("below_50d", 50.0, "narrow", "broad"),
    Split("trend_*", 0.0, "above average", "below average"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page; ``value`` is text with its unit.

    ``z`` is the robust z that the state goes by; that of funding counts steps of its rule at most.
    """

    section: Section
    evidence: str
    said: str
    value: str
    z: float | None
    state: str
    horizon: Horizon


@dataclass(frozen=True, slots=True)
class Reading:
    """The state at one horizon: the most unusual of its rows, and which row that is."""

    horizon: Horizon
    state: str
    because: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The page as data."""

    date: str
    since: str
    as_of: str
    verdict: str
    by_group: tuple[str, ...]
    rows: tuple[Row, ...]
    readings: tuple[Reading, ...]
    gaps: tuple[str, ...]


def build_checklist(report: Report) -> Checklist:
    """The page of a report; rows only from its evidence, gaps as it names them."""
    rows = tuple(_rows(report))
    return Checklist(
        date=report.scope.end,
        since=report.scope.start,
        as_of=report.scope.as_of,
        verdict=PARTED.lower() if parted(report) else _verdict(report.verdict),
        by_group=tuple(_group_line(group, verdict) for group, verdict in report.verdicts),
        rows=rows,
        readings=tuple(_reading(horizon, rows) for horizon in HORIZONS),
        gaps=tuple(dict.fromkeys(clean(f"{gap.what}: {gap.why}", 160) for gap in report.gaps)),
    )


def _rows(report: Report) -> Iterator[Row]:
    for place in PLACES:
        for item in report.evidence:
            if fnmatchcase(item.id.partition(".")[2], place.key):
                yield Row(
                    section=place.section,
                    evidence=item.id,
                    said=item.said,
                    value=value_of(item),
                    z=_z(item),
                    state=state(item, place.risk_off),
                    horizon=place.horizon,
                )


def state(item: Evidence, risk_off: int) -> str:
    """A word for how unusual the item is.

    A correlation and a few shares are named by their size; a regime carries its name in the metric;
    without a z there is no other yardstick and the item is ``not scored``.
    """
    if item.unit == "corr":
        return _correlation_word(item.value)
    if item.metric.startswith("regime_"):
        named = item.metric.removeprefix("regime_").replace("_", " ")
        return "no special regime" if named == "none" else named
    for split in SPLITS:
        if fnmatchcase(item.metric, split.metric):
            return split.above if item.value >= split.at else split.below
    z = _z(item)
    if z is None:
        return "not scored"
    towards = abs(z) if risk_off == 0 else z * risk_off
    return next((word for least, word in TIERS if towards >= least), "eased")


def _correlation_word(value: float) -> str:
    if value >= 0.7:
        return "one book"
    return "linked" if value >= 0.3 else "loose" if value > -0.3 else "opposed"


def _z(item: Evidence) -> float | None:
    if item.unit == "bp_8h" and item.z is not None:
        steps = (item.value - FUNDING_RULE) / FUNDING_RULE
        return min(item.z, steps, key=abs)
    return item.value if item.unit == "z" else item.z


def _reading(horizon: Horizon, rows: tuple[Row, ...]) -> Reading:
    here = [row for row in rows if row.horizon == horizon]
    words = [word for _, word in TIERS]
    scored = [row for row in here if row.state in words]
    if scored:
        worst = min(scored, key=lambda row: (words.index(row.state), unusual_first(row.z)))
        return Reading(horizon, worst.state, f"{worst.said} {worst.value}")
    if here:
        states = "; ".join(f"{row.said}: {row.state}" for row in here)
        return Reading(horizon, ", ".join(dict.fromkeys(row.state for row in here)), states)
    return Reading(horizon, "not measured", "no evidence at this horizon")


def _verdict(verdict: Verdict) -> str:
    if verdict.primary == "no_drawdown":
        return "nothing to explain: no unusual fall over the last sessions"
    if verdict.abstained or verdict.primary == "mixed_unclear":
        return f"no single cause named ({clean(verdict.reason, 200).rstrip('.')})"
    held = dict(verdict.probabilities).get(verdict.primary)
    return cause_name(verdict.primary) + ("" if held is None else f", {percent(held)}")


def _group_line(group: AssetGroup, verdict: Verdict) -> str:
    return f"{group}: {_verdict(verdict)}"


def to_json(page: Checklist) -> str:
    """The page as one JSON object; ends with a newline."""
    return json.dumps(asdict(page), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def to_markdown(page: Checklist) -> str:
    """The page as Markdown."""
    lines = [
        f"# Risk-off checklist, {day(page.date, year=True)}",
        "",
        f"Closes of {_span(page)}, known at {instant(page.as_of)}.",
        "",
        "| horizon | state | most unusual |",
        "| --- | --- | --- |",
        *(f"| {r.horizon} | **{r.state}** | {_cell(r.because)} |" for r in page.readings),
    ]
    for section in SECTIONS:
        lines += ["", f"## {section}", "", *_table(section, page.rows)]
    lines += ["", "## Verdict", "", f"**{_sentence(page.verdict)}**", ""]
    lines += [f"- {_cell(line)}" for line in page.by_group]
    lines += ["", "## Not measured", ""]
    lines += [f"- {_cell(gap)}" for gap in page.gaps] or ["- nothing: all sources answered"]
    lines += ["", f"*{ADVICE} States describe; they recommend nothing.*", ""]
    return "\n".join(lines)


def _span(page: Checklist) -> str:
    return f"{day(page.since)} to {day(page.date, year=True)}"


def _table(section: Section, rows: tuple[Row, ...]) -> list[str]:
    here = [row for row in rows if row.section == section]
    if not here:
        return ["Nothing could be measured here."]
    return [
        "| what | value | z | state | horizon |",
        "| --- | ---: | ---: | --- | --- |",
        *(
            f"| {_cell(row.said)} | {row.value} | {_z_text(row.z)} | {row.state} | {row.horizon} |"
            for row in here
        ),
    ]


def _cell(text: str) -> str:
    return clean(text, 300).replace("|", "\\|")


def _sentence(text: str) -> str:
    return _cell(text[:1].upper() + text[1:])


def _z_text(z: float | None) -> str:
    return "" if z is None else number(z, signed=True)


def _told(reading: Reading) -> tuple[str, ...]:
    """A horizon's state on one line; reasons that it has no room for stand below it."""
    because = clean(reading.because, 300)
    whole = f"  {reading.horizon:<7} {reading.state:<21} {because}"
    if len(whole) <= _WIDTH and len(reading.state) <= 21:
        return (whole,)
    below = wrap(because, _WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10)
    return (f"  {reading.horizon:<7} {reading.state}", *below)


def to_text(page: Checklist) -> str:
    """The page for a terminal: plain aligned text, one row a line."""
    lines = [
        f"Risk-off checklist, {day(page.date, year=True)}",
        f"Closes of {_span(page)}, known at {instant(page.as_of)}",
        "",
        *(line for reading in page.readings for line in _told(reading)),
    ]
    for section in SECTIONS:
        here = [row for row in page.rows if row.section == section]
        lines += ["", section]
        lines += [
            f"  {r.state:<18} {_z_text(r.z):>6}  {r.value:<24} {clean(r.said, 120)}" for r in here
        ] or ["  nothing could be measured here"]
    lines += ["", f"Verdict: {page.verdict}", *(f"  {line}" for line in page.by_group)]
    lines += ["", f"Not measured ({len(page.gaps)})", *(f"  {g}" for g in page.gaps[:MAX_GAPS])]
    if len(page.gaps) > MAX_GAPS:
        lines += [f"  and {len(page.gaps) - MAX_GAPS} more, named in the Markdown and JSON forms"]
    lines += ["", f"{ADVICE} States describe; they recommend nothing.", ""]
    return "\n".join(lines)
