"""Telling those who may be gone."""

from __future__ import annotations

from typing import Any

import pykka

from supervision import Directory
from supervision.errors import MailboxFull, NotFound


def tell_if_there(directory: Directory, name: Any, message: Any) -> bool:
    """Tell the actor called `name`; False if that cannot be.

    Nobody is called that now (a passivated guest, a worker of a house that closes), or the mailbox
    is full: who answers must not fail with who asked.
    """
    try:
        directory.tell(name, message)
    except (NotFound, pykka.ActorDeadError, MailboxFull):
        return False
    return True
