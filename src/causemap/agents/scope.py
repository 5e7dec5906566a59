"""From a question, or from dates, to a :class:`Scope`: which closes, which assets, known when.

Reading needs no model. What is not understood is asked back, with what was understood; nothing
is guessed. The window of a question comes from the prices (:mod:`causemap.agents.windows`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from causemap.agents.asset_words import DEFAULT_ASSETS, GROUP_OF, WORDS, mentioned_assets
from causemap.causes import GROUPS
from causemap.closed_sets import AssetGroup
from causemap.errors import IncompleteError, UnclearQuestion, UsageError
from causemap.records import Scope
from causemap.tools.notes import clean_text

if TYPE_CHECKING:
    from causemap.agents.time_parts import Period
    from causemap.agents.windows import Window
    from causemap.tools.market import AsOfView

# Articles of the time are read for two days after the window (ARCHITECTURE, "Command line").
READING_DAYS: Final = 2
MAX_QUESTION: Final = 500


def make_scope(
    start: str | date,
    end: str | date,
    assets: Sequence[str] = (),
    as_of: str | datetime | None = None,
    *,
    now: datetime | None = None,
    question: str = "",
) -> Scope:
    """The scope of the closes ``start`` to ``end``.

    ``assets`` are names or everyday words (``nvidia``, ``gold``), by default six assets of three
    groups. ``as_of`` defaults to the end of the second day after ``end``, or ``now`` if earlier.
    Raises :class:`UsageError` for what is no date, runs backwards, lies ahead or is not known.
    """
    moment = now or datetime.now(UTC)
    first, last = read_date(start, "start"), read_date(end, "end")
    if first >= last:
        raise UsageError(
            f"The window must start before it ends, but it runs {first} to {last}; "
            "start is the last close before the fall, end the close at its bottom."
        )
    if last > moment.date():
        raise UsageError(
            f"The end {last} lies in the future (it is {moment.date()}); use a close that is past."
        )
    names = resolve_assets(assets)
    known = _as_of(as_of, last, moment)
    groups = tuple(g for g in GROUPS if g in {GROUP_OF[name] for name in names})
    return Scope(
        start=first.isoformat(),
        end=last.isoformat(),
        as_of=_minute(known),
        assets=names,
        groups=groups,
        question=clean_text(question, MAX_QUESTION),
        partial=known < _close_known(last, groups),
    )


def read_date(value: str | date, what: str) -> date:
    """``YYYY-MM-DD`` as a date; ``what`` names the option in the :class:`UsageError`."""
    if isinstance(value, date):
        return value
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise UsageError(f"The {what} {value} is not a day of the calendar.") from None
    raise UsageError(f"The {what} {value!r} is not a date; write YYYY-MM-DD, e.g. 2026-02-05.")


def read_as_of(value: str) -> datetime:
    """An as-of time in UTC: a date (its last minute) or an ISO time with a zone."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return _end_of(read_date(value, "as-of"))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"The as-of {value!r} is not a time; write a date or a time with its zone, "
            "e.g. 2026-02-05T21:00Z."
        )
    return moment.astimezone(UTC)


def resolve_assets(names: Sequence[str]) -> tuple[str, ...]:
    """Canonical names in the order given, without repeats; the default six for none.

    Raises :class:`UsageError` for an unknown name, with the nearest known ones.
    """
    found = [asset for name in names if name.strip() for asset in _resolved(name.strip())]
    return tuple(dict.fromkeys(found)) or DEFAULT_ASSETS


def _resolved(name: str) -> tuple[str, ...]:
    if name in GROUP_OF:
        return (name,)
    if word := WORDS.get(name.lower()):
        return word
    if name.upper() in GROUP_OF:
        return (name.upper(),)
    known = {item.lower(): item for item in (*GROUP_OF, *WORDS)}
    near = difflib.get_close_matches(name.lower(), known, n=3)
    hint = (
        f"did you mean {' or '.join(known[item] for item in near)}?"
        if near
        else (f"known are for example {', '.join(DEFAULT_ASSETS)}, NVDA, IGV, SMH.")
    )
    raise UsageError(f"The asset {name!r} is not known; {hint}")


def _as_of(value: str | datetime | None, last: date, now: datetime) -> datetime:
    if value is None:
        return min(_end_of(last + timedelta(days=READING_DAYS)), now.astimezone(UTC))
    known = read_as_of(value) if isinstance(value, str) else value
    if known.tzinfo is None:
        raise UsageError("The as-of time has no zone; give one, for example 'Z' for UTC.")
    if known.astimezone(UTC).date() < last:
        raise UsageError(
            f"The window ends on {last}, after the as-of {_minute(known)}; "
            "end it earlier or move the as-of."
        )
    return min(known.astimezone(UTC), now.astimezone(UTC))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), UTC)


def _close_known(last: date, groups: tuple[AssetGroup, ...]) -> datetime:
    """When the closes of ``last`` are out: 22:00 UTC for sessions, midnight for crypto days."""
    hours = 22 if groups != ("crypto",) else 24
    return datetime.combine(last, time(0), UTC) + timedelta(hours=hours)


def _minute(moment: datetime) -> str:
    """Times in records are cut to the minute, so that they sort as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def parse_question(
    text: str,
    view: AsOfView,
    today: date,
    *,
    assets: Sequence[str] = (),
    as_of: str | datetime | None = None,
) -> Scope:
    """The scope a question asks for, its window taken from the prices in ``view``.

    With several assets the window is that of the one which fell most for its own volatility.
    ``assets`` and ``as_of`` given beside the question win over what it says.

    Raises:
        UnclearQuestion: no time is named, or two; the message asks back.
        UsageError: the time lies ahead or outside the data, or an asset is not known.
        IncompleteError: a file with the prices asked about cannot be read.
    """
    from causemap.agents.periods import find_period

    question = clean_text(text, MAX_QUESTION)
    period = find_period(question, today)
    names, left_out = asked_about(question, assets, today)
    if period is None:
        raise UnclearQuestion(_ask_back(question, today))
    window = _find_window(names, period, view)
    scope = make_scope(window.start, window.end, names, as_of, now=view.as_of, question=question)
    return leaving_out(scope, left_out)


def asked_about(
    question: str, assets: Sequence[str], today: date
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The assets to answer for, and what the question names that has no verdict.

    ``assets`` given beside the question win. Raises :class:`UsageError` as
    :func:`causemap.agents.subjects.read_subject` does, and for an unknown name.
    """
    if assets or not question:
        return resolve_assets(assets), ()
    # Reading words takes a hundred expressions, which a window given by its dates does not need.
    from causemap.agents.dates_written import absolute
    from causemap.agents.periods import times_in
    from causemap.agents.subjects import read_subject

    text = absolute(question, today)
    subject = read_subject(text, times_in(text, today))
    return resolve_assets(subject.assets), subject.left_out


def leaving_out(scope: Scope, left_out: tuple[str, ...]) -> Scope:
    """The scope, marked as partial where it does not answer for all that was asked about."""
    return replace(scope, left_out=left_out, partial=True) if left_out else scope


def _ask_back(text: str, today: date) -> str:
    assets = mentioned_assets(text).assets
    heard = (
        f"I understand the assets ({', '.join(assets)}) but no time"
        if assets
        else ("I find neither an asset nor a time in this question")
    )
    last_month = (today.replace(day=1) - timedelta(days=1)).strftime("%B %Y")
    return (
        f"{heard}: when did it fall? Say for example 'last week', 'in {last_month}', "
        "'on 27 January 2025' or 'from 2026-01-29 to 2026-02-05'; or use --start and --end."
    )


def _find_window(names: Sequence[str], period: Period, view: AsOfView) -> Window:
    from causemap.tools.market import MissingSeries

    found: list[Window] = []
    missing: list[str] = []
    broken: list[str] = []
    for name in names:
        try:
            window = _window_of(name, period, view)
        except MissingSeries as fault:
            missing.append(str(fault))
            broken += [fault.why] if fault.kind == "failed" else []
            continue
        if window is not None:
            found.append(window)
        else:
            series = view.daily(name)
            missing.append(f"{name} has data from {series.index[0]:%F} to {series.index[-1]:%F}")
    if not found and broken:
        raise IncompleteError(
            f"The prices asked about are not at hand: {'; '.join(dict.fromkeys(broken))}. "
            "Mend the file or move it away, then 'causemap data pull'."
        )
    if not found and (ended := _ended(names, period, view)):
        raise UsageError(ended)
    if not found and (shut := _closed(names, period, view)):
        raise UsageError(shut)
    if not found:
        raise UsageError(
            f"There are not two closes to compare around {period.first} to {period.last}: "
            f"{'; '.join(missing[:3])}. Ask about a time inside the data."
        )
    return max(found, key=lambda w: (w.score if w.score is not None else w.fall, w.fall))


def _ended(names: Sequence[str], period: Period, view: AsOfView) -> str:
    """When all data end before the period: what the newest are and what can be asked; else ''.

    The last window on disk is offered, never taken: it is not what was asked.
    """
    from causemap.tools.market import MissingSeries

    closes: dict[str, list[date]] = {}
    for name in names:
        with suppress(MissingSeries):
            closes[name] = [stamp.date() for stamp in view.daily(name).index[-6:]]
    if not closes or any(days[-1] >= period.first for days in closes.values()):
        return ""
    today = view.as_of.date()
    ages = ", ".join(
        f"{name} on {days[-1]} ({(today - days[-1]).days} days ago)"
        for name, days in closes.items()
    )
    newest, days = max(closes.items(), key=lambda item: item[1][-1])
    return (
        f"The data on disk end before {period.first}: {ages}. Run 'causemap data pull' first, or "
        f"ask about the last closes at hand: --start {days[0]} --end {days[-1]} --assets {newest}."
    )


def _closed(names: Sequence[str], period: Period, view: AsOfView) -> str:
    """When all data reach beyond the period and none holds a close of it: says so; else ''."""
    from causemap.tools.market import MissingSeries

    for name in names:
        try:
            days = [stamp.date() for stamp in view.daily(name).index]
        except MissingSeries:
            return ""
        if not days[0] < period.first <= period.last < days[-1]:
            return ""
        if any(period.first <= day <= period.last for day in days):
            return ""
    apart = period.first != period.last
    when = f"from {period.first} to {period.last}" if apart else f"on {period.first}"
    return (
        f"There are not two closes to compare {when}: {', '.join(names)} closed on no day of it, "
        "as around a weekend or a holiday. Take in the last close before it."
    )


def _window_of(name: str, period: Period, view: AsOfView) -> Window | None:
    from causemap.agents.windows import day_window, deepest_window

    series = view.daily(name)
    if period.kind == "day":
        return day_window(name, series, period.first)
    if period.kind != "range":
        return deepest_window(name, series, period.first, period.last)
    given = deepest_window(name, series, period.first, period.last, closes=True)
    # Of a Sunday and a Monday only one has a close: the days are meant, with the close before.
    return given or deepest_window(name, series, period.first, period.last)
