"""Actors on shared threads: `PooledActor`, the dispatchers they run on, and what they may use."""

from actors.runtime.actor import PooledActor
from actors.runtime.dispatcher import Dispatcher, DispatcherState, default_dispatcher
from actors.runtime.future import PooledFuture
from actors.runtime.messages import Terminated
from actors.runtime.passivation import Passivation, Route
from actors.runtime.recipe import Recipe
from actors.runtime.ref import PooledRef
from actors.runtime.timers import TimerHandle, Timers

__all__ = [
    "Dispatcher",
    "DispatcherState",
    "Passivation",
    "PooledActor",
    "PooledFuture",
    "PooledRef",
    "Recipe",
    "Route",
    "Terminated",
    "TimerHandle",
    "Timers",
    "default_dispatcher",
]
