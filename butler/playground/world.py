"""The playground's world: who is there, and the way an update takes to a bot."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

import attrs

from butler.playground.events import EventLog
from butler.playground.faults import Faults
from butler.playground.files import Files
from butler.playground.limits import Limits
from butler.playground.model import Bot, Chat, ChatKind
from butler.playground.refusals import GuestError, Json
from butler.playground.updates import UpdateQueue

PLAYGROUND_TOKEN = "7000000001:PLAYGROUND-this-is-no-secret-of-anyone"
# Ids begin where the clock says, so that a butler who remembers an earlier run of the playground
# never takes a new update for one he knows. Eight a second fit into 31 bits until 2032.
_EPOCH = 1_700_000_000
_IDS_A_SECOND = 8
_KEPT_EVENTS = 1000
_KEPT_CALLS = 2000
# Telegram's user ids have at most 52 significant bits.
MAX_USER_ID = (1 << 52) - 1


@attrs.frozen
class Call:
    """A Bot API call that was answered, for tests."""

    at: float
    bot_id: int
    method: str
    chat_id: str
    status: int


class World:
    """Bots, guests, groups and what is under way between them.

    Every public method may be called from any thread; ``lock`` guards the whole state, and is held
    by callers that touch several objects at once.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        seed: int | None = None,
        first_id: int | None = None,
        strict_rates: bool = False,
        admits_strangers: bool = False,
        kept_messages: int = 2000,
    ) -> None:
        """Make an empty world.

        Args:
            clock: Seconds since the epoch.
            seed: Of everything random: guests' ids, faults.
            first_id: The first update and message id; by default later than any earlier run's.
            strict_rates: Whether Telegram's sending limits hold.
            admits_strangers: Whether a bot may write to a user id nobody introduced: a guest of an
                earlier run, who is then taken for known.
            kept_messages: How long a chat's transcript may grow.
        """
        self.lock = threading.RLock()
        self.clock = clock
        self.rng = random.Random(seed)
        self.faults = Faults(seed)
        self.files = Files(str(seed if seed is not None else time.time_ns()))
        self.limits = Limits(clock) if strict_rates else None
        self.calls: deque[Call] = deque(maxlen=_KEPT_CALLS)
        self.users: dict[int, Json] = {}
        self._bots: dict[str, Bot] = {}
        self._admits_strangers = admits_strangers
        self._kept_messages = kept_messages
        if first_id is None:
            first_id = max(1, int(clock() - _EPOCH) * _IDS_A_SECOND)
        self._first_id = first_id

    def now(self) -> int:
        """Whole seconds, as messages are dated."""
        return int(self.clock())

    # Bots

    def add_bot(
        self,
        token: str = PLAYGROUND_TOKEN,
        *,
        name: str = "Alfred",
        username: str = "playground_butler_bot",
        privacy: bool = False,
    ) -> Bot:
        """Register a bot. *privacy*: in groups it hears only what is addressed to it.

        Raises:
            ValueError: The token is not of Telegram's form, or taken.
        """
        number, _, secret = token.partition(":")
        if not number.isdigit() or not secret:
            raise ValueError("expected a token of the form <digits>:<secret>")
        user = {"id": int(number), "is_bot": True, "first_name": name, "username": username}
        with self.lock:
            if token in self._bots:
                raise ValueError("expected a new token, got one that a bot has already")
            queue = UpdateQueue(self._first_id, self.clock)
            self._bots[token] = Bot(user, token, queue, privacy, self._first_id)
            return self._bots[token]

    def bot_of(self, token: str) -> Bot | None:
        """The bot a token belongs to."""
        return self._bots.get(token)

    @property
    def bots(self) -> list[Bot]:
        """All bots, the first one first."""
        return list(self._bots.values())

    def the_bot(self, name: str | int | None = None) -> Bot:
        """The bot of a username or id; the first one by default.

        Raises:
            GuestError: There is none.
        """
        for bot in self._bots.values():
            if name is None or str(name) in (str(bot.id), bot.username):
                return bot
        raise GuestError(f"expected a bot of this playground, got {name!r}")

    # People and chats

    def add_guest(
        self,
        name: str = "Гость",
        language_code: str = "ru",
        *,
        user_id: int | None = None,
        username: str = "",
        last_name: str = "",
    ) -> Json:
        """Introduce a guest, or rename the one of that id; return the user object.

        Raises:
            GuestError: The id is out of Telegram's range or a bot's, or the name is empty.
        """
        with self.lock:
            if user_id is None:
                user_id = self._free_id()
            if not 0 < user_id <= MAX_USER_ID or any(bot.id == user_id for bot in self.bots):
                raise GuestError(
                    f"expected a user id from 1 to 2^52-1 that is no bot's, got {user_id}"
                )
            if not name.strip():
                raise GuestError("expected a guest's name, got an empty one")
            user: Json = {"id": user_id, "is_bot": False, "first_name": name}
            if last_name:
                user["last_name"] = last_name
            if username:
                user["username"] = username
            if language_code:
                user["language_code"] = language_code
            self.users[user_id] = user
            for bot in self.bots:
                if user_id in bot.chats:
                    bot.chats[user_id].json = _private_json(user)
                    bot.chats[user_id].members[user_id] = user
            return user

    def _free_id(self) -> int:
        while True:
            user_id = self.rng.randrange(10**8, 10**9)
            if user_id not in self.users:
                return user_id

    def guest(self, user_id: int) -> Json:
        """The user object of a guest.

        Raises:
            GuestError: Nobody has that id.
        """
        user = self.users.get(user_id)
        if user is None:
            raise GuestError(f"expected the id of a guest, got {user_id}: create the guest first")
        return user

    def private_chat(self, bot: Bot, user_id: int) -> Chat:
        """The chat of a guest with *bot*, made when it is not there yet.

        Raises:
            GuestError: Nobody has that id.
        """
        with self.lock:
            chat = bot.chats.get(user_id)
            if chat is None:
                user = self.guest(user_id)
                chat = self._new_chat(bot, user_id, "private", _private_json(user))
                chat.members[user_id] = user
            return chat

    def add_group(
        self,
        title: str,
        members: Iterable[int] = (),
        *,
        kind: ChatKind = "group",
        username: str = "",
        bot: Bot | None = None,
    ) -> Chat:
        """Make a group, supergroup or channel with the bot and *members* in it.

        Raises:
            GuestError: A member is nobody, or *kind* is none of the three.
        """
        if kind not in ("group", "supergroup", "channel"):
            raise GuestError(f"expected group, supergroup or channel, got {kind!r}")
        bot = bot or self.the_bot()
        with self.lock:
            people = {user_id: self.guest(user_id) for user_id in members}
            chat_id = -self.rng.randrange(10**9, 2 * 10**9)
            if kind != "group":
                chat_id -= 10**12
            json: Json = {"id": chat_id, "title": title}
            if username:
                json["username"] = username
            json["type"] = kind
            chat = self._new_chat(bot, chat_id, kind, json)
            chat.members.update(people)
            chat.started = True
            return chat

    def _new_chat(self, bot: Bot, chat_id: int, kind: ChatKind, json: Json) -> Chat:
        chat = Chat(chat_id, kind, bot, json, EventLog(_KEPT_EVENTS), self._kept_messages)
        bot.chats[chat_id] = chat
        return chat

    def find_chat(self, bot: Bot, reference: str) -> Chat | None:
        """A chat by its number or @username, as the Bot API names chats."""
        if reference.startswith("@"):
            name = reference[1:].lower()
            for chat in bot.chats.values():
                if chat.kind != "private" and chat.json.get("username", "").lower() == name:
                    return chat
            return None
        try:
            chat_id = int(reference)
        except ValueError:
            return None
        known = bot.chats.get(chat_id)
        if known is None and self._admits_strangers and 0 < chat_id <= MAX_USER_ID:
            if chat_id not in self.users:
                self.add_guest(f"Guest {chat_id}", "", user_id=chat_id)
            known = self.private_chat(bot, chat_id)
            known.started = True
        return known

    def chat(self, chat_id: int, bot: Bot | None = None) -> Chat:
        """The chat of a number, a guest's private chat being made on demand.

        Raises:
            GuestError: There is no such chat.
        """
        bot = bot or self.the_bot()
        with self.lock:
            if chat_id in bot.chats:
                return bot.chats[chat_id]
            if chat_id in self.users:
                return self.private_chat(bot, chat_id)
        raise GuestError(f"expected the id of a chat of this bot, got {chat_id}")

    # Updates

    def enqueue(self, bot: Bot, kind: str, payload: Json) -> int | None:
        """Queue an update, unless the bot does not want its kind; return its id."""
        with self.lock:
            if not bot.queue.wants(kind):
                return None
            number = bot.queue.add({kind: payload})
        bot.wake()
        return number

    def inject(self, update: Json, bot: Bot | None = None) -> int:
        """Queue *update* as it is, whatever it holds; without ``update_id`` it gets one."""
        bot = bot or self.the_bot()
        with self.lock:
            number = bot.queue.add(update)
        bot.wake()
        return number


def _private_json(user: Json) -> Json:
    json = {"id": user["id"], "first_name": user["first_name"]}
    json |= {name: user[name] for name in ("last_name", "username") if name in user}
    return {**json, "type": "private"}
