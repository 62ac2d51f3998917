"""Makes `butler/domain/plain_words.bin` of Hunspell's word lists, in which names have a capital.

    python -m ops.dictionary en_US.dic ru_RU.dic [--out FILE]

It holds no word, only the sorted CRC-32 of each that is written in small letters (with ё as е), as
steps from one to the next, compressed. The lists made the present one: `en_US` (49,568 entries) and
`ru_RU` in KOI8-R (146,433 entries).
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from butler.domain.vocabulary import WORDS


def packed(lines: Iterable[str]) -> bytes:
    """The sums of the words in small letters among the entries, "word/flags" each."""
    words = (line.partition("/")[0].strip().replace("ё", "е") for line in lines)
    sums = sorted({zlib.crc32(word.encode()) for word in words if word[:1].islower()})
    steps = np.diff(np.array([0, *sums], np.int64)).astype("<u4")
    return zlib.compress(steps.tobytes(), 9)


def encoding_of(list_file: Path) -> str:
    """As the list's `.aff` beside it says; UTF-8 without one."""
    affixes = list_file.with_suffix(".aff")
    first = affixes.read_bytes().split(b"\n", 1)[0].split() if affixes.exists() else []
    return first[1].decode() if len(first) == 2 and first[0] == b"SET" else "utf-8"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lists", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=WORDS)
    args = parser.parse_args()
    lines = (
        line
        for file in args.lists
        for line in file.read_text(encoding_of(file), errors="replace").splitlines()
    )
    args.out.write_bytes(packed(lines))


if __name__ == "__main__":
    main()
