"""The sentences about memory and the guest's rights over it; form as in the phrasebook."""

from __future__ import annotations

from collections.abc import Mapping

from butler.domain.profile import Language

MEMORY_PHRASES: Mapping[str, Mapping[Language, tuple[str, ...]]] = {
    # What is known
    "memory_none": {
        "ru": ("Пока мы с вами едва знакомы: записей о вас у меня нет. Это поправимо.",),
        "en": ("We have barely met: I hold no notes about you yet. That can be mended.",),
    },
    "memory_head": {"ru": ("Вот что я о вас храню.",), "en": ("Here is what I keep of you.",)},
    "memory_page": {"ru": ("Лист {page} из {pages}.",), "en": ("Sheet {page} of {pages}.",)},
    "memory_facts": {"ru": ("Вы рассказывали:",), "en": ("You told me:",)},
    "memory_fact": {
        "ru": ("{number}. {key}: {value} ({date}{pinned})",),
        "en": ("{number}. {key}: {value} ({date}{pinned})",),
    },
    "memory_fact_words": {
        "ru": ("   из слов: «{words}»",),
        "en": ('   from your words: "{words}"',),
    },
    "memory_fact_was": {"ru": ("   прежде: {was}",), "en": ("   before: {was}",)},
    "memory_pinned": {"ru": (", закреплено",), "en": (", pinned",)},
    "memory_topics": {"ru": ("Вам интересно: {topics}.",), "en": ("You care about: {topics}.",)},
    "memory_summary": {
        "ru": ("О прежних беседах: {summary}",),
        "en": ("Of our earlier talks: {summary}",),
    },
    "memory_heard": {
        "ru": ("Из нынешней беседы, ещё не записано: {heard}.",),
        "en": ("From the present talk, not noted yet: {heard}.",),
    },
    "memory_counts": {
        "ru": ("Сообщений в нынешней беседе: {events}, в архиве: {archived}.",),
        "en": ("Messages in the present conversation: {events}, in the archive: {archived}.",),
    },
    "memory_how": {
        "ru": ("Забыть: «забудь, что …» или /forget. Файлом: /export.",),
        "en": ('To forget: "forget that ..." or /forget. As a file: /export.',),
    },
    "pin": {"ru": ("Закрепить {number}",), "en": ("Pin {number}",)},
    "unpin": {"ru": ("Открепить {number}",), "en": ("Unpin {number}",)},
    "correct_button": {"ru": ("Исправить {number}",), "en": ("Correct {number}",)},
    "forget_button": {"ru": ("Забыть {number}",), "en": ("Forget {number}",)},
    "to_memory": {"ru": ("К записям",), "en": ("To the notes",)},
    "fact_gone": {
        "ru": ("Той записи у меня больше нет.",),
        "en": ("I no longer hold that note.",),
    },
    "stale_question": {
        "ru": (
            "Этот вопрос уже решён или слишком стар. Если нужно, повторите просьбу. Что я храню: "
            "/memory.",
        ),
        "en": (
            "That question is settled or too old. Pray ask anew if need be. What I keep: /memory.",
        ),
    },
    # Remember
    "remembered": {
        "ru": (
            "Записал и закрепил. {key}: {value}.",
            "Запомню, слово дворецкого. {key}: {value}.",
        ),
        "en": (
            "Noted and pinned. {key}: {value}.",
            "I shall remember, on a butler's word. {key}: {value}.",
        ),
    },
    "memory_full": {
        "ru": (
            "Записная книжка полна: больше закрепить не могу. Забудем что-нибудь старое? /memory, "
            "/forget.",
        ),
        "en": (
            "The notebook is full: I can pin no more. Shall we forget something old? /memory, "
            "/forget.",
        ),
    },
    "secret_refused": {
        "ru": (
            "Паролей, номеров карт и ключей я не записываю: иной раз лучшая память дырявая. "
            "Доверьте это сейфу.",
        ),
        "en": (
            "Passwords, card numbers and keys I do not write down: some things are best kept in a "
            "safe, not in a butler.",
        ),
    },
    # Correct
    "correct_how": {
        "ru": (
            "Что исправить? Откройте /memory и нажмите «Исправить» у записи либо напишите: "
            "/correct город: Рим.",
        ),
        "en": (
            'What shall I correct? Open /memory and press "Correct" by the note, or write: '
            "/correct city: Rome.",
        ),
    },
    "correct_unknown": {
        "ru": ("Записи «{key}» у меня нет. Что есть: /memory.",),
        "en": ('I hold no note called "{key}". Those I hold: /memory.',),
    },
    "correct_ask": {
        "ru": (
            "Исправляю «{key}», сейчас там: {value}. Напишите, как верно. Оставить как было: "
            "/cancel.",
        ),
        "en": (
            'I am correcting "{key}", which now reads: {value}. Write what is right. To leave it: '
            "/cancel.",
        ),
    },
    "corrected": {
        "ru": ("Исправил. {key}: {value}.", "Прошу прощения за неточность. {key}: {value}."),
        "en": ("Corrected. {key}: {value}.", "My apologies for the error. {key}: {value}."),
    },
    "leave_it": {"ru": ("Оставить как было",), "en": ("Leave it",)},
    "left_as_it_was": {
        "ru": ("Оставляю как было.",),
        "en": ("I leave it as it was.",),
    },
    "nothing_to_cancel": {
        "ru": ("Отменять нечего: я ни о чём не спрашивал.",),
        "en": ("There is nothing to cancel: I had asked nothing.",),
    },
    # Forget
    "forget_how": {
        "ru": (
            "Что мне забыть? Выберите дни или напишите: «забудь, что …», «забудь про …», "
            "/forget 2026-05-01 2026-05-07. Прежде чем забыть, я переспрошу.",
        ),
        "en": (
            'What shall I forget? Choose the days, or write: "forget that ...", '
            '"forget about ...", '
            "/forget 2026-05-01 2026-05-07. I ask before I forget.",
        ),
    },
    "forget_today": {"ru": ("Сегодня",), "en": ("Today",)},
    "forget_yesterday": {"ru": ("Вчера",), "en": ("Yesterday",)},
    "forget_week": {"ru": ("Последние 7 дней",), "en": ("The last 7 days",)},
    "forget_everything": {"ru": ("Всё",), "en": ("Everything",)},
    "forget_ask": {
        "ru": ("Забыть это навсегда?\n\n{found}",),
        "en": ("Shall I forget this for good?\n\n{found}",),
    },
    "forget_ask_all": {
        "ru": (
            "Забыть всё: записи, интересы, беседы? Останутся лишь имя и язык. Вернуть потом не "
            "сумею.\n\n{found}",
        ),
        "en": (
            "Shall I forget everything: notes, interests, talks? Only your name and language "
            "remain. I could not bring it back.\n\n{found}",
        ),
    },
    "forget_days": {
        "ru": ("Дни: {first} – {last} (UTC).",),
        "en": ("Days: {first} – {last} (UTC).",),
    },
    "forget_day": {"ru": ("День: {first} (UTC).",), "en": ("Day: {first} (UTC).",)},
    "forget_fact": {"ru": ("• {key}: {value}",), "en": ("• {key}: {value}",)},
    "forget_more": {"ru": ("• и ещё записей: {count}",), "en": ("• and more notes: {count}",)},
    "forget_topics": {"ru": ("Интересы: {topics}.",), "en": ("Interests: {topics}.",)},
    "forget_messages": {"ru": ("Сообщений: {count}.",), "en": ("Messages: {count}.",)},
    "forget_sample": {"ru": ("«{words}»",), "en": ('"{words}"',)},
    "forget_summary": {
        "ru": ("Краткую запись прежних бесед составлю заново, без этого.",),
        "en": ("The summary of our earlier talks will be made anew, without it.",),
    },
    "forget_nothing": {
        "ru": ("Об этом у меня ничего нет: забывать нечего. Что есть: /memory.",),
        "en": ("I hold nothing on that: there is nothing to forget. What I hold: /memory.",),
    },
    "forget_too_common": {
        "ru": (
            "Эти слова стоят чуть ли не во всём, о чём мы говорили: что именно забыть, по ним не "
            "понять. Назовите точнее, выберите запись в /memory или дни: /forget.",
        ),
        "en": (
            "Those words stand in nearly all we have said: I cannot tell by them what to forget. "
            "Pray be more precise, choose a note in /memory, or days: /forget.",
        ),
    },
    "forget_dates": {
        "ru": ("Таких дней я не разобрал. Например: /forget 2026-05-01 2026-05-07.",),
        "en": ("I could not make out those days. For example: /forget 2026-05-01 2026-05-07.",),
    },
    "forget_yes": {"ru": ("Да, забыть",), "en": ("Yes, forget it",)},
    "forget_no": {"ru": ("Нет, оставить",), "en": ("No, keep it",)},
    "forgotten": {
        "ru": ("Забыто, словно и не было.", "Забыл. О чём это мы? Вот и я не помню."),
        "en": ("Forgotten, as though it never was.", "It is gone. What was it? Just so."),
    },
    "forgotten_all": {
        "ru": ("Забыл всё. Будем знакомиться заново.",),
        "en": ("Everything is forgotten. Let us get acquainted anew.",),
    },
    # Pause
    "paused": {
        "ru": (
            "С этой минуты ничего не запоминаю: отвечу, и слова уйдут. Прежние записи остаются. "
            "Вернуть память: /resume.",
        ),
        "en": (
            "From this moment I remember nothing: I answer, and the words are gone. Earlier notes "
            "stay. To resume: /resume.",
        ),
    },
    "paused_already": {
        "ru": ("Я и так ничего не запоминаю. Вернуть память: /resume.",),
        "en": ("I am remembering nothing as it is. To resume: /resume.",),
    },
    "resumed": {
        "ru": ("Снова всё запоминаю. Сказанное в паузе ко мне не вернётся.",),
        "en": ("I remember again. What was said during the pause is gone.",),
    },
    "resumed_already": {
        "ru": ("Память моя и не отдыхала.",),
        "en": ("My memory was not resting.",),
    },
    "pause_note": {
        "ru": ("Память на паузе: нового не запоминаю. Вернуть: /resume.",),
        "en": ("Memory is paused: I take in nothing new. To resume: /resume.",),
    },
    "pause_first": {
        "ru": ("Память на паузе, и я ничего не записываю. Сначала вернём её?",),
        "en": ("Memory is paused, and I write nothing down. Shall we resume first?",),
    },
    "pause_button": {"ru": ("Ничего не запоминать",), "en": ("Remember nothing",)},
    "resume_button": {"ru": ("Вернуть память",), "en": ("Resume",)},
    # Export
    "export_caption": {
        "ru": ("Всё, что я о вас храню, в одном файле.",),
        "en": ("All that I keep of you, in one file.",),
    },
    "export_none": {
        "ru": ("Выносить нечего: записей о вас у меня нет.",),
        "en": ("There is nothing to carry out: I hold no notes about you.",),
    },
    "export_too_big": {
        "ru": (
            "Архив ваш так велик, что Telegram его не примет. Попросите хозяина дома: "
            "butler profiles export {user_id}. Либо забудем старое, /forget, и повторим.",
        ),
        "en": (
            "Your archive is too large for Telegram to carry. Whoever keeps me can do it: "
            "butler profiles export {user_id}. Or let us forget the old, /forget, and try again.",
        ),
    },
    # Farewell
    "delete_ask": {
        "ru": (
            "Удалить всё: записи, беседы, настройки, самого вас как гостя? Прежде можно забрать "
            "копию: /export.",
        ),
        "en": (
            "Shall I delete everything: notes, talks, settings, yourself as a guest? You may take "
            "a copy first: /export.",
        ),
    },
    "delete_yes": {"ru": ("Да, удалить",), "en": ("Yes, delete",)},
    "delete_no": {"ru": ("Нет, остаюсь",), "en": ("No, I am staying",)},
    "delete_sure": {
        "ru": ("Спрошу ещё раз, по долгу службы: это навсегда, вернуть ничего не смогу. Удаляем?",),
        "en": ("Duty bids me ask once more: this is for good, nothing comes back. Shall I?",),
    },
    "delete_sure_yes": {"ru": ("Удалить навсегда",), "en": ("Delete for good",)},
    "delete_sure_no": {"ru": ("Передумал и не удаляю",), "en": ("On reflection, no",)},
    "deleted": {
        "ru": (
            "Исполнено: о вас не осталось ни строки. Служить было честью. Напишете снова, "
            "познакомимся впервые.",
        ),
        "en": (
            "It is done: not a line of you remains. It was an honour to serve. Write again, and "
            "we shall meet for the first time.",
        ),
    },
    "delete_cancelled": {
        "ru": ("Рад, что вы остаётесь. Ничего не тронуто.",),
        "en": ("I am glad you are staying. Nothing was touched.",),
    },
}  # fmt: skip
