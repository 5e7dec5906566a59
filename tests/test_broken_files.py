"""A data directory with files absent or broken: what is left is measured, and the rest is named."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from causemap.cli import main
from causemap.tools.market import FILES

WINDOW = ("--start", "2026-01-29", "--end", "2026-02-05", "--as-of", "2026-02-07T23:59Z")
ABSENT, EMPTY, SHORT, COLUMNS = "absent", "no bytes", "five bytes", "wrong columns"
SINGLE = [(name, how) for name in FILES for how in (ABSENT, SHORT, COLUMNS)]
SINGLE += [("market_daily", EMPTY), ("headlines", EMPTY)]
PAIRS = [
    (("market_daily", ABSENT), ("crypto_4h", SHORT)),
    (("market_daily", COLUMNS), ("crypto_daily", EMPTY)),
    (("market_daily", SHORT), ("headlines", COLUMNS)),
    (("crypto_daily", ABSENT), ("macro_calendar", ABSENT)),
    (("crypto_4h", ABSENT), ("crypto_1h", ABSENT)),
    (("megacap_earnings", COLUMNS), ("fomc_statements", SHORT)),
]


@pytest.fixture(scope="module")
def folder(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real files cut to what one window needs."""
    small: Path = tmp_path_factory.mktemp("small")
    for name in FILES:
        frame = pd.read_parquet(shared_dir / "data" / f"{name}.parquet")
        if name.startswith(("market", "crypto")):
            days = "2025-12-01" if name == "crypto_1h" else "2024-06-01"
            frame = frame.loc[days:"2026-02-10"]
        elif name == "headlines":
            frame = frame[frame["ts"] >= "2025-12-20"].head(2000)
        frame.to_parquet(small / f"{name}.parquet")
    return small


def broken(folder: Path, target: Path, faults: tuple[tuple[str, str], ...]) -> Path:
    """A copy of the folder with faults in its files."""
    shutil.copytree(folder, target)
    for name, how in faults:
        path = target / f"{name}.parquet"
        if how == ABSENT:
            path.unlink()
        elif how == COLUMNS:
            frame = pd.read_parquet(path)
            frame.set_axis([f"x{i}" for i in range(frame.shape[1])], axis=1).to_parquet(path)
        else:
            path.write_bytes(b"" if how == EMPTY else b"PAR1\n")
    return target


def explained(data: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, dict[str, Any]]:
    """The exit code, standard error and the report of one run."""
    with pytest.raises(SystemExit) as left:
        main(["explain", *WINDOW, "--assets", "BTC", "--data-dir", str(data), "--json", "-"])
    said = capsys.readouterr()
    return int(str(left.value.code or 0)), said.err, json.loads(said.out)


def check(faults: tuple[tuple[str, str], ...], said: tuple[int, str, dict[str, Any]]) -> None:
    """What holds for every set of faults."""
    code, err, report = said
    unreadable = {name for name, how in faults if how != ABSENT}
    assert code == (3 if unreadable else 0), err
    assert "did not finish" not in err
    assert not re.search(r"Traceback|MissingSeries|[A-Z]\w+Error", err + json.dumps(report["gaps"]))
    told = {g["what"] for g in report["gaps"] if g["what"].startswith("the file ")}
    assert told == {f"the file {name}" for name in unreadable}
    assert all(f"{name}.parquet cannot be read" in err for name in unreadable)
    measured = {f"{e['asset']}.{e['metric']}" for e in report["evidence"]}
    gone = {name for name, _ in faults}
    assert ("BTC.change" in measured) == ("crypto_daily" not in gone)
    assert ("UST10Y.change" in measured) == ("market_daily" not in gone)


@pytest.mark.parametrize(("name", "how"), SINGLE)
def test_one_file_at_fault_takes_nothing_else_along(
    name: str, how: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken file ends in code 3 by its name, an absent one in gaps; all desks finish."""
    faults = ((name, how),)
    data = broken(folder, tmp_path / "data", faults)
    check(faults, explained(data, capsys))


@pytest.mark.parametrize("faults", PAIRS, ids=lambda pair: "-".join(name for name, _ in pair))
def test_two_files_at_fault_take_nothing_else_along(
    faults: tuple[tuple[str, str], ...],
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What one file leaves open another does not hide."""
    data = broken(folder, tmp_path / "data", faults)
    check(faults, explained(data, capsys))


def test_coins_alone_are_judged_by_their_prices(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The contract lets a folder hold crypto files only: bitcoin is on disk and is used."""
    gone = tuple((name, ABSENT) for name in FILES if not name.startswith("crypto"))
    code, err, report = explained(broken(folder, tmp_path / "data", gone), capsys)
    assert code == 0
    assert "did not finish" not in err
    assert "No price of the target" not in json.dumps(report)
    assert "contributions to bitcoin" in {gap["what"] for gap in report["gaps"]}


def test_a_question_on_prices_that_cannot_be_read_is_incomplete(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is wrong with the question: the file is named and the code says so."""
    data = broken(folder, tmp_path / "data", (("crypto_daily", SHORT),))
    with pytest.raises(SystemExit) as left:
        main(["explain", "why did bitcoin fall in January 2026?", "--data-dir", str(data), "-q"])
    said = capsys.readouterr().err.strip()
    assert left.value.code == 3
    assert said.count("\n") == 0
    assert "crypto_daily.parquet cannot be read" in said
