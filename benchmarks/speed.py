"""Times a user feels, as medians over fresh processes, and the peak memory of each.

Run with ``make bench`` or ``python benchmarks/speed.py --data-dir FOLDER``. Without a data folder
only the help and the bundled case are timed. ``cold`` is the first run after the file cache of the
data folder was dropped as far as an ordinary user can (``posix_fadvise``); ``warm`` follows it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

CASE = "2026-02-seed"
WINDOW = ("--start", "2026-01-29", "--end", "2026-02-05")
PROGRAM = "from causemap.cli import main; main()"


class Sample(NamedTuple):
    """One process: wall seconds and peak resident memory in MB."""

    seconds: float
    megabytes: float


def run_once(arguments: tuple[str, ...]) -> Sample:
    """Run the program once in a fresh interpreter; a non-zero exit ends the benchmark."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise SystemExit(f"causemap {' '.join(arguments)}: exit code {process.returncode}")
    # Linux counts ru_maxrss in kilobytes, macOS in bytes.
    return Sample(seconds, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))


def drop_cache(folder: Path) -> None:
    """Ask the system to forget the file contents of a folder (Linux only)."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in folder.glob("*.parquet"):
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def show(name: str, samples: list[Sample]) -> None:
    """Print the medians of a series of runs."""
    seconds = statistics.median(sample.seconds for sample in samples)
    peak = statistics.median(sample.megabytes for sample in samples)
    print(f"{name:<14} {seconds:7.2f} s {peak:8.0f} MB   (n={len(samples)})")


def main() -> None:
    """Time the program and print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    runs = range(chosen.runs)
    show("--help", [run_once(("--help",)) for _ in runs])
    show("bundled case", [run_once(("explain", CASE)) for _ in runs])
    if chosen.data_dir is None:
        return
    window = ("explain", *WINDOW, "--data-dir", str(chosen.data_dir))
    cold, warm = [], []
    for _ in runs:
        drop_cache(chosen.data_dir)
        cold.append(run_once(window))
        warm.append(run_once(window))
    show("window, cold", cold)
    show("window, warm", warm)


if __name__ == "__main__":
    main()
