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
# What a test file imports, or a test asks for, when it starts programs, opens pages or reads files
# of real data: such tests say that the parts fit, the others are the unit tests.
_STARTS = {"subprocess", "multiprocessing", "AppTest", "CliRunner"}
_READS = {"shared_dir", "browser", "server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as ``whole`` what is no unit test (``make unit`` leaves it out)."""
    for item in items:
        held = vars(getattr(item, "module", None))
        asked = getattr(item, "fixturenames", ())
        if _STARTS.intersection(held) or _READS.intersection(asked):
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
