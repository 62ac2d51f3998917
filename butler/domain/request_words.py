"""The patterns of requests in plain words, Russian and English, over `stems.plain` text."""

from __future__ import annotations

import re

HINT = re.compile(
    r"забуд|забыт|забыл|позабуд|запомн|запомин|исправ|поправ|сотр|стереть|удал|вычеркн|"
    r"обо мне|про меня|памят|forget|remember|correct|change|erase|delete|remove|memory|"
    r"about me|of me|on me"
)
# Who is spoken to, and how politely. A modal makes a question mark part of the politeness.
_NAMES = r"альфред|дворецкий|дружище|друг мой|милый|дорогой|alfred|butler|dear|sir"
_GREETINGS = (
    r"добр(?:ый|ое|ого|ой) (?:вечер|день|утро|вечера|дня|утра|ночи)|здравствуй(?:те)?|"
    r"привет(?:ствую)?|good (?:morning|evening|afternoon|day)|hello|hi|greetings"
)
_POLITE = (
    rf"(?:(?:{_NAMES}|{_GREETINGS}|пожалуйста|прошу(?: (?:вас|тебя))?|"
    r"будь(?:те)? (?:так )?(?:добры?|любезны?)|"
    r"слушай(?:те)?|послушай(?:те)?|эй|ладно|хорошо|ок|окей|а|и|ну|так|теперь|кстати|да|нет|"
    r"please|pray|kindly|hey|ok|okay|so|now|well|and|also|by the way|yes|no|then|actually)"
    r"[\s,!:.—–-]+){0,8}+"
)
_MODAL = (
    r"(?:(?:не )?(?:могл[иа]|мог) бы (?:вы|ты)|(?:вы|ты) (?:не )?(?:могли|мог|могла) бы|"
    r"(?:не )?(?:можешь|можете)(?: ли)?(?: (?:ты|вы))?|я (?:хочу|прошу)|хочу|мне нужно|нужно|"
    r"(?:could|can|would|will) you|i(?:'d| would) like you to|i want you to|i need you to|"
    r"would you mind)"
    r"[\s,]+(?:(?:пожалуйста|please|kindly)[\s,]+)?"
)
PLEASE = r"(?:[\s,]+(?:пожалуйста|прошу(?: (?:вас|тебя))?|please|for me))"
OPENING = rf"{_POLITE}(?P<modal>{_MODAL})?{_POLITE}"
_ERASE = (
    r"(?:сотри(?:те)?|стереть|удали(?:те)?|удалить|вычеркни(?:те)?|убери(?:те)?|очисти(?:те)?|"
    r"очистить|erase|delete|remove|wipe|clear)"
)
FORGET = (
    r"(?:забудь(?:те)?|позабудь(?:те)?|забыть|забыл[аи]?|чтобы (?:ты|вы) забыл[аи]?|"
    r"forget(?:ting)?|"
    rf"{_ERASE}(?:(?: (?:из|from) (?:своей |твоей |вашей |your )?(?:памяти|memory))|"
    r"(?=,? (?:все,? что (?:ты|вы) |(?:тот )?факт,? что |"
    r"(?:everything|all)(?: that)? you |the fact that ))))"
)
_REMEMBER = r"(?:запомни(?:те)?|запомнить|запоминай(?:те)?|remember(?:ing)?)"
_CORRECT = r"(?:исправь(?:те)?|исправить|поправь(?:те)?|поправить|correct|change)"
_AT_ONCE = (
    r"(?P<once>(?:на будущее|раз и навсегда|навсегда|хорошенько|for (?:the )?future|for later)"
    r"[,:\s]+|(?:это|вот что|this):\s*)?"
)

ALL = re.compile(
    rf"{OPENING}(?:{_ERASE}{PLEASE}? (?:всю )?(?:свою|твою|вашу|мою|your|my) (?:память|memory)"
    r"(?: обо мне| (?:about|of) me)?|"
    rf"{FORGET}{PLEASE}?[\s,:]+(?:(?:вообще|совсем|absolutely|just) )?(?:"
    r"все|все обо мне|обо мне все|все про меня|про меня все|"
    r"все,? что (?:ты|вы) (?:обо мне |про меня )?(?:знаешь|знаете|помнишь|помните|запомнил[аи]?)"
    r"(?: обо мне| про меня)?|"
    r"все,? что (?:я )?(?:тебе |вам )?(?:говорил|рассказывал|сказал|рассказал|писал)а?"
    r"(?: (?:тебе|вам))?(?: о себе)?|(?:все )?наши разговоры|"
    r"everything|it all|all of it|everything about me|all about me|"
    r"(?:everything|all)(?: that)? you (?:know|remember|have learned|learned)(?: (?:about|of) me)?|"
    r"(?:everything|all)(?: that)? i(?:'ve| have)?(?: ever)? (?:said|told you|told)(?: to you)?"
    rf")){PLEASE}?"
)  # fmt: skip
SAID_WHEN = re.compile(
    r"(?:все|все,? (?:что|о чем)|то,? что|о чем|разговоры?|бесед[уы]|что|наш\w* разговоры?|"
    r"наш\w* бесед[уы]|everything|all|what|conversations?|chats?|talks?|messages?|сообщения)"
    r"(?:,? (?:что|which|that))?"
    r"(?: (?:я|мы|i|we|i've|we've|you and i))?(?: (?:тебе|вам|с тобой|с вами))?"
    r"(?: (?:говорил[аи]?|рассказывал[аи]?|сказал[аи]?|писал[аи]?|обсуждал[аи]?|общал\w+|было|"
    r"said|told you|wrote|talked about|discussed|spoke of|talked|spoke))?"
    r"(?: (?:about|to you|тебе|вам))?\s+(?P<when>.+)"
)
TALK_OF = re.compile(
    r"(?:(?:мой|наш|весь|the|our|my|whole|entire|all) )*"
    r"(?:(?P<which>сегодняшн|вчерашн|позавчерашн|прошл)\w* )?"
    r"(?:разговор|беседу|день|переписку|разговоры|conversation|talk|chat|day)"
    r"(?:\s+(?P<when>.+))?"
)
POSSESSED = re.compile(r"(?P<whose>today|yesterday|last week|this week)['’]s (?:.*?)"
                        r"(?:conversation|talk|chat|messages?|words)")  # fmt: skip
THIS_TALK = re.compile(
    r"(?:этот|нынешний|наш|наш сегодняшний) разговор|(?:эту|нынешнюю|нашу) беседу|"
    r"(?:this|our|the present) (?:conversation|talk|chat)"
)
WHICH = {"сегодняшн": "сегодня", "вчерашн": "вчера", "позавчерашн": "позавчера"}
FORGET_WORDS = re.compile(
    rf"{OPENING}{FORGET}{PLEASE}?(?:[\s,:]+)(?P<how>"
    r"(?:о том|обо всем|про то|про все|то|обо всем том|все)?[\s,]*что (?:я )?(?:тебе |вам )?"
    r"(?:говорил|рассказывал|рассказал|сказал|упоминал)а? (?:тебе |вам )?(?:о|об|про)(?: том,?)?"
    r"(?: что)? |"
    r"о том,? что |про то,? что |(?:тот )?факт,? что |что |"
    r"все (?:о|об|про|насчет) |обо всем,? что |"
    r"(?:про|о|об|обо|насчет) |"
    r"(?=(?:мой|моя|мое|мои|мою|моего|моих|моем|имя|адрес|номер|наш|нашу|наше|наши)\s)|"
    r"(?:everything|all|anything|what)(?: that)? (?:i(?:'ve| have)?|you)(?: ever)? "
    r"(?:said|told you|told|know|mentioned|remember) (?:about|of) |"
    r"that i (?:told you|said|mentioned)(?: to you)? (?:about|that) |"
    r"(?:everything|all|anything) (?:about|of) |(?:the fact )?that |about |(?=(?:my|our)\s))"
    r"\s*(?P<words>.+)"
)  # fmt: skip
REMEMBER_WORDS = re.compile(
    rf"{OPENING}{_REMEMBER}{PLEASE}?(?P<gap>[\s,:—–-]+){_AT_ONCE}"
    r"(?P<that>(?:что|that)[\s,:]+)?(?P<words>.+)",
    re.DOTALL,
)
CORRECT_WORDS = re.compile(
    rf"{OPENING}{_CORRECT}{PLEASE}?[\s,:]+"
    r"(?:(?:мой|моя|мое|мои|мою|my|our|наш|наше|нашу)\s+)?"
    r"(?P<key>[^:=—–]{1,40}?)(?:\s*[:=]\s*|\s+[—–-]\s+|\s+(?:на|to)\s+)(?P<value>.+)"
)
TELL = re.compile(
    rf"{_POLITE}(?:(?:скажи(?:те)?|расскажи(?:те)?|напомни(?:те)?|покажи(?:те)?|"
    r"tell me|show me|remind me)"
    r"[\s,:]+(?:мне[\s,]+)?)?(?:"
    r"что (?:же )?(?:ты|вы) (?:(?:уже|вообще|еще) )?(?:обо мне|про меня) (?:(?:уже|вообще) )?"
    r"(?:знаешь|знаете|помнишь|помните|запомнил[аи]?|хранишь|храните)|"
    r"что (?:же )?(?:ты|вы) (?:(?:уже|вообще|еще) )?"
    r"(?:знаешь|знаете|помнишь|помните|запомнил[аи]?|хранишь|храните) "
    r"(?:обо мне|про меня)|что (?:тебе|вам) (?:обо мне )?известно(?: обо мне)?|"
    r"все,? что (?:ты|вы) (?:обо мне )?(?:знаешь|знаете|помнишь|помните)(?: обо мне)?|"
    r"(?:что|все,? что) (?:у тебя|у вас) (?:есть )?(?:в памяти|записано) обо мне|"
    r"(?:everything |all )?(?:what|that) (?:do )?you (?:already |really |actually )?"
    r"(?:know|remember|keep|have) (?:about|of|on) me|what (?:have|did) you "
    r"(?:learn(?:ed|t)?|remember(?:ed)?|stored?|noted?)(?: down)? (?:about|of|on) me|"
    r"(?:everything|all) you (?:know|remember) (?:about|of) me|"
    r"what(?:'s| is) in your memory(?: about me)?"
    rf"){PLEASE}?"
)  # fmt: skip
# What these point at is not named: an idiom, or a word of the talk before.
POINTING = re.compile(
    r"(?:это|этом|этого|него|нее|них|нем|ней|ним|том|тот|той|то|все это|меня|мне|обо мне|все|всем|"
    r"прошлое|прошлом|плохое|плохом|то,? что было|был[оаи]?|"
    r"it|that|this|them|him|her|those|these|me|us|you|time|thing|nonsense|past)(?:[,.!?].*)?|"
    r"(?:это|этом|этого|об этом|про это|ты|вы|я (?:сказал|спросил|говорил)а?(?! что| про| о)|"
    r"it|this|that|those|these|you|i (?:ever )?(?:said|asked|mentioned))\b(?!['’])(?:[\s,.!?].*)?"
)
GO_ON = re.compile(
    r"[,;.!?—–-]\s*(?:и |а |но |лучше |and |but |so |or )*(?:"
    r"давай|лучше|расскаж|скаж|поговор|перейд|продолж|проехали|неважно|ответ|"
    r"что |как |где |когда |почему |кто |какой|какая|какие|let'?s|let us|tell|"
    r"talk|just|instead|what|how|where|when|why|who|it'?s|it was|it is|move on|never mind|go on|"
    r"this is|that'?s|i'?m |i was|we |today is|сегодня )"
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
    r"(?:i|we|i'm|i've|i'll|we're|we've)\s|(?:my|our)\s.*\s(?:is|are|was|were|has|have|likes?|lives?|"
    r"works?|can|can't|will|=|-|—|–)\s|(?:my|our)\s.*:\s"
)
