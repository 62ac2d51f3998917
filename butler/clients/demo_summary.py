"""The demo brain's answer to "compress this": JSON made of nothing but the source's own words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from butler.clients.demo_facts import said
from butler.clients.demo_lines import LABELS, WORDLESS, Tongue

_LINE = re.compile(r"^#(?P<seq>\d+) (?P<role>[^\W\d]+): (?P<text>.*)$", re.MULTILINE)
_EARLIER = re.compile(r"^(?:Прежняя запись|Earlier note): «(.*)»$", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_ANY_WORD = re.compile(r"[^\W_]")
_WORD = re.compile(r"[^\W\d_]{4,}")
_SUMMARY_LIMIT = 450  # characters; about 180 tokens of Russian
_SENTENCE_LIMIT = 120
_TOPICS = 5
_GUEST = ("user", "guest", "гость")
# Too common to be a topic, or nobody's business.
_DULL = frozenset(
    """
    меня тебя если когда этот этого этом чтобы очень потом тоже только можно нужно есть
    было были будет просто сейчас сегодня завтра вчера какой какая какие который которая
    люблю нравится зовут живу работаю спасибо пожалуйста привет здравствуйте добрый день
    вечер утро почему зачем сколько что-то ничего всегда никогда расскажи помнишь запомни
    хочу могу знаю думаю мне моей моего моих свой свою своего ещё уже для про это как так
    там тут где that this with have what when where which your mine about from they them
    then there please thanks thank hello good like love live name work remember know think
    want would could should tell just very really much some been were will does dont today
    tomorrow yesterday
    """.split()  # noqa: SIM905 - a page of quoted words reads worse
)
_SENSITIVE = re.compile(
    r"парол|\bпин\b|токен|\bpin\b|token|cvv|\d{7}|болезн|болею|диагноз|депресс|беремен|религ|церк|политик|партия|выбор|секс|ориентац"
    r"|illness|disease|diagnos|depress|pregnan|relig|church|politic|election|\bsex|password|health",
    re.IGNORECASE,
)


@attrs.frozen
class _Line:
    seq: int
    role: str
    text: str


def structured_answer(prompt: str, schema: dict[str, Any], tongue: Tongue) -> str:
    """JSON that fits `schema`.

    Properties named as those of a compaction (`summary`, `facts`, `topics`) are filled from the
    lines "#seq role: text" of `prompt` (and the earlier note before them), others left empty.
    Keys of facts are words of `tongue`.
    """
    lines = list(_lines(prompt))
    own = [line for line in lines if line.role in _GUEST]
    known = {
        "summary": _summary(prompt, own) or _summary(prompt, lines) or WORDLESS[tongue],
        "facts": _facts(own, LABELS[tongue]),
        "topics": _topics(line.text for line in own),
    }
    return json.dumps(_fit(schema, known), ensure_ascii=False)


def _lines(prompt: str) -> Iterable[_Line]:
    for found in _LINE.finditer(prompt):
        yield _Line(int(found["seq"]), found["role"].lower(), found["text"].strip())


def _summary(prompt: str, lines: list[_Line]) -> str:
    found = _EARLIER.search(prompt)
    earlier = [] if found is None else _sentences(found.group(1))
    fresh = [sentence for line in lines for sentence in _sentences(line.text)]
    every = [s for s in [*earlier, *fresh] if not _SENSITIVE.search(s)]
    telling = [s for s in every if any(True for _ in said(s))]
    rest = [s for s in every if s not in telling and not s.endswith("?")]
    chosen: dict[str, str] = {}
    size = 0
    for sentence in [*telling, *rest] or every:
        if sentence.lower() not in chosen and size + len(sentence) < _SUMMARY_LIMIT:
            chosen[sentence.lower()] = sentence
            size += len(sentence) + 1
    return " ".join(chosen.values())


def _sentences(text: str) -> list[str]:
    found = (sentence.strip() for sentence in _SENTENCE.findall(text))
    return [_short(sentence) for sentence in found if _ANY_WORD.search(sentence)]


def _short(sentence: str) -> str:
    if len(sentence) <= _SENTENCE_LIMIT:
        return sentence if sentence[-1] in ".!?…" else sentence + "."
    return sentence[:_SENTENCE_LIMIT].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def _facts(lines: list[_Line], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        for thing in said(line.text):
            many = thing.value if thing.key in ("likes", "dislikes", "note") else ""
            newest[thing.key, many] = {
                "key": labels.get(thing.key, thing.key),
                "value": thing.value,
                "source_seq": line.seq,
            }
    return list(newest.values())


def _topics(texts: Iterable[str]) -> list[str]:
    words = Counter(
        word
        for text in texts
        for word in set(_WORD.findall(text.lower()))
        if word not in _DULL and not _SENSITIVE.search(word)
    )
    return [word for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0]))][
        :_TOPICS
    ]


def _fit(schema: dict[str, Any], known: dict[str, Any]) -> Any:
    """A value that fits `schema`, from `known` where a property's name is there."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _known(name, rule, known) for name, rule in properties.items()}
    if kind == "array":
        return [_fit(schema.get("items", {}), {}) for _ in range(schema.get("minItems", 0))]
    number = schema.get("minimum", 0)
    return {"string": "", "integer": number, "number": number, "boolean": False}.get(str(kind))


def _known(name: str, rule: dict[str, Any], known: dict[str, Any]) -> Any:
    value = known.get(name)
    if value is None:
        return _fit(rule, known)
    if isinstance(value, list) and "maxItems" in rule:
        return value[: rule["maxItems"]]
    return value
