"""Vectors: made in the background, in batches, again after failures; of a question at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from actors import messages as m
from actors.embedder import AGAIN_SECONDS, BATCH, SHOWN, Embedder, QuestionEmbedder
from butler.domain.recall.vectors import packed
from butler.domain.writes import KeepVectors
from butler.errors import ModelError, ModelInvalid, ModelUnavailable
from tests.actors.staging import Stage, committed, stage
from tests.actors.test_guest_archive import said
from tests.support.fakes import Told
from tests.support.waiting import eventually

GUEST = m.user_name("7")


class FakeEmbeddings:
    """`butler.ports.Embeddings`: the length of a text is where it points; fails when told so."""

    name = "small"

    def __init__(self) -> None:
        self.asked = Told()
        self.failing: ModelError | None = None

    def embed(self, texts: Sequence[str], timeout: float) -> list[list[float]]:
        self.asked(tuple(texts))
        if self.failing is not None:
            raise self.failing
        return [[float(len(text)), 1.0] for text in texts]

    def close(self) -> None:
        pass


@pytest.fixture
def set_up() -> Iterator[tuple[Stage, FakeEmbeddings]]:
    with stage() as made:
        fake = FakeEmbeddings()
        made.start(
            m.JOURNAL,
            (m.EMBEDDINGS, Embedder.on(made.io, fake, made.directory, lambda: 0.0)),
            (m.QUESTIONS, QuestionEmbedder.on(made.io, fake, made.directory, made.time)),
            GUEST,
        )
        yield made, fake


def events(count: int, user_id: str = "7") -> m.EmbedEvents:
    return m.EmbedEvents(user_id, tuple(said(seq, "ч" * seq) for seq in range(1, count + 1)))


def passing(made: Stage, fake: FakeEmbeddings, calls: int, step: float = 0.1) -> None:
    """Returns once the server was asked so often, while time goes by."""

    def look() -> bool:
        made.time.advance(step)
        return len(fake.asked.of(tuple)) >= calls

    eventually(f"{calls} calls", look)


def test_vectors_are_stored_and_told_to_their_guest(set_up: tuple[Stage, FakeEmbeddings]) -> None:
    made, fake = set_up
    made.tell(m.EMBEDDINGS, events(2))
    passing(made, fake, 1)
    write = committed(made.told[m.JOURNAL], KeepVectors).write
    assert (write.user_id, write.model) == ("7", "small")
    assert [(v.event_id, v.vector) for v in write.vectors] == [
        ("1:1:user", packed([1, 1])),
        ("1:2:user", packed([2, 1])),
    ]
    assert made.told[GUEST].wait(m.VectorsMade).vectors == write.vectors


def test_many_go_in_batches_of_one_guest_each(set_up: tuple[Stage, FakeEmbeddings]) -> None:
    made, fake = set_up
    made.tell(m.EMBEDDINGS, events(BATCH + 1))
    made.tell(m.EMBEDDINGS, events(3, "8"))
    passing(made, fake, 3)
    assert [len(texts) for texts in fake.asked.of(tuple)] == [BATCH, 1, 3]
    committed(made.told[m.JOURNAL], KeepVectors, 3)
    writes = [commit.write for commit in made.told[m.JOURNAL].of(m.Commit)]
    assert [w.user_id for w in writes if isinstance(w, KeepVectors)] == ["7", "7", "8"]


def test_a_long_text_is_shown_in_part(set_up: tuple[Stage, FakeEmbeddings]) -> None:
    made, fake = set_up
    made.tell(m.EMBEDDINGS, m.EmbedEvents("7", (said(1, "ч" * 9_999),)))
    passing(made, fake, 1)
    assert [len(text) for text in fake.asked.of(tuple)[0]] == [SHOWN]


def test_while_the_server_fails_it_is_asked_ever_more_seldom_and_nothing_is_lost(
    set_up: tuple[Stage, FakeEmbeddings],
) -> None:
    made, fake = set_up
    fake.failing = ModelUnavailable("away")
    made.tell(m.EMBEDDINGS, events(2))
    passing(made, fake, 1, step=0)
    made.flush(m.EMBEDDINGS)
    made.time.advance(AGAIN_SECONDS[0])
    passing(made, fake, 2, step=0)
    made.flush(m.EMBEDDINGS)
    made.time.advance(AGAIN_SECONDS[1] - 0.1)
    made.flush(m.EMBEDDINGS)
    assert len(fake.asked.of(tuple)) == 2
    fake.failing = None
    passing(made, fake, 3)
    assert len(committed(made.told[m.JOURNAL], KeepVectors).write.vectors) == 2


def test_what_the_server_cannot_take_is_passed_over(set_up: tuple[Stage, FakeEmbeddings]) -> None:
    made, fake = set_up
    fake.failing = ModelInvalid("too long")
    made.tell(m.EMBEDDINGS, events(1))
    passing(made, fake, 1)
    made.flush(m.EMBEDDINGS)
    fake.failing = None
    made.tell(m.EMBEDDINGS, events(3, "8"))
    passing(made, fake, 2)
    assert committed(made.told[m.JOURNAL], KeepVectors).write.user_id == "8"


def test_what_was_forgotten_meanwhile_is_not_shown_to_the_server(
    set_up: tuple[Stage, FakeEmbeddings],
) -> None:
    made, fake = set_up
    made.tell(m.EMBEDDINGS, events(1, "8"))
    made.tell(m.EMBEDDINGS, m.EmbedEvents("7", (said(1, "тайна"), said(2, "чай"))))
    made.tell(m.EMBEDDINGS, m.EmbedEvents("7", (said(2, "чай"),), anew=True))
    passing(made, fake, 2)
    assert fake.asked.of(tuple) == [("ч",), ("чай",)]
    made.tell(m.EMBEDDINGS, m.EmbedEvents("7", (said(3, "тайна"),)))
    made.tell(m.EMBEDDINGS, m.EmbedEvents("7", (), anew=True))
    made.time.advance(60)
    made.flush(m.EMBEDDINGS)
    assert len(fake.asked.of(tuple)) == 2


def asking(made: Stage, request_id: str = "q", seconds: float = 1.0) -> m.EmbedQuestion:
    return m.EmbedQuestion(request_id, "чай", GUEST, made.time.monotonic() + seconds)


def test_a_question_is_answered_with_its_vector(set_up: tuple[Stage, FakeEmbeddings]) -> None:
    made, _ = set_up
    made.tell(m.QUESTIONS, asking(made))
    assert made.told[GUEST].wait(m.Embedded) == m.Embedded("q", packed([3, 1]))


def test_a_failing_server_is_left_alone_and_the_answer_is_at_once(
    set_up: tuple[Stage, FakeEmbeddings],
) -> None:
    made, fake = set_up
    fake.failing = ModelUnavailable("away")
    for number in range(5):
        made.tell(m.QUESTIONS, asking(made, str(number)))
    assert made.told[GUEST].wait(m.Embedded, count=5) == m.Embedded("4", b"")
    assert len(fake.asked.of(tuple)) == 2
    fake.failing = None
    made.time.advance(60)
    made.tell(m.QUESTIONS, asking(made, "later"))
    assert made.told[GUEST].wait(m.Embedded, count=6).vector == packed([3, 1])


def test_a_question_that_nobody_waits_for_any_more_is_not_asked(
    set_up: tuple[Stage, FakeEmbeddings],
) -> None:
    made, fake = set_up
    made.tell(m.QUESTIONS, asking(made, seconds=-1))
    assert made.told[GUEST].wait(m.Embedded).vector == b""
    assert fake.asked.of(tuple) == []
