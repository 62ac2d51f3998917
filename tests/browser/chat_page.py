"""The chat page as its tests see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import attrs
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

WAIT = 30


@attrs.frozen
class Column:
    """One guest's column."""

    browser: Chrome
    element: WebElement

    def find(self, selector: str) -> WebElement:
        return self.element.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.element.find_elements(By.CSS_SELECTOR, selector)

    def say(self, text: str) -> None:
        self.find("textarea").send_keys(text, Keys.ENTER)

    def texts(self, side: str) -> list[str]:
        """What the bubbles of ``own`` or ``bot`` say."""
        return [one.text for one in self.all(f".messages > .{side}:not(.draft) .text:not(.bubble)")]

    def wait(self, true: Callable[[], Any], what: str) -> Any:
        return WebDriverWait(self.browser, WAIT).until(lambda _: true(), what)

    def wait_text(self, text: str, side: str = "bot") -> None:
        self.wait(lambda: text in self.texts(side), f"{text!r} among {side}")

    def element_with(self, selector: str) -> WebElement:
        """The first element of *selector*, once there is one to be seen."""

        def shown() -> WebElement | None:
            return next((one for one in self.all(selector) if one.is_displayed()), None)

        found = self.wait(shown, selector)
        assert isinstance(found, WebElement)
        return found


@attrs.frozen
class ChatPage:
    """The page at an address."""

    browser: Chrome
    url: str

    def open(self, *guests: dict[str, Any]) -> list[Column]:
        """Open it, with *guests* remembered from before when there are some."""
        self.browser.get(self.url)
        if guests:
            self.browser.execute_script(
                "localStorage.setItem('playground.guests', arguments[0])", json.dumps(guests)
            )
            self.browser.refresh()
        return self.columns(max(1, len(guests)))

    def columns(self, count: int) -> list[Column]:
        """The columns, once there are *count*, all connected."""

        def connected(_: Chrome) -> list[WebElement]:
            found = self.browser.find_elements(By.CSS_SELECTOR, ".column[data-state=online]")
            return found if len(found) == count else []

        found = WebDriverWait(self.browser, WAIT).until(connected, f"{count} connected columns")
        return [Column(self.browser, one) for one in found]

    def complaints(self) -> list[str]:
        """What the browser logged as wrong."""
        return [entry["message"] for entry in self.browser.get_log("browser")]  # type: ignore[no-untyped-call]  # selenium's own
