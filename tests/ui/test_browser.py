"""The desk in a real browser: the way of an answer, lost pages, strangers, hostile text, access."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final
from urllib.parse import urlsplit

import pytest
from axe_selenium_python import Axe
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from tests.ui.browsing import (
    ask,
    at_rest,
    button,
    click,
    first,
    follow,
    in_sight,
    lightness,
    requested,
    run_of,
    settled,
    sideways,
    text_of,
    wait_for,
    wait_text,
)
from tests.ui.conftest import Desk, log_of, open_browser

from causemap import explain
from causemap.briefing.shelf import Shelf
from causemap.cases.store import list_cases, load_case
from causemap.records import Claim, Gap, Marker, Note
from causemap.reporting import vega
from causemap.tools.schedules import SCHEDULES
from causemap.ui.doorway import COOKIE, visitor

pytestmark = pytest.mark.browser

# The pages that schedules were published on: of the program, not of a run's text.
PUBLISHED: Final = tuple(schedule.url for schedule in SCHEDULES)
PAGES: Final = (
    "",
    "cause_map",
    "evidence",
    "charts",
    "claims",
    "briefing",
    "compare",
    "checklist",
    "evaluation",
    "data",
    "settings",
)
CASE: Final = "2026-02-seed"


def test_from_question_to_briefing(desk: Desk, browser: Chrome) -> None:
    """From an example to its map, evidence, a claim, a follow-up and the approved briefing."""
    browser.get(desk.url)
    click(browser, button(browser, "stocks, bitcoin and metals"))
    wait_text(browser, "what would change my mind")
    shown = text_of(browser).lower()
    order = [
        "different causes by market",
        "mechanism",
        "what would change my mind",
        "what is missing",
        "argues for",
    ]
    assert [shown.index(words) for words in order] == sorted(shown.index(w) for w in order)
    assert "as of 7 feb 2026, 23:59 utc" in shown
    run = run_of(browser)
    follow(browser, "Cause map")
    wait_text(browser, "the same map in words")
    assert run_of(browser) == run
    follow(browser, "Evidence")
    n = len(explain(CASE).evidence)
    wait_text(browser, f"{n} of {n} items")
    follow(browser, "Claims")
    wait_text(browser, "claim by claim")
    settled(browser)
    click(browser, first(browser, ".st-key-outside-claim button"))
    click(browser, first(browser, '[class*="st-key-pills-claim-"] button'))
    wait_text(browser, "speaks for")  # two clicks: the evidence item with its source and times
    follow(browser, "Ask")
    wait_text(browser, "what would change my mind")
    ask(browser, "why not a rates shock?")
    wait_text(browser, "you asked")
    follow(browser, "Briefing")
    wait_text(browser, "unreviewed draft")
    assert run_of(browser) == run
    settled(browser)
    first(browser, 'input[aria-label^="Your name"]').send_keys("A. Reader")
    click(browser, button(browser, "Approve this wording"))
    wait_text(browser, "approved.")
    settled(browser)
    click(browser, button(browser, "Mark as published"))
    wait_text(browser, "published.")
    shelf = Shelf(desk.settings.home / "briefings" / "desk" / run)
    assert [(e.event, e.name) for e in shelf.log()] == [
        ("approved", "A. Reader"),
        ("published", ""),
    ]
    forms = ("Markdown", "E-mail", "JSON")  # looked up anew while the page is laid again
    wait_for(browser, lambda d: all(button(d, form).is_enabled() for form in forms))


def test_a_click_on_the_map_opens_its_evidence(desk: Desk, browser: Chrome) -> None:
    """A node of the drawing leads to what speaks for it, as choosing it from the list does."""
    browser.get(f"{desk.url}/cause_map?run={CASE}")
    path = "//*[local-name()='svg']//*[local-name()='text' and contains(., 'Margin calls')]"
    found = wait_for(browser, lambda d: d.find_elements(By.XPATH, path)[0])
    settled(browser)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    place = at_rest(browser, found)
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        browser.execute_cdp_cmd(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1},
        )
    wait_text(browser, "evidence against it")


def test_a_run_survives_reload_and_a_second_tab(desk: Desk, browser: Chrome) -> None:
    """A page reloaded mid-run, and another one on the same address, end at one and the same run."""
    browser.get(desk.url)
    before = len(desk.ledger.runs())
    ask(browser, "why did bitcoin fall between 2026-01-29 and 2026-02-05?")
    run = run_of(browser)
    browser.refresh()
    browser.switch_to.new_window("tab")
    browser.get(f"{desk.url}/?run={run}")
    wait_text(browser, "what would change my mind")
    browser.close()
    browser.switch_to.window(browser.window_handles[0])
    wait_text(browser, "what would change my mind")
    assert run_of(browser) == run
    assert len(desk.ledger.runs()) == before + 1
    assert desk.ledger.row(run).state == "done"


def test_a_question_without_a_time_is_asked_back(desk: Desk, browser: Chrome) -> None:
    """What cannot be turned into a window is a question back, not a crash."""
    browser.get(desk.url)
    ask(browser, "why did bitcoin fall?")
    wait_text(browser, "a question back:")


def test_a_link_clicked_during_an_answer_is_followed(desk: Desk, browser: Chrome) -> None:
    """The reader who leaves while an answer is written gets there, and the answer is kept."""

    def answers(n: int) -> None:
        wait_for(browser, lambda d: text_of(d).lower().count("you asked") == n)

    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})  # somebody who has not asked yet
    browser.get(f"{desk.url}/?run={CASE}")
    links = '[data-testid="stSidebar"] [data-testid="stPageLink"] a[href*="checklist"]'
    for n in range(1, 4):
        ask(browser, "what is missing?")
        answers(n)
        time.sleep(0.15 * n)  # at the answer's start, in its midst and near its end
        click(browser, first(browser, links))
        wait_text(browser, "verdict: different causes by market")
        follow(browser, "Ask")
        answers(n)
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    assert len(desk.ledger.turns(run_of(browser), visitor(cookie["value"]))) == 3


def open_keeping(driver: Chrome) -> None:
    """Unfold what can be done with a run."""
    path = "//summary[contains(., 'rename')]"
    click(driver, wait_for(driver, lambda d: d.find_elements(By.XPATH, path)[0]))
    wait_text(driver, "the history stays yours")
    settled(driver)


def test_a_run_is_renamed_shared_and_deleted(desk: Desk, browser: Chrome) -> None:
    """Its owner renames and deletes it; whoever has the address may read it and do neither."""
    title = next(case.title for case in list_cases() if case.id == "2018-11-crypto")
    named, inputs = "Canary of the ledger", 'input[aria-label="Title"]'
    browser.get(desk.url)
    click(browser, button(browser, title))
    wait_text(browser, "what would change my mind")
    run = run_of(browser)
    settled(browser)
    open_keeping(browser)
    line = first(browser, inputs)
    line.send_keys(Keys.CONTROL, "a")
    line.send_keys(named)
    click(browser, button(browser, "Rename"))
    wait_for(browser, lambda d: named in d.find_element(By.CSS_SELECTOR, ".stSidebar").text)
    assert desk.ledger.row(run).title == named
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    browser.get(f"{desk.url}/?run={run}")  # a stranger with the address
    settled(browser)
    assert named in text_of(browser)
    open_keeping(browser)
    assert not browser.find_elements(By.CSS_SELECTOR, inputs)
    assert named not in browser.find_element(By.CSS_SELECTOR, ".stSidebar").text
    browser.delete_all_cookies()
    browser.add_cookie(cookie)
    browser.get(f"{desk.url}/?run={run}")
    settled(browser)
    open_keeping(browser)
    click(browser, first(browser, '.stMain [data-testid="stCheckbox"] input'))
    wait_for(browser, lambda d: button(d, "Delete the run").is_enabled())
    click(browser, button(browser, "Delete the run"))
    wait_text(browser, "why did the market fall?")
    assert run not in [row.id for row in desk.ledger.runs()]


def test_two_visitors_do_not_see_each_other(desk: Desk, browser: Chrome) -> None:
    """Neither questions nor follow-ups nor histories pass from one visitor to another."""
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})  # from here on it is somebody new
    two = open_browser()
    try:
        seen = ((browser, "canary-alpha-41"), (two, "canary-beta-87"))
        for driver, canary in seen:
            driver.get(desk.url)
            ask(driver, f"{canary} why did gold fall between 2026-01-29 and 2026-02-05?")
        for driver, _ in seen:
            wait_text(driver, "what would change my mind")
        for (driver, mine), (_, other) in zip(seen, reversed(seen), strict=True):
            for page in ("", "compare", "settings"):
                driver.get(f"{desk.url}/{page}?run=new")
                settled(driver)
                wait_text(driver, mine)  # the history stands beside every page
                assert other not in text_of(driver)
        cookies = [d.get_cookie(COOKIE) for d, _ in seen]
        values = [visitor(c["value"]) for c in cookies if c]
        assert len(set(values)) == 2
        assert [len(desk.ledger.runs(owner)) for owner in values] == [1, 1]
        assert all(c and c["httpOnly"] for c in cookies)
    finally:
        two.quit()


class Beacon(BaseHTTPRequestHandler):
    """A stranger's server that remembers who came."""

    seen: Final[list[str]] = []

    def do_GET(self) -> None:
        """Remember the path."""
        self.seen.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  named by the base
        """Keep quiet."""


@pytest.fixture
def beacon() -> Iterator[str]:
    """The address of a stranger's server on this machine."""
    server = HTTPServer(("127.0.0.1", 0), Beacon)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def hostile_run(desk: Desk, address: str, owner: str) -> str:
    """A run whose every outside text tries to load, run or lead away."""
    bad = (
        f"![x]({address}/md) <img src={address}/img onerror=window.pwned=1> "
        f"<svg onload=window.pwned=1><script>window.pwned=1</script> [go]({address}/link) "
        f"<{address}/auto> :material/home: $x$ <style>@import '{address}/css'</style>"
    )
    seed = load_case(CASE)
    scope = replace(seed.scope, question=bad)
    first = replace(seed.evidence[0], said=bad, source=bad, url="javascript:window.pwned=1")
    note = Note("n1", "2026-02-01", "date", bad, "news", bad, f"{address}/note", "found", 0.9)
    dossier = replace(
        seed,
        scope=scope,
        evidence=(first, *seed.evidence[1:]),
        notes=(note,),
        markers=(Marker("2026-01-30T10:00Z", bad, "note", note="n1"),),
        gaps=(Gap(bad, "failed", bad, "macro"), *seed.gaps),
        claims=(Claim(bad, bad, "single_source", (first.id,)),),
    )
    run_id = desk.ledger.save(dossier, bad, owner=owner, said=bad)
    turn = {"intent": "why", "text": bad, "evidence": [first.id], "chart": None, "action": None}
    desk.ledger.add_turn(run_id, bad, json.dumps(turn), owner=owner)
    desk.ledger.feedback(run_id, bad, "other", bad)
    return run_id


def test_hostile_text_loads_and_runs_nothing(desk: Desk, browser: Chrome, beacon: str) -> None:
    """No page of a hostile run asks another origin for anything or runs what the text brings."""
    browser.get(desk.url)
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    run = hostile_run(desk, beacon, visitor(cookie["value"]))
    log_of(browser, "performance")
    for page in PAGES:
        browser.get(f"{desk.url}/{page}?run={run}")
        settled(browser)
        assert browser.execute_script("return window.pwned") is None
        links = browser.execute_script(
            "return [...document.querySelectorAll('.stMain a, .stMain img')]"
            ".map(e => e.href || e.src || '')"
        )
        own = (desk.url, "data:", "blob:", f"{beacon}/note", *PUBLISHED)
        assert [link for link in links if link and not str(link).startswith(own)] == []
    assert {urlsplit(o).netloc for o in requested(browser)} <= {urlsplit(desk.url).netloc}
    assert Beacon.seen == []


GRAVE: Final = ("serious", "critical")
MODERATE: Final = ("moderate", *GRAVE)


def findings(
    driver: Chrome, rules: str, impacts: tuple[str, ...] = GRAVE
) -> list[tuple[str, str, str]]:
    """What axe still finds when the page has come to rest: a state between two is no finding."""
    seen = look(driver, rules, impacts)
    for _ in range(3):
        if not seen:
            break
        time.sleep(0.7)
        seen = look(driver, rules, impacts)
    return seen


def look(driver: Chrome, rules: str, impacts: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """What axe finds of these impacts; ``rules`` is its ``runOnly``."""
    axe = Axe(driver)
    axe.inject()
    found = axe.run(options=f"{{runOnly: {rules}, resultTypes: ['violations']}}")["violations"]
    return [
        (rule["id"], node["html"][:160], node.get("failureSummary", "")[:200])
        for rule in found
        if rule["impact"] in impacts
        for node in rule["nodes"]
        if not outdated(rule["id"], node["html"], node.get("failureSummary", ""))
    ]


def outdated(rule: str, element: str, why: str) -> bool:
    """What the bundled axe, of 2019, does not know yet.

    ARIA 1.2 lets a radio group tell its orientation, and the roles ``graphics-*`` of the ARIA
    Graphics Module, with ``aria-roledescription`` of ARIA 1.1, are what charts are made of.
    """
    if rule == "aria-valid-attr":
        return why.strip().endswith("Invalid ARIA attribute name: aria-roledescription")
    grouped = rule == "aria-allowed-attr" and 'role="radiogroup"' in element
    return grouped or (rule == "aria-roles" and 'role="graphics-' in element)


# Tables that a phone would show in part, and links of the closed side bar that keys still reach.
CUT_OFF: Final = """
const wide = [...document.querySelectorAll('.cm-scroll')].filter(
    (e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1);
const hidden = [...document.querySelectorAll('[aria-expanded="false"][data-testid="stSidebar"] a')]
    .filter((e) => e.checkVisibility({visibilityProperty: true}));
return [...wide.map((e) => e.getAttribute('aria-label')), ...hidden.map((e) => e.innerText)];
"""


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_accessible(desk: Desk, browser: Chrome, page: str) -> None:
    """No serious or critical finding of axe, contrast on dark as on light, a phone's width kept."""
    browser.set_script_timeout(120)
    browser.get(f"{desk.url}/{page}?run={CASE}")
    settled(browser)
    called = page.replace("_", " ").capitalize() or "Ask"
    assert browser.title == f"{called} - causemap"
    assert findings(browser, "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa']}") == []
    assert findings(browser, "{type: 'rule', values: ['heading-order']}", MODERATE) == []
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    try:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
        wait_for(browser, lambda d: lightness(d) < 64)
        settled(browser)
        assert findings(browser, "{type: 'rule', values: ['color-contrast']}") == []
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        wait_for(browser, lambda d: d.execute_script("return window.innerWidth") == 390)
        wait_for(browser, lambda d: sideways(d) <= 1)
        wait_for(browser, lambda d: d.execute_script(CUT_OFF) == [])
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


INK_AGAINST_GROUND: Final = """
const light = (c) => c.match(/[0-9.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b, 0) / 3;
const ground = light(getComputedStyle(document.querySelector('.stApp')).backgroundColor);
const words = [...document.querySelectorAll(arguments[0])].filter((e) => e.textContent.trim());
return words.map((e) => Math.abs(light(getComputedStyle(e).fill) - ground));
"""


# Figures on the heat map's tones belong to those and not to the page.
CHART_WORDS: Final = '[data-testid="stVegaLiteChart"] svg text' + "".join(
    f':not([fill="{ink}"])' for ink in (vega.ON_FAINT, vega.ON_STRONG, vega.ON_BLUE)
)


@pytest.mark.parametrize(
    ("page", "words"), [("charts", CHART_WORDS), ("cause_map", ".st-key-map svg text")]
)
def test_drawings_turn_with_the_page(desk: Desk, browser: Chrome, page: str, words: str) -> None:
    """A page that turns dark while it is open keeps the words of its drawings readable."""

    def readable(driver: Chrome) -> bool:
        apart = driver.execute_script(INK_AGAINST_GROUND, words)
        return len(apart) > 4 and min(apart) > 80

    browser.get(f"{desk.url}/{page}?run={CASE}")
    settled(browser)
    wait_for(browser, readable)
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    try:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
        wait_for(browser, lambda d: lightness(d) < 64)
        wait_for(browser, readable)
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_charts_chosen_are_found_again(desk: Desk, browser: Chrome) -> None:
    """Leaving the page and coming back shows the charts looked at, not the first ones."""
    browser.get(f"{desk.url}/charts?run={CASE}")
    settled(browser)
    click(browser, button(browser, "Weight"))
    wait_text(browser, "is next at")
    settled(browser)
    follow(browser, "Evidence")
    wait_text(browser, "open an item by its number")
    settled(browser)
    follow(browser, "Charts")
    wait_text(browser, "is next at")


def test_a_word_without_end_stays_in_its_column(desk: Desk, browser: Chrome) -> None:
    """Whatever is asked, the page is no wider than its window, in a refusal and in the talk."""
    browser.get(desk.url)
    ask(browser, "x" * 500)
    wait_text(browser, "no answer")
    settled(browser)
    assert sideways(browser) <= 1
    browser.get(f"{desk.url}/?run={CASE}")
    ask(browser, "y" * 500)
    wait_text(browser, "y" * 500)
    settled(browser)
    assert sideways(browser) <= 1


def test_the_answer_is_reached_by_keyboard(desk: Desk, browser: Chrome) -> None:
    """A question is typed and sent, and an evidence chip opened, without a mouse."""
    browser.get(f"{desk.url}/?run={CASE}")
    wait_text(browser, "what would change my mind")
    chip = wait_for(
        browser,
        lambda d: d.find_elements(By.CSS_SELECTOR, '.stMain [data-testid="stButtonGroup"] button')[
            0
        ],
    )
    browser.execute_script("arguments[0].focus()", chip)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait_text(browser, "speaks for")


def test_the_way_back_leads_to_the_examples(desk: Desk, browser: Chrome) -> None:
    """The browser's own way back leaves the run, and a link reached by keys shows that it is."""
    browser.get(desk.url)
    settled(browser)
    for _ in range(3):
        ActionChains(browser).send_keys(Keys.TAB).perform()
    ring = "const s = getComputedStyle(document.activeElement); return s.outlineStyle"
    assert browser.switch_to.active_element.text == "Ask"
    assert browser.execute_script(ring) == "solid"
    click(browser, button(browser, "stocks, bitcoin and metals"))
    wait_text(browser, "what would change my mind")
    browser.back()
    wait_text(browser, "real falls, frozen with their evidence")
    browser.forward()
    wait_text(browser, "what would change my mind")


def test_an_answer_opens_at_its_verdict(desk: Desk, browser: Chrome) -> None:
    """A page taller than its window starts at the top, and a follow-up's answer is in sight."""
    for address in (f"{desk.url}/claims?run={CASE}", f"{desk.url}/?run={CASE}"):
        browser.get(address)
        settled(browser)
        assert browser.execute_script("return document.querySelector('.stMain').scrollTop") == 0
    assert in_sight(browser, ".cm-verdict")
    assert in_sight(browser, '[data-testid="stChatInput"]')
    ask(browser, "what is missing?")
    wait_text(browser, "you asked")
    settled(browser)
    wait_for(browser, lambda d: in_sight(d, ".cm-turn"))


def test_headers_close_the_pages(desk: Desk, browser: Chrome) -> None:
    """The policy forbids foreign scripts, images and frames, and the browser reports no breach."""
    browser.get(f"{desk.url}/?run={CASE}")
    settled(browser)
    said = [e["message"] for e in log_of(browser, "browser")]
    assert [message for message in said if "Content Security" in message] == []
    held = browser.execute_async_script(
        "const done = arguments[0]; fetch('/').then(r => done(r.headers.get("
        "'content-security-policy')))"
    )
    assert "default-src 'none'" in held
    assert "img-src 'self' data: blob:" in held
    assert "'unsafe-inline'" not in held.split("style-src")[0]
