"""Who answers which command, button and request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from butler.domain.commands import (
    correct,
    delete_me,
    export,
    forget,
    house,
    language,
    memory,
    pause,
    remember,
    reset,
)
from butler.domain.commands.case import (
    AskDelete,
    AskForget,
    AskValue,
    Case,
    Decision,
    House,
    Question,
    Said,
)
from butler.domain.incoming import Incoming
from butler.domain.profile import Profile, new_profile
from butler.domain.requests import (
    Correct,
    ForgetAll,
    ForgetPeriod,
    ForgetWords,
    Remember,
    Request,
    Tell,
)

_HOUSE, _NOTHING_SAID = House(), Said()
# Asked for in a group they would show or change what is private.
_PRIVATE = house.NEEDS_MEMORY
_COMMANDS: Mapping[str, Callable[[Case], Decision]] = {
    "start": house.start,
    "help": house.help_,
    "privacy": house.privacy,
    "language": language.command,
    "reset": reset.command,
    "memory": memory.command,
    "correct": correct.command,
    "forget": forget.command,
    "pause": pause.pause,
    "resume": pause.resume,
    "export": export.command,
    "delete_me": delete_me.command,
}
_BUTTONS: Mapping[str, Callable[[Case, str], Decision | None]] = {
    "language": language.button,
    "reset": reset.button,
    "memory": memory.button,
    "forget": forget.button,
    "pause": pause.button,
}


def allowed(user_id: str, allowed_users: Collection[str]) -> bool:
    """Whether this house receives the guest; an empty list is an open door."""
    return not allowed_users or user_id in allowed_users


def case_of(
    incoming: Incoming,
    profile: Profile | None,
    *,
    now: datetime,
    house: House = _HOUSE,
    said: Said = _NOTHING_SAID,
    open: Mapping[str, Question] | None = None,
    nonce: str = "",
) -> Case:
    """The case of an update; `profile` None for a stranger, or without memory."""
    guest = profile or new_profile(incoming.user_id or "", now, incoming.language, incoming.name)
    return Case(incoming, guest, profile is not None, now, house, said, open or {}, nonce)


def decide(case: Case) -> Decision | None:
    """What a "command" or "callback" comes to; None: silence is the answer.

    /stop is not decided here, for it concerns the turn under way.
    """
    if case.incoming.kind == "callback":
        return _button(case)
    command = case.incoming.command
    if command == "cancel" and case.incoming.private:
        asked = any(isinstance(each, AskValue) for each in case.open.values())
        return Decision(case.say("left_as_it_was" if asked else "nothing_to_cancel"))
    handler = _COMMANDS.get(command)
    if handler is None:
        # In a group it was most likely meant for another bot.
        private = case.incoming.private
        return Decision(case.say("unknown_command", command=command)) if private else None
    if not case.incoming.private and command in _PRIVATE:
        return Decision(case.say("private_only"))
    if not case.house.personal and command in house.NEEDS_MEMORY:
        return Decision(case.say("memory_off"))
    return handler(case)


def grant(case: Case, request: Request, said: str) -> Decision | None:
    """What a request in plain words comes to; None: it is talk after all. `said`: its message."""
    if not case.incoming.private:
        return None if isinstance(request, Correct) else Decision(case.say("private_only"))
    if not case.house.personal:
        return None if isinstance(request, Correct) else Decision(case.say("memory_off"))
    match request:
        case Remember(words):
            return remember.request(case, words)
        case ForgetWords(words):
            return forget.of_words(case, words)
        case ForgetPeriod(days):
            return forget.of_period(case, days)
        case ForgetAll():
            return forget.everything(case)
        case Correct():
            return correct.request(case, request, said)
        case Tell():
            return memory.command(case)


def value_told(case: Case, asked: AskValue, said: str) -> Decision:
    """What the answer to a question for a value comes to."""
    return correct.valued(case, asked, said)


def _button(case: Case) -> Decision | None:
    """Buttons may be pressed twice, late, or be made up: then they change nothing and say so."""
    if not case.incoming.private:
        return None
    if not case.house.personal:
        return case.tell("memory_off")
    subject, _, choice = case.incoming.text.partition(":")
    if subject == "ask":
        return _answered(case, choice)
    handler = _BUTTONS.get(subject)
    decision = handler(case, choice) if handler else None
    return decision or case.tell("stale_button")


def _answered(case: Case, choice: str) -> Decision:
    answer, _, nonce = choice.partition(":")
    asked = case.open.get(nonce)
    decision: Decision | None = None
    match asked:
        case AskForget():
            decision = forget.answered(case, asked, answer)
        case AskDelete():
            decision = delete_me.answered(case, asked, answer)
        case AskValue():
            decision = case.tell("left_as_it_was") if answer == "no" else None
    return decision or case.tell("stale_question")
