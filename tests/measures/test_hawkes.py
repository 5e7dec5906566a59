from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from causemap.tools.measures.hawkes import (
    HawkesFit,
    endogeneity,
    fit_hawkes,
)


def simulate_hawkes(
    mu: float, alpha: float, beta: float, horizon: float, *, seed: int
) -> npt.NDArray[np.float64]:
    """Draw event times in [0, horizon] by thinning (Ogata 1981); needs 0 <= alpha < beta."""
    rng = np.random.default_rng(seed)
    events: list[float] = []
    now, excited = 0.0, 0.0
    while True:
        bound = mu + excited
        wait = float(rng.exponential(1.0 / bound))
        now += wait
        if now > horizon:
            return np.array(events)
        excited *= float(np.exp(-beta * wait))
        if rng.random() * bound <= mu + excited:
            events.append(now)
            excited += alpha


def slow_loglik(times: list[float], mu: float, alpha: float, beta: float, horizon: float) -> float:
    """The log-likelihood by its definition, in O(n squared)."""
    total = 0.0
    for i, now in enumerate(times):
        kicks = sum(alpha * math.exp(-beta * (now - then)) for then in times[:i])
        total += math.log(mu + kicks)
    tail = sum(alpha / beta * (1 - math.exp(-beta * (horizon - then))) for then in times)
    return total - mu * horizon - tail


@pytest.mark.parametrize(
    ("branching", "decay", "seed"), [(0.5, 2.0, 0), (0.5, 2.0, 3), (0.8, 5.0, 1), (0.3, 4.0, 2)]
)
def test_branching_ratio_is_recovered(branching: float, decay: float, seed: int) -> None:
    """On a simulated process the fit finds n within 0.07, mu within 15 % and beta within 25 %."""
    times = simulate_hawkes(1.0, branching * decay, decay, 1000.0, seed=seed)
    fit = fit_hawkes(times, 1000.0)
    assert fit is not None
    assert fit.converged
    assert fit.branching == pytest.approx(branching, abs=0.07)
    assert fit.mu[0] == pytest.approx(1.0, rel=0.15)
    assert fit.beta == pytest.approx(decay, rel=0.25)
    assert fit.alpha == pytest.approx(fit.branching * fit.beta)
    assert fit.gain > 3


def test_loglik_equals_its_definition_and_is_a_maximum() -> None:
    """The recursion gives the O(n squared) value, and every neighbouring parameter is worse."""
    times = simulate_hawkes(0.5, 1.0, 2.0, 300.0, seed=4)
    fit = fit_hawkes(times, 300.0)
    assert fit is not None
    best = slow_loglik(times.tolist(), fit.mu[0], fit.alpha, fit.beta, 300.0)
    assert fit.loglik == pytest.approx(best, abs=1e-6)
    for dm, da, db in [
        (1.05, 1, 1),
        (0.95, 1, 1),
        (1, 1.1, 1),
        (1, 0.9, 1),
        (1, 1, 1.1),
        (1, 1, 0.9),
    ]:
        assert (
            slow_loglik(times.tolist(), fit.mu[0] * dm, fit.alpha * da, fit.beta * db, 300.0) < best
        )


def test_independent_events_show_no_gain() -> None:
    """On a Poisson process excitation gains less than 3 nats, so the ratio is marked as noise."""
    times = np.sort(np.random.default_rng(7).uniform(0, 500, 500))
    fit = fit_hawkes(times, 500.0)
    assert fit is not None
    assert fit.gain < 3


def test_varying_baseline_takes_back_spurious_excitation() -> None:
    """Where only the background rate jumps, one bin reads excitation and two bins do not."""
    rng = np.random.default_rng(11)
    times = np.sort(np.concatenate([rng.uniform(0, 500, 100), rng.uniform(500, 1000, 900)]))
    one, two = (fit_hawkes(times, 1000.0, baseline_bins=bins) for bins in (1, 2))
    assert one is not None
    assert two is not None
    assert one.branching > 0.5
    assert two.branching < 0.15
    assert two.mu[1] > 4 * two.mu[0]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_neighbour_of_the_fit_is_likelier(seed: int) -> None:
    """By the definition of the likelihood, on a stretch so short that its end matters."""
    horizon = 40.0
    times = simulate_hawkes(2.0, 0.5, 0.8, horizon, seed=seed)
    fit = fit_hawkes(times, horizon, tolerance=1e-9, iterations=20000)
    assert fit is not None
    best = slow_loglik(times.tolist(), fit.mu[0], fit.alpha, fit.beta, horizon)
    assert fit.loglik == pytest.approx(best)
    for place in range(3):
        for step in (0.995, 1.005):
            mu, alpha, beta = (
                value * (step if k == place else 1.0)
                for k, value in enumerate((fit.mu[0], fit.alpha, fit.beta))
            )
            assert slow_loglik(times.tolist(), mu, alpha, beta, horizon) < best


def test_an_event_at_the_horizon_is_of_the_last_bin() -> None:
    """The baseline's steps hold the whole stretch, its very end too."""
    fit = fit_hawkes(np.linspace(0.0, 100.0, 60), 100.0, baseline_bins=2)
    assert fit is not None
    assert len(fit.mu) == 2


def test_too_few_events_is_a_gap() -> None:
    """Fewer than fifty events carry no branching ratio."""
    assert fit_hawkes(np.arange(49.0), 50.0) is None


@pytest.mark.parametrize(
    "times",
    [np.arange(60.0)[::-1], np.arange(60.0) - 1, np.arange(60.0) + 50, np.full(60, 3.0)],
    ids=["unsorted", "before zero", "past the horizon", "one instant"],
)
def test_bad_times_are_refused(times: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    """Times that are unsorted, outside the horizon or all equal raise."""
    with pytest.raises(ValueError, match="time"):
        fit_hawkes(times, 100.0)


def fit_with(branching: float, gain: float = 100.0) -> HawkesFit:
    """A fit of which only the branching ratio and the gain matter."""
    return HawkesFit((1.0,), branching, 1.0, branching, 0.0, gain, 100, 10, converged=True)


def test_endogeneity_needs_level_rise_and_gain() -> None:
    """A ratio of 0.85 after 0.6 is self-exciting; after 0.7, at 0.75 or without gain it is not."""
    found = endogeneity(fit_with(0.85), fit_with(0.6))
    assert found is not None
    assert found.rise == pytest.approx(0.25)
    assert found.self_exciting
    for window, base in [
        (fit_with(0.85), fit_with(0.7)),
        (fit_with(0.75), fit_with(0.3)),
        (fit_with(0.85, gain=1.0), fit_with(0.6)),
    ]:
        other = endogeneity(window, base)
        assert other is not None
        assert not other.self_exciting
    assert endogeneity(None, fit_with(0.5)) is None
