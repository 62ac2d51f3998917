"""Commands, buttons and requests: what needs no LLM, and what changes by it."""

from butler.domain.commands.case import (
    Act,
    AskDelete,
    AskForget,
    AskValue,
    BeginAnew,
    Case,
    Decision,
    EraseMe,
    ExportMe,
    House,
    LetGo,
    LookThrough,
    Question,
    Said,
    TakeDown,
)
from butler.domain.commands.deciding import allowed, case_of, decide, grant, value_told
from butler.domain.commands.remember import with_fact

__all__ = [
    "Act",
    "AskDelete",
    "AskForget",
    "AskValue",
    "BeginAnew",
    "Case",
    "Decision",
    "EraseMe",
    "ExportMe",
    "House",
    "LetGo",
    "LookThrough",
    "Question",
    "Said",
    "TakeDown",
    "allowed",
    "case_of",
    "decide",
    "grant",
    "value_told",
    "with_fact",
]
