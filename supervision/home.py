"""What all supervisors of one tree share."""

import logging
import random
from collections.abc import Callable
from typing import Any

from supervision.clock import Clock
from supervision.directory import Directory
from supervision.events import Event, MessageDied
from supervision.failure import DeadLetter

logger = logging.getLogger("supervision")


def log_event(event: Event) -> None:
    """Where events go when nobody subscribes."""
    logger.info("%s", event)


class Home:
    """Clock, directory and subscribers of one tree. Any thread."""

    def __init__(
        self,
        clock: Clock,
        directory: Directory,
        on_event: Callable[[Event], Any],
        on_dead_letter: Callable[[DeadLetter], Any],
        rng: random.Random,
    ) -> None:
        self.clock = clock
        self.directory = directory
        self.rng = rng
        self._on_event = on_event
        self._on_dead_letter = on_dead_letter

    def emit(self, event: Event) -> None:
        """Hand an event to the subscriber; never raises."""
        try:
            self._on_event(event)
        except Exception:  # a subscriber's fault is not an actor's
            logger.exception("on_event raised for %s", event)

    def died(self, letter: DeadLetter) -> None:
        """Hand a dead letter to its subscriber; never raises."""
        self.emit(MessageDied(letter))
        try:
            self._on_dead_letter(letter)
        except Exception:  # a subscriber's fault is not an actor's
            logger.exception("on_dead_letter raised for %s", letter)
