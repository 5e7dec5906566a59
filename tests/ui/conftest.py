"""Fixtures of the desk's tests: a small market, a served desk, a headless browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

from causemap.ledger import Ledger, open_ledger
from causemap.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]
SERIES = (
    ("SPX", 0.010),
    ("NDX", 0.013),
    ("RSP", 0.010),
    ("SPY", 0.010),
    ("SMH", 0.018),
    ("IGV", 0.015),
    ("KRE", 0.015),
    ("GLD", 0.009),
    ("SLV", 0.017),
    ("GOLD", 0.009),
    ("SILVER", 0.017),
    ("DXY", 0.004),
)
YIELDS = ("UST2Y", "UST10Y", "UST30Y", "REAL10Y", "BE10Y", "HY_OAS", "IG_OAS")
CRYPTO = (("BTC", 0.030), ("ETH", 0.038))
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1400,1000",
)


def write_market(folder: Path) -> Path:
    """A data folder of made-up prices up to early 2026: random walks that fall in the last week."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(7)
    days = pd.bdate_range("2021-01-04", "2026-02-06", name="date")
    market = pd.DataFrame(index=days)
    for name, spread in SERIES:
        steps = dice.normal(0.0003, spread, len(days))
        steps[-6:] -= 1.5 * spread
        market[name] = 100.0 * np.exp(np.cumsum(steps))
    market["VIX"] = 18.0 + np.abs(dice.normal(0, 2, len(days)))
    for name in YIELDS:
        market[name] = 4.0 + np.cumsum(dice.normal(0, 0.04, len(days))) * 0.1
    market.to_parquet(folder / "market_daily.parquet")
    all_days = pd.date_range("2021-01-01", "2026-02-06", name="date")
    crypto = pd.DataFrame(index=all_days)
    for name, spread in CRYPTO:
        steps = dice.normal(0.0003, spread, len(all_days))
        steps[-8:] -= 1.2 * spread
        crypto[name] = 1000.0 * np.exp(np.cumsum(steps))
    crypto.to_parquet(folder / "crypto_daily.parquet")
    return folder


@pytest.fixture(scope="session")
def market_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up market, written once."""
    return write_market(tmp_path_factory.mktemp("market"))


@dataclass(frozen=True)
class Desk:
    """A served desk: its address, its settings and its ledger."""

    url: str
    settings: Settings
    ledger: Ledger


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, market_dir: Path) -> Iterator[Desk]:
    """The desk, started as a user starts it, on a free port of this machine."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("no chromium and chromedriver on this machine")
    home = tmp_path_factory.mktemp("desk-home")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CAUSEMAP_")}
    environment |= {"CAUSEMAP_HOME": str(home), "HOME": str(home), "PYTHONWARNINGS": "default"}
    environment["PYTHONPATH"] = str(ROOT / "src")
    port = 20_000 + os.getpid() % 20_000
    command = (sys.executable, "-m", "causemap.cli", "ui", "--port", str(port), "--no-browser")
    with (home / "server.log").open("w") as log:
        server = subprocess.Popen(
            [*command, "--data-dir", str(market_dir)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            await_health(url, server, home / "server.log")
            settings = load_settings({"CAUSEMAP_HOME": str(home)}, data_dir=market_dir)
            with open_ledger(settings) as ledger:
                yield Desk(url, settings, ledger)
        finally:
            server.terminate()
            server.wait(timeout=20)


def await_health(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers; its log tells why if it does not."""
    for _ in range(150):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):  # noqa: S310  loopback
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"the desk did not start: {log.read_text()[-2000:]}")


def open_browser() -> Chrome:
    """A fresh headless browser with its own profile and a log of what it fetches."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={tempfile.mkdtemp(prefix='desk-browser-')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(service=Service(str(DRIVER)), options=options)
    driver.set_window_size(1400, 1000)
    return driver


def log_of(driver: Chrome, kind: str) -> list[dict[str, str]]:
    """The driver's log of one kind since the last look."""
    entries: list[dict[str, str]] = driver.execute("getLog", {"type": kind})["value"]
    return entries


@pytest.fixture(scope="session")
def shared_browser(desk: Desk) -> Iterator[Chrome]:
    """One browser for the tests that do not mind what was looked at before."""
    driver = open_browser()
    driver.get(desk.url)
    yield driver
    driver.quit()


@pytest.fixture
def browser(shared_browser: Chrome) -> Chrome:
    """The shared browser, on nobody's page."""
    shared_browser.get("about:blank")
    log_of(shared_browser, "performance")
    log_of(shared_browser, "browser")
    return shared_browser
