"""The dictionary of plain words: made of Hunspell's lists, it holds sums and no names."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from butler.domain.vocabulary import WORDS, plain_word
from ops.dictionary import encoding_of, packed

LINES = ("4", "spouse/MS", "Martha/M", "ёлка/I", "ЧПУ", "busy/GD")


def sums(data: bytes) -> list[int]:
    return list(map(int, np.cumsum(np.frombuffer(zlib.decompress(data), "<u4"), dtype=np.uint32)))


def test_small_words_are_kept_as_sorted_sums() -> None:
    words = ("spouse", "елка", "busy")
    assert sums(packed(LINES)) == sorted(zlib.crc32(word.encode()) for word in words)


def test_a_list_is_read_as_its_affixes_say(tmp_path: Path) -> None:
    (tmp_path / "ru.dic").write_text("1\nдом\n", "koi8-r")
    assert encoding_of(tmp_path / "ru.dic") == "utf-8"
    (tmp_path / "ru.aff").write_bytes(b"SET KOI8-R\nTRY abc\n")
    assert (tmp_path / "ru.dic").read_text(encoding_of(tmp_path / "ru.dic")) == "1\nдом\n"


def test_the_one_in_use_is_large_and_sorted() -> None:
    found = sums(WORDS.read_bytes())
    assert len(found) > 150_000
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("Spouse", True), ("Families", True), ("Хозяйство", True), ("Собаки", True),
        ("Martha", False), ("Bristol", False), ("Пушкин", False), ("Zorblax", False), ("", False),
        ("\ud800", False),
    ],
)  # fmt: skip
def test_plain_words_are_told_from_names(word: str, plain: bool) -> None:
    assert plain_word(word) == plain
