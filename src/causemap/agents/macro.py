"""The macro desk: rates, dollar, credit, commodities, policy dates and the shock decompositions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from causemap.agents.bench import Bench, iso
from causemap.agents.recent import add_change, add_level
from causemap.agents.repo_funding import add_repo_funding, add_reserves
from causemap.agents.share_words import share_words
from causemap.closed_sets import Group
from causemap.records import DeskReport, Marker, Note, Scope
from causemap.tools.market import MissingSeries
from causemap.tools.measures.event_study import DatedEvent, EventStudy, attribute, event_study
from causemap.tools.measures.order import close_times
from causemap.tools.measures.rates import (
    SIX_SERIES,
    rates_score,
    six_shock,
    yield_split,
)
from causemap.tools.measures.stats import Kind, window_change
from causemap.tools.measures.two_shock import two_shock
from causemap.tools.registry import REGISTRY

if TYPE_CHECKING:
    from causemap.settings import Settings
    from causemap.tools.market import AsOfView

_CHANGES: Final[tuple[tuple[str, Group], ...]] = (
    ("UST2Y", "rates"),
    ("UST10Y", "rates"),
    ("UST30Y", "rates"),
    ("REAL10Y", "rates"),
    ("BE10Y", "rates"),
    ("CURVE_2S10S", "rates"),
    ("DXY", "dollar_metals"),
    ("USDJPY", "dollar_metals"),
    ("GOLD", "dollar_metals"),
    ("SILVER", "dollar_metals"),
    ("USO", "context"),
    ("HY_OAS", "credit"),
    ("IG_OAS", "credit"),
    ("MOVE", "volatility"),
    ("RRP_BUSD", "plumbing"),
    ("FED_BS_MUSD", "plumbing"),
)
_NAMES: Final = {
    "FOMC": "the FOMC decision",
    "CPI": "the CPI release",
    "NFP": "the payrolls report",
}
# Series and sessions that the outlook's conditions are read on.
_RECENT: Final = (("UST10Y", 5), ("DXY", 5), ("HY_OAS", 10))
# The assets whose moves on release days are read.
_REACTS: Final = ("SPX", "BTC")


def measure(
    scope: Scope, view: AsOfView, settings: Settings, _notes: tuple[Note, ...] = ()
) -> DeskReport:
    """All the macro desk can say about the window as of the view."""
    bench = Bench("macro", scope, view)
    for name, group in _CHANGES:
        bench.change(name, group)
    _rates(bench)
    _dollar_funding(bench)
    _two_shock(bench)
    _six_shock(bench, settings)
    _releases(bench)
    _yield_split(bench)
    _overnight(bench)
    add_level(bench, "MOVE")
    for name, sessions in _RECENT:
        add_change(bench, name, sessions)
    add_repo_funding(bench)
    add_reserves(bench)
    _uncovered(bench)
    return bench.report()


def _rates(bench: Bench) -> None:
    with bench.attempt("the rates score", ("rates_shock", "growth_scare")):
        y2, y10 = bench.series("UST2Y"), bench.series("UST10Y")
        found = rates_score(y2, y10, bench.optional("REAL10Y"), bench.start, bench.end)
        if found is None:
            bench.gap("the rates score", "empty", "too little history before the window")
            return
        bench.add(
            "rates.score",
            found.mean,
            "z",
            "the mean z of the 2-year, 10-year and real 10-year yields",
            group="rates",
            inputs=("UST2Y", "UST10Y", "REAL10Y"),
            asset="US yields",
            z=found.mean,
            n=found.n,
        )
    _yields_and_dollar(bench)


def _yields_and_dollar(bench: Bench) -> None:
    """The seed rule: yields and the dollar up together, both by one robust deviation."""
    items = {item.asset: item for item in bench.evidence}
    y10, dxy = items.get("UST10Y"), items.get("DXY")
    if y10 is None or dxy is None or y10.z is None or dxy.z is None:
        return
    bench.add(
        "rates.yields_and_dollar",
        min(y10.z, dxy.z),
        "z",
        "the smaller of the z of the 10-year yield and of the dollar",
        inputs=("UST10Y", "DXY"),
        asset="US yields and dollar",
    )


def _dollar_funding(bench: Bench) -> None:
    """Dollar up while gold and Treasuries are sold: the weakest of the three decides."""
    items = {item.asset: item for item in bench.evidence}
    found = [items.get(name) for name in ("DXY", "GOLD", "UST10Y")]
    dxy, gold, y10 = (None if item is None else item.z for item in found)
    if dxy is None or gold is None or y10 is None:
        return
    signature = min(dxy, -gold, y10)
    bench.add(
        "dollar.funding_signature",
        signature,
        "z",
        "the weakest of dollar up, gold sold and Treasuries sold",
        group="dollar_metals",
        inputs=("DXY", "GOLD", "UST10Y"),
        asset="dollar funding",
        z=signature,
    )


def _two_shock(bench: Bench) -> None:
    with bench.attempt("the two-shock decomposition", ("rates_shock",)):
        found = two_shock(
            bench.recent("SPX", 900), bench.recent("UST10Y", 900), bench.start, bench.end
        )
        if found is None:
            why = "under 500 common sessions of history, or a value not published yet"
            bench.gap("the two-shock decomposition", "empty", why)
            return
        inputs = ("SPX", "UST10Y")
        for metric, said, value, low, high in (
            ("monetary", "the rates part", found.monetary, found.monetary_low, found.monetary_high),
            ("news", "the growth-news part", found.news, found.news_low, found.news_high),
        ):
            bench.add(
                f"spx.two_shock_{metric}",
                value,
                "%",
                f"{said} of the S&P 500 move by sign restrictions",
                inputs=inputs,
                low=low,
                high=high,
                n=found.n,
            )
        if found.total < 0.0:
            bench.add(
                "spx.two_shock_monetary_share",
                found.monetary / found.total,
                "ratio",
                share_words(
                    "rates_part",
                    "the rates part as a share of the S&P 500 fall",
                    found.monetary / found.total,
                ),
                group="rates",
                inputs=inputs,
                n=found.n,
            )


def _six_shock(bench: Bench, settings: Settings) -> None:
    with bench.attempt("the six-shock decomposition", ("rates_shock", "funding_stress")):
        frame = pd.DataFrame({name: bench.recent(name, 900) for name in SIX_SERIES})
        found = six_shock(frame, bench.start, bench.end, draws=settings.draws, seed=settings.seed)
        if found is None:
            why = "too little common history, or a value not published yet"
            bench.gap("the six-shock decomposition", "empty", why)
            return
        if not found.identified:
            why = "fewer than one rotation in a thousand meets the sign restrictions"
            bench.gap("the six-shock decomposition", "empty", f"not identified: {why}")
            return
        for part in found.parts:
            words = part.shock.value.replace("_", " ")
            bench.add(
                f"spx.six_shock_{part.shock.value}",
                part.median,
                "%",
                f"the {words} part of the S&P 500 move by six-shock signs",
                inputs=SIX_SERIES,
                low=part.low,
                high=part.high,
                n=found.accepted,
            )


def _releases(bench: Bench) -> None:
    """Markers and event-day reactions for the scheduled releases inside the window."""
    with bench.attempt("the release calendar", ("rates_shock", "growth_scare")):
        events = bench.view.events()
        # One year is ample for the 60 non-event sessions before the first event of the window.
        oldest = bench.start - pd.Timedelta(days=365)
        named = [e for e in events if e.kind in _NAMES]
        last_year = [e for e in named if oldest.date() <= e.date <= bench.end.date()]
        opened = close_times(pd.DatetimeIndex([bench.start]), "us_equity")[0]
        inside = [e for e in last_year if e.at > opened]
        recent = [DatedEvent(e.kind, pd.Timestamp(e.date)) for e in last_year]
        ids: dict[tuple[str, str], list[str]] = {}
        for name in _REACTS:
            series = bench.optional(name)
            if series is None:
                continue
            study = event_study(series.loc[oldest:], recent, after=bench.start)
            _event_shares(bench, name, series, study)
            for move in study.moves:
                if not bench.start < move.session <= bench.end:
                    continue
                stamp = move.session.strftime("%Y%m%d")
                item = bench.add(
                    f"{name.lower()}.{move.event.kind.lower()}_{stamp}",
                    100.0 * move.abnormal,
                    "%",
                    f"{REGISTRY[name].said} on the day of {_NAMES[move.event.kind]}, beyond usual",
                    family="event_time",
                    inputs=(name,),
                    asset=name,
                    z=move.z,
                    observed=move.session,
                    since=move.session,
                )
                key = (move.event.kind, str(move.event.date.date()))
                ids.setdefault(key, []).append(item.id)
        for event in inside:
            label = _NAMES[event.kind].removeprefix("the ")
            linked = tuple(ids.get((event.kind, event.date.isoformat()), ()))
            bench.markers.append(Marker(iso(event.at), label, event.kind.lower(), linked))


def _event_shares(bench: Bench, name: str, series: pd.Series[float], study: EventStudy) -> None:
    """What the days of each kind of release carried of a fall (METHODS 2.2, daily fallback)."""
    moved = window_change(series, bench.start, bench.end, Kind.LOG)
    found = None if moved is None else attribute(study, moved, bench.start, bench.end)
    if found is None or found.window_move >= 0.0:
        return
    for part in found.shares:
        kind = _NAMES[part.kind].removeprefix("the ")
        bench.add(
            f"{name.lower()}.event_share_{part.kind.lower()}",
            part.share,
            "ratio",
            f"the share of the fall of {REGISTRY[name].said} on {kind} days, beyond usual",
            family="event_time",
            inputs=(name,),
            asset=name,
            n=part.events,
        )


def _yield_split(bench: Bench) -> None:
    """The 10-year move by price (real, breakeven) and by curve (2-year, the rest)."""
    moves = {name: _moved(bench, name) for name in ("UST2Y", "UST10Y", "REAL10Y", "BE10Y")}
    found = yield_split(*moves.values())
    rows = (
        ("real_part", found.real_yield, "the real-yield part of the 10-year move", "REAL10Y"),
        ("breakeven_part", found.inflation, "the breakeven part of the 10-year move", "BE10Y"),
        ("front_end_part", found.policy_path, "the front-end part of the 10-year move", "UST2Y"),
        (
            "long_end_part",
            found.term_premium,
            "the long-end part of the 10-year move (a proxy of the term premium)",
            "UST2Y",
        ),
    )
    leads = {"curve": found.curve_leads, "price": found.price_leads}
    for metric, value, said, other in rows:
        if value is None or moves["UST10Y"] is None:
            continue
        lead = leads["price" if metric in ("real_part", "breakeven_part") else "curve"]
        words = "" if lead is None else f"; {lead.value.replace('_', ' ')} leads"
        bench.add(
            f"ust10y.{metric}",
            value,
            "bp",
            f"{said}{words}",
            inputs=("UST10Y", other),
            asset="UST10Y",
        )


def _moved(bench: Bench, name: str) -> float | None:
    """A yield's change over the window in basis points, or ``None`` where it cannot be had."""
    try:
        moved = window_change(bench.series(name), bench.start, bench.end, Kind.DIFF)
    except MissingSeries:
        return None
    return None if moved is None else REGISTRY[name].scale * moved


def _overnight(bench: Bench) -> None:
    """Fed funds against interest on reserves: what stands in where SOFR is not at hand."""
    with bench.attempt("fed funds against interest on reserves", ("funding_stress",)):
        spread = (bench.series("EFFR") - bench.series("IORB")).dropna().loc[: bench.end]
        if spread.empty:
            why = "no day on which both rates were out"
            bench.gap("fed funds against interest on reserves", "empty", why, ("funding_stress",))
            return
        bench.add(
            "effr_iorb.spread",
            100.0 * float(spread.iloc[-1]),
            "bp",
            "the effective fed funds rate above interest on reserves",
            family="plumbing",
            inputs=("EFFR", "IORB"),
            asset="EFFR",
            observed=pd.Timestamp(spread.index[-1]),
        )


def _uncovered(bench: Bench) -> None:
    """Rows of the method that no file of the data directory carries."""
    bench.gap("intraday event windows", "not_covered", "no bars of yields or equities under a day")


__all__ = ["measure"]
