"""What a butler does not write down: secrets never, delicate matters only when asked to."""

from __future__ import annotations

import re

from butler.domain.stems import plain, stems

_SECRET = re.compile(
    r"парол|пин-?код|\bпин\b|\bpin\b|password|passphrase|passwd|\bcvv|\bcvc|api[ _-]?key|\btoken|"
    r"токен|секретн\w* ключ|private key|secret key|\bотп\b|\botp\b|seed phrase|сид-фраз"
)
# Not the talk of a password but the password itself.
_SECRET_TOLD = re.compile(
    r"(?:парол\w*|password|passphrase|\bpin\b|\bпин(?:-?код)?\b|cvv|cvc|token|токен\w*)"
    r"\W{1,3}(?:is |это )?(?=\S*\d)\S+"
)
# Card and account numbers, keys and tokens: long runs of digits, or of letters with digits.
_LONG_NUMBER = re.compile(r"(?:\d[ -]?){12,}\d")
_KEY = re.compile(r"(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}")
_DELICATE = frozenset(
    stems(
        # Health
        "болезнь диагноз рак диабет депрессия спид вич беременность аборт "
        "психиатр лекарство таблетки зависимость алкоголизм наркотики "
        "illness disease diagnosis cancer diabetes depression hiv pregnant pregnancy abortion "
        "psychiatrist medication addiction alcoholism drugs "
        # Religion
        "религия церковь мечеть синагога православие ислам мусульманин иудаизм атеист "
        "religion church mosque synagogue christian islam muslim jewish atheist "
        # Politics
        "политика политик голосовал президент оппозиция митинг "
        "politics political election elections voted president opposition "
        # Sex
        "секс сексуальный гей лесбиянка порно любовница измена "
        "sex sexual gay lesbian porn mistress "
        # Money
        "зарплата доход кредит долг ипотека банкротство "
        "salary income loan debt mortgage bankruptcy "
        # Crime and identity documents
        "преступление судимость арест тюрьма кража убийство паспорт снилс инн "
        "crime conviction arrest prison theft murder passport ssn"
    )
)
_ASKED = frozenset(stems("запомни запомните запомнить remember"))


def secret(text: str) -> bool:
    """Whether the text holds or names a password, a card number, a key or the like."""
    return bool(_SECRET.search(plain(text))) or tells_secret(text)


def tells_secret(text: str) -> bool:
    """Whether a password, a card number, a key or the like stands in the text."""
    found = _SECRET_TOLD.search(plain(text)) or _LONG_NUMBER.search(text) or _KEY.search(text)
    return found is not None


def delicate(text: str) -> bool:
    """Whether the text touches health, religion, politics, sex, money, crime or documents."""
    return not _DELICATE.isdisjoint(stems(text))


def asked_to_remember(text: str) -> bool:
    """Whether a guest's message says "remember"."""
    return not _ASKED.isdisjoint(stems(text))
