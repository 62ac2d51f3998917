"""Memory of an idle user actor of the butler without its window, supervised as in the service."""

from __future__ import annotations

import argparse
import gc
import json
import os
import threading
from pathlib import Path
from typing import Any

from actors import messages as m
from actors.guest.attempts import Attempts
from actors.guest.rules import Bot, Rules
from actors.runtime import Dispatcher, PooledActor
from actors.user import UserActor
from butler.clock import SystemClock
from butler.domain.prompt import Budget
from butler.telemetry import Telemetry
from supervision import ChildSpec, Directory, Intensity, Root, Supervisor

WARM = 1000
SETTLE_SECONDS = 5.0


class Strangers(PooledActor):
    """Stands for journal and reader: nobody is known."""

    def __init__(self, directory: Directory) -> None:
        super().__init__()
        self._directory = directory

    def on_receive(self, message: Any) -> Any:
        if isinstance(message, m.Barrier):
            wanted = message.message
            read = m.GuestRead(None, (), None, token=wanted.token)
            self._directory.tell(wanted.reply_to, read)


def resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actors", type=int, default=20_000)
    args = parser.parse_args()
    directory, pool = Directory(), Dispatcher("actors", 2)
    users = Supervisor(intensity=Intensity(30, 60.0, per="child"))
    specs = [
        ChildSpec(m.JOURNAL, Strangers.on(pool, directory)),
        ChildSpec(m.USERS, users, kind="supervisor"),
    ]
    root = Root(specs, directory=directory, on_event=lambda _: None)
    root.start()
    rules = Rules(Bot(1, "butler"), True, 50, 20, 60.0, Budget())
    common = (rules, directory, Telemetry(), SystemClock())

    def start(first: int, last: int) -> None:
        for number in range(first, last):
            recipe = UserActor.on(pool, str(number), *common, Attempts())
            spec = ChildSpec(m.user_name(str(number)), recipe, restart="transient")
            root.supervisor(m.USERS).start_child(spec)
        threading.Event().wait(SETTLE_SECONDS)

    start(0, WARM)
    before = resident()
    start(WARM, WARM + args.actors)
    each = round((resident() - before) / args.actors / 1024, 2)
    print(f"{args.actors} idle user actors: {each} KiB each")
    print(json.dumps({"actors": args.actors, "kib_each": each}), flush=True)
    os._exit(0)  # without stopping them one by one


if __name__ == "__main__":
    main()
