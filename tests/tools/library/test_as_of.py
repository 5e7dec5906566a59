from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from causemap.articles import Article
from causemap.errors import UsageError
from causemap.explaining import articles_for
from causemap.records import Scope
from causemap.settings import Settings
from causemap.tools.library import Library, open_library
from causemap.tools.library.moments import available_from, micros, moment_of

MakeArticle = Callable[..., Article]
NOW = datetime(2026, 6, 2, tzinfo=UTC)
CANARY = "zanzibarite"
ZONES = ("UTC", "America/New_York", "Europe/London", "Asia/Shanghai", "Pacific/Kiritimati")
# Both sides of the ends of summer time in New York and London, where a wall clock repeats an hour.
PLANTED = (
    "2025-11-02T05:30Z",
    "2025-11-02T06:30Z",
    "2025-10-26T00:30Z",
    "2025-03-09T07:00Z",
    "2026-02-05T21:00:00.000001Z",
)


@pytest.fixture
def planted(shelf: Library, make: MakeArticle) -> Library:
    """A shelf with five articles that carry a word nobody else uses."""
    shelf.add(
        make(f"canary{n}", f"{CANARY} report number {n} on {topic}", moment)
        for n, (moment, topic) in enumerate(
            zip(PLANTED, ("rates", "chips", "margin", "oil", "funding"), strict=True)
        )
    )
    return shelf


moments = st.builds(
    lambda offset, zone: (datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=offset)).astimezone(
        ZoneInfo(zone)
    ),
    st.integers(0, 420 * 86_400),
    st.sampled_from(ZONES),
)
near = st.builds(
    lambda text, step, zone: (moment_of(text) + step * timedelta(microseconds=1)).astimezone(
        ZoneInfo(zone)
    ),
    st.sampled_from(PLANTED),
    st.integers(-2, 2),
    st.sampled_from(ZONES),
)


@given(as_of=moments | near)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_of_the_future_is_ever_returned(planted: Library, as_of: datetime) -> None:
    """Whatever the moment and its zone, search and window give what was available, all of it."""
    expected = {f"canary{n}" for n, text in enumerate(PLANTED) if moment_of(text) <= as_of}
    hits = planted.search(f"{CANARY} report", as_of, limit=50)
    window = planted.window("2024-12-01", as_of.isoformat(), limit=1_000)
    assert {h.article.id for h in hits if CANARY in h.article.text} == expected
    assert {a.id for a in window if CANARY in a.text} == expected
    assert all(moment_of(a.available) <= as_of for a in (*window, *(h.article for h in hits)))


@given(as_of=moments)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_since_is_a_bound_too(planted: Library, as_of: datetime) -> None:
    """A search since a moment gives nothing that was available before it."""
    since = as_of - timedelta(days=60)
    hits = planted.search("yields bitcoin report", as_of, since, limit=50)
    assert all(since <= moment_of(h.article.available) <= as_of for h in hits)


def test_the_past_does_not_change_when_the_future_is_stored(
    shelf: Library, make: MakeArticle
) -> None:
    """An earlier answer is the same with and without later articles."""
    as_of = datetime(2025, 12, 31, tzinfo=UTC)
    queries = ("treasury yields rate", "bitcoin liquidated", "gold margin shares", "AI tools")
    before = [shelf.search(query, as_of, limit=12) for query in queries]
    shelf.add(
        make(
            f"later{n}", f"Treasury yields and bitcoin margin tools {n} {'gold ' * n}", "2026-01-02"
        )
        for n in range(40)
    )
    after = [shelf.search(query, as_of, limit=12) for query in queries]
    # At first everything was asked, through Chroma; now it is a slice of the past.
    assert [[h.article.id for h in hits] for hits in after] == [
        [h.article.id for h in hits] for hits in before
    ]
    # Not a word's weight either: it is counted over what was known.
    for then, now in zip(before, after, strict=True):
        assert [h.score for h in now] == pytest.approx([h.score for h in then], abs=2e-3)


def test_sqlite_has_the_last_word(planted: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if both indexes hand over a future article, the look-up in the tables leaves it out."""
    timeline, _ = planted._arrays()
    far = timeline.seqs[-1]
    found = planted._told_once([(int(far), 1.0)], micros(datetime(2025, 1, 31, tzinfo=UTC)), 5)
    assert found == ()
    assert len(planted._told_once([(int(far), 1.0)], micros(NOW), 5)) == 1
    monkeypatch.undo()


def test_a_date_counts_from_the_end_of_its_day(library: Library, make: MakeArticle) -> None:
    """An article of which only the day is known is not read before that day is over."""
    library.add([make("d", "A decision on rates was taken", "2026-02-03")])
    assert library.search("rates decision", datetime(2026, 2, 3, 23, 58, tzinfo=UTC)) == ()
    assert len(library.search("rates decision", datetime(2026, 2, 3, 23, 59, tzinfo=UTC))) == 1


def test_available_is_never_before_published(make: MakeArticle) -> None:
    """An article that claims to have been available before it was published is not believed."""
    early = replace(make("x", "Early bird", "2026-02-03T12:00Z"), available="2020-01-01T00:00Z")
    assert available_from(early) == datetime(2026, 2, 3, 12, tzinfo=UTC)


def test_a_corrected_text_is_known_from_its_retrieval(library: Library, make: MakeArticle) -> None:
    """A page changed after the fact, under its old date, does not reach back to that date."""
    page = "https://example.com/a"
    library.add([make("a", "Shares fell on rates", text="Shares fell on rates.", url=page)])
    changed = make(
        "a",
        "Shares fell on rates",
        text="Correction: shares fell on forced selling by funds.",
        url=page,
        retrieved="2026-04-01T00:00Z",
    )
    assert library.add([changed]).new == 1
    then = library.search("shares forced selling", datetime(2026, 3, 1, tzinfo=UTC))
    assert [h.article.text for h in then] == ["Shares fell on rates."]
    later = library.search("correction forced selling", datetime(2026, 4, 2, tzinfo=UTC))
    assert "Correction" in later[0].article.text
    # The window of the past holds the page as it then stood: not nothing, not what came after.
    for moment, told in ("2026-03-01T00:00Z", "Shares fell"), ("2026-04-02T00:00Z", "Correction"):
        (page_then,) = library.window("2026-01-01", moment)
        assert page_then.text.startswith(told)
    assert library.add([changed]).known == 1


def test_a_time_without_zone_is_refused(shelf: Library) -> None:
    """A wall clock without its zone is an error, not a guess."""
    with pytest.raises(UsageError, match="no zone"):
        shelf.search("rates", datetime(2026, 1, 1))  # noqa: DTZ001 the fault under test
    with pytest.raises(UsageError, match="no zone"):
        shelf.window("2025-01-01", "2026-01-01T00:00")


def test_a_window_keeps_the_latest_and_is_in_time_order(shelf: Library) -> None:
    """Of more articles than the limit the latest stay, oldest first."""
    found = shelf.window("2025-03-01", "2025-09-30T00:00Z", limit=3)
    assert [a.id for a in found] == ["t7", "t8", "t9"]
    assert [a.id for a in shelf.window("2025-08-05", "2025-09-05T12:00Z")] == ["t8", "t9"]


def test_explaining_reads_the_window_and_needs_no_library(
    tmp_path: Path, make: MakeArticle
) -> None:
    """Articles from ten days before the window to the as-of are handed on; no library, none."""
    asked = Settings(data_dir=tmp_path, home=tmp_path)
    scope = Scope("2026-01-29", "2026-02-05", "2026-02-07T00:00Z", ("SPX",), ("equity",))
    assert articles_for(asked, scope) == ()
    assert not (tmp_path / "library").exists()
    library = open_library(tmp_path / "library")
    library.add(
        [
            make("old", "Long before the window", "2026-01-18"),
            make("in", "Just before the window", "2026-01-19T01:00Z"),
            make("late", "After the answer was given", "2026-02-07T00:01Z"),
        ]
    )
    library.close()
    assert [a.id for a in articles_for(asked, scope)] == ["in"]
