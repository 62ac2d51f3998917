"""Any recording to the one form that all engines hear: 16 kHz, mono, signed 16 bit."""

from __future__ import annotations

import io
import wave
from typing import Any

import attrs

from butler.errors import AudioInvalid, AudioSilent, AudioTooLong

RATE = 16_000
"""Samples a second of a `Recording`."""

_BYTES_PER_SECOND = RATE * 2
_SHORTEST_SECONDS = 0.1
_WINDOW = RATE // 10
_QUIET = 200
"""Peak to peak, of 65,536: what a switched-off microphone gives, about -50 dBFS."""

# Playlist formats would let a stranger's file make FFmpeg open other files and addresses.
_FORMATS = "ogg,matroska,webm,mov,mp4,m4a,3gp,mp3,wav,aac,flac,amr,amrnb,amrwb"
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "none"}

# Outside these a few bytes could be resampled into gigabytes.
_RATES = range(4_000, 384_001)
_MOST_CHANNELS = 8


@attrs.frozen
class Recording:
    """Decoded sound: `pcm` is 16 kHz mono signed 16-bit little-endian."""

    pcm: bytes = attrs.field(repr=lambda pcm: f"<{len(pcm)} bytes>")

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / _BYTES_PER_SECOND

    def wav(self) -> bytes:
        """The same as a WAV file."""
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(self.pcm)
        return buffer.getvalue()


def decode(data: bytes, max_seconds: float) -> Recording:
    """Decode an audio or video file of any usual container; of several sound tracks the first.

    A file that breaks off, or has broken stretches, gives what can be heard of it. Takes no more
    memory than `data` and `max_seconds` of sound (32 kB a second). Any thread.

    Raises:
        AudioInvalid: empty, not decodable, or no sound track.
        AudioTooLong: more than `max_seconds`.
        AudioSilent: nothing in it but silence.
    """
    if not data:
        raise AudioInvalid("the recording is empty")
    pcm = _pcm_of(data, int(max_seconds * _BYTES_PER_SECOND))
    if not pcm:
        raise AudioInvalid("the recording holds no sound that can be decoded")
    if not _has_sound(pcm):
        raise AudioSilent("the recording is silent")
    return Recording(pcm)


def _pcm_of(data: bytes, limit: int) -> bytes:
    import av  # FFmpeg takes a quarter of a second to load: not at start

    try:
        with av.open(
            io.BytesIO(data), mode="r", options=_OPTIONS, metadata_errors="ignore"
        ) as container:
            if not container.streams.audio:
                raise AudioInvalid("the file has no sound track")
            return _listen(container, container.streams.audio[0], limit)
    except (av.FFmpegError, ValueError, TypeError, AttributeError, OverflowError) as exc:
        # PyAV meets some broken headers with plain Python errors.
        raise AudioInvalid(f"the recording cannot be decoded ({type(exc).__name__})") from exc


def _listen(container: Any, stream: Any, limit: int) -> bytes:
    from av import FFmpegError

    collected = _Pcm(limit)
    try:
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except FFmpegError:
                continue  # one broken packet is a click, not the end
            for frame in frames:
                collected.add(frame)
    except FFmpegError:
        pass  # the file breaks off here
    return collected.finish()


class _Pcm:
    """Frames in, PCM out, at most `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pcm = bytearray()
        self._resampler: Any = None
        self._form: tuple[str, str, int] | None = None

    def add(self, frame: Any) -> None:
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            self._change(form, frame.layout.nb_channels)
        frame.pts = None  # gaps and jumps of a broken clock would be filled or refused
        self._take(self._resampler.resample(frame))

    def finish(self) -> bytes:
        self._flush()
        return bytes(self._pcm)

    def _change(self, form: tuple[str, str, int], channels: int) -> None:
        from av import AudioResampler

        self._flush()
        if form[2] not in _RATES or not 1 <= channels <= _MOST_CHANNELS:
            raise AudioInvalid(f"no voice has {form[2]} Hz and {channels} channels")
        self._resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        self._form = form

    def _flush(self) -> None:
        if self._resampler is not None:
            self._take(self._resampler.resample(None))
            self._resampler = None

    def _take(self, frames: list[Any]) -> None:
        for frame in frames:
            self._pcm += memoryview(frame.planes[0])[: frame.samples * 2]
        if len(self._pcm) > self._limit:
            minutes = self._limit / _BYTES_PER_SECOND / 60
            raise AudioTooLong(f"the recording is longer than {minutes:g} minutes")


def _has_sound(pcm: bytes) -> bool:
    """Whether at least two tenths of a second are louder than a silent room.

    One alone is the click of the button.
    """
    if len(pcm) < _SHORTEST_SECONDS * _BYTES_PER_SECOND:
        return False
    samples = memoryview(pcm).cast("h")
    loud = 0
    for start in range(0, len(samples), _WINDOW):
        window = samples[start : start + _WINDOW]
        if max(window) - min(window) > _QUIET:
            loud += 1
            if loud == 2:
                return True
    return False
