"""Vectors without a model: which stems a text holds, hashed. The same everywhere and always."""

from __future__ import annotations

import math
from hashlib import blake2b

from butler.domain.stems import content_stems

SIZE = 64


def bag_of_stems(text: str, size: int = SIZE) -> list[float]:
    """A vector of length 1 (0 for a text without stems); near for texts that share stems."""
    numbers = [0.0] * size
    for stemmed in content_stems(text):
        digest = int.from_bytes(blake2b(stemmed.encode(), digest_size=8).digest())
        numbers[digest % size] += 1.0 if digest & 1 << 40 else -1.0
    length = math.hypot(*numbers) or 1.0
    return [number / length for number in numbers]
