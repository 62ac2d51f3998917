"""Guests' rights through the actors, at random: what they were told has come about, and stays so.

Guests talk, have things noted, corrected and forgotten, pause, take all along and leave, over both
stores, while actors die, the LLM fails and the house is started anew. After each deed all is held
against a model of what must be there, and what must be nowhere.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from butler.domain.forgetting import epoch, fact_id
from butler.domain.outgoing import Part
from butler.domain.phrasebook import PHRASES
from tests.hostile.lives import owners, words_in
from tests.hostile.street import FIRST, GUESTS, THINGS, MongoTables, SqliteTables, Street
from tests.support.fakes import message
from tests.support.waiting import eventually

STALE = "ask:yes:0badf00d"
DEEDS = (
    "say", "chat", "chat", "burst", "recall", "note", "note", "correct", "correct by button", "pin",
    "forget a word", "forget a word", "forget a fact", "forget a day", "forget a day", "forget all",
    "yes", "yes", "yes", "no", "pause", "resume", "resume", "outage", "export", "leave",
    "leave", "tomorrow", "restart",
)  # fmt: skip
LUCK = ("good", "good", "good", "good", "actor dies", "LLM fails", "LLM dies", "restart")
# Guests with a summary, facts and an archive.
PAST = [(guest, deed, "good", 0) for deed in ("note", "say", "say", "say") for guest in (0, 1)]


def told(parts: list[Part], phrase: str, **values: str) -> bool:
    """Whether the guest is told that."""
    texts = [each.format_map(values) for each in PHRASES[phrase]["ru"]]
    return any(part.text in texts for part in parts)


def say(street: Street, guest: int, luck: str, pick: int) -> None:
    text = f"Люблю {street.word(guest)}."
    street.say(guest, text, luck=luck)
    street.heard(guest, text)


def chat(street: Street, guest: int, luck: str, pick: int) -> None:
    """So much that the oldest of it is compressed."""
    for _ in range(3):
        say(street, guest, luck, pick)
        luck = "good"


def burst(street: Street, guest: int, luck: str, pick: int) -> None:
    texts = [f"Скажу: {street.word(guest)}." for _ in range(2 + pick % 2)]
    street.say(guest, *texts, luck=luck)
    street.heard(guest, *texts)


def recall(street: Street, guest: int, luck: str, pick: int) -> None:
    """An old word said once more."""
    words = street.lives[guest].words
    said = [text for text, _ in street.lives[guest].lines.values() if text.startswith("Как там")]
    words = [word for word in words if word not in words_in(*said)]
    if words:
        text = f"Как там {words[pick % len(words)]}?"
        street.say(guest, text, luck=luck)
        street.heard(guest, text)


def note(street: Street, guest: int, luck: str, pick: int) -> None:
    thing, word = THINGS[pick % len(THINGS)], street.word(guest)
    text = f"Запомни, что мой {thing} — {word}"
    parts = street.say(guest, text, luck=luck)
    assert told(parts, "remembered", key=thing, value=word) != street.lives[guest].paused
    street.heard(guest, text)
    if not street.lives[guest].paused:
        street.noted(guest, thing, word)


def correct(street: Street, guest: int, luck: str, pick: int) -> None:
    thing, word = THINGS[pick % len(THINGS)], street.word(guest)
    known = thing in {key for key, _ in street.lives[guest].pinned}
    text = f"Исправь {thing} на {word}"
    corrected = told(street.say(guest, text, luck=luck), "corrected", key=thing, value=word)
    assert corrected or not known or street.lives[guest].paused
    street.heard(guest, text)
    if corrected:
        street.noted(guest, thing, word)


def correct_by_button(street: Street, guest: int, luck: str, pick: int) -> None:
    """The next message is the value, unless what was asked is forgotten by a new start."""
    facts, life = street.facts(guest), street.lives[guest]
    if not facts:
        return
    fact = facts[pick % len(facts)]
    parts = street.press(guest, f"memory:correct:{fact_id(fact)}")
    assert (told(parts, "pause_first")) == life.paused or told(parts, "fact_gone")
    word = street.word(guest)
    corrected = told(street.say(guest, word, luck=luck), "corrected", key=fact.key, value=word)
    assert (
        corrected or luck == "restart" or life.paused or (fact.key, fact.value) not in life.pinned
    )
    street.heard(guest, word)
    if corrected:
        street.noted(guest, fact.key, word)


def pin(street: Street, guest: int, luck: str, pick: int) -> None:
    facts, life = street.facts(guest), street.lives[guest]
    if not facts:
        return
    fact = facts[pick % len(facts)]
    unpin = fact.pinned and pick % 3 == 0
    street.press(guest, f"memory:{'unpin' if unpin else 'pin'}:{fact_id(fact)}:1", luck)
    if unpin:
        life.pinned.pop((fact.key, fact.value), None)
    elif any(fact_id(each) == fact_id(fact) for each in street.facts(guest)):
        life.pinned[fact.key, fact.value] = fact.valid_from.date()


def forget_a_word(street: Street, guest: int, luck: str, pick: int) -> None:
    life = street.lives[guest]
    words = [*life.words, *life.hidden]
    if words:
        word = words[pick // 4 % len(words)]
        parts = street.say(guest, f"Забудь про {word}", luck=luck)
        street.question(guest, parts, luck, word in life.words, words=frozenset((word,)))
        _answer(street, guest, pick)


def forget_a_fact(street: Street, guest: int, luck: str, pick: int) -> None:
    """With all that was known in its place before."""
    profile, facts = street.profile(guest), street.facts(guest)
    if not facts or profile is None:
        return
    fact = facts[pick // 4 % len(facts)]
    chain = [fact]
    for each in chain:
        before = (fact.key, each.source_seq)
        chain += [old for old in profile.facts if (old.key, old.superseded_by) == before]
    words = frozenset(words_in(*(each.value for each in chain)))
    parts = street.press(guest, f"memory:forget:{fact_id(fact)}", luck)
    pinned = (fact.key, fact.value) in street.lives[guest].pinned
    street.question(guest, parts, luck, pinned, words=words)
    _answer(street, guest, pick)


def forget_a_day(street: Street, guest: int, luck: str, pick: int) -> None:
    ago = pick // 4 % 2
    day = street.today() - timedelta(days=ago)
    parts = street.say(guest, f"Забудь {'вчера' if ago else 'сегодня'}", luck=luck)
    needed = any(said == day for _, said in street.lives[guest].lines.values())
    street.question(guest, parts, luck, needed, day=day)
    _answer(street, guest, pick)


def forget_all(street: Street, guest: int, luck: str, pick: int) -> None:
    parts = street.say(guest, "Забудь всё", luck=luck)
    street.question(guest, parts, luck, bool(street.lives[guest].lines), everything=True)
    _answer(street, guest, pick)


def _answer(street: Street, guest: int, pick: int) -> None:
    """The last question: at once, or after more was said and compressed, or another time."""
    match pick % 4:
        case 0:
            yes(street, guest, LUCK[0], -1)
        case 1:
            chat(street, guest, LUCK[0], pick)
            yes(street, guest, LUCK[0], -1)
        case 2:
            no(street, guest, LUCK[0], -1)


def yes(street: Street, guest: int, luck: str, pick: int) -> None:
    life = street.lives[guest]
    asked = life.asked[pick % len(life.asked)] if life.asked else None
    before = epoch(street.profile(guest))
    parts = street.press(guest, asked.yes if asked else STALE, luck)
    if asked and epoch(street.profile(guest)) != before:
        life.forget(asked, len(street.prompts))
        assert luck == "restart" or told(parts, "forgotten") or told(parts, "forgotten_all")
    else:
        assert told(parts, "stale_question")
        assert asked is None or luck == "restart" or not asked.sure


def no(street: Street, guest: int, luck: str, pick: int) -> None:
    """Nothing is changed, and what was asked may not be answered otherwise any more."""
    life = street.lives[guest]
    asked = life.asked.pop(pick % len(life.asked)) if life.asked else None
    street.press(guest, asked.no if asked else STALE, luck)
    if asked:
        assert told(street.press(guest, asked.yes), "stale_question")


def pause(street: Street, guest: int, luck: str, pick: int) -> None:
    street.say(guest, "/pause", luck=luck)
    street.lives[guest].paused = True


def resume(street: Street, guest: int, luck: str, pick: int) -> None:
    street.say(guest, "/resume", luck=luck)
    street.lives[guest].paused = False


def outage(street: Street, guest: int, luck: str, pick: int) -> None:
    """What is said on both sides of the border of a pause, while the LLM is away."""
    life = street.lives[guest]
    first, second = f"Ждёт {street.word(guest)}.", f"Ждёт {street.word(guest)}."
    street.gossip.failures.clear()
    street.gossip.away = True
    street.house.say(message(street.number(), first, FIRST + guest))
    number = street.number()
    street.house.say(message(number, "/resume" if life.paused else "/pause", FIRST + guest))
    eventually("an order that is obeyed", lambda: street.house.state(number) == "sent")
    street.gossip.away = False
    street.say(guest, second)
    life.paused = not life.paused
    life.hide(words_in(first, second) if life.paused else words_in(first), len(street.prompts))
    # If it is answered together with the first, it shares its fate.
    life.hear(each for each in street.new(guest) if not life.paused)


def export(street: Street, guest: int, luck: str, pick: int) -> None:
    """All that must be held is in the file, and nothing that must not be."""
    life = street.lives[guest]
    parts = street.say(guest, "/export", luck=luck)
    if street.profile(guest) is None:
        assert told(parts, "export_none")
        return
    (text,) = {part.document.content.decode() for part in parts if part.document}
    document = json.loads(text)
    said = {e["seq"]: e["content"] for name in ("window", "archive") for e in document[name]}
    assert {seq: text for seq, text in said.items() if text} == {
        seq: text for seq, (text, _) in life.lines.items()
    }
    facts = {(fact["key"], fact["value"]) for fact in document["profile"]["facts"]}
    assert facts >= {*life.pinned, *life.was}
    assert owners(text) <= {guest}
    assert life.hidden.keys().isdisjoint(words_in(text))


def leave(street: Street, guest: int, luck: str, pick: int) -> None:
    """With both questions answered; or with a change of mind, which changes nothing."""
    life = street.lives[guest]

    def choices(parts: list[Part]) -> list[str]:
        return [button.data for part in parts for row in part.buttons for button in row]

    first = choices(street.say(guest, "/delete_me"))
    if pick % 4 == 0:
        assert told(street.press(guest, first[1]), "delete_cancelled")
        return
    second = choices(street.press(guest, first[0]))
    if pick % 4 == 1:
        assert told(street.press(guest, second[0]), "delete_cancelled")
        return
    left = told(street.press(guest, second[1], luck), "deleted")
    assert left or luck == "restart"
    if street.profile(guest) is not None:
        assert not left
        return
    life.leave(street.told[guest], len(street.prompts))
    assert street.profile(guest) is None
    assert street.events(guest) == []
    assert street.owned(guest) == []


def tomorrow(street: Street, guest: int, luck: str, pick: int) -> None:
    street.clock.sleep()


def restart(street: Street, guest: int, luck: str, pick: int) -> None:
    street.restart()


DOING: dict[str, Callable[[Street, int, str, int], None]] = {
    "say": say, "chat": chat, "burst": burst, "recall": recall, "note": note, "correct": correct,
    "correct by button": correct_by_button, "pin": pin, "forget a word": forget_a_word,
    "forget a fact": forget_a_fact, "forget a day": forget_a_day, "forget all": forget_all,
    "yes": yes, "no": no, "pause": pause, "resume": resume, "export": export, "leave": leave,
    "tomorrow": tomorrow, "restart": restart, "outage": outage,
}  # fmt: skip
deeds = st.lists(
    st.tuples(
        st.integers(0, GUESTS - 1),
        st.sampled_from(DEEDS),
        st.sampled_from(LUCK),
        st.integers(0, 47),
    ),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize("kind", [SqliteTables, MongoTables])
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
@given(deeds)
def test_what_guests_are_told_of_their_memory_is_so(
    kind: type[SqliteTables | MongoTables], plan: list[tuple[int, str, str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as data:
        street = Street(kind(Path(data)))
        try:
            for guest, deed, luck, pick in [*PAST, *plan]:
                DOING[deed](street, guest, luck, pick)
                street.check()
            street.restart()
            street.check()
        finally:
            street.stop()
        street.check_prompts()
        street.check_sent()
