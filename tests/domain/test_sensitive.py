from __future__ import annotations

import pytest

from butler.domain.sensitive import asked_to_remember, delicate, secret, tells_secret


@pytest.mark.parametrize(
    "text",
    ["мой пароль: qwerty1", "password is hunter2", "PIN 4321", "карта 4276 1234 5678 9012",
     "sk-abcdef0123456789abcdef0123", "токен - a1b2"],
)  # fmt: skip
def test_secrets_are_recognised(text: str) -> None:
    assert secret(text)
    assert tells_secret(text)


@pytest.mark.parametrize("text", ["Обсудили смену пароля.", "a talk about passwords"])
def test_talk_of_a_secret_is_not_the_secret(text: str) -> None:
    assert secret(text)
    assert not tells_secret(text)


@pytest.mark.parametrize(
    "text",
    ["живёт в Лондоне", "tel. 123", "Меня зовут Вера", "играет партию в шахматы", "a tea party",
     "first aid", "выбор", "среди друзей", "спина", "2026-03-04 12:30"],
)  # fmt: skip
def test_ordinary_words_are_neither_secret_nor_delicate(text: str) -> None:
    assert not secret(text)
    assert not delicate(text)


@pytest.mark.parametrize("text", ["у меня диабет", "ходит в церковь", "her salary", "политика"])
def test_delicate_matters_are_recognised(text: str) -> None:
    assert delicate(text)


def test_a_request_to_remember_is_recognised() -> None:
    assert asked_to_remember("Запомни, у меня диабет")
    assert asked_to_remember("please remember this")
    assert not asked_to_remember("у меня диабет")
