"""The one rounding of the house."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.agents.bench import rounded


@pytest.mark.parametrize(
    ("value", "printed"),
    [(-25.850412, -25.8504), (123456.7, 123457.0), (0.000123456789, 0.000123457), (-0.0, 0.0)],
)
def test_six_significant_digits(value: float, printed: float) -> None:
    """Large and small figures keep six digits, and zero has no sign."""
    assert rounded(value) == printed
    assert math.copysign(1.0, rounded(0.0 * value)) == 1.0


@given(st.floats(-1e-10, 1e-10))
def test_what_cancelling_sums_leave_is_zero(value: float) -> None:
    """A remainder of 1e-15 differs between machines, so a dossier must not carry it."""
    assert rounded(value) == 0.0


@given(st.floats(1e-6, 1e9), st.sampled_from((-1, 1)))
def test_rounding_is_close_and_repeats(value: float, sign: int) -> None:
    """Rounding moves a figure by at most half of its sixth digit, and once."""
    found = rounded(sign * value)
    assert found == pytest.approx(sign * value, rel=5.1e-6)
    assert rounded(found) == found
