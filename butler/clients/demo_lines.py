"""What the demo brain says: Alfred-style, in Russian and English.

`{name}` is ", Анна" or nothing; `{v}` what is known; `{topic}` words of the guest's own.
"""

from __future__ import annotations

from typing import Literal

Tongue = Literal["ru", "en"]

NOTICE: dict[Tongue, str] = {
    "ru": (
        "P. S. Пока что с вами беседует встроенная демонстрация: настоящей языковой модели за мной "
        "нет. Подключить её просто — запустите меня с адресом любого OpenAI-совместимого сервера, "
        "например LLM_API_URL=http://127.0.0.1:11434 (Ollama)."
    ),
    "en": (
        "P.S. For now you are talking to a built-in demo: there is no real language model behind "
        "me. To connect one, start me with the address of any OpenAI-compatible server, for "
        "example LLM_API_URL=http://127.0.0.1:11434 (Ollama)."
    ),
}

LINES: dict[Tongue, dict[str, tuple[str, ...]]] = {
    "ru": {
        "greet": (
            "Добрый день{name}. Чай заварен, серебро начищено, я весь внимание.",
            "Приветствую{name}. Дом в порядке, а я — к вашим услугам.",
            "Рад вас видеть{name}. Без вас здесь было подозрительно тихо.",
        ),
        "thanks": (
            "Не стоит благодарности{name}. Это входит в жалованье.",
            "Всегда к вашим услугам{name}. Хорошие манеры в этом доме по-прежнему в цене.",
        ),
        "how": (
            "Благодарю, безупречно — как и положено серебру. А как вы{name}?",
            "Не жалуюсь{name}: дворецкому это не идёт. А у вас что нового?",
        ),
        "bye": (
            "Доброго пути{name}. Свет в холле я оставлю.",
            "До встречи{name}. Постараюсь, чтобы дом дождался вас в том же виде.",
        ),
        "who": (
            "Я ваш дворецкий — по манерам Альфред, по устройству встроенная демонстрация{name}.",
        ),
        "help": (
            "Я умею поддержать беседу, запомнить, что вы о себе расскажете, и напомнить, когда "
            "спросите{name}. Для серьёзных дел мне понадобится настоящая языковая модель.",
        ),
        "joke": (
            "Один гость просил меня не вмешиваться в его дела. Я и не вмешался: он до сих пор ищет "
            "очки у себя на лбу.",
            "Хороший дворецкий входит бесшумно. Отличный — так же бесшумно делает вид, что ничего "
            "не видел.",
            "Говорят, за каждым великим человеком стоит дворецкий. Обычно — с зонтом.",
        ),
        "sad": (
            "Мне жаль это слышать{name}. Расскажите, если хочется; а я тем временем заварю чай — "
            "он редко решает дело, но всегда улучшает обстановку.",
            "Скверно{name}. Позвольте просто побыть рядом: дворецкие это умеют лучше всего.",
        ),
        "happy": (
            "Превосходно{name}. По такому случаю достанем парадный сервиз.",
            "Рад за вас{name} — сдержанно, как велит профессия, но искренне.",
        ),
        "night": ("Спокойной ночи{name}. Часы заведены, сны проветрены.",),
        "time": (
            "Часов демонстрации не выдали{name}. Смею предположить, что самое время для чая.",
        ),
        "date": ("Сегодня {v}{name}, и день обещает быть приличным.",),
        "weather": ("Из моей буфетной окон нет{name}, но зонт лишним не бывает.",),
        "yes": ("Превосходно{name}. Так и поступим.",),
        "no": ("Как пожелаете{name}. Настаивать не в моих правилах.",),
        "name": ("Вас зовут {v}. Забыть такое дворецкий не имеет права.", "Вы — {v}, разумеется."),
        "city": ("Если память мне не изменяет, а она не смеет, — {v}.", "Как вы говорили: {v}."),
        "age": ("Вы говорили: {v}. Выглядите, разумеется, моложе.",),
        "work": ("Вы рассказывали: работаете {v}.",),
        "likes": ("Вам по душе {v} — так вы сами говорили{name}.",),
        "dislikes": ("Не жалуете вы вот что: {v}. Я держу это подальше от дома.",),
        "pet": ("Как же, помню: {v}. Передавайте поклон.",),
        "birthday": ("Ваш день рождения — {v}. Свечи приготовлены.",),
        "note": ("Вы просили запомнить: {v}.",),
        "favourite": ("{key} — {v}, если я верно записал{name}.",),
        "all": ("Вот что я о вас знаю{name}: {v}. Записано вашими же словами.",),
        "unknown": (
            "Этого вы мне ещё не говорили{name}. Скажите — и я запомню.",
            "Увы, об этом вы умолчали{name}, а подслушивать не в моих правилах.",
        ),
        "told_name": ("Очень приятно, {v}. Запомню и сообщу прислуге — то есть себе.",),
        "told": (
            "Принято к сведению{name}: {v}. Занесено в домовую книгу.",
            "Благодарю за доверие{name}. Запомнил: {v}.",
            "Любопытно{name}. Буду иметь в виду: {v}.",
        ),
        "question": (
            "Вопрос достойный{name}. Будь за мной настоящая модель, вы бы услышали и ответ; "
            "пока могу предложить лишь участие и чай.",
            "О «{topic}» демонстрация знает немногим больше чайника{name}, зато честно в этом "
            "признаётся.",
        ),
        "other": (
            "Понимаю{name}. «{topic}» — продолжайте, я слушаю с безупречной осанкой.",
            "Любопытно{name}. Расскажите о «{topic}» подробнее — мне действительно интересно.",
            "Принято{name}. «{topic}» — звучит как начало хорошей истории.",
            "Разумеется{name}. Отмечу про себя: «{topic}».",
        ),
        "empty": ("Красноречивое молчание{name}. Я подожду слов.",),
    },
    "en": {
        "greet": (
            "Good day{name}. The tea is brewed, the silver is polished, and I am all attention.",
            "Welcome{name}. The house is in order and I am at your service.",
            "A pleasure to see you{name}. It had been suspiciously quiet.",
        ),
        "thanks": (
            "Think nothing of it{name}. It comes with the wages.",
            "Always at your service{name}. Good manners are still appreciated in this house.",
        ),
        "how": (
            "Impeccable, thank you, as silver ought to be. And how are you{name}?",
            "I never complain{name}; it does not become a butler. What is new with you?",
        ),
        "bye": (
            "Safe travels{name}. I shall leave the hall light on.",
            "Until next time{name}. I shall try to keep the house standing.",
        ),
        "who": ("I am your butler: an Alfred by manner, a built-in demo by construction{name}.",),
        "help": (
            "I can keep you company, remember what you tell me of yourself, and remind you when "
            "asked{name}. For serious matters I should need a real language model.",
        ),
        "joke": (
            "A guest once asked me not to interfere. I did not: he is still looking for the "
            "spectacles on his forehead.",
            "A good butler enters without a sound. An excellent one just as silently pretends to "
            "have seen nothing.",
            "Behind every great man there stands a butler. Usually with an umbrella.",
        ),
        "sad": (
            "I am sorry to hear that{name}. Do tell me, if you like; I shall put the kettle on. It "
            "seldom solves the matter but always improves the setting.",
            "That is too bad{name}. Allow me to keep you company: butlers do that best.",
        ),
        "happy": (
            "Splendid{name}. The occasion calls for the good china.",
            "I am delighted for you{name}: with the reserve of my profession, but sincerely.",
        ),
        "night": ("Good night{name}. The clocks are wound and the dreams aired.",),
        "time": ("They issued the demo no clock{name}. I venture it is time for tea.",),
        "date": ("Today is {v}{name}, and it promises to be a decent day.",),
        "weather": ("My pantry has no window{name}, but an umbrella never hurts.",),
        "yes": ("Splendid{name}. So it shall be.",),
        "no": ("As you wish{name}. Insisting is not in my nature.",),
        "name": (
            "Your name is {v}. A butler is not permitted to forget.",
            "You are {v}, of course.",
        ),
        "city": ("If memory serves, and it dare not do otherwise: {v}.", "As you told me: {v}."),
        "age": ("You told me: {v}. You look younger, naturally.",),
        "work": ("You told me of your work: {v}.",),
        "likes": ("You are fond of {v}, by your own account{name}.",),
        "dislikes": ("You do not care for {v}. I keep it well away from the house.",),
        "pet": ("I remember indeed: {v}. My compliments to them.",),
        "birthday": ("Your birthday is {v}. The candles are ready.",),
        "note": ("You asked me to remember: {v}.",),
        "favourite": ("Your {key} is {v}, if I noted it right{name}.",),
        "all": ("This is what I know of you{name}: {v}. All in your own words.",),
        "unknown": (
            "You have not told me that yet{name}. Do, and I shall remember.",
            "Alas, you never mentioned it{name}, and I do not eavesdrop.",
        ),
        "told_name": ("A pleasure, {v}. I shall inform the staff, which is to say myself.",),
        "told": (
            "Duly noted{name}: {v}. It is in the household book.",
            "Thank you for confiding in me{name}. I shall remember: {v}.",
            "How interesting{name}. I shall bear it in mind: {v}.",
        ),
        "question": (
            "A worthy question{name}. With a real model behind me you would hear the answer; for "
            "now I can only offer sympathy and tea.",
            "Of “{topic}” the demo knows little more than the kettle{name}, but says so honestly.",
        ),
        "other": (
            "I see{name}. “{topic}”: do go on, I am listening with perfect posture.",
            "How interesting{name}. Tell me more of “{topic}”, I should truly like to know.",
            "Very good{name}. “{topic}” sounds like the beginning of a fine story.",
            "Naturally{name}. I shall make a mental note: “{topic}”.",
        ),
        "empty": ("An eloquent silence{name}. I shall wait for words.",),
    },
}

WORDLESS: dict[Tongue, str] = {
    "ru": "Гость обходился без слов.",
    "en": "The guest did without words.",
}

# Also the keys under which facts are kept, so words that a guest would use.
LABELS: dict[Tongue, dict[str, str]] = {
    "ru": {
        "name": "имя", "city": "город", "age": "возраст", "work": "работа", "likes": "любит",
        "dislikes": "не любит", "pet": "питомец", "birthday": "день рождения", "note": "на память",
    },
    "en": {
        "name": "name", "city": "home", "age": "age", "work": "work", "likes": "likes",
        "dislikes": "dislikes", "pet": "pet", "birthday": "birthday", "note": "to remember",
    },
}  # fmt: skip
