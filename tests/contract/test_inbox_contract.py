"""What every store does with accepted updates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from butler.domain.inbox import InboxItem, State
from butler.domain.writes import (
    Accept,
    Accepted,
    AppendParts,
    Bury,
    CommitTurn,
    Done,
    NoteSent,
    NoteTranscript,
    Revive,
    Settle,
    Sweep,
)
from tests.storage.builders import BOT, NOW, item, key, later, letter, part, rich_part


def waiting(store: Any) -> list[int]:
    return [found.key.update_id for found in store.unsettled(None, 100)]


def answer(update_id: int, *texts: str) -> CommitTurn:
    parts = tuple(part(text) for text in texts)
    return CommitTurn(keys=(key(update_id),), parts=parts, at=later(50))


def assert_settled(found: InboxItem, state: State) -> None:
    assert found.state == state
    assert found.settled_at is not None
    assert (found.payload, found.parts, found.transcript) == ({}, (), None)


def test_accepted_updates_come_back_as_they_were(store: Any) -> None:
    first, second = item(1), attrs.evolve(item(2), user_id=None, chat_id=None, payload={})
    assert store.commit([Accept((first, second))]) == [Accepted((first, second), 0)]
    assert store.unsettled(None, 10) == [first, second]
    assert store.inbox_item(key(2)) == second


def test_an_update_nobody_sent_is_not_there(store: Any) -> None:
    assert store.inbox_item(key(404)) is None


def test_duplicates_are_told_apart_across_batches_and_within_one(store: Any) -> None:
    store.commit([Accept((item(1),))])
    result = store.commit([Accept((item(1), item(2), item(2))), Accept((item(2), item(3)))])
    assert result == [Accepted((item(2),), 2), Accepted((item(3),), 1)]
    assert waiting(store) == [1, 2, 3]


def test_the_same_update_id_of_another_bot_is_another_update(store: Any) -> None:
    other = attrs.evolve(item(1), key=key(1, BOT + 1))
    result = store.commit([Accept((item(1), other))])
    assert result == [Accepted((item(1), other), 0)]


def test_a_settled_update_is_still_a_duplicate(store: Any) -> None:
    store.commit([Accept((item(1),)), Settle((key(1),), "ignored", NOW)])
    assert store.commit([Accept((item(1),))]) == [Accepted((), 1)]


def test_the_unsettled_are_paged_by_key_after_one(store: Any) -> None:
    store.commit([Accept(tuple(item(number) for number in (5, 3, 9, 1, 7)))])
    store.commit([Settle((key(5),), "sent", NOW)])
    first = store.unsettled(None, 2)
    assert [found.key.update_id for found in first] == [1, 3]
    rest = store.unsettled(first[-1].key, 10)
    assert [found.key.update_id for found in rest] == [7, 9]
    across = attrs.evolve(item(2), key=key(2, BOT + 1))
    store.commit([Accept((across,))])
    assert store.unsettled(key(9), 10) == [across]


def test_a_transcript_is_kept_while_the_update_waits(store: Any) -> None:
    store.commit([Accept((item(1),)), NoteTranscript(key(1), "good evening")])
    assert store.inbox_item(key(1)).transcript == "good evening"
    store.commit([Settle((key(1),), "sent", NOW), NoteTranscript(key(1), "too late")])
    assert_settled(store.inbox_item(key(1)), "sent")


def test_parts_come_back_as_they_were(store: Any) -> None:
    parts = (rich_part(), part())
    store.commit([Accept((item(1),)), AppendParts(key(1), parts)])
    assert store.inbox_item(key(1)).parts == parts


def test_early_parts_are_added_in_order_and_leave_the_update_received(store: Any) -> None:
    store.commit([Accept((item(1),)), AppendParts(key(1), (part("You said: hi"),))])
    store.commit([AppendParts(key(1), (part("One moment."),))])
    found = store.inbox_item(key(1))
    assert found.state == "received"
    assert [piece.text for piece in found.parts] == ["You said: hi", "One moment."]


def test_adding_parts_that_wait_already_changes_nothing(store: Any) -> None:
    batch = [AppendParts(key(1), (part("a"),)), AppendParts(key(1), (part("b"),))]
    store.commit([Accept((item(1),)), *batch])
    store.commit(batch)
    assert [piece.text for piece in store.inbox_item(key(1)).parts] == ["a", "b"]


def test_the_same_notice_may_be_added_again_once_it_was_sent(store: Any) -> None:
    store.commit([Accept((item(1),)), AppendParts(key(1), (part("wait"),))])
    store.commit([NoteSent(key(1), 1, NOW), AppendParts(key(1), (part("wait"),))])
    found = store.inbox_item(key(1))
    assert (len(found.parts), found.sent_parts) == (2, 1)


def test_parts_of_an_answered_update_are_final(store: Any) -> None:
    store.commit([Accept((item(1),)), answer(1, "yes"), AppendParts(key(1), (part("more"),))])
    assert [piece.text for piece in store.inbox_item(key(1)).parts] == ["yes"]


def test_an_answer_waits_until_its_last_part_is_sent(store: Any) -> None:
    store.commit([Accept((item(1),)), AppendParts(key(1), (part("early"),))])
    store.commit([answer(1, "one", "two")])
    found = store.inbox_item(key(1))
    assert (found.state, len(found.parts), found.sent_parts) == ("answered", 3, 0)
    store.commit([NoteSent(key(1), 2, NOW)])
    found = store.inbox_item(key(1))
    assert (found.state, found.sent_parts) == ("answered", 2)
    assert found.payload == item(1).payload
    store.commit([NoteSent(key(1), 3, later(3))])
    found = store.inbox_item(key(1))
    assert_settled(found, "sent")
    assert found.settled_at == later(3)
    assert waiting(store) == []


def test_sending_is_never_unsent(store: Any) -> None:
    store.commit([Accept((item(1),)), answer(1, "one", "two", "three")])
    store.commit([NoteSent(key(1), 2, NOW), NoteSent(key(1), 1, NOW)])
    assert store.inbox_item(key(1)).sent_parts == 2


def test_early_parts_that_are_all_sent_do_not_settle_a_received_update(store: Any) -> None:
    store.commit([Accept((item(1),)), AppendParts(key(1), (part(),)), NoteSent(key(1), 9, NOW)])
    found = store.inbox_item(key(1))
    assert (found.state, found.sent_parts) == ("received", 1)


def test_an_answer_with_nothing_left_to_send_settles_at_once(store: Any) -> None:
    store.commit([Accept((item(1), item(2))), AppendParts(key(2), (part(),))])
    store.commit([NoteSent(key(2), 1, NOW), answer(1), answer(2)])
    assert_settled(store.inbox_item(key(1)), "sent")
    assert_settled(store.inbox_item(key(2)), "sent")


def test_one_turn_answers_several_updates_with_the_last(store: Any) -> None:
    store.commit([Accept((item(1), item(2), item(3))), AppendParts(key(2), (part("early"),))])
    turn = CommitTurn(keys=(key(1), key(2), key(3)), parts=(part("all three"),), at=NOW)
    assert store.commit([turn]) == [Done()]
    assert_settled(store.inbox_item(key(1)), "sent")
    second, third = store.inbox_item(key(2)), store.inbox_item(key(3))
    assert (second.state, [piece.text for piece in second.parts]) == ("answered", ["early"])
    assert (third.state, [piece.text for piece in third.parts]) == ("answered", ["all three"])
    store.commit([NoteSent(key(2), 1, NOW)])
    assert_settled(store.inbox_item(key(2)), "sent")


def test_the_reply_goes_with_the_last_update_that_still_waits(store: Any) -> None:
    store.commit([Accept((item(1), item(2))), Settle((key(2),), "ignored", NOW)])
    store.commit([CommitTurn(keys=(key(1), key(2)), parts=(part("one"),), at=NOW)])
    assert [piece.text for piece in store.inbox_item(key(1)).parts] == ["one"]
    assert_settled(store.inbox_item(key(2)), "ignored")


def test_answering_twice_adds_nothing(store: Any) -> None:
    store.commit([Accept((item(1),)), answer(1, "yes")])
    assert store.commit([answer(1, "yes again")]) == [Done()]
    assert [piece.text for piece in store.inbox_item(key(1)).parts] == ["yes"]


@pytest.mark.parametrize("state", ["ignored", "undeliverable", "sent"])
def test_a_settled_update_keeps_its_first_end_and_no_text(store: Any, state: State) -> None:
    store.commit([Accept((item(1), item(2))), answer(2, "never sent")])
    store.commit([Settle((key(1), key(2), key(404)), state, later(1))])
    store.commit([Settle((key(1),), "sent", later(2))])
    assert_settled(store.inbox_item(key(1)), state)
    assert store.inbox_item(key(1)).settled_at == later(1)
    assert_settled(store.inbox_item(key(2)), state)


def test_a_dead_letter_is_kept_and_its_update_dies(store: Any) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a", 1))])
    assert_settled(store.inbox_item(key(1)), "dead")
    assert store.dead_letters(10) == [letter("a", 1)]


def test_an_update_dies_once_the_apology_is_sent(store: Any) -> None:
    bury = Bury(letter("a", 1), (part("I beg your pardon."),))
    store.commit([Accept((item(1),)), bury, bury])
    found = store.inbox_item(key(1))
    assert (found.state, len(found.parts)) == ("answered", 1)
    store.commit([NoteSent(key(1), 1, NOW)])
    assert_settled(store.inbox_item(key(1)), "dead")
    store.commit([bury])
    assert_settled(store.inbox_item(key(1)), "dead")
    assert len(store.dead_letters(10)) == 1


def test_a_letter_without_payload_gets_that_of_its_update_and_its_guest(store: Any) -> None:
    bare = attrs.evolve(letter("a", 1), user_id=None, payload={})
    store.commit([Accept((item(1, "8"),)), Bury(bare)])
    kept = store.dead_letter("a")
    assert (kept.user_id, kept.payload) == ("8", item(1).payload)
    assert store.inbox_item(key(1)).payload == {}
    store.commit([Bury(bare)])  # repeated when there is nothing left to take
    assert store.dead_letter("a") == kept
    store.commit([Bury(attrs.evolve(bare, letter_id="b", key=key(404)))])
    assert store.dead_letter("b").payload == {}
    (result,) = store.commit([revival(1)])
    assert isinstance(result, Accepted)
    assert result.new


def test_dead_letters_are_paged_by_id_and_may_have_no_update(store: Any) -> None:
    store.commit([Bury(letter(name, None)) for name in ("c", "a", "b")])
    assert [found.letter_id for found in store.dead_letters(2)] == ["a", "b"]
    assert store.dead_letters(2, after="b") == [letter("c", None)]


def test_a_dead_letter_taken_out_is_gone_and_its_update_still_known(store: Any) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a", 1))])
    assert store.dead_letter("a") == letter("a", 1)
    assert store.take_dead_letter("a") == letter("a", 1)
    assert store.take_dead_letter("a") is None
    assert store.dead_letter("a") is None
    assert store.dead_letters(10) == []
    assert store.commit([Accept((item(1),))]) == [Accepted((), 1)]


def revival(update_id: int, letter_id: str = "a", seconds: float = 600) -> Revive:
    return Revive(letter_id, attrs.evolve(item(update_id), accepted_at=later(seconds)))


def test_a_revived_update_waits_as_if_it_had_just_come(store: Any) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a", 1))])
    revive = revival(1)
    assert store.commit([revive]) == [Accepted((revive.item,), 0)]
    assert store.inbox_item(key(1)) == revive.item
    assert store.dead_letters(10) == []
    assert store.commit([Accept((item(1),))]) == [Accepted((), 1)]
    assert store.commit([answer(1, "yes")]) == [Done()]
    assert store.inbox_item(key(1)).state == "answered"


def test_an_update_that_the_sweep_has_dropped_is_revived_all_the_same(store: Any) -> None:
    store.commit([Bury(letter("a", 1))])
    assert store.commit([revival(1)]) == [Accepted((revival(1).item,), 0)]
    assert store.inbox_item(key(1)) == revival(1).item


def test_an_undeliverable_update_with_a_letter_is_revived(store: Any) -> None:
    bury = Bury(letter("a", 1), (part("I beg your pardon."),))
    store.commit([Accept((item(1),)), bury, Settle((key(1),), "undeliverable", NOW)])
    assert store.commit([revival(1)]) == [Accepted((revival(1).item,), 0)]
    assert store.inbox_item(key(1)) == revival(1).item


def test_an_apology_still_on_its_way_keeps_its_place_before_the_new_answer(store: Any) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a", 1), (part("Pardon."),)), revival(1)])
    store.commit([NoteSent(key(1), 1, NOW), answer(1, "yes")])
    found = store.inbox_item(key(1))
    assert ([each.text for each in found.parts], found.sent_parts) == (["Pardon.", "yes"], 1)
    store.commit([NoteSent(key(1), 2, NOW)])
    assert_settled(store.inbox_item(key(1)), "sent")


@pytest.mark.parametrize("ends", [(), (answer(1, "yes"),), (Settle((key(1),), "sent", NOW),)])
def test_an_update_that_waits_or_was_answered_is_not_revived(
    store: Any, ends: tuple[Any, ...]
) -> None:
    store.commit([Accept((item(1),)), *ends, Bury(letter("a", None))])
    before = store.inbox_item(key(1))
    assert store.commit([revival(1)]) == [Accepted((), 1)]
    assert store.inbox_item(key(1)) == before
    assert store.dead_letters(10) == [letter("a", None)]


def test_without_the_letter_nothing_is_revived(store: Any) -> None:
    store.commit([Accept((item(1),)), Bury(letter("b", 1))])
    assert store.commit([revival(1, "a"), revival(2, "a")]) == [Accepted((), 1)] * 2
    assert_settled(store.inbox_item(key(1)), "dead")
    assert store.inbox_item(key(2)) is None


def test_reviving_twice_is_reviving_once(store: Any) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a", 1))])
    assert store.commit([revival(1)]) == store.commit([revival(1)])
    assert store.inbox_item(key(1)) == revival(1).item


def test_what_died_again_is_revived_again(store: Any) -> None:
    store.commit([Accept((item(1),)), Bury(letter("a", 1)), revival(1), Bury(letter("b", 1))])
    assert store.commit([revival(1, "b", 700)]) == [Accepted((revival(1, "b", 700).item,), 0)]
    assert store.inbox_item(key(1)) == revival(1, "b", 700).item
    assert store.dead_letters(10) == []


def test_a_letter_without_an_update_can_be_taken_too(store: Any) -> None:
    store.commit([Bury(letter("a", None))])
    assert store.take_dead_letter("a") == letter("a", None)


def test_the_sweep_drops_old_settled_updates_and_leaves_the_waiting(store: Any) -> None:
    store.commit([Accept((item(1), item(2), item(3)))])
    store.commit([Settle((key(1),), "sent", NOW), Settle((key(2),), "sent", later(100))])
    store.commit([Sweep(events_before=NOW, settled_before=later(50))])
    assert store.inbox_item(key(1)) is None
    assert store.inbox_item(key(2)) is not None
    assert waiting(store) == [3]


def test_moments_come_back_in_utc(stores: Any) -> None:
    store = stores.open()
    store.commit([Accept((item(1),)), Settle((key(1),), "sent", NOW)])
    found = stores.open().inbox_item(key(1))
    assert found.accepted_at.utcoffset() == timedelta(0)
    assert found.settled_at == NOW


def test_the_statistics_count_what_waits(store: Any) -> None:
    empty = store.statistics()
    assert (empty.unsettled, empty.dead_letters, empty.oldest_accepted) == (0, 0, None)
    store.commit([Accept((item(3), item(1), item(2))), Bury(letter("a", 1))])
    found = store.statistics()
    assert (found.unsettled, found.dead_letters) == (2, 1)
    assert found.oldest_accepted == item(2).accepted_at
