"""Claims against the tape: each claim gets a verdict and the measurements it rests on.

Rules, sign first:

- a **move** counts from 0.1 %, 1 bp or 0.3 points on; something *held* when its change is above
  minus one robust deviation of its own past changes of that length, or above minus ten times those
  least moves where too few changes are at hand;
- a **size** fits within half of its last printed digit or a twentieth of it, whichever is more
  (spot, futures and funds differ), a tenth where the text says "about"; a larger
  move than the closes show, by up to half, is not checkable: closes do not show what happened
  inside the day;
- a **level** fits within half a per cent, two where "about", of any close of the claim's time;
  beyond the closes by less than their widest day it is not checkable;
- a **threshold** is crossed when an intraday low (coins) or a close is beyond it, and is dated;
- a **correlation** must hold at the end of the claim's time on every horizon said.

A claim is judged on what was known on its own day, over the time it names, else over the window of
the question up to that day.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from causemap.tools.claims import tape
from causemap.tools.claims.cause_facts import judge_cause
from causemap.tools.claims.docket import Case, Judged, window_of
from causemap.tools.claims.margins import judge_margin
from causemap.tools.claims.records import Amount, ExtractedClaim
from causemap.tools.claims.tape import Measured, Window
from causemap.tools.market import MissingSeries
from causemap.tools.measures.correlation import HORIZONS
from causemap.tools.registry import REGISTRY

FLOORS: Final = {"%": 0.1, "bp": 1.0, "index": 0.3}
ROUGH: Final = 0.1
PLAIN: Final = 0.05
CLOSES_MISS: Final = 1.5
LEVEL: Final = 0.005
ROUGH_LEVEL: Final = 0.02
HIGH_R: Final = 0.5
LOW_R: Final = 0.3
# An extreme may lie this long before the time it is told of.
_AROUND: Final = pd.Timedelta(days=10)
# A size in another unit than the series moves in tells its direction only.
_UNLIKE: Final = {"%": "%", "bp": "bp", "index": ""}
_LASTS: Final = re.compile(
    r"\b(?:remain|stay|held|hold|keep|kept|throughout|still)|保持|维持|仍|一直|始终", re.IGNORECASE
)
_DAY_WORDS: Final = re.compile(
    r"daily|single-day|one-day|in a day|intraday|24 hours|单日|日内|盘中|24小时", re.IGNORECASE
)


def judge(case: Case) -> Judged:
    """The verdict on one claim; a missing series makes it not checkable, never false."""
    rule = _RULES[case.claim.kind]
    try:
        found = rule(case)
    except MissingSeries as missing:
        found = Judged("not_checkable", f"no data: {missing.why}")
    if found.verdict == "not_checkable" and case.claim.single:
        return found._replace(verdict="single_source", why="rests on one source by its own words")
    return found


# --- moves --------------------------------------------------------------------------------------


def _move(case: Case) -> Judged:
    """A move, unless the value that would decide was not out yet on the claim's day."""
    found, window = _moved(case), window_of(case)
    series = found.measured[0].inputs[0] if found.measured else ""
    if found.verdict != "contradicted" or series not in REGISTRY:
        return found
    last = pd.Timestamp(case.view.daily(series).index[-1])
    if int(np.busday_count(last.date(), window.end.date())) > 0:
        return found._replace(verdict="not_checkable", why="the last value was not out yet")
    return found


def _moved(case: Case) -> Judged:
    claim, window = case.claim, window_of(case)
    if claim.amount is None or claim.direction is None:
        return _direction(tape.change(case.view, case.name, window), claim.direction)
    candidates = _sizes(case, window, claim.direction)
    if _UNLIKE.get(candidates[0].unit, claim.amount.unit) != claim.amount.unit:
        return _direction(candidates[0], claim.direction)
    wanted = (abs(claim.amount.low) + abs(claim.amount.high)) / 2
    best = min(candidates, key=lambda m: abs(abs(m.value) - wanted))
    signed = best.value * claim.direction
    if signed < FLOORS.get(best.unit, 0.1):
        return Judged("contradicted", "it moved the other way, or not at all", (best,))
    return _size(claim.amount, signed, best)


def _direction(found: Measured, direction: int | None) -> Judged:
    floor = FLOORS.get(found.unit, 0.1)
    if direction == 0:
        held = found.z > -1 if found.z is not None else found.value > -10 * floor
        if held:
            return Judged("supported", "it held", (found,))
        return Judged("contradicted", "it did not hold", (found,))
    if direction is not None and found.value * direction >= floor:
        return Judged("supported", "it moved that way", (found,))
    flat = abs(found.value) < floor
    why = "it did not move" if flat else "it moved the other way"
    return Judged("contradicted", why, (found,))


def _sizes(case: Case, window: Window, direction: int) -> list[Measured]:
    """The measurements a size may be meant of, by the words around it."""
    claim, view = case.claim, case.view
    if claim.base is not None:
        base = Window(pd.Timestamp(claim.base.since), pd.Timestamp(claim.base.until))
        return [tape.drawdown(view, case.name, window, base)]
    day = [tape.change(view, case.name, window)] if window.named else []
    if _DAY_WORDS.search(claim.text) and claim.amount and claim.amount.unit == "%":
        return [*day, tape.steepest(view, case.name, window, direction)]
    found = [tape.change(view, case.name, window)]
    if not window.named and direction < 0 and found[0].unit == "%":
        found.append(tape.drawdown(view, case.name, window, None))
    return found


def _size(amount: Amount, signed: float, best: Measured) -> Judged:
    # "Fell -5%" is a size told with its direction.
    least, most = sorted((abs(amount.low), abs(amount.high)))
    slack = max(amount.step / 2, (ROUGH if amount.rough else PLAIN) * most)
    low = least - slack if amount.side >= 0 else 0.0
    high = most + slack if amount.side <= 0 else np.inf
    if low <= signed <= high:
        return Judged("supported", "direction and size fit", (best,))
    coins = best.inputs[0].endswith("_LOW")
    if signed < low <= CLOSES_MISS * signed and best.unit == "%" and not coins:
        return Judged("not_checkable", "closes do not show the extremes inside a day", (best,))
    return Judged("contradicted", "the direction fits, the size does not", (best,))


# --- levels and thresholds ----------------------------------------------------------------------


def _level(case: Case) -> Judged:
    amount = _amount(case)
    window = window_of(case)
    slack = amount.high * (ROUGH_LEVEL if amount.rough else LEVEL)
    low, high = amount.low - slack, amount.high + slack
    nearest: list[tuple[float, Measured, float]] = []
    for series, values in tape.prices(case.view, case.name, window):
        away = (low - values).clip(lower=0.0) + (values - high).clip(lower=0.0)
        # Of several closes that fit, the last: a level is where a price went.
        at = pd.Timestamp(away[away == away.min()].index[-1])
        said = f"the close of {tape.said_of(series)} nearest to the level claimed"
        item = tape.priced(series, float(values.loc[at]), at, said)
        room = tape.widest_day(values) * float(values.loc[at])
        nearest.append((float(away.loc[at]), item, room))
    distance, found, room = min(nearest, key=lambda n: n[0])
    if distance == 0:
        return Judged("supported", "it was there", (found,))
    if distance <= room:
        return Judged("not_checkable", "closes do not show the extremes inside a day", (found,))
    return Judged("contradicted", "it was nowhere near", (found,))


def _ahead(case: Case) -> Judged:
    """A breakout above a level still to come says that the price is below it."""
    amount = _amount(case)
    series, values = tape.prices(case.view, case.name, window_of(case))[0]
    last = values.index[-1]
    found = tape.priced(
        series, float(values.iloc[-1]), last, f"the close of {tape.said_of(series)}"
    )
    if found.value > amount.high * (1 + ROUGH_LEVEL):
        return Judged("contradicted", "the price was already far above that level", (found,))
    return Judged("supported", "the price was below that level", (found,))


def _threshold(case: Case) -> Judged:
    amount, window = _amount(case), window_of(case)
    sign = case.claim.direction or -1
    wide = window if window.named else Window(window.start - tape.BEFORE, window.end)
    low = tape.lows(case.view, case.name, wide) if sign < 0 else None
    if low is not None:
        return _crossed(tape.crossing(low, amount.low, sign), case, f"{case.name}_LOW", room=0.0)
    series, values = tape.prices(case.view, case.name, wide)[0]
    found = tape.crossing(values, amount.low, sign)
    return _crossed(found, case, series, room=tape.widest_day(values) * found.price)


def _crossed(found: tape.Crossing, case: Case, series: str, *, room: float) -> Judged:
    amount, sign = _amount(case), case.claim.direction or -1
    side = "below" if sign < 0 else "above"
    bar = series.endswith("_LOW")
    what = case.name if bar else tape.said_of(series)
    kind = "intraday low" if bar else "close"
    if found.crossed:
        said = f"the first {kind} of {what} {side} the level claimed"
    else:
        said = f"the {kind} of {what} nearest to the level claimed"
    item = tape.priced(
        case.name if bar else series,
        found.price,
        found.at,
        said,
        metric="claim_crossing",
        input=series,
        known=found.at + pd.Timedelta(hours=4) if bar else None,
    )
    if found.crossed:
        return Judged("supported", "it was crossed, at the time shown", (item,))
    if abs(found.price - amount.low) <= room:
        return Judged("not_checkable", "closes do not show the extremes inside a day", (item,))
    return Judged("contradicted", "it was not crossed", (item,))


def _amount(case: Case) -> Amount:
    if case.claim.amount is None:
        raise MissingSeries(case.name, "empty", "the claim gives no figure")
    return case.claim.amount


# --- extremes, correlations, states -------------------------------------------------------------


def _extreme(case: Case) -> Judged:
    claim, window = case.claim, window_of(case)
    sign = claim.direction or -1
    name = case.name if case.name not in tape.PRICED else tape.PRICED[case.name][0]
    values = case.view.require_fresh(name, window.end) * sign
    begin = window.end if window.named else window.start
    lately = values.loc[begin - _AROUND : window.end]
    if lately.empty:
        raise MissingSeries(name, "empty", "no close in the time the claim is about")
    at, top = tape.highest(lately)
    past = tape.highest(values.loc[min(_since(claim, at), at) : at])
    word = "highest" if sign > 0 else "lowest"
    said = f"the {word} close of {tape.said_of(name)} around the claim's day"
    found = tape.priced(name, top * sign, at, said, metric="claim_extreme")
    if top >= past.value:
        return Judged("supported", "it was that extreme on the day shown", (found,))
    other = tape.priced(
        name,
        past.value * sign,
        past.at,
        f"the {word} close of {tape.said_of(name)} over the claim's horizon",
        metric="claim_extreme_before",
    )
    return Judged("contradicted", "there was a further one before", (found, other))


def _since(claim: ExtractedClaim, at: pd.Timestamp) -> pd.Timestamp:
    if claim.base is not None:
        return pd.Timestamp(claim.base.until) + pd.Timedelta(days=1)
    years = min(claim.years or 1.0, 50.0)
    # "Nearly two years" must hold on nine tenths of them.
    return at - pd.Timedelta(days=int(365.25 * years * 0.9))


def _correlation(case: Case) -> Judged:
    claim, window = case.claim, window_of(case)
    first, second = claim.about
    horizons = HORIZONS if claim.amount else (60,)
    wide = Window(window.start - pd.Timedelta(days=7), window.end)
    every = {h: tape.correlation(case.view, first, second, wide, h) for h in horizons}
    ends = [found[-1] for found in every.values() if found]
    if not ends:
        raise MissingSeries("-".join(claim.about), "empty", "too few paired sessions")
    if claim.amount is None:
        return _leaning(ends[0], claim.direction or 1)
    slack = claim.amount.step / 2
    low, high = claim.amount.low - slack, claim.amount.high + slack
    held = [m for found in every.values() for m in found if low <= m.value <= high]
    true_at_end = [m for m in ends if low <= m.value <= high]
    spells = _spells(held)
    if len(true_at_end) == len(ends):
        return Judged("supported", "it held on every horizon", tuple(ends))
    if held:
        why = "it held only on the horizon and days shown, not at the end on every horizon"
        return Judged("contradicted", why, tuple(dict.fromkeys([*spells, *ends])))
    return Judged("contradicted", "it held on no horizon", tuple(ends))


def _spells(held: list[Measured]) -> list[Measured]:
    """The first and the last day a correlation was in the range, for each horizon."""
    spells: list[Measured] = []
    for metric in dict.fromkeys(m.metric for m in held):
        days = [m for m in held if m.metric == metric]
        spells += [days[0], days[-1]]
    return spells


def _leaning(found: Measured, direction: int) -> Judged:
    if direction > 0:
        high = found.value >= HIGH_R
        why = "it was high" if high else "it was not high"
        return Judged("supported" if high else "contradicted", why, (found,))
    low = found.value <= LOW_R
    why = "it was low" if low else "it was not low"
    return Judged("supported" if low else "contradicted", why, (found,))


def _state(case: Case) -> Judged:
    """The sign of bitcoin's funding: one print makes a turn, what lasts has none against it."""
    if case.name != "FUNDING":
        return Judged("not_checkable", "no series measures it")
    window, down = window_of(case), (case.claim.direction or -1) < 0
    lasts = bool(_LASTS.search(case.claim.text))
    # Of a day the lowest print is known and the mean, which stands in for the highest.
    deepest = down != lasts
    name = "BTC_FUNDING_8H_MIN" if deepest else "BTC_FUNDING_8H_MEAN"
    begin = window.start + pd.Timedelta(days=1) if window.named else window.start
    values = case.view.require_fresh(name, window.end).loc[begin : window.end] * 1e4
    if values.empty:
        raise MissingSeries(name, "empty", "no funding of the time the claim is about")
    at, rate = tape.lowest(values) if deepest else tape.highest(values)
    said = "the lowest print of BTC funding" if deepest else "the highest daily mean of BTC funding"
    found = Measured(
        "claim_funding", "BTC", rate, "bp_8h", said, window.start, window.end, at, (name,)
    )
    if (rate < 0) == down and rate != 0:
        return Judged("supported", "funding on the day shown", (found,))
    if not lasts and values.index[-1] < window.end:
        return Judged("not_checkable", "the last value was not out yet", (found,))
    return Judged("contradicted", "funding on the day shown", (found,))


# --- events, flows, causes ----------------------------------------------------------------------


def _event(case: Case) -> Judged:
    if case.name == "MARGIN":
        return judge_margin(case)
    if case.claim.amount is not None:
        return Judged("not_checkable", "no series counts liquidations on all venues")
    window = window_of(case)
    values = case.view.require_fresh("AAVE_WBTC_LIQ_USD", window.end)
    inside = values.loc[window.start : window.end]
    past = values.loc[window.start - pd.Timedelta(days=365) : window.start]
    if inside.empty or len(past) < 200:
        raise MissingSeries("AAVE_WBTC_LIQ_USD", "empty", "too few days of liquidations")
    at, most = tape.highest(inside)
    found = Measured(
        "claim_liquidations", "BTC", most / 1e6, "usd_mn",
        "on-chain liquidations of BTC collateral on the largest day",
        window.start, window.end, at, ("AAVE_WBTC_LIQ_USD",),
    )  # fmt: skip
    if found.value * 1e6 >= float(past.quantile(0.95)):
        return Judged("supported", "among the largest days of a year on chain", (found,))
    return Judged("contradicted", "an ordinary day for liquidations on chain", (found,))


def _flow(_case: Case) -> Judged:
    return Judged("single_source", "one address, not measured by any series at hand")


_RULES: Final[dict[str, Callable[[Case], Judged]]] = {
    "move": _move,
    "level": _level,
    "ahead": _ahead,
    "threshold": _threshold,
    "extreme": _extreme,
    "correlation": _correlation,
    "state": _state,
    "event": _event,
    "flow": _flow,
    "cause": judge_cause,
}
