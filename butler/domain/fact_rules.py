"""How people tell of themselves, in Russian and English: the patterns of `facts_in`.

The group `v` (or `w`) is the value, `k` the key, `p` the preposition that a Russian place asks for.
"""

from __future__ import annotations

import re

_VALUE_WORDS = 8
_END = (
    r"(?=\s*(?:,(?!\s?(?:\d|(?:кв|д|корп|ул|пр|apt|flat)\b))|[.;:!?…\n()«»\"]|$|\s[—–-]\s)"
    r"|\s+(?:и|а|но|хотя|потому|because|and|but|"
    r"which|who|so)\b)"
)
_CAPITAL = r"(?-i:[A-ZА-ЯЁ])[\w'’-]*"
_NAME = rf"(?P<v>{_CAPITAL}(?: {_CAPITAL}){{0,2}})"
_DAY_NAME = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|later|back|tomorrow|a\b|the\b|when"
_PLACE = (
    rf"(?P<v>(?:(?:г\.|город[еа]?|the|пос[её]лк[еа]|деревн[еяю]) )?{_CAPITAL}(?:[ -](?:на |"
    rf"upon |de )?{_CAPITAL}){{0,2}})"
)
# A point does not end a sentence behind these, nor a colon or comma within a time or a number.
SHORTENED = (
    *("ул", "пр", "просп", "пер", "пл", "д", "кв", "корп", "стр", "г", "обл", "им"),
    *("st", "dr", "mr", "mrs", "ms", "no", "ave", "rd"),
)
_TOKEN = rf"(?:(?:{'|'.join(SHORTENED)})\.(?=\s?\w)|\d+[:.,]\d+(?:[:.]\d+)?|[\w'’+#%«»\"-]+)"
_SHORT = (
    rf"(?P<v>{_TOKEN}(?:(?: |, ?(?=\d|(?:кв|д|корп|ул|пр|apt|flat)\b)|(?<=\.)){_TOKEN})"
    rf"{{0,{_VALUE_WORDS - 1}}}?)" + _END
)
_DATE = (
    r"(?P<v>\d{1,2}(?:-?го|st|nd|rd|th)? (?:of )?[a-zа-яё]+(?:,? \d{4})?|[a-z]+ "
    r"\d{1,2}(?:st|nd|rd|th)?"
    r"(?:,? \d{4})?|\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?)"
)
_PLACE_X = _PLACE.replace("?P<v>", "?:")
_PLACE_W, _DATE_W, _SHORT_W, _NAME_W = (
    part.replace("<v>", "<w>") for part in (_PLACE, _DATE, _SHORT, _NAME)
)
_NOW = r"(?:теперь |сейчас |уже |недавно |снова )*"
_NOW_EN = r"(?:now |currently |just |recently |still |also |really |actually )*"
_I = r"(?:\bi |\bi['’]ve |\bi have |\bwe |\bwe['’]ve )"
_AM = r"\b(?:i am|i['’]m|im) "
_PROFESSION = (
    r"(?:врач|хирург|медсестра|учитель(?:ница)?|преподаватель|воспитатель(?:ница)?"
    r"|программист(?:ка)?|"
    r"разработчик|тестировщик|аналитик|инженер|архитектор|строитель|электрик|сантехник|повар"
    r"|пекарь|"
    r"официант(?:ка)?|бариста|водитель|таксист|курьер|пилот|моряк|военный|пожарный|юрист|адвокат|"
    r"бухгалтер|экономист|логист|маркетолог|дизайнер|художни(?:к|ца)|музыкант|пев(?:ец|ица)|"
    r"акт[её]р|актриса|режисс[её]р|писатель(?:ница)?|журналист(?:ка)?|переводчи(?:к|ца)|фотограф|"
    r"библиотекарь|парикмахер|продавец|фармацевт|ветеринар|фермер|уч[её]ный|физик|химик|биолог|"
    r"математик|историк|студент(?:ка)?|пенсионер(?:ка)?)"
)
_RULES: tuple[tuple[str, str], ...] = (
    ("name", rf"\b(?:меня зовут|мо[её] имя(?: —| -)?|зови(?:те)? меня|можно звать меня) {_NAME}"),
    ("name", rf"\b(?:меня зовут|мо[её] имя) не \w+, а {_NAME}|\bmy name (?:is not|isn['’]t|is) "
        rf"(?:not )?\w+,? (?:but|it['’]s|it is) {_NAME_W}"),
    ("home", rf"\bжив(?:у|[её]м) не (?:во? |на )[\w -]{{2,30}}, а (?P<p>во? |на ){_PLACE}"),
    ("name", rf"\b(?:my name is|my name['’]s|call me|i go by) (?!{_DAY_NAME}){_NAME}"),
    ("name", rf"^(?:hi|hello|hey|good \w+)[ ,!.]+(?:i am|i['’]m|this is) {_NAME}(?=[.,!;\n]|$| and|"
        rf" from)"),
    ("age", r"\bмне (?:уже |сейчас |исполнилось |стукнуло )?(?:(?P<v>\d{1,3} "
        r"(?:лет|года?))\b|(?P<w>\d{1,3})(?=\s*(?:[,;!?…\n()]|\.(?!\d)|$|(?:и|а|но) )))"),
    ("age", rf"{_AM}{_NOW_EN}(?P<v>\d{{1,3}})(?: (?:years? old|y\.?o\.?)\b|(?= and )|{_END})"),
    ("age", r"\bi (?:just )?turned (?P<v>\d{1,3})\b"),
    ("home", rf"\b(?:я |мы )?{_NOW}(?:жив[уё]м?|проживаю|поселил(?:ся|ась|ись)|обосновал(?:ся|"
        rf"ась)) {_NOW}(?P<p>во? |на ){_PLACE}"),
    ("home", rf"\b(?:пере(?:ехал[аи]?|бра(?:лся|лась|лись))) {_NOW}(?:жить )?(?:из \w+ "
        rf")?(?P<p>во? |на ){_PLACE}"),
    ("home", rf"{_I}{_NOW_EN}(?:live|reside|settled|moved|relocated)(?: over| back| down| away)* "
        rf"(?:in|to|at) {_PLACE}"),
    ("home", rf"{_AM}{_NOW_EN}(?:living|based) in {_PLACE}"),
    ("plan", rf"(?P<v>{_AM}{_NOW_EN}(?:moving|relocating) to {_PLACE_X}[^.,;!?…\n]{{0,60}})|"
        rf"\b(?P<w>(?:я |мы )?переезжа(?:ю|ем) {_NOW}(?:жить )?(?:во? |на ){_PLACE_X}"
        r"[^.,;!?…\n]{0,60})"),
    ("origin", rf"\b(?:я )?(?:родом|сам|сама) из {_PLACE}|\bя из {_PLACE_W}"),
    ("origin", rf"\b(?:родил(?:ся|ась)|вырос(?:ла)?) во? {_PLACE}"),
    ("origin", rf"(?:{_AM}(?:originally )?from|\bi (?:come|hail) from|\bi was born in|\bi grew up "
        rf"in) {_PLACE}"),
    ("birthday", rf"\b(?:мой день рождения|день рождения у меня|мо[её] др)(?: —| -|:| это| будет)? "
        rf"{_DATE}|\bя родил(?:ся|ась) {_DATE_W}"),
    ("birthday", rf"\b(?:my birthday is|my birthday['’]s|i was born) (?:on )?{_DATE}"),
    ("work", rf"\b(?:я )?{_NOW}(?:работаю|тружусь|служу|подрабатываю|устроил(?:ся|ась)(?: "
        rf"работать)?) {_NOW}(?!над |с |по |до |от |за |без |весь |много |из )(?!во? |на "
        rf")(?:как )?{_SHORT}"),
    ("work", rf"\b(?:я )?по (?:профессии|специальности|образованию)(?: я)?(?: —| -)? {_SHORT}|"
        rf"\bмоя (?:профессия|работа|должность)(?: —| -|:| это) {_SHORT_W}"),
    ("work", rf"{_I}{_NOW_EN}(?:work|started working|worked|got a (?:new )?job|became|been "
        rf"working)(?: now)? (?:as )?(?P<p>an? |the ){_SHORT}"),
    ("work", rf"{_AM}{_NOW_EN}(?:working as )?an? (?P<v>(?:\w+ ){{0,2}}?\w+(?:er|or|ist|ian|ant|"
        rf"yst|eer|man|woman|nurse|chef|cook|pilot|judge|clerk|student))\b(?! of )(?=[^\w]|$)"),
    ("work", rf"(?:^|[.!?,] )я(?: —| -)? (?P<v>{_PROFESSION})\b"),
    ("employer", rf"\b(?:я )?{_NOW}(?:работаю|тружусь|служу|устроил(?:ся|ась)) {_NOW}(?P<p>во? |на "
        rf"){_SHORT}"),
    ("employer", rf"{_I}{_NOW_EN}(?:work|started working|got a (?:new )?job) (?:at|for) {_SHORT}"),
    ("study", rf"\b(?:я )?{_NOW}(?:учусь|поступил[аи]?) (?P<p>во? |на ){_SHORT}"),
    ("study", rf"{_I}{_NOW_EN}(?:study|go to school) (?:at|in) {_SHORT}|{_AM}{_NOW_EN}studying at "
        rf"{_SHORT_W}"),
    ("learning", rf"\b(?:я )?{_NOW}(?:учу|изучаю|осваиваю) (?!(?:что|его|е[её]|их|вас|"
        rf"тебя)\b){_SHORT}"),
    ("learning", rf"{_AM}{_NOW_EN}(?:learning|studying) (?!at |in |for |how |that |about )"
        rf"{_SHORT}"),
    ("dislikes", rf"\b(?:я )?(?:очень |совсем |совершенно |больше )?(?:не люблю|не выношу|ненавижу|"
        rf"терпеть не могу|не переношу|разлюбил[аи]?) {_SHORT}"),
    ("dislikes", rf"\bмне (?:очень |совсем |больше )?не нрав(?:ится|ятся) {_SHORT}"),
    ("dislikes", rf"\bi (?:really |truly )?(?:don['’]?t like|do not like|dislike|hate|can['’]?t "
        r"stand|cannot stand|detest|no longer (?:like|love|enjoy)|don['’]t (?:love|enjoy)) "
        rf"{_SHORT}"),
    ("likes", rf"\bя (?:очень |больше всего |тоже |просто )?(?:люблю|обожаю|предпочитаю) {_SHORT}|"
        rf"(?<!не )\b(?:люблю|обожаю) {_SHORT_W}"),
    ("likes", rf"\bмне (?:очень |тоже )?нрав(?:ится|ятся) {_SHORT}"),
    ("likes", rf"\bi (?:really |also |absolutely |truly |do )?(?:like|love|enjoy|adore|prefer) "
        rf"{_SHORT}"),
    ("hobby", rf"\b(?:я )?(?:увлекаюсь|занимаюсь|коллекционирую|собираю) {_SHORT}|\bмо[её] "
        rf"(?:хобби|увлечение)(?: —| -|:| это)+ {_SHORT_W}"),
    ("hobby", r"\b(?:я )?(?P<v>играю (?:на|в) [\w-]+(?: [\w-]+)?)"),
    ("hobby", rf"\bi (?:also |often )?(?P<v>(?:play|collect|practi[sc]e) (?:the )?[\w-]+(?: "
        rf"[\w-]+)?)|\bmy hobby is {_SHORT_W}"),
    ("allergy", rf"\b(?:у меня |есть )?аллерги(?:я|ю) на {_SHORT}"),
    ("allergy", rf"(?:{_AM}(?:\w+ )?allergic to|\bi have an allergy to) {_SHORT}"),
    ("diet", rf"\b(?:я )?(?P<v>(?:больше )?не (?:ем|пью) [\w-]+(?: [\w-]+){{0,2}}?){_END}|\bя (?:—|"
        rf"-|теперь)? ?(?P<w>веган\w*|вегетариан\w+)"),
    ("diet", rf"\bi (?P<v>(?:don['’]?t|do not|no longer|never) (?:eat|drink) [\w-]+(?: "
        rf"[\w-]+){{0,2}}?){_END}|{_AM}{_NOW_EN}a? ?(?P<w>vegan|vegetarian|pescatarian)\b"),
    ("language", r"\bя (?:свободно |хорошо )?говорю (?P<v>на \w+|по-\w+)|\bi (?:also )?speak "
        r"(?P<w>(?-i:[A-Z])\w+(?:(?:,| and) (?-i:[A-Z])\w+)*)"),
    ("status", r"\b(?:я |мы )?(?P<v>разв[её]л(?:ся|ась|ись)|женился|вышла замуж|овдовела?)\b|"
        r"\b(?:i|we)(?:['’]ve| have)? (?:just |finally |recently )?(?:got|gotten) "
        r"(?P<w>divorced|married|engaged)\b"),
    ("status", r"\bя (?P<v>женат|замужем|холост|не замужем|разведен\w*|в разводе)\b|"
        rf"{_AM}(?P<w>married|single|divorced|engaged|widowed)\b"),
)  # fmt: skip
COMPILED = tuple((name, re.compile(rule, re.IGNORECASE)) for name, rule in _RULES)
# Without any of these no rule applies: the first person, or a verb in it.
HINTS = (
    *("меня", "мне", "мо", "наш", "я ", "нас", "зов", "жив", "переехал", "перебрал", "проживаю"),
    *("поселил", "обоснов", "родом", "родил", "вырос", "работа", "служу", "тружусь", "устроил"),
    *("учусь", "учу", "изуча", "осваива", "поступил", "люб", "обожа", "предпочита", "выношу"),
    *("ненавижу", "терпеть", "переношу", "увлека", "занима", "коллекц", "собира", "игра", "не ем"),
    *(
        "не пью",
        "разлюб",
        "развел",
        "женил",
        "замуж",
        "овдов",
        "аллерги",
        "говорю",
        "хобби",
        "переезжа",
        "сам",
    ),
    *("i ", "i'", "i’", "my", "our", "we ", "we'", "we’", "call me", "i'm", "this is"),
)
# In small letters a name must end the clause, and be no infinitive.
_CALLED = (
    rf"(?P<v>{_CAPITAL}(?: {_CAPITAL}){{0,2}}|(?-i:[a-zа-яё]{{2,20}})(?<!ть)(?<!ти)"
    r"(?=\s*(?:[.,;!…\n)]|$)))"
)
SMALL_NAME = re.compile(
    r"\b(?:меня зовут|мо[её] имя|зови(?:те)? меня|my name is|my name['’]s|call me) "
    r"(?P<v>(?-i:[a-zа-яё]{2,20}))\b",
    re.IGNORECASE,
)
_NOUN = r"(?-i:[a-zа-яё])[\w'’-]*"
# "my cat is called Tom", "моего кота зовут Том", "my favourite colour is blue".
# Who may be named in passing: "my wife Anna", "мой пёс Рекс".
_PERSON_RU = (
    r"(?:старш\w+ |младш\w+ )?(?:муж|жена|брат|сестра|сын|дочь|дочка|мама|папа|друг|подруга|"
    r"дядя|тетя|"
    r"тётя|внук|внучка|начальник|коллега|сосед|соседка|кот|кошка|пес|пёс|собака|попугай|хомяк|конь)"
)
_PERSON_EN = (
    r"(?:older |younger |little |big |best |twin )?(?:husband|wife|brother|sister|son|"
    r"daughter|mother|"
    r"father|friend|uncle|aunt|cousin|grandson|granddaughter|boss|colleague|neighbou?r|cat|"
    r"dog|puppy|"
    r"kitten|parrot|hamster|horse|partner|fianc[eé]e?)"
)
OWN = tuple(
    re.compile(rule, re.IGNORECASE)
    for rule in (
        rf"\bmy (?P<k>{_NOUN}(?: {_NOUN})?)(?:['’]s name is| is called| is named| are called) "
        rf"{_CALLED}",
        rf"\b(?:i|we) (?:now )?(?:have|got|adopted|own) (?:an?|two|a new) (?:\w+ "
        rf")?(?P<k>{_NOUN}),? "
        rf"(?:named|called|whose name is|and (?:his|her|its) name is) {_CALLED}",
        rf"\bмо(?:его|ю|й|я|и|их) (?P<k>{_NOUN}(?: (?!теперь|сейчас){_NOUN})?),?(?: теперь"
        rf"| сейчас)? зовут {_CALLED}",
        rf"\bзовут мо(?:его|ю) (?P<k>{_NOUN}) {_CALLED}",
        rf"(?:^|[,;] )(?:а |и |но )?(?!меня|нас|его|е[её]|их)(?P<k>\w{{3,20}})(?: мо(?:его|ю))? "
        rf"зовут "
        rf"{_NAME}",
        rf"\bу (?:меня|нас) (?:есть |жив[её]т |появил(?:ся|ась) )?(?:\w+(?:ый|ий|ая|яя) "
        rf")?(?P<k>{_NOUN})"
        rf"(?:,? (?:по имени|по кличке|(?:его |е[её] |которого |которую )?зовут)) {_NAME}",
        rf"\b(?:мо(?:й|я)|наш|наша) (?P<k>{_PERSON_RU}),? (?:по имени )?{_NAME}",
        rf"\b(?:my|our) (?P<k>{_PERSON_EN}),? {_NAME}",
        rf"\bу (?:меня|нас) (?:есть )?(?P<k>{_PERSON_RU}),? {_NAME}",
        rf"\bмо(?:й|я|[её]|и) (?P<k>(?:{_NOUN} )?{_NOUN})(?: —| –| -|:| это|"
        rf" зовут) {_SHORT}",
        rf"\bmy (?P<k>(?:{_NOUN} )?{_NOUN})(?: is|:) "
        rf"(?!(?:not|that|to|very|so|too|the best|going|a bit|being|really|always|just|in|on|at|"
        rf"why|what|how|"
        rf"that's|getting|okay|ok|fine|good|bad|great|better|called|named|\w+ing)\b){_SHORT}",
    )
)
