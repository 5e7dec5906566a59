"""Times a user feels, as medians over fresh processes, and the peak memory of each.

Run with ``make bench`` or ``python benchmarks/speed.py --data-dir FOLDER``. Without a data folder
only the help and the bundled case are timed. ``cold`` is the first run after the file cache of the
data folder was dropped as far as an ordinary user can (``posix_fadvise``); ``warm`` follows it;
``again`` measures the window in a process that has done so before.

Processor time stands beside the clock, because the clock also counts what else the machine does;
its ratio to importing pandas and LangGraph alone can be compared between machines.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

CASE = "2026-02-seed"
START, END, AS_OF = "2026-01-29", "2026-02-05", "2026-02-07T23:59Z"
WINDOW = ("--start", START, "--end", END)
PROGRAM = "from causemap.cli import main; main()"
FLOOR = "import pandas, pyarrow.parquet, langgraph.graph"


class Sample(NamedTuple):
    """One run: wall and processor seconds, and peak resident memory in MB."""

    seconds: float
    processor: float
    megabytes: float


def run_once(code: str, arguments: tuple[str, ...] = ()) -> Sample:
    """Run code once in a fresh interpreter; a non-zero exit ends the benchmark."""
    command = [sys.executable, "-c", code, *arguments]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"causemap {' '.join(arguments)}: exit code {process.returncode}")
    # Linux counts ru_maxrss in kilobytes, macOS in bytes.
    megabytes = usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
    return Sample(seconds, usage.ru_utime + usage.ru_stime, megabytes)


def run_again(folder: Path, runs: int) -> list[Sample]:
    """Measure the window in this process, the first time not counted."""
    from causemap.agents.conclude import conclude
    from causemap.agents.graph import run
    from causemap.causes import GROUPS
    from causemap.records import Scope
    from causemap.settings import Settings
    from causemap.tools.market import open_market

    scope = Scope(START, END, AS_OF, ("SPX", "NDX", "BTC", "ETH", "GLD", "SLV"), GROUPS)
    market, settings = open_market(folder), Settings(data_dir=folder, home=folder)
    found = []
    for _ in range(runs + 1):
        clock, processor = time.perf_counter(), time.process_time()
        view = market.view(datetime.fromisoformat(AS_OF))
        conclude(run(scope, view, (), settings))
        found.append(
            Sample(time.perf_counter() - clock, time.process_time() - processor, float("nan"))
        )
    return found[1:]


def drop_cache(folder: Path) -> None:
    """Ask the system to forget the file contents of a folder (Linux only)."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in folder.glob("*.parquet"):
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def show(name: str, samples: list[Sample], floor: float) -> None:
    """Print the medians of a series of runs and the processor time against the floor's."""
    seconds, processor, peak = (statistics.median(values) for values in zip(*samples, strict=True))
    print(
        f"{name:<14} {seconds:7.2f} s  processor {processor:6.2f} s ({processor / floor:4.2f})"
        f" {'' if math.isnan(peak) else f'{peak:6.0f} MB':>9}   (n={len(samples)})",
        flush=True,
    )


def main() -> None:
    """Time the program and print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    runs = range(chosen.runs)
    bare = [run_once(FLOOR) for _ in runs]
    floor = statistics.median(sample.processor for sample in bare)
    show("imports alone", bare, floor)
    show("--help", [run_once(PROGRAM, ("--help",)) for _ in runs], floor)
    show("bundled case", [run_once(PROGRAM, ("explain", CASE)) for _ in runs], floor)
    if chosen.data_dir is None:
        return
    window = ("explain", *WINDOW, "--data-dir", str(chosen.data_dir))
    cold, warm = [], []
    for _ in runs:
        drop_cache(chosen.data_dir)
        cold.append(run_once(PROGRAM, window))
        warm.append(run_once(PROGRAM, window))
    show("window, cold", cold, floor)
    show("window, warm", warm, floor)
    show("window, again", run_again(chosen.data_dir, chosen.runs), floor)


if __name__ == "__main__":
    main()
