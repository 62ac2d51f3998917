"""The patterns of requests in plain words, Russian and English, over `stems.plain` text.

Those of forgetting are in `forget_words`.
"""

from __future__ import annotations

import re

HINT = re.compile(
    r"забуд|забыва|забыт|забыл|запомн|запомин|запиш|записа|учти|учесть|имей|иметь в|помет|замет|"
    r"отмет|сведени|помни|исправ|поправ|поменя|измени|смени|замени|обнов|"
    r"сотр|стер|стир|удал|вычеркн|очист|убер|обо мне|про меня|на меня|памят|данн|"
    r"forget|remember|note|mind|jot|write|correct|change|update|set|eras|delet|remov|wipe|"
    r"memor|about me|about myself|of me|on me|data|my info|history|conversation|chats"
)
# Who is spoken to, and how politely. A modal makes a question mark part of the politeness.
_NAMES = (
    r"альфред|дворецкий|дружище|друг мой|друг|милый|дорогой|голубчик|любезный|бот|"
    r"alfred|butler|dear|sir|bot"
)
_GREETINGS = (
    r"добр(?:ый|ое|ого|ой) (?:вечер|день|утро|вечера|дня|утра|ночи)|здравствуй(?:те)?|"
    r"привет(?:ствую)?|good (?:morning|evening|afternoon|day)|hello|hi|greetings"
)
POLITE = (
    rf"(?:(?:{_NAMES}|{_GREETINGS}|пожалуйста|плиз|"
    r"прошу(?! (?:(?:вас|тебя) )?\w+ть\b)(?: (?:вас|тебя))?|"
    r"будь(?:те)? (?:так )?(?:добры?|любезны?)|извини(?:те)?|прости(?:те)?|"
    r"слушай(?:те)?|послушай(?:те)?|эй|ладно|хорошо|ок|окей|а|и|ну|так|теперь|кстати|да|нет|просто|"
    r"please|pls|plz|pray|kindly|hey|ok|okay|so|now|well|and|also|by the way|btw|yes|no|then|"
    r"actually|just|sorry|excuse me|listen|be so kind as to)"
    r"[\s,!:.—–-]+){0,8}+"
)
_MODAL = (
    r"(?:(?:не )?(?:могл[иа]|мог) бы (?:вы|ты)|(?:вы|ты) (?:не )?(?:могли|мог|могла) бы|"
    r"(?:не )?(?:можешь|можете)(?: ли)?(?: (?:ты|вы))?|(?:ты|вы) (?:можешь|можете)|"
    r"(?:я )?(?:прошу|требую)(?: (?:вас|тебя))?(?: немедленно| срочно)?|(?:я )?хочу|"
    r"мне нужно|нужно|(?:я )?(?:хотел[аи]?|хотелось) бы|"
    r"я бы хотел[аи]?|можно (?:вас |тебя )?попросить(?: (?:вас|тебя))?|"
    r"(?:could|can|would|will) you|i(?:'d| would) like you to|i want you to|i need you to|"
    r"would you mind|would you be so kind as to)"
    r"[\s,]+(?:(?:пожалуйста|please|kindly|just)[\s,]+)?"
)
PLEASE = (
    r"(?:[\s,]+(?:пожалуйста|плиз|прошу(?: (?:вас|тебя))?|будь(?:те)? добры?|"
    r"please|pls|plz|for me))"
)
# What may come after an order; names and the like only after a comma.
ENDING = (
    r"(?:[\s,]+(?:пожалуйста|плиз|прошу(?: (?:вас|тебя))?|навсегда|насовсем|полностью|сейчас же|"
    r"прямо сейчас|немедленно|please|pls|plz|for me|forever|for good|completely|entirely|"
    r"permanently|right (?:now|away)|immediately|at once|once and for all)|"
    rf",\s*(?:{_NAMES}|спасибо|ладно|хорошо|ок|окей|будь(?:те)? добры?|thanks|thank you|"
    r"ok|okay|now|(?:will|would|could|can) you)){0,3}"
)
# A question at the end of an order that makes it no question.
TAG = re.compile(
    r",\s*(?:ладно|хорошо|ок|окей|ok|okay|(?:will|would|could|can) you)(?:[\s,]+please)?\s*\?+$"
)
OPENING = rf"{POLITE}(?P<modal>{_MODAL})?{POLITE}"
_REMEMBER = r"(?:запомни(?:те)?|запомнить|запоминай(?:те)?|remember(?:ing)?)"
# To write down is as plain as to remember; to bear in mind is often said in arguing.
_NOTE = (
    r"(?:запиши|занеси|внеси|добавь|сохрани)(?:те)? в (?:свою |твою )?памят[ьи]|"
    r"запиши(?:те)?(?: себе)?|записать|помет(?:ь|ьте)(?: себе)?|возьми(?:те)? на заметку|"
    r"сделай(?:те)? (?:себе )?(?:по|за)метку|"
    r"(?:add|save|store|commit)(?: this)? (?:to|in) (?:your |the )?(?:memory|notes)|"
    r"(?:(?:make|take|making|taking) (?:a (?:mental )?)?note|note down|"
    r"(?:write|jot)(?: (?:it|this))? down)(?: of)?"
)
_MIND = (
    r"учти(?:те)?|учесть|учитывай(?:те)?|(?:имей(?:те)?|иметь) в ?виду|помни(?:те)?|"
    r"прими(?:те)? к сведению|"
    r"(?:за|от)меть(?:те)? (?:себе|для себя)|"
    r"(?:keep|keeping|bear|bearing) in mind|note|noting"
)
_CORRECT = r"(?:исправь(?:те)?|исправить|поправь(?:те)?|поправить|correct|change)"
_CHANGE = r"(?:(?:поменяй|измени|смени|замени)(?:те)?|поменять|изменить|сменить|заменить)(?: мне)?"
_UPDATE = r"(?:обнови(?:те)?|обновить|update|updating|set)"
_MINE = r"(?:мой|моя|мое|мои|мою|my|our|наш|наше|нашу)"
_AT_ONCE = (
    r"(?P<once>(?:на будущее|раз и навсегда|навсегда|хорошенько|for (?:the )?future|for later)"
    r"[,:\s]+|(?:это|вот что|this|the following):\s*)?"
)
REMEMBER_WORDS = re.compile(
    rf"{OPENING}(?:(?P<remember>{_REMEMBER})|(?P<note>{_NOTE})|(?P<mind>{_MIND})){PLEASE}?"
    rf"(?P<gap>[\s,:—–-]+){_AT_ONCE}"
    r"(?P<that>(?:что|that)[\s,:]+)?(?P<words>.+)",
    re.DOTALL,
)
CORRECT_WORDS = re.compile(
    rf"{OPENING}(?:(?:{_CORRECT}{PLEASE}?[\s,:]+(?:{_MINE}\s+)?"
    rf"|(?:{_CHANGE}|{_UPDATE}){PLEASE}?[\s,:]+{_MINE}\s+)(?P<key>[^:=—–]{{1,40}}?)"
    rf"|{_CHANGE}{PLEASE}?[\s,:]+(?P<one>[\w-]{{1,40}}(?: [\w-]+){{0,2}}?))"
    r"(?:\s*[:=]\s*|\s+[—–-]\s+|\s+(?P<to>на|to)\s+)(?P<value>.+)"
)
# "Change my plans for the evening": no new value.
SCHEDULE = re.compile(
    r"(?:план|расписани|график|меню|заказ|бронь|встреч|будильник|"
    r"plan|schedule|calendar|menu|order|booking|reservation|meeting|appointment|alarm)"
)
# "Remember that day …", "remember I told you …", "запомни этот день": thoughts, not things to note.
REMINISCENCE = re.compile(
    r"(?:(?:that |the |this |those )?(?:time|day|night|evening|morning|moment|summer|winter|spring|"
    r"autumn|year|trip|song|film|movie|one|guy|girl|place|days|times)\b(?!'s)(?! is | was my )|"
    r"when\b|how\b|what\b|who\b|where\b|why\b|to\b|me\b|us\b|it\b|him\b|her\b|them\b|this\b(?! )|"
    r"i (?:told|said|mentioned|asked|wrote)|we (?:talked|spoke|discussed|said)|"
    r"you (?:said|told|promised)|"
    r"эт[ауои]\w* |этих |тот |ту |те |как |когда |где |кто |"
    r"(?:меня|нас|его|ее|их|себя)(?! зовут)\b|это\b)"
)
SENTENCES = re.compile(r"[.!?…]+\s+\S")
STATEMENT = re.compile(
    r"(?:i|we|i'm|i've|i'll|we're|we've)\s|(?:my|our)\s.*\s(?:is|are|was|were|has|have|likes?|"
    r"lives?|works?|can|can't|will|=|-|—|–)\s|(?:my|our)\s.*:\s"
)
# To be borne in mind for good it must be about the guest, and not about this moment.
OF_ONESELF = re.compile(
    r"\b(?:я|меня|мне|мной|мы с|мо(?:й|я|е|и|его|ей|их|им|ю)|наш\w*|i|me|my|mine|our)\b"
)
OF_THE_MOMENT = re.compile(
    r"\b(?:уже|только|лишь|всего|сейчас|пока|спешу|тороплюсь|прошу|шучу|(?:с)?просил[аи]?|"
    r"(?:говорил|сказал|спрашивал)[аи]?|объясни|напиши|ответь|посоветуй|"
    r"already|only|just|right now|still|in a hurry|joking|kidding|asking|asked|"
    r"explain|write|answer|tell)\b"
)
OF_MINE = re.compile(
    r"(?:(?:мо(?:й|я|е|и)|наш\w*)\s.*(?::|—|–|-|\bэто)\s|(?:my|our)\s.*(?::|\bis|\bare)\s)"
)
