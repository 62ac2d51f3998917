"""/reset: the conversation begins anew; what is known stays."""

from __future__ import annotations

from butler.domain.commands.case import BeginAnew, Case, Decision
from butler.domain.outgoing import Button


def command(case: Case) -> Decision:
    """Ask first."""
    yes, no = case.say("reset_yes"), case.say("reset_no")
    choices = ((Button(yes, "reset:yes"), Button(no, "reset:no")),)
    return Decision(case.say("reset_ask"), choices)


def button(case: Case, choice: str) -> Decision | None:
    """Begin anew, or leave it."""
    if choice == "no":
        return case.tell("reset_cancelled")
    if choice == "yes":
        return Decision(case.say("reset_done"), act=BeginAnew(), edit_message_id=case.shown)
    return None
