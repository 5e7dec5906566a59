from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.claims.numbers import amounts, fold


def _all(text: str) -> list[tuple[float, float, str]]:
    return [(a.low, a.high, a.unit) for a in amounts(fold(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fell 2.5%", [(2.5, 2.5, "%")]),
        ("fell roughly 12% to 18% from", [(12, 18, "%")]),
        ("up 8 basis points to 4.21%", [(8, 8, "bp"), (4.21, 4.21, "%")]),
        ("the $4,600-$4,900 range", [(4600, 4900, "usd")]),
        ("from $5,600 to $4,900", [(5600, 5600, "usd"), (4900, 4900, "usd")]),
        ("$2.5 billion", [(2.5e9, 2.5e9, "usd")]),
        ("$65k", [(65_000, 65_000, "usd")]),
        ("0.7–0.9", [(0.7, 0.9, "")]),
        ("was -0.9 to -0.8", [(-0.9, -0.8, "")]),
        ("was -0.2 to 0.3", [(-0.2, 0.3, "")]),
        ("fell -5%", [(-5, -5, "%")]),
        ("3 and 5 percent", [(3, 3, ""), (5, 5, "%")]),
        ("the mid-$90,000 range", [(94_000, 96_000, "usd")]),
        ("下跌约2.5%", [(2.5, 2.5, "%")]),
        ("下跌百分之三", []),
        ("下跌百分之3", [(3, 3, "%")]),
        ("上行8个基点", [(8, 8, "bp")]),
        ("从5,400美元跌至4,850美元", [(5400, 5400, "usd"), (4850, 4850, "usd")]),
        ("12%至18%", [(12, 18, "%")]),
        ("6.2万美元", [(62_000, 62_000, "usd")]),
        ("25亿美元", [(2.5e9, 2.5e9, "usd")]),
        ("５．５％", [(5.5, 5.5, "%")]),
        ("SPX500 and 3rd", [(3, 3, "")]),
        ("no figure", []),
    ],
)
def test_numbers_are_read_with_unit_and_range(
    text: str, expected: list[tuple[float, float, str]]
) -> None:
    """English and Chinese numbers, ranges and multiples come out in plain units."""
    found = _all(text)
    assert [unit for *_, unit in found] == [unit for *_, unit in expected]
    for (low, high, _), (least, most, _) in zip(found, expected, strict=True):
        assert low == pytest.approx(least)
        assert high == pytest.approx(most)


@given(
    value=st.decimals(min_value="0.01", max_value=999_999, places=2),
    unit=st.sampled_from([("%", "%"), (" bps", "bp"), (" percent", "%"), ("个基点", "bp")]),
)
def test_a_printed_number_is_read_back(value: float, unit: tuple[str, str]) -> None:
    """Whatever number is printed with its thousands marks, the same number and step are read."""
    (found,) = amounts(f"it fell by {value:,.2f}{unit[0]} today")
    assert found.low == found.high == pytest.approx(float(value))
    assert found.unit == unit[1]
    assert found.step == pytest.approx(0.01)


@given(value=st.integers(1, 9_999), times=st.sampled_from([("万", 1e4), ("亿", 1e8), ("千", 1e3)]))
def test_chinese_multiples_scale_value_and_step(value: int, times: tuple[str, float]) -> None:
    """A Chinese multiple scales the value and the size of its last digit alike."""
    (found,) = amounts(f"约{value}{times[0]}美元")
    assert found.low == pytest.approx(value * times[1])
    assert found.step == pytest.approx(times[1])
    assert found.rough
    assert found.unit == "usd"


@given(st.text(max_size=300))
def test_folding_keeps_every_place(text: str) -> None:
    """Folded text has the length of the original, and reading it never raises."""
    folded = fold(text)
    assert len(folded) == len(text)
    for found in amounts(folded):
        assert 0 <= found.start < found.end <= len(text)
        assert found.low <= found.high


@pytest.mark.parametrize(
    ("text", "side", "rough"),
    [
        ("more than 10%", 1, False),
        ("less than 10%", -1, False),
        ("about 10%", 0, True),
        ("超过10%", 1, False),
        ("10%左右", 0, True),
        ("10%", 0, False),
    ],
)
def test_hedges_are_read(text: str, side: int, rough: bool) -> None:
    """A number said to be approximate or a bound is marked so."""
    (found,) = amounts(fold(text))
    assert (found.side, found.rough) == (side, rough)
