"""The scripted server for all tests of models, and settings that point at it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from causemap.settings import ModelSettings

HERE = Path(__file__).parent
KEY = "sk-canary-4f1d9c2b7e"


def _load(name: str) -> None:
    """Make a module beside this file importable by its full name, wherever tests are run from."""
    full = f"tests.llm.{name}"
    if full in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(full, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)


_load("scripted_server")

MakeSettings = Callable[..., ModelSettings]


@pytest.fixture
def model(tmp_path: Path) -> MakeSettings:
    """Model settings for a server's address, with a canary key and a record folder of their own."""

    def make(url: str | None, **changes: object) -> ModelSettings:
        values: dict[str, object] = {
            "name": "scripted",
            "records": tmp_path / "records",
            "url": url,
            "key": KEY,
            "deadline": 10.0,
        }
        return ModelSettings(**(values | changes))  # type: ignore[arg-type]  # fields of many types

    return make
