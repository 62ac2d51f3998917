"""Whatever people write comes back exactly, from every store."""

from __future__ import annotations

import itertools
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from butler.domain.inbox import DeadLetter
from butler.domain.outgoing import Document, Entity, Part
from butler.domain.profile import Fact
from butler.domain.writes import Accept, AppendParts, Bury, CommitTurn, NoteTranscript, SaveProfile
from tests.storage.builders import BOT, NOW, event, item, key, profile

# Any code point: NUL, lone surrogates, pairs of them that must not be joined, right-to-left marks.
ANY_TEXT = st.text(st.characters(exclude_categories=()))
TRICKY = st.sampled_from(
    ["\0", "a\0b", "\ud800", "\udfff\ud800", "\ud83d\ude00", "😀", "\u202e", ""]
)
TEXT = ANY_TEXT | TRICKY
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
USER_IDS = st.integers(1, 2**52).map(str)
_updates = itertools.count(1)

several_at_once = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@several_at_once
@given(text=TEXT, other=TEXT, payload=st.dictionaries(TEXT, JSON, max_size=4))
def test_text_of_updates_comes_back_exactly(
    store: Any, text: str, other: str, payload: dict[str, Any]
) -> None:
    wanted = attrs.evolve(item(next(_updates)), payload=payload)
    parts = (
        Part(
            9,
            text,
            entities=(Entity("text_link", 0, 1, url=other),),
            document=Document(other, text),
        ),
    )
    store.commit([Accept((wanted,)), NoteTranscript(wanted.key, other)])
    store.commit([AppendParts(wanted.key, parts)])
    found = store.inbox_item(wanted.key)
    assert (found.payload, found.transcript, found.parts) == (payload, other, parts)


@several_at_once
@given(user_id=USER_IDS, texts=st.lists(TEXT, min_size=6, max_size=6))
def test_text_of_guests_comes_back_exactly(store: Any, user_id: str, texts: list[str]) -> None:
    number = next(_updates)
    user_id = f"{number}{user_id}"[:16]
    known = profile(
        user_id,
        name=texts[0],
        memory_summary=texts[1],
        preferred_topics=(texts[2],),
        facts=(Fact(key=texts[3], value=texts[4], source_seq=1, valid_from=NOW),),
        last_seq=1,
    )
    said = attrs.evolve(
        event(number, 1, "user", user_id), event_id=f"{BOT}:{number}:user", content=texts[5]
    )
    store.commit([CommitTurn((), (), NOW, (said,), known, 0)])
    found = store.guest(user_id)
    assert (found.profile, found.window) == (known, (said,))


@several_at_once
@given(reason=TEXT, detail=TEXT, payload=st.dictionaries(TEXT, JSON, max_size=3))
def test_text_of_dead_letters_comes_back_exactly(
    store: Any, reason: str, detail: str, payload: dict[str, Any]
) -> None:
    wanted = DeadLetter(f"{next(_updates):09}", "7", reason, detail, 3, NOW, key(1), payload)
    store.commit([Bury(wanted)])
    assert store.take_dead_letter(wanted.letter_id) == wanted


def test_what_telegram_allows_at_most_is_kept(store: Any) -> None:
    long = "😀" * 4096
    parts = tuple(Part(2**52, long, reply_to_message_id=2**31) for _ in range(20))
    wanted = attrs.evolve(item(2**31 - 1, str(2**52)), chat_id=-(2**52), payload={"t": long * 20})
    store.commit([Accept((wanted,)), AppendParts(wanted.key, parts)])
    found = store.inbox_item(wanted.key)
    assert (found.payload, found.parts, found.user_id) == (wanted.payload, parts, str(2**52))
    assert found.chat_id == -(2**52)


def test_naive_moments_are_refused(store: Any) -> None:
    naive = attrs.evolve(profile(), created_at=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="timezone-aware"):
        store.commit([SaveProfile(naive, 0)])
    store.commit([SaveProfile(profile(), 0)])
