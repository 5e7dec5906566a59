from __future__ import annotations

import math

import numpy as np
import pytest

from causemap.evals.intervals import Resampler, lower_bound, mean_of, smallest_visible


@pytest.mark.parametrize(("n", "points"), [(30, 26), (60, 18), (100, 14), (200, 10)])
def test_the_smallest_visible_change_is_that_of_the_requirements(n: int, points: int) -> None:
    """The figures of F3 come out, rounded to points."""
    found = smallest_visible(n)
    assert found is not None
    assert round(100 * found) == points


def test_the_half_width_is_that_of_the_requirements() -> None:
    """Accuracy 0.70 on 60 independent windows is known to about 12 points (F3)."""
    values = np.array([1.0] * 42 + [0.0] * 18)
    found = Resampler(list(range(60)), seed=1).estimate(mean_of(values))
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(0.12, abs=0.015)


@pytest.mark.parametrize(("right", "n", "bound"), [(15, 15, 0.819), (60, 60, 0.951), (0, 9, 0.0)])
def test_what_so_many_right_of_so_many_prove(right: int, n: int, bound: float) -> None:
    """Fifteen of fifteen prove 0.82 at 95 %, not 1."""
    assert lower_bound(right, n) == pytest.approx(bound, abs=0.001)


def test_the_lower_bound_is_exact() -> None:
    """At the bound, seeing so many right or more has a chance of 5 %."""
    bound = lower_bound(9, 10)
    tail = 10 * bound**9 * (1 - bound) + bound**10
    assert tail == pytest.approx(0.05, abs=1e-9)


def test_below_two_episodes_there_is_no_interval() -> None:
    """One episode, however many windows, gives a value and no interval; none gives nothing."""
    one = Resampler([7, 7, 7], seed=0).estimate(mean_of(np.array([1.0, 0.0, 1.0])))
    assert (one.low, one.high, one.n) == (None, None, 3)
    assert one.value == pytest.approx(2 / 3)
    none = Resampler([], seed=0).estimate(mean_of(np.array([])))
    assert (none.value, none.low, none.n) == (None, None, 0)


def test_the_same_seed_gives_the_same_interval() -> None:
    """Intervals are reproducible, and depend on the seed alone."""
    values, episodes = np.arange(12.0) ** 1.7, [k // 2 for k in range(12)]
    first = Resampler(episodes, 4, 200).estimate(mean_of(values))
    assert first == Resampler(episodes, 4, 200).estimate(mean_of(values))
    assert first != Resampler(episodes, 5, 200).estimate(mean_of(values))


def test_whole_episodes_are_drawn() -> None:
    """A resample holds every window of an episode as often as any other of it."""
    episodes = [0, 1, 1, 2, 2, 2]
    for rows in Resampler(episodes, 0, resamples=50).draws:
        counts = np.bincount(rows, minlength=6)
        assert counts[1] == counts[2]
        assert counts[3] == counts[4] == counts[5]
        assert counts[0] + counts[1] + counts[3] == 3


def test_values_that_cannot_be_had_are_not_counted() -> None:
    """NaN leaves the mean of the others; nothing but NaN has no value."""
    rows = np.arange(3)
    assert mean_of(np.array([1.0, np.nan, 3.0]))(rows) == 2.0
    assert math.isnan(mean_of(np.full(3, np.nan))(rows))


def test_resampling_windows_of_an_episode_apart_raises_false_alarms() -> None:
    """F4: windows taken one by one find a difference too often; whole episodes do not."""
    rng = np.random.default_rng(11)
    alarms = {"windows": 0, "episodes": 0}
    trials, episodes = 100, np.repeat(np.arange(20), 5)
    for trial in range(trials):
        noise = rng.normal(size=20)[episodes] * 0.7 + rng.normal(size=100)
        for name, groups in (("windows", np.arange(100)), ("episodes", episodes)):
            found = Resampler(groups.tolist(), trial, resamples=100).estimate(mean_of(noise))
            assert found.low is not None
            assert found.high is not None
            alarms[name] += not found.low <= 0.0 <= found.high
    assert alarms["episodes"] / trials <= 0.13
    assert alarms["windows"] > 1.5 * alarms["episodes"]
