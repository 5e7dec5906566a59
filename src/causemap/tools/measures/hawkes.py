"""Self-exciting point process: what share of the events was set off by earlier ones.

lambda(t) = mu(t) + sum over t_i < t of alpha exp(-beta (t - t_i)); branching ratio n = alpha/beta.
"""

# No desk calls this yet: OKX's public list gives single liquidations with their times, but reaches
# back a week, and the market store keeps their daily sums. The desk's gap on liquidations says so.

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from causemap.tools.measures.stats import FloatArray, IntArray

MIN_EVENTS: Final = 50
MIN_BRANCHING: Final = 1e-6
MIN_GAIN: Final = 3.0
ENDOGENOUS: Final = 0.8
RISE: Final = 0.2


class HawkesFit(NamedTuple):
    """Maximum-likelihood fit; rates are per unit of the time given.

    ``mu`` has one value per baseline bin, ``branching`` = alpha / beta is the mean number of
    events one event sets off. ``gain`` is the log-likelihood in nats over a process without
    excitation and the same bins: under about 3 the branching ratio may be noise.
    """

    mu: tuple[float, ...]
    alpha: float
    beta: float
    branching: float
    loglik: float
    gain: float
    n: int
    iterations: int
    converged: bool


class Endogeneity(NamedTuple):
    """Branching ratio of a window against a base period, and whether both thresholds are met."""

    branching: float
    rise: float
    self_exciting: bool


class _Recursion(NamedTuple):
    """Per event: sum of exp(-beta lag) over earlier events, and that sum weighted by the lag."""

    weight: FloatArray
    lagged: FloatArray


def _recursion(gaps: FloatArray, beta: float) -> _Recursion:
    """Ogata's O(n) recursion over the n - 1 gaps between n events."""
    weight, lagged = [0.0], [0.0]
    a = b = 0.0
    for gap, decay in zip(gaps.tolist(), np.exp(-beta * gaps).tolist(), strict=True):
        # The order matters: the lagged sum needs the weight before this gap is applied.
        b = decay * (b + gap * (a + 1.0))
        a = decay * (a + 1.0)
        weight.append(a)
        lagged.append(b)
    return _Recursion(np.array(weight), np.array(lagged))


class _State(NamedTuple):
    """Parameters of one EM step: baseline per bin, branching ratio and decay."""

    mu: FloatArray
    branching: float
    beta: float


def _log_likelihood(rate: FloatArray, base: float, branching: float, tail: FloatArray) -> float:
    return float(np.log(rate).sum() - base - branching * (1.0 - tail).sum())


def _step(events: FloatArray, bins: IntArray, horizon: float, state: _State) -> _State:
    """One EM step: who set off whom, then the parameters that make that most likely."""
    width = horizon / len(state.mu)
    sums = _recursion(np.diff(events), state.beta)
    kick = state.branching * state.beta
    rate = state.mu[bins] + kick * sums.weight
    immigrant = state.mu[bins] / rate
    offspring = float((kick * sums.weight / rate).sum())
    waited = float((kick * sums.lagged / rate).sum())
    left = horizon - events
    tail = np.exp(-state.beta * left)
    mu = np.bincount(bins, weights=immigrant, minlength=len(state.mu)) / width
    branching = offspring / float((1.0 - tail).sum())
    return _State(mu, branching, offspring / (waited + branching * float((left * tail).sum())))


def fit_hawkes(
    times: FloatArray,
    horizon: float,
    *,
    baseline_bins: int = 1,
    iterations: int = 2000,
    tolerance: float = 1e-6,
) -> HawkesFit | None:
    """Fit an exponential-kernel Hawkes process to event times in [0, horizon] by EM.

    ``times`` has shape (n,), sorted; None with fewer than 50 events. A constant baseline biases
    the branching ratio up when activity drifts, so ``baseline_bins`` > 1 lets it vary in equal
    steps (Wehrli and Sornette 2022). Recursion: Ogata 1981; EM: Veen and Schoenberg, JASA 2008.
    ValueError for times that are unsorted, all equal or outside the horizon.
    """
    events = np.asarray(times, dtype=float)
    if len(events) < MIN_EVENTS:
        return None
    if (np.diff(events) < 0).any() or events[0] < 0 or events[-1] > horizon:
        raise ValueError("event times must be sorted and lie in [0, horizon]")
    if events[0] == events[-1]:
        raise ValueError("all events carry one time; there is no process to fit")
    bins = np.minimum(events / horizon * baseline_bins, baseline_bins - 1).astype(np.int64)
    start = len(events) / horizon
    state = _State(np.full(baseline_bins, start / 2), 0.5, start)
    done, change = 0, np.inf
    # Without excitation the decay is not identified: the ratio sinks to nil and EM stops there.
    while done < iterations and change > tolerance and state.branching > MIN_BRANCHING:
        new = _step(events, bins, horizon, state)
        change = max(abs(new.branching - state.branching), abs(new.beta / state.beta - 1))
        state, done = new, done + 1
    settled = change <= tolerance or state.branching <= MIN_BRANCHING
    return _summary(events, bins, horizon, state, done, converged=settled)


def _summary(
    events: FloatArray,
    bins: IntArray,
    horizon: float,
    state: _State,
    done: int,
    *,
    converged: bool,
) -> HawkesFit:
    kick = state.branching * state.beta
    sums = _recursion(np.diff(events), state.beta)
    rate = state.mu[bins] + kick * sums.weight
    base = float(state.mu.sum()) * horizon / len(state.mu)
    tail = np.exp(-state.beta * (horizon - events))
    loglik = _log_likelihood(rate, base, state.branching, tail)
    counts = np.bincount(bins)
    plain = np.repeat(counts / (horizon / len(state.mu)), counts)
    return HawkesFit(
        mu=tuple(float(m) for m in state.mu),
        alpha=kick,
        beta=state.beta,
        branching=state.branching,
        loglik=loglik,
        gain=loglik - float(np.log(plain).sum() - len(events)),
        n=len(events),
        iterations=done,
        converged=converged,
    )


def endogeneity(window: HawkesFit | None, base: HawkesFit | None) -> Endogeneity | None:
    """Compare a window's branching ratio with its base period's; None if either is missing.

    Self-exciting from n >= 0.8 with a rise of 0.2 or more (Filimonov and Sornette 2012 report
    0.3 for 1998 and over 0.7 after 2007 on E-mini futures).
    """
    if window is None or base is None:
        return None
    rise = window.branching - base.branching
    exciting = window.branching >= ENDOGENOUS and rise >= RISE and window.gain >= MIN_GAIN
    return Endogeneity(window.branching, rise, exciting)
