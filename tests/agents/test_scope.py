"""Scopes from dates and from questions: which closes, which assets, known when."""

from __future__ import annotations

import contextlib
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causemap.agents.asset_words import DEFAULT_ASSETS, GROUP_OF, mentioned_assets
from causemap.agents.periods import find_period
from causemap.agents.scope import asked_about, make_scope, parse_question, resolve_assets
from causemap.agents.windows import day_window, deepest_window, falls
from causemap.errors import UnclearQuestion, UsageError
from causemap.records import Scope
from causemap.tools.market import AsOfView, open_market

NOW: Final = datetime(2026, 8, 21, 23, tzinfo=UTC)
TODAY: Final = NOW.date()  # a Friday


def prices(values: list[float], first: str = "2026-01-01", freq: str = "D") -> pd.Series[float]:
    """A daily series of ``values``."""
    return pd.Series(values, index=pd.date_range(first, periods=len(values), freq=freq))


def view_of(folder: Path, shares: pd.DataFrame, coins: pd.DataFrame) -> AsOfView:
    """A view at NOW over a data directory that holds the two frames."""
    folder.mkdir(exist_ok=True)
    shares.rename_axis("date").to_parquet(folder / "market_daily.parquet")
    coins.rename_axis("date").to_parquet(folder / "crypto_daily.parquet")
    return open_market(folder).view(NOW)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> AsOfView:
    """Calm prices in 2025 and 2026; SPX falls 4 % on 2-5 February 2026, BTC 40 % on 1-3."""
    days = pd.date_range("2025-01-01", "2026-08-20")
    wave = np.where(np.arange(len(days)) % 2, 1.001, 1.0)
    coins = pd.DataFrame({"BTC": 100.0 * wave, "ETH": 50.0 * wave}, index=days)
    fall = {"2026-02-01": 90.0, "2026-02-02": 75.0, "2026-02-03": 60.0, "2026-02-04": 95.0}
    for day, price in fall.items():
        coins.loc[day, "BTC"] = price
    sessions = pd.bdate_range("2025-01-01", "2026-08-21")
    beat = np.where(np.arange(len(sessions)) % 2, 1.001, 1.0)
    shares = pd.DataFrame({"SPX": 5000.0 * beat, "NDX": 20000.0 * beat}, index=sessions)
    for day, price in {"2026-02-03": 4900.0, "2026-02-04": 4850.0, "2026-02-05": 4800.0}.items():
        shares.loc[day, "SPX"] = price
    return view_of(tmp_path_factory.mktemp("data") / "d", shares, coins)


class TestMakeScope:
    """Scopes from dates given as closes."""

    def test_as_of_defaults_to_the_end_of_the_second_day_after(self) -> None:
        """Articles of the time are read for two days after the end."""
        scope = make_scope("2026-01-29", "2026-02-05", now=NOW)
        assert scope == Scope(
            "2026-01-29",
            "2026-02-05",
            "2026-02-07T23:59Z",
            ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV"),
            ("equity", "crypto", "metals"),
        )

    def test_as_of_is_never_later_than_now(self) -> None:
        """Neither the default nor a given as-of reaches beyond the present minute."""
        noon = datetime(2026, 2, 6, 12, tzinfo=UTC)
        assert make_scope("2026-02-03", "2026-02-05", now=noon).as_of == "2026-02-06T12:00Z"
        asked = make_scope("2026-02-03", "2026-02-05", as_of="2026-03-01", now=noon)
        assert asked.as_of == "2026-02-06T12:00Z"

    def test_as_of_with_a_zone_is_turned_to_utc(self) -> None:
        """Four in the afternoon in New York in winter is nine in the evening UTC."""
        scope = make_scope("2026-02-03", "2026-02-05", as_of="2026-02-05T16:00-05:00", now=NOW)
        assert scope.as_of == "2026-02-05T21:00Z"
        assert scope.partial

    @pytest.mark.parametrize(
        ("asset", "hour", "partial"),
        [("SPX", 21, True), ("SPX", 22, False), ("BTC", 23, True)],
    )
    def test_a_running_session_is_partial(self, asset: str, hour: int, partial: bool) -> None:
        """Share closes are out at 22:00 UTC, a UTC day of crypto only at midnight."""
        known = datetime(2026, 2, 5, hour, tzinfo=UTC)
        scope = make_scope("2026-02-03", "2026-02-05", [asset], known, now=NOW)
        assert scope.partial is partial

    def test_words_and_tickers_become_series_and_groups_in_a_fixed_order(self) -> None:
        """Everyday words map to series; the groups do not follow the order of asking."""
        scope = make_scope(
            "2026-02-03", "2026-02-05", ["silver", "nvda", "Bitcoin", "gold"], now=NOW
        )
        assert scope.assets == ("SLV", "NVDA", "BTC", "GLD")
        assert scope.groups == ("equity", "crypto", "metals")

    @pytest.mark.parametrize(
        ("start", "end", "why"),
        [
            ("2026-02-05", "2026-01-29", "must start before it ends"),
            ("2026-02-05", "2026-02-05", "must start before it ends"),
            ("2026-02-30", "2026-03-04", "not a day of the calendar"),
            ("5 Feb", "2026-03-04", "not a date"),
            ("2026-08-01", "2026-08-22", "lies in the future"),
        ],
    )
    def test_dates_that_cannot_be_are_refused(self, start: str, end: str, why: str) -> None:
        """Each wrong date gives a line of its own that says what is wrong."""
        with pytest.raises(UsageError, match=why):
            make_scope(start, end, now=NOW)

    def test_as_of_before_the_end_is_refused(self) -> None:
        """A window cannot end after what was known."""
        with pytest.raises(UsageError, match="after the as-of"):
            make_scope("2026-01-29", "2026-02-05", as_of="2026-02-01", now=NOW)

    def test_as_of_without_zone_is_refused(self) -> None:
        """A bare clock time could be meant in any zone."""
        with pytest.raises(UsageError, match="with its zone"):
            make_scope("2026-01-29", "2026-02-05", as_of="2026-02-06T12:00", now=NOW)

    def test_an_unknown_asset_is_refused_with_the_nearest_names(self) -> None:
        """A typing error brings suggestions, not a guess."""
        with pytest.raises(UsageError, match=r"'nvdia' is not known; did you mean .*nvidia"):
            resolve_assets(["nvdia"])

    def test_no_assets_means_the_default_six(self) -> None:
        """Blank names count as none."""
        assert resolve_assets(()) == resolve_assets(["", " "]) == DEFAULT_ASSETS

    def test_the_question_is_cleaned(self) -> None:
        """Control and direction-changing characters never reach an output."""
        scope = make_scope("2026-02-03", "2026-02-05", now=NOW, question="why\x1b[31m \u202enow\n?")
        assert scope.question == "why[31m now ?"


class TestAssetWords:
    """Assets named in a question."""

    @pytest.mark.parametrize(
        ("text", "assets"),
        [
            ("why did stocks and bitcoin fall", ("SPX", "NDX", "BTC")),
            ("the S&P 500 and the Nasdaq", ("SPX", "NDX")),
            ("tech stocks", ("NDX",)),
            ("chip stocks and software", ("SMH", "IGV")),
            ("Nvidia and NVDA", ("NVDA",)),
            ("gold, silver and gold miners", ("GLD", "SLV", "GDX")),
            ("crypto", ("BTC", "ETH")),
            ("美股和比特币为什么一起跌", ("SPX", "NDX", "BTC")),
            ("黄金 白银", ("GLD", "SLV")),
            ("why now, methinks something ethereal", ()),
            ("NOW fell", ("NOW",)),
        ],
    )
    def test_assets_are_found_by_words(self, text: str, assets: tuple[str, ...]) -> None:
        """Words, tickers in capitals and a few Chinese words; parts of words never count."""
        assert mentioned_assets(text).assets == assets


class TestPeriods:
    """Times named in a question, seen from Friday 21 August 2026."""

    @pytest.mark.parametrize(
        ("text", "first", "last", "kind"),
        [
            ("early February 2026", "2026-02-01", "2026-02-10", "span"),
            ("mid-March 2023", "2023-03-11", "2023-03-20", "span"),
            ("late October 2025", "2025-10-21", "2025-10-31", "span"),
            ("on 27 Jan 2025", "2025-01-27", "2025-01-27", "day"),
            ("October 10th, 2025", "2025-10-10", "2025-10-10", "day"),
            ("Saturday 31 January 2026", "2026-01-31", "2026-01-31", "day"),
            ("5/13/2026", "2026-05-13", "2026-05-13", "day"),
            ("5 Feb", "2026-02-05", "2026-02-05", "day"),
            ("24 December", "2025-12-24", "2025-12-24", "day"),
            ("last week", "2026-08-10", "2026-08-16", "span"),
            ("this week", "2026-08-17", "2026-08-21", "span"),
            ("week of 2 Feb 2026", "2026-02-02", "2026-02-08", "span"),
            ("week ending 6 Feb 2026", "2026-01-31", "2026-02-06", "span"),
            ("the past two weeks", "2026-08-07", "2026-08-21", "span"),
            ("last month", "2026-07-01", "2026-07-31", "span"),
            ("last quarter", "2026-04-01", "2026-06-30", "span"),
            ("yesterday", "2026-08-20", "2026-08-20", "day"),
            ("on Monday", "2026-08-17", "2026-08-17", "day"),
            ("last Friday", "2026-08-14", "2026-08-14", "day"),
            ("since Monday", "2026-08-17", "2026-08-21", "span"),
            ("since 29 Jan", "2026-01-29", "2026-08-21", "span"),
            ("in March 2020", "2020-03-01", "2020-03-31", "span"),
            ("2020-03", "2020-03-01", "2020-03-31", "span"),
            ("in May", "2026-05-01", "2026-05-31", "span"),
            ("August 2024", "2024-08-01", "2024-08-31", "span"),
            ("this month", "2026-08-01", "2026-08-21", "span"),
            ("Q4 2018", "2018-10-01", "2018-12-31", "span"),
            ("fourth quarter of 2018", "2018-10-01", "2018-12-31", "span"),
            ("H1 2022", "2022-01-01", "2022-06-30", "span"),
            ("late 2022", "2022-09-01", "2022-12-31", "span"),
            ("in 2022", "2022-01-01", "2022-12-31", "span"),
            ("between 29 Jan and 5 Feb 2026", "2026-01-29", "2026-02-05", "range"),
            ("2026-01-29 to 2026-02-05", "2026-01-29", "2026-02-05", "range"),
            ("29-30 Jan 2026", "2026-01-29", "2026-01-30", "range"),
            ("Jan 29 – 30, 2026", "2026-01-29", "2026-01-30", "range"),
            ("from 15 December 2018 to 10 January", "2018-12-15", "2019-01-10", "range"),
            ("Dec 15 to Jan 10, 2019", "2018-12-15", "2019-01-10", "range"),
            ("from January to March 2020", "2020-01-01", "2020-03-31", "span"),
            ("27 January 2025, in January 2025", "2025-01-27", "2025-01-27", "day"),
            ("2026年2月初", "2026-02-01", "2026-02-10", "span"),
            ("2026年1月29日至2月5日", "2026-01-29", "2026-02-05", "range"),
            ("上周", "2026-08-10", "2026-08-16", "span"),
            ("in the last week of January 2022", "2022-01-25", "2022-01-31", "span"),
            ("in the first week of May 2011", "2011-05-01", "2011-05-07", "span"),
            ("in the last quarter of 2018", "2018-10-01", "2018-12-31", "span"),
            ("in the second half of 2015", "2015-07-01", "2015-12-31", "span"),
            ("in summer 2011", "2011-06-01", "2011-08-31", "span"),
            ("in the fall of 2008", "2008-09-01", "2008-11-30", "span"),
            ("the fall of 2008", "2008-01-01", "2008-12-31", "span"),
            ("2008年秋天", "2008-09-01", "2008-11-30", "span"),
            ("2022年上半年", "2022-01-01", "2022-06-30", "span"),
            ("2018年四季度", "2018-10-01", "2018-12-31", "span"),
            ("2018年底", "2018-10-01", "2018-12-31", "span"),
            ("2011-07-22..2011-08-08", "2011-07-22", "2011-08-08", "range"),
            ("beside the Russell 2000 in March 2020", "2020-03-01", "2020-03-31", "span"),
            ("the day after CPI, on 13 September 2022", "2022-09-13", "2022-09-13", "day"),
        ],
    )
    def test_a_time_is_read(self, text: str, first: str, last: str, kind: str) -> None:
        """Many ways of naming a time give the days they name."""
        period = find_period(f"why did bitcoin fall {text}?", TODAY)
        assert period is not None
        assert (str(period.first), str(period.last), period.kind) == (first, last, kind)

    @pytest.mark.parametrize(
        "text", ["why may it fall", "a march to new lows", "Black Monday", "SPX 500", "recently"]
    )
    def test_no_time_is_no_time(self, text: str) -> None:
        """Verbs, names and figures are not taken for dates."""
        assert find_period(text, TODAY) is None

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("30 February 2026", "There is no day 2026-02-30"),
            ("2026-02-05 to 2026-01-29", "runs backwards"),
            ("early February 2027", "lies in the future"),
            ("29 Jan 2026 to 5 Feb 2027", "lies in the future"),
            ("next week", "lies in the future"),
        ],
    )
    def test_a_time_that_cannot_be_is_refused(self, text: str, why: str) -> None:
        """What is no day, runs backwards or lies ahead gives a clear line."""
        with pytest.raises(UsageError, match=why):
            find_period(text, TODAY)

    @pytest.mark.parametrize(
        "text", ["on 2/5/2026", "on 27 Jan 2025, or was it in March 2020", "Monday or 5 Feb 2026"]
    )
    def test_a_doubtful_time_is_asked_about(self, text: str) -> None:
        """Two readings or two times are asked back, never guessed."""
        with pytest.raises(UnclearQuestion):
            find_period(text, TODAY)

    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("in spring last year", "2025-03-01", "2025-05-31"),
            ("at the end of last year", "2025-10-01", "2025-12-31"),
            ("in March last year", "2025-03-01", "2025-03-31"),
            ("at the start of 2025", "2025-01-01", "2025-03-31"),
            ("in last year's summer", "2025-06-01", "2025-08-31"),
            ("the year before last", "2024-01-01", "2024-12-31"),
            ("去年春天", "2025-03-01", "2025-05-31"),
            ("去年10月", "2025-10-01", "2025-10-31"),
            ("前年", "2024-01-01", "2024-12-31"),
            ("2020年三月", "2020-03-01", "2020-03-31"),
            ("2020年十二月", "2020-12-01", "2020-12-31"),
            ("on 10.10.2025", "2025-10-10", "2025-10-10"),
            ("on 13-03-2020", "2020-03-13", "2020-03-13"),
            ("on 20200312", "2020-03-12", "2020-03-12"),
            ("in March '20", "2020-03-01", "2020-03-31"),
            ("in '08", "2008-01-01", "2008-12-31"),
            ("2025年10月10日到11日", "2025-10-10", "2025-10-11"),
            ("on Monday 16 March 2020", "2020-03-16", "2020-03-16"),
        ],
    )
    def test_a_part_of_a_year_told_from_now_is_that_part(
        self, text: str, first: str, last: str
    ) -> None:
        """A season of last year is not the year; a day in figures is not its year."""
        period = find_period(f"why did bitcoin fall {text}?", TODAY)
        assert period is not None
        assert (str(period.first), str(period.last)) == (first, last)

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("3 weeks before 5 August 2024", "3 weeks before 5 august 2024"),
            ("a week after 10 October 2025", "a week after 10 october 2025"),
            ("after 10 October 2025", "after 10 october 2025"),
            ("until March 2020", "until march 2020"),
            ("on the weekend of 4 December 2021", "weekend of 4 december 2021"),
            ("in Mar-20", "mar-2"),
            ("2020年3月之后", "2020年3月之后"),
            ("on Tuesday 16 March 2020", "2020-03-16 was a Monday, not a Tuesday"),
            ("on 8/5/24", "Which day is 8/5/24"),
        ],
    )
    def test_a_word_beside_a_time_that_makes_another_of_it_is_asked_about(
        self, text: str, said: str
    ) -> None:
        """The time beside such a word is never answered for in its place."""
        with pytest.raises(UnclearQuestion, match=said):
            find_period(f"why did stocks fall {text}?", TODAY)

    def test_the_asset_is_found_beside_a_year_told_from_now(self) -> None:
        """The season is a part of the time, none of the asset's name."""
        for question in (
            "去年夏天股票为什么跌",
            "why did stocks fall last year's summer",
            "2026年1月29日至2月5日股票为什么跌",
        ):
            assert asked_about(question, (), TODAY) == (("SPX", "NDX"), ())

    def test_a_slip_in_an_asset_s_name_is_told_with_the_name(self) -> None:
        """What is nearly an asset is asked about by it, not guessed."""
        with pytest.raises(UsageError, match="Did you mean bitcoin"):
            asked_about("why did bitcion crash in May 2021", (), TODAY)

    @pytest.mark.parametrize(
        ("text", "unread"),
        [
            ("two weeks before the 2016 election", "weeks before the 2016 election"),
            ("the week after the vote in June 2016", "week after the vote"),
            ("between Christmas and New Year 2022", "christmas"),
            ("after earnings in August 2024", "after earnings"),
            ("2025年清明节后", "清明节后"),
            ("春节期间", "春节期间"),
            ("after the Fed meeting in December 2018", "after the fed meeting"),
            ("since its peak in January 2025", "since its peak"),
        ],
    )
    def test_days_told_by_something_undated_are_asked_about(self, text: str, unread: str) -> None:
        """No calendar of holidays or votes is held: the rest of the time is not answered for."""
        with pytest.raises(UnclearQuestion, match=f"I do not know the days of '{unread}'"):
            find_period(f"why did stocks fall {text}?", TODAY)

    @pytest.mark.parametrize(
        ("text", "unread"),
        [
            ("around labor day 2020", "labor day 2020"),
            ("in week 6 of 2018", "week 6 of 2018"),
            ("after Luna 2022", "after luna 2022"),
            ("from its October 2025 high", "october 2025 high"),
            ("mid-May 21", "mid-may 21"),
            ("end of last month", "end of last month"),
            ("from 2 April 2025 through the 8th", "2 april 2025 through the 8"),
            ("in Febuary 2018", "febuary 2018': did you mean February 2018"),
            ("Agust 2015", "agust 2015': did you mean August 2015"),
        ],
    )
    def test_a_year_beside_a_word_that_may_name_a_part_of_it_is_asked_about(
        self, text: str, unread: str
    ) -> None:
        """The year as a whole is no answer for a part of it that is not understood."""
        with pytest.raises(UnclearQuestion, match=unread):
            find_period(f"why did stocks fall {text}?", TODAY)

    @pytest.mark.parametrize(
        "text",
        [
            "why did bitcoin 2018 fall",
            "why did stocks fall in the crash of 2018",
            "why did stocks sell off, 2018",
            "why did the s&p drop 10% 2018",
            "what made stocks fall through 2018",
            "标普2018年为什么跌",
        ],
    )
    def test_a_year_beside_a_market_or_a_move_is_meant_as_a_whole(self, text: str) -> None:
        """A plain word beside a year makes nothing else of it."""
        found = find_period(text, TODAY)
        assert found is not None
        assert (found.first, found.last) == (date(2018, 1, 1), date(2018, 12, 31))

    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("the 10 days to March 12 2020", date(2020, 3, 3), date(2020, 3, 12)),
            ("the two weeks ending 23 March 2020", date(2020, 3, 10), date(2020, 3, 23)),
            ("the 5 sessions to 12 March 2020", date(2020, 3, 6), date(2020, 3, 12)),
            ("二〇二〇年三月十二日", date(2020, 3, 12), date(2020, 3, 12)),
            ("二零二一年五月", date(2021, 5, 1), date(2021, 5, 31)),
            ("2021年三月二十一号", date(2021, 3, 21), date(2021, 3, 21)),
            ("in jan 22", date(2022, 1, 1), date(2022, 1, 31)),
            ("最近两周", TODAY - timedelta(days=14), TODAY),
            ("去年年初", date(TODAY.year - 1, 1, 1), date(TODAY.year - 1, 4, 30)),
        ],
    )
    def test_days_counted_back_and_chinese_numbers_are_read(
        self, text: str, first: date, last: date
    ) -> None:
        """Neither is cut down to its day, its month or its year."""
        found = find_period(f"why did stocks fall {text}", TODAY)
        assert found is not None
        assert (found.first, found.last) == (first, last)


class TestWindows:
    """Windows from prices (TAXONOMY rule 1)."""

    def test_falls_end_when_half_is_taken_back(self) -> None:
        """100-90-96 takes back six tenths, so the fall to 80 is a new one from 96."""
        found = list(falls([math.log(x) for x in (100, 90, 96, 80, 81)]))
        assert [(f.peak, f.trough) for f in found] == [(0, 1), (2, 3)]
        assert found[1].depth == pytest.approx(math.log(96 / 80))

    def test_falls_go_on_while_less_than_half_is_taken_back(self) -> None:
        """100-90-94-80 is one fall of twenty."""
        found = list(falls([math.log(x) for x in (100, 90, 94, 80)]))
        assert [(f.peak, f.trough) for f in found] == [(0, 3)]

    def test_small_dips_do_not_cut_a_fall(self) -> None:
        """A dip within the noise that is taken back leaves the peak where it was."""
        path = [math.log(x) for x in (100, 99.5, 99.9, 80)]
        assert [(f.peak, f.trough) for f in falls(path, noise=0.02)] == [(0, 3)]

    def test_the_deepest_fall_of_the_period_is_taken(self) -> None:
        """The close before the period counts, what lies outside it does not."""
        series = prices([100, 50, 100, 95, 100, 88, 99])
        window = deepest_window("BTC", series, date(2026, 1, 4), date(2026, 1, 7))
        assert window is not None
        assert (window.start, window.end) == ("2026-01-05", "2026-01-06")
        assert window.fall == pytest.approx(math.log(100 / 88))

    def test_days_given_as_closes_are_kept_when_they_hold_the_fall(self) -> None:
        """A better peak inside does not move closes that already show most of the fall."""
        series = prices([100, 101, 95, 90])
        kept = deepest_window("SPX", series, date(2026, 1, 1), date(2026, 1, 4), closes=True)
        assert kept is not None
        assert (kept.start, kept.end) == ("2026-01-01", "2026-01-04")
        risen = prices([100, 120, 90, 119])
        moved = deepest_window("SPX", risen, date(2026, 1, 1), date(2026, 1, 4), closes=True)
        assert moved is not None
        assert (moved.start, moved.end) == ("2026-01-02", "2026-01-03")

    def test_a_rising_period_is_taken_whole(self) -> None:
        """Where nothing fell the period itself is measured, so that the verdict can say so."""
        window = deepest_window("SPX", prices([1, 2, 3, 4]), date(2026, 1, 2), date(2026, 1, 4))
        assert window is not None
        assert (window.start, window.end) == ("2026-01-01", "2026-01-04")
        assert window.fall < 0

    def test_a_day_runs_from_the_close_before_to_its_own(self) -> None:
        """Monday's fall starts at Friday's close; a weekend takes the closes on either side."""
        series = prices([10, 9, 8, 7], first="2026-01-29", freq="B")
        monday = day_window("SPX", series, date(2026, 2, 2))
        sunday = day_window("SPX", series, date(2026, 2, 1))
        assert monday == sunday
        assert monday is not None
        assert (monday.start, monday.end) == ("2026-01-30", "2026-02-02")

    def test_a_day_outside_the_data_has_no_window(self) -> None:
        """The first day has no close before it, a later day none of its own."""
        series = prices([10, 9])
        assert day_window("SPX", series, date(2026, 1, 1)) is None
        assert day_window("SPX", series, date(2026, 1, 3)) is None

    @given(
        values=st.lists(st.floats(0.5, 2000.0), min_size=2, max_size=60),
        offset=st.integers(-5, 65),
        length=st.integers(0, 70),
        closes=st.booleans(),
    )
    @settings(max_examples=200, deadline=None)
    def test_windows_lie_inside_the_data(
        self, values: list[float], offset: int, length: int, closes: bool
    ) -> None:
        """Any window starts before it ends, on days of the series, within the period asked."""
        series = prices(values)
        first = date(2026, 1, 1) + timedelta(days=offset)
        last = first + timedelta(days=length)
        window = deepest_window("X", series, first, last, closes=closes)
        if window is None:
            return
        days = [str(stamp.date()) for stamp in series.index]
        assert window.start < window.end
        assert {window.start, window.end} <= set(days)
        assert window.end <= str(last)
        earliest = first if closes else first - timedelta(days=1)
        assert window.start >= str(max(earliest, date(2026, 1, 1)))
        highest = max(series[window.start : window.end])
        assert closes or window.fall <= 0 or series[window.start] == highest


class TestQuestions:
    """Questions to scopes, on small prices."""

    def test_a_question_gets_its_window_from_the_prices(self, view: AsOfView) -> None:
        """BTC falls from 31 January to 3 February inside 'early February'."""
        scope = parse_question("why did bitcoin crash in early February 2026?", view, TODAY)
        assert (scope.start, scope.end) == ("2026-01-31", "2026-02-03")
        assert scope.assets == ("BTC",)
        assert scope.groups == ("crypto",)
        assert scope.as_of == "2026-02-05T23:59Z"
        assert scope.question == "why did bitcoin crash in early February 2026?"

    def test_a_range_that_opens_on_a_weekend_takes_the_close_before(self, view: AsOfView) -> None:
        """Of a Sunday and the Monday after it shares have one close; the days are meant."""
        scope = parse_question("why did stocks fall 1-2 February 2026?", view, TODAY)
        assert (scope.start, scope.end) == ("2026-01-30", "2026-02-02")

    def test_several_assets_share_the_window_of_the_one_that_fell_most(
        self, view: AsOfView
    ) -> None:
        """Both series are equally calm before, so the deeper fall of BTC gives the window."""
        scope = parse_question("stocks and bitcoin, February 2026", view, TODAY)
        assert (scope.start, scope.end) == ("2026-01-31", "2026-02-03")
        assert scope.groups == ("equity", "crypto")

    def test_assets_given_beside_the_question_win(self, view: AsOfView) -> None:
        """--assets overrides what the words name."""
        scope = parse_question("bitcoin in February 2026", view, TODAY, assets=["spx"])
        assert scope.assets == ("SPX",)
        assert (scope.start, scope.end) == ("2026-02-02", "2026-02-05")

    def test_a_single_day(self, view: AsOfView) -> None:
        """One day runs from the close before it."""
        scope = parse_question("S&P on 4 Feb 2026", view, TODAY)
        assert (scope.start, scope.end) == ("2026-02-03", "2026-02-04")

    def test_an_asset_without_data_leaves_the_window_to_the_others(self, view: AsOfView) -> None:
        """Gold is not in the data directory; bitcoin still gives the window."""
        scope = parse_question("gold and bitcoin in February 2026", view, TODAY)
        assert scope.assets == ("GLD", "BTC")
        assert (scope.start, scope.end) == ("2026-01-31", "2026-02-03")

    def test_no_time_is_asked_back_with_what_was_understood(self, view: AsOfView) -> None:
        """The question back names the assets that were heard."""
        with pytest.raises(UnclearQuestion, match=r"I understand the assets \(BTC\) but no time"):
            parse_question("why did bitcoin crash?", view, TODAY)

    def test_nothing_understood_is_said(self, view: AsOfView) -> None:
        """Neither an asset nor a time is answered with examples."""
        with pytest.raises(UnclearQuestion, match="neither an asset nor a time"):
            parse_question("what is happening?", view, TODAY)

    @pytest.mark.parametrize("text", ["bitcoin in 1998", "gold in February 2026"])
    def test_a_time_outside_the_data_is_refused(self, text: str, view: AsOfView) -> None:
        """Before the data, or without the series, there is nothing to compare."""
        with pytest.raises(UsageError, match="not two closes to compare"):
            parse_question(text, view, TODAY)

    def test_a_weekend_is_called_one(self, view: AsOfView) -> None:
        """Days inside the data on which nothing traded are not said to lie outside of it."""
        with pytest.raises(UsageError, match="SPX closed on no day of it, as around a weekend"):
            parse_question("SPX from 2026-01-31 to 2026-02-01", view, TODAY)

    @given(first=st.dates(date(2025, 1, 1), TODAY), length=st.integers(0, 120))
    @settings(max_examples=60, deadline=None)
    def test_windows_of_questions_lie_inside_the_data(
        self, view: AsOfView, first: date, length: int
    ) -> None:
        """Whatever range is asked, the scope starts before it ends and both are known closes."""
        last = min(first + timedelta(days=length), TODAY)
        try:
            scope = parse_question(f"SPX and BTC from {first} to {last}", view, TODAY)
        except UsageError:
            assert (last - first).days < 5
            return
        assert "2025-01-01" <= scope.start < scope.end <= "2026-08-21"
        assert scope.end <= scope.as_of[:10]

    @given(text=st.text(max_size=80))
    @settings(max_examples=150, deadline=None)
    def test_any_text_gives_a_scope_or_one_clear_error(self, view: AsOfView, text: str) -> None:
        """No text whatever raises anything but a usage error."""
        with contextlib.suppress(UsageError):
            scope = parse_question(text, view, TODAY)
            assert scope.start < scope.end


def test_every_asset_is_in_the_registry() -> None:
    """What can be asked about is known to the series registry."""
    from causemap.tools.registry import REGISTRY

    assert set(GROUP_OF) <= set(REGISTRY)


def test_the_seed_window_is_found_in_real_prices(shared_dir: Path) -> None:
    """'Early February 2026' finds bitcoin's fall to 5 February in the real data."""
    real = open_market(shared_dir / "data").view(NOW)
    scope = parse_question("why did bitcoin fall in early February 2026?", real, TODAY)
    assert (scope.start, scope.end) == ("2026-02-02", "2026-02-05")
    seed = parse_question("everything from 2026-01-29 to 2026-02-05", real, TODAY)
    assert (seed.start, seed.end) == ("2026-01-29", "2026-02-05")
