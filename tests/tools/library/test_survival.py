from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from causemap.articles import Article
from causemap.errors import IncompleteError
from causemap.tools.library import Library, collection, open_library, store
from causemap.tools.library.schema import MIGRATIONS
from causemap.tools.library.writer_turns import WriterTurns

MakeArticle = Callable[..., Article]
NOW = datetime(2026, 6, 2, tzinfo=UTC)
QUERIES = ("treasury yields rate cuts", "bitcoin liquidated", "gold margin", "AI software shares")

# A process that stores numbered articles in small batches and says how many it has stored.
WRITER = """
import sys
from pathlib import Path
from causemap.articles import Article
from causemap.tools.library import collection, open_library

collection.BATCH = 20
folder, name, count, hold = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def articles():
    for n in range(count):
        title = f"{name} dispatch {n}: item {n * 7919 % 997} moves desk {n * 31 % 89}"
        yield Article(f"{name}-{n}", None, name, title, "2026-02-03T12:00Z", "minute",
                      "2026-02-03T12:00Z", "2026-02-03T12:00Z", "en", title)

library = open_library(folder)
print("ready", flush=True)
def tell(a):
    print(a.new + a.known, flush=True)
    if a.new + a.known >= hold:
        sys.stdin.read()  # until killed
done = library.add(articles(), tell)
print("done", done.new, done.known, flush=True)
"""


def writer(folder: Path, name: str, count: int, hold: int = 10_000) -> subprocess.Popen[str]:
    """Start a writing process; from ``hold`` articles on it waits to be killed."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), name, str(count), str(hold)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def found(library: Library, queries: tuple[str, ...] = QUERIES) -> list[list[tuple[str, float]]]:
    """Ids and scores of some searches of everything."""
    return [[(h.article.id, h.score) for h in library.search(q, NOW)] for q in queries]


def test_a_killed_ingest_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    """What was reported stored is there after kill -9; the second run adds only what is missing."""
    process = writer(tmp_path / "cut", "wire", 400, hold=200)
    assert process.stdout is not None
    told = 0
    for line in process.stdout:
        told = int(line) if line.strip().isdigit() else told
        if told >= 100:
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    library = open_library(tmp_path / "cut")
    kept = library.count()
    assert told <= kept <= 200
    assert library.check().faults == ()
    library.close()
    again = writer(tmp_path / "cut", "wire", 400)
    said, _ = again.communicate(timeout=300)
    assert said.splitlines()[-1] == f"done {400 - kept} {kept}"
    one = open_library(tmp_path / "cut")
    state = one.check()
    assert (state.sound, state.hints, state.in_chroma) == (True, (), 400)
    two = open_library(tmp_path / "whole")
    link = one._link()
    ids = [row["id"] for row in link.execute("SELECT id FROM article ORDER BY seq")]
    two.add(article for key in ids if (article := one.get(key)))
    queries = tuple(f"wire dispatch {n} desk {n % 9}" for n in (3, 150, 377))
    assert found(one, queries) == found(two, queries)


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """Two processes start together and both finish; all articles are in all three indexes."""
    both = [writer(tmp_path / "shared", name, 200) for name in ("alpha", "beta")]
    assert all("done 200 0" in process.communicate(timeout=300)[0] for process in both)
    library = open_library(tmp_path / "shared")
    state = library.check()
    assert (state.articles, state.with_vector, state.in_chroma) == (400, 400, 400)
    assert (state.faults, state.hints) == ((), ())


def test_a_reader_sees_what_another_wrote(shelf: Library, make: MakeArticle) -> None:
    """A library opened before an article was stored by another finds it, through Chroma too."""
    found(shelf)
    other = open_library(shelf._path.parent)
    other.add([make("fresh", "Copper inventories vanish from the exchange")])
    assert shelf.search("copper inventories", NOW)[0].article.id == "fresh"
    assert shelf._index._verified == 13
    shelf.add([make("mine", "Lithium auction draws no bids")])
    assert other.search("lithium auction", NOW)[0].article.id == "mine"
    assert other.check().in_chroma == 14
    other.close()


def test_rebuild_gives_equal_answers(shelf: Library) -> None:
    """Indexes made anew from the articles answer as before, to the last digit."""
    before = found(shelf)
    shelf.rebuild()
    assert found(shelf) == before
    assert len(list(shelf._path.parent.glob("chroma-*"))) == 1


def test_a_corrupt_vector_index_does_not_stop_answers(
    tmp_path: Path, shelf: Library, make: MakeArticle
) -> None:
    """With Chroma's files overwritten search, ingest and check go on, and rebuild mends it."""
    before = found(shelf)
    shelf.close()
    for file in (tmp_path / "library").glob("chroma-*/**/*"):
        if file.is_file():
            file.write_bytes(b"not an index" * 100)
    library = open_library(tmp_path / "library")
    ids = [[key for key, _ in hits] for hits in before]
    assert [[key for key, _ in hits] for hits in found(library)] == ids
    assert library.add([make("more", "Wheat harvest disappoints")]).new == 1
    state = library.check()
    assert state.sound
    assert "rebuild" in state.hints[0]
    library.rebuild()
    assert library.check().hints == ()
    assert library.search("wheat harvest", NOW)[0].article.id == "more"
    library.close()


def test_a_lost_vector_is_noticed(shelf: Library) -> None:
    """A Chroma index that is short of a vector is not believed; the exact search answers."""
    before = found(shelf)
    shelf._index._opened(shelf._link())._open().delete(ids=["2"])
    shelf._index._verified = -1
    assert [[key for key, _ in hits] for hits in found(shelf)] == [
        [key for key, _ in hits] for hits in before
    ]
    assert "11 of 12" in shelf.check().hints[0]


def test_a_damaged_text_index_is_named_and_mended(shelf: Library) -> None:
    """Without the text index vectors answer; check says so; rebuild brings the words back."""
    before = found(shelf)
    link = shelf._link()
    link.execute("DELETE FROM article_terms_data")
    shelf._seen = None
    assert shelf.search("bitcoin liquidated", NOW)[0].article.id == "t2"
    assert any("text index" in fault for fault in shelf.check().faults)
    shelf.rebuild()
    assert shelf.check().sound
    assert found(shelf) == before


def test_a_changed_text_is_noticed(shelf: Library) -> None:
    """A text altered in the table no longer has the hash it was stored with."""
    shelf._link().execute("UPDATE article SET text = 'other words' WHERE id = 't3'")
    assert shelf.check().faults == ("article t3: the text was changed after it was stored",)


def test_while_another_writes_the_exact_search_answers(shelf: Library) -> None:
    """A search does not wait for the writer's turn."""
    before = found(shelf)
    other = WriterTurns(shelf._path.parent / "writer.lock")
    with other.mine():
        assert shelf._index.nearest(shelf._link(), shelf._embedder(["x"])[0], 5, 12) is None
        assert [[key for key, _ in hits] for hits in found(shelf)] == [
            [key for key, _ in hits] for hits in before
        ]


def test_a_backup_is_whole_and_leaves_no_part(
    tmp_path: Path, shelf: Library, make: MakeArticle
) -> None:
    """A backup opens as a library with all articles; its indexes come back by rebuild."""
    before = found(shelf)
    (tmp_path / "restored").mkdir()
    target = tmp_path / "restored" / "library.sqlite"
    shelf.backup(target)
    shelf.add([make("after", "Stored after the backup")])
    assert [file.name for file in target.parent.iterdir()] == ["library.sqlite"]
    restored = open_library(target.parent)
    assert restored.count() == 12
    assert [[k for k, _ in hits] for hits in found(restored)] == [
        [k for k, _ in hits] for hits in before
    ]
    restored.close()


def test_a_file_that_is_no_library_is_refused(tmp_path: Path) -> None:
    """Garbage in the place of the library is one clear error, and is not overwritten."""
    (tmp_path / "library.sqlite").write_bytes(b"garbage " * 1_000)
    with pytest.raises(IncompleteError, match="cannot be read"):
        open_library(tmp_path)
    assert (tmp_path / "library.sqlite").read_bytes().startswith(b"garbage")


def damaged(shelf: Library) -> Path:
    """The shelf's file with its middle overwritten, as a bad disk leaves it; the folder."""
    shelf.close()
    file = shelf._path
    whole = file.read_bytes()
    file.write_bytes(whole[:8_192] + bytes(len(whole) - 16_384) + whole[-8_192:])
    return file.parent


def test_damage_in_the_middle_is_one_error_whatever_is_asked(
    shelf: Library, make: MakeArticle
) -> None:
    """The head of the file is sound, so it opens; each use then names the damage, none breaks."""
    library = open_library(damaged(shelf))
    uses: tuple[Callable[[], object], ...] = (
        lambda: library.add([make("more", "Wheat harvest disappoints")]),
        lambda: library.search("yields", NOW),
        lambda: library.window("2026-01-01", "2026-06-01T00:00Z"),
        lambda: library.get("t1"),
        library.status,
        library.check,
        library.rebuild,
    )
    for use in uses:
        with pytest.raises(IncompleteError, match=r"cannot be read.*put a backup in its place"):
            use()
    library.close()


def test_a_damaged_library_does_not_replace_its_backup(tmp_path: Path, shelf: Library) -> None:
    """A copy of damage is no backup: the one that is there stays as it was."""
    kept = tmp_path / "kept.sqlite"
    shelf.backup(kept)
    before = kept.read_bytes()
    library = open_library(damaged(shelf))
    with pytest.raises(IncompleteError, match="damaged"):
        library.backup(kept)
    library.close()
    assert kept.read_bytes() == before
    assert [file.name for file in tmp_path.glob("kept*")] == ["kept.sqlite"]


def test_a_full_disk_ends_in_one_line_and_loses_nothing(
    shelf: Library, make: MakeArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch that does not fit is not stored; with room again it is, and all answers stand."""
    monkeypatch.setattr(collection, "BATCH", 1)
    link, before = shelf._link(), found(shelf)
    pages = link.execute("PRAGMA page_count").fetchone()[0]
    link.execute(f"PRAGMA max_page_count = {pages}")
    long = [make(f"l{n}", f"Dispatch {n}", text=f"word{n} " * 20_000) for n in range(3)]
    with pytest.raises(IncompleteError, match=r"full.*what was stored before is kept"):
        shelf.add(long)
    assert not link.in_transaction
    assert found(shelf) == before
    link.execute("PRAGMA max_page_count = 1000000")
    again = shelf.add(long)
    assert again.new + again.known == 3
    assert shelf.count() == 15
    assert shelf.check().sound


def test_a_lock_that_cannot_be_taken_stops_writers_only(shelf: Library, make: MakeArticle) -> None:
    """In a folder that may only be read the exact search answers; adding is one clear error."""
    before = found(shelf)
    shelf.close()
    lock = shelf._path.parent / "writer.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    library = open_library(lock.parent)
    assert [[k for k, _ in hits] for hits in found(library)] == [
        [k for k, _ in hits] for hits in before
    ]
    with pytest.raises(IncompleteError, match="cannot be written"):
        library.add([make("more", "Wheat harvest disappoints")])
    library.close()


def test_a_later_schema_is_refused(tmp_path: Path, library: Library) -> None:
    """A library written by a newer program is not touched by an older one."""
    library._link().execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(IncompleteError, match="update causemap"):
        open_library(tmp_path / "library")


def test_the_connection_keeps_its_promises(library: Library) -> None:
    """Write-ahead logging, foreign keys and a wait for a busy writer are on."""
    link = library._link()
    pragmas = {
        name: link.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "foreign_keys", "busy_timeout")
    }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}
    with pytest.raises(sqlite3.IntegrityError):
        link.execute("INSERT INTO band (key, seq) VALUES (1, 99)")


def test_a_fault_in_a_batch_stores_nothing_of_it(
    library: Library, make: MakeArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch is stored whole or not at all; the batches before it stay."""
    monkeypatch.setattr(collection, "BATCH", 2)
    good = [make(f"g{n}", f"Report number {n} of the desk") for n in range(3)]

    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk full")

    def articles() -> object:
        yield from good[:2]
        monkeypatch.setattr(store, "put_vectors", broken)
        yield good[2]

    with pytest.raises(IncompleteError, match="disk full"):
        library.add(articles())  # type: ignore[arg-type]  # a generator typed loosely
    assert library.count() == 2
