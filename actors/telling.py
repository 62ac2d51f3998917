"""Telling those who may be gone."""

from __future__ import annotations

from typing import Any

import pykka

from supervision import Directory
from supervision.errors import NotFound


def tell_if_there(directory: Directory, name: Any, message: Any) -> bool:
    """Tell the actor called `name`; False if nobody is called that now (a passivated guest)."""
    try:
        directory.tell(name, message)
    except (NotFound, pykka.ActorDeadError):
        return False
    return True
