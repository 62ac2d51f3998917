"""The demo brain: a `Model` that needs no server, polite in two languages, honest of itself."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

from butler.clients.demo_facts import Knowledge, Said, noted, said
from butler.clients.demo_lines import LABELS, LINES, NOTICE, Tongue
from butler.clients.demo_summary import structured_answer
from butler.domain.chat import ChatMessage, Completion, CompletionRequest
from butler.domain.instructions import injected
from butler.domain.prompt import parted
from butler.domain.sensitive import masked
from butler.errors import ModelCancelled, ModelInvalid

_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_ASKED_ENGLISH = re.compile(
    r"in English|speak English|по-английски|на английском|language: ?en\b", re.IGNORECASE
)
_ASKED_RUSSIAN = re.compile(
    r"in Russian|speak Russian|по-русски|на русском|language: ?ru\b", re.IGNORECASE
)

_ASKED_GUESTS = re.compile(r"на языке собеседника|in the user's language", re.IGNORECASE)
_TODAY = re.compile(r"(?:Сегодня|Today is) (\d{4}-\d\d-\d\d, \w+)")

_ASKS = tuple(
    (intent, re.compile(pattern, re.IGNORECASE))
    for intent, pattern in (
        ("name", r"как (?:же )?меня (?:зовут|звать)|мо[её] имя\W*$|кто я\b"),
        ("name", r"what(?:'s|’s| is|s) my name|who am i\b|know my name|remember my name"),
        ("name", r"помни(?:шь|те),? как меня зовут|знаешь мо[её] имя"),
        ("age", r"сколько мне лет|мой возраст|how old am i|my age\W*$"),
        ("city", r"где я живу|откуда я|в каком городе|мой город|where (?:do i live|am i from)"),
        ("work", r"(?:кем|где) я работаю|моя работа|what (?:do i do|is my job)|where do i work"),
        ("pet", r"(?:зовут|звать) мо(?:его|ю|ей|я|й) (?:кот|кош|соба|п[сеё]|питом|попуг|хомяк)"),
        ("pet", r"my (?:cat|dog|pet|puppy|kitten)(?:'s|’s)? (?:name|called)"),
        ("pet", r"what is my (?:cat|dog|pet)"),
        ("pet", r"(?:do i have|есть ли у меня|какой у меня) .*(?:pet|cat|dog|кот|соба|питом)"),
        ("dislikes", r"(?:чего|что) я (?:не люблю|ненавижу)"),
        ("dislikes", r"what (?:do i|don't i) (?:dislike|hate|like not)"),
        ("likes", r"что (?:я люблю|мне нравится)|what do i (?:like|love|enjoy)|мои увлечения"),
        ("birthday", r"когда (?:у меня|мой) день рождения|when is my birthday"),
        ("note", r"что я просила? (?:тебя |вас )?запомнить|what did i ask you to remember"),
        ("all", r"что (?:ты|вы) (?:обо мне )?(?:знае|помни)|what do you (?:know|remember)"),
        ("favourite", r"(?:какой|какая|какое|какие|мо[йяеё]|что за) .*любим|my favou?rite"),
    )
)  # fmt: skip
_TALK = tuple(
    (intent, re.compile(pattern, re.IGNORECASE))
    for intent, pattern in (
        ("who", r"кто (?:ты|вы)\b|что ты (?:такое|за)"),
        ("who", r"как (?:тебя|вас) зовут|ты (?:бот|робот|демо)"),
        ("who", r"who are you|what are you|your name"),
        ("who", r"are you (?:a |an )?(?:bot|robot|demo|ai|real|human)"),
        ("who", r"(?:какая|что за) (?:ты |вы )?(?:модель|нейросет)|which model"),
        ("who", r"what model|подключить .*(?:llm|модель)"),
        ("help", r"что (?:ты|вы) уме|помоги|чем (?:ты |вы )?можешь|what can you do"),
        ("help", r"help me|can you help"),
        ("night", r"спокойной ночи|good ?night"),
        ("bye", r"\b(?:пока|до свидания|до встречи|прощай|bye|goodbye|see you|farewell)\b"),
        ("thanks", r"спасибо|благодарю|\bthanks?\b|thank you|much obliged"),
        ("how", r"как (?:твои |ваши )?дела|как (?:ты|вы|поживае)|how are you"),
        ("how", r"how do you do|how's it going"),
        ("joke", r"шутк|анекдот|пошути|рассмеши|\bjokes?\b|make me laugh"),
        ("time", r"который час|сколько времени|what time"),
        ("date", r"какое сегодня|какой сегодня день|what day|what date|today's date"),
        ("weather", r"погод|\bweather\b"),
        ("sad", r"грустн|плохо|устал|тоскл|одинок"),
        ("sad", r"\b(?:sad|tired|lonely|awful|unhappy|depressed)\b"),
        ("happy", r"\b(?:ура|отлично|получилось|great news|hooray|wonderful|i did it)\b"),
        ("greet", r"\b(?:привет\w*|здравствуй\w*|добр(?:ый|ое|ого) (?:день|вечер|утро|дня))\b"),
        ("greet", r"\b(?:hello|hi|hey|good (?:morning|evening|day|afternoon))\b"),
        ("yes", r"^\W*(?:да|ага|конечно|хорошо|ладно|yes|yeah|sure|ok|okay)\W*$"),
        ("no", r"^\W*(?:нет|не надо|no|nope)\W*$"),
    )
)  # fmt: skip
_WORDS = re.compile(r"[\w'’-]+")
_TOPIC_WORDS = 6


class DemoModel:
    """Answers by pattern, from what the prompt holds and nothing else; the same to the same prompt.

    Says what it is in the first reply of a conversation and when asked. Never blocks.
    """

    name = "demo"

    def complete(
        self,
        request: CompletionRequest,
        timeout: float,
        on_text: Callable[[str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Completion:
        """As `butler.ports.Model` says; `timeout` never passes."""
        if cancelled is not None and cancelled():
            raise ModelCancelled("cancelled")
        turns = [message for message in request.messages if message.role != "system"]
        if not turns or turns[-1].role != "user":
            raise ModelInvalid("expected a prompt that ends with the guest's message")
        if request.schema is not None:
            system = "".join(m.content for m in request.messages if m.role == "system")
            prompt = turns[-1].content
            text = structured_answer(prompt, request.schema, _tongue(system, prompt))
        else:
            text = _Talk(request.messages).reply()
            if on_text is not None:
                on_text(text)
        size = sum(_tokens(message.content) for message in request.messages)
        return Completion(text, "stop", size, _tokens(text), self.name)

    def count_tokens(self, text: str) -> int | None:
        """None: there is no tokenizer here."""
        return None

    def probe(self) -> str:
        """Always ready."""
        return self.name

    def close(self) -> None:
        """Nothing to release."""


def _tokens(text: str) -> int:
    """A guess, so that counters show something: 2.5 characters a token in Russian, 4 in English."""
    return 1 + int(len(text) / (2.5 if _CYRILLIC.search(text) else 4))


def _tongue(system: str, last: str) -> Tongue:
    """The language to speak: as the system prompt asks, else its own, else the guest's."""
    english, russian = _ASKED_ENGLISH.search(system), _ASKED_RUSSIAN.search(system)
    if bool(english) != bool(russian):
        return "en" if english else "ru"
    if _ASKED_GUESTS.search(system):
        system = ""
    for text in (system, last):
        cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
        if cyrillic + latin:
            return "ru" if cyrillic >= latin else "en"
    return "ru"


class _Talk:
    """One reply in the making."""

    def __init__(self, messages: tuple[ChatMessage, ...]) -> None:
        system = "\n".join(m.content for m in messages if m.role == "system")
        own = [m.content for m in messages if m.role == "user"]
        recalled, own[-1] = parted(own[-1])
        own = [masked(text) for text in own]
        self._last = own[-1]
        self._first = not any(m.role == "assistant" for m in messages)
        self._tongue = _tongue(system, self._last)
        today = _TODAY.search(system)
        self._today = today.group(1) if today else ""
        told = [thing for text in own if not injected(text) for thing in said(text)]
        self._knows = Knowledge([*noted(f"{system}\n{recalled}"), *told])
        self._news = [] if injected(self._last) else list(said(self._last))
        self._seed = zlib.crc32(f"{len(messages)}{self._last}".encode("utf-8", "replace"))

    def reply(self) -> str:
        """The text to send."""
        asked = _match(_ASKS, self._last) if not self._news else None
        intent = self._intent()
        if asked is not None:
            text = self._known(asked)
        elif self._news:
            text = self._noted(self._news)
        elif intent == "date" and self._today:
            text = self._say("date", v=self._today)
        else:
            text = self._say("time" if intent == "date" else intent)
        introduces = self._first or (intent == "who" and asked is None)
        return f"{text}\n\n{NOTICE[self._tongue]}" if introduces else text

    def _intent(self) -> str:
        intent = _match(_TALK, self._last)
        if intent is not None:
            return intent
        if not _WORDS.search(self._last):
            return "empty"
        return "question" if self._last.rstrip().endswith("?") else "other"

    def _known(self, asked: str) -> str:
        if asked == "favourite":
            found = self._knows.favourite(self._last)
            if found is None:
                return self._say("unknown")
            key, value = found
            return self._say("favourite", v=value, key=key.capitalize() if self._russian else key)
        if asked == "all":
            labels = LABELS[self._tongue]
            everything = self._knows.everything()
            value = "; ".join(f"{labels.get(key, key)} — {value}" for key, value in everything)
        else:
            value = self._knows[asked]
        return self._say(asked, v=value) if value else self._say("unknown")

    def _noted(self, news: list[Said]) -> str:
        names = [thing.value for thing in news if thing.key == "name"]
        others = [thing.value for thing in news if thing.key != "name"]
        said_name = self._say("told_name", v=names[-1]) if names else ""
        said_rest = self._say("told", v=", ".join(others)) if others else ""
        return f"{said_name} {said_rest}".strip()

    @property
    def _russian(self) -> bool:
        return self._tongue == "ru"

    def _say(self, intent: str, **words: str) -> str:
        choices = LINES[self._tongue][intent]
        line = choices[self._seed % len(choices)]
        name = self._knows["name"]
        address = f", {name}" if name and self._seed % 3 and "{v}" not in line else ""
        topic = " ".join(_WORDS.findall(self._last)[:_TOPIC_WORDS])
        return line.format(**{"name": address, "topic": topic, "v": "", "key": "", **words})


def _match(table: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str | None:
    return next((intent for intent, pattern in table if pattern.search(text)), None)
