"""/delete_me: the guest is erased, after two questions with different buttons."""

from __future__ import annotations

from butler.domain.commands.case import AskDelete, Case, Decision, EraseMe
from butler.domain.outgoing import Button


def command(case: Case) -> Decision:
    """Ask for the first time."""
    choices = (
        (
            Button(case.say("delete_yes"), f"ask:yes:{case.nonce}"),
            Button(case.say("delete_no"), f"ask:no:{case.nonce}"),
        ),
    )
    return Decision(case.say("delete_ask"), choices, asks=AskDelete())


def answered(case: Case, asked: AskDelete, choice: str) -> Decision | None:
    """The second question after the first, and the end after the second."""
    if choice == "no":
        return case.tell("delete_cancelled")
    if not asked.sure and choice == "yes":
        return _ask_again(case)
    if asked.sure and choice == "sure":
        return Decision(case.say("deleted"), act=EraseMe(), edit_message_id=case.shown)
    return None


def _ask_again(case: Case) -> Decision:
    # In another order than before, so that two taps at one place erase nobody.
    choices = (
        (Button(case.say("delete_sure_no"), f"ask:no:{case.nonce}"),),
        (Button(case.say("delete_sure_yes"), f"ask:sure:{case.nonce}"),),
    )
    text = case.say("delete_sure")
    return Decision(text, choices, edit_message_id=case.shown, asks=AskDelete(sure=True))
