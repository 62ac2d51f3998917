"""Actors: the runtime they stand on, and the butler's own."""

from actors.runtime import Dispatcher, PooledActor, Terminated

__all__ = ["Dispatcher", "PooledActor", "Terminated"]
