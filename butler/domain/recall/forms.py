"""Words whose forms no stemmer brings together, each group under one stem: "went" under "go".

Beside the nouns that `stems` knows. Closed classes of two languages: English irregular verbs and
plurals, Russian suppletive forms and fleeting vowels. Nothing here is about any subject.
"""

from __future__ import annotations

from collections.abc import Mapping

from butler.domain.stems import stem

_ENGLISH = """
go went gone goes going|buy bought|take took taken|say said|make made|get got gotten|give gave given
see saw seen|come came|know knew known|think thought|find found|tell told|feel felt|leave left
begin began begun|keep kept|hold held|write wrote written|stand stood|hear heard|mean meant|meet met
run ran|pay paid|sit sat|speak spoke spoken|lead led|grow grew grown|lose lost|fall fell fallen
send sent|build built|understand understood|draw drew drawn|break broke broken|spend spent
rise rose risen|drive drove driven|wear wore worn|choose chose chosen|eat ate eaten
drink drank drunk|swim swam swum|sing sang sung|win won|teach taught|catch caught|fight fought
sell sold|sleep slept|fly flew flown|forget forgot forgotten|ride rode ridden|bring brought
become became|throw threw thrown|steal stole stolen|hide hid hidden|bite bit bitten|blow blew blown
freeze froze frozen|wake woke woken|lend lent|bend bent|deal dealt|dream dreamt|learn learnt
shake shook shaken|shoot shot|show shown|stick stuck|strike struck|sweep swept|swear swore sworn
tear tore torn|seek sought|shine shone|ring rang rung|hang hung|feed fed|dig dug|burn burnt
man men|woman women|person people|foot feet|tooth teeth|mouse mice|wife wives
knife knives|half halves|good better best|bad worse worst
"""
_RUSSIAN = """
идти иду идет идем пойти пошел пошла пошли шел шла шли ходить хожу ходил
прийти пришел пришла пришли приходить|уйти ушел ушла ушли уходить|найти нашел нашла нашли находить
ехать едет поехать поехал ездить езжу ездил|приехать приеду приехал приезжать
человек люди людей людям|ребенок дети детей детям|год лет|хороший хорошо лучше лучший
плохой плохо хуже худший|большой больше|маленький меньше|взять взял взяла возьму
говорить говорю говорил сказать сказал сказала скажу|класть положить положил
ловить поймать поймал|есть ем ест ели ела съел съела поел|пить пью пьет пьем пил выпил
жить живу живет живем жил жила|звать зовут зову звал|писать пишу пишет писал написал
искать ищу ищет искал|купить куплю купил купила покупать покупаю|любить люблю любит любил
спать сплю спит спал|дать дал дала давать дает
стул стулья|дочь дочка дочку|сестра сестер|письмо писем|окно окон|деньги денег
кот кота коту|лев льва|сон сна сны|рот рта|лоб лба|лед льда
вернуться вернулся вернулась возвращаться|сесть сидеть сижу|лечь лег легла лежать лежу
стать стал стала становиться|вести веду вел вела вожу|нести несу нес несла
помочь помог помогла помогать помогаю|мочь могу мог могла|начать начал начала начинать начинаю
забыть забыл забыла забывать|встать встал вставать встаю|учить учу учит учил выучил
"""


def _grouped() -> Mapping[str, str]:
    base: dict[str, str] = {}
    for group in "|".join((_ENGLISH + _RUSSIAN).split("\n")).split("|"):
        first, *rest = [stem(word) for word in group.split()] or [""]
        for form in rest:
            base.setdefault(form, base.get(first, first))
    return base


_BASE = _grouped()


def base_form(stemmed: str) -> str:
    """The stem under which a stem's irregular group goes; the stem itself for regular words."""
    return _BASE.get(stemmed, stemmed)
