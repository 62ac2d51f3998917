# ruff: noqa: E501  # rows of tables: one topic or deed reads best in one place
"""What made-up guests talk about, in Russian and English: matter for `memory_talk`.

A topic is told in one of several ways, or in an answer to the butler's question; asked about in
words that need not be those it was told in; and drowned in talk that shares its words.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class Topic:
    """Something there is to know of a guest. `{v}` is its value.

    `changes`: how a later value is told. `short`: a bare answer after the butler's `prompt`.
    """

    values: tuple[str, ...]
    tell: tuple[str, ...]
    changes: tuple[str, ...]
    prompt: str
    short: str
    ask: tuple[str, ...]
    noise: tuple[str, ...]


@attrs.frozen
class Words:
    """All that is said in one language. `deeds`: (told on the day, asked when)."""

    topics: tuple[Topic, ...]
    deeds: tuple[tuple[str, tuple[str, ...]], ...]
    month_asks: tuple[str, ...]
    week_asks: tuple[str, ...]
    months: tuple[str, ...]
    sets: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]
    absent: tuple[str, ...]
    openings: tuple[str, ...]
    things: tuple[str, ...]
    turns: tuple[str, ...]
    replies: tuple[str, ...]


def _t(
    values: str, tell: str, changes: str, prompt: str, short: str, ask: str, noise: str
) -> Topic:
    def each(text: str) -> tuple[str, ...]:
        return tuple(text.split("|"))

    return Topic(each(values), each(tell), each(changes), prompt, short, each(ask), each(noise))


RUSSIAN = Words(
    topics=(
        _t("Рекс|Боня|Граф|Тучка", "Моего пса зовут {v}, он вечно грызёт тапки|Завели щенка, назвали {v}",
           "Знаете, мы переименовали щенка, теперь он {v}", "Как зовут вашего питомца?", "{v}, он спаниель",
           "Как зовут мою собаку?|Напомни, как мы назвали щенка",
           "У соседа собака лает ночами|В парке видел огромную собаку|Собака — друг человека, говорят"),
        _t("Казани|Туле|Перми|Самаре", "Сестра перебралась жить в город, теперь она в {v}|Моя сестра обитает в {v} уже третий год",
           "Сестра переехала, теперь живёт в {v}", "А где сейчас ваша сестра?", "Да в {v} она, работает врачом",
           "В каком городе живёт моя сестра?|Куда мне ехать, чтобы навестить сестру?",
           "Сестра опять не берёт трубку|Видел фильм про двух сестёр|Город весь в пробках сегодня"),
        _t("аллергия на арахис|аллергия на мёд|аллергия на кошек|аллергия на пыльцу", "Учтите, у меня {v}|Врач подтвердил: {v}",
           "Пересдал анализы: оказалось, {v}, а то была ошибка", "Есть ли что-то, чего вам нельзя?", "Увы, {v}",
           "Что мне противопоказано из-за аллергии?|На что у меня аллергия?",
           "Весной у многих аллергия|Коллега чихает, говорит, аллергия|Арахис подорожал"),
        _t("бухгалтером|архитектором|поваром|машинистом", "Я работаю {v}, вот и устаю|Тружусь {v}, сутками напролёт",
           "Сменил работу, устроился {v}", "Чем вы занимаетесь по службе?", "Числюсь {v} на заводе",
           "Кем я работаю?|Какая у меня теперь служба?",
           "Работы сегодня невпроворот|На работе опять собрание|Работа не волк"),
        _t("зелёный чай|чёрный кофе|какао с корицей|морковный сок", "По утрам пью только {v}|Утро у меня начинается так: {v} и тишина",
           "Бросил прежнее, теперь по утрам {v}", "Что вам подать к завтраку?", "Как обычно, {v}, без сахара",
           "Что я пью по утрам?|С какого напитка начинается моё утро?",
           "Чай закончился, надо купить|Кофе подорожал вдвое|На завтрак была каша"),
        _t("восемь утра|половину десятого|шесть вечера|полдень", "Тренировка в бассейне у меня в {v}|Плаваю по вторникам, начало в {v}",
           "Тренировку перенесли на {v}", "Во сколько вас ждут в бассейне?", "В {v}, если не просплю",
           "Во сколько у меня тренировка по плаванию?|К какому времени мне в бассейн?",
           "В бассейне меняют воду|Тренировки полезны|Вечера стали длинные"),
        _t("Лада Веста|синяя Тойота|старый Москвич|белая Киа", "Купил машину: {v}, не нарадуюсь|Езжу я на такой: {v}",
           "Продал прежнюю, теперь у меня {v}", "На чём вы добираетесь?", "{v}, на ходу пока",
           "Какую машину я купил?|На каком автомобиле я езжу?",
           "Машина соседа перегородила выезд|На дорогах гололёд|Бензин опять дороже"),
        _t("Шопен|группа Кино|органная музыка|джаз тридцатых", "Больше всего люблю слушать такое: {v}|Под настроение включаю, у меня это {v}",
           "Вкусы меняются: теперь для души {v}", "Что вам поставить вечером?", "{v}, погромче",
           "Какую музыку я люблю слушать?|Что мне включить под настроение?",
           "Музыка у соседей до ночи|Слушал вчера лекцию|Люблю тишину после дождя"),
        _t("вторую Советскую, дом 8|улицу Гоголя, 14|Заречную, 3|проспект Мира, 40", "Пишите на мой адрес: {v}|Снимаю квартиру, запомните: {v}",
           "Мы переехали, новый адрес такой: {v}", "Куда прислать посылку?", "На {v}, третий этаж",
           "Где я живу?|Какой у меня домашний адрес?",
           "Посылка опять задержалась|Живут же люди у моря|В доме отключили воду"),
        _t("17 марта|2 июня|30 сентября|9 декабря", "День рождения жены {v}, нельзя забыть|Жена родилась {v}",
           "Я всё напутал, у жены праздник {v}", "Когда поздравлять вашу супругу?", "{v}, и не напоминайте про тот год",
           "Когда день рождения у жены?|Какого числа праздник у супруги?",
           "Жена просит новый фен|День рождения шефа прошёл скучно|Подарки выбирать трудно"),
        _t("Анна Каренина|Обломов|Мастер и Маргарита|Идиот", "Перечитываю роман, это {v}, на ночь|На тумбочке у меня {v}, страниц триста осталось",
           "Дочитал, взялся за другое: {v}", "Что читаете теперь?", "{v}, в третий раз",
           "Какой роман я перечитываю?|Что за книга у меня на тумбочке?",
           "Книги занимают весь шкаф|Читать при свече вредно|Роман соседки с почтальоном продолжается"),
        _t("испанский|китайский|немецкий|греческий", "Записался на курсы, учу {v}|Долблю {v} по карточкам",
           "Бросил те курсы, взялся учить {v}", "Какие языки осваиваете?", "{v}, пока со словарём",
           "Какой язык я учу?|На какие языковые курсы я записался?",
           "Учить уроки с сыном тяжело|Язык прикусил за обедом|Курсы валют скачут"),
    ),
    deeds=(
        ("Был сегодня у зубного, поставили пломбу", ("Когда мне ставили пломбу?", "Когда я ходил к стоматологу?")),
        ("Ездили с детьми в зоопарк, смотрели жирафа", ("Когда мы видели жирафа?", "Когда была поездка в зоопарк?")),
        ("Сдал наконец экзамен по вождению", ("Когда я сдал на права?", "Когда был экзамен по вождению?")),
        ("Сломал ключ в замке, вызывали мастера", ("Когда сломался ключ?", "Когда чинили замок?")),
        ("Ходили в театр на Чайку, рыдали оба", ("Когда мы были в театре?", "Когда смотрели Чайку?")),
        ("Посадил яблоню у калитки", ("Когда я посадил яблоню?", "Когда появилось дерево у калитки?")),
        ("Пробежал десять километров по набережной", ("Когда я бежал десять километров?", "Когда был забег по набережной?")),
        ("Потерял перчатки в трамвае", ("Когда пропали перчатки?", "Когда я потерял перчатки?")),
        ("Испёк первый в жизни хлеб, подгорел", ("Когда я пёк хлеб?", "Когда подгорел хлеб?")),
        ("Проводил племянника в армию", ("Когда племянника забрали в армию?", "Когда были проводы племянника?")),
        ("Купили билеты на поезд до Байкала", ("Когда мы взяли билеты?", "Когда решили ехать на Байкал?")),
        ("Поймал карпа на три кило", ("Когда на рыбалке был карп?", "Когда я поймал карпа?")),
    ),
    month_asks=("Что у меня происходило в {m}?", "Чем я занимался в {m}?"),
    week_asks=("Что было на прошлой неделе?", "Чем я занимался на прошлой неделе?"),
    months=("январе", "феврале", "марте", "апреле", "мае", "июне", "июле", "августе", "сентябре",
            "октябре", "ноябре", "декабре"),
    sets=(
        (("Были в Суздале, красота", "Съездил на выходные в Выборг", "Вернулся из Кисловодска, пил нарзан"),
         ("В каких городах я побывал?", "Куда я съездил и откуда вернулся?"), ("Город спит", "Ездить за рулём надоело")),
        (("Старший сын поступил на физфак", "Дочка увлеклась гимнастикой", "Младший учится играть на трубе"),
         ("Чему учатся дочка и сыновья?", "Что делают мои сын, дочка и младший?"), ("Дети во дворе кричат", "Сын соседа скрипач")),
        (("Варил борщ по бабушкиному рецепту", "Освоил плов в казане", "Впервые сделал домашний сыр"),
         ("Какие блюда я освоил и сварил?", "Что я научился варить и делать на кухне?"), ("Рецепт потерялся", "Кухню пора белить")),
        (("Начал собирать марки с паровозами", "Вечерами клею модели кораблей", "Записался в шахматный клуб"),
         ("Что я клею и что начал собирать?", "Что я собираю, клею и куда записался?"), ("Марки подорожали", "Клуб закрыт")),
    ),
    absent=("Как зовут моего дантиста?", "Сколько стоила моя яхта?", "Какого цвета мой парашют?",
            "Где я хранил скафандр?", "Кто мой любимый хоккеист?", "Какой у меня размер скрипки?"),
    openings=("Подскажите,", "Кстати,", "Слушайте,", "Вот думаю:", "Знаете,", "Между прочим,", "", "", ""),
    things=("погода", "начальник", "ремонт", "отпуск", "сосед", "дача", "пробка", "ужин", "новости",
            "футбол", "лифт", "налоги", "телефон", "магазин", "снег", "дождь", "кран", "поезд", "врач",
            "школа", "собрание", "ключи", "очередь", "обои", "картошка", "сериал", "почта", "чайник"),
    turns=("опять {t} не радует", "{t} сегодня на высоте", "что делать, если {t} подводит?",
           "{t} — это надолго", "расскажите что-нибудь про такое: {t}", "надоело, снова {t}",
           "а вот {t} меня удивляет", "пора бы разобраться, {t} сам не решится", "{t}, {u} и прочее",
           "между {t} и {u} выбираю покой", "вечно {t}, а потом {u}"),
    replies=("Разумеется, сэр.", "Боюсь, {t} — это судьба.", "Смею заметить, {t} не вечен.",
             "Я бы предложил чаю и терпения.", "Как пожелаете.", "Полагаю, {u} тут ни при чём.",
             "Запомню, сэр.", "Позвольте усомниться.", "Прекрасная мысль, сэр, почти как вчерашняя.",
             "Будет исполнено."),
)  # fmt: skip

ENGLISH = Words(
    topics=(
        _t("Rufus|Biscuit|Duke|Pepper", "We got a puppy and called him {v}|My spaniel {v} chews every slipper",
           "We renamed the puppy, he answers to {v} now", "And what is your pet called?", "{v}, and he knows it",
           "What's my puppy called?|Remind me of the name of our dog, the spaniel",
           "The neighbour's dog barks all night|Saw a huge dog in the park|Every dog has its day"),
        _t("Leeds|Bristol|Cardiff|Dublin", "My sister has settled in {v}, three years now|My sister took a flat in {v}",
           "My sister moved again, to {v} this time", "Where is your sister these days?", "Over in {v}, working as a vet",
           "Which city does my sister live in?|Where do I go to visit my sister?",
           "My sister never picks up the phone|Watched a film about two sisters|The city is full of traffic"),
        _t("peanuts|honey|cats|pollen", "Please note I'm allergic to {v}|The doctor says {v} will kill me, allergy they call it",
           "New tests: the culprit is {v} after all", "Is there anything you must avoid?", "{v}, or I swell up",
           "What am I allergic to?|Which allergy did the doctor find?",
           "Everyone has allergies in spring|A colleague sneezes, allergic he says|Peanut butter went up again"),
        _t("an accountant|an architect|a cook|a train driver", "I work as {v}, hence the tiredness|I earn my bread as {v}",
           "Changed jobs, I'm {v} now", "What do you do for a living?", "I'm {v}, for my sins",
           "What do I work as?|What's my job now?",
           "So much work today|Another meeting at work|Work expands to fill the day"),
        _t("green tea|black coffee|cocoa|carrot juice", "In the morning I only drink {v}|My mornings start with {v} and silence",
           "Gave that up, now it's {v} in the mornings", "What may I bring you at breakfast?", "{v}, no sugar as ever",
           "What do I drink in the morning?|Which drink do my mornings start with?",
           "We're out of tea|Coffee prices doubled|Had porridge for breakfast"),
        _t("eight in the morning|half past nine|six in the evening|noon", "My swimming practice is at {v}|On Tuesdays I swim, it begins at {v}",
           "Practice got moved to {v}", "When do they expect you at the pool?", "At {v}, unless I oversleep",
           "What time is my swimming practice?|When must I be at the pool?",
           "They are changing the water in the pool|Practice makes perfect|Evenings are long now"),
        _t("a blue Toyota|an old Rover|a white Kia|a Mini", "I bought {v}, couldn't be happier|I drive {v} these days",
           "Sold the old one, I have {v} now", "How do you get around?", "{v}, still running",
           "What car did I buy?|Which vehicle do I drive?",
           "Someone's car blocks the gate|The roads are icy|Petrol is dearer again"),
        _t("Chopin|punk rock|organ music|thirties jazz", "What I love to hear most is {v}|When in the mood I put on {v}",
           "Tastes change, now it's {v} for the soul", "What shall I play tonight?", "{v}, and loud",
           "What music do I love to hear?|What do I put on when in the mood?",
           "Music next door until midnight|Listened to a lecture|I like the quiet after rain"),
        _t("8 Mill Lane|14 Gogol Street|3 River Road|40 Peace Avenue", "Send letters to my address, {v}|I rent a flat, note it down: {v}",
           "We moved, it's {v} from now on", "Where shall the parcel go?", "To {v}, third floor",
           "Where is my flat?|What's my home address?",
           "The parcel is late again|Some people live by the sea|No water in the house"),
        _t("March 17|June 2|September 30|December 9", "My wife's birthday is {v}, must not forget|My wife was born on {v}",
           "I mixed it up, my wife celebrates on {v}", "When do we congratulate your wife?", "{v}, and never mention last year",
           "When is my wife's birthday?|On which date does my wife celebrate?",
           "My wife wants a hair dryer|The boss's birthday was dull|Presents are hard to choose"),
        _t("Middlemarch|Emma|Bleak House|Dracula", "I'm rereading {v} at night|There's {v} on my bedside table, three hundred pages left",
           "Finished that one, started {v}", "What are you reading now?", "{v}, the third time",
           "Which novel am I rereading at night?|What lies on my table by the bed?",
           "Books fill the whole cupboard|Reading by candle is unhealthy|What a novel idea"),
        _t("Spanish|Chinese|German|Greek", "Signed up for classes, I'm learning {v}|Cramming {v} with flash cards",
           "Dropped those classes, took up {v}", "Any languages on the go?", "{v}, with a dictionary still",
           "Which language am I learning?|What classes did I take up?",
           "Homework with my son is hard|Bit my tongue at lunch|Classes are cancelled"),
    ),
    deeds=(
        ("Was at the dentist today, got a filling", ("When was my tooth filled?", "When did I see the dentist?")),
        ("Took the kids to the zoo, we saw a giraffe", ("When did we see the giraffe?", "When was the trip to the zoo?")),
        ("Passed my driving test at last", ("When did I get my licence, the driving test?", "When did I pass the test?")),
        ("Broke the key in the lock, had to call a locksmith", ("When did the key break?", "When was the lock repaired?")),
        ("We went to the theatre for The Seagull, both wept", ("When were we at the theatre?", "When did we see The Seagull?")),
        ("Planted an apple tree by the gate", ("When did I plant the apple tree?", "When did the tree by the gate appear?")),
        ("Ran ten kilometres along the river", ("When did I run ten kilometres?", "When was my run by the river?")),
        ("Lost my gloves on the tram", ("When did my gloves go missing?", "When did I lose the gloves?")),
        ("Baked my first loaf ever, burnt it", ("When did I bake bread, that first loaf?", "When did I burn the loaf?")),
        ("Saw my nephew off to the army", ("When did my nephew join the army?", "When did my nephew leave?")),
        ("We booked train tickets to Inverness", ("When did we get the tickets?", "When did we book Inverness?")),
        ("Caught a carp of three kilos", ("When did I have luck fishing, that carp?", "When did I catch the carp?")),
    ),
    month_asks=("What happened to me in {m}?", "What was I up to in {m}?"),
    week_asks=("What happened last week?", "What did I do last week?"),
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December"),
    sets=(
        (("We were in Bath, lovely", "Drove to Whitby for the weekend", "Back from Harrogate, took the waters"),
         ("Which towns have I visited?", "Where did I drive, and what was I back from?"), ("The town sleeps", "Tired of driving")),
        (("My eldest son got into physics", "My daughter is mad about gymnastics", "The youngest is learning the trumpet"),
         ("What are my daughter and my sons learning?", "What do my son, my daughter and the youngest do?"), ("Children shout in the yard", "The neighbour's son plays the violin")),
        (("Cooked borscht from grandma's recipe", "Mastered pilaf in the big pot", "Made cheese at home for the first time"),
         ("Which dishes have I cooked or mastered?", "What did I learn to cook and make in the kitchen?"), ("Lost a recipe", "The kitchen needs paint")),
        (("Began collecting stamps with engines", "In the evenings I glue model ships", "Joined a chess club"),
         ("What do I glue, and what did I join?", "What do I collect, glue, and which club did I join?"), ("Stamps went up", "The club is closed")),
    ),
    absent=("What's my dentist's first name?", "How much did my yacht cost?", "What colour is my parachute?",
            "Where did I store the spacesuit?", "Who is my favourite goalkeeper?", "What size is my violin?"),
    openings=("Tell me,", "By the way,", "Listen,", "I wonder,", "You know,", "Incidentally,", "", "", ""),
    things=("the weather", "my boss", "the builders", "the holiday", "the neighbour", "the garden",
            "traffic", "dinner", "the news", "football", "the lift", "taxes", "the phone", "the shop",
            "snow", "rain", "the tap", "the train", "the doctor", "school", "a meeting", "the keys",
            "the queue", "wallpaper", "potatoes", "that series", "the post", "the kettle"),
    turns=("{t} is no joy again", "{t} did well today", "what to do when {t} lets one down?",
           "{t} will take a while", "tell me something about {t}", "enough of it, {t} again",
           "{t} does surprise me", "time to see to {t}, it won't mend itself", "{t}, {u} and so on",
           "between {t} and {u} I choose peace", "always {t}, and then {u}"),
    replies=("Certainly, sir.", "I fear {t} is fate.", "If I may, {t} will pass.",
             "I would suggest tea and patience.", "As you wish.", "I believe {u} has no part in it.",
             "Noted, sir.", "Allow me to doubt it.", "A splendid thought, sir, almost like yesterday's.",
             "It shall be done."),
)  # fmt: skip
