"""Check, rebuild and back up: everything but the articles can be made again from the articles."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Final

from causemap.errors import IncompleteError, UsageError
from causemap.tools.library import store
from causemap.tools.library.duplicates import told
from causemap.tools.library.results import Checkup, Status
from causemap.tools.library.schema import transaction
from causemap.tools.library.words import terms

if TYPE_CHECKING:
    from causemap.tools.library.embedding import Embedder
    from causemap.tools.library.vector_index import VectorIndex

BATCH: Final = 1_000
SHOWN: Final = 5


def check(link: sqlite3.Connection, embedder: Embedder, index: VectorIndex) -> Checkup:
    """Counts and faults; reads every page of the file and every text once."""
    articles = _number(link, "SELECT count(*) FROM article")
    vectors = _number(link, "SELECT count(*) FROM vector WHERE model = ?", embedder.name)
    clusters = _number(link, "SELECT count(DISTINCT cluster) FROM article")
    faults = [*_file_faults(link), *_text_faults(link), *_term_faults(link, articles)]
    in_chroma = index.count(link)
    hints = []
    if vectors < articles:
        hints.append(f"{articles - vectors} articles have no {embedder.name} vector: rebuild")
    if in_chroma != vectors:
        seen = "does not answer" if in_chroma is None else f"holds {in_chroma} of {vectors}"
        hints.append(f"the Chroma index {seen}: searches are exact meanwhile; rebuild")
    return Checkup(articles, clusters, vectors, in_chroma, tuple(faults), tuple(hints))


def status(link: sqlite3.Connection, embedder: Embedder, folder: Path) -> Status:
    """What the library holds, by its tables alone."""
    first, last = link.execute("SELECT min(published), max(published) FROM article").fetchone()
    return Status(
        articles=_number(link, "SELECT count(*) FROM article"),
        clusters=_number(link, "SELECT count(DISTINCT cluster) FROM article"),
        with_vector=_number(link, "SELECT count(*) FROM vector WHERE model = ?", embedder.name),
        model=embedder.name,
        first=first,
        last=last,
        folder=folder,
    )


def rebuild_terms(link: sqlite3.Connection) -> None:
    """Make the text index anew."""
    with transaction(link):
        for table in ("term_place", "term_count", "article_terms"):
            link.execute(f"DROP TABLE IF EXISTS {table}")
        link.execute(
            "CREATE VIRTUAL TABLE article_terms "
            "USING fts5 (terms, content = '', tokenize = 'unicode61 remove_diacritics 0')"
        )
        link.execute("CREATE VIRTUAL TABLE term_place USING fts5vocab (article_terms, 'instance')")
        link.execute("CREATE VIRTUAL TABLE term_count USING fts5vocab (article_terms, 'row')")
        last = 0
        while rows := store.texts_after(link, last, BATCH):
            for seq, title, text in rows:
                store.put_terms(link, seq, terms(told(title, text)))
            last = rows[-1][0]


def embed_missing(link: sqlite3.Connection, embedder: Embedder) -> None:
    """Make the vectors that a change of model, or a server that failed, left out."""
    wanted = """
        SELECT a.seq, a.title, a.text FROM article a LEFT JOIN vector v
        ON v.model = ? AND v.seq = a.seq WHERE v.seq IS NULL ORDER BY a.seq LIMIT ?
    """
    while rows := link.execute(wanted, [embedder.name, BATCH]).fetchall():
        vectors = embedder([store.embedded_text(row["title"], row["text"]) for row in rows])
        with transaction(link):
            store.put_vectors(link, [row["seq"] for row in rows], vectors, embedder.name)


def backup(link: sqlite3.Connection, target: Path) -> None:
    """A consistent copy while others read and write; in place in one step or not at all.

    Raises IncompleteError for a damaged library: an older backup stays as it was.
    """
    if target.is_dir() or not target.parent.is_dir():
        raise UsageError(f"{target} is no place for a backup; name a file in a folder that exists.")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    copy = sqlite3.connect(part)
    try:
        link.backup(copy)
        said = copy.execute("PRAGMA integrity_check(article)").fetchone()[0]
        if said != "ok":
            raise IncompleteError(
                f"The article library is damaged ({said:.200}), so {target} was not written."
            )
        copy.close()
        part.replace(target)
    except (sqlite3.OperationalError, OSError) as fault:
        raise IncompleteError(f"The library cannot be copied to {target} ({fault}).") from fault
    finally:
        copy.close()
        part.unlink(missing_ok=True)


def _file_faults(link: sqlite3.Connection) -> list[str]:
    said = [row[0] for row in link.execute("PRAGMA integrity_check(5)")]
    loose = link.execute("PRAGMA foreign_key_check").fetchall()
    faults = [f"file: {line}" for line in said if line != "ok"]
    return faults + ([f"file: {len(loose)} rows point nowhere"] if loose else [])


def _text_faults(link: sqlite3.Connection) -> list[str]:
    """Articles whose words are not those that were stored."""
    rows = link.execute("SELECT id, title, text, hash FROM article ORDER BY seq")
    changed = [r["id"] for r in rows if store.text_hash(r["title"], r["text"]) != r["hash"]]
    return [f"article {key}: the text was changed after it was stored" for key in changed[:SHOWN]]


def _term_faults(link: sqlite3.Connection, articles: int) -> list[str]:
    try:
        link.execute("INSERT INTO article_terms (article_terms) VALUES ('integrity-check')")
        held = _number(link, "SELECT count(*) FROM article_terms_docsize")
    except sqlite3.DatabaseError as fault:
        return [f"text index: {fault}; rebuild"]
    return [] if held == articles else [f"text index: holds {held} of {articles}; rebuild"]


def _number(link: sqlite3.Connection, sql: str, *values: str) -> int:
    return int(link.execute(sql, values).fetchone()[0])
