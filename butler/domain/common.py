"""Words that are so common in either language that alone they tell nothing of anybody."""

from __future__ import annotations

from butler.domain.stems import stem

_RUSSIAN = """
год года лет месяц неделя день дни дня сутки час минута секунда утро вечер ночь время раз дата век
сегодня завтра вчера послезавтра позавчера сейчас потом теперь скоро давно недавно всегда никогда
иногда часто редко снова опять сразу пока уже еще январь февраль март апрель май июнь июль август
сентябрь октябрь ноябрь декабрь понедельник вторник среда четверг пятница суббота воскресенье
весна лето осень зима выходные
человек люди друг подруга друзья ребенок дети мужчина женщина парень девушка мальчик девочка
мама папа мать отец сын дочь брат сестра муж жена бабушка дедушка родители семья дядя тетя
имя фамилия кличка звать зовут называть называется назвать название слово вопрос ответ
дом квартира город страна улица место комната адрес работа дело жизнь мир часть сторона конец
начало вид случай рука глаз голова лицо деньги вещь проблема идея мысль новость история
быть есть мочь хотеть хочу знать думать говорить сказать делать сделать идти ходить пойти ехать
поехать приехать уехать жить работать учиться любить нравиться нравится ненавидеть смотреть видеть
слышать слушать читать писать играть есть пить спать вставать сидеть стоять лежать помнить понимать
давать дать взять брать купить купил продать найти искать ждать помочь помогать просить спросить
ответить начать стать становиться остаться получить получать надо нужно можно нельзя должен
хороший плохой новый старый большой маленький молодой последний первый второй третий один два три
четыре пять шесть семь восемь девять десять сто тысяча много мало немного очень просто только
также тоже ладно хорошо плохо лучше хуже интересно правда конечно наверное может возможно
спасибо пожалуйста привет здравствуйте пока доброе добрый день любимый любимая мой моя наш
сам самый другой каждый любой весь целый такой какой какая какие сколько где когда куда откуда
почему зачем кто чего кого кому чем меня тебя него нее них себя около после перед между через
без над под кроме вместо ради против очередной именно вообще совсем почти около примерно
сэр сударь сударыня господин госпожа
"""
_ENGLISH = """
year month week weekend day hour minute second morning evening night afternoon noon time date age
today tomorrow yesterday now then soon ago always never sometimes often again once later early
late still already yet ever just only also too very really quite almost about around maybe perhaps
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday spring summer autumn fall winter
man woman men women person people friend child children kid kids boy girl guy mother father mom
mum dad son daughter brother sister husband wife parent family uncle aunt grandmother grandfather
name call called surname word question answer home house flat apartment city town country street
place room address work job thing life world part side end start begin kind case hand eye head face
money problem idea thought news story way lot bit
can could will would shall should may might must want know think say said tell told talk speak do
does did done make made go goes went gone come came get got give gave take took see saw look watch
hear listen read write play eat ate drink drank sleep sit stand live lived love like liked hate
hated enjoy prefer need use used find found keep let put seem feel felt try ask leave call buy
bought sell sold wait help mean learn study remember understand bring show turn start stop stay
good bad new old big small little long short young great best better worse worst high low own same
other another every each any some many much few more most less least first last next second third
one two three four five six seven eight nine ten hundred thousand favorite favourite nice fine
well okay yes no please thanks thank hello hi hey sir madam mr mrs ms
there here where when why how what who whom whose which because since until before after between
through during without within over under again against out up down off away back
"""

COMMON = frozenset(stem(word) for word in f"{_RUSSIAN} {_ENGLISH}".split())
