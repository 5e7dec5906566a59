"""Fixtures for all tests: an isolated environment and, where present, the shared real data."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# No deadline: a slow or busy machine is not a fault. On CI the examples are the same each time.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize="CI" in os.environ, print_blob=True
)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]
# Tests that say that the parts fit; the others are the unit tests. They lie in the rooms that are
# made of whole reports, or their file starts programs, or they ask for real data.
_ROOMS = {"briefing", "evals", "ui"}
_STARTS = {"AppTest", "CliRunner", "multiprocessing", "subprocess"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as ``whole`` what is no unit test (``make unit`` leaves it out)."""
    for item in items:
        held = set(vars(getattr(item, "module", None)))
        asked = getattr(item, "fixturenames", ())
        if _ROOMS & set(item.path.parts) or _STARTS & held or "shared_dir" in asked:
            item.add_marker(pytest.mark.whole)


@pytest.fixture(autouse=True)
def isolated_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting, key or home folder of the person running the tests reaches a test."""
    for name in list(os.environ):
        if name.startswith("CAUSEMAP_") or name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder with real data beside the checkout; tests that need it skip without it."""
    folder = (ROOT / ".." / "shared").resolve()
    if not (folder / "data").is_dir():
        pytest.skip("no ../shared beside the checkout: real data are not at hand")
    return folder


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the source tree."""
    return ROOT
