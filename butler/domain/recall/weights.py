"""What counts how much when messages are ranked."""

from __future__ import annotations

import attrs


@attrs.frozen
class Weights:
    """The weights of `Recall`, found on public chats; any of them at 0 leaves its part out.

    `k1`, `b`: BM25's, the latter lower than for documents, since what is said in a chat is short
    throughout. `around`: a word counts this much also for the messages one away and two away in
    the same talk, so that an answer is found by the words of its question. `alike`: a word that
    only begins like the asked one.

    These multiply by 1 + their value: `named`, what the one said whom the question names; `timely`,
    what tells of days or numbers, where the question is when; `spanned` and `after`, what was said
    in the days asked about, and in the week after; `recency`, what was said today, fading in a
    month. `then` is added to what was said in the days asked about, whatever its words.

    `nearness`: the part that vectors have in the score. `least` and `least_of_all`: what scores
    under this part of the best is not about the question, nor what scores under this part of a
    message that would hold all of its words.
    """

    k1: float = 0.8
    b: float = 0.4
    around: tuple[float, ...] = (0.5, 0.25)
    alike: float = 0.15
    named: float = 0.5
    timely: float = 0.3
    spanned: float = 0.5
    after: float = 0.2
    then: float = 1.0
    recency: float = 0.1
    nearness: float = 0.4
    least: float = 0.05
    least_of_all: float = 0.07
