"""Guests who mark each question, so that lost, repeated and misdirected answers can be counted.

Used in a process by tests, or as a process of its own with Bot API and LLM beside it: ruled by
lines on standard input (see `Place.obey`), each answered by one JSON line; the first line printed
says where everything is.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import threading
import time
from collections import Counter, deque
from functools import partial
from typing import Any

import attrs

from butler.domain.phrasebook import PHRASES
from butler.domain.profile import Language
from butler.domain.prompt import parted
from butler.playground import PlaygroundServer
from ops.bench.llm_server import Body, LlmServer, compaction

_MARK = re.compile(r"q(\d+)x(\d+)")
_COVERED = re.compile(r"^#\d+ (?:user|assistant): ", re.MULTILINE)
_ENDS = {
    phrase: name
    for name in ("dead_letter", "model_nonsense", "model_slow")
    for phrases in PHRASES[name].values()
    for phrase in phrases
}
LANGUAGE: Language = "en"

Mark = tuple[int, int]


def marks(text: object) -> list[Mark]:
    """The questions named in a text, as (guest, number)."""
    return [(int(guest), int(number)) for guest, number in _MARK.findall(str(text))]


class Echo:
    """The LLM's part: an answer that names the questions which the prompt ends with.

    `mixed` counts prompts that hold words of more than one guest.
    """

    def __init__(self) -> None:
        self.mixed = 0

    def __call__(self, messages: list[Body]) -> str:
        if len({guest for message in messages for guest, _ in marks(message["content"])}) > 1:
            self.mixed += 1
        _, last = parted(str(messages[-1]["content"]))
        if _COVERED.search(last):
            return compaction(messages)
        named = ", ".join(f"q{guest}x{number}" for guest, number in marks(last))
        return f"As to {named}: very good, and tea is served."


@attrs.define(eq=False)
class Regular:
    """One guest: how many questions they have put, and since when they wait for an answer."""

    place: int
    user_id: int
    asked: int = 0
    waits: bool = False
    since: float = 0.0


class Crowd:
    """Guests of a playground, each with at most one question open. Methods: any thread.

    Closed loop: `go` lets everybody ask again as soon as they are answered, until `rest`.
    """

    def __init__(self, server: PlaygroundServer, guests: int) -> None:
        self._server = server
        self._changed = threading.Condition()
        self._going = False
        self._free: deque[Regular] = deque()
        self.answers: Counter[Mark] = Counter()
        self.seconds: dict[Mark, float] = {}
        self.ends: dict[Mark, str] = {}
        self.notices: list[tuple[int, str]] = []
        self.wrong = 0
        self.guests = [self._introduce(place) for place in range(guests)]
        self._free.extend(self.guests)

    def _introduce(self, place: int) -> Regular:
        world = self._server.world
        guest = Regular(place, int(world.add_guest(f"Guest {place}", LANGUAGE)["id"]))
        chat = world.private_chat(self._server.bot, guest.user_id)
        chat.events.watch(partial(self._heard, guest, chat))
        return guest

    # What they do

    def ask(self, guest: Regular, text: str = "how is the weather, and what is for tea?") -> Mark:
        """Put a question in a guest's name."""
        with self._changed:
            guest.asked += 1
            guest.waits, guest.since = True, time.perf_counter()
            mark = (guest.place, guest.asked)
        self._server.guests.write(guest.user_id, f"q{mark[0]}x{mark[1]}: {text}")
        return mark

    def go(self) -> None:
        """Closed loop from now on."""
        self._going = True
        for guest in self.guests:
            if not guest.waits:
                self.ask(guest)

    def rest(self) -> None:
        """Nobody asks again."""
        self._going = False

    def pace(self, rate: float, seconds: float) -> int:
        """Ask `rate` times a second, each time a guest who waits for nothing; how often."""
        began, asked = time.perf_counter(), 0
        pause = threading.Event()
        while (now := time.perf_counter() - began) < seconds:
            while asked < now * rate and self._free:
                self.ask(self._free.popleft())
                asked += 1
            pause.wait(0.005)
        return asked

    def _heard(self, guest: Regular, chat: Any) -> None:
        event = chat.events.after(chat.events.seq - 1)[0]
        message = event.get("message", {})
        if event["type"] != "message" or not message.get("from", {}).get("is_bot"):
            return
        with self._changed:
            ended = self._note(guest, str(message.get("text", "")))
            again = ended and self._going
            if ended and not again:
                self._free.append(guest)
            self._changed.notify_all()
        if again:
            self.ask(guest)

    def _note(self, guest: Regular, text: str) -> bool:
        """Note what was said to a guest; whether it ends their question."""
        found = marks(text)
        current = (guest.place, guest.asked)
        self.wrong += any(place != guest.place for place, _ in found)
        for mark in found:
            self.answers[mark] += 1
        if not found:
            self.notices.append((guest.place, text))
        if not guest.waits or (found and current not in found):
            return False
        if not found and text not in _ENDS:
            return False
        guest.waits = False
        self.seconds[current] = time.perf_counter() - guest.since
        self.ends[current] = "answered" if found else _ENDS[text]
        return True

    # What can be seen

    @property
    def waiting(self) -> list[Mark]:
        """Questions that nothing has been said to yet."""
        return [(guest.place, guest.asked) for guest in self.guests if guest.waits]

    @property
    def asked(self) -> int:
        """How many questions were put."""
        return sum(guest.asked for guest in self.guests)

    def quiet(self, seconds: float) -> bool:
        """Wait until nobody waits; whether that came about."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.waiting, seconds)

    def answered(self, count: int, seconds: float) -> bool:
        """Wait until so many questions have come to an end; whether that came about."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.ends) >= count, seconds)

    def verdict(self) -> dict[str, Any]:
        """Figures for a table, and `told`: each guest's questions that were answered."""
        kinds = Counter(self.ends.values())
        ordered = sorted(self.seconds.values())
        told: dict[int, list[int]] = {guest.user_id: [] for guest in self.guests}
        for place, number in sorted(mark for mark, end in self.ends.items() if end == "answered"):
            told[self.guests[place].user_id].append(number)
        return {
            "asked": self.asked,
            "answered": kinds["answered"],
            "dead_letters": kinds["dead_letter"],
            "apologies": kinds["model_nonsense"] + kinds["model_slow"],
            "lost": len(self.waiting),
            "resends": sum(count - 1 for count in self.answers.values()),
            "wrong_recipient": self.wrong,
            "p50_ms": _at(ordered, 0.50),
            "p99_ms": _at(ordered, 0.99),
            "told": told,
        }


def _at(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


class Place:
    """Bot API, LLM and guests of one process, and the words that rule them."""

    def __init__(self, server: PlaygroundServer, llm: LlmServer, echo: Echo, guests: int) -> None:
        self._server = server
        self._llm = llm
        self._echo = echo
        self._pacing: threading.Thread | None = None
        self.crowd = Crowd(server, guests)
        self.where = {
            "api": server.base_url,
            "token": server.token,
            "llm": llm.url,
            "users": [guest.user_id for guest in self.crowd.guests],
        }

    def obey(self, words: list[str]) -> dict[str, Any]:
        """`go`, `rest`, `pace RATE SECONDS`, `quiet SECONDS`, `polled SINCE`,
        `answered MORE SECONDS`, `llm down|up`, `verdict`."""
        crowd = self.crowd
        match words:
            case ["go"]:
                crowd.go()
            case ["rest"]:
                crowd.rest()
            case ["pace", rate, seconds]:
                args = (float(rate), float(seconds))
                self._pacing = threading.Thread(target=crowd.pace, args=args, daemon=True)
                self._pacing.start()
            case ["quiet", seconds]:
                if self._pacing is not None:
                    self._pacing.join()
                return {"quiet": crowd.quiet(float(seconds))}
            case ["polled", since]:
                return {"polled": self._polled(float(since))}
            case ["answered", more, seconds]:
                count = len(crowd.ends) + int(more)
                return {"answered": crowd.answered(count, float(seconds))}
            case ["llm", "down"]:
                self._llm.__exit__()
            case ["llm", "up"]:
                self._llm = _llm(self._echo, self._llm.port)
            case ["verdict"]:
                return {**crowd.verdict(), "mixed_prompts": self._echo.mixed}
        return {}

    def _polled(self, since: float) -> float | None:
        """When (epoch seconds) the first getUpdates since then was answered, within 30 s."""
        pause = threading.Event()
        while time.time() < since + 30:
            for call in list(self._server.world.calls):
                if call.method.lower() == "getupdates" and call.at >= since:
                    return call.at
            pause.wait(0.01)
        return None


def _llm(echo: Echo, port: int = 0) -> LlmServer:
    server = LlmServer(port, answer=echo)
    server.behave(record=False)
    return server.__enter__()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=50)
    args = parser.parse_args()
    echo = Echo()
    with PlaygroundServer() as server:
        place = Place(server, _llm(echo), echo, args.guests)
        print(json.dumps(place.where), flush=True)
        for line in sys.stdin:
            words = line.split()
            if words in ([], ["quit"]):
                return
            print(json.dumps(place.obey(words)), flush=True)


if __name__ == "__main__":
    main()
