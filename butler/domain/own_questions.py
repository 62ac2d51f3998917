"""Questions about oneself: "where I live" stands for the city, "как зовут мою жену" for the wife.

Over `stems.plain` text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from butler.domain.keys import called

_BORN = r"родил(?:ся|ась)|родил(?:ся|ась) я"
# Concept of `keys`: the clauses that ask after it.
_ASKED: Mapping[str, re.Pattern[str]] = {
    concept: re.compile(clauses)
    for concept, clauses in (
        ("home", r"(?:где|в каком городе) (?:я|мы) (?:сейчас |теперь )?жив(?:у|ем)|где живу|"
                 r"(?:where|(?:which|what) (?:city|town)) (?:i|we)(?:'m| am)? (?:currently |now )?"
                 r"(?:live|living)(?: in)?"),
        ("origin", rf"откуда я(?: родом)?|где я (?:{_BORN}|вырос(?:ла)?)|"
                   r"where (?:i(?:'m| am) (?:originally )?from|i come from|i was born|i grew up)"),
        ("age", r"сколько мне(?: сейчас)? лет|сколько лет мне|"
                r"how old (?:i am|i'm|am i)|what (?:age i am|my age is)"),
        ("birthday", rf"когда (?:я (?:{_BORN})|(?:у меня|мой) (?:день рождения|др))|"
                     r"when (?:my birthday is|is my birthday|i was born)|what my birthday is"),
        ("employer", r"(?:где|на кого|в какой (?:компании|фирме)) я (?:сейчас )?работаю|"
                     r"(?:where|who|whom) i (?:currently |now )?work(?: at| for)?"),
        ("work", r"кем я (?:сейчас )?работаю|кто я по профессии|"
                 r"what (?:i do(?: for (?:a living|work))?|my (?:job|profession|occupation) is)"),
        ("study", r"(?:где|на кого) я учусь|(?:where|what) i study|where i go to school"),
        ("name", r"как меня зовут|what (?:my name is|is my name)|(?:how|what) i(?:'m| am) called"),
        ("status", r"(?:женат|замужем)(?: ли)? я|(?:if|whether) i(?:'m| am) married"),
        ("likes", r"что (?:я (?:люблю|предпочитаю)|мне нравится)|"
                  r"what i (?:like|love|enjoy|prefer)"),
        ("dislikes", r"что (?:я не (?:люблю|выношу)|я ненавижу|мне не нравится)|"
                     r"what i (?:don't like|do not like|dislike|hate)"),
        ("diet", r"(?:что|чего) я (?:не )?ем|what i (?:(?:don't|do not|can't|cannot) )?eat"),
        ("allergy", r"на что у меня аллергия|what i(?:'m| am) allergic to"),
        ("hobby", r"чем я (?:увлекаюсь|занимаюсь)(?: в свободное время)?|"
                  r"what my hobb(?:y is|ies are)"),
        ("language", r"на (?:каких языках|каком языке) я говорю|(?:which|what) languages? i speak"),
    )
}  # fmt: skip
_MINE = r"(?:мо(?:й|я|е|и|его|ей|ему|их|ю|им)|наш\w*|my|our)"
_NAMED = re.compile(
    rf"(?:как (?:зовут|называется)|кто(?: такая?| такие)?) {_MINE} (?P<ru>.+)|"
    rf"как {_MINE} (?P<whose>.+) зовут|"
    rf"(?:how|what) {_MINE} (?P<en>.+?)(?: (?:is|are)(?: (?:called|named))?|'s name is)|"
    rf"who {_MINE} (?P<who>.+?) (?:is|are)|"
    rf"(?:имя|имена|кличк[уи]) (?:{_MINE} )?(?P<name>.+)|"
    rf"(?:the )?names? of (?:{_MINE} )?(?P<of>.+)|(?:{_MINE} )?(?P<owner>.+)'s? names?"
)
_ABOUT_MINE = re.compile(
    r"(?:где|когда|кем|сколько лет|куда|откуда|во сколько|what|where|when|how old|how) "
    rf"(?:{_MINE} (?P<only>[^,;:.!?]+)|(?P<rest>(?:(?!i |я )[\w'-]+ ){{1,3}}?{_MINE}\s[^,;:.!?]+))"
)


def key_asked(clause: str) -> str:
    """The key, in the clause's own language, of the fact that it asks for; "" if that is none."""
    for concept, clauses in _ASKED.items():
        if clauses.fullmatch(clause):
            return called(concept, "ru" if re.search("[а-я]", clause) else "en")
    return ""


def named_in(clause: str) -> tuple[int, int] | None:
    """Where that stands whose name is asked for: "wife" in "what my wife's name is"."""
    return _span(_NAMED.fullmatch(clause))


def told_in(clause: str) -> tuple[int, int] | None:
    """Where that stands which the clause asks about something of the guest's own."""
    return named_in(clause) or _span(_ABOUT_MINE.fullmatch(clause))


def _span(found: re.Match[str] | None) -> tuple[int, int] | None:
    return found.span(str(found.lastgroup)) if found else None
