"""How a true figure is said: levels, times, denials and doers that make a false sentence of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.facts import evidence_item

from causemap.agents.manner import spans
from causemap.agents.verifier import check_sentence
from causemap.records import Evidence


def item(
    asset: str, value: float, unit: str, said: str, metric: str = "change", end: str = "2026-02-05"
) -> Evidence:
    """A fact from 29 January 2026 on."""
    return evidence_item(
        id=f"desk.{asset.lower()}.{metric}",
        asset=asset,
        end=end,
        value=value,
        unit=unit,
        said=said,
        observed_at=f"{end}T21:00Z",
        available_at=f"{end}T22:00Z",
    )


SPX = item("SPX", -2.44, "%", "the S&P 500")
BTC = item("BTC", -26.13, "%", "bitcoin")
TEN = item("UST10Y", -3.2, "bp", "the 10-year Treasury yield")
VIX = item("VIX", 4.89, "index", "the VIX")
CLOSE = item("VIX", 21.77, "index", "the last VIX close", "level")
RRP = item("RRP_BUSD", 6.6, "usd_bn", "the overnight reverse repo facility")
PART = item("UST10Y", 118.0, "bp", "the real part of the move; real yields leads", "real_part")
DAY = item("SLV", -31.4, "%", "silver", end="2026-01-30")
ALL = (SPX, BTC, TEN, VIX, CLOSE, RRP, PART, DAY)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The VIX rose to 4.9 points.", "level"),
        ("The VIX stood at 4.9 points.", "level"),
        ("The VIX closed the week at 4.9 points.", "level"),
        ("The VIX reached 4.9 points.", "level"),
        ("The VIX rose 4.9.", "number"),
        ("After the fall the VIX rose to 4.9 points.", "level"),
        ("The S&P 500 fell to 2.4%.", "level"),
        ("The S&P 500 was 2.4%.", "level"),
        ("The 10-year yield fell to 3 bp.", "level"),
        ("The overnight reverse repo facility rose to $6.6 billion.", "level"),
        ("The overnight reverse repo facility stood at $6.6 billion.", "level"),
        ("The overnight reverse repo facility rose 6.6 billion.", "unit"),
        ("The S&P 500 lost 2.4% a day.", "window"),
        ("The S&P 500 lost 2.4% overnight.", "window"),
        ("Overnight the S&P 500 lost 2.4%.", "window"),
        ("The S&P 500 lost 2.4% last year.", "window"),
        ("The S&P 500 lost 2.4% this month.", "window"),
        ("The S&P 500 lost 2.4% in a single session.", "window"),
        ("The S&P 500 lost 2.4% in March.", "window"),
        ("The S&P 500 lost 2.4% on Monday.", "window"),
        ("The S&P 500 lost 2.4% over the weekend.", "window"),
        ("Silver lost 31.4% in a week.", "window"),
        ("The S&P 500 never lost 2.4%.", "denial"),
        ("The S&P 500 has not, by any means, lost 2.4%; it never lost 2.4%.", "denial"),
        ("The S&P 500 would have lost 2.4%.", "denial"),
        ("The S&P 500 lost 2.4%, which is not true.", "denial"),
        ("The S&P 500 never fell.", "denial"),
        ("Retail investors lost 2.4% in the S&P 500.", "asset"),
        ("Apple lost 2.4% in the S&P 500.", "asset"),
        ("Investors in the S&P 500 lost 2.4%.", "asset"),
        ("Bitcoin holders lost 26%.", "asset"),
    ],
)
def test_a_true_figure_in_a_false_sentence_is_refused(text: str, kind: str) -> None:
    """The figure is bound, what is said with it is not."""
    assert kind in {problem.kind for problem in check_sentence(text, ALL)}


@pytest.mark.parametrize(
    "text",
    [
        "The VIX rose 4.9 points.",
        "The VIX was up 4.9 points.",
        "The VIX stood at 21.8.",
        "The VIX closed at 21.8 points.",
        "The last VIX close at 21.8.",
        "The real part of the move; real yields leads at 118 bp.",
        "The overnight reverse repo facility rose $6.60 billion.",
        "The overnight reverse repo facility rose 6.6 billion dollars.",
        "The S&P 500 was 2.4% lower.",
        "The S&P 500's fall came to -2.4%.",
        "The VIX stood at +4.9 points over the week.",
        "The change in the 10-year yield was -3 bp.",
        "The S&P 500 lost 2.4% in a week.",
        "Over the week Bitcoin lost 26% and the S&P 500 2.4% lower.",
        "Silver lost 31.4% in a single session.",
        "Silver lost 31.4% on Friday.",
        "Silver lost 31.4% in January.",
        "Investors sold and Bitcoin lost 26%.",
        "No cause is named, but Bitcoin lost 26%.",
    ],
)
def test_a_true_sentence_in_other_words_passes(text: str) -> None:
    """Levels of levels, times that fit and denials of something else raise no alarm."""
    assert check_sentence(text, ALL) == ()


@pytest.mark.parametrize(
    ("length", "end", "fits"),
    [
        ("day", "2026-01-30", True),
        ("day", "2026-02-02", False),
        ("week", "2026-02-05", True),
        ("week", "2026-02-06", True),
        ("week", "2026-02-20", False),
        ("month", "2026-02-27", True),
        ("month", "2026-01-30", False),
        ("weekend", "2026-02-05", False),
    ],
)
def test_a_length_in_words_is_that_of_the_measurement(length: str, end: str, fits: bool) -> None:
    """What is said to be of a week was measured over a week, a day or so more or less."""
    measured = replace(SPX, end=f"{end}T21:00Z")
    assert spans(measured, length) is fits
