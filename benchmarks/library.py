"""Speed and recall of the article library on 100,000 headlines.

Run with ``python benchmarks/library.py --headlines FILE.parquet`` (columns ``ts``, ``ts_precision``,
``source``, ``title``). Articles beyond the file's own are variations: two headlines of the same
month joined, so that words stay as frequent as in the real ones. Queries and the hashes of the
headlines they look for are in ``library_queries.json``; none was changed after a run.

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
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from causemap.articles import Article
from causemap.tools.library import Library, open_library
from causemap.tools.library.fusion import fuse
from causemap.tools.library.moments import micros

SIZE = 100_000
DEEP = 50
SEED = 4
NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Query(NamedTuple):
    """A question and the hash of the headline that answers it."""

    query: str
    target: str


def key_of(day: str, source: str, title: str) -> str:
    """What a headline is named by in the query file."""
    return hashlib.sha256(f"{day}\n{source}\n{title}".encode()).hexdigest()[:16]


def articles(path: Path, size: int) -> Iterator[Article]:
    """The file's headlines, then variations up to ``size``."""
    rows = pd.read_parquet(path)
    for row in rows.head(size).itertuples():
        yield article(key_of(str(row.ts)[:10], row.source, row.title), row, row.title)
    rng = random.Random(SEED)  # noqa: S311 variations for a benchmark
    by_month = [
        month for _, month in rows.groupby(rows["ts"].dt.strftime("%Y-%m")) if len(month) > 9
    ]
    for number in range(size - len(rows)):
        month = by_month[number % len(by_month)]
        one, two = (month.iloc[rng.randrange(len(month))] for _ in range(2))
        first, second = one["title"].split(), two["title"].split()
        title = " ".join([*first[: len(first) // 2 + 1], *second[len(second) // 2 :]])
        yield article(f"variation-{number}", one, title)


def article(key: str, row: object, title: str) -> Article:
    """A headline as an article."""
    moment = pd.Timestamp(row["ts"] if isinstance(row, pd.Series) else row.ts)  # type: ignore[attr-defined]  # a row of itertuples
    kind = row["ts_precision"] if isinstance(row, pd.Series) else row.ts_precision  # type: ignore[attr-defined]  # the same
    source = row["source"] if isinstance(row, pd.Series) else row.source  # type: ignore[attr-defined]  # the same
    dated = kind == "date"
    published = str(moment)[:10] if dated else moment.isoformat()
    return Article(
        id=key,
        url=None,
        publisher=source,
        title=title,
        published=published,
        precision="date" if dated else "minute",
        retrieved="2026-11-01T00:00Z",
        available=moment.isoformat(),
        language="en",
        text=title,
    )


def load_queries() -> list[Query]:
    """The fixed question set."""
    raw = json.loads(Path(__file__).with_name("library_queries.json").read_text(encoding="utf-8"))
    return [Query(**entry) for entry in raw]


def recall(found: Callable[[str], Sequence[str]], queries: Sequence[Query]) -> float:
    """Share of the queries whose headline is among the first five."""
    return sum(q.target in list(found(q.query))[:5] for q in queries) / len(queries)


def show_recall(library: Library, queries: Sequence[Query]) -> None:
    """Recall of each way to rank, over all articles and without the merging of copies."""
    timeline, words = library._arrays()  # noqa: SLF001 the parts are measured one by one
    link = library._link()  # noqa: SLF001 the same
    span = timeline.span(micros(NOW))
    ids = dict(link.execute("SELECT seq, id FROM article").fetchall())
    embed = library._embedder  # noqa: SLF001 the same
    full = timeline.vectors.astype(np.float32)

    def named(seqs: Sequence[int]) -> list[str]:
        return [ids[seq] for seq in seqs]

    def by_words(query: str) -> list[int]:
        return timeline.seqs[words.search(link, query, span, DEEP).positions].tolist()

    def by_slices(query: str) -> list[int]:
        return timeline.seqs[timeline.nearest(embed([query])[0], span, DEEP).positions].tolist()

    def by_all(query: str) -> list[int]:
        scores = full @ embed([query])[0]
        return timeline.seqs[np.lexsort((np.arange(len(scores)), -scores))[:DEEP]].tolist()

    def by_chroma(query: str) -> list[int]:
        vector = embed([query])[0]
        near = library._index.nearest(link, vector, DEEP, len(timeline))  # noqa: SLF001 the same
        if near is None:
            raise SystemExit("the Chroma index did not answer")
        return list(near.seqs)

    vectors = {"full scan": by_all, "slices": by_slices, "Chroma": by_chroma}
    print(f"recall@5, words alone (BM25)      {recall(lambda q: named(by_words(q)), queries):.3f}")
    for name, way in vectors.items():

        def both(query: str, way: Callable[[str], list[int]] = way) -> list[str]:
            return named([seq for seq, _ in fuse([by_words(query), way(query)])])

        alone = recall(lambda q, way=way: named(way(q)), queries)  # type: ignore[misc]  # bound early
        print(
            f"recall@5, vectors by {name:<12} {alone:.3f}   with words {recall(both, queries):.3f}"
        )
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
    if library.count() < chosen.size:
        ready = list(articles(chosen.headlines, chosen.size))
        begin, used = time.perf_counter(), time.process_time()
        print(library.add(ready))
        wall, processor = time.perf_counter() - begin, time.process_time() - used
        print(f"ingest {len(ready) / wall:.0f} articles/s by the clock, ", end="")
        print(f"{len(ready) / processor:.0f} by the processor")
    queries = load_queries()
    print(f"articles {library.count()}")
    show_times(library, queries)
    show_recall(library, queries)
    library.close()
    if chosen.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
