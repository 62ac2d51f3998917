"""The playground: a strict local Bot API server and the chat page of its guests.

It imports nothing else of the butler, and the butler sees nothing of it but HTTP: what runs
against the playground runs against Telegram.
"""

from butler.playground.app import Playground, create_app
from butler.playground.faults import Fault, Faults
from butler.playground.guest import Guest
from butler.playground.guests import Guests
from butler.playground.model import Bot, Chat
from butler.playground.refusals import GuestError, Refusal
from butler.playground.server import PlaygroundServer
from butler.playground.webhooks import Delays
from butler.playground.world import PLAYGROUND_TOKEN, Call, World

__all__ = [
    "PLAYGROUND_TOKEN",
    "Bot",
    "Call",
    "Chat",
    "Delays",
    "Fault",
    "Faults",
    "Guest",
    "GuestError",
    "Guests",
    "Playground",
    "PlaygroundServer",
    "Refusal",
    "World",
    "create_app",
]
