"""Workers that are free, and what the others are at."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen
class WorkerReady:
    """A worker has (re)started; `life` tells this incarnation from those before."""

    worker: str
    life: object


@attrs.frozen
class Task(Generic[T]):
    """A job for one incarnation of a worker.

    A restart leaves it in the mailbox, while whoever gave it has found another for the job: the
    next incarnation lets it lie.
    """

    life: object
    job: T


class Slots(Generic[T]):
    """Which worker has which job. A plain object of the actor that hands out jobs."""

    def __init__(self) -> None:
        self._free: dict[str, object] = {}
        self._lives: dict[str, object] = {}
        self._jobs: dict[object, tuple[str, T]] = {}

    @property
    def any_free(self) -> bool:
        """Whether a job could be given out now."""
        return bool(self._free)

    @property
    def free(self) -> int:
        """How many jobs could be given out now."""
        return len(self._free)

    @property
    def count(self) -> int:
        """How many workers have ever been ready."""
        return len(self._lives)

    @property
    def jobs(self) -> list[T]:
        """What is under way."""
        return [job for _, job in self._jobs.values()]

    @property
    def busy(self) -> int:
        """How many jobs are under way."""
        return len(self._jobs)

    def ready(self, ready: WorkerReady) -> T | None:
        """A worker is free; what it was at before it restarted, if anything, is lost."""
        _, lost = self._jobs.pop(self._lives.get(ready.worker), ("", None))
        self._lives[ready.worker] = self._free[ready.worker] = ready.life
        return lost

    def give(self, job: T) -> tuple[str, Task[T]]:
        """Whom to tell what, so that `job` is done. StopIteration if no worker is free."""
        worker = next(iter(self._free))
        life = self._free.pop(worker)
        self._jobs[life] = (worker, job)
        return worker, Task(life, job)

    def done(self, life: object) -> T | None:
        """A worker has finished: its job, or None if it was given up on meanwhile."""
        worker, job = self._jobs.pop(life, ("", None))
        if worker:
            self._free[worker] = life
        return job
