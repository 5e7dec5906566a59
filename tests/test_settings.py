"""Settings are read once, from what they are given, and fail by name."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from causemap.errors import UsageError
from causemap.settings import Settings, load_settings


def test_defaults_come_without_any_environment() -> None:
    """An empty environment gives the user data folder, no model and fixed seeds."""
    settings = load_settings({})
    assert settings.home.name == "causemap"
    assert settings.data_dir == settings.home / "data"
    assert settings.data_dir.is_absolute()
    assert settings == Settings(data_dir=settings.data_dir, home=settings.home)
    assert (settings.llm, settings.seed, settings.desk_timeout) == ("off", 0, 60.0)


def test_an_argument_wins_over_the_environment(tmp_path: Path) -> None:
    """``--data-dir`` beats CAUSEMAP_DATA_DIR, which beats the default."""
    env = {"CAUSEMAP_DATA_DIR": str(tmp_path / "env")}
    assert load_settings(env).data_dir == tmp_path / "env"
    assert load_settings(env, data_dir=tmp_path).data_dir == tmp_path


def test_the_process_environment_is_read_when_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read at import: a variable set later still counts."""
    monkeypatch.setenv("CAUSEMAP_SEED", "7")
    assert load_settings().seed == 7


def test_the_home_folder_is_expanded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A path written with ~ means the user's home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings({"CAUSEMAP_DATA_DIR": "~/prices"}).data_dir == tmp_path / "prices"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CAUSEMAP_DESK_TIMEOUT", "soon"),
        ("CAUSEMAP_DESK_TIMEOUT", "0"),
        ("CAUSEMAP_DESK_TIMEOUT", "nan"),
        ("CAUSEMAP_DESK_TIMEOUT", "inf"),
        ("CAUSEMAP_SEED", "-1"),
        ("CAUSEMAP_SEED", "1.5"),
        ("CAUSEMAP_LLM", "maybe"),
        ("CAUSEMAP_DATADIR", "anything"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, text: str) -> None:
    """The message names the variable, so that the reader knows what to mend."""
    with pytest.raises(UsageError, match=name):
        load_settings({name: text})


def test_foreign_variables_are_left_alone() -> None:
    """Only names with the program's own prefix are its business."""
    assert load_settings({"PATH": "x", "CAUSE": "y"}).seed == 0


def test_settings_cannot_be_changed() -> None:
    """A run cannot alter what it was told."""
    settings = load_settings({})
    with pytest.raises(FrozenInstanceError):
        settings.seed = 1  # type: ignore[misc]  # the point of the test
