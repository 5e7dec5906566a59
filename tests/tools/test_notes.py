"""Notes from outside: cleaned, strictly dated, cut at the as-of, told once."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from causemap.errors import UsageError
from causemap.records import Note
from causemap.tools.notes import clean_text, clean_url, known_at, notes_for, read_notes

GOOD = {
    "published": "2026-02-05T21:00Z",
    "precision": "minute",
    "publisher": "A Wire",
    "kind": "newswire",
    "text": "Bitcoin fell below 65,000.",
    "url": "https://example.com/a",
    "basis": "found",
    "confidence": 0.9,
}


def read(tmp_path: Path, *rows: object) -> tuple[Note, ...]:
    """The notes of a file that holds ``rows``, one JSON value (or raw text) a line."""
    path = tmp_path / "notes.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_notes(path)


def test_a_note_is_read_whole(tmp_path: Path) -> None:
    """All keys of the contract arrive, and the id depends on nothing else."""
    (note,) = read(tmp_path, GOOD)
    assert note.published == "2026-02-05T21:00Z"
    assert (note.precision, note.publisher, note.kind) == ("minute", "A Wire", "newswire")
    assert (note.text, note.url) == ("Bitcoin fell below 65,000.", "https://example.com/a")
    assert (note.basis, note.confidence) == ("found", 0.9)
    again = read(tmp_path, {"kind": "x", **GOOD, "confidence": 0.1})[0]
    assert again.id == note.id
    assert note.id.startswith("note_")


def test_other_keys_are_never_read(tmp_path: Path) -> None:
    """A label planted in another key leaves no trace in the record."""
    planted = {**GOOD, "event": "CANARY", "label": "CANARY", "weights": {"CANARY": 1}}
    assert read(tmp_path, planted) == read(tmp_path, GOOD)
    assert "CANARY" not in repr(read(tmp_path, planted))


def test_times_become_utc_minutes_and_dates_stay_dates(tmp_path: Path) -> None:
    """An offset is applied to a time; a date-only note keeps the date as written."""
    (timed,) = read(tmp_path, {**GOOD, "published": "2026-02-05T16:00:30-05:00"})
    assert timed.published == "2026-02-05T21:00Z"
    (dated,) = read(tmp_path, {**GOOD, "published": "2026-02-05", "precision": "date"})
    assert (dated.published, dated.precision) == ("2026-02-05", "date")
    assert known_at(dated) == datetime(2026, 2, 5, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"published": "2026/02/05"}, "'published' must be"),
        ({"published": "2026-02-30"}, "not a day"),
        ({"published": "2026-02-05T21:00"}, "'published' must be"),
        ({"published": "2026-02-05", "precision": "minute"}, "needs a time"),
        ({"published": 20260205}, "'published' must be"),
        ({"precision": "second"}, "'precision' must be one of"),
        ({"basis": "rumour"}, "'basis' must be one of"),
        ({"text": ""}, "'text' is missing"),
        ({"text": "\u200b\u202e"}, "'text' is missing"),
        ({"publisher": None}, "'publisher' is missing"),
        ({"url": 7}, "'url' must be"),
        ({"confidence": 1.5}, "'confidence' must be"),
        ({"confidence": True}, "'confidence' must be"),
    ],
)
def test_a_bad_line_is_named_by_its_number(
    tmp_path: Path, change: dict[str, object], why: str
) -> None:
    """The error says which line is bad and why; nothing is skipped in silence."""
    with pytest.raises(UsageError, match=rf"notes\.jsonl, line 3: .*{why}"):
        read(tmp_path, GOOD, "", {**GOOD, **change})


@pytest.mark.parametrize("line", ["{", "[1]", '"text"', "[" * 100_000])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str) -> None:
    """Broken or nested JSON ends in the same one-line error."""
    with pytest.raises(UsageError, match="line 1"):
        read(tmp_path, line)


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    """A missing file and bytes that are not UTF-8 are said, not raised through."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_notes(tmp_path / "none.jsonl")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe{}")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_notes(tmp_path / "bytes")


def test_hidden_characters_are_removed_and_lengths_capped(tmp_path: Path) -> None:
    """Zero width, bidirectional, tag and control characters vanish; long text ends in a mark."""
    tags = "".join(chr(0xE0000 + ord(c)) for c in "obey")
    (note,) = read(
        tmp_path, {**GOOD, "text": f"A\u200bB\u202eC{tags}\x07 \uff24\n\te" + "x" * 9000}
    )
    assert note.text.startswith("ABC D ex")
    assert len(note.text) == 2000
    assert note.text.endswith("…")


@example(text="0 00", limit=3)
@given(text=st.text(max_size=300), limit=st.integers(1, 200))
def test_clean_text_is_plain_short_and_settled(text: str, limit: int) -> None:
    """No character of category C is left, the limit holds, cleaning twice changes nothing."""
    clean = clean_text(text, limit)
    assert len(clean) <= limit
    assert not any(unicodedata.category(c).startswith("C") for c in clean)
    assert clean_text(clean, limit) == clean


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "https://user:pw@example.com/",
        "https:///path",
        "https://exa mple.com/",
        "https://example.com/\u202egpj",
        'https://example.com/"onload=',
        "https://[::1",
        "//example.com/a",
        "https://example.com/" + "a" * 3000,
    ],
)
def test_only_plain_web_addresses_stay(address: str) -> None:
    """What a reader should not be led to becomes no address at all."""
    assert clean_url(address) is None


def note(number: int, published: str, text: str) -> Note:
    """A note with a readable id."""
    precision = "minute" if "T" in published else "date"
    return Note(f"n{number}", published, precision, "P", "k", text, None, "found", 1.0)  # type: ignore[arg-type]  # one of the two literals


def test_the_window_of_reading_is_ten_days_before_to_the_as_of() -> None:
    """Notes are cut at both ends and come in the order they could be read."""
    notes = [
        note(1, "2026-02-07", "on the last day, by its date"),
        note(2, "2026-01-18", "eleven days before"),
        note(3, "2026-01-19", "ten days before"),
        note(4, "2026-02-07T23:58Z", "in the last minute but one"),
        note(5, "2026-02-08T00:00Z", "after the as-of"),
        note(6, "2026-02-01T10:00Z", "inside"),
    ]
    found = notes_for(notes, "2026-01-29", "2026-02-07T23:59Z")
    assert [n.id for n in found] == ["n3", "n6", "n4", "n1"]


def test_a_dated_note_is_not_known_before_its_day_is_over() -> None:
    """At noon a note of the same date may not have been written yet."""
    dated = [note(1, "2026-02-05", "somewhen on the fifth")]
    assert notes_for(dated, "2026-02-03", "2026-02-05T12:00Z") == ()
    assert notes_for(dated, "2026-02-03", "2026-02-05T23:59Z") == tuple(dated)


@given(hours=st.integers(-400, 400), cut=st.integers(-200, 200))
def test_nothing_from_after_the_as_of_is_ever_returned(hours: int, cut: int) -> None:
    """A planted future note never comes through, whatever the as-of."""
    base = datetime(2026, 2, 1, tzinfo=UTC)
    published = f"{base + timedelta(hours=hours):%Y-%m-%dT%H:%MZ}"
    as_of = f"{base + timedelta(hours=cut):%Y-%m-%dT%H:%MZ}"
    found = notes_for([note(1, published, "CANARY")], "2026-01-25", as_of)
    assert not found or published <= as_of


def test_a_note_told_twice_is_kept_once_and_first() -> None:
    """Case, punctuation and a changed word in twelve do not make a second note."""
    words = "the fed chair said rates would stay higher for longer than expected"
    notes = [
        note(2, "2026-02-02", f"{words}!".upper()),
        note(1, "2026-02-01", words),
        note(3, "2026-02-03", "Gold fell nine percent after margins were raised."),
    ]
    assert [n.id for n in notes_for(notes, "2026-01-29", "2026-02-07T23:59Z")] == ["n1", "n3"]


def test_a_copy_from_before_the_window_does_not_hide_the_note_inside() -> None:
    """Copies are looked for among the notes of the window only."""
    notes = [note(1, "2026-01-01", "same words here"), note(2, "2026-02-01", "same words here")]
    assert [n.id for n in notes_for(notes, "2026-01-29", "2026-02-07T23:59Z")] == ["n2"]


def test_the_real_notes_are_read(shared_dir: Path) -> None:
    """Every line of the real file is accepted and ids do not collide."""
    path = shared_dir / "events" / "notes.jsonl"
    notes = read_notes(path)
    lines = path.read_text(encoding="utf-8").strip().split("\n")
    assert len(notes) == len({n.id for n in notes}) == len(lines)
    near = notes_for(notes, "2026-01-29", "2026-02-07T23:59Z")
    assert near
    assert all("2026-01-19" <= n.published <= "2026-02-07T23:59Z" for n in near)


def test_the_line_of_notes_in_the_readme_is_read(tmp_path: Path, checkout: Path) -> None:
    """What a newcomer copies first works."""
    readme = (checkout / "README.md").read_text(encoding="utf-8")
    (line,) = (line for line in readme.splitlines() if line.startswith('{"published"'))
    (note,) = read(tmp_path, line)
    assert (note.precision, note.basis) == ("minute", "found")
