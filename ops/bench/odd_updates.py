"""Updates shaped as the Bot API's schema has them, and broken in every way that JSON allows."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

Body = dict[str, Any]

BOT_ID = 700
GUESTS = 200
DUPLICATES = 0.02
WITHOUT_ID = 0.01
TEXTS = (
    "Good evening.",
    "Добрый вечер, Альфред. Что на ужин?",
    "/start", "/help", "/memory", "/reset", "/stop", "/language en", "/privacy", "/nothing here",
    "/help@alfred_bot", "/help@other_bot", "@alfred_bot what is the time?", "/", "//", "/ x",
    "", " ", "\n\n", "\x00", "a\x00b", "\ud800", "\udfff\ud800x", "\u202egnitirw", "\ufeff",
    "e\u0301" * 40, "\u200d" * 9, "👨‍👩‍👧‍👦🏳️‍🌈", "𝕬" * 30, "\U0010ffff", "ﷺ" * 20, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A",
    "x" * 4096, "ы" * 4096, "😀" * 4096, "```python\nprint()\n" * 50, "*_`[", "<b>&amp;",
    "{}[]\"'\\",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, -0.0, float("nan"), float("inf"), 2**31, 2**52 + 1, 2**63,
    -(2**63), 10**40, 10**4000,
    1e308, "", "1", "null", "\ud83d", "\x00", "x" * 70_000, [], {}, [[]],
    [None], {"": None}, {"\ud800": 1}, {"id": {}}, ["id"], {"update_id": 1},
)  # fmt: skip
NO_IDS: tuple[Any, ...] = (None, True, False, -1, 1.5, "7", [7], {}, 2**63, 10**40)
KINDS = ("private", "group", "supergroup", "channel")


class Updates:
    """An endless stream, the same for the same seed. `ids` are all that can be told apart."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._number = 0
        self.ids: set[int] = set()

    def batch(self, count: int) -> list[Body]:
        """The next so many updates."""
        return [self._update() for _ in range(count)]

    def _update(self) -> Body:
        chance = self._chance
        self._number += 1
        update: Body = chance.choice(_SHAPES)(chance, self._number)
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 5))):
            _break(chance, update)
        luck = chance.random()
        if luck < WITHOUT_ID / 2:
            return update
        if luck < WITHOUT_ID:
            return {**update, "update_id": chance.choice(NO_IDS)}
        number = self._number
        if luck < WITHOUT_ID + DUPLICATES:
            number = max(1, number - chance.randrange(500))
        self.ids.add(number)
        return {**update, "update_id": number}


# Shapes


def _person(chance: random.Random) -> Body:
    number = 1000 + chance.randrange(GUESTS)
    return {
        "id": number,
        "is_bot": chance.random() < 0.02,
        "first_name": f"Guest {number}",
        "last_name": chance.choice(("Ω", "")),
        "username": f"guest{number}",
        "language_code": chance.choice(("ru", "en", "pt-br", "")),
    }


def _message(chance: random.Random, number: int) -> Body:
    person = _person(chance)
    kind = chance.choices(KINDS, (12, 2, 2, 1))[0]
    chat = {"id": person["id"], "type": kind, "first_name": person["first_name"]}
    if kind != "private":
        chat = {"id": -1000 - chance.randrange(9), "type": kind, "title": "The Club"}
    return {"message_id": number, "date": 1_772_366_400, "chat": chat, "from": person}


def _text(chance: random.Random, number: int) -> Body:
    text = chance.choice(TEXTS)
    kinds = ("bold", "text_mention", "mention", "bot_command", "custom_emoji")
    entity = {
        "type": chance.choice(kinds),
        "offset": chance.randrange(5),
        "length": chance.randrange(9),
        "user": {"id": BOT_ID, "is_bot": True, "first_name": "Alfred"},
    }
    message = {**_message(chance, number), "text": text, "entities": [entity] * chance.randrange(3)}
    if chance.random() < 0.1:
        message["reply_to_message"] = {**_message(chance, number), "text": chance.choice(TEXTS)}
    if chance.random() < 0.1:
        message |= {"is_topic_message": True, "message_thread_id": chance.randrange(9)}
    return {chance.choice(("message", "message", "message", "edited_message")): message}


def _media(chance: random.Random, number: int) -> Body:
    kinds = (
        "voice", "audio", "video_note", "photo", "sticker", "document", "video", "animation",
        "location", "venue", "contact", "poll", "dice", "game", "story", "paid_media", "checklist",
        "invoice", "new_chat_members", "left_chat_member", "pinned_message", "successful_payment",
        "migrate_to_chat_id", "web_app_data", "giveaway", "forum_topic_created", "what_comes_next",
    )  # fmt: skip
    content = {
        "file_id": f"file{number}",
        "file_unique_id": f"u{number}",
        "duration": chance.randrange(60),
        "file_size": chance.choice((1, 1000, 50_000_000)),
        "mime_type": chance.choice(("audio/ogg", "audio/mpeg", "image/png")),
        "emoji": "🎩",
    }
    message = {**_message(chance, number), chance.choice(kinds): content}
    if chance.random() < 0.3:
        message["caption"] = chance.choice(TEXTS)
    if chance.random() < 0.2:
        message["media_group_id"] = str(number // 4)
    return {"message": message}


def _callback(chance: random.Random, number: int) -> Body:
    data = ("language:en", "language:ru", "reset:yes", "reset:no", "memory:page:2", "?", "\x00")
    query: Body = {"id": f"q{number}", "from": _person(chance), "chat_instance": "c"}
    query["message"] = {**_message(chance, number), "text": "buttons"}
    query["message"]["chat"] = {"id": query["from"]["id"], "type": "private"}
    query["data"] = chance.choice(data)
    return {"callback_query": query}


def _membership(chance: random.Random, number: int) -> Body:
    message = _message(chance, number)
    status = chance.choice(("member", "kicked", "left", "administrator", "restricted"))
    changed = {
        "chat": message["chat"],
        "from": message["from"],
        "date": 1,
        "new_chat_member": {"status": status, "user": {"id": BOT_ID, "is_bot": True}},
    }
    return {chance.choice(("my_chat_member", "chat_member")): changed}


def _other(chance: random.Random, number: int) -> Body:
    kinds = (
        "channel_post", "edited_channel_post", "inline_query", "chosen_inline_result",
        "poll_answer",
        "shipping_query", "pre_checkout_query", "poll", "chat_join_request", "message_reaction",
        "business_message", "chat_boost", "purchased_paid_media", "guest_query",
    )  # fmt: skip
    return {chance.choice(kinds): {**_message(chance, number), "query": chance.choice(TEXTS)}}


Shape = Callable[[random.Random, int], Body]
_SHAPES: tuple[Shape, ...] = (_text, _text, _text, _media, _callback, _membership, _other)


# Breaking


def _break(chance: random.Random, update: Body) -> None:
    """Change one place of an update, wherever it is."""
    holders = list(_holders(update))
    holder = chance.choice(holders)
    if not holder:
        return
    keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    key = chance.choice(keys)
    match chance.randrange(8):
        case 0:
            del holder[key]
        case 1 | 2 | 3:  # a copy: what is broken next may be inside it
            holder[key] = copy.deepcopy(chance.choice(ODD))
        case 4:
            holder[key] = chance.choice(TEXTS)
        case 5:
            holder[key] = deep(chance.choice((3, 30, 63, 64, 65, 300, 990, 3000)), holder[key])
        case 6:
            holder[key] = [holder[key]] * chance.randrange(4)
        case _:
            other = chance.choice(holders)
            holder[key] = chance.choice(list(_copied(other))) if other else None


def _copied(holder: Any) -> Iterator[Any]:
    """Values that may be put elsewhere without making a circle."""
    for value in holder.values() if isinstance(holder, dict) else holder:
        yield None if isinstance(value, dict | list) else value


def _holders(value: Any) -> Iterator[Any]:
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        yield holder
        if len(waiting) < 200:
            values = holder.values() if isinstance(holder, dict) else holder
            waiting += (each for each in values if isinstance(each, dict | list))


def deep(levels: int, core: Any) -> Any:
    """`core` inside so many objects and lists."""
    for level in range(levels):
        core = [core] if level % 2 else {"a": core}
    return core
