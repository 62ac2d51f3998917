"""Months of chat between a made-up guest and the butler, seeded, with questions about it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import attrs

from ops.bench.memory_words import ENGLISH, RUSSIAN, Topic, Words

Kind = Literal["single", "updated", "time", "several", "absent"]
KINDS: tuple[Kind, ...] = ("single", "updated", "time", "several", "absent")
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAYS = 180


@attrs.frozen
class Said:
    """One message: `who` is user or assistant."""

    seq: int
    who: str
    when: datetime
    text: str


@attrs.frozen
class Question:
    """What is asked at `when`, and the seqs of the messages that hold the answer."""

    kind: Kind
    text: str
    when: datetime
    evidence: frozenset[int]


@attrs.frozen
class Talk:
    """All that one guest and the butler said, by seq, and what is asked of it."""

    said: tuple[Said, ...]
    questions: tuple[Question, ...]


def talk(seed: int, language: Literal["ru", "en"], days: int = DAYS) -> Talk:
    """One guest's months; about three pairs of messages a day."""
    return _Writer(
        random.Random(f"{seed} {language}"), RUSSIAN if language == "ru" else ENGLISH, days
    ).talk()


def talks(seed: int, guests: int) -> Iterator[Talk]:
    """Several guests, half of them Russian."""
    for number in range(guests):
        yield talk(seed * 1_000 + number, "en" if number % 2 else "ru")


@attrs.define
class _Plant:
    """Lines that carry an answer, put in on a day; `key` names what asks for them."""

    day: int
    lines: tuple[tuple[str, str], ...]
    holds: str
    key: tuple[str, int]


class _Writer:
    def __init__(self, chance: random.Random, words: Words, days: int) -> None:
        self._chance = chance
        self._words = words
        self._days = days
        self._said: list[Said] = []
        self._found: dict[tuple[str, int], list[Said]] = {}
        self._now = START

    def talk(self) -> Talk:
        plants = sorted(self._plants(), key=lambda plant: plant.day)
        for day in range(self._days):
            self._now = START + timedelta(days=day, minutes=self._chance.randrange(600))
            todays = [plant for plant in plants if plant.day == day]
            for _ in range(self._chance.randrange(1, 6)):
                self._chatter()
                if todays and self._chance.random() < 0.5:
                    self._plant(todays.pop())
            for plant in todays:
                self._plant(plant)
        return Talk(tuple(self._said), tuple(self._questions()))

    def _say(self, who: str, text: str) -> Said:
        self._now += timedelta(seconds=self._chance.randrange(5, 240))
        said = Said(len(self._said) + 1, who, self._now, text)
        self._said.append(said)
        return said

    def _chatter(self) -> None:
        chance, words = self._chance, self._words
        t, u = chance.sample(words.things, 2)
        line = chance.choice(words.turns).format(t=t, u=u)
        if chance.random() < 0.3:
            topic = chance.choice(words.topics)
            noise = chance.choice((*topic.noise, *chance.choice(words.sets)[2]))
            line = f"{noise}, {line}" if chance.random() < 0.8 else noise
        opening = chance.choice(words.openings)
        self._say("user", f"{opening} {line[0].lower()}{line[1:]}" if opening else line)
        self._say("assistant", chance.choice(words.replies).format(t=t, u=u))

    def _plant(self, plant: _Plant) -> None:
        for who, text in plant.lines:
            said = self._say(who, text)
            if text == plant.holds:
                self._found.setdefault(plant.key, []).append(said)
        if plant.lines[-1][0] == "user":
            t, u = self._chance.sample(self._words.things, 2)
            self._say("assistant", self._chance.choice(self._words.replies).format(t=t, u=u))

    def _plants(self) -> Iterator[_Plant]:
        chance, words = self._chance, self._words
        half = self._days // 2
        for number, topic in enumerate(words.topics):
            first, second = chance.sample(topic.values, 2)
            yield self._telling(chance.randrange(half), topic, first, ("told", number))
            if number % 2:
                line = chance.choice(topic.changes).format(v=second)
                day = chance.randrange(half, self._days)
                yield _Plant(day, (("user", line),), line, ("changed", number))
        for number, (deed, _) in enumerate(words.deeds):
            yield _Plant(chance.randrange(self._days), (("user", deed),), deed, ("deed", number))
        for number, (lines, _, _) in enumerate(words.sets):
            for line in lines:
                yield _Plant(chance.randrange(self._days), (("user", line),), line, ("set", number))

    def _telling(self, day: int, topic: Topic, value: str, key: tuple[str, int]) -> _Plant:
        """Told outright, or in an answer that means nothing without its question."""
        if self._chance.random() < 0.3:
            answer = topic.short.format(v=value)
            return _Plant(day, (("assistant", topic.prompt), ("user", answer)), answer, key)
        line = self._chance.choice(topic.tell).format(v=value)
        return _Plant(day, (("user", line),), line, key)

    def _questions(self) -> Iterator[Question]:
        chance, words, found = self._chance, self._words, self._found
        now = START + timedelta(days=self._days, hours=2)
        for number, topic in enumerate(words.topics):
            kind: Kind = "updated" if ("changed", number) in found else "single"
            newest = found.get(("changed", number)) or found["told", number]
            yield Question(kind, chance.choice(topic.ask), now, _seqs(newest[-1:]))
        for number, (_, asks) in enumerate(words.deeds):
            yield Question("time", chance.choice(asks), now, _seqs(found["deed", number]))
        yield from self._of_days(now)
        for number, (_, asks, _) in enumerate(words.sets):
            yield Question("several", chance.choice(asks), now, _seqs(found["set", number]))
        for text in words.absent:
            yield Question("absent", text, now, frozenset())

    def _of_days(self, now: datetime) -> Iterator[Question]:
        """What was done in a month or in the week before: nothing but the time is named."""
        deeds = [
            said
            for (kind, _), all_said in self._found.items()
            if kind == "deed"
            for said in all_said
        ]
        for month in range(1, 13):
            done = [said for said in deeds if said.when.month == month]
            if 0 < len(done) < 4 and self._ended(month):
                ask = self._chance.choice(self._words.month_asks).format(
                    m=self._words.months[month - 1]
                )
                yield Question("time", ask, now, _seqs(done))
        monday = now.date() - timedelta(days=now.weekday() + 7)
        done = [said for said in deeds if monday <= said.when.date() < monday + timedelta(days=7)]
        if done:
            yield Question("time", self._chance.choice(self._words.week_asks), now, _seqs(done))

    def _ended(self, month: int) -> bool:
        return date(START.year, month, 28) < (START + timedelta(days=self._days)).date()


def _seqs(said: list[Said]) -> frozenset[int]:
    return frozenset(each.seq for each in said)
