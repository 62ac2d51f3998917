"""The patterns of asking what is known, Russian and English, over `stems.plain` text."""

from __future__ import annotations

import re

from butler.domain.request_words import ENDING, POLITE

_KNOW = (
    r"(?:знаешь|знаете|помнишь|помните|запомнил[аи]?|узнал[аи]?|узнать|выяснил[аи]?|понял[аи]?|"
    r"собрал[аи]?|хранишь|храните|записал[аи]?)"
)
_ME = r"(?:обо мне|про меня|на меня)"
_YET = r"(?:(?:уже|вообще|еще|успел[аи]?|сейчас|там) ){0,2}"
_KEPT = r"(?:есть|записано|сохранено|хранится|известно|(?:есть )?в памяти)"
_FACTS = r"(?:данные|сведения|информаци[яю]|факты|записи|заметки)"
_SOMETHING = r"(?:(?:хоть )?что-?(?:нибудь|то|либо))"
_SOME = r"(?:как(?:ие|ая|ую)-(?:то|нибудь|либо) )?"
_YOU, _HAVE = r"(?:ты|вы)", r"(?:у тебя|у вас)"

_LEARN = (
    r"(?:know|remember|keep|have|hold|store|got|learn(?:ed|t)?|remembered|stored|note|noted|saved|"
    r"collected|gathered|kept|recorded|written down|find out|found out|figured out)"
)
_ON_ME = r"(?:about|of|on) (?:me|myself)"
_THINGS = (
    r"(?:personal |private )?(?:info|information|data|facts|details|things|notes|records|memories)"
)
_SURELY = r"(?:(?:already|really|actually|currently) )?"
_SO_FAR = (
    r"(?:,? (?:so far|already|yet|by now|until now|at all|at the moment|right now|now|exactly|"
    r"на данный момент|на сегодня|на сегодняшний день|сейчас|уже))?"
)
# Whole questions, and after "tell me …", too.
_ASKED = "|".join((
    rf"(?:(?:и|все,?|всего,?) )?(?:что|чего) (?:(?:же|именно|конкретно) )?(?:{_YOU} )?{_YET}{_ME} "
    rf"(?:{_YOU} )?{_YET}{_KNOW}(?: узнать| запомнить)?",
    rf"(?:все,? )?что (?:(?:же|именно|конкретно) )?(?:{_YOU} )?{_YET}{_KNOW} (?:уже )?{_ME}",
    rf"все,? что {_YOU} {_KNOW}",
    rf"(?:все,? )?что (?:тебе|вам) (?:{_ME} )?(?:уже )?известно {_ME}",
    rf"(?:все,? )?что (?:тебе|вам) {_ME} (?:уже )?известно",
    rf"(?:все,? )?что {_HAVE} (?:уже )?{_KEPT} {_ME}",
    rf"(?:все,? )?что {_HAVE} {_ME} {_KEPT}",
    rf"(?:все,? )?что {_HAVE} {_KEPT}? ?{_ME}",
    rf"как(?:ие|ая|ую) {_FACTS} (?:(?:{_YOU}|{_HAVE}) )?{_ME} (?:(?:{_YOU}|{_HAVE}) )?"
    rf"(?:{_KNOW}|имеешь|{_KEPT}|хранятся|записан[аы])",
    rf"как(?:ие|ая|ую) {_FACTS} (?:{_YOU}|{_HAVE}) (?:{_KNOW}|имеешь|{_KEPT}|хранятся|записан[аы]) "
    rf"{_ME}",
    rf"как(?:ие|ая) {_HAVE} (?:есть )?{_FACTS} {_ME}",
    rf"{_YOU} {_YET}{_SOMETHING} (?:{_ME} )?{_YET}{_KNOW} {_ME}",
    rf"{_YOU} {_YET}{_SOMETHING} {_ME} {_YET}{_KNOW}",
    rf"{_YOU} (?:{_ME} )?(?:уже )?{_KNOW} {_SOMETHING} {_ME}",
    rf"{_YOU} {_ME} (?:уже )?(?:{_SOMETHING} {_KNOW}|{_KNOW} {_SOMETHING})",
    rf"{_KNOW} ли {_YOU} {_SOMETHING} {_ME}",
    rf"(?:есть )?{_HAVE} (?:есть )?(?:{_SOMETHING}|{_SOME}{_FACTS}) {_ME}(?: {_KEPT})?",
    rf"{_YOU} {_KNOW} {_SOME}{_FACTS} {_ME}",
    rf"что (?:хранится|записано|есть) {_HAVE} {_ME}",
    rf"что (?:{_HAVE} )?в (?:(?:твоей|вашей) )?памяти(?: {_ME})?",
    rf"(?:what|all|everything)(?: (?:exactly|all|else|that))? (?:do )?you {_SURELY}{_LEARN} "
    rf"(?:(?:stored|saved|written down|noted|in (?:your )?memory) )?{_ON_ME}",
    rf"what (?:have|did) you {_SURELY}{_LEARN}(?: down)? {_ON_ME}",
    rf"(?:what(?: (?:kind|sort) of)?|which|all|any)(?: the)? {_THINGS} (?:that )?"
    rf"(?:(?:do|have|did) )?you(?: have|'ve)? {_LEARN} (?:(?:stored|saved) )?{_ON_ME}",
    rf"(?:do|have) you {_SURELY}{_LEARN} (?:anything|something|(?:any |some )?{_THINGS}) "
    rf"(?:(?:stored|saved) )?{_ON_ME}",
    rf"(?:what|everything|all|things|facts)(?: that)? you(?: have|'ve) {_SURELY}{_LEARN} "
    rf"{_ON_ME}",
    r"what(?:'s| is)(?: stored| saved)? in your (?:memory|notes)(?: about me)?",
    rf"what(?:'s| is) (?:known|stored|recorded|saved|written down) {_ON_ME}",
    rf"how much do you (?:know|remember) {_ON_ME}",
    rf"(?:is there )?anything (?:you (?:know|remember|have)|in your memory|stored) {_ON_ME}",
    rf"you {_SURELY}(?:know|remember) anything {_ON_ME}",
))  # fmt: skip
# Only where they are to be shown.
_SHOWN = "|".join((
    r"(?:(?:всю|все) )?(?:мою|мои|твою|вашу|свою|свои) (?:память|данные|записи|заметки)"
    rf"(?: {_ME})?",
    rf"(?:всю )?память(?: {_ME})?",
    rf"(?:(?:всю|все) )?{_FACTS} {_ME}",
    rf"все(?:,? что)? {_ME}",
    rf"{_ME}(?: все)?",
    rf"(?:all )?(?:of )?(?:my|your|the) (?:memory|memories)(?: {_ON_ME})?",
    r"(?:all )?(?:of )?my (?:data|notes|facts|records|information|info|profile)",
    r"(?:мой профиль|мое досье|досье на меня)",
    rf"(?:all )?(?:of )?(?:your|the) {_THINGS} (?:you have )?{_ON_ME}",
    rf"(?:everything|all|something) {_ON_ME}",
    rf"{_THINGS} (?:you have )?{_ON_ME}",
    r"about (?:me|myself)",
))  # fmt: skip
_CAN = r"(?:(?:не )?(?:можешь|можете|мог(?:л[аи])? бы)(?: (?:ты|вы))?)"
_TELL = (
    r"(?:скажи(?:те)?|расскажи(?:те)?|напомни(?:те)?|перечисли(?:те)?|назови(?:те)?|"
    r"(?:я )?(?:хочу|хотел[аи]? бы) (?:знать|узнать)|интересно|"
    rf"{_CAN} (?:сказать|рассказать|напомнить|перечислить)|"
    r"(?:(?:can|could|will|would) you )?(?:please )?(?:tell|remind|list|give)(?: me)?"
    r"(?: a list of)?|"
    r"let me know|i(?:'d| would) like to know|i want to know|i wonder|i'm curious)"
)
_SHOW = (
    r"(?:покажи(?:те)?|дай(?:те)?|расскажи(?:те)?|выведи(?:те)?|открой(?:те)?|перечисли(?:те)?|"
    r"(?:я )?(?:хочу|хотел[аи]? бы) (?:увидеть|видеть|посмотреть)|"
    rf"{_CAN} (?:показать|вывести)|(?:можно|дай(?:те)?) (?:посмотреть|взглянуть|увидеть|узнать)|"
    r"(?:(?:can|could|will|would) you )?(?:please )?(?:tell|show|list|display|print|give)(?: me)?|"
    r"(?:can|could|may) i (?:see|view)|let me (?:see|view)|i(?:'d| would) like to see|"
    r"i want to see)"
)
_ME_FIRST = r"[\s,:]+(?:(?:мне|список)[\s,]+)?(?:(?:please|пожалуйста)[\s,]+)?"
TELL = re.compile(
    rf"{POLITE}(?:(?:(?:{_TELL}|{_SHOW}){_ME_FIRST})?(?:{_ASKED})|{_SHOW}{_ME_FIRST}(?:{_SHOWN}))"
    rf"{_SO_FAR}{ENDING}"
)
