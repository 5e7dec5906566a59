from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.evals import metrics
from causemap.evals.metrics import Floats, Ints
from causemap.evals.temperature import best_temperature, rescaled

K = 4


def _case(seed: int, n: int) -> tuple[Floats, Ints]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(K), size=n), rng.integers(0, K, n)


@given(st.integers(0, 10_000), st.integers(2, 40))
@settings(max_examples=15)
def test_label_metrics_agree_with_scikit_learn(seed: int, n: int) -> None:
    """Top-1, top-2, macro-F1, per-class figures, confusion and log loss match to 1e-12."""
    from sklearn import metrics as sk

    p, y = _case(seed, n)
    guess, present, labels = p.argmax(axis=1), np.unique(y), list(range(K))
    assert metrics.in_top(p, y, 1).mean() == pytest.approx(sk.accuracy_score(y, guess), abs=1e-12)
    assert metrics.in_top(p, y, 2).mean() == pytest.approx(
        sk.top_k_accuracy_score(y, p, k=2, labels=labels), abs=1e-12
    )
    assert metrics.log_loss(p, y, 1e-15).mean() == pytest.approx(
        sk.log_loss(y, p, labels=labels), abs=1e-12
    )
    assert (metrics.confusion(y, guess, K) == sk.confusion_matrix(y, guess, labels=labels)).all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f1 = sk.f1_score(y, guess, labels=present, average="macro", zero_division=0)
        parts = sk.precision_recall_fscore_support(y, guess, labels=labels, zero_division=np.nan)
    assert metrics.macro_f1(y, guess, K) == pytest.approx(f1, abs=1e-12)
    ours = metrics.per_class(y, guess, K)
    for mine, theirs in zip(ours, parts, strict=True):
        assert mine == pytest.approx(theirs, abs=1e-12, nan_ok=True)


@given(st.integers(0, 10_000), st.integers(2, 40))
@settings(max_examples=15)
def test_brier_agrees_with_scikit_learn_class_by_class(seed: int, n: int) -> None:
    """The multi-class Brier score is the sum of the one-against-rest scores, to 1e-12."""
    from sklearn.metrics import brier_score_loss

    p, y = _case(seed, n)
    theirs = sum(brier_score_loss(y == k, p[:, k], pos_label=True) for k in range(K))
    assert metrics.brier(p, np.eye(K)[y]).mean() == pytest.approx(theirs, abs=1e-12)


def test_brier_by_hand() -> None:
    """Hard, soft, perfect and worst cases as worked out on paper."""
    p = np.array([[0.5, 0.3, 0.2], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    target = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    assert metrics.brier(p, target) == pytest.approx([0.25 + 0.09 + 0.04, 0.0, 2.0], abs=1e-12)
    soft = np.array([[0.5, 0.5, 0.0]])
    assert metrics.brier(p[:1], soft) == pytest.approx([0.04 + 0.04], abs=1e-12)


def test_log_loss_is_clipped_where_stated() -> None:
    """A certain error costs -ln(1e-6) and no more."""
    found = metrics.log_loss(np.array([[1.0, 0.0]]), np.array([1]))
    assert found == pytest.approx([-np.log(1e-6)], abs=1e-12)


def test_a_guess_outside_the_classes_is_wrong_and_in_no_column() -> None:
    """An error (-1) lowers recall and adds to nobody's guesses."""
    found = metrics.per_class(np.array([0, 0, 1]), np.array([0, -1, 1]), 2)
    assert found.recall == pytest.approx([0.5, 1.0])
    assert found.precision == pytest.approx([1.0, 1.0])
    assert metrics.confusion(np.array([0, 0]), np.array([-1, 7]), 2).sum() == 0


def test_a_class_never_answered_has_no_precision_and_one_never_true_no_recall() -> None:
    """What has nothing to divide by is missing, not nought; of both missing F1 is too."""
    found = metrics.per_class(np.array([0, 0]), np.array([1, 1]), 3)
    assert np.isnan(found.precision).tolist() == [True, False, True]
    assert np.isnan(found.recall).tolist() == [False, True, True]
    assert found.f1 == pytest.approx([0.0, 0.0, np.nan], nan_ok=True)


def test_calibration_error_by_hand() -> None:
    """Two equal bins: |(0 - 0.6) + (1 - 0.6)| and |2 - 1.8|, over four windows."""
    confidence = np.array([0.6, 0.9, 0.6, 0.9])
    hit = np.array([0.0, 1.0, 1.0, 1.0])
    assert metrics.calibration_error(confidence, hit, 2) == pytest.approx((0.2 + 0.2) / 4)


def test_the_null_band_shrinks_with_n_and_holds_a_calibrated_predictor() -> None:
    """What chance gives falls with n (REQUIREMENTS F2), and is no error of the predictor."""
    rng = np.random.default_rng(0)
    tops = []
    for n in (30, 100, 300):
        held = rng.uniform(0.3, 1.0, n)
        band = metrics.calibration_null(held, seed=1, draws=400, bins=10)
        hit = (rng.random(n) < held).astype(float)
        assert band.low <= metrics.calibration_error(held, hit, 10) <= 1.3 * band.high
        tops.append(band.high)
    assert tops[0] > tops[1] > tops[2]
    # F2 gives 0.250 (n=30) and 0.053 mean (n=300) with equal-width bins: the same size.
    assert 0.15 < tops[0] < 0.30
    assert 0.04 < tops[2] < 0.10


def test_the_null_band_reproduces_with_its_seed() -> None:
    """The same seed gives the same band, another seed another one."""
    held = np.linspace(0.4, 0.9, 40)
    assert metrics.calibration_null(held, 3) == metrics.calibration_null(held, 3)
    assert metrics.calibration_null(held, 3) != metrics.calibration_null(held, 4)


def test_risk_coverage_by_hand() -> None:
    """The most confident first; the mean risk over coverages is the area."""
    confidence, hit = np.array([0.9, 0.5, 0.7]), np.array([1.0, 0.0, 0.0])
    curve = metrics.risk_coverage(confidence, hit)
    assert curve.coverage == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert curve.risk == pytest.approx([0.0, 1 / 2, 2 / 3])
    assert metrics.aurc(confidence, hit) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)


@given(
    st.lists(st.tuples(st.sampled_from([0.2, 0.5, 0.8]), st.booleans()), min_size=1, max_size=15)
)
def test_ties_of_confidence_do_not_depend_on_their_order(rows: list[tuple[float, bool]]) -> None:
    """Windows of equal confidence may come in any order: the curve is the same."""
    confidence = np.array([c for c, _ in rows])
    hit = np.array([float(h) for _, h in rows])
    back = metrics.risk_coverage(confidence[::-1].copy(), hit[::-1].copy())
    assert metrics.risk_coverage(confidence, hit).risk == pytest.approx(back.risk)
    assert back.risk[-1] == pytest.approx(1.0 - hit.mean())


def test_overlap_of_shares() -> None:
    """Equal shares overlap in full, disjoint ones not at all, half in between."""
    one = np.array([[1.0, 0.0], [1.0, 0.0], [0.5, 0.5]])
    two = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert metrics.overlap(one, two) == pytest.approx([1.0, 0.0, 0.5])


def test_temperature_finds_what_was_done_to_calibrated_probabilities() -> None:
    """Probabilities sharpened on purpose are flattened back by about as much."""
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.ones(K), size=4000)
    y = np.array([rng.choice(K, p=row) for row in p])
    assert best_temperature(p, y) == pytest.approx(1.0, abs=0.15)
    assert best_temperature(rescaled(p, 0.5), y) == pytest.approx(2.0, abs=0.3)
    assert rescaled(p, 0.5).sum(axis=1) == pytest.approx(np.ones(4000))
