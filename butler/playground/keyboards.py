"""``reply_markup``: checked as Telegram checks it."""

from __future__ import annotations

from typing import Any

from butler.playground.refusals import Json, bad_request

MAX_BUTTONS = 100
_LINKS = ("url", "login_url", "web_app", "copy_text", "callback_game", "pay", "switch_inline_query",
          "switch_inline_query_current_chat", "switch_inline_query_chosen_chat")  # fmt: skip
_REPLY_KINDS = ("remove_keyboard", "force_reply")


def read_markup(raw: Any) -> Json | None:
    """The markup: ``inline_keyboard``, ``keyboard``, ``remove_keyboard`` or ``force_reply``.

    Raises:
        Refusal: 400, saying which button is wrong and how.
    """
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if raw.get("keyboard"):
        rows = _rows(raw["keyboard"], 'field "keyboard" must be an Array of Arrays')
        return {**raw, "keyboard": [[_reply_button(one) for one in row] for row in rows]}
    if raw.get("inline_keyboard"):
        rows = _rows(
            raw["inline_keyboard"],
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        )
        return {"inline_keyboard": [[_inline_button(one) for one in row] for row in rows]}
    return raw if any(raw.get(kind) is True for kind in _REPLY_KINDS) else None


def _rows(raw: Any, complaint: str) -> list[list[Any]]:
    if not isinstance(raw, list) or not all(isinstance(row, list) for row in raw):
        raise bad_request(complaint)
    if sum(len(row) for row in raw) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return [row for row in raw if row]


def _reply_button(raw: Any) -> Json:
    button = {"text": raw} if isinstance(raw, str) else raw
    wrong = "can't parse keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(wrong + "KeyboardButton must be a String or an Object")
    _check_text(button, wrong)
    return button


def _inline_button(raw: Any) -> Json:
    wrong = "can't parse inline keyboard button: "
    if not isinstance(raw, dict):
        raise bad_request(wrong + "InlineKeyboardButton must be an Object")
    _check_text(raw, wrong)
    data = raw.get("callback_data")
    if data is not None and not isinstance(data, str):
        raise bad_request(wrong + 'Field "callback_data" must be of type String')
    if data:
        # 1-64 bytes, as the Bot API documents of callback_data.
        if len(data.encode("utf-8", "replace")) > 64:
            raise bad_request("BUTTON_DATA_INVALID")
    elif not any(raw.get(kind) not in (None, "") for kind in _LINKS):
        raise bad_request(wrong + "Text buttons are unallowed in the inline keyboard")
    return raw


def _check_text(button: Json, wrong: str) -> None:
    if not isinstance(button.get("text"), str):
        raise bad_request(wrong + 'Field "text" must be of type String')
    if not button["text"].strip():
        raise bad_request("keyboard button text must be non-empty")
