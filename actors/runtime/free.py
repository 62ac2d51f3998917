"""The guardian of actors that nobody supervises."""

import logging
from typing import Any

from supervision.failure import DeadLetter, Failure

logger = logging.getLogger("pykka")


class _Free:
    """The guardian of actors that nobody supervises: they end with their first failure."""

    def started(self, actor: Any) -> None:
        """Nobody waits for it."""

    def failed(self, actor: Any, failure: Failure) -> None:
        """End the actor, as Pykka does."""
        if failure.phase == "stop":
            self.complained(actor, failure)
        actor.reason = failure
        actor.halt(final=True)

    def exited(self, actor: Any) -> None:
        """Let it end."""
        actor.halt(final=True)

    def halted(self, actor: Any, *, final: bool) -> None:
        """Tell the watchers."""
        actor.farewell(actor.reason)

    def complained(self, actor: Any, failure: Failure) -> None:
        """Log it, as Pykka does."""
        logger.error("Unhandled exception in %s:", actor.ref, exc_info=failure.exception)

    def abandoned(self, actor: Any, dispatcher: str, stack: str, replaced: bool) -> None:
        """Log it."""
        logger.error(
            "%s hangs on dispatcher %s and was abandoned:\n%s", actor.ref, dispatcher, stack
        )

    def died(self, actor: Any, letter: DeadLetter) -> None:
        """The failure itself was logged."""

    def undelivered(self, actor: Any, message: Any) -> None:
        """Pykka drops it."""


FREE = _Free()
