"""Days by what was said on them: "yesterday's talk", "what I said last week".

Over `stems.plain` text.
"""

from __future__ import annotations

import re
from datetime import date

from butler.domain.periods import Period, period

# To be erased, days must be told from those of a calendar.
_LATELY = re.compile(r"(?:the )?(?:last|past|последн|прошл)")
_SAID_WHEN = re.compile(
    r"(?:все|все,? (?:что|о чем)|то,? (?:что|о чем)|о чем|разговоры?|бесед[уы]|что|"
    r"наш\w* разговоры?|наш\w* бесед[уы]|everything|all|anything|whatever|what|conversations?|"
    r"chats?|talks?|messages?|сообщения)"
    r"(?:,? (?:что|which|that))?"
    r"(?: (?:я|мы|i|we|i've|we've|you and i))?(?: (?:тебе|вам|с тобой|с вами))?"
    r"(?: (?:говорил[аи]?|рассказывал[аи]?|сказал[аи]?|писал[аи]?|обсуждал[аи]?|общал\w+|было|"
    r"произошло|said|told you|wrote|talked about|discussed|spoke of|talked|spoke|happened))?"
    r"(?: (?:about|to you|тебе|вам))?\s+(?P<when>.+)"
)
_SAID_THEN = re.compile(
    r"(?:все|то|обо всем)?,? ?(?:что|о чем) (?:я|мы) (?P<when>сегодня|вчера|позавчера) "
    r"(?:(?:тебе|вам|с тобой|с вами) )?(?:говорил|рассказывал|сказал|писал|обсуждал)[аи]?"
)
_TALK_OF = re.compile(
    r"(?:(?:мой|наш|весь|the|our|my|whole|entire|all) )*"
    r"(?:(?P<which>сегодняшн|вчерашн|позавчерашн|прошл)\w* )?"
    r"(?:разговор|беседу|день|переписку|разговоры|беседы|сообщения|"
    r"(?:conversation|talk|chat|message)s?|day)"
    r"(?:\s+(?P<when>.+))?"
)
_POSSESSED = re.compile(r"(?P<whose>today|yesterday|last week|this week)['’]s (?:.*?)"
                         r"(?:conversation|talk|chat|messages?|words)")  # fmt: skip
_THIS_TALK = re.compile(
    r"(?:этот|нынешний|наш|наш сегодняшний) разговор|(?:эту|нынешнюю|нашу) беседу|"
    r"(?:this|our|the present) (?:conversation|talk|chat)|(?:our|the) (?:last|latest) "
    r"(?:conversation|talk|chat)|(?:наш )?последний разговор|(?:нашу )?последнюю беседу"
)
_WHICH = {"сегодняшн": "сегодня", "вчерашн": "вчера", "позавчерашн": "позавчера"}


def spoken_days(when: str, today: date, *, of_talk: bool = False) -> Period | None:
    """The days named; `of_talk`: only as days of talk, "Friday" alone may be of a calendar."""
    when = re.sub(r"^(?:про|об?(?! чем)|about) ", "", when)
    if _THIS_TALK.fullmatch(when):
        return period("сегодня", today)
    named = None if of_talk and not _LATELY.match(when) else period(when, today)
    return named or _by_talk(when, today)


def _by_talk(when: str, today: date) -> Period | None:
    if found := _POSSESSED.fullmatch(when):
        return period(found.group("whose"), today)
    if found := _SAID_THEN.fullmatch(when):
        return period(found.group("when"), today)
    if found := _TALK_OF.fullmatch(when):
        which = _WHICH.get(found.group("which") or "")
        rest = found.group("when")
        if which and not rest:
            return period(which, today)
        if rest and not which:
            return period(rest, today)
    found = _SAID_WHEN.fullmatch(when)
    return period(found.group("when"), today) if found else None
