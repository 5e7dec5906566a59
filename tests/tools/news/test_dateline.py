from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.tools.news.dateline import (
    Fit,
    held_against,
    month_fits,
    months_named,
    release_fits,
    releases_told,
    years_held,
)

DAYS = st.dates(date(1990, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("The IMF released a slice under the July rescue package.", (7,)),
        ("Inflation eased from June to Sept. 12, and again in Oct.", (6, 9, 10)),
        ("It may rise in May; the march on 3 March went ahead.", (5, 3)),
        ("Banks may march on. March on, they said.", ()),
        ("The Fed's late-March meeting and its May 4 decision.", (3, 5)),
        ("非农就业在1月走弱，12月数据下修。", (1, 12)),
        ("第31月不存在", ()),
        ("August institutions decide, janitors decorate.", (8,)),
        ("Treasury sold $30bn.", ()),
    ],
)
def test_months_are_read_in_both_languages_and_words_are_not(
    text: str, months: tuple[int, ...]
) -> None:
    """Words such as May and March count where something beside them says that they are months."""
    assert months_named(text) == months


@given(DAYS, st.integers(1, 12))
def test_a_month_is_near_around_the_turn_of_the_year(day: date, month: int) -> None:
    """Five of the twelve months fit any day: its own and two on either side."""
    fitting = [m for m in range(1, 13) if month_fits(m, day)]
    assert len(fitting) == 5
    assert month_fits(day.month, day)
    assert month_fits(month, day) == month_fits(day.month, date(2001, month, 1))


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Stocks fell most since 2008 and 1987.", []),
        ("The 2015 budget, the 2016 forecast and the 2014 results.", [True, True, True]),
        ("Rates stay low until 2017.", [False]),
        ("The index closed at 2020.5 and the coin at $2019.", []),
        ("A gain of 2016 points, 2017% of it.", []),
        ("2015年预算与2019年目标", [True, False]),
    ],
)
def test_earlier_years_are_history_and_later_ones_are_of_another_time(
    text: str, held: list[bool]
) -> None:
    """Of a text of 2015 the years 2014 to 2016 fit, later ones do not, earlier ones say nothing."""
    assert list(years_held(text, date(2015, 8, 20))) == held


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("The Fed raised its policy rate by 25 basis points.", ("FOMC",)),
        ("FOMC statement: the Committee decided to maintain the target.", ("FOMC",)),
        ("FOMC minutes showed worry.", ()),
        ("Traders sat still ahead of the Fed decision.", ()),
        ("The Fed bought bills.", ()),
        ("January CPI rose 0.5%; payrolls had been strong.", ("CPI", "NFP")),
        ("美联储宣布降息25个基点，非农大增。", ("FOMC", "NFP")),
    ],
)
def test_a_release_told_as_news_is_told_from_the_wait_for_it(
    text: str, kinds: tuple[str, ...]
) -> None:
    """Minutes of a meeting and words about the next one are no release of the day."""
    assert releases_told(text) == kinds


def test_a_release_fits_its_day_and_the_days_beside_it() -> None:
    """Between two meetings there is none; beyond the file nothing is known."""
    held = {"FOMC": (date(2022, 3, 16), date(2022, 5, 4))}
    found = {
        day: release_fits("FOMC", date.fromisoformat(day), held)
        for day in ("2022-03-14", "2022-03-15", "2022-03-17", "2022-03-18", "2022-06-30")
    }
    assert found == {
        "2022-03-14": None,
        "2022-03-15": True,
        "2022-03-17": True,
        "2022-03-18": False,
        "2022-06-30": False,
    }
    assert release_fits("FOMC", date(2022, 7, 1), held) is None
    assert release_fits("CPI", date(2022, 5, 4), held) is None


@given(DAYS, st.integers(-1, 400))
def test_texts_are_counted_by_kind(day: date, days: int) -> None:
    """What the texts of a file name is summed, known and unknown apart."""
    held = {"FOMC": (day,)}
    told = [("The Fed left its target unchanged.", day + timedelta(days=days))] * 2
    found = held_against(told, held)
    if days <= 1:
        assert found["releases"] == Fit(2, 0)
    else:
        assert found["releases"] == (Fit(0, 2) if days <= 57 else Fit(0, 0))
    assert found["months"] == found["years"] == Fit(0, 0)
