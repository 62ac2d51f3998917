"""The operator's console, in real Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from butler import telemetry
from butler.metrics import Metrics
from butler.web import WebServer, create_app
from tests.web.serving import Steward, node, serving

pytestmark = [pytest.mark.browser, pytest.mark.service]
SECONDS = 30


def texts(browser: Chrome, selector: str) -> list[str]:
    """What stands in all of these, read at one moment: the page replaces them as it goes."""
    script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.innerText)"
    return list(browser.execute_script(script, selector))


def text(browser: Chrome, selector: str) -> str:
    return "".join(texts(browser, selector))


def tiles(browser: Chrome, selector: str) -> dict[str, str]:
    pairs = (tile.partition("\n") for tile in texts(browser, f"{selector} > div"))
    return {label: value for label, _, value in pairs}


def wait(browser: Chrome, condition: Callable[[Chrome], bool]) -> None:
    WebDriverWait(browser, SECONDS, poll_frequency=0.1).until(condition)


def shows(browser: Chrome, selector: str, words: str) -> None:
    """Wait until the page shows `words` there."""
    wait(browser, lambda page: words in text(page, selector))


def test_the_console_shows_the_butler_as_he_is(browser: Chrome) -> None:
    registry = CollectorRegistry()
    Metrics(registry)(telemetry.RequestFinished("text", "success", "7"))
    with serving(Steward(), registry=registry) as site:
        browser.get(site.address)
        shows(browser, "#verdict", "serving")
        overview = tiles(browser, "#overview")
        figures = tiles(browser, "#figures")
        dependencies = texts(browser, "#dependencies li")
        playground = browser.find_element(By.ID, "playground").is_displayed()
        complaints = browser.get_log("browser")  # type: ignore[no-untyped-call]  # selenium's
        subtitle = text(browser, "#subtitle")
    assert subtitle == "version 0.1.0, serving the playground"
    assert overview == {"Up for": "1 d 1 h", "Profiles": "3", "Dead letters": "1"}
    assert figures["Requests answered"] == "1"
    assert dependencies == ["Telegram\n@alfred", "LLM\nnot known yet"]
    assert playground
    assert complaints == []


def test_the_actor_tree_is_alive(browser: Chrome) -> None:
    steward = Steward(root=node("root", node("journal", mailbox=12), node("users", count=0)))
    with serving(steward) as site:
        browser.get(site.address)
        shows(browser, "#actors", "journal")
        before = texts(browser, "#actors tr")
        users = [node(f"user/{n}") for n in range(60)]
        users[0] = node("user/0", state="restarting", restarts=2, last_failure="<b>KeyError</b>")
        steward.root = node("root", node("journal"), node("users", *users, count=60))
        shows(browser, "#actors", "and 10 more")
        after = texts(browser, "#actors tr")
    assert before[1].split("\t") == ["├─ journal", "running", "0", "12", "0 ms", ""]
    assert after[2].split("\t")[0].replace(" ", "") == "└─users60live"
    assert after[3].split("\t")[1:] == ["restarting", "2", "0", "0 ms", "<b>KeyError</b>"]


def test_trouble_is_told_and_forgotten_when_it_is_over(browser: Chrome) -> None:
    steward = Steward()
    app = create_app(steward, CollectorRegistry(), None)
    server = WebServer(app, "127.0.0.1", 0)
    server.start()
    browser.get(server.address)
    shows(browser, "#verdict", "serving")
    steward.dependencies = {"llm": {"up": False, "detail": "connection refused"}}
    shows(browser, "#verdict", "serving, with trouble")
    steward.is_ready = False
    shows(browser, "#verdict", "not ready")
    server.stop()
    shows(browser, "#trouble", "The butler does not answer")
    again = WebServer(app, "127.0.0.1", server.port)
    again.start()
    shows(browser, "#verdict", "not ready")
    assert not browser.find_element(By.ID, "trouble").is_displayed()
    again.stop()


def test_the_token_is_asked_for_once(browser: Chrome) -> None:
    with serving(token="open sesame & more") as site:
        browser.get(site.address)
        for token in ("guess", "open sesame & more"):
            browser.find_element(By.NAME, "token").send_keys(token)
            browser.find_element(By.TAG_NAME, "button").click()
            wait(browser, lambda page: page.find_elements(By.CSS_SELECTOR, ".note, #actors") != [])
            if token == "guess":
                shows(browser, ".note", "That is not the token.")
        shows(browser, "#verdict", "serving")
        assert browser.current_url == f"{site.address}/"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_console_fits_phones_and_desks(browser: Chrome, width: int) -> None:
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        with serving(Steward(root=node("root", last_failure="KeyError " * 20))) as site:
            browser.get(site.address)
            shows(browser, "#verdict", "serving")
            wide = browser.execute_script("return document.documentElement.scrollWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= width
