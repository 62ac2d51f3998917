"""What the service would log, kept."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from butler import logs


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """All that is logged at DEBUG, as the service would."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in logs.QUIET}
    stream = io.StringIO()
    logs.configure("json", "DEBUG", (), stream)
    try:
        yield stream
    finally:
        structlog.configure(**before)
        root.handlers[:], root.level = handlers, level
        for name, known in quiet.items():
            logging.getLogger(name).setLevel(known)
