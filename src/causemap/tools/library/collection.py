"""The library: add, search, look back at a window, check, rebuild.

Readers need no lock. Writers take turns by a file lock, whatever process they are in. Articles are
committed batch by batch before the vector index hears of them; how far that index has come is
written down, so whoever was killed in between is caught up with at the next turn.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from pathlib import Path
from threading import Lock, local
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from causemap.errors import IncompleteError, SourceError
from causemap.tools.library import store, upkeep
from causemap.tools.library.embedding import WORDLLAMA, open_embedder
from causemap.tools.library.fusion import LEAST_BM25, LEAST_COSINE, MEANING, WORDS, Voice, fuse
from causemap.tools.library.moments import micros, moment_of
from causemap.tools.library.results import Added, Checkup, Hit, Status
from causemap.tools.library.schema import connect, named_faults, transaction
from causemap.tools.library.vector_index import VectorIndex
from causemap.tools.library.writer_turns import WriterTurns

if TYPE_CHECKING:
    from causemap.articles import Article
    from causemap.tools.library.embedding import Embedder
    from causemap.tools.library.text_index import TextIndex
    from causemap.tools.library.timeline import Ranked, Span, Timeline

BATCH: Final = 500
# Candidates of each ranking: copies and late articles are taken out before the limit is met.
DEEP: Final = 50


P = ParamSpec("P")
T = TypeVar("T")


def _named(
    method: Callable[Concatenate[Library, P], T],
) -> Callable[Concatenate[Library, P], T]:
    """A way into the library whose faults of SQLite are named (see :func:`named_faults`)."""

    @wraps(method)
    def call(library: Library, /, *given: P.args, **named: P.kwargs) -> T:
        with named_faults(library._path):  # noqa: SLF001  # of its own class
            return method(library, *given, **named)

    return call


def open_library(folder: Path, *, embeddings: str = WORDLLAMA, chroma_url: str = "") -> Library:
    """The library in a folder, made if it is not there.

    ``embeddings`` is ``wordllama`` or ``openai:MODEL``; ``chroma_url`` a Chroma server in place of
    the folder's own index. Raises IncompleteError if the folder cannot be used.
    """
    return Library(folder, open_embedder(embeddings), chroma_url)


class Library:
    """Articles with their times, found by meaning and by words, as known at a moment."""

    def __init__(self, folder: Path, embedder: Embedder, chroma_url: str = "") -> None:
        """See :func:`open_library`."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise IncompleteError(
                f"The library folder {folder} cannot be made ({fault.strerror})."
            ) from fault
        self._path = folder / "library.sqlite"
        self._turns = WriterTurns(folder / "writer.lock")
        self._embedder = embedder
        self._index = VectorIndex(folder, chroma_url, embedder, self._turns)
        self._threads = local()
        self._reading = Lock()
        self._seen: tuple[Timeline, TextIndex] | None = None
        self._link()

    @_named
    def add(
        self,
        articles: Iterable[Article],
        progress: Callable[[Added], None] | None = None,
    ) -> Added:
        """Clean and store articles; those known word for word are counted, not stored again.

        Every :data:`BATCH` articles are safe on disk before the next are read; ``progress`` is then
        called with the sum so far. Raises UsageError for an article that cannot be stored, and
        SourceError if the embedding server fails: the batches before it stay.
        """
        total = Added()
        for batch in store.in_batches((store.cleaned(a) for a in articles), BATCH):
            total += self._add_batch(batch)
            if progress:
                progress(total)
        with self._turns.mine():
            self._index.catch_up(self._link())
        return total

    @_named
    def search(
        self, query: str, as_of: datetime, since: datetime | None = None, limit: int = 10
    ) -> tuple[Hit, ...]:
        """The articles nearest to a query among those available from ``since`` to ``as_of``.

        Found by meaning (vectors) and by words (BM25), fused by score; copies of one text give one
        hit. If one of the two indexes is damaged the other answers.
        """
        last = micros(as_of)
        timeline, words = self._arrays()
        span = timeline.span(last, None if since is None else micros(since))
        if span.high == span.low or limit < 1:
            return ()
        deep = max(DEEP, 2 * limit)
        meaning = self._by_meaning(timeline, query, span, deep)
        found = self._by_words(words, query, span, deep)
        voices = [
            Voice(_scores(timeline, meaning), LEAST_COSINE, MEANING),
            Voice(_scores(timeline, found), LEAST_BM25, WORDS),
        ]
        fused = fuse(voice for voice in voices if voice.scores)
        return self._told_once(fused, last, limit)

    @_named
    def window(self, start: str, as_of: str, limit: int = 200) -> tuple[Article, ...]:
        """What a reader at ``as_of`` had to read about the time since ``start``, in time order.

        ``start`` is a date or a time with its zone. Copies are told once, by the first that was
        available; of more than ``limit`` the latest are kept.
        """
        return store.between(self._link(), moment_of(start), moment_of(as_of), limit)

    @_named
    def get(self, id: str) -> Article | None:  # noqa: A002 the field it looks up
        """The article with an id, whatever the time: for showing what was already cited."""
        return store.by_id(self._link(), id)

    @_named
    def count(self) -> int:
        """How many articles are stored."""
        return int(self._link().execute("SELECT count(*) FROM article").fetchone()[0])

    @_named
    def status(self) -> Status:
        """Counts and the span of publication; quick, see :meth:`check` for damage."""
        return upkeep.status(self._link(), self._embedder, self._path.parent)

    @_named
    def check(self) -> Checkup:
        """Look for damage in the tables, the texts, the text index and the vector index."""
        return upkeep.check(self._link(), self._embedder, self._index)

    @_named
    def rebuild(self) -> None:
        """Make the text index, missing vectors and the Chroma index anew from the articles."""
        with self._turns.mine():
            upkeep.rebuild_terms(self._link())
            upkeep.embed_missing(self._link(), self._embedder)
            self._index.rebuild(self._link())
        self._seen = None

    @_named
    def backup(self, target: Path) -> None:
        """A whole copy of the articles in one file, put in place in one step."""
        upkeep.backup(self._link(), target)

    def close(self) -> None:
        """Let go of files and clients."""
        self._index.close()
        if hasattr(self._threads, "link"):
            self._threads.link.close()
            del self._threads.link

    def _link(self) -> sqlite3.Connection:
        """A connection for each thread."""
        if not hasattr(self._threads, "link"):
            self._threads.link = connect(self._path)
        link: sqlite3.Connection = self._threads.link
        return link

    def _add_batch(self, batch: list[Article]) -> Added:
        link = self._link()
        with self._turns.mine():
            fresh = store.unknown(link, batch)
            texts = [store.embedded_text(r.article.title, r.article.text) for r in fresh]
            vectors = self._embedder(texts)
            with transaction(link):
                stored = store.put(link, fresh, vectors, self._embedder.name)
        return stored + Added(known=len(batch) - len(fresh))

    def _arrays(self) -> tuple[Timeline, TextIndex]:
        """The sorted arrays, read again if articles were added, by this or another process."""
        from causemap.tools.library.text_index import TextIndex
        from causemap.tools.library.timeline import load_timeline

        link = self._link()
        with self._reading:
            newest = link.execute("SELECT coalesce(max(seq), 0) FROM article").fetchone()[0]
            if self._seen is None or len(self._seen[0]) != newest:
                timeline = load_timeline(link, self._embedder.name)
                self._seen = (timeline, TextIndex(timeline))
            return self._seen

    def _by_words(self, words: TextIndex, query: str, span: Span, deep: int) -> Ranked | None:
        try:
            return words.search(self._link(), query, span, deep)
        except sqlite3.DatabaseError:
            return None

    def _by_meaning(self, timeline: Timeline, query: str, span: Span, deep: int) -> Ranked | None:
        """Exact over a slice of time; through Chroma when the question is about everything."""
        try:
            vector = self._embedder([query])[0]
        except SourceError:
            return None
        if len(vector) != timeline.vectors.shape[1]:
            return None
        if span == (0, len(timeline)):
            near = self._index.nearest(self._link(), vector, deep, len(timeline))
            if near is not None:
                return timeline.ranked_seqs(near.seqs, near.cosines, deep)
        return timeline.nearest(vector, span, deep)

    def _told_once(self, fused: list[tuple[int, float]], last: int, limit: int) -> tuple[Hit, ...]:
        """The best of each cluster and address, looked up in SQLite with the as-of once more."""
        hits: dict[int, Hit] = {}
        told: set[str] = set()
        while fused and len(hits) < limit:
            part, fused = fused[: 2 * limit], fused[2 * limit :]
            rows = store.by_seq(self._link(), [seq for seq, _ in part], last)
            for seq, score in part:
                if seq in rows:
                    article, cluster = rows[seq]
                    if article.url not in told:
                        hits.setdefault(cluster, Hit(article, score, f"c{cluster}"))
                    told |= {article.url} if article.url else set()
        return tuple(hits.values())[:limit]


def _scores(timeline: Timeline, found: Ranked | None) -> dict[int, float]:
    if found is None:
        return {}
    return dict(zip(timeline.seqs[found.positions].tolist(), found.scores.tolist(), strict=True))
