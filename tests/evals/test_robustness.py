"""The tables of ``scripts/robustness.py``: what is left of a moved fall, what prices allow."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from causemap.causes import GROUPS
from causemap.records import Scope
from causemap.tools.market import open_market

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the script defines; its folder is on the path as when it is run."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.delitem(sys.modules, "fit_calibration", raising=False)
    return runpy.run_path(str(SCRIPTS / "robustness.py"))


def _scope(start: str, end: str) -> Scope:
    return Scope(start, end, f"{end}T23:59Z", ("SPX", "NDX", "BTC"), GROUPS)


def test_what_is_left_of_a_fall_is_told_of_what_fell_most(
    script: dict[str, Any], tmp_path: Path
) -> None:
    """The Nasdaq lost most; moved a day, half of its log fall lies between the closes."""
    days = pd.bdate_range("2026-02-02", periods=5, name="date")
    levels = {"SPX": [100.0, 99.0, 98.0, 98.0, 98.0], "NDX": [100.0, 90.0, 81.0, 81.0, 82.0]}
    pd.DataFrame(levels, index=days).to_parquet(tmp_path / "market_daily.parquet")
    asker = script["Asker"](open_market(tmp_path), (), ())
    fall = _scope("2026-02-02", "2026-02-04")
    assert asker.left(fall, fall) == pytest.approx(1.0)
    assert asker.left(fall, _scope("2026-02-03", "2026-02-05")) == pytest.approx(0.5)
    # What did not fall has nothing that could be left.
    assert asker.left(_scope("2026-02-04", "2026-02-06"), fall) is None


def test_moved_falls_are_counted_by_what_is_left(script: dict[str, Any]) -> None:
    """Each stands in one bin; the last two lines take all, and those with two thirds left."""
    moved = script["Moved"]
    found = [
        moved(0.4, cause_stays=False, answer_stays=True),
        moved(0.7, cause_stays=True, answer_stays=False),
        moved(0.9, cause_stays=True, answer_stays=True),
    ]
    rows = list(script["moved_lines"](found))[2:]
    assert [row.split(" | ")[1:] for row in rows] == [
        ["1", "0 (0.00)", "1 (1.00) |"],
        ["0", "n/a", "n/a |"],
        ["1", "1 (1.00)", "0 (0.00) |"],
        ["1", "1 (1.00)", "1 (1.00) |"],
        ["3", "2 (0.67)", "2 (0.67) |"],
        ["2", "2 (1.00)", "1 (0.50) |"],
    ]


def test_a_bin_without_foreign_notes_has_no_mean(script: dict[str, Any]) -> None:
    """Nobody asked is no probability of zero."""
    foreign = script["Foreign"]
    rows = list(script["foreign_lines"]([foreign(0.01, 0.2, first=False, named=False)]))[2:]
    assert rows[0].split(" | ")[1:] == ["1", "0.200", "0 (0.00)", "0 (0.00) |"]
    assert rows[1].split(" | ")[1:] == ["0", "n/a", "n/a", "n/a |"]
