"""A small market and events files for tests of the evaluation, made on the spot."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from causemap.settings import Settings

Write = Callable[..., Path]


def _scripted() -> None:
    """Make the scripted server of the model tests importable from here."""
    name = "tests.llm.scripted_server"
    if name not in sys.modules:
        place = Path(__file__).parents[1] / "llm" / "scripted_server.py"
        spec = importlib.util.spec_from_file_location(name, place)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)


_scripted()


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with eight series of a seeded random walk, 2015 to 2022."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(7)
    days = pd.bdate_range("2015-01-01", "2022-12-30", name="date")
    steps = rng.normal(0.0, 0.01, (len(days), 6))
    levels = 100.0 * np.exp(np.cumsum(steps, axis=0))
    frame = pd.DataFrame(levels, index=days, columns=["SPX", "NDX", "GLD", "SLV", "DXY", "USO"])
    frame["UST10Y"] = 3.0 + np.cumsum(rng.normal(0.0, 0.03, len(days)))
    frame["VIX"] = 15.0 + np.abs(rng.normal(0.0, 3.0, len(days)))
    frame.to_parquet(folder / "market_daily.parquet")
    return folder


@pytest.fixture
def small_settings(small_data: Path, tmp_path: Path) -> Settings:
    """Settings on the small market, with runs kept in the test's own folder."""
    return Settings(data_dir=small_data, home=tmp_path / "kept")


@pytest.fixture
def write_events(tmp_path: Path) -> Write:
    """Writes an events file of six windows; keyword arguments go into every window."""

    def write(name: str = "events.yaml", **more: Any) -> Path:
        starts = (
            "2018-01-03",
            "2018-06-04",
            "2019-02-04",
            "2019-09-02",
            "2020-03-02",
            "2021-05-03",
        )
        causes = ("rates_shock", "ai_rerating", "growth_scare", "rates_shock", "funding_stress")
        rows = [
            {
                "id": f"window-{k}",
                "title": f"Window {k}",
                "window": {
                    "start_close_utc": start,
                    "trough_close_utc": str((pd.Timestamp(start) + pd.Timedelta(days=9)).date()),
                },
                "scope": "equity",
                "primary": causes[k % len(causes)],
                "mission_label": "other",
                "role": "standard",
                **more,
            }
            for k, start in enumerate(starts)
        ]
        path = tmp_path / name
        path.write_text(yaml.safe_dump({"version": 1, "events": rows}), encoding="utf-8")
        return path

    return write
