from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.domain.delicate import delicate
from butler.domain.sensitive import (
    MASK,
    asked_to_remember,
    guarded,
    masked,
    secret,
    secrets_in,
    tells_secret,
    unrepeated,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("мой пароль: qwerty1", f"мой пароль: {MASK}"),
        ("password is hunter2", f"password is {MASK}"),
        ("my wifi password is sunflower, ok?", f"my wifi password is {MASK}, ok?"),
        ("Пароль от вайфая — подсолнух!", f"Пароль от вайфая — {MASK}!"),
        ("пароль такой: Ёлка9", f"пароль такой: {MASK}"),
        ("PIN 4321", f"PIN {MASK}"),
        ("CVV: 123", f"CVV: {MASK}"),
        ("токен - a1b2", f"токен - {MASK}"),
        ("карта 4276 1234 5678 9012", f"карта {MASK}"),
        ("4242424242424242", MASK),
        ("American Express 378282246310005.", f"American Express {MASK}."),
        ("sk-abcdef0123456789abcdef0123", MASK),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", MASK),
        ("AKIAIOSFODNN7EXAMPLE", MASK),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.abc-def", MASK),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", MASK),
        ("IBAN DE89 3704 0044 0532 0130 00", f"IBAN {MASK}"),
        ("паспорт серия 45 10 123456 выдан", f"паспорт серия {MASK} выдан"),
        ("passport no. 123456789", f"passport no. {MASK}"),
        ("СНИЛС 123-456-789 01", f"СНИЛС {MASK}"),
        ("SSN 123-45-6789", f"SSN {MASK}"),
        ("Password: correct horse battery staple", f"Password: {MASK}"),
        ("пароль: мама мыла раму, запомнил?", f"пароль: {MASK}, запомнил?"),
        ("seed phrase: abandon ability able about", f"seed phrase: {MASK}"),
        ("password: hunter2 and a cat", f"password: {MASK} and a cat"),
        ("pass: abc12345", f"pass: {MASK}"),
        ("the code word is pineapple", f"the code word is {MASK}"),
        ("код подтверждения 4928", f"код подтверждения {MASK}"),
        ("one-time code 492817", f"one-time code {MASK}"),
        ("мой пароль от почты qwerty", f"мой пароль от почты {MASK}"),
        ("hunter2 is my password", f"{MASK} is my password"),
        ("Ромашка это мой пароль от почты", f"{MASK} это мой пароль от почты"),
        ("I use hunter as my password", f"I use {MASK} as my password"),
        ("ставлю ромашка в качестве пароля", f"ставлю {MASK} в качестве пароля"),
        ("changed my password to Zebra", f"changed my password to {MASK}"),
        ("сменила пароль от вайфая на ромашка", f"сменила пароль от вайфая на {MASK}"),
        ("my password's hunter", f"my password's {MASK}"),
        ("my pw is swordfish", f"my pw is {MASK}"),
        ("login ivan, password swordfish", f"login ivan, password {MASK}"),
        ("my password is correct horse battery staple", f"my password is {MASK}"),
        ("my pin is four three two one", f"my pin is {MASK}"),
        ("мой пин один два три четыре", f"мой пин {MASK}"),
        ("сид-фраза apple banana cherry dog", f"сид-фраза {MASK}"),
        ("my seed phrase is apple banana cherry dog elephant", f"my seed phrase is {MASK}"),
        ("карта 4276.1234.5678.9012", f"карта {MASK}"),
        ("карта 4276  1234  5678  9012", f"карта {MASK}"),
        ("карта 4276/1234/5678/9012", f"карта {MASK}"),
        ("карта 4276_1234_5678_9012", f"карта {MASK}"),
        ("карта 4276\u200b1234\u200b5678\u200b9012", f"карта {MASK}"),
        ("карта 3782.822463.10005", f"карта {MASK}"),
        ("счёт 40817810099910004312", f"счёт {MASK}"),
        ("серия паспорта 4510 номер 123456", f"серия паспорта {MASK}"),
        ("паспорт 4510 № 123456", f"паспорт {MASK}"),
        ("passport number is AB1234567", f"passport number is {MASK}"),
        ("водительское удостоверение 9912 345678", f"водительское удостоверение {MASK}"),
        ("код из смс 445566", f"код из смс {MASK}"),
        ("my secret word is zebra", f"my secret word is {MASK}"),
    ],
)
def test_secrets_are_recognised_and_masked(text: str, shown: str) -> None:
    assert secret(text)
    assert all(told not in guarded(text).casefold() for told in secrets_in(text))
    assert tells_secret(text)
    assert masked(text) == shown
    assert not tells_secret(shown)
    assert all(told not in shown.casefold() for told in secrets_in(text))


@pytest.mark.parametrize(
    "text",
    ["Обсудили смену пароля.", "a talk about passwords", "the password is lost", "забыл пароль",
     "надо сменить пароль на новый", "I use Bitwarden as my password manager",
     "change my password to something safer", "what is my password?", "пароль от gmail забыл",
     "a passphrase is better than a password", "Пароль подошёл", "my pin badge is lovely",
     "a token of love", "код доступа не пришёл"],
)  # fmt: skip
def test_talk_of_a_secret_is_not_the_secret(text: str) -> None:
    assert secret(text)
    assert not tells_secret(text)
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    ["живёт в Лондоне", "tel. 123", "Меня зовут Вера", "играет партию в шахматы", "a tea party",
     "first aid", "выбор", "среди друзей", "спина", "2026-03-04 12:30", "+7 916 123-45-67",
     "a well-known long-distance-runner-2026", "болеет за Спартак", "a conservative estimate",
     "садоводство", "swimming strokes", "заказ 123456789012",
     "I pass: my turn is over", "the dress code is black tie", "акция в магазине",
     "греческие боги", "Star Wars",
     "имя Глеб", "Месси", "народ", "Война и мир", "seaweed", "James Bond", "урок химии", "bitter",
     "grape juice", "бюджетный отдых", "икона стиля", "rent a car",
     "violin", "в 2024, 2025, 2026 годах", "192.168.100.200",
     "с 12.05.2026 по 13.05.2026", "смотрю серию 12",
     "the key is under the mat", "chicken stock", "a drugstore"],
)  # fmt: skip
def test_ordinary_words_are_neither_secret_nor_delicate(text: str) -> None:
    assert not secret(text)
    assert not delicate(text)
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    ["у меня диабет", "after chemotherapy", "она беременна", "болею ангиной", "panic attacks",
     "ходит в церковь", "he is a Muslim", "стал буддистом", "верю в бога",
     "политика", "voted for the opposition", "хожу на выборы",
     "he is gay", "измена жене", "her salary", "взял ипотеку", "credit card", "зарабатываю мало",
     "сидел в тюрьме", "criminal record", "мой паспорт", "driver's license", "христианство",
     "believes in God", "коммунизм", "криптовалюта", "инвестирую в акции", "the stock market",
     "he sells drugs", "anxiety", "мигрень", "lose weight",
     "трейдинг", "казино", "гастрит", "Trump", "covid", "оружие", "gambling", "крипта", "биржа",
     "финансы", "forex", "weed", "травка", "БДСМ", "fetish", "герпес", "PTSD", "контрацепция",
     "Путин", "immigration", "таро", "раввин", "imam", "имам", "weight 120 kg", "вес 120 кг",
     "rent 900", "не пью алкоголь", "Tomorrow I have chemo", "скоро роды", "ставки на спорт"],
)  # fmt: skip
def test_delicate_matters_are_recognised_in_all_their_forms(text: str) -> None:
    assert delicate(text)


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("Мой пароль мама мыла раму", f"Мой пароль {MASK}"),
        ("кодовое слово ананас, понял?", f"кодовое слово {MASK}, понял?"),
        ("My password used to be swordfish, and I like tea",
         f"My password {MASK}, and I like tea"),
        ("Забыл пароль. Завтра еду", "Забыл пароль. Завтра еду"),
        ("пароль от почты. Завтра еду", "пароль от почты. Завтра еду"),
        ("the keyboard is new", "the keyboard is new"),
    ],
)  # fmt: skip
def test_notes_do_without_whatever_follows_the_name_of_a_secret(text: str, noted: str) -> None:
    assert guarded(text) == noted


def test_a_request_to_remember_is_recognised() -> None:
    assert asked_to_remember("Запомни, у меня диабет")
    assert asked_to_remember("please remember this")
    assert not asked_to_remember("у меня диабет")


@given(st.text(max_size=100))
def test_masking_is_done_once_and_for_all(text: str) -> None:
    assert masked(masked(text)) == masked(text)


def test_a_secret_that_was_said_is_not_repeated() -> None:
    said = ("мой пароль: Hunter2", "люблю чай")
    assert unrepeated("Запомнил: hunter2. Чай подан.", said) == "Запомнил: •••. Чай подан."
    assert unrepeated("Чай подан.", said) == "Чай подан."
