"""Files: written whole or not at all, and read no further than allowed."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from causemap.errors import ModelError, UsageError
from causemap.files import read_whole, write_atomically
from causemap.llm.recording import write_whole
from causemap.reporting.output import write_text


def litter(folder: Path) -> list[str]:
    """What lies in a folder beside the file itself and the test's own home."""
    return sorted(path.name for path in folder.iterdir() if path.name not in {"f", "home"})


def test_a_failed_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old bytes or the new ones, never a part, no litter, and a fault in the caller's words."""
    path = tmp_path / "f"
    write_atomically(path, b"old")

    def fail(_: int) -> None:
        raise OSError(28, "disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    with pytest.raises(UsageError, match="cannot be written: disk full"):
        write_text(path, "new")
    with pytest.raises(ModelError, match="disk full"):
        write_whole(path, "new")
    assert (path.read_bytes(), litter(tmp_path)) == (b"old", [])


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_who_may_read_a_new_file_is_what_the_users_mask_says(tmp_path: Path, mask: int) -> None:
    """Whoever keeps files to oneself keeps these too."""
    before = os.umask(mask)
    try:
        write_text(tmp_path / "f", "text")
    finally:
        os.umask(before)
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o666 & ~mask
    assert litter(tmp_path) == []


def test_a_device_that_is_full_is_a_fault_of_the_place() -> None:
    """What is written to a device or pipe, not put in its place, fails in plain words too."""
    with pytest.raises(UsageError, match="/dev/full cannot be written"):
        write_text(Path("/dev/full"), "text")


def test_a_pipe_is_read_no_further_than_allowed(tmp_path: Path) -> None:
    """A pipe has no size to ask for: its bytes are counted as they come."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for length, fits in ((10, True), (11, False)):
        writer = threading.Thread(target=pipe.write_bytes, args=(b"x" * length,))
        writer.start()
        if fits:
            assert read_whole(pipe, 10) == b"x" * 10
        else:
            with pytest.raises(UsageError, match=r"notes .*pipe is larger than 0 MB; split it"):
                read_whole(pipe, 10, "notes")
        writer.join()
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_whole(tmp_path, 10)
