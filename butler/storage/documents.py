"""Values of the domain as JSON-ready documents, and back; shared by both stores."""

from __future__ import annotations

from datetime import UTC, datetime

import cattrs

from butler.domain.outgoing import Part
from butler.domain.profile import Fact, Tombstone, TopicEvidence
from butler.storage.text import pack_json, unpack_json

NO_PARTS = "[]"


def stamp(moment: datetime) -> str:
    """A moment as sortable text of fixed width, in UTC; naive moments are refused."""
    if moment.tzinfo is None:
        raise ValueError("expected a timezone-aware datetime, got a naive one")
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")


def moment(stored: str) -> datetime:
    """The moment that `stamp` was given, in UTC."""
    return datetime.fromisoformat(stored)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(omit_if_default=True, unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook(datetime, stamp)
    converter.register_structure_hook(datetime, lambda value, _: moment(value))
    return converter


_compact = _converter()


def parts_text(parts: tuple[Part, ...]) -> str | bytes:
    """Parts as packed JSON, defaults left out."""
    return pack_json([_compact.unstructure(part) for part in parts]) if parts else NO_PARTS


def parts_of(stored: str | bytes) -> tuple[Part, ...]:
    """The parts that `parts_text` was given."""
    if stored == NO_PARTS:
        return ()
    return tuple(_compact.structure(document, Part) for document in unpack_json(stored))


def facts_text(facts: tuple[Fact, ...]) -> str | bytes:
    """Facts as packed JSON, defaults left out."""
    return pack_json([_compact.unstructure(fact) for fact in facts])


def facts_of(stored: str | bytes) -> tuple[Fact, ...]:
    """The facts that `facts_text` was given."""
    return tuple(_compact.structure(document, Fact) for document in unpack_json(stored))


def tombstones_text(tombstones: tuple[Tombstone, ...]) -> str | bytes:
    """Tombstones as packed JSON."""
    return pack_json([_compact.unstructure(each) for each in tombstones])


def tombstones_of(stored: str | bytes) -> tuple[Tombstone, ...]:
    """The tombstones that `tombstones_text` was given."""
    return tuple(_compact.structure(each, Tombstone) for each in unpack_json(stored))


def evidence_text(evidence: tuple[TopicEvidence, ...]) -> str | bytes:
    """Evidence of topics as packed JSON."""
    return pack_json([_compact.unstructure(each) for each in evidence])


def evidence_of(stored: str | bytes) -> tuple[TopicEvidence, ...]:
    """The evidence that `evidence_text` was given."""
    return tuple(_compact.structure(each, TopicEvidence) for each in unpack_json(stored))
