"""The patterns of orders to forget, Russian and English, over `stems.plain` text."""

from __future__ import annotations

import re

from butler.domain.request_words import ENDING, OPENING, PLEASE

_ERASE = (
    r"(?:(?:сотри|стирай|удали|удаляй|вычеркни|убери|очисти)(?:те)?|стереть|удалить|очистить|"
    r"чтобы (?:ты|вы) (?:удалил[аи]?|стер(?:л[аи])?)|"
    r"erase|erasing|delete|deleting|remove|removing|wipe|clear|purge|get rid of)"
)
_IN_MEMORY = (
    r"(?: (?:из|from) (?:(?:своей|твоей|вашей|your) )?(?:памяти|memory)|"
    r" from your (?:notes|records))"
)
_FORGET = (
    r"(?:(?:за|поза)будь(?:те)?|забыть|забыл[аи]?|чтобы (?:ты|вы) забыл[аи]?|"
    r"больше не помни(?:те)?|не помни(?:те)? больше|forget(?:ting)?|stop remembering|"
    rf"{_ERASE}{_IN_MEMORY})"
)
FORGET = (
    rf"(?:{_FORGET}|"
    rf"{_ERASE}(?=,? (?:все,? что (?:ты|вы) |(?:тот )?факт,? что |"
    r"(?:everything|all)(?: that)? you |the fact )))"
)
_ANY = rf"(?:{_FORGET}|{_ERASE})"
_OWN = r"(?:мой|моя|мое|мои|мою|моего|моих|моем|моей|наш|нашу|наше|наши|свой|свое|свои|свою|my|our)"
# All that is known
_ME, _EN_ME = r"(?:обо мне|про меня)", r"(?:about|of|on) me"
_KNOW = (
    r"(?:знаешь|знаете|помнишь|помните|запомнил[аи]?|узнал[аи]?|хранишь|храните|записал[аи]?|"
    r"собрал[аи]?)"
)
_EN_KNOW = (
    r"(?: have|'ve)?(?: ever)? (?:know|knew|remember|have|hold|keep|store|learned|learnt|stored|"
    r"saved|collected|gathered|noted|remembered|kept)"
)
_YOU = r"(?:ты|вы|тебе|вам|у тебя|у вас)"
_EVERY = r"(?:(?:все|всю|любую|всякую|all|all of|any|every|the|your|any and all) ){0,2}"
_KIND = r"(?:(?:личн\w+|персональн\w+|personal|private|stored) )?"
_DATA = rf"{_KIND}(?:данные|информацию|инфу|сведения|data|information|info|personal details)"
_RECORDS = (
    rf"(?:{_DATA}|{_KIND}(?:записи|заметки|факты|воспоминания|records?|notes?|facts?|memories|"
    r"details|knowledge))"
)
_TALKS = (
    r"(?:(?:наши|our) (?:(?:прошлые|past|previous|old) )?(?:разговоры|беседы|переписки|"
    r"conversations|chats|talks)|(?:нашу |всю нашу |our |our whole |our entire |the |my )?"
    r"(?:переписку|историю (?:переписки|сообщений|разговоров|бесед|чата)|"
    r"(?:chat|conversation|message) history))"
)
ALL = re.compile(
    rf"{OPENING}(?:"
    rf"(?:{_ERASE}|(?:обнули|сбрось|почисти)(?:те)?|обнулить|сбросить|почистить|reset|empty)"
    rf"{PLEASE}? (?:(?:всю|полностью|all|all of) )?(?:(?:свою|твою|вашу|мою|себе|your|my|the) )?"
    rf"(?:память|memory|memories)(?: {_ME}| {_EN_ME}| clean)?|"
    rf"{_ERASE} (?:меня|me){_IN_MEMORY}|"
    rf"(?:(?:сотри|стирай|удали|удаляй)(?:те)?|стереть|удалить|erase|delete|wipe){PLEASE}? "
    r"(?:все|everything)|"
    rf"{_ANY}{PLEASE}?[\s,:]+(?:(?:вообще|совсем|абсолютно|absolutely|just|literally) )?(?:"
    rf"(?:все|все-все|everything|all) (?:{_ME}|{_EN_ME})|{_ME} все|"
    rf"(?:все|то),? что (?:{_YOU} )?(?:уже )?(?:{_ME} (?:{_YOU} )?(?:уже )?{_KNOW}|{_KNOW} {_ME})|"
    rf"все,? что (?:{_YOU} )?(?:уже )?{_KNOW}|(?:все,? )?что (?:тебе|вам) {_ME} известно|"
    rf"(?:все|то),? что (?:у тебя |у вас )?(?:есть|записано|хранится) {_ME}|"
    rf"(?:everything|all|whatever|anything)(?: that)? you{_EN_KNOW}(?: {_EN_ME})?|"
    rf"what you{_EN_KNOW} {_EN_ME}|"
    rf"{_EVERY}{_OWN} {_DATA}|"
    rf"{_EVERY}{_RECORDS}(?:,? (?:что|котор\w+) (?:{_YOU} )?{_KNOW})? {_ME}|"
    rf"{_EVERY}{_RECORDS},? (?:что|котор\w+) (?:{_YOU} )?{_ME} (?:{_YOU} )?{_KNOW}|"
    rf"{_EVERY}{_RECORDS}(?:(?: that)? you{_EN_KNOW})? {_EN_ME}|"
    rf"(?:(?:все|всю|all|all of) )?{_TALKS}"
    rf")|"
    rf"{FORGET}{PLEASE}?[\s,:]+(?:(?:вообще|совсем|абсолютно|absolutely|just) )?(?:"
    r"все|все-все|everything|it all|all of it|"
    r"(?:все|обо всем),? что (?:я )?(?:тебе |вам )?(?:когда-либо |когда-нибудь |раньше )?"
    r"(?:говорил|рассказывал|сказал|рассказал|писал)а?"
    r"(?: (?:тебе|вам))?(?: о себе)?|(?:все|обо всем),? (?:что|о чем) мы (?:говорили|обсуждали)|"
    r"(?:everything|all)(?: that)? (?:i|we)(?:'ve| have)?(?: ever)? "
    r"(?:said|told you|told|talked about|discussed)(?: to you)?(?: about (?:me|myself))?"
    r")|(?:i (?:want|need)|i(?:'d| would) like) (?:all )?(?:of )?my (?:personal )?"
    r"(?:data|information) (?:to be )?(?:deleted|erased|removed|forgotten|gone)"
    rf"){_IN_MEMORY}?{ENDING}"
)  # fmt: skip
# All that was said on some days
_WHEN = rf"{PLEASE}?[\s,:]+(?P<when>.+?){ENDING}"
FORGOTTEN_DAYS = re.compile(rf"{OPENING}{FORGET}{_WHEN}")
ERASED_DAYS = re.compile(rf"{OPENING}{_ERASE}{_WHEN}")
# What some words point at
_WHOSE = (
    r"(?:адрес|телефон|номер(?: телефона)?|имя|имена|кличку|фамилию|отчество|возраст|"
    r"день рождения|дату рождения|почту|профессию|диагноз)"
)
_ENGLISH = (
    r"(?:address|(?:phone |mobile )?number|phone|e-?mail(?: address)?|(?:last |first |full )?name|"
    r"surname|age|birthday|(?:birth ?date|date of birth)|city|home ?town|job|workplace|employer|"
    r"occupation|profession|salary|income|allerg(?:y|ies)|diet|hobb(?:y|ies)|interests?|likes|"
    r"preferences|tastes|habits|weight|height|plans?|diagnosis|illness|marital status)"
)
_DETAIL = (
    rf"(?:{_WHOSE}|{_ENGLISH}|город|работу|место работы|должность|зарплату|вес|рост|аллергию|диету|"
    r"хобби|увлечени[ея]|интересы|вкусы|привычки|предпочтения|планы?)"
)
_KIN = (
    r"(?:мамы|папы|матери|отца|жены|мужа|сына|дочери|дочки|детей|брата|сестры|друга|подруги|собаки|"
    r"кота|кошки|пса|начальника|шефа|бабушки|дедушки|тещи|свекрови|парня|девушки)"
)
_THING = (
    r"(?:(?:ту|эту|всю|все|мою|наш|мой|этот|тот|наши) )?(?:историю|истории|часть|информацию|"
    r"инфу|данные|сведения|записи|запись|новость|новости|факты?|разговоры?)|"
    r"(?:(?:all|the|that|this|those|any|our) ){0,2}(?:stuff|things?|story|stories|parts?|bits?|"
    r"business|info|information|data|details?|facts?|notes?|news|conversations?|talks?|chats?|"
    r"memory|memories)"
)
_SAID_OF = (
    r"(?:(?:то|все),? )?что я (?:тебе |вам )?"
    r"(?:говорил|рассказывал|рассказал|сказал)а? (?:о|об|про) |"
    r"(?:everything|all|anything|whatever|what)(?: that)? i(?:'ve| have)?(?: ever)? "
    r"(?:said|told you|mentioned) about |"
    r"(?:все|everything|all),? (?:что )?"
    r"(?:касается|связано со?|to do with|related to|that has to do with) "
)
FORGET_WORDS = re.compile(
    rf"{OPENING}{FORGET}{PLEASE}?(?:[\s,:]+)(?P<how>"
    r"(?:о том|обо всем|про то|про все|то|обо всем том|все)?[\s,]*что (?:я )?(?:тебе |вам )?"
    r"(?:говорил|рассказывал|рассказал|сказал|упоминал)а? (?:тебе |вам )?(?:о|об|про)(?: том,?)?"
    r"(?: что)? |"
    rf"{_SAID_OF}|"
    r"(?:все|то),? что (?:ты |вы )?(?:знаешь|знаете|помнишь|помните) (?:о|об|про) |"
    rf"(?:{_THING})(?: (?:that )?i (?:said|told you|mentioned)|,? что я (?:говорил|рассказал)а?)? "
    r"(?:о|об|про|со?|about|on|with) |"
    r"о том,? что |про то,? что |(?:тот )?факт,? что |что |"
    r"все (?:о|об|про|насчет) |обо всем,? что |"
    r"(?:про|о|об|обо|насчет) |"
    rf"(?=(?:{_OWN}|{_WHOSE}) )|"
    r"(?:everything|all|anything|what)(?: that)? (?:i(?:'ve| have)?|you)(?: ever)? "
    r"(?:said|told you|told|know|mentioned|remember) (?:about|of) |"
    r"that i (?:told you|said|mentioned)(?: to you)? (?:about|that) |"
    r"(?:everything|all|anything|whatever) (?:about|of) |(?:the fact )?that |the fact |about |"
    rf"(?=the {_ENGLISH} of (?:my|our)\s)|(?=[\w-]+'s {_ENGLISH}\b)|"
    r"(?=(?:i|we)(?:'m|'ve| am| have| was| were)? (?!here\b|there\b|ever\b|even\b|exist)[\w']+)|"
    r"(?=(?:my|our)\s))"
    rf"\s*(?P<words>.+?){ENDING}"
)  # fmt: skip
# What may be erased as well as forgotten: of a file or a list nobody speaks so.
ERASE_WORDS = re.compile(
    rf"{OPENING}{_ERASE}{PLEASE}?[\s,:]+(?:"
    rf"(?P<detail>{_OWN} (?:[\w'-]+ ){{0,2}}?{_DETAIL}|"
    rf"the {_ENGLISH} of (?:my|our) [\w-]+(?: [\w-]+)?|"
    rf"[\w-]+'s {_ENGLISH}|{_WHOSE} (?:{_OWN} [\w-]+|{_KIN}))|"
    rf"(?:все|everything|all|what|{_THING})(?:(?: that)? you (?:have|know|remember)|"
    r",? что (?:ты |вы )?(?:знаешь|знаете|помнишь|помните))? (?:о|об|про|about|on) "
    rf"(?P<mine>(?:{_OWN}|моей|моем) .+?)|"
    rf"(?:{_SAID_OF})(?P<said>.+?)|"
    rf"(?P<kept>[^,;:.!?]+?){_IN_MEMORY}"
    rf"){ENDING}"
)  # fmt: skip
# Bare names.
NAMED = re.compile(
    rf"{OPENING}{FORGET}{PLEASE}?[\s,:]+"
    rf"(?P<words>[\w'-]+(?:(?: and| и|,)? [\w'-]+){{0,3}}?){ENDING}"
)
# As the guest wrote it.
NAMES = re.compile(
    r"[A-ZА-ЯЁ][a-zа-яё]+(?:-[A-ZА-ЯЁ][a-zа-яё]+)?"
    r"(?:(?: and| и|,)? [A-ZА-ЯЁ][a-zа-яё]+(?:-[A-ZА-ЯЁ][a-zа-яё]+)?){0,3}"
)
# Clauses such as `own_questions` knows.
CLAUSE = re.compile(
    rf"{OPENING}{_ANY}{PLEASE}?[\s,:]+(?:(?:о том|про то|то|about|все о том|all about)[\s,]+)?"
    rf"(?P<words>[^.!?;]+?){ENDING}"
)
# What these point at is not named: an idiom, or a word of the talk before.
POINTING = re.compile(
    r"(?:(?:my|our) (?:(?:last|previous|first|earlier) )?(?:questions?|messages?|requests?|"
    r"remarks?|points?|answers?|jokes?|comments?|rambling|words|conversation)|"
    r"мои(?: последние)? (?:слова|вопросы|сообщения)|мо[йюе](?: последн\w+)? "
    r"(?:вопрос|просьбу|сообщение|шутку|замечание)|"
    r"это|этом|этого|него|нее|них|нем|ней|ним|том|тот|той|то|все это|меня|мне|обо мне|все|всем|"
    r"прошлое|прошлом|плохое|плохом|то,? что было|был[оаи]?|"
    r"it|that|this|them|him|her|those|these|me|us|you|time|thing|nonsense|past)(?:[,.!?].*)?|"
    r"(?:это|этом|этого|об этом|про это|ты|вы|я (?:сказал|спросил|говорил)а?(?! что| про| о)|"
    r"(?:он|она|они|he|she|they) (?:сказал[аи]?|говорил[аи]?|said|says?|told)|"
    r"it|this|that|those|these|you|i (?:ever )?(?:said|asked|mentioned))\b(?!['’])(?:[\s,.!?].*)?"
)
GO_ON = re.compile(
    r"[,;.!?—–-]\s*(?:и |а |но |лучше |and |but |so |or )*(?:"
    r"давай|лучше|расскаж|скаж|поговор|перейд|продолж|проехали|неважно|ответ|"
    r"что |как |где |когда |почему |кто |какой|какая|какие|let'?s|let us|tell|"
    r"talk|just|instead|what|how|where|when|why|who|it'?s|it was|it is|move on|never mind|go on|"
    r"this is|that'?s|i'?m |i was|we |today is|сегодня )"
)
