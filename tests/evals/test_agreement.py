"""Agreement of labellers: alpha by hand and by its published examples, and a rater as a system."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.closed_sets import Primary
from causemap.evals.agreement import class_alpha, nominal_alpha
from causemap.evals.raters import compare_raters
from causemap.evals.windows import LabelledWindow

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections A and C.
TWO = tuple(zip("0100000010", "1110010000", strict=True))
FOUR = tuple(
    tuple(value for value in unit if value != ".")
    for unit in zip(
        "123321412...",
        "1233224125.3",
        ".3332342251.",
        "1233244125 1.".replace(" ", ""),
        strict=True,
    )
)


def test_alpha_matches_the_published_examples() -> None:
    """Two observers on binary data (0.095), four on nominal data with gaps (0.743)."""
    assert nominal_alpha(TWO) == pytest.approx(0.095, abs=5e-4)
    assert nominal_alpha(FOUR) == pytest.approx(0.743, abs=5e-4)


def test_alpha_by_hand() -> None:
    """Units ab, aa, bb: one unlike of three; o = 2, e = 36 - 9 - 9 = 18, alpha = 1 - 5 * 2 / 18."""
    units = ["ab", "aa", "bb"]
    assert nominal_alpha(units) == pytest.approx(1 - 5 * 2 / 18)
    assert nominal_alpha([*units, "c"]) == nominal_alpha(units)
    assert nominal_alpha(["aa", "bb"]) == 1.0
    assert nominal_alpha(["aa", "aa"]) is None
    assert nominal_alpha([]) is None


def test_alpha_of_one_class_is_that_of_the_question_is_it_this_one() -> None:
    """Labels apart from the one asked about are alike to it."""
    units = ["ab", "cc", "ac", "bb", "bc"]
    asked = [tuple(value == "c" for value in unit) for unit in units]
    assert class_alpha(units, "c") == nominal_alpha(asked)
    assert class_alpha(units, "z") is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=20))
@settings(max_examples=40)
def test_two_coders_agree_by_the_coincidence_matrix(pairs: list[tuple[int, int]]) -> None:
    """For two coders alpha is 1 - D_o / D_e with expected disagreement without replacement."""
    values = [value for pair in pairs for value in pair]
    n = len(values)
    observed = sum(one != two for one, two in pairs) / len(pairs)
    expected = sum(a != b for a in values for b in values) / (n * (n - 1))
    found = nominal_alpha(pairs)
    if expected == 0.0:
        assert found is None
    else:
        assert found == pytest.approx(1 - observed / expected)


def _window(k: int, primary: Primary, second: Primary | None) -> LabelledWindow:
    start, end = f"{2000 + k}-01-03", f"{2000 + k}-01-10"
    return LabelledWindow(f"w{k}", start, end, "equity", primary, "other", second_primary=second)


def test_the_second_labeller_is_scored_as_a_system() -> None:
    """Three of four the same, a mixed for another: mission-4 folds it, mission-5 does not."""
    windows = [
        _window(0, "rates_shock", "rates_shock"),
        _window(1, "growth_scare", "mixed_unclear"),
        _window(2, "ai_rerating", "ai_rerating"),
        _window(3, "funding_stress", "funding_stress"),
        _window(4, "rates_shock", None),
        _window(5, "no_drawdown", "no_drawdown"),
    ]
    found = compare_raters(windows, 0, 20)
    assert found is not None
    assert (found.n, found.top1.value, found.mission4.value) == (4, 0.75, 1.0)
    assert found.mission5.value == 0.75
    assert found.alpha == pytest.approx(1 - 7 * 2 / (64 - (4 + 1 + 1 + 4 + 4)))
    assert dict(found.classes)["rates_shock"] == 1.0
    assert dict(found.classes)["crypto_idiosyncratic"] is None
    assert compare_raters([replace(windows[0], second_primary=None)], 0, 20) is None
