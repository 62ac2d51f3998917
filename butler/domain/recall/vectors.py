"""Vectors of messages, a byte for each dimension, and how near a question's vector is to them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

# The newest so many are held, each at a byte a dimension: 3.7 MiB at 384 dimensions.
MOST = 10_000
_AT_ONCE = 2_048
_STORED = np.dtype("<f2")


def packed(vector: Sequence[float]) -> bytes:
    """A vector as it is stored: its direction in half precision, little-endian.

    Empty for one without direction (nothing but zeros, or no numbers).
    """
    floats = np.asarray(vector, np.float64)
    length = float(np.linalg.norm(floats))
    if not np.isfinite(length) or length == 0:
        return b""
    return (floats / length).astype(_STORED).tobytes()


class Vectors:
    """Directions by seq; those of another dimension than the first are passed over."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._rows = bytearray()
        self._lengths = array("f")
        self._size = 0

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, seq: int) -> bool:
        return seq in self._places

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return len(self._rows) + 100 * len(self._places)

    def add(self, stored: Mapping[int, bytes]) -> None:
        """Take in what `packed` made, by seq; beyond `MOST` the oldest go."""
        for seq, half in stored.items():
            size = len(half) // _STORED.itemsize
            if seq in self._places or not size or self._size not in (0, size):
                continue
            self._size = size
            self._places[seq] = len(self._places)
            row = _row(np.frombuffer(half, _STORED).astype(np.float32))
            self._rows += row.tobytes()
            self._lengths.append(float(np.linalg.norm(row.astype(np.float32))) or 1.0)
        over = len(self._places) - MOST
        if over > 0:
            self.drop(set(sorted(self._places)[:over]))

    def near(self, half: bytes) -> tuple[npt.NDArray[np.int64], Floats]:
        """The seqs held, and how near each is to a vector from `packed`: cosines."""
        wanted = np.frombuffer(half, _STORED).astype(np.float32)
        if not self._places or len(wanted) != self._size:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        rows = self._matrix()
        cosines = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _AT_ONCE):
            part = rows[start : start + _AT_ONCE].astype(np.float32)
            # Not `@`: BLAS would wake threads of its own, which on a busy machine is slower.
            cosines[start : start + _AT_ONCE] = np.einsum("ij,j->i", part, wanted)
        cosines /= np.frombuffer(self._lengths, np.float32)
        return np.fromiter(self._places, np.int64, len(self._places)), cosines

    def drop(self, seqs: set[int]) -> None:
        """Forget these."""
        if seqs.isdisjoint(self._places):
            return
        kept = [seq for seq in self._places if seq not in seqs]
        places = [self._places[seq] for seq in kept]
        self._rows = bytearray(self._matrix()[places].tobytes())
        self._lengths = array("f", [self._lengths[place] for place in places])
        self._places = {seq: place for place, seq in enumerate(kept)}

    def _matrix(self) -> npt.NDArray[np.int8]:
        return np.frombuffer(self._rows, np.int8).reshape(-1, self._size)


def _row(floats: Floats) -> npt.NDArray[np.int8]:
    """The direction with its largest number at 127: under 0.01 of a cosine is lost."""
    largest = max(float(np.abs(floats).max()), 1e-6)
    return (floats * (127 / largest)).round().astype(np.int8)
