"""The shapes of secrets: passwords by what names them, cards, keys, documents; all as patterns.

Over text in small letters with ё as е, unless said otherwise; the group `v` (or `w`, `x`) is the
secret itself.
"""

from __future__ import annotations

import re

_NAMED = (
    r"парол\w*|пин-?код\w*|\bпин\b|пасскод\w*|\bpin\b|\bpin[ -]?code|passcodes?|passwords?|\bpw\b|"
    r"pass ?phrases?|passwd|\bcvv2?|\bcvc2?|api[ _-]?keys?|tokens?\b|токен\w*|секретн\w+ "
    r"(?:ключ|код)\w*|"
    r"код\w* доступа|кодов\w+ (?:слов|фраз)\w+|ключ\w* api|api[ -]?ключ\w*|"
    r"(?:private|secret|access) keys?|"
    r"\bотп\b|\botp\b|seed phrase|recovery phrase|mnemonic(?: phrase)?|сид-? ?фраз\w*|"
    r"мнемоническ\w+ фраз\w*|"
    r"(?<!\bi )(?<!\bwe )(?<!you )\bpass(?=\s*[:=])|\bpwd\b|code ?words?|"
    r"код\w* подтверждения|код\w* (?:от|из) (?:сейфа|смс|sms|банка|приложения)|смс[ -]?код\w*|"
    r"(?:sms|safe|banking) code|wi-?fi key|secret word|секретн\w+ слов\w+|(?:one-?time"
    r"|verification|security|recovery) (?:codes?|keys?)"
)
SECRET = re.compile(_NAMED)
# Without a digit, one of these marks or names, no pattern below is worth trying.
DIGIT = re.compile(r"\d")
HINTS = ("-", "_", "eyJ")
# One of these is in every name of a secret, and in every name of a document.
NAME_HINTS = (
    *("парол", "пин", "код", "ключ", "токен", "отп", "сид", "pass", "pin", "token", "key"),
    *("cv", "otp", "seed", "секретн", "secret", "pwd", "pw", "code", "phrase", "фраз", "mnemonic"),
)
DOCUMENT_HINTS = (
    *("паспорт", "серия", "passport", "инн", "снилс", "ssn", "social security", "-", "прав"),
    *("водительск", "licen"),
)
# No key and no account number is without one of these.
KEY_HINT = re.compile(r"[\w+-]{11}|[A-Z]{2}\d{2}|-----")
# What may stand between the name of a secret and the secret: "пароль от почты: …", "PIN is …".
_OF = (
    r"(?:\s+(?:от|к|для|у|на|моей|моего|моему|for|to|of|my|the|our)"
    r"(?:\s+[\w@-]+(?:\.[\w@-]+)*){1,3}?)?"
)
_IS = (
    r"(?:['’]s\b|\s*(?:[:=—–]|\s-\s|\bis\b(?!\s+not)|\bwas\b|\bэто\b|\bтакой\b|\bтеперь\b|\bnow\b))"
    r"[\s:«\"'`]*"
)
REST = re.compile(rf"(?:{_NAMED})\b(?>{_OF})(?P<v>[^,;.!?…\n•]++)(?!•)")
# After these no secret follows: "the password is lost", "пароль это важно".
_TALK = (
    r"(?!(?:not|a|an|the|too|very|lost|forgotten|wrong|weak|strong|old|new|expired|"
    r"important|needed|something|stronger|safer|longer|shorter|another|different|"
    r"better|worse|stolen|hacked|leaked|compromised|gone|known|hard|easy|simple|long|short|same|"
    r"required|secret|safe|my|your|our|his|her|their|what|where|which|how|"
    r"не|очень|слишком|важно|важная|забыт|утерян|потерян|нужен|слабый|более|другой|что-то|"
    r"старый|новый|надежный|скучно|сложно|тайна|секрет)\b)"
)
_WORD = r"[^\s«»\"'`,;•]"
_TOLD = re.compile(rf"(?:{_NAMED}){_OF}{_IS}{_TALK}(?P<v>{_WORD}{{3,}})")
# After a colon it may be of several words, up to the end of the clause.
_PHRASE = re.compile(
    rf"(?:{_NAMED}){_OF}\s*[:=]\s*{_TALK}(?P<v>{_WORD}{{3,}}"
    r"(?: (?!(?:and|but|or|и|а|но|или) )[^\s,;.!?•=:]+){1,23})"
)
# Elsewhere so many words are a phrase only where none of them holds a sentence together.
_LINKED = (
    r"(?:to|of|the|an?|and|but|or|in|on|at|by|for|with|from|that|which|not|is|was|are|it|i|my|so|"
    r"too|very|и|а|но|или|в|во|на|с|со|от|до|для|что|не|из|к|по|у|о|об|я|мой|моя|так|как|же)"
)
_PHRASE_BARE = re.compile(
    rf"(?:{_NAMED}){_OF}{_IS}{_TALK}(?P<v>(?!{_LINKED}\b){_WORD}+"
    rf"(?:[\s-]+(?!{_LINKED}\b)[^\s,;.!?•=:]+){{2,23}})(?=\s*(?:[,;.!?]|$))"
)
# Words one by one behind the name of such a phrase, and numbers in words behind a PIN's.
_SEED = re.compile(
    r"(?:seed phrase|recovery phrase|mnemonic(?: phrase)?|(?:сид-? ?|мнемоническая )фраз\w*)"
    rf"(?:{_IS}|\s+){_TALK}(?P<v>[a-z]{{3,8}}(?:[\s,]+[a-z]{{3,8}}){{10,24}}"
    r"|(?<=[а-я] )[a-z]+(?:[\s,]+[a-z]+)+)"
)
_SPELT = (
    r"(?:zero|one|two|three|four|five|six|seven|eight|nine|oh|ноль|один|два|три|четыре|пять|шесть|"
    r"семь|восемь|девять)"
)
_SPELT_OUT = re.compile(
    rf"(?:{_NAMED}){_OF}(?:{_IS}|\s+)(?P<v>{_SPELT}(?:[\s,-]+{_SPELT}\b){{2,}})"
)
# Without a word between, only what looks like one: "PIN 4321", "пароль hunter2", "пароль qwerty";
# behind a login, anything.
_TOLD_BARE = re.compile(rf"(?:{_NAMED}){_OF}\W{{1,3}}(?P<v>(?=\S*\d)[^\s«»,;•]{{3,}})")
_TOLD_LATIN = re.compile(
    r"(?<![a-z])(?:парол\w*|пин-?код\w*|токен\w*|код\w* доступа|кодов\w+ (?:слов|фраз)\w+)"
    r"(?:\s+(?:от|к|для|у|на)(?:\s+[\w.@-]+){1,3}?)?\s+"
    r"(?!(?:wi-?fi|gmail|google|apple|icloud|e?-?mail|windows|telegram|steam|vpn|facebook|ok)\b)"
    r"(?P<v>[a-z][^\s«»,;•]{2,})"
)
_TOLD_BEHIND_LOGIN = re.compile(
    rf"\b(?:login|username|логин)\b[^.!?\n]{{1,40}}?(?:{_NAMED})\s+{_TALK}(?P<v>{_WORD}{{3,}})"
)
# The secret first: "hunter2 is my password", "use hunter2 as my password"; or a change of it.
_OWN = r"(?:my|our|the|his|her|мой|моя|мое|наш|свой|свое|своего|моего)\s+(?:[\w-]+\s+){0,2}?"
_NO_OTHER = r"(?!\s*(?:manager|keeper|менеджер|хранил))"
_SAID_FIRST = re.compile(
    rf"(?<!\S)(?!(?:this|that|it|here|there|who|when|why|also|это|вот|где|какой|каков|ваш|or"
    rf"|and)\b)"
    rf"{_TALK}[\"'«`]?(?P<v>{_WORD}{{3,64}})[\"'»`]?\s+"
    rf"(?:(?:is|was|это)\s+|[-—–]\s+(?:это\s+)?){_OWN}(?:{_NAMED}){_NO_OTHER}"
)
_USED = re.compile(
    r"\b(?:us(?:e|ed|es|ing)|set|put|have|пользуюсь|использу\w+|став(?:лю|ил|ила)|постав\w+"
    r"|взял\w*)"
    rf"\s+{_TALK}[\"'«`]?(?P<v>{_WORD}{{3,64}})[\"'»`]?\s+(?:as|for|как|в качестве)\s+"
    rf"(?:{_OWN}|a\s+)?(?:{_NAMED}){_NO_OTHER}"
)
_CHANGED = re.compile(
    r"\b(?:chang\w+|set|reset|updat\w+|made|смени\w*|поменя\w*|измени\w*|обнови\w*|постав\w+|"
    rf"сделал\w*)\s+(?:[\w-]+\s+){{0,3}}?(?:{_NAMED}){_OF}\s+(?:to|на)\s+{_TALK}[\"'«`]?"
    rf"(?P<v>{_WORD}{{3,}})"
)
NAMED_FORMS = (
    _TOLD, _PHRASE, _PHRASE_BARE, _SEED, _SPELT_OUT, _TOLD_BARE, _TOLD_LATIN, _TOLD_BEHIND_LOGIN,
    _SAID_FIRST, _USED, _CHANGED,
)  # fmt: skip
_GAP = r"[ \u00a0\u2009\u202f\u200b-\u200d\u2060\ufeff\u2010\u2011-]"
DIGITS = re.compile(rf"(?<![\d.,+])\d(?:{_GAP}{{0,2}}\d){{11,29}}(?!\d)")
# In fours, or as American Express has it, whatever stands between.
_PARTED = rf"(?:{_GAP}|[._/\\|·•–—]){{1,3}}"
IN_FOURS = re.compile(
    rf"(?<!\d)\d{{4}}(?:(?:{_PARTED}\d{{4}}){{3}}(?:{_PARTED}\d{{1,3}})?|{_PARTED}\d{{6}}{_PARTED}"
    r"\d{5})(?!\d)"
)
IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")
# Shapes in which well-known services hand out keys; JSON Web Tokens; PEM blocks; bot tokens.
KEY = re.compile(
    r"\b(?:sk|pk|rk)[-_][\w-]{12,}|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{12,}"
    r"|\bxox[abprs]-[\w-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\bhf_\w{16,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?|\b\d{8,10}:[\w-]{30,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|\Z)"
)
# Any other long run of letters and digits mixed, as people never write.
LONG = re.compile(
    r"(?<![\w/.-])(?=[\w+-]*\d)(?=[\w+-]*[A-Za-z])(?![a-z]+(?:-[a-z0-9]+)+\b)[\w+-]{24,}={0,2}"
)
# Identity documents: "паспорт 45 10 123456", СНИЛС, ИНН, "passport no. 123456789", SSN.
DOCUMENT = re.compile(
    r"(?:паспорт\w*|загранпаспорт\w*|passport|\bсерия|номер прав|водительск\w+"
    r"|driver'?s? licen[cs]e)"
    r"(?:[^\d\n]{0,24}?)"
    r"(?P<v>[a-z]{0,2}\d(?:[\d ]|,?\s*(?:номер|№|number|no\.?)\s*){5,16}\d)"
    r"|(?:инн|снилс|ssn|social security)(?:[^\d\n]{0,24})(?P<w>\d[\d -]{7,14}\d)"
    r"|(?P<x>\b\d{3}-\d{3}-\d{3}[ -]\d{2}\b|\b\d{3}-\d{2}-\d{4}\b)"
)
