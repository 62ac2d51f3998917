"""Trouble on demand: what goes wrong with which calls, how often."""

from __future__ import annotations

import itertools
import random
import threading
from typing import Any, Literal, get_args

import attrs

from butler.playground.refusals import GuestError, Json, Refusal

Kind = Literal[
    "error", "delay", "hang", "reset", "lose_answer", "garbage", "slow", "duplicate", "reorder"
]
KINDS: tuple[str, ...] = get_args(Kind)
# These act on the updates handed out, the others on the request itself.
_ON_UPDATES = frozenset({"duplicate", "reorder"})
_PREFIXES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
             409: "Conflict", 429: "Too Many Requests", 500: "Internal Server Error",
             502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}  # fmt: skip


@attrs.frozen
class Fault:
    """One kind of trouble.

    Attributes:
        kind: ``error``: an error answer, nothing done. ``delay``: done after *seconds*. ``hang``:
            nothing for *seconds*, then the connection is reset, nothing done. ``reset``: reset at
            once, nothing done. ``lose_answer``: done, then reset after *seconds*. ``garbage``:
            done, but the answer is a web page with *status* (200 by default). ``slow``: done, the
            answer dripping over *seconds*. ``duplicate``: getUpdates and webhooks give updates
            twice. ``reorder``: getUpdates gives its updates in random order.
        method: The Bot API method, in any case; ``file`` for downloads; ``*`` for all.
        status: HTTP status of ``error`` (500 by default) and ``garbage``.
        description: Telegram's sentence; by default the name of the status.
        retry_after: Seconds, told in ``parameters`` (the status is then 429 by default).
        migrate_to_chat_id: Told in ``parameters``.
        seconds: How long, for the kinds that take time.
        probability: Of striking when it matches, 0 to 1.
        count: How many times it strikes before it is spent; ``None``: for ever.
        skip: How many matching calls pass before it begins.
        chat_id: Only calls about this chat.
    """

    kind: Kind = attrs.field(default="error", validator=attrs.validators.in_(KINDS))
    method: str = "*"
    status: int | None = None
    description: str = ""
    retry_after: int | None = None
    migrate_to_chat_id: int | None = None
    seconds: float = attrs.field(default=0.0, validator=attrs.validators.ge(0))
    probability: float = attrs.field(
        default=1.0, validator=[attrs.validators.ge(0), attrs.validators.le(1)]
    )
    count: int | None = None
    skip: int = 0
    chat_id: int | None = None

    def refusal(self) -> Refusal:
        """The answer of an ``error``."""
        code = self.status or (429 if self.retry_after else 500)
        description = self.description or _PREFIXES.get(code, "Internal Server Error")
        parameters: Json = {}
        if self.retry_after is not None:
            parameters["retry_after"] = self.retry_after
            description = self.description or f"{description}: retry after {self.retry_after}"
        if self.migrate_to_chat_id is not None:
            parameters["migrate_to_chat_id"] = self.migrate_to_chat_id
        return Refusal(code, description, parameters)


@attrs.define
class _Armed:
    fault: Fault
    struck: int = 0
    matched: int = 0

    def matches(self, method: str, chat_id: int | None, on_updates: bool) -> bool:
        fault = self.fault
        return (
            (fault.kind in _ON_UPDATES) == on_updates
            and (fault.count is None or self.struck < fault.count)
            and (on_updates or fault.method in ("*", method) or fault.method.lower() == method)
            and fault.chat_id in (None, chat_id)
        )


class Faults:
    """The faults that are set. Safe to use from any thread."""

    def __init__(self, seed: int | None = None) -> None:
        self._rng = random.Random(seed)
        self._numbers = itertools.count(1)
        self._armed: dict[int, _Armed] = {}
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> int:
        """Set *fault*; return the number it is cleared by."""
        with self._lock:
            number = next(self._numbers)
            self._armed[number] = _Armed(fault)
            return number

    def draw(self, method: str, chat_id: int | None = None) -> Fault | None:
        """The fault that strikes this call, if one does; *method* in lower case."""
        return self._draw(method, chat_id, on_updates=False) if self._armed else None

    def shuffle(self, updates: list[Json]) -> list[Json]:
        """*updates* after the faults on updates, the same list when none strikes."""
        if not self._armed or not updates:
            return updates
        fault = self._draw("getupdates", None, on_updates=True)
        if fault is None:
            return updates
        if fault.kind == "duplicate":
            return [copy for update in updates for copy in (update, update)]
        with self._lock:
            return self._rng.sample(updates, len(updates))

    def _draw(self, method: str, chat_id: int | None, *, on_updates: bool) -> Fault | None:
        with self._lock:
            for armed in self._armed.values():
                if not armed.matches(method, chat_id, on_updates):
                    continue
                armed.matched += 1
                if armed.matched <= armed.fault.skip:
                    continue
                if self._rng.random() < armed.fault.probability:
                    armed.struck += 1
                    return armed.fault
        return None

    def clear(self, number: int | None = None) -> None:
        """Forget one fault, or all."""
        with self._lock:
            if number is None:
                self._armed.clear()
            else:
                self._armed.pop(number, None)

    def listing(self) -> list[Json]:
        """Each fault with its number and how often it struck."""
        with self._lock:
            return [
                {"id": number, "struck": armed.struck, **attrs.asdict(armed.fault)}
                for number, armed in self._armed.items()
            ]


def read_fault(raw: Any) -> Fault:
    """A fault from its JSON.

    Raises:
        GuestError: Unknown or wrong fields.
    """
    if not isinstance(raw, dict):
        raise GuestError("expected a JSON object with the fields of a fault")
    known = {field.name for field in attrs.fields(Fault)}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise GuestError(f"expected fields among {sorted(known)}, got {unknown}")
    try:
        return Fault(**raw)
    except (TypeError, ValueError) as error:
        raise GuestError(f"not a fault: {error}") from None
