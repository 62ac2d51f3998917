"""Words of a note's own way of telling, and people's names, Russian and English.

What begins a sentence has a capital anyway: whether it is a name that nobody said, or a plain word,
only a vocabulary can tell.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from butler.domain.common import COMMON
from butler.domain.stems import bare, function_word, plain, stem

WORDS = Path(__file__).with_name("plain_words.bin")
_TELLING = frozenset(
    stem(word)
    for word in plain(
        """
        гость гостья пользователь собеседник собеседница дворецкий альфред хозяин разговор беседа
        тема обсуждение обсудить интерес увлечение хобби питомец домашний предпочтение просьба совет
        рецепт погода планы планирует поездка путешествие встреча однако хотя несмотря кроме помимо
        впрочем ранее раньше прежде наконец затем позже далее также отдельно итак зато поэтому общий
        общее основной основное главное важно кратко дополнительно сейчас недавно обычно сообщить
        упомянуть рассказать поделиться спросить попросить поблагодарить отметить интересуется
        увлекается занимается планировать собирается намерен владеет предпочитает переехать родом
        возраст день рождения город питание аллергия отношения настроение самочувствие имеется есть
        имеет нет ничего никто все кое-что оба обе двое некоторые ряд часть несколько различный
        разный ежедневно постоянно всегда guest user speaker butler alfred owner discussed discuss
        discussion conversation chat topic summary plan note interest hobby pet dog cat trip travel
        journey concern detail preference request advice recipe weather however although despite
        overall besides moreover additionally meanwhile finally previously currently recently
        apparently nothing both either neither whether those these such since his her its their
        according additional various several multiple numerous regarding enjoy own express inquire
        appreciate celebrate mention share report describe plan prefer birthday allergy city colour
        color food dish currently overall earlier later then afterwards generally mostly usually
        often together unlike while during throughout among along given
        """
    ).split()
)
# How plain Russian words end that begin a sentence of a note: verbs, nouns of doing, adjectives,
# adverbs. Names that end so are among the names below.
_SHAPES = re.compile(
    r"\w{2,}(?:ал|ала|али|ил|ила|или|ел|ела|ели|ял|яла|яли|лся|лась|лись|лось|нул|нула|"
    r"ет|ит|ут|ют|ат|ят|ется|ится|ются|ятся|утся|"
    r"ение|ания|ание|ости|ость|ции|ция|ный|ная|ное|ные|ного|вый|вая|вое|вые|кая|кое|кие|"
    r"шая|шее|шие|щий|щая|щее|щие|тый|тая|тое|тые|ано|ено|аны|ены|ему|ому|ого)"
)
_NAMES = frozenset(
    plain(
        """
        александр алексей анатолий андрей антон аркадий арсений артем артур богдан борис вадим
        валентин валерий василий виктор виталий владимир владислав вячеслав гавриил геннадий георгий
        глеб григорий даниил денис дмитрий евгений егор иван игорь илья иннокентий кирилл константин
        леонид макар максим матвей михаил никита николай олег павел петр прохор рафаил родион руслан
        савелий самуил семен сергей станислав степан тарас тимофей тимур федор филипп эдуард юрий
        яков ярослав измаил наполеон саша паша миша коля петя вася витя дима гриша женя костя леша
        ваня сережа толя юра олежа александра алена алина алиса алла анастасия ангелина анжела анна
        антонина валентина валерия варвара вероника виктория галина дарья диана евгения екатерина
        елена елизавета жанна жозефина зинаида зоя изабелла инна ирина камила камилла карина кира
        клавдия кристина ксения лариса лидия людмила маргарита марина мария милана мила наталья нина
        оксана ольга полина раиса светлана снежана софия софья таисия тамара татьяна ульяна эвелина
        элла эльвира эмма юлия яна аня катя маша даша лена настя наташа оля таня соня ксюша люда
        галя зина лида юля марфа фекла джанет маргарет элизабет жанет aaron abigail adam adrian
        agatha agnes ahmed aidan alan albert alexander alexandra alfred alice alison amanda amelia
        amy andrea andrew angela anna anne anthony antonio arnold arthur ashley barbara beatrice
        benjamin bernard beverly bonaparte bradley brandon brenda brian bruno bryan caleb calvin
        cameron carlos caroline catherine cecilia charles charlotte christina
        christine christopher claire clara clarence claudia clement colin connor craig curtis
        cynthia daniel david deborah dennis derek diana diego dmitri dominic donald donna dorothy
        douglas duncan dylan edgar edith edmund eduardo edward eileen elaine eleanor elena elijah
        elizabeth ella ellen emily emma eric erica ethan eugene evelyn felix fernando fiona florence
        frances francesca francis franklin frederick gabriel gareth geoffrey george gerald geraldine
        gilbert gloria gordon graham gregory gretchen harold harriet harry hector heidi
        helen helena henry herbert howard hugh hugo ian igor ingrid irene irving isaac isabel
        isabella ivan jacob jacqueline jake james jamie jane janet janice jared jason jasmine
        jennifer jeremy jerome jesse jessica joan joanna joel johanna johannes jonathan jose joseph
        josephine joshua juan judith julia julian juliet justin karen katherine kathleen kathryn
        keith kelly kenneth kevin kimberly kirsten kristen kyle larry laura lauren lawrence leah
        leonard leonardo leslie liam linda lionel lisa logan louis louise lucas lucy lydia madison
        malcolm manfred manuel marcia marcus margaret maria marianne marie marilyn mario
        marion marjorie marlene martha martin marvin mary matilda matthew maureen maurice maxwell
        megan melanie melissa mercedes meredith michael michelle mildred miranda miriam mohammed
        monica morgan muriel nadia nancy naomi napoleon natalie natasha nathan nathaniel neil
        nicholas nicola nicole nigel nina nora norman olga oliver olivia oscar otto owen pamela
        patricia patrick paul paula pauline peggy peter philip phoebe rachel ralph raymond rebecca
        reginald rhonda richard robert roberta rodney roger roland ronald roxanne russell
        ruth ryan sabrina sally samantha samuel sandra sarah sebastian sergei seth sharon sheila
        sherlock shirley sidney simon sofia sonia sophia sophie spencer stanislav stella stephanie
        stephen steven stewart stuart susan suzanne sylvia tanya tatiana terence teresa thelma
        theodore theresa thomas timothy tobias tracy trevor tristan tyler ursula valentina valerie
        vanessa vera vernon veronica vincent virginia vivian vladimir walter wendy wilfred
        wilhelm william winifred winston xavier yolanda yuri yvonne zachary kate katie john
        johnny bob bobby tom tommy tim jim jimmy joe mike dave steve ben sam alex molly polly
        """
    ).split()
)


# Words, too, but in a note rather names; these forms alone.
_RATHER_NAMES = frozenset(
    (
        *("mark", "rose", "grace", "max", "victor", "robin", "frank", "dean", "gene", "ray", "sue"),
        *("dawn", "iris", "ivy", "ruby", "pearl", "daisy", "lance", "melody", "viola", "marina"),
        *("heather", "rosemary", "carol", "jack", "марта", "вера", "надежда", "роза", "роман"),
        *("лев", "лилия", "слава", "света", "рая", "майя", "злата", "лада", "герман", "марк"),
    )
)
_SURNAME = re.compile(r"(\w{3,})(?:ов|ев|ин|ова|ева|ина|енко|ович|евич|овна|евна)")
_ENGLISH_ENDINGS = (
    *(("s", ("",)), ("es", ("",)), ("ies", ("y",)), ("ed", ("", "e")), ("ing", ("", "e"))),
    *(("er", ("", "e")), ("ly", ("",)), ("ily", ("y",)), ("ness", ("",)), ("able", ("", "e"))),
)
_RUSSIAN_ENDINGS = (
    *("", "а", "я", "о", "е", "ь", "й", "ый", "ий", "ой", "ия", "ие", "ка", "ок", "ек", "ец"),
    *("ать", "ять", "еть", "ить", "уть", "ться", "ность", "ние", "ый", "нный", "мый"),
)
# Russian names in all their cases; shorter roots and these are those of other words, too.
_OF_OTHERS = {"кост", "наст", "светл", "снеж", "степ", "варвар", "улья"}
_NAME_ROOTS = frozenset(
    root
    for name in _NAMES
    if not name.isascii() and len(root := bare(stem(name))) > 3 and root not in _OF_OTHERS
)


def ordinary(word: str) -> bool:
    """Whether a word is such as begin a note's sentence, and no known name."""
    word = plain(word)
    if given_name(word):
        return False
    root = stem(word)
    known = function_word(word) or root in COMMON or root in _TELLING
    return known or bool(_SHAPES.fullmatch(word))


def plain_word(word: str) -> bool:
    """Whether a word with a capital may begin a sentence for being a plain word, and not a name.

    `ordinary`, or in a dictionary in small letters; each part of a compound.
    """
    return all(_plain(part) for part in plain(word).replace("'", "’").split("’")[0].split("-"))


def _plain(word: str) -> bool:
    surname = _SURNAME.fullmatch(word)
    if word in _RATHER_NAMES or given_name(word) or (surname and given_name(surname[1])):
        return False
    return ordinary(word) or any(map(_in_dictionary, _first_forms(word)))


def _first_forms(word: str) -> Iterator[str]:
    """What the word may be a form of."""
    yield word
    if word.isascii():
        for ending, firsts in _ENGLISH_ENDINGS:
            if word.endswith(ending):
                yield from (word[: -len(ending)] + first for first in firsts)
    else:
        root = stem(word)
        yield from (root + ending for ending in _RUSSIAN_ENDINGS)


def _in_dictionary(word: str) -> bool:
    known, wanted = _dictionary(), crc32(word.encode(errors="surrogatepass"))
    at = int(np.searchsorted(known, wanted))
    return at < len(known) and int(known[at]) == wanted


@cache
def _dictionary() -> npt.NDArray[np.uint32]:
    """The sorted sums (CRC-32) of plain words, Russian and English; made by `ops/dictionary.py`."""
    steps = np.frombuffer(zlib.decompress(WORDS.read_bytes()), "<u4")
    return np.cumsum(steps, dtype=np.uint32)


def given_name(word: str) -> bool:
    """Whether a word is a name that many people bear, and nothing else besides."""
    folded = plain(word)
    return folded in _NAMES or bare(stem(folded)) in _NAME_ROOTS
