"""Finding what was once said: see `Recall`."""

from butler.domain.recall.index import Reading, Recall, read
from butler.domain.recall.weights import Weights

__all__ = ["Reading", "Recall", "Weights", "read"]
