"""Messages that the runtime itself sends to actors."""

from typing import Any

import attrs
import pykka

from supervision.failure import Failure


@attrs.frozen
class Terminated:
    """An actor that this one watches has ended for good.

    ``name`` is its id from the child spec (None if nobody supervised it); ``reason`` is the
    failure it ended by, None if it was stopped.
    """

    ref: pykka.ActorRef[Any]
    name: Any
    reason: Failure | None
