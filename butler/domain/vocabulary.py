"""Words of a note's own way of telling, and people's names, Russian and English.

What begins a sentence has a capital anyway: whether it is a name that nobody said, or a plain word,
only a vocabulary can tell.
"""

from __future__ import annotations

import re

from butler.domain.common import COMMON
from butler.domain.stems import bare, function_word, plain, stem

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
# How plain Russian and English words end that begin a sentence of a note: verbs, nouns of doing,
# adjectives, adverbs. Names that end so are among the names below.
_SHAPES = re.compile(
    r"\w{2,}(?:ал|ала|али|ил|ила|или|ел|ела|ели|ял|яла|яли|лся|лась|лись|лось|нул|нула|"
    r"ет|ит|ут|ют|ат|ят|ется|ится|ются|ятся|утся|"
    r"ение|ания|ание|ости|ость|ции|ция|ный|ная|ное|ные|ного|вый|вая|вое|вые|кая|кое|кие|ский|"
    r"шая|шее|шие|щий|щая|щее|щие|тый|тая|тое|тые|ано|ено|ана|ена|аны|ены|ему|ому|ого|"
    r"ingly|ation|ations|ments?|ness|\wing|\w{2}ed|\w{4}ly)"
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


def given_name(word: str) -> bool:
    """Whether a word is a name that many people bear, and nothing else besides."""
    folded = plain(word)
    return folded in _NAMES or bare(stem(folded)) in _NAME_ROOTS
