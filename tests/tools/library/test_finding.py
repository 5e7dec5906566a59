from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causemap.articles import Article
from causemap.errors import UsageError
from causemap.tools.library import Library
from causemap.tools.library import timeline as timeline_module
from causemap.tools.library.fusion import Voice, fuse
from causemap.tools.library.moments import micros
from causemap.tools.library.timeline import Span, Timeline, ranked, signs_of
from causemap.tools.library.words import terms

MakeArticle = Callable[..., Article]
NOW = datetime(2026, 6, 2, tzinfo=UTC)


def timeline_of(vectors: np.ndarray) -> Timeline:
    """A timeline with one article each ten microseconds."""
    n = len(vectors)
    seqs = np.arange(1, n + 1, dtype=np.int64)
    half = vectors.astype(np.float16)
    return Timeline(
        seqs=seqs,
        available=seqs * 10,
        words=np.ones(n, dtype=np.int64),
        vectors=half.astype(np.float32),
        signs=signs_of(half),
        places=np.concatenate([[-1], np.arange(n)]),
    )


@given(st.integers(0, 10_000), st.integers(0, 80), st.integers(0, 80), st.integers(1, 20))
def test_nearest_in_a_slice_is_exact(seed: int, low: int, width: int, limit: int) -> None:
    """A slice gives what a full sort of it gives."""
    rng = np.random.default_rng(seed)
    line = timeline_of(rng.standard_normal((100, 8)))
    query = rng.standard_normal(8).astype(np.float32)
    span = Span(low, min(low + width, 100))
    found = line.nearest(query, span, limit)
    scores = line.vectors @ query
    inside = [p for p in np.argsort(-scores, kind="stable") if span.low <= p < span.high]
    assert found.positions.tolist() == [int(p) for p in inside if scores[p] > 0][:limit]


@given(st.integers(0, 10_000), st.integers(1, 130), st.integers(1, 60))
def test_the_first_pass_keeps_those_with_the_most_equal_signs(
    seed: int, dimensions: int, count: int
) -> None:
    """No article left out by the pass over signs agrees in more signs than one that was kept."""
    rng = np.random.default_rng(seed)
    vectors = rng.standard_normal((80, dimensions))
    query = rng.standard_normal(dimensions).astype(np.float32)
    kept = set(timeline_of(vectors)._alike(query, Span(10, 80), count).tolist())
    differing = ((vectors.astype(np.float16) > 0) != (query > 0)).sum(axis=1)
    assert len(kept) >= min(count, 70)
    assert kept <= set(range(10, 80))
    outside = [differing[p] for p in range(10, 80) if p not in kept]
    assert all(differing[p] < least for p in kept for least in [min(outside, default=999)])


def test_the_nearest_survive_the_pass_over_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first pass leaves articles out, near ones come through and are scored exactly."""
    monkeypatch.setattr(timeline_module, "KEEP", 30)
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((500, 64))
    query = rng.standard_normal(64)
    for place, noise in ((400, 0.1), (20, 0.5), (77, 1.0)):
        vectors[place] = query + noise * rng.standard_normal(64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = timeline_of(vectors).nearest(query.astype(np.float32), Span(0, 500), 3)
    assert found.positions.tolist() == [400, 20, 77]


def test_spans_are_bounded_on_both_sides() -> None:
    """Both ends are included; a since after the as-of gives nothing."""
    line = timeline_of(np.ones((5, 2)))
    assert line.span(30) == (0, 3)
    assert line.span(29) == (0, 2)
    assert line.span(50, 20) == (1, 5)
    assert line.span(20, 40) == (2, 2)
    assert line.nearest(np.ones(2, dtype=np.float32), Span(2, 2), 5).positions.size == 0


def test_zero_scores_are_dropped_and_ties_are_in_time_order() -> None:
    """A hit without likeness is none; equal scores keep the earlier article first."""
    scores = np.array([0.5, 0.0, -1.0, 0.5], dtype=np.float32)
    assert ranked(np.array([7, 1, 2, 3]), scores, 9).positions.tolist() == [3, 7]


def bm25(query: str, texts: list[str], k1: float = 1.2, b: float = 0.75) -> list[float]:
    """The formula by hand."""
    bags = [Counter(terms(text)) for text in texts]
    mean = sum(sum(bag.values()) for bag in bags) / len(bags)
    scores = [0.0] * len(bags)
    for term in dict.fromkeys(terms(query)):
        n = sum(term in bag for bag in bags)
        weight = math.log(1 + (len(bags) - n + 0.5) / (n + 0.5))
        for i, bag in enumerate(bags):
            length = 1 - b + b * sum(bag.values()) / mean
            scores[i] += weight * bag[term] * (k1 + 1) / (bag[term] + k1 * length)
    return scores


@pytest.mark.parametrize("known", [12, 9, 4])
def test_bm25_counts_only_what_was_known(shelf: Library, known: int) -> None:
    """Scores at an as-of are those of the formula over the articles available then."""
    timeline, words = shelf._arrays()
    as_of = datetime(2025, known, 6, tzinfo=UTC)
    span = timeline.span(micros(as_of))
    query = "Treasury yields, bitcoin and the split over cuts to guidance"
    found = words.search(shelf._link(), query, span, 50)
    texts = [a.text for a in shelf.window("2024-01-01", as_of.isoformat(), 99)]
    assert len(texts) == known
    expected = bm25(query, texts)
    assert dict(zip(found.positions.tolist(), found.scores.tolist(), strict=True)) == (
        pytest.approx({i: s for i, s in enumerate(expected) if s > 0}, rel=1e-5)
    )


def test_a_common_word_is_common_by_what_was_known(
    library: Library, make: MakeArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left out beside a rarer word, answers alone; later articles do not make it common."""
    monkeypatch.setattr("causemap.tools.library.text_index.COMMON", 2)
    days = ("2026-01-05", "2026-01-06", "2026-02-05", "2026-02-06")
    library.add(
        make(day, f"market {word}", f"{day}T12:00Z")
        for day, word in zip(days, ("yields", "dollar", "silver", "copper"), strict=True)
    )

    def found(query: str, moment: datetime) -> set[str]:
        line, words = library._arrays()
        hits = words.search(library._link(), query, line.span(micros(moment)), 10)
        return {days[p] for p in hits.positions}

    before = datetime(2026, 1, 7, tzinfo=UTC)
    assert found("market dollar", before) == set(days[:2])
    assert found("market dollar", NOW) == {days[1]}
    assert found("market", NOW) == set(days)


def test_meaning_finds_what_words_do_not(shelf: Library) -> None:
    """A question that shares no term with the headline still finds it."""
    query = "cryptocurrency tumbles"
    timeline, words = shelf._arrays()
    assert words.search(shelf._link(), query, Span(0, len(timeline)), 5).positions.size == 0
    assert shelf.search(query, NOW)[0].article.id == "t2"


def test_odd_queries_are_answered_or_empty(shelf: Library) -> None:
    """Query syntax, quotes, nothing at all and no limit are taken as words."""
    for query in ('"gold" AND (margin*)', "NEAR(x y) ^ title:", "", "   ", "'; DROP TABLE article"):
        assert len(shelf.search(query, NOW, limit=3)) <= 3
    assert shelf.search('"gold" AND (margin*)', NOW)[0].article.id == "t4"
    assert shelf.search("gold", NOW, limit=0) == ()
    assert shelf.count() == 12


def test_an_empty_library_answers(library: Library) -> None:
    """No article, no hit, no fault."""
    assert library.search("anything", NOW) == ()
    assert library.window("2025-01-01", NOW.isoformat()) == ()
    assert library.check().sound
    assert library.get("nothing") is None


def test_chinese_is_found_by_its_words(library: Library, make: MakeArticle) -> None:
    """Chinese has no blanks between words: pairs of characters find a word in a sentence."""
    library.add([make("zh", "比特币与黄金矿业股同时下跌"), make("other", "美元指数上涨")])
    timeline, words = library._arrays()
    found = words.search(library._link(), "黄金", Span(0, len(timeline)), 5)
    assert timeline.seqs[found.positions].tolist() == [1]


def test_copies_are_one_hit(library: Library, make: MakeArticle) -> None:
    """Copies of one text give one hit, so that they do not push others out."""
    text = "Gold fell the most in a decade after exchanges raised margin requirements on futures."
    library.add(make(f"copy{n}", text, publisher=f"Outlet {n}") for n in range(8))
    library.add([make("own", "Miners of gold fared better than the metal on Tuesday")])
    hits = library.search("gold fell margin requirements", NOW, limit=5)
    assert [h.article.id for h in hits] == ["copy0", "own"]
    assert len({h.cluster for h in hits}) == 2


def test_fusion_weighs_scores_on_one_scale() -> None:
    """Each voice is scaled from its least to its best; what it does not name gets nothing."""
    meaning = Voice({1: 0.6, 2: 0.2}, -1.0, 0.8)
    said = Voice({2: 9.0, 3: 3.0}, 0.0, 0.2)
    fused = fuse([meaning, said])
    assert [item for item, _ in fused] == [1, 2, 3]
    scores = [score for _, score in fused]
    assert scores == pytest.approx([0.8, 0.8 * 1.2 / 1.6 + 0.2, 0.2 / 3])
    assert fuse([]) == fuse([Voice({}, 0.0, 1.0)]) == []
    assert [item for item, _ in fuse([Voice({5: 1.0, 4: 1.0}, 0.0, 1.0)])] == [4, 5]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Fed's rate cuts", ["fed", "rate", "cut"]),
        ("S&P 500 companies' losses", ["sandp", "500", "company", "losse"]),
        ("U . S . stocks — up 3%", ["stock", "3"]),
        ("Pénurie Straße", ["penurie", "strasse"]),
        ("黄金 BTC下跌", ["黄金", "btc", "下跌"]),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    """Plural endings, stop words, single letters and accents go; Chinese comes in pairs."""
    assert terms(text) == expected


def test_a_model_that_is_none_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An unknown embedding setting is named with what would work."""
    from causemap.tools.library import open_library

    with pytest.raises(UsageError, match="wordllama"):
        open_library(tmp_path_factory.mktemp("x"), embeddings="minilm")
