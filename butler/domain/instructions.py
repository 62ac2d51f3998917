"""Words that give the butler orders where only notes belong: injected prompts, in two languages."""

from __future__ import annotations

import re

from butler.domain.stems import plain
from butler.domain.text import holds_any

_ORDERS_RU = (
    r"инструкци\w+|правил\w*|указани\w+|промпт\w*|ограничени\w+|настройк\w+|роль|роли|все,? "
    r"что (?:было|"
    r"выше|сказано)|предыдущ\w+|системн\w+"
)
_ORDERS_EN = (
    r"instructions?|rules?|guidelines?|prompts?|directives?|restrictions?|programming|training|"
    r"(?:everything|anything|all|text)(?: \w+){0,2} (?:above|before|earlier)|system "
    r"(?:message|prompt)"
)
# "Ignore your rules": an attack, wherever it stands.
_INJECTED = re.compile(
    r"(?:игнориру\w*|проигнорируй\w*|забудь(?:те)?|отбрось(?:те)?|наруш\w+|отмени(?:те)?|"
    rf"не (?:следуй|соблюдай|слушай)(?:те)?)(?: \w+){{0,4}}? (?:{_ORDERS_RU})"
    r"|(?:ignore|disregard|forget|override|bypass|drop|break|do not follow|don't follow|"
    r"stop following)"
    rf"(?: \w+){{0,4}}? (?:{_ORDERS_EN})"
    r"|(?:new|updated|real) (?:system )?(?:instructions?|rules?|prompt)\s*:|новые "
    r"(?:инструкции|правила)\s*:"
    r"|\byou are now\b|\byou're now\b|\bfrom now on,? (?:you|answer|respond|reply|act)|"
    r"\bact as (?:if|an?\b|my)"
    r"|\bpretend (?:to be|you)|\bты теперь\b|\bтеперь ты\b|\bвы теперь\b|\bтеперь вы\b"
    r"|\bотныне (?:ты|вы|отвечай|считай|говори)|\bпритворись|\bпредставь(?:те)?,? что (?:ты|вы)\b"
    r"|\b(?:reveal|print|show|repeat|output) (?:me )?(?:your|the) (?:system )?(?:prompt|"
    r"instructions|rules)"
    r"|(?:покажи|выведи|повтори|раскрой)(?:те)? (?:\w+ ){0,2}?(?:промпт|инструкци|правила)"
    r"|(?:^|\n|[.!?»\"] )\s*(?:system|assistant|система|системное сообщение|developer)\s*:"
    r"|\bsystem override\b|\bjailbreak|\bdeveloper mode\b|\bрежим разработчика\b"
)
# Without any of these it does not apply.
_HINTS = (
    *("правил", "инструкц", "указани", "промпт", "ограничени", "настройк", "роль", "роли", "все"),
    *("предыдущ", "систем", "теперь", "отныне", "притворись", "представь", "режим", "rule"),
    *("instruct", "guideline", "prompt", "directive", "restrict", "program", "training", "above"),
    *("before", "earlier", "system", "you are now", "you're now", "from now on", "act as"),
    *("pretend", "assistant", "developer", "jailbreak"),
)
# A note that turns to the butler: only a note's first words, for guests say such things of others.
_COMMAND = re.compile(
    r"(?:please |now |and |but |also |and then |пожалуйста,? |и |а |но |также )*"
    r"(?:(?:always|never|only)\s+(?:answer|reply|respond|say|tell|address|call|treat|obey|"
    r"agree|use|speak|"
    r"write|give|ask|refuse|mention|believe|do|be)\b"
    r"|(?:answer|reply|respond|speak|write|act|obey|behave|pretend) (?:only|always|as|in|"
    r"like|with)\b"
    r"|remember(?: (?:that|to|this)|$)|(?:ignore|disregard|obey|tell everyone|tell all|say that|"
    r"repeat after)\b"
    r"|(?:do not|don't) (?:tell|reveal|mention|answer|follow|say|ask)\b"
    r"|you (?:must|should|shall|have to|need to|are required|will always|are to)\b"
    r"|(?:the )?(?:butler|assistant|ai|model|system|bot) (?:must|should|shall|has to|is required)\b"
    r"|(?:всегда|никогда(?: не)?|только)\s+(?:отвечай|говори|называй|пиши|соглашайся|"
    r"упоминай|слушайся|"
    r"считай|используй|делай|спрашивай|обращайся|рассказывай)(?:те)?\b"
    r"|(?:отвечай|говори|пиши|веди себя|действуй|слушайся|подчиняйся|обращайся)(?:те)? "
    r"(?:только|всегда|как|"
    r"на|в|лишь)\b|(?:запомни|запомните|помни|помните|учти|учтите|считай|считайте)\b"
    r"|(?:игнорируй|проигнорируй|подчиняйся|скажи всем|сообщи всем)(?:те)?\b"
    r"|не (?:говори|рассказывай|упоминай|отвечай|раскрывай|слушай)(?:те)?\b"
    r"|(?:ты|вы|тебе|вам) (?:должен|должны|должна|обязан|обязаны|обязана|следует|нужно|надо)\b"
    r"|(?:дворецкий|ассистент|помощник|модель|система|бот) (?:должен|должна|обязан|обязана)\b)"
)
_SENTENCE = re.compile(r"[.!?…;\n]+|(?<=[a-zа-я]): ")


def injected(text: str) -> bool:
    """Whether a text tries to change the butler's rules or role, whoever wrote it."""
    folded = plain(text)
    return holds_any(folded, _HINTS) and _INJECTED.search(folded) is not None


def commanding(note: str) -> bool:
    """Whether a note tells the butler what to do, in place of what the guest said."""
    return injected(note) or any(
        _COMMAND.match(sentence.strip(" «»\"'()-—")) for sentence in _SENTENCE.split(plain(note))
    )
