from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.news.margins import margin_rise

METALS = (
    "The clearing house lifts initial margins on silver futures by a fifth from tomorrow.",
    "Performance bond requirements for gold contracts at Comex were raised on Friday.",
    "Comex margins on silver climbed: the exchange has doubled its margin requirements.",
    "The exchange on Friday raised its gold margins for the third time this month.",
    "The exchange ordered another margin hike for palladium futures.",
    "Margins for precious-metal futures go up to 9% at CME next week.",
    "上海期货交易所提高白银期货交易保证金比例。",
    "交易所通知:黄金合约保证金比例由8%上调至10%。",
)
CRYPTO = (
    "Deribit raised maintenance margin requirements for ether perpetuals.",
    "Bybit slashed the maximum leverage on bitcoin contracts to ten times.",
    "币安下调比特币永续合约杠杆上限。",
)
PAST = (
    "Silver sank again after the exchange raised margin requirements.",
    "Gold slid following a CME margin increase that caught funds out.",
    "由于交易所上调保证金,白银继续下跌。",
)
NONE = (
    "The exchange cut margins on gold futures.",
    "CME may raise margin requirements on silver futures, brokers said.",
    "The exchange did not raise its gold margins.",
    "Will the exchange raise margins on silver futures?",
    "Gold miners raised their operating margins as futures rallied.",
    "A wave of margin calls on silver futures raised volatility.",
    "Exchanges raised margins on natural gas contracts. Gold fell too.",
    "A broker raised margin requirements for a car maker's shares.",
    "Silver futures fell at Comex.",
    "交易所否认将上调白银期货保证金。",
    "交易所下调黄金期货保证金。",
    "",
)


@pytest.mark.parametrize("text", [*METALS, *CRYPTO, *PAST])
def test_a_rise_is_read_in_both_languages(text: str) -> None:
    """For its market, and whether it is told as news or as what went before."""
    found = margin_rise(text)
    assert found is not None
    assert found.groups == ({"crypto"} if text in CRYPTO else {"metals"})
    assert found.past is (text in PAST)


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_rise_of_exchange_margins(text: str) -> None:
    """Cuts, fears, denials, questions, profits, calls and other markets do not count."""
    assert margin_rise(text) is None


def test_news_of_a_rise_goes_before_a_mention() -> None:
    """Where a text tells a new rise and an old one, the new one is dated."""
    found = margin_rise(f"{PAST[0]} {METALS[0]}")
    assert found is not None
    assert not found.past


@given(st.text(alphabet="margins raised to CME gold ,.保证金上调", max_size=300))
def test_any_text_is_read(text: str) -> None:
    """Hostile text neither breaks the reader nor names a market it does not speak of."""
    found = margin_rise(text)
    assert found is None or found.groups <= {"metals", "crypto"}
