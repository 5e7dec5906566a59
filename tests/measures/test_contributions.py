from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.measures.contributions import driven_shares

DAYS = pd.bdate_range("2024-01-01", periods=320)
START, END = DAYS[300], DAYS[310]
NONE: dict[str, frozenset[str]] = {}


def _noise(seed: int, scale: float = 0.01) -> pd.Series:
    rng = np.random.default_rng(seed)
    return pd.Series(rng.normal(0.0, scale, len(DAYS)), index=DAYS)


def _split(
    target: pd.Series, drivers: dict[str, pd.Series], parents: dict[str, frozenset[str]] = NONE
) -> dict[str, float]:
    frames = {name: pd.DataFrame({"x": series}) for name, series in drivers.items()}
    found = driven_shares(target, frames, START, END, parents=parents, draws=20, seed=1)
    assert found is not None
    return {name: part.median for name, part in found.parts.items()}


def test_a_target_that_is_its_driver_is_explained_by_it_alone() -> None:
    """With the target twice the driver, the driver's share is one and an unrelated one's none."""
    driver, other = _noise(1), _noise(2)
    shares = _split(2.0 * driver, {"a": driver, "b": other})
    assert shares["a"] + shares["b"] == pytest.approx(1.0, abs=1e-6)
    assert abs(shares["b"]) < 0.2


def test_two_independent_drivers_share_by_their_moves() -> None:
    """A target that is the sum of two drivers is split by what each moved in the window."""
    a, b = _noise(3), _noise(4)
    a.loc[START + pd.Timedelta(days=1) : END] = -0.03
    b.loc[START + pd.Timedelta(days=1) : END] = -0.01
    shares = _split(a + b, {"a": a, "b": b})
    assert shares["a"] == pytest.approx(0.75, abs=0.08)
    assert shares["b"] == pytest.approx(0.25, abs=0.08)


def test_a_parent_takes_what_it_shares_with_its_child() -> None:
    """Of two drivers that say the same, the one that comes first in the graph gets the credit."""
    parent = _noise(5)
    child = parent + _noise(6, 1e-6)
    shares = _split(parent, {"p": parent, "c": child}, {"c": frozenset({"p"})})
    assert shares["p"] == pytest.approx(1.0, abs=1e-3)
    assert shares["c"] == pytest.approx(0.0, abs=1e-3)


@given(st.integers(0, 2**32 - 1))
def test_shares_sum_to_what_all_drivers_explain(seed: int) -> None:
    """Efficiency: adding the parts gives the fit on all drivers together."""
    a, b, rest = _noise(seed), _noise(seed + 1), _noise(seed + 2)
    target = a + 0.5 * b + rest
    past = slice(DAYS[51], START)
    x = np.column_stack([a.loc[past], b.loc[past]])
    centred = x - x.mean(axis=0)
    y = target.loc[past].to_numpy()
    slopes = np.linalg.lstsq(centred, y - y.mean())[0]
    inside = slice(DAYS[301], END)
    moved = np.array([a.loc[inside].sum(), b.loc[inside].sum()])
    explained = float(slopes @ moved) / float(target.loc[inside].sum())
    shares = _split(target, {"a": a, "b": b}, {"b": frozenset({"a"})})
    assert sum(shares.values()) == pytest.approx(explained, rel=1e-6, abs=1e-9)


def test_a_holiday_of_one_driver_costs_the_others_no_day() -> None:
    """All of the fall came on a day on which one driver has no value: the other one explains it."""
    rates, oil = _noise(7), _noise(8)
    rates.loc[START + pd.Timedelta(days=1) : END] = 0.0
    rates.loc[END:END] = -0.03
    missing = _split(rates, {"rates": rates, "oil": oil.drop(END)})
    assert missing["rates"] == pytest.approx(1.0, abs=0.2)
    absent = _split(rates, {"rates": rates, "oil": oil.loc[:START]})
    assert absent == {"rates": pytest.approx(1.0, abs=1e-6)}


def test_what_comes_after_the_window_changes_nothing() -> None:
    """No look-ahead: values after the end are not read."""
    a, b = _noise(7), _noise(8)
    later = a.copy()
    later.iloc[311:] = 9.0
    assert _split(a + b, {"a": a}) == _split((a + b), {"a": later})


def test_bounds_hold_the_point_and_repeat_with_the_seed() -> None:
    """The interval contains the point, and the same seed gives the same interval."""
    frames = {"a": pd.DataFrame({"x": _noise(9)})}
    target = _noise(9) + _noise(10)
    one, two = (
        driven_shares(target, frames, START, END, parents=NONE, draws=40, seed=3) for _ in range(2)
    )
    assert one == two
    assert one is not None
    assert one.parts["a"].low <= one.parts["a"].median <= one.parts["a"].high


def test_too_little_history_gives_nothing() -> None:
    """Under 120 sessions before the window there is no regression to trust."""
    short = _noise(11).iloc[:150]
    frames = {"a": pd.DataFrame({"x": short})}
    assert driven_shares(short, frames, DAYS[100], DAYS[110], parents=NONE, seed=0) is None


def test_a_driver_with_the_wrong_sign_takes_nothing() -> None:
    """A slope against its shock's sign tells of another shock: the driver is left out."""
    a, b = _noise(12), _noise(13)
    frames = {"up": pd.DataFrame({"x": a}), "down": pd.DataFrame({"y": b})}
    target = a + b
    found = driven_shares(
        target, frames, START, END, parents=NONE, signs={"x": 1, "y": -1}, draws=20, seed=1
    )
    assert found is not None
    assert found.parts["down"] == (0.0, 0.0, 0.0)
    alone = driven_shares(
        target, {"up": frames["up"]}, START, END, parents=NONE, signs={"x": 1}, draws=20, seed=1
    )
    assert alone is not None
    assert found.parts["up"].median == pytest.approx(alone.parts["up"].median)


def test_the_sign_of_a_slope_is_told_apart_from_a_common_drift() -> None:
    """Two that both rise most days and yet move against each other are of opposite sign."""
    driver = _noise(9) + 0.05
    target = 0.04 - 0.5 * (driver - 0.05)
    for sign, taken in ((1, False), (-1, True)):
        found = driven_shares(
            target,
            {"a": pd.DataFrame({"x": driver})},
            START,
            END,
            parents=NONE,
            signs={"x": sign},
            draws=20,
            seed=1,
        )
        assert found is not None
        assert (found.parts["a"].median != 0.0) is taken


def test_shares_are_of_the_move_that_is_asked_about() -> None:
    """Half as large a move to explain doubles every share."""
    a = _noise(14)
    frames = {"a": pd.DataFrame({"x": a})}
    move = float(a.loc[DAYS[301] : END].sum())
    found = driven_shares(a, frames, START, END, parents=NONE, of=move / 2, draws=20, seed=1)
    assert found is not None
    assert found.parts["a"].median == pytest.approx(2.0)
