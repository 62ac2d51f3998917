"""What the web asks of the running butler."""

from __future__ import annotations

from typing import Any, Protocol

Json = dict[str, Any]


class StatusSource(Protocol):
    """The butler as an operator sees it.

    Every method is called on the server's event loop, so it must be quick and must not block: hand
    out what was last measured. What is returned must be ready for JSON and hold no guest's words.
    """

    def health(self) -> tuple[bool, Json]:
        """Whether the process is worth keeping, and why (`GET /health`)."""
        ...

    def ready(self) -> tuple[bool, Json]:
        """Whether guests are served, and each dependency: {"llm": {"up": true, "detail": "…"}}.

        `up` is None while it is not known yet.
        """
        ...

    def tree(self) -> Json:
        """The root of the actor tree.

        A node has `name`, `state` ("running", "starting", "restarting", "stopped", "failed"),
        `restarts`, and where known `mailbox` (messages that wait), `oldest_age` (seconds the
        oldest of them waits), `last_failure` (type and place), `count` (live children, though
        `children` may hold only some of them) and `children`.
        """
        ...

    def overview(self) -> Json:
        """`mode` ("telegram", "playground"), `version`, `uptime` (seconds).

        Further `statistics` (name → count, of the store) and `figures` (label → number or text),
        both shown as they are.
        """
        ...


def pruned(node: Json, width: int) -> Json:
    """The tree with at most `width` children a node; `omitted` says how many are left out."""
    children = node.get("children") or ()
    shown = {**node, "children": [pruned(child, width) for child in children[:width]]}
    if len(children) > width:
        shown["omitted"] = len(children) - width
    return shown
