from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.articles import Article
from causemap.tools.library import Added, Library, independent_sources
from causemap.tools.library.duplicates import band_keys, same_story, shingles
from causemap.tools.library.outlets import family

MakeArticle = Callable[..., Article]
NOW = datetime(2026, 6, 2, tzinfo=UTC)
STORY = (
    "Gold dropped more than nine percent on Friday, its steepest one-day loss in decades, after "
    "the exchange raised margin requirements for futures and the nomination for the head of the "
    "central bank eased fears over its independence. Silver lost a quarter of its value. Dealers "
    "spoke of forced selling by leveraged funds, while miners held up better than the metal."
)
WORDS = ("gold", "silver", "margin", "fell", "rose", "fund", "bank", "rate")


def told(library: Library) -> list[tuple[Article, str]]:
    """Every article with its cluster."""
    rows = library._link().execute("SELECT id, cluster FROM article").fetchall()
    return [(article, row[1]) for row in rows if (article := library.get(row[0]))]


def test_twenty_recycled_copies_are_one_source(library: Library, make: MakeArticle) -> None:
    """Copies with a new headline, a changed word and other outlets count as one voice."""
    library.add(
        make(
            f"c{n}",
            f"Edition {chr(65 + n)}: gold drops",
            f"2026-01-30T{n:02d}:00Z",
            text=STORY.replace("Dealers", f"Dealers in city {chr(65 + n)}"),
            publisher=f"Outlet {n}",
            url=f"https://outlet{n}.example/{n}",
        )
        for n in range(20)
    )
    assert len(told(library)) == 20
    assert independent_sources(told(library)) == 1


def test_words_known_already_are_counted_not_stored(library: Library, make: MakeArticle) -> None:
    """The same article again, or the same words at the same address, is known."""
    page = "https://example.org/story"
    first = make("a", "Gold drops", text=STORY, url=page)
    assert library.add([first]) == Added(new=1)
    assert library.add([first, make("b", "Gold drops", text=STORY, url=page)]) == Added(known=2)
    assert library.add([make("c", "Gold drops", text=STORY)]) == Added(new=1, clustered=1)
    assert library.add([]) == Added()


def test_another_figure_is_another_event(library: Library, make: MakeArticle) -> None:
    """Short headlines that differ in their figure are not copies."""
    one = make("a", "Bitcoin falls below $40,000 as altcoins slump")
    two = make("b", "Bitcoin falls below $30,000 as altcoins slump")
    three = make("c", "BREAKING: Bitcoin falls below $40,000 as altcoins slump")
    assert library.add([one, two, three]) == Added(new=3, clustered=1)


def test_the_same_words_months_later_are_another_event(library: Library, make: MakeArticle) -> None:
    """A recurring headline is a copy within days only."""
    title = "Stocks slide as traders await the central bank decision"
    days = ("2026-01-05T12:00Z", "2026-01-07T12:00Z", "2026-03-05T12:00Z")
    added = library.add(make(f"r{n}", title, day) for n, day in enumerate(days))
    assert added == Added(new=3, clustered=1)


def test_a_window_tells_copies_once_by_the_first(library: Library, make: MakeArticle) -> None:
    """Of copies the one available first stands for all, also if it was stored last."""
    library.add([make("late", "Gold drops", "2026-01-31T09:00Z", text=STORY)])
    library.add([make("early", "Gold drops", "2026-01-30T18:00Z", text=STORY + " More follows.")])
    assert [a.id for a in library.window("2026-01-29", NOW.isoformat())] == ["early"]


@given(st.lists(st.sampled_from(WORDS), min_size=1))
def test_equal_texts_always_meet(words: list[str]) -> None:
    """Equal texts have equal keys, whatever they hold, and are copies."""
    title = " ".join(words)
    assert band_keys(shingles(title, title)) == band_keys(shingles(title, title))
    assert same_story((title, title), (title, title))


def test_keys_fit_the_table_and_differ_by_band() -> None:
    """Each band has a key of its own that a signed 64-bit column holds."""
    keys = band_keys(shingles("Gold drops", STORY))
    assert len(set(keys)) == 12
    assert all(0 <= key < 2**63 for key in keys)
    assert band_keys(frozenset()) == []


def test_other_stories_do_not_meet() -> None:
    """Texts on one subject in other words are not copies."""
    other = "Bullion slumped as clearing houses asked for more collateral; dealers blamed leverage."
    assert not same_story(("Gold drops", STORY), ("Gold drops", other))
    assert not set(band_keys(shingles("", STORY))) & set(band_keys(shingles("", other)))


@pytest.mark.parametrize(
    ("publisher", "url", "text", "house"),
    [
        ("Reuters", None, "x", "thomson reuters"),
        ("Daily Post", "https://post.example/a", "LONDON (Reuters) - Gold", "thomson reuters"),
        ("Some Site", "https://www.marketwatch.com/a", "x", "news corp"),
        ("The Wall Street Journal", None, "x", "news corp"),
        ("x", "https://finance.yahoo.com/a", "x", "yahoo"),
        ("Nobody Known", "https://www.nobody.example/a", "x", "nobody.example"),
        ("Nobody Known", None, "x", "nobody known"),
        ("x", "https://notreuters.com/a", "x", "notreuters.com"),
    ],
)
def test_families(
    make: MakeArticle, publisher: str, url: str | None, text: str, house: str
) -> None:
    """A wire named in the lead comes first, then the publisher, then the site."""
    assert family(make("k", "t", text=text, publisher=publisher, url=url)) == house


def test_independence_needs_another_house_and_another_text(make: MakeArticle) -> None:
    """Two outlets of one house are one voice; a copy ties its outlet to the original."""
    wsj = make("a", "a", publisher="The Wall Street Journal")
    barrons = make("b", "b", publisher="Barron's")
    guardian = make("c", "c", publisher="The Guardian")
    cnbc = make("d", "d", publisher="CNBC")
    assert independent_sources([(wsj, "1"), (barrons, "2")]) == 1
    assert independent_sources([(wsj, "1"), (guardian, "2"), (cnbc, "3")]) == 3
    assert independent_sources([(wsj, "1"), (guardian, "1"), (cnbc, "3")]) == 2
    assert independent_sources([]) == 0
