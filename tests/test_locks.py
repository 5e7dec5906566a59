"""The locks pin everything by hash and name no place to get it from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def blocks(name: str) -> list[str]:
    """The requirements of a lock, each with its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [block for block in re.split(r"\n(?=\S)", text) if block.strip()]


def pins(name: str) -> set[str]:
    """``package==version`` of each requirement of a lock."""
    return {block.split()[0] for block in blocks(name)}


def project() -> dict[str, Any]:
    """The parsed pyproject file."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_and_hashed(lock: str) -> None:
    """Pip can be made to refuse anything that was not resolved and hashed before."""
    loose = [b for b in blocks(lock) if "==" not in b.split()[0] or "--hash=sha256:" not in b]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_names_no_place_and_no_giant(lock: str) -> None:
    """No registry, folder or address stands in a lock, and no deep-learning library."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--index|--extra|--find-links|^-", text, flags=re.MULTILINE)
    assert not any(re.match(r"(torch|nvidia|tensorflow)\b", block) for block in blocks(lock))


def test_the_lock_holds_every_declared_dependency() -> None:
    """A dependency declared after the last ``make lock`` is noticed."""
    declared = {re.split(r"[<>=\[]", item)[0] for item in project()["project"]["dependencies"]}
    assert declared <= {pin.split("==")[0] for pin in pins("requirements.lock")}


def test_the_locks_agree() -> None:
    """Tests run on the versions that users get."""
    assert pins("requirements.lock") <= pins("requirements-dev.lock")
