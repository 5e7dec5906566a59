"""The earnings-news desk: leadership against the index, results reactions, dated items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from causemap.agents.attention import read_attention
from causemap.agents.bench import Bench, iso
from causemap.agents.falls import no_news
from causemap.agents.margin_notices import add_margin_rises
from causemap.agents.own_moves import add_own_moves
from causemap.agents.recent import add_cohort
from causemap.closed_sets import Cause
from causemap.records import DeskReport, Marker, Note, Scope
from causemap.tools.dated import EarningsDate, unpriced
from causemap.tools.market import MissingSeries
from causemap.tools.measures.event_study import DatedEvent, Timing, earnings_reaction
from causemap.tools.measures.leadership import (
    BASKET,
    MAG7,
    CohortResidual,
    Leadership,
    cohort_residual,
    leadership,
)
from causemap.tools.measures.stats import aligned, beta_residual, percent
from causemap.tools.registry import REGISTRY, STOCKS

if TYPE_CHECKING:
    from causemap.settings import Settings
    from causemap.tools.market import AsOfView

_NEEDED: Final = ("SPX", "NDX", "SPY", "RSP", "SMH", "IGV", "ARKK", "KRE", "REAL10Y")
_SAID: Final = {
    "NDX": "the Nasdaq 100 beyond its beta",
    "SMH": "semiconductors beyond their beta",
    "IGV": "software beyond its beta",
    "ARKK": "unprofitable tech beyond its beta",
    BASKET: "the seven megacaps beyond their beta",
    "KRE": "regional banks beyond their beta",
}
_CYCLICAL: Final = ("XLI", "XLB", "XLY")
_DEFENSIVE: Final = ("XLP", "XLU", "XLV")
_GROWTH: Final[tuple[Cause, ...]] = ("growth_scare",)


def measure(
    scope: Scope, view: AsOfView, _settings: Settings, notes: tuple[Note, ...] = ()
) -> DeskReport:
    """All the earnings-news desk can say about the window as of the view."""
    bench = Bench("earnings_news", scope, view)
    frame = _frame(bench)
    if "SPX" in frame.columns:
        found = leadership(frame, bench.start, bench.end)
        _cohort(bench, found)
        _leading(bench, frame, found)
        _breadth(bench, found)
        _banks(bench, frame)
    else:
        bench.gap("equity leadership", "not_covered", "no index price", ("ai_rerating",))
    _cyclicals(bench)
    add_own_moves(bench)
    _results(bench)
    _news(bench, notes)
    read_attention(bench)
    add_margin_rises(bench, notes)
    bench.gap(
        "earnings estimates and surprises",
        "not_covered",
        "no forward estimates, so multiple and earnings cannot be told apart",
        ("ai_rerating",),
    )
    bench.gap(
        "index weights", "not_covered", "no weights, so the top stocks' part cannot be measured"
    )
    return bench.report()


def _news(bench: Bench, notes: tuple[Note, ...]) -> None:
    """What the notes tell; their readers compile hundreds of expressions, so not without notes."""
    if not notes:
        no_news(bench)
        return
    from causemap.agents.news import read_news

    read_news(bench, notes)


def _frame(bench: Bench) -> pd.DataFrame:
    """The daily closes at hand; an absent stock is no gap, an absent cohort is."""
    columns = {name: bench.optional(name) for name in _NEEDED}
    for name in STOCKS:
        try:
            columns[name] = bench.series(name)
        except MissingSeries:
            columns[name] = None
    # 120 sessions of beta and 60 of an average lie well within what is recent.
    return pd.DataFrame({name: bench.recent(name) for name, s in columns.items() if s is not None})


def _inputs(member: CohortResidual) -> tuple[str, ...]:
    own = MAG7 if member.name == BASKET else (member.name,)
    return (*own, member.benchmark)


def _cohort(bench: Bench, found: Leadership) -> None:
    for member in found.cohort:
        _residual(bench, member)
    if not found.cohort:
        bench.gap("cohort residuals", "empty", "no cohort spans the window", ("ai_rerating",))
        return
    worst = min(found.cohort, key=lambda member: member.market.z)
    bench.add(
        "worst_cohort.residual",
        percent(worst.market.residual),
        "%",
        f"the weakest leadership cohort ({worst.name}) beyond its beta",
        group="leadership",
        inputs=_inputs(worst),
        asset=worst.name,
        z=worst.market.z,
        n=worst.market.n,
    )
    if found.hold is not None and found.hold.flag:
        bench.add(
            "leadership.breaks_index_holds",
            percent(found.hold.from_high),
            "%",
            "the distance of the index from its 20-day high while leadership breaks",
            inputs=("SPX",),
            asset="SPX",
        )


def _leading(bench: Bench, frame: pd.DataFrame, found: Leadership) -> None:
    """Where the index stands, which half of tech broke, and the weakest cohort's last days."""
    if found.hold is not None:
        bench.add(
            "spx.from_20d_high",
            100.0 * found.hold.from_high,
            "%",
            "the S&P 500 from its 20-day high"
            + (" while leadership breaks (early warning)" if found.hold.flag else ""),
        )
    scores = {member.name: member.market.z for member in found.cohort}
    if found.split is not None:
        bench.add(
            f"leadership.split_{found.split.value}",
            scores["IGV"] - scores["SMH"],
            "z",
            f"software against semiconductors, beyond beta (what broke: {found.split.value})",
            inputs=("IGV", "SMH", "SPX"),
            asset="IGV-SMH",
        )
    if found.cohort:
        worst = min(found.cohort, key=lambda member: member.market.z)
        add_cohort(bench, frame, worst.name, _inputs(worst))


def _residual(bench: Bench, member: CohortResidual) -> None:
    said = _SAID[member.name]
    bench.add(
        f"{member.name.lower()}.residual",
        percent(member.market.residual),
        "%",
        said,
        group="leadership",
        inputs=_inputs(member),
        z=member.market.z,
        n=member.market.n,
    )
    if member.after_duration is not None:
        bench.add(
            f"{member.name.lower()}.residual_duration",
            percent(member.after_duration.residual),
            "%",
            f"{said} and the real yield",
            inputs=(*_inputs(member), "REAL10Y"),
            z=member.after_duration.z,
            n=member.after_duration.n,
        )


def _breadth(bench: Bench, found: Leadership) -> None:
    if found.breadth is None:
        bench.gap(
            "equal-weight breadth", "empty", "RSP: no prices span the window", ("ai_rerating",)
        )
    else:
        spread = found.breadth
        bench.add(
            "rsp.residual",
            percent(spread.residual.residual),
            "%",
            "the equal-weight S&P 500 beyond its beta",
            group="leadership",
            inputs=("RSP", spread.benchmark),
            z=spread.residual.z,
            n=spread.residual.n,
        )
    if found.below_average is not None:
        below = found.below_average
        for metric, value, said in (
            ("below_50d", below.share, "the share of large tech stocks under their 50-day average"),
            ("below_50d_change", below.change, "the change of that share over ten sessions"),
        ):
            bench.add(
                f"cohort.{metric}",
                100.0 * value,
                "%" if metric == "below_50d" else "pp",
                said,
                inputs=tuple(STOCKS),
                asset="large tech",
                n=below.n,
            )


def _banks(bench: Bench, frame: pd.DataFrame) -> None:
    if "KRE" not in frame.columns:
        return
    found = cohort_residual(frame, "KRE", bench.start, bench.end)
    if found is None:
        bench.gap("regional banks", "empty", "too little history", ("funding_stress",))
        return
    bench.add(
        "kre.residual",
        percent(found.market.residual),
        "%",
        _SAID["KRE"],
        group="credit",
        inputs=("KRE", found.benchmark),
        z=found.market.z,
        n=found.market.n,
    )


def _cyclicals(bench: Bench) -> None:
    """Cyclicals against defensives, beyond the pair's own beta to the index."""
    what, weakens = "cyclicals against defensives", _GROWTH
    with bench.attempt(what, weakens):
        names = (*_CYCLICAL, *_DEFENSIVE)
        levels = aligned({name: bench.recent(name) for name in names})
        logs = pd.DataFrame(np.log(levels.to_numpy()), index=levels.index, columns=levels.columns)
        spread = logs[list(_CYCLICAL)].mean(axis=1) - logs[list(_DEFENSIVE)].mean(axis=1)
        pair = pd.Series(np.exp(spread.to_numpy()), index=spread.index)
        found = beta_residual(pair, bench.recent("SPX"), bench.start, bench.end)
        bench.residual(
            "cyclicals.residual",
            "cyclicals against defensives beyond the pair's beta",
            found,
            group="leadership",
            inputs=(*names, "SPX"),
            what=what,
            weakens=weakens,
        )


def _results(bench: Bench) -> None:
    """Next-session reactions of the megacaps that reported inside the window."""
    with bench.attempt("megacap results dates", ("ai_rerating",)):
        for date in bench.view.earnings():
            if bench.start.date() <= date.date <= bench.end.date():
                _reaction(bench, date)


def _reaction(bench: Bench, date: EarningsDate) -> None:
    company = REGISTRY[date.ticker].said if date.ticker in REGISTRY else unpriced(date.ticker)
    label = f"{company} results"
    timing = Timing.AFTER_CLOSE if date.timing == "AMC" else Timing.BEFORE_CLOSE
    day, late = pd.Timestamp(date.date), timing is Timing.AFTER_CLOSE
    if (late and day >= bench.end) or (not late and day <= bench.start):
        return  # the end close did not hold it yet, or the start close did already
    if date.ticker not in REGISTRY:
        bench.markers.append(Marker(iso(date.at), label, "earnings"))
        return
    with bench.attempt(f"reaction to {label}"):
        event = DatedEvent("earnings", day, timing)
        stock, index = bench.series(date.ticker), bench.series("SPX")
        found = earnings_reaction(date.ticker, stock, index, event)
        if found is None:
            why = "no session after them at hand, or too little history before it"
            bench.gap(f"reaction to {label}", "empty", why)
            # Without a history to hold it against, the date is known all the same.
            bench.markers.append(Marker(iso(date.at), label, "earnings"))
            return
        if found.session > bench.end:
            return  # no session between the results and the end close
        item = bench.add(
            f"{date.ticker.lower()}.reaction_{found.session.strftime('%Y%m%d')}",
            percent(found.abnormal),
            "%",
            f"{REGISTRY[date.ticker].said} after its results, beyond beta",
            family="event_time",
            inputs=(date.ticker, "SPX"),
            z=found.z,
            observed=found.session,
            since=day,
        )
        bench.markers.append(Marker(iso(date.at), label, "earnings", (item.id,)))
