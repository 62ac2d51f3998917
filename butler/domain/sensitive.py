"""Passwords, card numbers, keys: found in a text, and masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from butler.domain.stems import plain, stems
from butler.domain.text import holds_any

MASK = "•••"

_NAMED = (
    r"парол\w*|пин-?код\w*|\bпин\b|пасскод\w*|\bpin\b|\bpin[ -]?code|passcodes?|passwords?|"
    r"passphrases?|passwd|\bcvv2?|\bcvc2?|api[ _-]?keys?|tokens?\b|токен\w*|секретн\w+ "
    r"(?:ключ|код)\w*|"
    r"код\w* доступа|кодов\w+ слов\w+|ключ\w* api|api[ -]?ключ\w*|(?:private|secret|access) keys?|"
    r"\bотп\b|\botp\b|seed phrase|сид-?фраз\w*|"
    r"(?<!\bi )(?<!\bwe )(?<!you )\bpass(?=\s*[:=])|\bpwd\b|code ?words?|"
    r"код\w* подтверждения|(?:one-?time|verification|security|recovery) (?:codes?|keys?|phrases?)"
)
_SECRET = re.compile(_NAMED)
# Without a digit, one of these marks or names, no pattern below is worth trying.
_DIGIT = re.compile(r"\d")
_HINTS = ("-", "_", "eyJ")
# One of these is in every name of a secret, and in every name of a document.
_NAME_HINTS = (
    *("парол", "пин", "код", "ключ", "токен", "отп", "сид", "pass", "pin", "token", "key"),
    *("cv", "otp", "seed", "секретн", "pwd", "code", "phrase"),
)
_DOCUMENT_HINTS = ("паспорт", "passport", "инн", "снилс", "ssn", "social security", "-")
# No key and no account number is without one of these.
_KEY_HINT = re.compile(r"[\w+-]{11}|[A-Z]{2}\d{2}|-----")
# What may stand between the name of a secret and the secret: "пароль от почты: …", "PIN is …".
_OF = r"(?:\s+(?:от|к|для|у|на|моей|моего|моему|for|to|of|my|the|our)(?:\s+[\w.@-]+){1,3}?)?"
_IS = r"\s*(?:[:=—–]|\s-\s|\bis\b(?!\s+not)|\bэто\b|\bтакой\b|\bтеперь\b|\bnow\b)[\s:«\"'`]*"
# After these no secret follows: "the password is lost", "пароль это важно".
_TALK = (
    r"(?!(?:not|a|an|the|too|very|lost|forgotten|wrong|weak|strong|old|new|expired|"
    r"important|needed|"
    r"required|secret|safe|не|очень|слишком|важно|важная|забыт|утерян|потерян|нужен|слабый|"
    r"старый|новый|надежный|скучно|сложно|тайна|секрет)\b)"
)
_TOLD = re.compile(rf"(?:{_NAMED}){_OF}{_IS}{_TALK}(?P<v>[^\s«»\"'`,;•]{{3,}})")
# After a colon it may be of several words, up to the end of the clause.
_PHRASE = re.compile(
    rf"(?:{_NAMED}){_OF}\s*[:=]\s*{_TALK}(?P<v>[^\s«»\"'`,;•]{{3,}}"
    r"(?: (?!(?:and|but|or|и|а|но|или) )[^\s,;.!?•=:]+){1,23})"
)
# Without a word between, only what looks like one: "PIN 4321", "пароль hunter2".
_TOLD_BARE = re.compile(rf"(?:{_NAMED}){_OF}\W{{1,3}}(?P<v>(?=\S*\d)[^\s«»,;•]{{3,}})")
_DIGITS = re.compile(r"(?<![\d.,+])\d(?:[ \u00a0-]?\d){11,18}(?!\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
# Shapes in which well-known services hand out keys; JSON Web Tokens; PEM blocks; bot tokens.
_KEY = re.compile(
    r"\b(?:sk|pk|rk)[-_][\w-]{12,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{12,}"
    r"|\bxox[abprs]-[\w-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\bhf_\w{16,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|\b\d{8,10}:[\w-]{30,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|\Z)"
)
# Any other long run of letters and digits mixed, as people never write.
_LONG = re.compile(
    r"(?<![\w/.-])(?=[\w+-]*\d)(?=[\w+-]*[A-Za-z])(?![a-z]+(?:-[a-z0-9]+)+\b)[\w+-]{24,}={0,2}"
)
# Identity documents: "паспорт 45 10 123456", СНИЛС, ИНН, "passport no. 123456789", SSN.
_DOCUMENT = re.compile(
    r"(?:паспорт\w*|загранпаспорт\w*|passport)(?:[^\d\n]{0,24})(?P<v>[a-z]{0,2}\d[\d ]{5,12}\d)"
    r"|(?:инн|снилс|ssn|social security)(?:[^\d\n]{0,24})(?P<w>\d[\d -]{7,14}\d)"
    r"|(?P<x>\b\d{3}-\d{3}-\d{3}[ -]\d{2}\b|\b\d{3}-\d{2}-\d{4}\b)"
)
_ASKED = frozenset(stems("запомни запомните запомнить remember"))


def secret(text: str) -> bool:
    """Whether the text holds or names a password, a card number, a key or the like."""
    return bool(_SECRET.search(plain(text))) or tells_secret(text)


def tells_secret(text: str) -> bool:
    """Whether a password, a card or document number, a key or the like stands in the text."""
    return next(_spans(text), None) is not None


def secrets_in(text: str) -> frozenset[str]:
    """The secrets that stand in the text, as written, in lower case."""
    return frozenset(text[start:end].casefold() for start, end in _spans(text))


def masked(text: str) -> str:
    """The text with every secret in it replaced by •••; all else as it is."""
    end, kept = 0, []
    for start, stop in sorted(_spans(text)):
        if stop > end:
            kept += [text[end : max(start, end)], MASK if start >= end else ""]
            end = stop
    return "".join((*kept, text[end:])) if kept else text


def unrepeated(text: str, said: Iterable[str]) -> str:
    """The text with every secret in it, and every one that was `said`, replaced by •••."""
    for told in frozenset().union(*map(secrets_in, said)):
        text = re.sub(re.escape(told), MASK, text, flags=re.IGNORECASE)
    return masked(text)


def asked_to_remember(text: str) -> bool:
    """Whether a guest's message says "remember"."""
    return not _ASKED.isdisjoint(stems(text))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where secrets stand, in no order."""
    folded = _folded(text)
    names = holds_any(folded, _NAME_HINTS)
    if not (names or holds_any(text, _HINTS) or _DIGIT.search(text)):
        return
    named = (_TOLD, _PHRASE, _TOLD_BARE) if names else ()
    documents = (_DOCUMENT,) if holds_any(folded, _DOCUMENT_HINTS) else ()
    for pattern in (*named, *documents):
        for found in pattern.finditer(folded):
            group = found.lastgroup
            if group is not None:
                start, end = found.span(group)
                yield start, start + len(text[start:end].rstrip(".!?)…"))
    for found in _DIGITS.finditer(text):
        if _is_card(found.group()):
            yield found.span()
    for pattern in (_KEY, _IBAN, _LONG) if _KEY_HINT.search(text) else ():
        for found in pattern.finditer(text):
            yield found.span()


def _folded(text: str) -> str:
    """`plain`, but of the same length, so that spans hold."""
    folded = text.lower().replace("ё", "е")
    return folded if len(folded) == len(text) else text


def _is_card(digits: str) -> bool:
    """Whether a run of digits is a card's (Luhn, ISO/IEC 7812), or an account's by its length."""
    numbers = [int(digit) for digit in digits if digit.isdecimal()]
    if len(numbers) in (13, 14, 15, 16, 19):
        doubled = (sum(divmod(2 * n, 10)) if at % 2 else n for at, n in enumerate(numbers[::-1]))
        if sum(doubled) % 10 == 0:
            return True
    # Written in fours, a slip of the pen is still a card.
    return len(numbers) >= 16
