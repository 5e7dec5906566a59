"""Speed and recall of the article library on 100,000 headlines.

Run with ``python benchmarks/library.py --headlines FILE.parquet``, whose columns are ``ts``,
``ts_precision``, ``source`` and ``title``. Articles beyond the file's own are variations: halves of
two neighbouring headlines joined, so that words stay as frequent as in the real ones. Queries and
the hashes of the headlines they look for are in ``library_queries.json``: ``query`` as an analyst
asks, with the names of the matter; ``without_its_words`` a paraphrase that avoids the headline's
words on purpose. The paraphrases were written first, the other set after they had shown that
nothing here finds them among 100,000; neither set was changed after a run on it.

Reported: articles a second; milliseconds of as-of searches, by the clock and of the processor
(other work on the machine shows in the first only); recall@5 of words alone, vectors alone, and
both, with exact search and with Chroma.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from causemap.articles import Article
from causemap.tools.library import Library, open_library
from causemap.tools.library.embedding import open_embedder
from causemap.tools.library.fusion import LEAST_BM25, LEAST_COSINE, MEANING, WORDS, Voice, fuse
from causemap.tools.library.moments import micros
from causemap.tools.library.schema import connect
from causemap.tools.library.text_index import TextIndex
from causemap.tools.library.timeline import Ranked, load_timeline, ranked
from causemap.tools.library.vector_index import VectorIndex
from causemap.tools.library.writer_turns import WriterTurns

SIZE = 100_000
DEEP = 50
SEED = 4
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Query(NamedTuple):
    """A question and the hash of the headline that answers it."""

    target: str
    query: str
    without_its_words: str


def key_of(day: str, source: str, title: str) -> str:
    """What a headline is named by in the query file."""
    return hashlib.sha256(f"{day}\n{source}\n{title}".encode()).hexdigest()[:16]


class Headline(NamedTuple):
    """A row of the file."""

    moment: pd.Timestamp
    precision: str
    source: str
    title: str


def headlines(path: Path) -> list[Headline]:
    """The rows of the file, in its order."""
    rows = pd.read_parquet(path)
    columns = zip(rows["ts"], rows["ts_precision"], rows["source"], rows["title"], strict=True)
    return [Headline(pd.Timestamp(ts), str(p), str(s), str(t)) for ts, p, s, t in columns]


def articles(path: Path, size: int) -> Iterator[Article]:
    """The file's headlines, then variations up to ``size``."""
    rows = headlines(path)
    for row in rows[:size]:
        yield article(key_of(str(row.moment)[:10], row.source, row.title), row)
    rng = random.Random(SEED)  # noqa: S311 variations for a benchmark
    for number in range(size - len(rows)):
        place = rng.randrange(len(rows))
        one, two = rows[place], rows[max(0, place - rng.randrange(1, 200))]
        first, second = one.title.split(), two.title.split()
        title = " ".join([*first[: len(first) // 2 + 1], *second[len(second) // 2 :]])
        yield article(f"variation-{number}", one._replace(title=title))


def article(key: str, row: Headline) -> Article:
    """A headline as an article."""
    dated = row.precision == "date"
    return Article(
        id=key,
        url=None,
        publisher=row.source,
        title=row.title,
        published=str(row.moment)[:10] if dated else row.moment.isoformat(),
        precision="date" if dated else "minute",
        retrieved="2026-11-01T00:00Z",
        available=row.moment.isoformat(),
        language="en",
        text=row.title,
    )


def load_queries() -> list[Query]:
    """The fixed question set."""
    raw = json.loads(Path(__file__).with_name("library_queries.json").read_text(encoding="utf-8"))
    return [Query(**entry) for entry in raw]


def recall(found: Callable[[str], Sequence[str]], queries: Sequence[Query]) -> float:
    """Share of the queries whose headline is among the first five."""
    return sum(q.target in list(found(q.query))[:5] for q in queries) / len(queries)


class Ways:
    """The ways to rank all articles of a library's folder, each giving article numbers."""

    def __init__(self, folder: Path) -> None:
        """The parts of the library are opened one by one, for they are measured so."""
        self.link = connect(folder / "library.sqlite")
        self._embed = open_embedder()
        self._timeline = load_timeline(self.link, self._embed.name)
        self._words = TextIndex(self._timeline)
        self._index = VectorIndex(folder, "", self._embed, WriterTurns(folder / "writer.lock"))
        self._span = self._timeline.span(micros(NOW))

    def words(self, query: str) -> dict[int, float]:
        """BM25."""
        return self._scored(self._words.search(self.link, query, self._span, DEEP))

    def slices(self, query: str) -> dict[int, float]:
        """The two passes that answer for a past moment."""
        vector = self._embed([query])[0]
        return self._scored(self._timeline.nearest(vector, self._span, DEEP))

    def full_scan(self, query: str) -> dict[int, float]:
        """Every dimension of every vector."""
        scores = self._timeline.vectors @ self._embed([query])[0]
        return self._scored(ranked(np.arange(len(scores)), scores, DEEP))

    def chroma(self, query: str) -> dict[int, float]:
        """The graph."""
        vector = self._embed([query])[0]
        near = self._index.nearest(self.link, vector, DEEP, len(self._timeline))
        if near is None:
            raise SystemExit("the Chroma index did not answer")
        return dict(zip(near.seqs, near.cosines, strict=True))

    def _scored(self, found: Ranked) -> dict[int, float]:
        seqs = self._timeline.seqs[found.positions].tolist()
        return dict(zip(seqs, found.scores.tolist(), strict=True))


def show_recall(library: Library, ways: Ways, queries: Sequence[Query]) -> None:
    """Recall of each way to rank, over all articles; only the last line merges copies."""
    ids = dict(ways.link.execute("SELECT seq, id FROM article").fetchall())

    def measured(way: Callable[[str], Iterable[int]]) -> float:
        return recall(lambda query: [ids[seq] for seq in way(query)], queries)

    print(f"recall@5, words alone (BM25)      {measured(ways.words):.3f}")
    for way in (ways.full_scan, ways.slices, ways.chroma):

        def both(query: str, way: Callable[[str], dict[int, float]] = way) -> list[int]:
            voices = (
                Voice(way(query), LEAST_COSINE, MEANING),
                Voice(ways.words(query), LEAST_BM25, WORDS),
            )
            return [seq for seq, _ in fuse(voices)]

        print(f"recall@5, vectors, {way.__name__:<14} {measured(way):.3f}", end="")
        print(f"   with words {measured(both):.3f}")
    whole = recall(lambda q: [h.article.id for h in library.search(q, NOW, limit=5)], queries)
    print(f"recall@5, Library.search          {whole:.3f}   (n={len(queries)})")


def timed(library: Library, queries: Sequence[Query], moments: Sequence[datetime]) -> None:
    """Times of searches at the given moments, each query in turn."""
    wall, processor = [], []
    for number, moment in enumerate(moments):
        query = queries[number % len(queries)].query
        begin, used = time.perf_counter(), time.process_time()
        library.search(query, moment, limit=10)
        wall.append(1e3 * (time.perf_counter() - begin))
        processor.append(1e3 * (time.process_time() - used))
    for name, values in (("clock", wall), ("processor", processor)):
        p50, p95 = np.percentile(values, [50, 95])
        print(f"    {name:<10} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   (n={len(values)})")


def show_times(library: Library, queries: Sequence[Query]) -> None:
    """As-of searches: each query for the first time, then again at random moments, then now."""
    rng = random.Random(SEED)  # noqa: S311 moments for a benchmark
    begin, end = datetime(2018, 1, 1, tzinfo=UTC), datetime(2024, 9, 1, tzinfo=UTC)
    moments = [begin + rng.random() * (end - begin) for _ in range(300)]
    started = time.perf_counter()
    library.search("stocks", end)
    print(f"first search (arrays read)        {time.perf_counter() - started:6.2f} s")
    print("as-of search, words asked for the first time")
    timed(library, queries, moments[: len(queries)])
    print("as-of search, words asked before")
    timed(library, queries, moments)
    print("search of everything (Chroma)")
    timed(library, queries, [NOW] * 100)


def main() -> None:
    """Fill a library in a temporary folder (or open one that was kept), then measure."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--headlines", type=Path, required=True)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--keep", type=Path, help="A folder to keep the library in, or to reuse.")
    chosen = parser.parse_args()
    folder = chosen.keep or Path(tempfile.mkdtemp())
    library = open_library(folder)
    if library.count() < 0.99 * chosen.size:
        ready = list(articles(chosen.headlines, chosen.size))
        begin, used = time.perf_counter(), time.process_time()
        print(library.add(ready))
        wall, processor = time.perf_counter() - begin, time.process_time() - used
        print(f"ingest {len(ready) / wall:.0f} articles/s by the clock, ", end="")
        print(f"{len(ready) / processor:.0f} by the processor")
    queries = load_queries()
    print(f"articles {library.count()}")
    show_times(library, queries)
    print("questions as an analyst asks them")
    ways = Ways(folder)
    show_recall(library, ways, queries)
    print("paraphrases without the headline's words")
    paraphrases = [query._replace(query=query.without_its_words) for query in queries]
    show_recall(library, ways, paraphrases)
    library.close()
    if chosen.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
