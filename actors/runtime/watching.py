"""Death watch: to be told, once, that another actor has ended."""

from collections.abc import Callable

from actors.runtime.body import Body
from actors.runtime.messages import Terminated
from supervision.failure import Failure


class Watching(Body):
    """The part of a `Cell` that watches and is watched. Any thread."""

    __slots__ = ()

    def watch(self, watched: "Watching") -> None:
        """See `PooledActor.watch`."""
        with self.lock:
            if self.watching is None:
                self.watching = set()
            self.watching.add(watched)
        with watched.lock:
            gone = watched.gone
            if not gone:
                watched.watchers = watched.watchers or set()
                watched.watchers.add(self)
        if gone:
            self.mourn(watched, watched.reason)

    def unwatch(self, watched: "Watching") -> None:
        """See `PooledActor.unwatch`."""
        with self.lock:
            if self.watching is not None:
                self.watching.discard(watched)
        with watched.lock:
            if watched.watchers is not None:
                watched.watchers.discard(self)

    def mourn(self, watched: "Watching", reason: Failure | None) -> None:
        """An actor that this one watches has ended."""
        with self.lock:
            if self.watching is None or watched not in self.watching:
                return
            self.watching.discard(watched)
        self.urge(Terminated(watched.ref, watched.name, reason))

    def on_end(self, callback: Callable[[], None]) -> None:
        """Call once when the actor has ended for good, or now."""
        with self.lock:
            if not self.gone:
                self.enders = [*(self.enders or ()), callback]
                return
        callback()

    def farewell(self, reason: Failure | None) -> None:
        """Tell the watchers, once, that the actor has ended."""
        with self.lock:
            self.gone, self.reason = True, reason
            watchers, self.watchers = self.watchers, None
            enders, self.enders = self.enders, None
        for watcher in watchers or ():
            watcher.mourn(self, reason)
        for callback in enders or ():
            callback()
