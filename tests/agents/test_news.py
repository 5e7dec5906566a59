from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from causemap.agents.bench import Bench
from causemap.agents.news import BEFORE, LATE, read_news, timeliness
from causemap.records import Evidence, Note, Scope
from causemap.tools.market import Market
from causemap.tools.news.timing import Fall

if TYPE_CHECKING:
    from pathlib import Path

SCOPE = Scope("2020-03-02", "2020-03-06", "2020-03-08T23:59Z", ("SPX", "NDX"), ("equity",))
TARIFF = "Stocks fell after the White House announced tariffs on Chinese goods."
VIRUS = "Airline shares sank as the coronavirus outbreak spread and Italy locked down."


def _note(text: str, day: str, publisher: str = "Reuters") -> Note:
    return Note(
        f"{day}{publisher}{text[:9]}", day, "date", publisher, "newswire", text, None, "found", 0.9
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench over an empty store: notes need no prices."""
    view = Market(tmp_path).view(datetime(2020, 3, 8, 23, 59, tzinfo=UTC))
    return Bench("earnings_news", SCOPE, view)


def _shares(bench: Bench, notes: tuple[Note, ...]) -> dict[str, Evidence]:
    fresh = replace(bench, evidence=[], gaps=[], markers=[])
    read_news(fresh, notes)
    return {item.metric: item for item in fresh.evidence if item.group == "text"}


def test_the_cause_most_notes_name_has_the_largest_share(bench: Bench) -> None:
    """Two tellings of tariffs by two outlets outweigh one of the virus; shares stay under one."""
    other = "Beijing answered the new tariffs with duties on American soybeans."
    notes = (
        _note(TARIFF, "2020-03-03"),
        _note(other, "2020-03-04", "BBC"),
        _note(VIRUS, "2020-03-04"),
    )
    found = _shares(bench, notes)
    assert max(found, key=lambda c: found[c].value) == "policy_geopolitics"
    assert found["policy_geopolitics"].n == 2
    assert sum(item.value for item in found.values()) < 1.0
    assert {item.family for item in found.values()} == {"text"}


def test_copies_of_one_article_change_nothing(bench: Bench) -> None:
    """Twenty recycled copies leave every share as it was."""
    once = (_note(TARIFF, "2020-03-03"), _note(VIRUS, "2020-03-04"))
    copies = tuple(_note(TARIFF, "2020-03-03", f"Paper {n}") for n in range(20))
    alone, many = _shares(bench, once), _shares(bench, (*once, *copies))
    assert {c: item.value for c, item in alone.items()} == {
        c: item.value for c, item in many.items()
    }


def test_a_note_of_the_window_counts_more_than_an_earlier_one_and_a_later_one_never() -> None:
    """News from before the fall is background; an account from after it never counts."""
    days = ("2020-02-25", "2020-03-03", "2020-03-07")
    weights = [timeliness(SCOPE, _note(TARIFF, day)) for day in days]
    assert weights == [BEFORE, 1.0, 0.0]


def _fall() -> Fall:
    """Half of the fall on 3 March, the low on the 4th, then a rebound outside the path."""
    closes = tuple(datetime(2020, 3, day, 21, tzinfo=UTC) for day in (2, 3, 4))
    return Fall(closes, (8.0, 7.9, 7.8))


def test_what_comes_after_a_third_of_the_fall_is_discounted_by_its_role() -> None:
    """Until the low a cause counts in full; late a channel counts half, a response nothing."""
    early, late, over = (_note(TARIFF, day) for day in ("2020-03-03", "2020-03-04", "2020-03-05"))
    assert timeliness(SCOPE, early, _fall(), "response") == 1.0
    assert timeliness(SCOPE, late, _fall(), "cause") == 1.0
    assert timeliness(SCOPE, late, _fall(), "channel") == LATE["channel"] == 0.5
    assert timeliness(SCOPE, late, _fall(), "response") == 0.0
    assert timeliness(SCOPE, over, _fall(), "cause") == 0.0


def test_commentary_after_the_low_is_never_heard(bench: Bench) -> None:
    """Whatever is published once the low is made leaves every share as it was."""
    days = pd.DatetimeIndex(["2020-03-02", "2020-03-03", "2020-03-06"])
    bench._covering["SPX"] = pd.Series([100.0, 95.0, 90.0], index=days)
    before = (_note(VIRUS, "2020-03-03"),)
    after = replace(_note(TARIFF, "2020-03-06"), published="2020-03-06T21:30Z", precision="minute")
    alone, told = _shares(bench, before), _shares(bench, (*before, after))
    assert {c: e.value for c, e in alone.items()} == {c: e.value for c, e in told.items()}


def test_news_of_coins_hardly_speaks_for_stocks(bench: Bench) -> None:
    """A hacked exchange does not explain the stock market."""
    hack = "Hackers stole bitcoin worth $500 million from an exchange."
    found = _shares(bench, (_note(hack, "2020-03-03"), _note(VIRUS, "2020-03-03")))
    assert found["crypto_idiosyncratic"].value < found["growth_scare"].value / 2


def test_without_an_event_in_the_notes_there_is_a_gap(bench: Bench) -> None:
    """No news is a named gap, never an even spread."""
    read_news(bench, (_note("The museum opened a new wing.", "2020-03-03"),))
    assert bench.evidence == []
    assert [gap.what for gap in bench.gaps] == ["news of the window"]


def test_the_evidence_is_known_when_its_last_note_is(bench: Bench) -> None:
    """No share is available before the notes it counts."""
    notes = (_note(TARIFF, "2020-03-03"), _note(VIRUS, "2020-03-05"))
    assert {item.available_at for item in _shares(bench, notes).values()} == {"2020-03-05T23:59Z"}


def test_without_notes_no_reader_of_news_is_loaded() -> None:
    """Their expressions take long to compile; a desk, and a window given by dates, need none."""
    code = (
        "import sys, causemap.agents.earnings_news, causemap.agents.scope as scope\n"
        "scope.asked_about('', (), None)\n"
        "readers = 'tools.news.reading tools.news.margins agents.subjects agents.periods'\n"
        "print(*(name for name in readers.split() if f'causemap.{name}' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
