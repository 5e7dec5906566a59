from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.attribution.calibration import (
    PLAIN,
    cell,
    load_calibration,
    read_calibration,
    with_mixed,
)
from causemap.attribution.fitting import (
    CELLS,
    RIDGE,
    RIDGE_BIAS,
    TEMPERATURES,
    Design,
    count_priors,
    fit,
    fit_weights,
    shares,
)
from causemap.causes import NAMED
from causemap.closed_sets import Cause
from causemap.errors import UsageError

GOOD = {
    "version": 2,
    "weights": {"text": 1.2},
    "biases": {},
    "mixed": {"at": -2.0, "slope": -1.5},
    "priors": {},
}
PRIORS = count_priors([])


def test_the_calibration_of_the_package_is_small_and_names_its_command() -> None:
    """A few positive weights, every one of a cell that is fitted, and how they came about."""
    found = load_calibration()
    assert set(found.weights) == set(CELLS)
    assert all(0.0 < weight < 2.0 for weight in found.weights.values())
    assert all(abs(bias) < 1.0 for bias in found.biases.values())


@pytest.mark.parametrize(
    "broken",
    [
        {**GOOD, "version": 0},
        {**GOOD, "weights": {"text": float("nan")}},
        {**GOOD, "priors": {"equity": {"rates_shock": None}}},
        [],
    ],
)
def test_a_file_of_another_version_or_without_numbers_is_refused(broken: object) -> None:
    """One clear error, never a silent default."""
    with pytest.raises(UsageError, match="calibration"):
        read_calibration(json.dumps(broken))


def test_what_was_not_learned_weighs_one() -> None:
    """An unknown cell leaves layer 1 as it is."""
    found = read_calibration(json.dumps(GOOD))
    assert found.weight("text", "rates_shock") == 1.2
    assert found.weight("volatility", "rates_shock") == 1.0
    assert cell("rates", "growth_scare") != cell("rates", "rates_shock")


@given(st.lists(st.floats(0.01, 1.0), min_size=8, max_size=8))
def test_the_mixed_share_grows_as_the_two_likeliest_come_close(raw: list[float]) -> None:
    """Probabilities still sum to one, keep their order, and a tie gives most to mixed."""
    named = {cause: x / sum(raw) for cause, x in zip(NAMED, raw, strict=True)}
    found = with_mixed(named, PLAIN)
    even = with_mixed(dict.fromkeys(NAMED, 1 / 8), PLAIN)
    assert sum(found.values()) == pytest.approx(1.0)
    assert found["mixed_unclear"] <= even["mixed_unclear"] + 1e-12
    # Two shares a rounding apart may come out equal, so the likeliest is compared by its share.
    likeliest = max(NAMED, key=lambda c: found[c])
    assert named[likeliest] == pytest.approx(max(named.values()))


def _design(rng: np.random.Generator, windows: int) -> tuple[Design, np.ndarray]:
    """Windows whose text names the right cause and whose credit family is noise."""
    truth = rng.integers(0, 8, windows)
    x = np.zeros((windows, 8, len(CELLS)))
    x[np.arange(windows), truth, CELLS.index("text")] = 1.0
    x[:, :, CELLS.index("credit")] = rng.normal(0.0, 1.0, (windows, 8))
    return Design(x, np.arange(windows), np.ones(windows), windows), truth


def test_a_family_that_tells_gains_weight_and_noise_loses_it() -> None:
    """The fit moves away from layer 1 only where the labels say so."""
    data, truth = _design(np.random.default_rng(1), 60)
    theta = fit_weights(data, np.eye(8)[truth], 0.5, 1.0)
    weights = dict(zip(CELLS, theta, strict=False))
    assert weights["text"] > 1.5
    assert weights["credit"] < 0.3
    assert weights["volatility"] == pytest.approx(1.0, abs=1e-6)


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    """At the optimum no small step of any weight lowers the loss."""
    data, truth = _design(np.random.default_rng(2), 30)
    labels = np.eye(8)[truth]
    theta = fit_weights(data, labels, 0.5, 1.0)

    def loss(at: np.ndarray) -> float:
        start = np.concatenate([np.ones(len(CELLS)), np.zeros(8)])
        ridge = np.concatenate([np.full(len(CELLS), 0.5), np.full(8, 1.0)])
        return float(-(labels * np.log(shares(at, data))).sum() + (ridge * (at - start) ** 2).sum())

    for place in range(len(theta)):
        for step in (-0.05, 0.05):
            moved = theta.copy()
            moved[place] += step
            assert loss(moved) >= loss(theta) - 1e-6


def test_fitting_is_repeatable_and_leaves_what_was_not_told_at_one_weight() -> None:
    """The same windows give the same file, and unlearned weights share one temperature."""
    data, truth = _design(np.random.default_rng(3), 40)
    labels = np.hstack([0.9 * np.eye(8)[truth], np.full((40, 1), 0.1)])
    first, second = (fit(data, labels, truth, np.arange(40) // 2, PRIORS) for _ in range(2))
    assert first == second
    assert first.priors["equity"] == pytest.approx(PRIORS["equity"], abs=1e-4)
    assert first.weights["volatility"] == pytest.approx(first.weights["plumbing"])


def test_more_windows_pull_further_from_layer_1() -> None:
    """What few windows say moves a weight less than what many say alike: the ridge is the pool."""
    few, many = (_design(np.random.default_rng(4), n) for n in (20, 200))
    found = [
        dict(zip(CELLS, fit_weights(data, np.eye(8)[truth], RIDGE, RIDGE_BIAS), strict=False))
        for data, truth in (few, many)
    ]
    assert 1.0 < found[0]["text"] < found[1]["text"]
    assert 1.0 > found[0]["credit"] > found[1]["credit"]


def test_the_temperature_suits_the_label_and_not_the_labellers_weights() -> None:
    """Weights that split each fall in two do not flatten what is right about the one label."""
    data, truth = _design(np.random.default_rng(6), 80)
    split = np.full((80, 9), 0.0)
    split[np.arange(80), truth] = 0.55
    split[np.arange(80), (truth + 1) % 8] = 0.45
    theta = fit_weights(data, split[:, :8], RIDGE, RIDGE_BIAS)
    right, wrong = (fit(data, split, one, np.arange(80), PRIORS) for one in (truth, truth[::-1]))
    text = theta[CELLS.index("text")]
    assert right.weights["text"] == pytest.approx(text / TEMPERATURES[0], abs=1e-3)
    assert wrong.weights["text"] == pytest.approx(text / TEMPERATURES[-1], abs=1e-3)


def test_the_mixed_share_is_learnt_from_the_chosen_windows_only() -> None:
    """Windows of labellers who call half of all mixed teach causes, not how much is mixed."""
    data, truth = _design(np.random.default_rng(5), 60)
    mixed = np.where(np.arange(60) < 30, 0.05, 0.5)[:, None]
    labels = np.hstack([(1.0 - mixed) * np.eye(8)[truth], mixed])
    own = np.arange(60) < 30
    all_of_them = fit(data, labels, truth, np.arange(60), PRIORS)
    chosen = fit(data, labels, truth, np.arange(60), PRIORS, own)
    assert chosen.weights == all_of_them.weights
    assert chosen.mixed_at < all_of_them.mixed_at - 0.5


@pytest.mark.parametrize("first", [0.3, 0.5])
def test_the_mixed_share_is_a_logistic_line_of_the_margin(first: float) -> None:
    """Two causes 0.2 apart leave the same to mixed, whatever the likeliest has by itself."""
    two: dict[Cause, float] = {"rates_shock": first, "ai_rerating": first - 0.2}
    rest = (1.0 - sum(two.values())) / (len(NAMED) - 2)
    found = with_mixed({cause: two.get(cause, rest) for cause in NAMED}, PLAIN)
    odds = PLAIN.mixed_at + PLAIN.mixed_slope * 0.2
    assert found["mixed_unclear"] == pytest.approx(1.0 / (1.0 + np.exp(-odds)))


@pytest.mark.parametrize("lost", ["weights", "biases", "mixed", "priors"])
def test_a_calibration_without_a_table_is_refused(lost: str) -> None:
    """A file that lacks a table, or a number of the line, is a fault of the input."""
    for broken in (
        {key: table for key, table in GOOD.items() if key != lost},
        GOOD | {lost: None},
        GOOD | {"mixed": {"at": -2.0}},
    ):
        with pytest.raises(UsageError, match="is missing"):
            read_calibration(json.dumps(broken))
