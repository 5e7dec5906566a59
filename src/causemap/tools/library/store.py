"""Articles in SQLite: put in by whole batches, read back as records."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from causemap.articles import Article
from causemap.errors import UsageError
from causemap.tools.hygiene import MAX_TEXT, clean_block, clean_text, fold_confusables
from causemap.tools.library.duplicates import (
    DAYS_APART,
    band_keys,
    same_story,
    shingles,
    told,
)
from causemap.tools.library.moments import available_from, iso, micros, moment_of
from causemap.tools.library.results import Added
from causemap.tools.library.words import terms
from causemap.tools.notes import clean_url

if TYPE_CHECKING:
    from causemap.tools.library.embedding import Vectors

MAX_TITLE: Final = 500
MAX_PUBLISHER: Final = 120
MAX_ID: Final = 200
CANDIDATES: Final = 64
_NEAR_IN_TIME: Final = timedelta(days=DAYS_APART) // timedelta(microseconds=1)
_FIELDS: Final = (
    "id, url, publisher, title, published, precision, retrieved, available, language, text"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A cleaned article with what the tables hold beside it."""

    article: Article
    published_us: int
    available_us: int
    hash: str


def cleaned(article: Article) -> Article:
    """The article as it may be stored: cleaned, capped, its address checked, its times sound.

    Raises:
        UsageError: a time without zone or that is none, or nothing left of title and text.
    """
    title = fold_confusables(clean_text(article.title, MAX_TITLE))
    text = clean_block(article.text, MAX_TEXT)
    if not (title or text):
        raise UsageError(f"The article {article.id!r:.80} holds no visible text.")
    return replace(
        article,
        id=clean_text(article.id, MAX_ID),
        url=clean_url(article.url) if article.url else None,
        publisher=fold_confusables(clean_text(article.publisher, MAX_PUBLISHER)) or "unknown",
        title=title or clean_text(text, 120),
        available=iso(available_from(article)),
        language=clean_text(article.language, 20) or "und",
        text=text or title,
    )


def unknown(link: sqlite3.Connection, articles: Iterable[Article]) -> list[Row]:
    """The rows of cleaned articles that the library does not have word for word."""
    rows = (_as_stored(link, _row(article)) for article in articles)
    return [row for row in rows if row is not None]


def put(
    link: sqlite3.Connection, rows: Sequence[Row], vectors: Vectors | None, model: str
) -> Added:
    """Store :func:`unknown` rows inside the caller's transaction, with one of ``vectors`` each."""
    count = Added()
    kept: list[tuple[int, int]] = []
    told_here: set[str | None] = set()
    first = int(link.execute("SELECT coalesce(max(seq), 0) + 1 FROM article").fetchone()[0])
    for number, given in enumerate(rows):
        names = {given.article.id, given.article.url} - {None}
        # Only what stands in the same batch can have become known since.
        row = _as_stored(link, given) if names & told_here else given
        told_here |= names
        if row is None:
            count += Added(known=1)
            continue
        seq = first + len(kept)
        cluster = _insert(link, row, seq)
        kept.append((seq, number))
        count += Added(new=1, clustered=int(cluster != seq))
    if vectors is not None and kept:
        chosen = vectors[[number for _, number in kept]]
        put_vectors(link, [seq for seq, _ in kept], chosen, model)
    return count


def put_vectors(
    link: sqlite3.Connection, seqs: Sequence[int], vectors: Vectors, model: str
) -> None:
    """Store vectors in half precision (the cosine keeps three decimals)."""
    half = vectors.astype("float16")
    link.executemany(
        "INSERT OR REPLACE INTO vector (model, seq, value) VALUES (?, ?, ?)",
        [(model, seq, row.tobytes()) for seq, row in zip(seqs, half, strict=True)],
    )


def embedded_text(title: str, text: str) -> str:
    """What is made a vector of: the title and the beginning."""
    from causemap.tools.library.embedding import MAX_CHARACTERS

    return told(title, text)[:MAX_CHARACTERS]


def by_seq(
    link: sqlite3.Connection, seqs: Sequence[int], as_of: int
) -> dict[int, tuple[Article, int]]:
    """Articles with their clusters by number; those not available at ``as_of`` are left out."""
    slots = ", ".join("?" * len(seqs))
    rows = link.execute(
        f"SELECT seq, cluster, {_FIELDS} FROM article "  # noqa: S608 fixed names and slots only
        f"WHERE available_us <= ? AND seq IN ({slots})",
        [as_of, *seqs],
    )
    return {row["seq"]: (_article(row), row["cluster"]) for row in rows}


def by_id(link: sqlite3.Connection, key: str) -> Article | None:
    """The article of an id."""
    row = link.execute(f"SELECT {_FIELDS} FROM article WHERE id = ?", [key]).fetchone()  # noqa: S608 fixed names
    return _article(row) if row else None


def between(
    link: sqlite3.Connection, start: datetime, as_of: datetime, limit: int
) -> tuple[Article, ...]:
    """The latest ``limit`` articles published since ``start`` and available at ``as_of``.

    Copies of one text are told once, by the copy that was available first, and an address by its
    latest version (one half as long, as when a page becomes a notice, replaces nothing); in time
    order.
    """
    rows = link.execute(
        f"""
        SELECT {_FIELDS}, available_us, seq FROM (
            SELECT *, row_number() OVER (PARTITION BY cluster ORDER BY available_us, seq) AS place
            FROM article a WHERE available_us BETWEEN ? AND ? AND published_us >= ?
            AND NOT EXISTS (
                SELECT 1 FROM article b WHERE b.url = a.url AND b.available_us <= ?
                AND (b.available_us, b.seq) > (a.available_us, a.seq)
                AND 2 * length(b.text) > length(a.text)
            )
        ) WHERE place = 1 ORDER BY available_us DESC, seq DESC LIMIT ?
        """,  # noqa: S608 fixed names only
        [micros(start), micros(as_of), micros(start), micros(as_of), limit],
    ).fetchall()
    return tuple(_article(row) for row in reversed(rows))


def texts_after(link: sqlite3.Connection, seq: int, limit: int) -> list[tuple[int, str, str]]:
    """Number, title and text of the next ``limit`` articles after a number."""
    rows = link.execute(
        "SELECT seq, title, text FROM article WHERE seq > ? ORDER BY seq LIMIT ?", [seq, limit]
    )
    return [(row["seq"], row["title"], row["text"]) for row in rows]


def in_batches(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    """Lists of at most ``size``, in order."""
    batch: list[Article] = []
    for article in articles:
        batch.append(article)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def text_hash(title: str, text: str) -> str:
    """What the words of an article are recognised by."""
    return hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()


def _row(article: Article) -> Row:
    return Row(
        article,
        micros(moment_of(article.published)),
        micros(moment_of(article.available)),
        text_hash(article.title, article.text),
    )


def _as_stored(link: sqlite3.Connection, row: Row) -> Row | None:
    """The row to insert; ``None`` if these words are known.

    Other words under a known id or address are a later version. It cannot have been read before it
    was retrieved, whatever date the page still carries: otherwise a text corrected afterwards
    would be known before the correction.
    """
    article = row.article
    same = link.execute(
        "SELECT hash FROM article WHERE id = ? OR (url IS NOT NULL AND url = ?)",
        [article.id, article.url],
    ).fetchall()
    if not same:
        return row
    if row.hash in {found["hash"] for found in same}:
        return None
    known = max(row.available_us, micros(moment_of(article.retrieved)))
    available = max(moment_of(article.available), moment_of(article.retrieved))
    version = replace(article, id=f"{article.id}.{row.hash[:8]}", available=iso(available))
    if link.execute("SELECT 1 FROM article WHERE id = ?", [version.id]).fetchone():
        return None
    return replace(row, article=version, available_us=known)


def _insert(link: sqlite3.Connection, row: Row, seq: int) -> int:
    """Store one article under a number, with its terms and bands; its cluster."""
    article = row.article
    words = terms(told(article.title, article.text))
    keys = band_keys(shingles(article.title, article.text))
    values = [getattr(article, name) for name in _FIELDS.split(", ")]
    cluster = _cluster_of(link, row, keys)
    slots = ", ".join("?" * (len(values) + 6))
    link.execute(
        f"INSERT INTO article ({_FIELDS}, seq, published_us, available_us, hash, words, cluster) "  # noqa: S608 fixed names and slots only
        f"VALUES ({slots})",
        [*values, seq, row.published_us, row.available_us, row.hash, len(words), cluster or seq],
    )
    put_terms(link, seq, words)
    link.executemany("INSERT INTO band (key, seq) VALUES (?, ?)", [(key, seq) for key in set(keys)])
    return cluster or seq


def put_terms(link: sqlite3.Connection, seq: int, words: Sequence[str]) -> None:
    """Put an article's terms into the text index."""
    link.execute("INSERT INTO article_terms (rowid, terms) VALUES (?, ?)", [seq, " ".join(words)])


def _cluster_of(link: sqlite3.Connection, row: Row, keys: Sequence[int]) -> int | None:
    """The cluster of the first article that tells the same within days, if any."""
    if not keys:
        return None
    slots = ", ".join("?" * len(keys))
    rows = link.execute(
        f"""
        SELECT DISTINCT a.seq, a.cluster, a.title, a.text FROM band b JOIN article a USING (seq)
        WHERE b.key IN ({slots}) AND a.available_us BETWEEN ? AND ? ORDER BY a.seq LIMIT ?
        """,  # noqa: S608 slots only
        [*keys, row.available_us - _NEAR_IN_TIME, row.available_us + _NEAR_IN_TIME, CANDIDATES],
    )
    mine = (row.article.title, row.article.text)
    for other in rows:
        if same_story(mine, (other["title"], other["text"])):
            return int(other["cluster"])
    return None


def _article(row: sqlite3.Row) -> Article:
    return Article(**{name: row[name] for name in _FIELDS.split(", ")})
