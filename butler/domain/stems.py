"""Words by their stems, in Russian and English."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_FUNCTION_WORDS = frozenset(
    "и в во на с со к ко о об от до за из по у не ни но а же ли бы то как что это эта этот для при "
    "или он она оно они его ее их ему ей им мы вы ты я мне меня мой моя мое мои мной тебя вас нас "
    "свой своя свое свои был была было были есть быть уже еще все всё там тут так который "
    "the a an and or of in on at to for with by from is are was were be been am it its this that i "
    "he she they we you his her their our my me your him them as not no do does did has have had "
    "so but if then there here who which what".replace("ё", "е").split()
)


class _Stemmers(threading.local):
    """Snowball's stemmers keep their state in themselves: one pair for each thread."""

    def __init__(self) -> None:
        self.russian = snowballstemmer.stemmer("russian")
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


def plain(text: str) -> str:
    """The text in lower case with ё as е, as words are compared."""
    return text.casefold().replace("ё", "е")


def words(text: str) -> list[str]:
    """The words and numbers of a text as they are compared, in order."""
    return _WORD.findall(plain(text))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a compared word; numbers and other languages stay as they are."""
    if _CYRILLIC.search(word):
        return str(_STEMMERS.russian.stemWord(word))
    if word.isascii() and not any(map(str.isdigit, word)):
        return str(_STEMMERS.english.stemWord(word.replace("’", "'")))
    return word


def stems(text: str) -> list[str]:
    """The stems of all words of a text, in order."""
    return [stem(word) for word in words(text)]


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning: no function words, no single letters."""
    return stems_of(words(text))


def stems_of(spoken: Iterable[str]) -> list[str]:
    """`content_stems` of compared words."""
    return [
        stem(word)
        for word in spoken
        if word not in _FUNCTION_WORDS and (len(word) > 1 or word.isdigit())
    ]
