"""Finding what was once said: see `Recall`."""

from butler.domain.recall.index import Recall
from butler.domain.recall.weights import Weights

__all__ = ["Recall", "Weights"]
