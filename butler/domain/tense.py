"""Whether a clause tells of what was, in Russian and English."""

from __future__ import annotations

import re

from butler.domain.stems import plain

_ENDED_BY = re.compile(r"[.!?;\n]")
# What parts clauses: marks, and conjunctions where another subject or another day follows.
_PARTED = re.compile(
    r"[.!?;\n,:—–()]| (?:and|but|so|и|а|но) (?=(?:on|next|this|i|we|my|в|во|на|я|мы|у)\b)"
)
# No clause is looked at further than so many characters.
_FAR = 120
_RUSSIAN = re.compile(r"\b[а-я]{1,}(?:[аеиоуыя]л[аои]?|[шжгкбзсрхп]л[аои]?|лся|лась|лось|лись)\b")
# Ending as verbs in the past do, and none.
_NO_VERBS = frozenset(
    plain(
        """
        дело дела зал зала залы стол стола столы футбол футбола волейбол баскетбол гандбол бейсбол
        школа школы канал канала журнал журнала материал материала финал финала вокзал вокзала
        бокал бокала или если сил сила мыло тело тела село села число числа масло кресло кресла
        крыло стекло зеркало зеркала начало начала одеяло весло правило правила сало пчела скала
        игла шкала доли роли соли цели недели модели отели апрели мебели кабели капитал капитала
        идеал персонал потенциал сериал сериала сериалы протокол глагол угол пол пола котел орел
        осел козел узел отдел отдела пепел сигнал интервал карнавал фестивали скандал подвал овал
        металл металла балл балла мили пыли хвала похвала кабала смола вокала вокал ритуал
        оригинал криминал терминал арсенал филиал арал урал урала байкала байкал доля воля гала
        юла пила пилы жила метла укол раскол прикол ствол короли голи бали пароли
        """
    ).split()
)
_ENGLISH = re.compile(
    r"(?<!have )(?<!['’]ve )(?<!has )(?<!['’]s )\bgot\b|"
    r"\b(?:was|were|had|did|didn['’]t|went|came|saw|met|took|made|bought|ate|drank|said|told|flew|"
    r"drove|ran|left|lost|won|found|gave|slept|spent|wrote|taught|caught|thought|brought|fell|felt|"
    r"kept|knew|heard|held|paid|sold|sent|spoke|swam|sang|stood|understood|woke|wore|broke|began|"
    r"chose|forgot|rode|rang|grew)\b"
)
_ENDED = re.compile(r"(?:(\b[\w'’]+) )?(?:(?:all|not|also|really|finally) )?\b(\w{2,}ed)\b")
_NOT_ENDED = frozenset(
    plain(
        """
        need feed speed bed indeed seed weed hundred breed exceed proceed succeed shed sacred
        naked red wed sled bleed greed reed deed embed
        """
    ).split()
)
_BEING = re.compile(r"(?:.*['’](?:m|re|s)|am|is|are|be|being|get|gets|getting|very|so|too|feel)")
# What is arranged, be it in the past, is ahead: "договорились на пятницу", "we agreed to meet".
_ARRANGED = re.compile(
    r"\b(?:договорил|назначил|записал[аи]?сь|записался|забронировал|перенес|запланировал|пригласил|"
    r"решил[аи]?\b|пообещал|собирал)"
    r"|\b(?:обещал|сказал|велел|просил|планировал|предложил|попросил|позвал|согласил|думал"
    r"|хотел)\w* (?:\w+ )*?"
    r"\w+(?:ть|ться|ти|чь)\b"
    r"|\b(?:booked|scheduled|arranged|invited|planned|agreed|promised|reserved|decided|rescheduled|"
    r"postponed)\b|\b(?:told|asked|wanted|hoped|meant|offered) (?:\w+ )?to \w+"
)
# A verb that is not in the past; also words that look like one, which does no harm.
_AHEAD = re.compile(
    r"\b(?:буд(?:у|ем|ет|ут|ешь)|надо|нужно|пора|хочу|[а-я]{2,}(?:[аяеу]ю|[аяеуё]ем|[её]м|им|ит|"
    r"ет|ют|ут|ят|ат|юсь|усь|имся|емся)|(?:при|по|у|вы|за|до|пере|на)?(?:еду|йду|иду|лечу|везу"
    r"|веду|"
    r"несу|бегу|плыву)|[а-я]{2,}[жчшщ]у|[а-я]{2,}лю)\b"
    r"|\b(?:i|we|he|she|they|you|it)(?:['’](?:m|ll|re|s))? \w+|\b(?:will|shall|must|going to)\b"
)


def is_past(start: int, end: int, text: str) -> bool:
    """Whether the clause around text[start:end] tells of what was; `text` in small letters.

    A clause without a verb is told in the sentence's tense.
    """
    first, last = max(0, start - _FAR), min(len(text), end + _FAR)
    for parting in (_PARTED, _ENDED_BY):
        begun = max((each.end() for each in parting.finditer(text, first, start)), default=first)
        following = parting.search(text, end, last)
        clause = text[begun : following.start() if following else last]
        if (past := _past(clause)) is not None:
            return past
    return False


def _past(clause: str) -> bool | None:
    """None where there is no verb."""
    if _ARRANGED.search(clause):
        return False
    if any(found.group() not in _NO_VERBS for found in _RUSSIAN.finditer(clause)):
        return True
    if _ENGLISH.search(clause) or any(map(_ended, _ENDED.finditer(clause))):
        return True
    return False if _AHEAD.search(clause) else None


def _ended(found: re.Match[str]) -> bool:
    before, word = found.groups()
    return word not in _NOT_ENDED and not (before and _BEING.fullmatch(before))
