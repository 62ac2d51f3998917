"""What of an engine's answer was said, and what Whisper made up.

Whisper fills silence with what its training films had there. Its own figures tell most of that; the
thresholds are wider than the library's where a clear but artificial voice would be lost otherwise
(measured: such a voice scores down to -1.35, silence at -0.8 with a no-speech probability of 0.75).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from butler.errors import AudioSilent

_NO_SPEECH = 0.6
_DOUBTFUL = -0.7
_NONSENSE = -1.6
_REPEATED = 2.0

_STUCK = re.compile(r"\b(\w.{1,80}?)(?:\W*\1){3,}")

_SUBTITLE_CREDITS = (
    "субтитры сделал",
    "субтитры создавал",
    "субтитры подогнал",
    "редактор субтитров",
    "корректор а.",
    "subtitles by the amara",
    "transcription by castingwords",
)
"""How film credits begin that Whisper hears in silence, and no guest says."""


@attrs.frozen
class Segment:
    """A stretch of text with Whisper's figures for it; the defaults raise no doubt.

    `no_speech`: 0 to 1; `logprob`: mean over its tokens, 0 is certain; `repetition`: length over
    compressed length.
    """

    text: str
    no_speech: float = 0.0
    logprob: float = 0.0
    repetition: float = 1.0

    def believable(self) -> bool:
        """Whether it was probably said."""
        if self.no_speech > _NO_SPEECH and self.logprob < _DOUBTFUL:
            return False
        if self.logprob < _NONSENSE:
            return False
        return not self.text.strip().casefold().startswith(_SUBTITLE_CREDITS)

    def said(self) -> str:
        """The text, a phrase that the decoder got stuck on only once."""
        text = self.text.strip()
        return _STUCK.sub(r"\1", text) if self.repetition > _REPEATED else text


def words_of(segments: Iterable[Segment]) -> str:
    """The text of all believable segments; `AudioSilent` where no letter or digit is left."""
    text = " ".join(part.said() for part in segments if part.believable()).strip()
    if not any(character.isalnum() for character in text):
        raise AudioSilent("no words were heard in the recording")
    return text
