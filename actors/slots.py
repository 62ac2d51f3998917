"""Workers that are free, and what the others are at."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Slots(Generic[T]):
    """Which worker has which job. A plain object of the actor that hands out jobs."""

    def __init__(self) -> None:
        self._free: deque[str] = deque()
        self._jobs: dict[str, T] = {}

    @property
    def any_free(self) -> bool:
        """Whether a job could be given out now."""
        return bool(self._free)

    @property
    def busy(self) -> int:
        """How many jobs are under way."""
        return len(self._jobs)

    def ready(self, worker: str) -> T | None:
        """A worker has (re)started: it is free; what it was at before, if anything, is lost."""
        lost = self._jobs.pop(worker, None)
        if worker not in self._free:
            self._free.append(worker)
        return lost

    def give(self, job: T) -> str:
        """A free worker takes `job`; its name. IndexError if none is free."""
        worker = self._free.popleft()
        self._jobs[worker] = job
        return worker

    def done(self, worker: str) -> T | None:
        """A worker has finished: its job, or None if it was given up on meanwhile."""
        job = self._jobs.pop(worker, None)
        if job is not None:
            self._free.append(worker)
        return job

    def jobs(self) -> list[T]:
        """All jobs under way."""
        return list(self._jobs.values())
