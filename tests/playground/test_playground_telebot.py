"""A client library that was written for Telegram finds Telegram here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import telebot
from telebot import apihelper, types

from butler.playground import PlaygroundServer


@pytest.fixture
def bot(server: PlaygroundServer) -> Iterator[telebot.TeleBot]:
    # As the library comes: our own client, where it is imported, replaces its sender.
    previous = apihelper.API_URL, apihelper.FILE_URL, apihelper.CUSTOM_REQUEST_SENDER
    apihelper.API_URL = server.base_url + "/bot{0}/{1}"
    apihelper.FILE_URL = server.base_url + "/file/bot{0}/{1}"
    apihelper.CUSTOM_REQUEST_SENDER = None
    yield telebot.TeleBot(server.token, threaded=False)
    apihelper.API_URL, apihelper.FILE_URL, apihelper.CUSTOM_REQUEST_SENDER = previous


def test_telebot_reads_writes_edits_and_downloads(
    server: PlaygroundServer, bot: telebot.TeleBot
) -> None:
    guest = server.guest("Анна", user_id=1)
    guest.say("/start")
    guest.send_voice(b"ogg", duration=3)
    text, voice = bot.get_updates(timeout=1)
    assert text.message.entities[0].type == "bot_command"
    assert voice.message.voice.duration == 3
    assert bot.download_file(bot.get_file(voice.message.voice.file_id).file_path) == b"ogg"
    markup = types.InlineKeyboardMarkup([[types.InlineKeyboardButton("Да", callback_data="y")]])
    sent = bot.send_message(
        1,
        "Добрый вечер",
        entities=[types.MessageEntity("bold", 0, 6)],
        reply_markup=markup,
        reply_parameters=types.ReplyParameters(text.message.message_id),
        link_preview_options=types.LinkPreviewOptions(is_disabled=True),
    )
    assert sent.reply_to_message.text == "/start"
    assert bot.edit_message_text("Доброй ночи", 1, sent.message_id).text == "Доброй ночи"
    assert bot.send_document(1, ("a.json", b"{}"), caption="Ваше").document.file_name == "a.json"
    assert bot.send_chat_action(1, "typing")
    assert bot.send_message_draft(1, 5, "Хм")
    assert bot.set_my_commands([types.BotCommand("start", "Начать")])
    assert bot.get_my_commands()[0].description == "Начать"
    assert bot.get_me().username == "playground_butler_bot"
    assert bot.delete_message(1, sent.message_id)


def test_telebot_raises_what_telegram_refuses(
    server: PlaygroundServer, bot: telebot.TeleBot
) -> None:
    guest = server.guest("Анна", user_id=1)
    guest.say("Привет")
    guest.block()
    with pytest.raises(apihelper.ApiTelegramException) as caught:
        bot.send_message(1, "x")
    assert (caught.value.error_code, caught.value.description) == (
        403,
        "Forbidden: bot was blocked by the user",
    )
