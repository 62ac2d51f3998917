"""Answers to whoever asked, and what is kept of an exception."""

import contextlib
import queue
from typing import Any


def reply(reply_to: Any, value: Any) -> None:
    """Set a value, unless there is an answer already."""
    # A future may have an answer already: its own, or the one for an actor that ended.
    with contextlib.suppress(queue.Full):
        reply_to.set(value)


def refuse(reply_to: Any, error: BaseException) -> None:
    """Set an exception, unless nobody asked or there is an answer already."""
    if reply_to is not None:
        with contextlib.suppress(queue.Full):
            reply_to.set_exception((type(error), error, error.__traceback__))


def forget_frames(error: BaseException | None) -> None:
    """A failure is kept for long; the locals of its frames (actors, messages) should not be."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
