"""/export: all that is kept, as one JSON file."""

from __future__ import annotations

from butler.domain.commands.case import Case, Decision, ExportMe


def command(case: Case) -> Decision:
    """The file, if anything is kept."""
    if not case.known:
        return Decision(case.say("export_none"))
    return Decision(case.say("export_caption"), act=ExportMe())
