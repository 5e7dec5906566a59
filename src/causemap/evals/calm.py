"""Calm windows drawn from the data: more placebos than the fifteen that come labelled.

Calm is defined from closes alone and not by the engine's own test: inside the window no asset asked
about closes more than one and a half of its daily standard deviations (250 days before the window)
under its highest close, and none ends below where it began by more than half of one.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from causemap.errors import IncompleteError
from causemap.evals.folds import Span
from causemap.evals.windows import ASSETS, LabelledWindow, ScopeName

if TYPE_CHECKING:
    from causemap.evals.answers import Sample
    from causemap.tools.market import Market

PLACEBO: Final = "placebo"
RANDOM: Final = "random"
LENGTHS: Final = (3, 4, 5, 7, 10)
DEEPEST: Final = 1.5
ENDED: Final = 0.5
_BEFORE: Final = 250
_TRIES: Final = 400
# Two windows must lie this many days apart, so that their notes do not overlap either.
_APART: Final = pd.Timedelta(days=15)


def draw_calm(
    market: Market, number: int, seed: int, avoid: Iterable[Span] = (), *, calm: bool = True
) -> tuple[LabelledWindow, ...]:
    """``number`` calm windows, none near another or near ``avoid``; the same seed, the same draw.

    Without ``calm`` the windows are random: nothing is asked of their prices but that they exist.
    Raises :class:`IncompleteError` when the data do not hold so many.
    """
    view = market.view(datetime.now(UTC))
    closes = {asset: view.daily(asset) for asset in ASSETS["cross"]}
    random_ = random.Random(seed)  # noqa: S311  a seeded draw, not a secret
    taken = list(avoid)
    found: list[LabelledWindow] = []
    for _ in range(number * _TRIES):
        if len(found) == number:
            return tuple(sorted(found, key=lambda window: window.start))
        scope: ScopeName = random_.choice(("equity", "crypto", "cross"))
        window = _one(closes, scope, random_, calm=calm)
        if window is not None and not any(_near(window.span, span) for span in taken):
            taken.append(window.span)
            found.append(window)
    raise IncompleteError(f"The data hold only {len(found)} calm windows apart from the labelled.")


def _one(
    closes: dict[str, pd.Series[float]], scope: ScopeName, random_: random.Random, *, calm: bool
) -> LabelledWindow | None:
    index = closes["BTC" if scope == "crypto" else "SPX"].index
    length = random_.choice(LENGTHS)
    at = random_.randrange(_BEFORE + 1, len(index) - length)
    start, end = pd.Timestamp(index[at]), pd.Timestamp(index[at + length])
    asked = [closes[asset] for asset in ASSETS[scope]]
    quiet = all(is_calm(series, start, end) for series in asked)
    if not quiet and (calm or not all(_exists(series, start, end) for series in asked)):
        return None
    first, last = (stamp.date().isoformat() for stamp in (start, end))
    # The role tells the scorer apart what closes call calm; a system never hears of it.
    role = PLACEBO if quiet else RANDOM
    return LabelledWindow(f"drawn_{scope}_{first}", first, last, scope, "no_drawdown", "none", role)


def _exists(series: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp) -> bool:
    return len(series.loc[:start]) >= _BEFORE and len(series.loc[start:end]) > 1


def is_calm(series: pd.Series[float], start: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Whether the closes from ``start`` to ``end`` hold no fall worth the name."""
    before = series.loc[:start].iloc[-_BEFORE:]
    inside = np.log(series.loc[start:end].to_numpy(dtype=float))
    if len(before) < _BEFORE or len(inside) < 2:
        return False
    deviation = float(np.std(np.diff(np.log(before.to_numpy(dtype=float))), ddof=1))
    deepest = float((np.maximum.accumulate(inside) - inside).max())
    ended = float(inside[0] - inside[-1])
    return deepest <= DEEPEST * deviation and ended <= ENDED * deviation


def _near(one: Span, two: Span) -> bool:
    return pd.Timestamp(one.start) - _APART <= pd.Timestamp(two.end) and pd.Timestamp(
        two.start
    ) - _APART <= pd.Timestamp(one.end)


@dataclass(frozen=True, slots=True)
class Count:
    """Of ``n`` windows of a kind, in how many the system found a fall, and named its cause."""

    kind: str
    n: int
    fell: int
    named: int


def counts_of(
    windows: Sequence[LabelledWindow], samples: Mapping[int, Sample]
) -> tuple[Count, Count]:
    """The counts of windows that are calm by their closes, and of all others."""
    kinds = {"calm by its closes": True, "not calm": False}
    found = []
    for kind, calm in kinds.items():
        keys = [k for k, window in enumerate(windows) if (window.role == PLACEBO) == calm]
        given = [s.prediction for k in keys if (s := samples.get(k)) is not None]
        fell = [answer for answer in given if answer and answer.primary != "no_drawdown"]
        found.append(Count(kind, len(keys), len(fell), sum(not a.abstained for a in fell)))
    return found[0], found[1]


def to_yaml(windows: Sequence[LabelledWindow]) -> str:
    """The windows as an events file."""
    import yaml

    rows = [
        {
            "id": window.id,
            "title": "Calm window drawn from the data",
            "window": {"start_close_utc": window.start, "trough_close_utc": window.end},
            "scope": window.scope,
            "primary": window.primary,
            "mission_label": window.mission,
            "role": window.role,
        }
        for window in windows
    ]
    return yaml.safe_dump({"version": 1, "events": rows}, sort_keys=False, allow_unicode=True)
