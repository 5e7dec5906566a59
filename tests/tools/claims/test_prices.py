from __future__ import annotations

import pytest

from causemap.articles import Article
from causemap.tools.claims import extract
from causemap.tools.claims.prices import is_size

PRICES = ("level", "threshold", "ahead")
Figure = tuple[str, float]


def _prices(text: str) -> set[Figure]:
    """What a sentence is read to say of prices: each subject with each of its figures."""
    day = "2026-02-06"
    article = Article("a", None, "Wire", "T", day, "date", day, day, "und", text)
    return {
        (claim.about[0], claim.amount.low)
        for claim in extract(article)
        if claim.kind in PRICES and claim.amount
    }


def _moves(text: str) -> set[tuple[str, int | None, float | None]]:
    day = "2026-02-06"
    article = Article("a", None, "Wire", "T", day, "date", day, day, "und", text)
    return {
        (claim.about[0], claim.direction, claim.amount.low if claim.amount else None)
        for claim in extract(article)
        if claim.kind == "move"
    }


@pytest.mark.parametrize(
    "text",
    [
        "The bitcoin network's hash rate slid from 910 to 640 exahashes a second.",
        "Bullion holdings at the biggest trust slipped to 902 tonnes.",
        "Imports of gold by India dropped to 61 tonnes in May.",
        "US crude stockpiles rose above 431 million barrels.",
        "Oil supply climbed to 103 in the agency's measure of millions a day.",
        "The AI laboratory trained its model on over 200,000 GPUs.",
        "Silver inventories in exchange vaults sank to 75 million ounces.",
        "Ether exchange reserves fell to 16 million coins.",
        "Bitcoin's market value dropped below $2 trillion.",
        "Daily inflows to bitcoin funds rose to $990,000.",
        "Liquidations of ether longs went above $212 million.",
        "The S&P 500 slipped under its 200-day average.",
        "标普500指数跌破100日均线。",
        "比特币全网算力跌至640。",
        "黄金ETF持仓量降至870吨。",
    ],
)
def test_a_quantity_of_a_market_is_no_price(text: str) -> None:
    """Hash rates, holdings, stocks, output and the like keep their figures to themselves."""
    assert _prices(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Initial margin on silver futures goes up to $19,400 a contract and gold to 23,800.",
        "The exchange lifted the deposit for a gold contract again, to $16,100.",
        "交易所上调保证金后，白银合约由每手1.9万美元升至2.3万美元。",
        "Microsoft agreed a takeover at $71 per share.",
        "Apple priced its new service at $12.99 a month.",
        "Chartists see support for bitcoin at $71,500.",
        "现货黄金跌幅扩大至180美元。",
        "Analysts put their target for the S&P 500 at 7,300.",
        "The Nasdaq's price-earnings ratio stood at 38.",
    ],
)
def test_margins_deals_and_targets_are_no_prices(text: str) -> None:
    """What a contract, a deal or a subscription costs is not what its market trades at."""
    assert _prices(text) == set()


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("Gold fell on weak demand to $1,840.", ("GOLD", 1840)),
        ("Weak demand in China sent silver to $21.40.", ("SILVER", 21.4)),
        ("Heavy liquidations on one venue took bitcoin below $41,000.", ("BTC", 41_000)),
        ("Gold futures settled at $2,315 an ounce.", ("GOLD", 2315)),
        ("Bitcoin sank below $38,000 a day after the vote.", ("BTC", 38_000)),
        ("Crude rose to 92 dollars a barrel.", ("WTI", 92)),
        ("标普500指数跌至5,120点。", ("SPX", 5120)),
        ("成交量大增，比特币跌破38,000美元。", ("BTC", 38_000)),
    ],
)
def test_a_price_beside_a_quantity_stays_one(text: str, figure: Figure) -> None:
    """A quantity that gives the reason for a price, or a price per ounce, takes nothing away."""
    assert figure in _prices(text)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Ether shed over $300 in a few minutes.", "ETH"),
        ("Gold dropped around $90 an ounce.", "GOLD"),
        ("Bitcoin plunged nearly $4,000 before lunch.", "BTC"),
        ("Silver tumbled by about $25 within the session.", "SILVER"),
        ("Oil fell more than $6 a barrel.", "WTI"),
        ("Bitcoin fell over $2,500 overnight.", "BTC"),
        ("比特币下跌超过3000美元。", "BTC"),
    ],
)
def test_the_size_of_a_move_is_no_level(text: str, subject: str) -> None:
    """What a price lost is neither a place it was at nor one it crossed; the move itself stays."""
    assert _prices(text) == set()
    assert {(about, side) for about, side, _ in _moves(text)} == {(subject, -1)}


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("Bitcoin fell under $41,000.", ("BTC", 41_000)),
        ("Ether plunged to about $1,700.", ("ETH", 1700)),
        ("Gold slid below 1,900.", ("GOLD", 1900)),
        ("Bitcoin climbed over $72,000.", ("BTC", 72_000)),
        ("Bitcoin is back above $72,000.", ("BTC", 72_000)),
        ("比特币跌至约38,000美元。", ("BTC", 38_000)),
    ],
)
def test_a_place_gone_to_or_crossed_stays_a_price(text: str, figure: Figure) -> None:
    """Words of place before a figure make it a price, however rough."""
    assert _prices(text) == {figure}


@pytest.mark.parametrize(
    ("lead", "size"),
    [
        ("it lost ", True),
        ("it gained almost ", True),
        ("it is down about ", True),
        ("it rose by over ", True),
        ("it rose over ", False),
        ("it fell over ", True),
        ("it is back up over ", False),
        ("it fell to around ", False),
        ("it held around ", False),
        ("", False),
    ],
)
def test_words_before_a_figure_say_whether_it_is_a_size(lead: str, size: bool) -> None:
    """Falling over a figure gives a size, rising over it a place, "by" always a size."""
    assert is_size(lead) is size


@pytest.mark.parametrize(
    "text",
    [
        "Portuguese ten-year yields surged past 8.1 percent.",
        "The yield on Spain's 10-year bond rose to 6.7 percent.",
        "Ten-year Bund yields slipped to 0.21 percent.",
        "Thirty-year gilt yields pushed above 5.4 percent.",
        "The ten-year JGB yield climbed to 1.6 percent.",
        "French bonds were sold, and their ten-year yield reached 3.5 percent.",
        "The Topix lost ground as ten-year yields rose to 1.5 percent.",
        "Yields on ten-year Italian debt climbed to 4.9 percent.",
        "Junk yields rose to 9.3 percent.",
        "The five-year yield dropped to 3.4 percent.",
        "英国十年期国债收益率升至4.8%。",
        "日经指数下挫，超长期国债收益率升至3.2%。",
        "The iTraxx index of junk spreads widened to 410 basis points.",
        "European high-yield spreads rose above 480 basis points.",
    ],
)
def test_debt_of_other_states_and_terms_is_not_the_treasurys(text: str) -> None:
    """Foreign yields and spreads, and other maturities, move and price nothing of the tape."""
    assert _prices(text) == set()
    assert {about for about, _, _ in _moves(text)} <= {"NDX", "EWJ"}


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("The ten-year Treasury yield rose to 4.4 percent.", ("UST10Y", 4.4)),
        ("Bunds rallied, and the ten-year Treasury yield fell to 3.9 percent.", ("UST10Y", 3.9)),
        ("The ten-year yield fell to 3.9% after Chinese orders shrank.", ("UST10Y", 3.9)),
        ("Gilt and Treasury yields rose; ten-year Treasury yields hit 4.4%, and climbed to 4.5%.",
         ("UST10Y", 4.5)),
        ("Ten-year inflation-protected yields rose above 1.9%.", ("REAL10Y", 1.9)),
        ("Five-year and ten-year yields rose, the ten-year yield to 4.3%.", ("UST10Y", 4.3)),
        ("The yield on ten-year inflation-protected notes rose to 1.7%.", ("REAL10Y", 1.7)),
        ("Treasury yields in London trade rose to 4.4 percent.", ("UST10Y", 4.4)),
        ("The high-yield spread rose to 520 basis points.", ("HY_OAS", 520)),
        ("德国国债收益率下行，十年期美债收益率升至4.4%。", ("UST10Y", 4.4)),
        ("30年期国债收益率升至5.1%。", ("UST30Y", 5.1)),
    ],
)  # fmt: skip
def test_the_treasurys_own_yields_are_read(text: str, figure: Figure) -> None:
    """American yields beside foreign news keep their figures."""
    assert figure in _prices(text)


@pytest.mark.parametrize(
    "text",
    [
        "Japan's Nikkei ended below 36,400.",
        "The Russell 2000 closed at 2,210.",
        "Copper slid to $8,700 a tonne.",
        "Wall Street stocks fell, FTSE below 7,900.",
        "Brent crude settled at $81.40.",
        "The dollar slid to 141 yen.",
        "The Nasdaq sank below 12,000.",
        "S&P Global's factory index fell to 46.3.",
        "The gold price, unchanged in dollars, rose to 410,000 yen.",
        "Bitcoin crashed to 52 million won in Seoul.",
        "Ether vaults were worth over 27 million.",
        "Gold slipped, and duties on watches were cut to 15 percent from 39.",
        "Bitcoin slid, and sentiment fell to 31.",
        "Gold slipped, and platinum stood at $940.",
    ],
)
def test_levels_of_other_things_are_not_put_to_the_tape(text: str) -> None:
    """Index points are no fund's price, nor is another index, coin or currency the subject's."""
    assert _prices(text) == set()


def test_the_dow_has_a_level_of_its_own() -> None:
    """The Dow's level is read as the Dow's where the sentence began with stocks."""
    assert _prices("Stocks tumble, Dow under 32,400.") == {("DJI", 32_400)}


def test_moves_of_the_nikkei_stay() -> None:
    """A fund follows its index in percent, so the move is read although the level is not."""
    text = "Tokyo's Nikkei fell 3.4 percent and closed below 37,000."
    assert ("EWJ", -1, 3.4) in _moves(text)


@pytest.mark.parametrize(
    "text",
    [
        "The Michigan index fell as five-year inflation expectations climbed to 3.1%.",
        "Households' inflation expectations rose to 5.2 percent, a survey showed.",
        "Year-ahead inflation expectations rose to 4.9 percent.",
        "密歇根大学调查显示，一年期通胀预期升至4.9%。",
    ],
)
def test_what_people_expect_is_no_breakeven(text: str) -> None:
    """Surveyed expectations of inflation say nothing that a breakeven could be held against."""
    assert _prices(text) == set()
    assert "BE10Y" not in {about for about, _, _ in _moves(text)}


def test_the_breakeven_is_the_markets() -> None:
    """A ten-year breakeven keeps its level."""
    assert _prices("The 10-year breakeven rate fell to 2.05%.") == {("BE10Y", 2.05)}


def test_a_yield_that_rose_above_a_level_did_not_rise_by_it() -> None:
    """One figure is read once: as the level crossed, not as the size of the move as well."""
    text = "The ten-year Treasury yield rose above 4.6 percent."
    assert _prices(text) == {("UST10Y", 4.6)}
    assert all(size is None for _, _, size in _moves(text))


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Ten-year Treasury yields rose through 4.6%.", [1]),
        ("Gold crashed through $1,900.", [-1]),
        ("The Treasury sale took ten-year yields through 4.6%.", []),
        ("Silver went through $50.", []),
    ],
)
def test_through_goes_the_way_of_its_verb(text: str, side: list[int]) -> None:
    """A level is broken upwards by what rises, downwards by what falls, else not told."""
    day = "2026-02-06"
    article = Article("a", None, "Wire", "T", day, "date", day, day, "en", text)
    assert [c.direction for c in extract(article) if c.kind == "threshold"] == side
