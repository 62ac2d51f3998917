"""Of whom a sentence tells at some place: its writer, or somebody else."""

from __future__ import annotations

import re

from butler.domain.vocabulary import given_name

_KIN_RU = (
    "муж|жена|брат|сестра|сын|дочь|дочка|мама|папа|мать|отец|друг|подруга|дядя|тетя|внук|внучка|"
    "бабушка|дедушка|дед|начальник|начальница|коллега|сосед|соседка|приятель|приятельница|парень|"
    "девушка|племянник|племянница|теща|тесть|свекровь|свекор|зять|невестка|шеф|ребенок|малыш|"
    "родители|соседи|друзья|дети|ребята|коллеги|братья|сестры|внуки|кузен|кузина|супруг|супруга"
)
_KIN_OF_RU = (
    "мужа|жены|брата|сестры|сына|дочери|дочки|мамы|папы|матери|отца|друга|подруги|дяди|тети|внука|"
    "внучки|бабушки|дедушки|деда|начальника|коллеги|соседа|соседки|приятеля|парня|девушки|ребенка|"
    "племянника|племянницы|тещи|тестя|свекрови|родителей|соседей|друзей|детей|супруга|супруги|кота|"
    "кошки|собаки|пса|него|нее|них|малыша|шефа"
)
_KIN_EN = (
    "husband|wife|brother|sister|son|daughter|mother|father|mum|mom|dad|friend|uncle|aunt|cousin|"
    "grandson|granddaughter|grandmother|grandfather|grandma|grandpa|boss|colleague|neighbou?r|"
    "partner|fianc[eé]e?|boyfriend|girlfriend|parents|kids|children|friends|brothers|sisters|"
    "roommate|flatmate|landlord|teacher|doctor|family|baby|nephew|niece|cat|dog"
)
# A verb in the first person is as good as its pronoun.
_SELF = re.compile(
    r"\b(?:я|мы|меня|мне|нас|нам|мною|i|we|me|us)\b|\b[а-я]{2,}(?:аю|яю|ею|ую|аем|яем|еем|уем|аюсь|"
    r"уюсь|емся|имся)\b|\b(?:живу|живем|учу|учусь|учим|люблю|любим|служу|ношу|вожу|хожу|езжу|"
    r"сам из|сама из)\b"
)
_OTHER = re.compile(
    rf"\b(?:{_KIN_RU}|он|она|они)\b|\bу (?:(?:мо|наш|сво|ваш)\w+ )?(?:\w+(?:его|ого|ей|ой) )?"
    rf"(?:{_KIN_OF_RU})\b"
    r"|\b(?:дочке|дочери|сыну|маме|жене|мужу|брату|сестре|папе|другу|подруге|ребенку|коту)\b"
    r"|\bу (?!(?:меня|нас|себя)\b)[а-я]+(?: [а-я]+)?(?= (?:есть |была |тоже )?аллерги)"
    r"|(?:^|[.!?;,:—–-]\s*|\b(?:and|but|so|because|that|while|when|then|today|yesterday|now)\s+)"
    rf"(?:(?:(?:my|our|his|her|their|the) (?:[\w-]+ )?)?(?:{_KIN_EN})(?:['’]s)?|he|she|they)\b"
    r"(?! and (?:i|we|me)\b)"
)
_WORD = re.compile(r"[^\W\d_]+")
# A verb in the past agrees with the noun before it, whatever that is: "офис переехал".
_AGREEING = re.compile(
    r"\b(?P<noun>[а-я]{3,}) (?:теперь |сейчас |уже |недавно |снова )*"
    r"(?:переехал|перебрал|родил|вырос|поселил|обосновал|устроил|поступил)(?P<end>ся|лась|лись|ась|"
    r"ись|ла|а|и|)\b"
)
_NO_NOUNS = frozenset(
    (
        *(
            "вчера",
            "тогда",
            "когда",
            "сама",
            "всегда",
            "никогда",
            "туда",
            "сюда",
            "раньше",
            "назад",
        ),
        *(
            "потом",
            "вот",
            "как",
            "так",
            "уже",
            "лет",
            "год",
            "раз",
            "сам",
            "наконец",
            "был",
            "весь",
        ),
        *("дважды", "однажды", "почти", "опять", "здесь", "там", "что", "летом", "или", "вместе"),
    )
)
_REPORTED = re.compile(
    r"\b(?:сказал|говорит|говорил|говорят|думает|думал|думают|считает|считал|считают|уверен|"
    r"утверждает|верит|шутит|пишет|писал|написал|решил|спросил|врет|соврал)\w*,? (?:мне |всем )?"
    r"(?:что|будто|якобы|дескать|мол|как)\b"
    r"|(?<!\bi )(?<!\bwe )\b(?:says?|said|thinks?|thought|claims?|claimed|believes?|believed|"
    r"jokes?|joked|insists?|insisted|wrote|writes|"
    r"(?:told|tells) (?:me|everyone|people|them|him|her)|"
    r"pretends?|assumes?|assumed)(?: that)? (?=i\b|we\b|my\b)"
)
# No subject is looked for further back.
_FAR = 160
_SENTENCE_ENDS = ".!?…\n"


def of_another(folded: str, at: int) -> bool:
    """Whether what stands at this place of a text in small letters is told of somebody else.

    The nearest subject before it in its sentence decides; without one it is the writer.
    """
    far = max(0, at - _FAR)
    begun = max(far, *(folded.rfind(mark, far, at) + 1 for mark in _SENTENCE_ENDS))
    before = folded[begun:at]
    if _REPORTED.search(folded, begun, at):
        return True
    own = max((found.end() for found in _SELF.finditer(before)), default=-1)
    others = [found.end() for found in _OTHER.finditer(before)]
    others += [found.end() for found in _WORD.finditer(before) if _named(found)]
    others += [found.end("noun") for found in _AGREEING.finditer(before) if _agrees(found)]
    return max(others, default=-1) > own


def _named(found: re.Match[str]) -> bool:
    """Whether a name begins the clause, as subjects do."""
    before = found.string[: found.start()].rstrip()
    begins = not before or before[-1] in ",;:—–-" or before.endswith((" and", " but", " и", " а"))
    return begins and given_name(found.group())


def _agrees(found: re.Match[str]) -> bool:
    noun, end = found["noun"], found["end"]
    if noun in _NO_NOUNS:
        return False
    if end in ("ла", "а", "ась", "лась"):
        return noun.endswith(("а", "я"))
    if end in ("и", "ись", "лись"):
        return noun.endswith(("ы", "и"))
    return noun[-1] not in "аеиоуыэюя"
