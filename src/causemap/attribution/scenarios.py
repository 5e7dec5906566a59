"""Three states of the world to watch, and which of their conditions hold now (METHODS 5).

A condition is met, not met, or ``None`` where nothing at hand measures it: what cannot be seen is
never taken as quiet. No scenario carries a probability; none is a forecast.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from causemap.records import Dossier, Evidence, Path, Scenario, Trigger

# Five and ten sessions in calendar days, a holiday more or less.
_FIVE: Final = range(6, 9)
_TEN: Final = range(13, 17)


class _Seen(NamedTuple):
    """Whether a condition holds, and the evidence that says so."""

    met: bool | None
    evidence: tuple[str, ...] = ()


class _Board:
    """The dossier as the conditions read it."""

    def __init__(self, dossier: Dossier) -> None:
        self.items: Final = {item.id: item for item in dossier.evidence}
        self._paths: Final = {path.asset: path for path in dossier.paths}
        self._end: Final = dossier.scope.end

    def level(self, key: str, holds: Callable[[float], bool], *, z: bool = False) -> _Seen:
        """A condition on an item's value, or on its robust z."""
        item = self.items.get(key)
        if item is None:
            return _Seen(None)
        x = item.z if z else item.value
        return _Seen(None) if x is None else _Seen(holds(x), (item.id,))

    def over(
        self, key: str, days: range, holds: Callable[[float], bool], *, z: bool = False
    ) -> _Seen:
        """The same on a change over some sessions: an item made for it, or a window as long."""
        length = "5d" if days == _FIVE else "10d"
        exact = self.level(f"{key}_{length}", holds, z=z)
        item = self.items.get(key)
        if exact.met is not None or item is None or _days(item) not in days:
            return exact
        return self.level(key, holds, z=z)

    def vix(self) -> tuple[float | None, float | None, tuple[str, ...]]:
        """The last VIX close, if known, its high of the window, and the evidence for them."""
        high, last = (self.items.get(f"technicals.vix.{k}") for k in ("maximum", "level"))
        ids = tuple(item.id for item in (high, last) if item is not None)
        if high is None:
            return (None if last is None else last.value), None, ids
        if last is None and high.observed_at[:10] == self._end:
            return high.value, high.value, ids
        return (None if last is None else last.value), high.value, ids

    def ratio(self, cohort: str) -> tuple[float, ...] | None:
        """The cohort's path over the index's on their common days, if both are known."""
        own, index = self._paths.get(cohort), self._paths.get("SPX")
        if own is None or index is None:
            return None
        base = _by_day(index)
        return tuple(v / base[d] for d, v in _by_day(own).items() if base.get(d, 0.0) > 0)


def scenarios(dossier: Dossier) -> tuple[Scenario, ...]:
    """Normalisation, tightening and reflation with the present state of each condition."""
    board = _Board(dossier)
    return (
        Scenario("A", "Normalisation", _triggers(_NORMAL, board)),
        Scenario("B", "Tightening", _triggers(_TIGHT, board)),
        Scenario("C", "Reflation", _triggers(_REFLATION, board)),
    )


def _days(item: Evidence) -> int:
    return (date.fromisoformat(item.end[:10]) - date.fromisoformat(item.start[:10])).days


def _by_day(path: Path) -> dict[str, float]:
    return dict(zip(path.dates, path.values, strict=True))


def _calm(board: _Board) -> _Seen:
    """Below 20 and off the window's high; with an earlier high below 20 no close is needed.

    At 20 or above it is not calm whatever the high; below, an unknown high leaves it open.
    """
    last, high, ids = board.vix()
    if last is not None and last >= 20:
        return _Seen(met=False, evidence=ids)
    if high is None:
        return _Seen(None, ids)
    if last is None:
        return _Seen(met=True if high < 20 else None, evidence=ids)
    return _Seen(last < high, ids)


def _released(board: _Board) -> _Seen:
    last, high, ids = board.vix()
    if last is None or high is None or high <= 0:
        return _Seen(None, ids)
    return _Seen(last <= 0.7 * high, ids)


def _no_new_low(board: _Board) -> _Seen:
    """Whether the cohort that lagged most has left its low against the index behind."""
    measured = board.level("earnings_news.worst_cohort.above_low", lambda x: x > 0)
    if measured.met is not None:
        return measured
    item = board.items.get("earnings_news.worst_cohort.residual")
    relative = None if item is None else board.ratio(item.asset)
    if item is None or relative is None or len(relative) < 2:
        return _Seen(None)
    return _Seen(relative[-1] > min(relative), (item.id,))


def _clarity(board: _Board) -> _Seen:
    """A dated policy statement that settles something; its absence is not known to be one."""
    found = tuple(i for i, item in board.items.items() if item.metric == "policy_clarity")
    return _Seen(met=True, evidence=found) if found else _Seen(None)


class _Row(NamedTuple):
    text: str
    seen: Callable[[_Board], _Seen]


_COHORT: Final = "earnings_news.worst_cohort.residual"
_NORMAL: Final = (
    _Row("VIX below 20 and falling", _calm),
    _Row(
        "10-year yield moves less than 10 bp in 5 sessions",
        lambda b: b.over("macro.ust10y.change", _FIVE, lambda x: abs(x) < 10),
    ),
    _Row(
        "dollar index flat or lower over 5 sessions",
        lambda b: b.over("macro.dxy.change", _FIVE, lambda x: x <= 0),
    ),
    _Row("no new low of the weakest leadership group against the index", _no_new_low),
)
_TIGHT: Final = (
    _Row(
        "2-year yield up by 1.5 standard deviations or more",
        lambda b: b.level("macro.ust2y.change", lambda x: x >= 1.5, z=True),
    ),
    _Row(
        "high-yield spread up by 50 bp or more in 10 sessions",
        lambda b: b.over("macro.hy_oas.change", _TEN, lambda x: x >= 50),
    ),
    _Row(
        "SOFR 10 bp or more above the rate on reserves",
        lambda b: b.level("macro.sofr_iorb.spread", lambda x: x >= 10),
    ),
    _Row(
        "dollar index up by 1 standard deviation or more",
        lambda b: b.level("macro.dxy.change", lambda x: x >= 1, z=True),
    ),
)
_REFLATION: Final = (
    _Row("a dated statement that settles policy", _clarity),
    _Row("VIX 30% or more below its high of the window", _released),
    _Row(
        "weakest leadership group ahead of the index by 1 standard deviation in 5 sessions",
        lambda b: b.over(_COHORT, _FIVE, lambda x: x >= 1, z=True),
    ),
)


def _triggers(rows: tuple[_Row, ...], board: _Board) -> tuple[Trigger, ...]:
    seen = [(row.text, row.seen(board)) for row in rows]
    return tuple(Trigger(text, found.met, found.evidence) for text, found in seen)
