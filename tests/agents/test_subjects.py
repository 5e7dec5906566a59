"""What a question is about: assets with a verdict, others that are named, falls and no rises."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from causemap.agents.asset_words import DEFAULT_ASSETS
from causemap.agents.scope import asked_about, parse_question
from causemap.cli import main
from causemap.errors import UsageError
from causemap.tools.market import open_market

TODAY = date(2026, 2, 20)
STOCKS = ("SPX", "NDX")


@pytest.mark.parametrize(
    ("question", "assets"),
    [
        ("why did gold fall yesterday", ("GLD",)),
        ("Meta 27 October 2022", ("META",)),
        ("What happened to Meta Platforms stock in July 2018?", ("META",)),
        ("脸书2018年7月26日为什么大跌", ("META",)),
        ("what caused the small-cap selloff of December 2018?", ("IWM",)),
        ("why did the Russell 2000 drop in September 2022?", ("IWM",)),
        ("小盘股2018年12月为什么跌", ("IWM",)),
        ("why did real estate fall in 2022?", ("VNQ",)),
        ("中概股2021年7月为什么暴跌", ("KWEB",)),
        ("what caused the drop in nvda on 27 jan 2025", ("NVDA",)),
        ("why is it now down in value since January 2026", DEFAULT_ASSETS),
        ("did the yen carry trade unwind cause the August 2024 selloff?", DEFAULT_ASSETS),
        ("why did stocks not only fall but crash in March 2020?", STOCKS),
        ("why did bitcoin not hold its level and drop in May 2022?", ("BTC",)),
        ("what hit semis last week", ("SMH",)),
        ("金价为什么跌", ("GLD",)),
        ("为什么比特币上周大跌", ("BTC",)),
        ("为什么美股和比特币在2026年2月初一起下跌", (*STOCKS, "BTC")),
        ("上周市场为什么大跌", DEFAULT_ASSETS),
        ("2026年1月30日白银为什么暴跌", ("SLV",)),
        ("why did everything fall together on 5 February 2026", DEFAULT_ASSETS),
        ("why did it fall last week", DEFAULT_ASSETS),
        ("what happened on 5 August 2024?", DEFAULT_ASSETS),
        ("why did the covid crash happen in March 2020?", DEFAULT_ASSETS),
        ("why did stocks fall as oil spiked in March 2020?", STOCKS),
        ("did the Fed sink stocks in 2022?", STOCKS),
        ("did the dollar cause the fall in gold in January 2026?", ("GLD",)),
        ("did margin calls sink silver on 30 January 2026", ("SLV",)),
        ("what drove the stock selloff in February 2026?", STOCKS),
        ("why did US stocks fall in December 2018?", STOCKS),
        ("why did NOW fall last week", ("NOW",)),
        ("why did energy stocks fall in March 2020", ("XLE",)),
        ("how come crypto got hit on 10 October 2025", ("BTC", "ETH")),
        ("why did the S&P 500 and the Nasdaq fall in January 2022", STOCKS),
        ("stocks and bitcoin, February 2026", (*STOCKS, "BTC")),
    ],
)
def test_the_assets_of_the_question_are_answered_for(
    question: str, assets: tuple[str, ...]
) -> None:
    """A cause, a time or an adjective beside the subject does not change what is asked about."""
    assert asked_about(question, (), TODAY) == (assets, ())


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("why did bananas fall in March 2020?", "bananas"),
        ("bananas in March 2020", "bananas"),
        ("why did oil fall in November 2018", "oil"),
        ("oil, November 2018", "oil"),
        ("why did the dollar fall in April 2025", "the dollar"),
        ("why did airline stocks fall in March 2020?", "airline stocks"),
        ("why has my portfolio fallen this month", "portfolio"),
        ("香蕉为什么跌了 2020年3月", "香蕉"),
        ("原油2018年11月为什么下跌", "oil"),
        ("A股为什么在2024年2月大跌", "a股"),
        ("why did oil fall while stocks held in March 2020?", "oil"),
    ],
)
def test_a_subject_without_a_verdict_is_named_and_refused(question: str, named: str) -> None:
    """Nothing else is answered under its title; the line says what can be asked about."""
    with pytest.raises(UsageError, match=f"no verdict on '{named}'") as caught:
        asked_about(question, (), TODAY)
    assert "crypto (BTC" in str(caught.value)


@pytest.mark.parametrize(
    "question",
    [
        "why did stocks rise in 2023?",
        "what drove the stock rally in 2023?",
        "why is bitcoin going up this week",
        "2023年股市为什么上涨",
        "为什么黄金上周大涨",
    ],
)
def test_a_rise_is_refused(question: str) -> None:
    """A question about a rise is not answered with a fall inside it."""
    with pytest.raises(UsageError, match="not rises"):
        asked_about(question, (), TODAY)


@pytest.mark.parametrize(
    "question",
    [
        "why didn't bitcoin fall in March 2023?",
        "why did stocks not fall in June 2023",
        "比特币2023年3月为什么没跌",
    ],
)
def test_what_did_not_fall_is_refused(question: str) -> None:
    """A question about a fall that did not come is not answered with another one."""
    with pytest.raises(UsageError, match="not why something did not fall"):
        asked_about(question, (), TODAY)


def test_words_of_both_directions_are_told_apart_by_the_subject() -> None:
    """What the subject did is asked; what something else did beside it is not."""
    assert asked_about("why did stocks fall when yields rose last week", (), TODAY)[0] == STOCKS
    with pytest.raises(UsageError, match="not rises"):
        asked_about("why did stocks rise after they fell in 2022", (), TODAY)


@pytest.mark.parametrize(
    ("question", "assets"),
    [
        ("why did oil and stocks fall in March 2020?", STOCKS),
        ("原油和黄金为什么在2026年1月下跌", ("GLD",)),
    ],
)
def test_a_part_without_a_verdict_is_left_out_aloud(question: str, assets: tuple[str, ...]) -> None:
    """The other part is answered; what is not is kept by name."""
    assert asked_about(question, (), TODAY) == (assets, ("oil",))


def test_assets_given_beside_the_question_win() -> None:
    """Whoever names assets has said what to answer for."""
    assert asked_about("why did oil fall in November 2018", ["SPX"], TODAY) == (("SPX",), ())


def test_a_partial_answer_says_so_in_its_scope(shared_dir: Path) -> None:
    """The scope is partial, its session is not running, and the part left out has a name."""
    view = open_market(shared_dir / "data").view(datetime(2026, 2, 20, tzinfo=UTC))
    scope = parse_question("why did oil and stocks fall in early February 2026?", view, TODAY)
    assert (scope.partial, scope.running, scope.left_out) == (True, False, ("oil",))


def test_the_report_of_a_partial_answer_opens_with_what_it_leaves_out(
    shared_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the page, in the JSON and beside it; also where the window is given in closes."""
    window = (
        "--start",
        "2026-01-29",
        "--end",
        "2026-02-05",
        "--data-dir",
        str(shared_dir / "data"),
    )
    asked = ("explain", "why did oil and gold fall?", *window, "-q")
    with pytest.raises(SystemExit):
        main([*asked])
    said = capsys.readouterr()
    assert "I answer for Gold (GLD), not for oil" in said.err
    assert "(answered for gold (GLD), not for oil)" in " ".join(said.out.split("\n")[0].split())
    with pytest.raises(SystemExit):
        main([*asked, "--json", "-"])
    scope = json.loads(capsys.readouterr().out)["scope"]
    assert (scope["partial"], scope["left_out"], scope["assets"]) == (True, ["oil"], ["GLD"])
