"""Waiting for what comes about on other threads and in other processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

SECONDS = 20.0
POLL_SECONDS = 0.02

T = TypeVar("T")


def eventually(what: str, look: Callable[[], T], seconds: float = SECONDS) -> T:
    """The first truthy value of `look`, which is asked until then; AssertionError names `what`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"expected {what} within {seconds:g} s; last seen: {found!r}")
        pause.wait(POLL_SECONDS)
