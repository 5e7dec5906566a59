"""What a reader of the desk does in a browser, and how a test waits for what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from tests.ui.conftest import log_of

WAIT: Final = 120.0


def wait_for(driver: Chrome, found: Callable[[Chrome], Any]) -> Any:
    """What ``found`` returns once it is true; elements that vanish meanwhile are looked up anew."""
    waiter = WebDriverWait(
        driver, WAIT, 0.1, ignored_exceptions=(StaleElementReferenceException, IndexError)
    )
    return waiter.until(found)


def text_of(driver: Chrome) -> str:
    """All text on the page."""
    return str(driver.execute_script("return document.body ? document.body.innerText : ''"))


def wait_text(driver: Chrome, words: str) -> None:
    """Wait until the page shows these words, whatever their case."""
    try:
        wait_for(driver, lambda d: words.lower() in text_of(d).lower())
    except TimeoutException:
        pytest.fail(f"no {words!r} on {driver.current_url}, which shows: {text_of(driver)[:2000]}")


SETTLED: Final = """
const app = document.querySelector('[data-testid="stApp"]');
const rests = app !== null && app.dataset.testScriptState === 'notRunning'
    && app.dataset.testConnectionState === 'CONNECTED'
    && document.querySelector('.stMain h1') !== null
    && document.querySelector('.stMain .cm-foot') !== null
    && document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]') === null;
if (window.watched !== document.body) {
    window.watched = document.body;
    window.changed = performance.now();
    new MutationObserver(() => { window.changed = performance.now(); }).observe(
        document.body, {subtree: true, childList: true, characterData: true});
}
return rests && performance.now() - window.changed > 250;
"""


def settled(driver: Chrome) -> None:
    """Wait until the page stands from title to foot, nothing runs or loads, nothing changes."""
    wait_for(driver, lambda d: d.execute_script(SETTLED))


def click(driver: Chrome, element: WebElement) -> None:
    """Click an element wherever it stands."""
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    driver.execute_script("arguments[0].click()", element)


def at_rest(driver: Chrome, element: WebElement) -> list[float]:
    """Where an element stands in the window (x of its middle, y of its top) once it moves no more.

    A drawing follows a scroll a moment later.
    """
    look = "const r = arguments[0].getBoundingClientRect(); return [r.x + r.width / 2, r.y + 4]"
    seen: list[list[float]] = []

    def rests(d: Chrome) -> bool:
        seen.append(d.execute_script(look, element))
        return len(seen) > 3 and seen[-1] == seen[-2] == seen[-3]

    wait_for(driver, rests)
    return seen[-1]


def button(driver: Chrome, words: str) -> WebElement:
    """The button that shows these words."""
    path = f"//button[contains(normalize-space(.), {json.dumps(words)})]"
    found: WebElement = wait_for(driver, lambda d: d.find_elements(By.XPATH, path)[0])
    return found


def first(driver: Chrome, selector: str) -> WebElement:
    """The first element of this kind, once there is one."""
    found: WebElement = wait_for(driver, lambda d: d.find_elements(By.CSS_SELECTOR, selector)[0])
    return found


def follow(driver: Chrome, name: str) -> None:
    """Follow a link of the side bar."""
    links = '[data-testid="stSidebar"] [data-testid="stPageLink"] a'

    def find(d: Chrome) -> WebElement:
        return next(a for a in d.find_elements(By.CSS_SELECTOR, links) if a.text.strip() == name)

    wait_for(
        driver,
        lambda d: any(a.text.strip() == name for a in d.find_elements(By.CSS_SELECTOR, links)),
    )
    click(driver, find(driver))
    wait_for(driver, lambda d: d.find_element(By.CSS_SELECTOR, "h1").text.strip() != "")


def run_of(driver: Chrome) -> str:
    """The run that the address names."""
    found: str = wait_for(
        driver, lambda d: d.execute_script("return new URLSearchParams(location.search).get('run')")
    )
    return found


def ask(driver: Chrome, words: str) -> None:
    """Type a question and send it, once the page is whole: a part replaced would lose the words."""
    settled(driver)
    line = wait_for(
        driver,
        lambda d: d.find_elements(By.CSS_SELECTOR, '[data-testid="stChatInput"] textarea')[0],
    )
    line.send_keys(words)
    line.send_keys(Keys.ENTER)


def requested(driver: Chrome) -> set[str]:
    """The origins of everything the browser asked for since the last look."""
    origins = set()
    for entry in log_of(driver, "performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            parts = urlsplit(message["params"]["request"]["url"])
            if parts.scheme not in ("data", "blob", "about", "chrome"):
                origins.add(f"{parts.scheme}://{parts.netloc}")
    return origins


def in_sight(driver: Chrome, selector: str) -> bool:
    """Whether the last element of this kind begins within the window."""
    found: bool = driver.execute_script(
        "const all = document.querySelectorAll(arguments[0]);"
        "const y = all.length ? all[all.length - 1].getBoundingClientRect().y : -1;"
        "return y >= 0 && y < window.innerHeight",
        selector,
    )
    return found


def lightness(driver: Chrome) -> int:
    """The red part, 0 to 255, of the page's ground."""
    ground = "return getComputedStyle(document.querySelector('.stApp')).backgroundColor"
    return int(str(driver.execute_script(ground)).split("(")[1].split(",")[0])


def sideways(driver: Chrome) -> int:
    """Pixels by which the page is wider than its window."""
    wide: int = driver.execute_script(
        "const m = document.querySelector('.stMain');"
        "return Math.max(m.scrollWidth - m.clientWidth, document.body.scrollWidth - innerWidth)"
    )
    return wide
