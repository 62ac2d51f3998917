"""What a guest says is so no more: "I don't live in London anymore", «уволился»."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

from butler.domain.event import Event
from butler.domain.stems import content_stems, plain
from butler.domain.subject import of_another
from butler.domain.text import holds_any

_LONGEST = 200
_CLAUSES = re.compile(r"[^.,;:!?…\n—–]+")
# "No more", and in what words each concept is told.
_NO_MORE = re.compile(
    r"\b(?:больше|уже|теперь) нет?\b|\bне\b.*\b(?:больше|теперь)\b"
    r"|(?<!и )\bраньше\b|\bкогда-то\b|\bno longer\b|(?:n['’]t|\bnot\b).*\bany ?more\b|\bused to\b"
)
_STOPPED = (
    r"\b(?:перестал[аи]?|бросил[аи]?|прекратил[аи]?|stopped|quit|gave up|given up) (?:\w+ )?(?="
)
_TOLD: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (concept, re.compile(rf"\b(?:{verbs})"), re.compile(rf"{_STOPPED}{verbs})"))
    for concept, verbs in (
        ("home", r"жив|жил|прожива|live|living|reside"),
        ("work", r"работа|тружусь|служу|work|am an? |i['’]m an? |been an? "),
        ("employer", r"работа|тружусь|служу|work"),
        ("study", r"уч(?:усь|имся|ился|илась)|stud|go to"),
        ("learning", r"уч[уи]|учить|изуча|осваива|learn|stud"),
        ("likes", r"люб|обожа|нрав|like|love|enjoy|adore|prefer"),
        ("dislikes", r"ненави|выно|dislike|hate|mind"),
        ("hobby", r"заним|увлек|игра|собира|коллекц|play|collect|practi"),
        (
            "diet",
            r"ем |ем$|пью|веган|вегетариан|есть |пить |vegan|vegetarian|eat|drink|pescatarian",
        ),
        ("allergy", r"аллерг|allerg"),
        ("language", r"говорю|speak"),
        ("status", r"женат|замужем|married|engaged|single"),
    )
)
# These say it by themselves, whatever the work was; "не живу в Омске" does for a home.
_WORKLESS = re.compile(
    r"\bуволил(?:ся|ась)\b|\bменя (?:уволили|сократили)|\bпотерял[аи]? работу"
    r"|\bуш(?:ел|ла) с работы"
    r"|\bвыш(?:ел|ла) на пенсию|\b(?:больше|уже) не работаю$|\bостал(?:ся|ась) без работы"
    r"|\bi(?:['’]ve| have)? (?:just |recently |finally )?(?:quit|left|lost) my (?:old )?job\b"
    r"|\bi(?:['’]ve| have)? (?:just |recently |finally )?(?:resigned|retired|quit)\b(?! \w+ing)"
    r"|\bi (?:was|got|have been|['’]ve been) (?:fired|laid off|made redundant|sacked)\b"
    r"|\bi(?:['’]m| am) (?:unemployed|out of work|retired|jobless)\b|\bi no longer work$"
    r"|\bi don['’]t work any ?more$"
)
_NOT_AT_HOME = re.compile(
    r"\bне жив(?:у|ем)\b|\b(?:don['’]t|do not) live\b|\bmoved (?:out of|away from)\b"
    r"|\b(?:переехал|уехал|съехал)[аи]? из\b"
)
# Without any of these nothing above applies.
_HINTS = (
    *("не ", "больше", "раньше", "когда-то", "перестал", "бросил", "прекратил", "увол", "сократ"),
    *("работ", "пенси", " из ", "any more", "anymore", "no longer", "used to", "stopped", "quit"),
    *("gave up", "given up", "n't", "n’t", "do not", "resigned", "retired", "fired", "laid off"),
    *("job", "sacked", "redundant", "out of", "unemployed", "away from"),
)


@attrs.frozen
class Ending:
    """Facts under `concept` hold no more since the event `seq`.

    All of them where `said` is empty; else those whose value is of the stems that were `said`.
    """

    seq: int
    concept: str
    said: frozenset[str] = frozenset()

    def ends(self, concept: str, meaning: frozenset[str]) -> bool:
        """Whether a fact under this concept, with a value of these stems, is ended."""
        return concept == self.concept and (not self.said or meaning <= self.said)


def endings(events: Iterable[Event]) -> Iterator[Ending]:
    """What the guest said in these events that contradicts what was so."""
    for event in events:
        if event.role == "user":
            yield from _in(event.seq, plain(event.content))


def _in(seq: int, folded: str) -> Iterator[Ending]:
    if not holds_any(folded, _HINTS):
        return
    for clause in _CLAUSES.finditer(folded):
        text = clause.group().strip()[:_LONGEST]
        if of_another(folded, clause.end()) or folded[clause.end() : clause.end() + 1] == "?":
            continue
        if _WORKLESS.search(text):
            yield Ending(seq, "work")
            yield Ending(seq, "employer")
            continue
        said = frozenset(content_stems(text))
        no_more = _NO_MORE.search(text)
        for concept, verbs, stopped in _TOLD:
            if (no_more and verbs.search(text)) or stopped.search(text):
                yield Ending(seq, concept, said)
        if not no_more and _NOT_AT_HOME.search(text):
            yield Ending(seq, "home", said)
