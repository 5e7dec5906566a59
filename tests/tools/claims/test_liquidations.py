"""Sums of liquidations in one text: which count, which do not, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.claims.liquidations import LEAST_USD, liquidated


@pytest.mark.parametrize(
    ("text", "usd"),
    [
        ("About US$2.5 billion of positions were liquidated; an analyst saw no harm.", 2.5e9),
        ("Crypto liquidations passed US$700 million as bitcoin broke under US$40,000.", 7e8),
        (
            "Open interest fell by US$200 million and US$640 million of longs were liquidated.",
            6.4e8,
        ),
        ("More than 1.6 million crypto traders were liquidated for over $19 billion.", 1.9e10),
        ("US$5.65 billion of crypto futures and 645,000 traders liquidated in a day.", 5.65e9),
        ("About $7 billion of crypto positions were wiped out after the announcement.", 7e9),
        ("More than a billion dollars of crypto longs were liquidated in a day.", 1e9),
        ("True crypto liquidations were probably $8-10 billion.", 8e9),
        (
            "Over 24 hours $680 million of coin positions were liquidated, $580 million longs.",
            6.8e8,
        ),
        ("Two billion dollars of crypto longs were liquidated.", 2e9),
        ("Some ten million dollars of bitcoin futures were liquidated.", 1e7),
        ("Bitcoin longs were liquidated to the tune of $2 billion.", 2e9),
        ("Bitcoin fell: $2 billion of longs liquidated. Later $3 billion were liquidated.", 3e9),
        ("比特币跌破八万美元,24小时全网爆仓约二十亿美元。", 2e9),
        ("比特币大跌,爆仓三亿美元。", 3e8),
        ("比特币闪崩,二十四小时爆仓逾二十五亿美元,多单占九成。", 2.5e9),
        ("比特币大跌,约9亿美元多头仓位被强平。", 9e8),
    ],
)
def test_a_sum_said_to_be_liquidated_is_read(text: str, usd: float) -> None:
    """The largest sum that leveraged positions were closed for, not the sums beside it."""
    assert liquidated(text, "2025-10-11", "2025-10-09") == pytest.approx(usd)


@pytest.mark.parametrize(
    "text",
    [
        "Bitcoin positions were liquidated as a researcher cited a $23 billion options expiry.",
        "Some $200 billion was wiped out from the value of coins as bitcoin slid.",
        "About $283 million has been paid to bitcoin users who were liquidated.",
        "The bankrupt bitcoin exchange's $500 million of assets will be liquidated.",
        "Another $900 million of bitcoin longs would be liquidated below $80,000.",
        "Bitcoin longs of $400 million risk being liquidated at $60,000.",
        "S&P 500 funds liquidated $5 billion of shares as stocks fell.",
        "Bitcoin fell under $109,000 and traders were liquidated.",
        "比特币跳水,全网爆仓超过十亿元人民币。",
        "比特币大跌,合约平台爆仓数十亿美元。",
        "Silver futures worth $900 million were liquidated. Bitcoin fell too.",
        "Bitcoin longs were liquidated at $80,000.",
        "On 19 May $7 billion of crypto positions were liquidated.",
        "Oil fell and $2 billion of futures positions were liquidated as the Nasdaq sank.",
        "More than 5 million bitcoin contracts were liquidated.",
        "Bitcoin longs were liquidated as ether funds lost $2 billion.",
        "",
    ],
)
def test_other_sums_are_not(text: str) -> None:
    """Expiries, market values, compensation, estates, fears, other money and other times."""
    assert liquidated(text, "2025-10-11", "2025-10-09") is None


def test_a_day_a_record_is_measured_from_is_no_time_of_the_sum() -> None:
    """What is the most since May tells of today; what was on a day in May does not."""
    said = "$2 billion of crypto positions were liquidated, the most since 19 May."
    assert liquidated(said, "2025-10-11", "2025-10-09") == pytest.approx(2e9)
    assert liquidated(said.replace("the most since", "on"), "2025-10-11", "2025-10-09") is None


@given(st.text(max_size=300))
def test_any_text_gives_a_large_sum_or_none(text: str) -> None:
    """No text raises, and what is read is never small."""
    found = liquidated(f"crypto {text} liquidated", "2025-10-11", "2025-10-09")
    assert found is None or found >= LEAST_USD


@given(st.integers(min_value=10, max_value=990))
def test_the_printed_sum_is_the_one_read(millions: int) -> None:
    """Whatever the size, English and Chinese print of it read the same."""
    english = f"Some ${millions} million of crypto longs were liquidated."
    chinese = f"比特币大跌,爆仓{millions / 100}亿美元。"
    for text in (english, chinese):
        assert liquidated(text, "2025-10-11", "2025-10-09") == pytest.approx(millions * 1e6)
