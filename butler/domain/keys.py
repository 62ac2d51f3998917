"""What facts are about: one thing under its many names, so that it is known once."""

from __future__ import annotations

from collections.abc import Iterable, Set
from functools import lru_cache

from butler.domain.profile import Language
from butler.domain.stems import content_stems, plain, stems, words

# Concept: its key in Russian, in English, then other names that models give it.
_ONE: dict[str, str] = {
    "name": "имя|name|зовут|как зовут|имя гостя|обращение|first name|full name|guest name|user "
    "name|"
    "nickname",
    "home": "город|city|живет|живет в|проживает|место жительства|город проживания|домашний город|"
    "место проживания|дом|home|hometown|home city|home town|location|residence|lives|lives in|"
    "place of residence|city of residence|current city|адрес|address|переезд|переехал|переехала|"
    "moved|moved to|town|живу|где живу",
    "origin": "родом|from|родом из|родной город|место рождения|birthplace|place of birth|born in|"
    "native city|origin|comes from",
    "age": "возраст|age|лет|years old|сколько лет|how old",
    "birthday": "день рождения|birthday|дата рождения|др|родился|родилась|date of birth|birth date|"
    "birthdate|born|born on",
    "work": "работа|job|профессия|должность|занятие|работает|специальность|кем работает|род "
    "занятий|"
    "profession|occupation|work|works|works as|position|career|role|employment|job title|работаю",
    "employer": "место работы|employer|компания|работает в|работаю в|works at|works for|"
    "company|workplace",
    "study": "учеба|studies|учится|студент|студентка|studies at|university|school|вуз|университет",
    "status": "семейное положение|marital status|женат|замужем|married|семья",
    "diet": "питание|diet|диета|ест|не ест|eating|doesn't eat|does not eat",
    "phone": "телефон|phone|номер телефона|phone number|mobile",
    "mail": "почта|email|электронная почта|e-mail|mail",
}
# Of these there may be several: a new one does not end the old.
_MANY: dict[str, str] = {
    "likes": "любит|likes|нравится|обожает|предпочитает|loves|enjoys|like|love|prefers|preference|"
    "предпочтения|вкусы|fond of",
    "dislikes": "не любит|dislikes|не нравится|ненавидит|терпеть не может|не выносит|hates|dislike|"
    "doesn't like|does not like",
    "hobby": "увлечение|hobby|хобби|увлечения|hobbies|занимается|увлекается|pastime|interest|"
    "interests|интересы",
    "pet": "питомец|pet|питомцы|pets|домашнее животное|животное|animal",
    "allergy": "аллергия|allergy|аллергии|аллергия на|allergic|allergies|allergic to",
    "language": "языки|languages|язык|language|говорит на|speaks",
    "learning": "учит|learning|изучает|learns|is learning",
    "plan": "планы|plans|план|plan|событие|event|встреча|meeting|поездка|trip|appointment",
    "note": "на память|to remember|заметка|note|напоминание|reminder|запомнить|remember",
}
# Add nothing to a key: "кличка кота" is about the cat.
_FILLERS = frozenset(
    stems(
        "кличка имя зовут название name called named guest гость гостя own свой "
        "новый новая новое новые теперь нынешний сейчас new now current currently present"
    )
)
_SPELLINGS = dict(
    zip(stems("favorite color neighbor mom"), stems("favourite colour neighbour mum"), strict=True)
)
_SPELT = {**_SPELLINGS, **{british: american for american, british in _SPELLINGS.items()}}
# What else may be asked of a person; other keys must be words of the guest's own.
_PLAIN = frozenset(
    stems(
        "мать мама отец папа родители брат сестра сын дочь дочка дети ребенок внук внучка бабушка "
        "дедушка муж жена супруг супруга друг подруга тетя дядя коллега начальник сосед кот кошка "
        "собака пес щенок котенок попугай хомяк рыбка лошадь любимый любимая любимое еда блюдо "
        "напиток цвет книга фильм музыка группа песня игра спорт команда инструмент автор писатель "
        "сезон место машина автомобиль велосипед дача сад отпуск путешествие цель мечта навык опыт "
        "образование рост размер слово "
        "mother father parents parent brother sister son daughter children child kids grandson "
        "granddaughter grandmother grandfather husband wife spouse partner friend aunt uncle "
        "colleague boss neighbour neighbor cat dog puppy kitten parrot hamster fish horse "
        "favourite "
        "favorite food dish drink color colour book film movie music band song game sport team "
        "instrument author writer season place car bike garden vacation holiday travel goal dream "
        "skill experience education height size word date day"
    )
)


def _normal(key: str) -> str:
    return " ".join(words(key))


_NAMED = {
    _normal(name): concept
    for group in (_ONE, _MANY)
    for concept, names in group.items()
    for name in names.split("|")
}


@lru_cache(maxsize=4096)
def concept(key: str) -> str:
    """What a key is about: a concept's name, or the key's own stems where it is none of ours."""
    known = _NAMED.get(_normal(key))
    roots = {_SPELLINGS.get(root, root) for root in content_stems(key)}
    return known or " ".join(sorted(roots - _FILLERS or roots)) or plain(key)


def plausible(key: str, said: Set[str]) -> bool:
    """Whether a key asks what is asked of anybody, or is made of the stems that were `said`."""
    return _normal(key) in _NAMED or set(content_stems(key)) <= (_PLAIN | _FILLERS | said)


@lru_cache(maxsize=4096)
def asked_by(key: str) -> frozenset[str]:
    """The stems that ask for a fact with this key: its own, and those of its other names."""
    names = (_ONE.get(concept(key)) or _MANY.get(concept(key)) or "").split("|")
    roots = {root for name in (key, *names) for root in content_stems(name)}
    return frozenset(roots | {_SPELT[root] for root in roots if root in _SPELT})


def meant(roots: Iterable[str]) -> list[str]:
    """The roots without what adds nothing: "my wife's name" is about the wife; a name alone, it."""
    roots = list(roots)
    return [root for root in roots if root not in _FILLERS] or roots


def gathers(key: str) -> bool:
    """Whether several facts may hold under this key at once."""
    return concept(key) in _MANY


def single(key: str) -> bool:
    """Whether the key is about the guest, and one thing at a time."""
    return concept(key) in _ONE


def called(name: str, language: Language) -> str:
    """A concept's key in a guest's language."""
    russian, english, *_ = (_ONE.get(name) or _MANY[name]).split("|")
    return russian if language == "ru" else english
