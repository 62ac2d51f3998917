"""What the LLM is given for one answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import attrs

from butler.domain.chat import ChatMessage, ChatRole
from butler.domain.event import Event
from butler.domain.profile import Fact, Language, Profile
from butler.domain.quoting import neutral, quoted
from butler.domain.tokens import PER_MESSAGE, PER_PROMPT, Tokens

Count = Callable[[str], int]

_LABELS: dict[Language, dict[str, str]] = {
    "ru": {
        "today": "Сегодня {date}, {weekday}.",
        "notes": "О госте, с его слов:",
        "name": "Имя в Telegram: {name}",
        "topics": "Интересы: {topics}",
        "summary": "О прежних беседах: {summary}",
        "recalled": "Из прежних бесед, дословно:",
        "user": "гость",
        "assistant": "вы",
    },
    "en": {
        "today": "Today is {date}, {weekday}.",
        "notes": "About the guest, as told:",
        "name": "Name in Telegram: {name}",
        "topics": "Interests: {topics}",
        "summary": "Of earlier talks: {summary}",
        "recalled": "From earlier talks, verbatim:",
        "user": "guest",
        "assistant": "you",
    },
}
_WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_CUT = " […] "
_ESTIMATE: Count = Tokens().count
# Below this a shortened text says nothing.
_LEAST = 12


@attrs.frozen
class Budget:
    """Limits in tokens: of the whole, of the model's context, of the answer, and of each part."""

    total: int = 2000
    context: int = 4096
    reply: int = 512
    notes: int = 300
    summary: int = 250
    recalled: int = 450
    recent: int = 600

    @property
    def limit(self) -> int:
        """What the prompt may cost; a context too small for the answer is shared by halves."""
        return min(self.total, max(self.context - self.reply, self.context // 2))

    def shrunk(self, share: float) -> Budget:
        """The parts but not the whole scaled down; used when a server reports an overflow, too."""
        parts = ("notes", "summary", "recalled", "recent")
        return attrs.evolve(self, **{part: int(getattr(self, part) * share) for part in parts})


@attrs.frozen
class Prompt:
    """The turns: system, then user and assistant by turns, ending with the guest's message.

    `tokens` by the given count; `cut`: the message alone was over the limit and was shortened.
    """

    messages: tuple[ChatMessage, ...]
    tokens: int
    cut: bool = False


def compose(
    *,
    persona: str,
    messages: Sequence[str],
    language: Language = "ru",
    profile: Profile | None = None,
    window: Sequence[Event] = (),
    recalled: Sequence[Event] = (),
    today: date | None = None,
    budget: Budget = Budget(),
    count: Count = _ESTIMATE,
) -> Prompt:
    """The prompt for `messages` (what the guest said since the last answer), never over the budget.

    `window` by seq; `recalled` best first. Without a profile nothing of memory enters. What changes
    least stands first: persona, day, notes, summary, then recalled, recent turns, the message.
    """
    composer = _Composer(language, profile, window, recalled, count)
    head = [persona]
    if today is not None:
        weekday = _WEEKDAYS[language][today.weekday()]
        head.append(_LABELS[language]["today"].format(date=today.isoformat(), weekday=weekday))
    base = _fitted("\n\n".join(head), budget.limit // 2, count)
    words = neutral("\n\n".join(messages))
    room = budget.limit - PER_PROMPT - 2 * PER_MESSAGE - count(base)
    message = _fitted(words, room, count)
    turns = composer.turns(base, message, budget.shrunk(0))
    share = min(1.0, max(0, budget.limit - _cost(turns, count)) / _parts(budget))
    while share > 0.05:
        fuller = composer.turns(base, message, budget.shrunk(share))
        if _cost(fuller, count) <= budget.limit:
            turns = fuller
            break
        share *= 0.8
    return Prompt(turns, _cost(turns, count), cut=message != words)


@attrs.frozen
class _Composer:
    language: Language
    profile: Profile | None
    window: Sequence[Event]
    archive: Sequence[Event]
    count: Count

    def turns(self, base: str, message: str, budget: Budget) -> tuple[ChatMessage, ...]:
        sections = (base, self._notes(budget), self._summary(budget), self._recalled(budget))
        system = "\n\n".join(section for section in sections if section)
        return (ChatMessage("system", system), *_alternating(self._recent(budget.recent), message))

    def _notes(self, budget: Budget) -> str:
        if self.profile is None or budget.notes < _LEAST:
            return ""
        labels, lines = _LABELS[self.language], []
        if self.profile.name:
            lines.append(labels["name"].format(name=quoted(self.profile.name, 64)))
        if self.profile.preferred_topics:
            topics = ", ".join(quoted(topic, 40) for topic in self.profile.preferred_topics)
            lines.append(labels["topics"].format(topics=topics))
        facts = [fact for fact in self.profile.facts if fact.superseded_by is None]
        facts.sort(key=lambda fact: (fact.pinned, fact.source_seq), reverse=True)
        best = lines + [_fact_line(fact) for fact in facts]
        kept = self._within(best, budget.notes - self.count(labels["notes"]))
        return "\n".join((labels["notes"], *kept)) if kept else ""

    def _summary(self, budget: Budget) -> str:
        if self.profile is None or not self.profile.memory_summary or budget.summary < _LEAST:
            return ""
        label = _LABELS[self.language]["summary"]
        limit = budget.summary - self.count(label)
        summary = _fitted(quoted(self.profile.memory_summary), limit, self.count)
        return label.format(summary=summary) if summary else ""

    def _recalled(self, budget: Budget) -> str:
        if budget.recalled < _LEAST:
            return ""
        labels = _LABELS[self.language]
        events = [event for event in self.archive if self._own(event)]
        lines = {
            f"- {event.created_at.date().isoformat()}, {labels[event.role]}: "
            + quoted(event.content, 400): event.seq
            for event in events
        }
        kept = self._within(list(lines), budget.recalled - self.count(labels["recalled"]))
        in_order = sorted(kept, key=lambda line: lines[line])
        return "\n".join((labels["recalled"], *in_order)) if kept else ""

    def _recent(self, limit: int) -> Iterator[ChatMessage]:
        """The newest events that fit, oldest first; a long one is shortened, not left out."""
        chosen: list[ChatMessage] = []
        each, left = limit // 3, limit
        covered = self.profile.covered_seq if self.profile else 0
        for event in reversed(self.window):
            if not self._own(event) or event.seq <= covered:
                continue
            words = _fitted(neutral(event.content), min(each, left - PER_MESSAGE), self.count)
            if not words:
                break
            left -= self.count(words) + PER_MESSAGE
            chosen.append(ChatMessage(event.role, words))
        return reversed(chosen)

    def _own(self, event: Event) -> bool:
        return self.profile is not None and event.user_id == self.profile.user_id

    def _within(self, lines: Sequence[str], limit: int) -> list[str]:
        """The first lines that fit; one that does not is passed over."""
        kept = []
        for line in lines:
            cost = self.count(line + "\n")
            if cost <= limit:
                kept.append(line)
                limit -= cost
        return kept


def _fact_line(fact: Fact) -> str:
    since = fact.valid_from.date().isoformat()
    return f"- {quoted(fact.key, 60)}: {quoted(fact.value, 300)} ({since})"


def _alternating(recent: Iterator[ChatMessage], message: str) -> list[ChatMessage]:
    """Strictly user, assistant, …, user, as chat templates demand: neighbours are merged."""
    turns: list[ChatMessage] = []
    for turn in (*recent, ChatMessage("user", message)):
        role: ChatRole = turn.role
        if turns and turns[-1].role == role:
            turns[-1] = ChatMessage(role, f"{turns[-1].content}\n\n{turn.content}")
        elif turns or role == "user":
            turns.append(turn)
    return turns


def _fitted(text: str, limit: int, count: Count) -> str:
    """The text, or its beginning and end where it is over `limit` tokens; "" where none fits."""
    if not text or count(text) <= limit:
        return text
    if limit < _LEAST:
        return ""
    shortest, longest = 0, len(text) - len(_CUT)
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if count(_shortened(text, middle)) <= limit:
            shortest = middle
        else:
            longest = middle - 1
    return _shortened(text, shortest) if shortest > 0 else ""


def _shortened(text: str, keep: int) -> str:
    """`keep` characters of the text: two thirds from its beginning, the rest from its end."""
    tail = keep // 3
    return text[: keep - tail].rstrip() + _CUT + text[len(text) - tail :].lstrip()


def _parts(budget: Budget) -> int:
    return max(1, budget.notes + budget.summary + budget.recalled + budget.recent)


def _cost(turns: Sequence[ChatMessage], count: Count) -> int:
    return PER_PROMPT + sum(count(turn.content) + PER_MESSAGE for turn in turns)
