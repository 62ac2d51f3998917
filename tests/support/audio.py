"""Recordings for tests: spoken by espeak-ng, in the containers that guests send.

What is spoken is made once a session. Tests that need a program which is missing are skipped.
"""

from __future__ import annotations

import array
import functools
import io
import math
import re
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path
from random import Random
from typing import Any

import av
import pytest

RATE = 48_000
VOICES = {"en": "en-gb", "ru": "ru"}
SPEEDS = {"en": "140", "ru": "175"}

ENGLISH = "Good evening. Please remind me to water the roses tomorrow morning."
RUSSIAN = ("Сегодня хорошая погода.", "Какая погода в Москве?", "Спасибо, до свидания.")
"""Sentences that Whisper base understands in espeak's Russian, which is hard to understand."""

_CONTAINERS = {
    "ogg": ("ogg", "libopus"),
    "webm": ("webm", "libopus"),
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("mp4", "aac"),
    "flac": ("flac", "flac"),
}


def require(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")


def words(text: str) -> list[str]:
    """Words in lower case, without punctuation: what of a transcript can be compared."""
    return re.findall(r"\w+", text.casefold().replace("ё", "е"))


def overlap(expected: str, heard: str) -> float:
    """The share of the expected words that were heard, whatever the order."""
    wanted, left = words(expected), words(heard)
    found = 0
    for word in wanted:
        if word in left:
            left.remove(word)
            found += 1
    return found / len(wanted)


@functools.cache
def speak_wav(text: str, language: str = "ru") -> bytes:
    """`text` as a WAV file, spoken in "ru" or "en"."""
    require("espeak-ng")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "spoken.wav"
        subprocess.run(
            ["espeak-ng", "-v", VOICES[language], "-s", SPEEDS[language], "-w", path, text],
            check=True,
            timeout=60,
        )
        return path.read_bytes()


@functools.cache
def speak(text: str, language: str = "ru") -> bytes:
    """`text` as a Telegram voice message: OGG with Opus, as opusenc makes it."""
    require("opusenc")
    return _opus(speak_wav(text, language))


def silence(seconds: float = 2.0) -> bytes:
    """A voice message in which nobody speaks."""
    require("opusenc")
    return _opus(wav(bytes(int(seconds * RATE) * 2)))


def noise(seconds: float = 3.0) -> bytes:
    """A voice message with nothing but loud rushing; WAV."""
    return wav(Random(1).randbytes(int(seconds * RATE) * 2))


def knocking(seconds: int = 4) -> bytes:
    """Four knocks at a door, in which Whisper alone hears «спокойная музыка»; WAV."""
    knock = (
        int(16_000 * math.exp(-30 * i / RATE) * math.sin(2 * math.pi * 120 * i / RATE))
        for i in range(RATE)
    )
    return wav(array.array("h", knock).tobytes() * seconds)


def corrupt() -> bytes:
    """A file that begins as OGG and goes on as nothing."""
    return b"OggS" + Random(2).randbytes(5_000)


def oversized() -> bytes:
    """More than the 20 MB that a bot may download."""
    return b"OggS" + bytes(20 * 1024 * 1024)


def wav(pcm: bytes, rate: int = RATE, channels: int = 1) -> bytes:
    """Signed 16-bit samples as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return buffer.getvalue()


def convert(recording: bytes, container: str) -> bytes:
    """The same sound as "ogg", "webm" (what browsers record), "mp3", "m4a" or "flac"."""
    form, codec = _CONTAINERS[container]
    return _encode(recording, form, codec, pictures=0)


def video_note(recording: bytes) -> bytes:
    """The same sound in an MP4 with a moving picture before it."""
    return _encode(recording, "mp4", "aac", pictures=50)


def film_without_sound() -> bytes:
    return _encode(b"", "mp4", "", pictures=25)


def _opus(wav_file: bytes) -> bytes:
    done = subprocess.run(
        ["opusenc", "--quiet", "--bitrate", "32", "-", "-"],
        input=wav_file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=60,
    )
    return done.stdout


def _encode(recording: bytes, form: str, codec: str, pictures: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as out:
        picture_stream = _picture_stream(out) if pictures else None
        sound_stream = out.add_stream(codec, rate=RATE) if codec else None
        if picture_stream is not None:
            for number in range(pictures):
                frame = av.VideoFrame(64, 64, "yuv420p")
                frame.pts = number
                out.mux(picture_stream.encode(frame))
            out.mux(picture_stream.encode(None))
        if sound_stream is not None:
            _encode_sound(recording, out, sound_stream)
    return buffer.getvalue()


def _picture_stream(out: Any) -> Any:
    stream = out.add_stream("mpeg4", rate=25)
    stream.width = stream.height = 64
    stream.pix_fmt = "yuv420p"
    return stream


def _encode_sound(recording: bytes, out: Any, stream: Any) -> None:
    with av.open(io.BytesIO(recording)) as source:
        for frame in source.decode(audio=0):
            frame.pts = None
            out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
