"""Medians of what a reader of the desk waits for, in a headless browser on this machine.

``python -m benchmarks.ui [--data-dir DIR] [--rounds N]``, from the root of the checkout, for it
speaks to the browser as the tests do: first paint of a bundled case in a fresh tab, a page switch
by its link, and, with a data folder, the first row of progress after asking.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tests.ui.conftest import await_health, open_browser

CASE = "2026-02-seed"
PAGES = ("Evidence", "Claims", "Ask", "Cause map", "Charts", "Compare", "Ask")
PORT = 8799
QUESTION = "why did bitcoin fall between 2026-01-29 and 2026-02-05?"


def until(driver: Chrome, script: str) -> float:
    """Seconds until a condition in the page holds, looked at every 10 ms."""
    began = time.perf_counter()
    while not driver.execute_script(f"return !!({script})"):
        if time.perf_counter() - began > 60:
            raise TimeoutError(script)
        time.sleep(0.01)
    return time.perf_counter() - began


def first_paint(driver: Chrome, url: str) -> float:
    """Seconds from the address to the verdict in a fresh tab."""
    driver.get("about:blank")
    began = time.perf_counter()
    driver.get(f"{url}/?run={CASE}")
    until(driver, "document.querySelector('.cm-verdict')")
    return time.perf_counter() - began


def switch(driver: Chrome, name: str) -> float:
    """Seconds from a click on a page's link until its title and the run's strip stand there."""
    find = "[...document.querySelectorAll('[data-testid=stSidebar] a')]"
    find += f".find(a => a.innerText.trim() === '{name}')"
    until(driver, find)
    title = "Answer" if name == "Ask" else name
    began = time.perf_counter()
    driver.execute_script(f"{find}.click()")
    there = f"document.querySelector('h1')?.innerText === '{title}'"
    until(driver, f"{there} && document.querySelector('.cm-bar')")
    return time.perf_counter() - began


def first_progress(driver: Chrome, url: str) -> float:
    """Seconds from sending a question until the first row of progress."""
    driver.get(f"{url}/?run=new")
    until(driver, "document.querySelector('[data-testid=stChatInput] textarea')")
    line = driver.find_element(By.CSS_SELECTOR, '[data-testid="stChatInput"] textarea')
    line.send_keys(QUESTION)
    began = time.perf_counter()
    line.send_keys(Keys.ENTER)
    until(driver, "document.querySelector('.cm-progress')")
    seconds = time.perf_counter() - began
    until(driver, "document.querySelector('.cm-verdict')")
    return seconds


def show(what: str, seconds: list[float], goal: float) -> None:
    """Print a median with its spread and the goal."""
    low, high = min(seconds), max(seconds)
    middle = statistics.median(seconds)
    print(f"{what:<26} {middle:6.2f} s  ({low:.2f} to {high:.2f}, n {len(seconds)}; goal {goal} s)")


def processor(driver: Chrome, url: str) -> float:
    """Processor seconds of the page's main thread for a first paint: the same on a busy machine."""
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    first_paint(driver, url)
    held = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(float(m["value"]) for m in held if m["name"] == "TaskDuration")


def measure(driver: Chrome, url: str, rounds: int, *, ask: bool) -> None:
    """All medians."""
    first_paint(driver, url)  # the browser's cache and the server's imports are warm from here on
    many: Callable[[int], range] = range
    show("first paint", [first_paint(driver, url) for _ in many(rounds)], 2)
    show("  processor, page", [processor(driver, url) for _ in many(rounds)], 2)
    until(driver, "document.querySelector('.cm-foot')")
    found = [(name, switch(driver, name)) for _ in many(rounds) for name in PAGES]
    show("page switch", [seconds for _, seconds in found], 0.5)
    for name in dict.fromkeys(PAGES):
        show(f"  to {name}", [s for page, s in found if page == name], 0.5)
    if ask:
        show("first row of progress", [first_progress(driver, url) for _ in many(rounds)], 1)


def main() -> None:
    """Serve the desk in a folder of its own and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=None)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    command = [sys.executable, "-m", "causemap.cli", "ui", "--no-browser", "--port", str(PORT)]
    command += ["--data-dir", str(given.data_dir)] if given.data_dir else []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        log = Path(home) / "server.log"
        with log.open("w") as out:
            # The setting is told to the program of the server alone, by its own command line.
            server = subprocess.Popen(
                ["/usr/bin/env", f"CAUSEMAP_HOME={home}", *command], stdout=out, stderr=out
            )
            driver = None
            try:
                await_health(f"http://127.0.0.1:{PORT}", server, log)
                driver = open_browser()
                ask = given.data_dir is not None
                measure(driver, f"http://127.0.0.1:{PORT}", given.rounds, ask=ask)
            finally:
                if driver is not None:
                    driver.quit()
                server.terminate()
                server.wait(timeout=20)


if __name__ == "__main__":
    main()
