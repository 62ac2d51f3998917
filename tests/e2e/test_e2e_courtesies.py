"""What is shown while a guest waits, and that it costs nothing when they need not wait."""

from __future__ import annotations

from itertools import pairwise

from tests.e2e.conftest import OpenHouse
from tests.support.house import House

STOCK = "Разумеется. Чай подан, сэр."
OF_THEIR_OWN = {"getme", "setmycommands", "getupdates"}


def called(home: House) -> list[str]:
    """The Bot API methods that were called for guests, in order."""
    calls = [call.method for call in list(home.playground.world.calls)]
    return [method for method in calls if method not in OF_THEIR_OWN]


def test_a_reply_that_is_ready_soon_costs_one_call(open_house: OpenHouse) -> None:
    home = open_house()
    anna = home.guest()
    for _ in range(3):
        assert home.ask(anna, "Чаю, пожалуйста.") == STOCK
    home.settled()
    assert called(home) == ["sendmessage"] * 3


def test_a_slow_llm_that_streams_is_read_along_once_a_second_at_most(open_house: OpenHouse) -> None:
    words = "Чай подан в голубой гостиной и ждёт вас, сэр, как и всегда в этот час. " * 2
    home = open_house(answer=lambda _: words)
    anna = home.guest()
    home.llm.behave(delay=1.2)
    anna.say("Где чай?")  # shows the LLM to be slow
    anna.wait_reply()
    home.llm.behave(pause=0.09)
    anna.say("А теперь?")
    anna.wait_reply(60)
    drafts = [
        call.at for call in list(home.playground.world.calls) if call.method == "sendmessagedraft"
    ]
    assert len(drafts) >= 2
    assert all(later - sooner > 0.8 for sooner, later in pairwise(drafts))
    assert called(home)[-1] == "sendmessage"


def test_who_waits_for_an_answer_in_one_piece_sees_typing(open_house: OpenHouse) -> None:
    home = open_house()
    anna = home.guest()
    home.llm.behave(delay=1.5)
    anna.say("Где чай?")
    anna.wait_reply()
    assert called(home) == ["sendchataction", "sendmessage"]
