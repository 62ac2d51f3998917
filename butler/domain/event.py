"""One thing that was said: an event of a guest's memory."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

from butler.domain.profile import Profile

Role = Literal["user", "assistant"]
Source = Literal["text", "voice"]


@attrs.frozen
class Event:
    """One message of the conversation, as stored in `user_memory`.

    `event_id` is derived from the update ("bot:update:role"), so that the same update can enter
    only once; `seq` counts a guest's events from 1 without gaps, in the order of saying.
    """

    event_id: str
    user_id: str
    seq: int
    role: Role
    content: str
    source: Source
    update_id: int
    created_at: datetime


@attrs.frozen
class Guest:
    """What a user actor starts from: profile and window (seq > covered_seq, in order)."""

    profile: Profile
    window: tuple[Event, ...] = ()
