"""/pause and /resume: whether anything new is remembered."""

from __future__ import annotations

from butler.domain.commands.case import Case, Decision
from butler.domain.outgoing import Button
from butler.domain.replies import Buttons


def pause(case: Case) -> Decision:
    """Remember nothing from now on; a stranger may ask for that, too."""
    if case.profile.paused:
        return Decision(case.say("paused_already"), to_resume(case), edit_message_id=case.shown)
    profile = case.profile.revised(case.now, paused=True)
    return Decision(case.say("paused"), to_resume(case), profile, edit_message_id=case.shown)


def resume(case: Case) -> Decision:
    """Remember again."""
    choices = ((Button(case.say("pause_button"), "pause:on"),),)
    if not case.profile.paused:
        return Decision(case.say("resumed_already"), choices, edit_message_id=case.shown)
    profile = case.profile.revised(case.now, paused=False)
    return Decision(case.say("resumed"), choices, profile, edit_message_id=case.shown)


def button(case: Case, choice: str) -> Decision | None:
    """As the commands."""
    return {"on": pause, "off": resume}[choice](case) if choice in ("on", "off") else None


def to_resume(case: Case) -> Buttons:
    """The way out of the pause."""
    return ((Button(case.say("resume_button"), "pause:off"),),)


def refused(case: Case) -> Decision:
    """What can't be written down while paused."""
    return Decision(case.say("pause_first"), to_resume(case))
