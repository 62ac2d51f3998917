"""Words by their stems, in Russian and English."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_MARKED = re.compile("[\u00e0-\u017f]")
_UNMARKED = {
    code: base
    for code in range(0xE0, 0x180)
    if (base := unicodedata.normalize("NFD", chr(code))[0]).isascii()
}
# Chinese, Japanese, Thai: written without spaces, and one sign may be a word.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_ENDING = re.compile("[аеиоуыэюяйьaeiouy]{1,2}$")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_FUNCTION_WORDS = frozenset(
    "и в во на с со к ко о об от до за из по у не ни но а же ли бы то как что это эта этот для при "
    "или он она оно они его ее их ему ей им мы вы ты я мне меня мной тебя вас нас "
    "мой моя мое мои моего моей моему моим моих моими моем мою моею "
    "наш наша наше наши нашего нашей нашему нашим наших нашими нашем нашу нашею "
    "твой твоя твое твои твоего твоей твоих твою ваш ваша ваше ваши вашего вашей ваших вашу "
    "свой своя свое свои своего своей своему своих своим своими своем свою "
    "был была было были есть быть уже еще все всё там тут так который "
    "the a an and or of in on at to for with by from is are was were be been am it its this that i "
    "he she they we you his her their our my me your him them as not no do does did has have had "
    "so but if then there here who which what".replace("ё", "е").split()
)


# Where a stemmer, which cuts endings alone, would see two words.
_FIRST_FORMS = {
    form: first
    for first, forms in (
        ("дочь", "дочери дочерью дочерей дочерям дочерями дочерях"),
        ("мать", "матери матерью матерей матерям матерями матерях"),
        ("отец", "отца отцу отцом отце отцы отцов"),
        ("пес", "пса псу псом псе псы псов псам псами"),
        ("имя", "имени именем имен именам именами"),
        ("день", "дня дню днем дне дней дням днями днях дни"),
        ("муж", "мужья мужей мужьям"),
        ("брат", "братья братьев братьям братьями"),
        ("друг", "друзья друзей друзьям друзьями друзьях"),
        ("сын", "сыновья сыновей сыновьям сыновьями"),
        ("child", "children"),
    )
    for form in forms.split()
}


class _Stemmers(threading.local):
    """Snowball's stemmers keep their state in themselves: one pair for each thread."""

    def __init__(self) -> None:
        self.russian = snowballstemmer.stemmer("russian")
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


def plain(text: str) -> str:
    """The text in lower case with ё as е, ê as e and so on, as words are compared."""
    folded = text.casefold().replace("ё", "е")
    if folded.isascii() or _MARKED.search(folded) is None:
        return folded
    return folded.translate(_UNMARKED)


def words(text: str) -> list[str]:
    """The words and numbers of a text as they are compared, in order."""
    return _WORD.findall(plain(text))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a compared word; numbers and other languages stay as they are."""
    word = _FIRST_FORMS.get(word, word)
    if _CYRILLIC.search(word):
        return str(_STEMMERS.russian.stemWord(word))
    straight = word.replace("’", "'")
    if straight.isascii() and not any(map(str.isdigit, straight)):
        return str(_STEMMERS.english.stemWord(straight))
    return word


@lru_cache(maxsize=1 << 16)
def bare(stemmed: str) -> str:
    """A stem without its last vowels: names keep more of their endings than other words."""
    root = _ENDING.sub("", stemmed)
    return root if len(root) > 2 else stemmed


IRREGULAR = frozenset(map(stem, _FIRST_FORMS.values()))
"""The stems that are not how each form of their words begins."""


def stems(text: str) -> list[str]:
    """The stems of all words of a text, in order."""
    return [stem(word) for word in words(text)]


def function_word(word: str) -> bool:
    """Whether a compared word is one of those that carry no meaning."""
    return word in _FUNCTION_WORDS


def unspaced(word: str) -> bool:
    """Whether a word is in a script that puts no spaces between words."""
    return _UNSPACED.search(word) is not None


def signs(word: str) -> list[str]:
    """The signs of a word in such a script, one by one and in pairs; none of other words."""
    runs = _UNSPACED.findall(word)
    pairs = (run[at : at + 2] for run in runs for at in range(len(run) - 1))
    return [*(sign for run in runs for sign in run), *pairs]


def content_stems(text: str) -> list[str]:
    """The stems of the words that carry meaning: no function words, no single letters."""
    return stems_of(words(text))


def stems_of(spoken: Iterable[str]) -> list[str]:
    """`content_stems` of compared words."""
    return [
        stem(word)
        for word in spoken
        if word not in _FUNCTION_WORDS and (len(word) > 1 or word.isdigit() or unspaced(word))
    ]
