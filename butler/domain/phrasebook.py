"""The sentences that the butler says by himself, in each of his languages, as data.

A key has one or more variants per language, with the same placeholders in both languages. The guest
is a "вы" of unknown gender; `{name}` is ", Name" or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from butler.domain.memory_phrases import MEMORY_PHRASES
from butler.domain.profile import Language

Variants = tuple[str, ...]

COMMANDS: Mapping[str, Mapping[Language, str]] = {
    "start": {"ru": "Поздороваться", "en": "Say hello"},
    "help": {"ru": "Что я умею", "en": "What I can do"},
    "memory": {"ru": "Что я о вас помню", "en": "What I remember of you"},
    "language": {"ru": "Язык: русский или английский", "en": "Language: Russian or English"},
    "reset": {"ru": "Начать разговор заново", "en": "Begin the conversation anew"},
    "stop": {"ru": "Прервать мой ответ", "en": "Interrupt my answer"},
    "privacy": {"ru": "Что я храню и где", "en": "What I keep, and where"},
    "correct": {"ru": "Исправить запись о вас", "en": "Correct a note about you"},
    "forget": {"ru": "Забыть что-то, дни или всё", "en": "Forget a thing, days or everything"},
    "pause": {"ru": "Ничего не запоминать", "en": "Remember nothing for now"},
    "resume": {"ru": "Снова запоминать", "en": "Remember again"},
    "export": {"ru": "Всё обо мне одним файлом", "en": "All about me in one file"},
    "delete_me": {"ru": "Удалить меня и всё обо мне", "en": "Delete me and all about me"},
}

PHRASES: Mapping[str, Mapping[Language, Variants]] = {
    # Greetings and help
    "start": {
        "ru": (
            "Здравствуйте{name}. Я ваш дворецкий: выслушаю, запомню и отвечу, хоть на письмо, хоть "
            "на голосовое сообщение. Чай, увы, подать не могу, зато беседу готов поддержать любую."
            "\n\nЧто я умею: /help. Что храню и где: /privacy.",
        ),
        "en": (
            "Good day{name}. I am your butler: I listen, I remember and I answer, be it a written "
            "word or a voice message. Tea, alas, is beyond me; conversation is not."
            "\n\nWhat I can do: /help. What I keep, and where: /privacy.",
        ),
    },
    "start_again": {
        "ru": (
            "С возвращением{name}. Всё на своих местах, и память моя тоже. Чем могу служить?",
            "Рад вас видеть{name}. Дом в порядке, слушаю вас.",
        ),
        "en": (
            "Welcome back{name}. Everything is in its place, my memory included. "
            "How may I be of service?",
            "A pleasure to see you{name}. The house is in order, and I am listening.",
        ),
    },
    "start_plain": {
        "ru": ("Здравствуйте. Спрашивайте, текстом или голосом. Что ещё есть: /help.",),
        "en": ("Good day. Ask away, by text or by voice. What else there is: /help.",),
    },
    "help": {
        "ru": (
            "Пишите мне или присылайте голосовые: отвечу и запомню, о чём шла речь. Понимаю и "
            "слова: «запомни, что …», «забудь про …», «что ты обо мне знаешь?». "
            "В группах откликаюсь на упоминание, ответ и команду.\n\n{commands}",
        ),
        "en": (
            "Write to me, or send me voice messages: I answer, and I remember what we spoke of. "
            'Plain words do, too: "remember that ...", "forget about ...", "what do you know about '
            'me?". '
            "In groups I respond to a mention, a reply or a command.\n\n{commands}",
        ),
    },
    "help_plain": {
        "ru": ("Пишите мне или присылайте голосовые. Памяти у меня сейчас нет.\n\n{commands}",),
        "en": ("Write to me, or send voice messages. I keep no memory at present.\n\n{commands}",),
    },
    "unknown_command": {
        "ru": (
            "Такого распоряжения, «/{command}», в этом доме не заведено. Что есть: /help.",
            "«/{command}»? Боюсь, этому меня не обучали. Чему обучали: /help.",
        ),
        "en": (
            '"/{command}" is not an order known in this house. Those that are: /help.',
            '"/{command}"? I fear I was never taught that. What I was taught: /help.',
        ),
    },
    "private_only": {
        "ru": ("Это дело личное. Спросите меня с глазу на глаз, в личной беседе.",),
        "en": ("That is a private matter. Pray ask me in our private chat.",),
    },
    "empty": {
        "ru": ("К вашим услугам. О чём речь?", "Слушаю вас."),
        "en": ("At your service. What is it about?", "I am listening."),
    },
    # Language
    "language_ask": {
        "ru": ("На каком языке вам угодно беседовать?",),
        "en": ("In which language shall we converse?",),
    },
    "language_set": {
        "ru": ("Как вам угодно: с этой минуты говорю по-русски.",),
        "en": ("As you wish: I speak English from this moment on.",),
    },
    "language_unknown": {
        "ru": ("Я обучен русскому и английскому. «{asked}», увы, пока не осилил.",),
        "en": ('I was schooled in Russian and English. "{asked}", alas, is still beyond me.',),
    },
    # A new beginning
    "reset_ask": {
        "ru": (
            "Начать разговор с чистого листа? Нынешнюю беседу я отложу и больше к ней не вернусь. "
            "Что знаю о вас самих, останется при мне: /memory.",
        ),
        "en": (
            "Shall we begin with a clean sheet? I shall put the present conversation away and not "
            "come back to it. What I know of you yourself stays with me: /memory.",
        ),
    },
    "reset_yes": {"ru": ("Да, с чистого листа",), "en": ("Yes, a clean sheet",)},
    "reset_no": {"ru": ("Нет, оставить",), "en": ("No, leave it",)},
    "reset_done": {
        "ru": ("Готово: перед нами чистый лист. С чего начнём?",),
        "en": ("Done: a clean sheet lies before us. Where shall we begin?",),
    },
    "reset_cancelled": {
        "ru": ("Оставляю всё как было.",),
        "en": ("Everything stays as it was.",),
    },
    "stale_button": {
        "ru": ("Эта кнопка отслужила своё.",),
        "en": ("This button has served its time.",),
    },
    # What is kept
    "privacy": {
        "ru": (
            "Что я храню: ваш номер и имя в Telegram, язык, последние сообщения (голосовые только "
            "словами, без записи), краткую запись прежних бесед и то, что вы рассказали о себе.\n\n"
            "Где: на машине того, кто меня содержит, и нигде больше. Гости друг для друга "
            "незнакомцы: чужого я не узнаю и вашего не выдам. В группах я личным не пользуюсь.\n\n"
            "Сколько: сообщения {days} дней, остальное, пока вы со мной беседуете.\n\n"
            "В ваших руках: взглянуть и исправить /memory, забыть /forget, забрать файлом /export, "
            "не запоминать /pause (прежними записями я при этом пользуюсь), удалить себя "
            "/delete_me, начать разговор заново /reset.",
        ),
        "en": (
            "What I keep: your Telegram number and name, your language, the latest messages (of "
            "voice only the words, no recording), a short record of earlier talks, and what you "
            "told me of yourself.\n\n"
            "Where: on the machine of whoever keeps me, and nowhere else. Guests are strangers to "
            "each other: I learn nothing of others and tell nothing of you. In groups I make no "
            "use of anything private.\n\n"
            "How long: messages {days} days, the rest for as long as we converse.\n\n"
            "It is in your hands: look and correct /memory, forget /forget, take as a file "
            "/export, remember nothing /pause (earlier notes still serve me), delete yourself "
            "/delete_me, begin the conversation anew /reset.",
        ),
    },
    "privacy_plain": {
        "ru": ("Памяти у меня сейчас нет: о вас ничего не читается и не записывается.",),
        "en": ("I keep no memory at present: nothing about you is read or written.",),
    },
    "memory_off": {
        "ru": ("Память в этом доме сейчас отключена: ни читать, ни записывать мне нечего.",),
        "en": ("Memory is switched off in this house: there is nothing to read or to write.",),
    },
    # Doors
    "stranger": {
        "ru": (
            "Прошу прощения, в этом доме принимают по приглашению. Если вас ждут, передайте "
            "хозяину ваш номер: {user_id}.",
        ),
        "en": (
            "I beg your pardon, this house receives by invitation. If you are expected, kindly "
            "give my employer your number: {user_id}.",
        ),
    },
    "flood": {
        "ru": (
            "Помилуйте, я едва успеваю подавать. Дайте мне минуту, и я вернусь к вашим словам.",
            "Столько поручений сразу и два дворецких не унесут. Минуту терпения, прошу вас.",
        ),
        "en": (
            "Mercy, I can hardly keep up with the tray. Grant me a minute, and I am all yours.",
            "So many errands at once would tax two butlers. A minute's patience, if you please.",
        ),
    },
    "flood_dropped": {
        "ru": (
            "Столько распоряжений разом мне не удержать: часть осталась без ответа. Через минуту "
            "повторите, прошу вас, то, что важно.",
        ),
        "en": (
            "So many orders at once are more than I can hold: some went unanswered. In a minute, "
            "kindly repeat the ones that matter.",
        ),
    },
    # When the LLM fails
    "model_down": {
        "ru": (
            "Прошу простить: мысли мои отлучились без предупреждения. Повторите, пожалуйста, "
            "немного позже.",
            "Неловко признаться, но голова моя сейчас не отвечает на звонок. Загляните чуть позже.",
            "Увы, с мыслями нет связи. Я уже послал за ними; прошу вас повторить чуть позже.",
        ),
        "en": (
            "Forgive me: my thoughts have stepped out without notice. Pray try again a little "
            "later.",
            "I blush to say it, but my mind is not answering the bell. Kindly call again shortly.",
            "Alas, I am cut off from my wits. I have sent for them; do try again in a while.",
        ),
    },
    "model_down_later": {
        "ru": (
            "Прошу простить: мысли мои отлучились. Ваши слова я записал и отвечу, как только они "
            "вернутся.",
            "Голова моя сейчас не отвечает на звонок. Ваше поручение при мне: исполню, едва "
            "дозвонюсь.",
            "С мыслями временно нет связи. Ничего не потеряно: отвечу, как только её наладят.",
        ),
        "en": (
            "Forgive me: my thoughts have stepped out. I have noted your words and shall answer "
            "as soon as they return.",
            "My mind is not answering the bell. Your errand is safe with me, and will be done the "
            "moment it does.",
            "I am cut off from my wits for the moment. Nothing is lost: the answer will follow.",
        ),
    },
    "model_slow": {
        "ru": (
            "Я размышлял дольше, чем позволяет приличие, и ни к чему не пришёл. Спросите ещё раз, "
            "можно покороче.",
            "Ответ задержался в пути, и я не смею больше заставлять вас ждать. Повторите, "
            "пожалуйста.",
        ),
        "en": (
            "I have pondered longer than decency allows, and to no end. Ask me again, perhaps "
            "more briefly.",
            "The answer is delayed on its way, and I dare not keep you waiting. Kindly ask again.",
        ),
    },
    "model_nonsense": {
        "ru": (
            "Мне пришёл на ум такой вздор, что я предпочту промолчать. Спросите, прошу, иначе.",
            "То, что я собирался сказать, не годится для приличного дома. Попробуем ещё раз?",
            "Мысль сбежала на полуслове. Не повторите ли вопрос?",
        ),
        "en": (
            "What came to my mind was such stuff and nonsense that I had rather hold my tongue. "
            "Would you put it another way?",
            "What I was about to say is unfit for a respectable house. Shall we try once more?",
            "The thought escaped me mid-word. Might I trouble you to repeat the question?",
        ),
    },
    "model_busy": {
        "ru": ("У дверей очередь, но я о вас помню. Загляните через минуту.",),
        "en": ("There is a queue at the door, but you are not forgotten. Try me in a minute.",),
    },
    "dead_letter": {
        "ru": (
            "С этим сообщением я, к стыду своему, не справился, хотя и пробовал дважды. Я отложил "
            "его и доложил кому следует. Остальное исполню как обычно.",
        ),
        "en": (
            "To my shame, this message got the better of me, twice. I have put it aside and "
            "reported it. Everything else goes on as usual.",
        ),
    },
    "message_cut": {
        "ru": ("(Послание было столь обширным, что я прочёл его начало и конец.)",),
        "en": ("(The letter was so ample that I have read its beginning and its end.)",),
    },
    "too_long": {
        "ru": (
            "Столь обширное послание мне за один раз не прочесть. Пришлите, пожалуйста, частями.",
        ),
        "en": (
            "So ample a letter is more than I can read at one sitting. In parts, if you please.",
        ),
    },
    "stopped": {
        "ru": ("Умолкаю.", "Как вам угодно, молчу."),
        "en": ("I fall silent.", "As you wish: not a word."),
    },
    "nothing_to_stop": {
        "ru": ("Я и без того молчу.",),
        "en": ("I was not saying anything.",),
    },
    "demo": {
        "ru": (
            "(Отвечает демонстрационный ум: он прост и обходится без языковой модели. Настоящую "
            "подключит хозяин: LLM_API_URL=http://адрес:порт butler run)",
        ),
        "en": (
            "(This is the demo brain: simple, and without a language model. The operator connects "
            "a real one: LLM_API_URL=http://host:port butler run)",
        ),
    },
    # Voice
    "transcript": {"ru": ("Вы сказали: {text}",), "en": ("You said: {text}",)},
    "voice_silent": {
        "ru": (
            "Я вслушивался со всем вниманием, но слов не разобрал. Не повторите ли погромче?",
            "В записи слышна лишь тишина, пусть и выразительная. Попробуйте, пожалуйста, ещё раз.",
        ),
        "en": (
            "I listened with all attention, but made out no words. Once more, a little louder?",
            "I hear but silence, eloquent though it is. Would you try once more?",
        ),
    },
    "voice_invalid": {
        "ru": ("Запись дошла повреждённой, открыть её не удалось. Пришлите, пожалуйста, снова.",),
        "en": ("The recording arrived damaged, and I cannot open it. Kindly send it again.",),
    },
    "voice_too_long": {
        "ru": ("Столь долгую речь мне на слух не удержать. Покороче, прошу вас, или письменно.",),
        "en": ("So long a speech is more than my ear can hold. Shorter, pray, or in writing.",),
    },
    "voice_too_big": {
        "ru": ("Запись больше 20 мегабайт, такую мне не поднять. Пришлите, пожалуйста, поменьше.",),
        "en": ("The recording is over 20 megabytes, too heavy for me. A smaller one, please.",),
    },
    "voice_off": {
        "ru": ("На слух я сейчас, увы, не воспринимаю. Напишите мне, и я тотчас отвечу.",),
        "en": ("I am hard of hearing at present. Write to me, and I shall answer at once.",),
    },
    "voice_down": {
        "ru": ("Слух меня на минуту подвёл. Повторите чуть позже или напишите.",),
        "en": ("My hearing fails me for the moment. Try again shortly, or write to me.",),
    },
    # What he cannot read
    "unsupported_sticker": {
        "ru": (
            "Выразительно. Но стикеры я, признаться, читать не умею: словами, прошу вас.",
            "Стикер принят с почтением. Если в нём был вопрос, задайте его словами.",
        ),
        "en": (
            "Expressive. But stickers, I confess, I cannot read: in words, if you please.",
            "The sticker is received with due respect. Was there a question? In words, pray.",
        ),
    },
    "unsupported_animation": {
        "ru": ("Движение я уловил, смысл нет. Опишите словами, прошу вас.",),
        "en": ("I caught the motion, not the meaning. In words, if you please.",),
    },
    "unsupported_photo": {
        "ru": ("Уверен, снимок превосходный, но зрение у меня не то. Расскажите, что на нём?",),
        "en": ("A splendid picture, I am sure, but my eyes fail me. What does it show?",),
    },
    "unsupported_video": {
        "ru": ("В синематограф я не хожу: видео мне не посмотреть. Перескажите, прошу вас.",),
        "en": ("I do not go to the pictures: videos are beyond me. Pray tell me of it.",),
    },
    "unsupported_document": {
        "ru": ("Бумаги я не вскрываю, даже с добрыми намерениями. Пришлите главное текстом.",),
        "en": ("I do not open papers, however well I mean. Send me the gist as text.",),
    },
    "unsupported_location": {
        "ru": ("Карты я не читаю, но за доверие благодарю. Что вам там понадобилось?",),
        "en": ("I read no maps, but I am obliged for your trust. What do you need there?",),
    },
    "unsupported_contact": {
        "ru": ("Визитную карточку кладу обратно на поднос: чужих номеров я не храню.",),
        "en": ("I return the card to the tray: I do not keep other people's numbers.",),
    },
    "unsupported_poll": {
        "ru": ("Дворецкий не голосует, он лишь имеет мнение. Спросите его словами.",),
        "en": ("A butler does not vote; he merely holds an opinion. Ask for it in words.",),
    },
    "unsupported_dice": {
        "ru": ("Азартные игры в доме не приветствуются. Но бросок недурён.",),
        "en": ("Games of chance are frowned upon in this house. A fair throw, though.",),
    },
    "unsupported_voice": {
        "ru": ("Записи в послании не оказалось. Пришлите её, пожалуйста, снова.",),
        "en": ("There was no recording in the message. Kindly send it again.",),
    },
    "unsupported_other": {
        "ru": (
            "Такого послания я прочесть не умею. Буквы и голос, вот мои сильные стороны.",
            "Боюсь, это не по моей части. Напишите словами, и я к вашим услугам.",
        ),
        "en": (
            "That is a kind of message I cannot read. Letters and voice are my strong suits.",
            "I fear that is not in my line. Put it in words, and I am at your service.",
        ),
    },
    **MEMORY_PHRASES,
}  # fmt: skip
