"""/start, /help, /privacy: who he is and what he keeps."""

from __future__ import annotations

from butler.domain.commands.case import Case, Decision
from butler.domain.phrases import greeting, menu_text

NEEDS_MEMORY = frozenset(
    ("memory", "language", "reset", "correct", "forget", "pause", "resume", "export", "delete_me")
)


def start(case: Case) -> Decision:
    """A greeting: for a stranger, or for one who returns."""
    if not case.house.personal:
        return Decision(case.say("start_plain"))
    known = case.known and case.profile.last_seq > 0
    name = case.profile.name or case.incoming.name
    return Decision(_noted(case, greeting(case.language, name, known, case.incoming.update_id)))


def help_(case: Case) -> Decision:
    """What there is."""
    if not case.house.personal:
        return Decision(case.say("help_plain", commands=menu_text(case.language, NEEDS_MEMORY)))
    return Decision(_noted(case, case.say("help", commands=menu_text(case.language))))


def privacy(case: Case) -> Decision:
    """What is kept, where and for how long."""
    if not case.house.personal:
        return Decision(case.say("privacy_plain"))
    return Decision(_noted(case, case.say("privacy", days=case.house.retention_days)))


def _noted(case: Case, text: str) -> str:
    if not (case.profile.paused and case.incoming.private):
        return text
    return f"{text}\n\n{case.say('pause_note')}"
