"""Which store is opened."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from butler.errors import StoreRefused
from butler.storage import SQLITE_FILE, open_store
from butler.storage.mongo import MongoStore
from butler.storage.sqlite import SqliteStore
from tests.storage.builders import HandClock


def test_without_an_url_a_file_in_the_data_directory_is_made(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "er"
    store = open_store(None, place, 90, HandClock())
    store.migrate()
    store.close()
    assert isinstance(store, SqliteStore)
    assert (place / SQLITE_FILE).exists()


def test_what_is_made_is_private_to_its_owner(tmp_path: Path) -> None:
    place = tmp_path / "data"
    open_store(None, place, 90, HandClock()).close()
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE((place / SQLITE_FILE).stat().st_mode) == 0o600


def test_with_an_url_mongodb_is_meant_and_no_file_is_made(tmp_path: Path) -> None:
    store = open_store("mongodb://127.0.0.1:1/butler", tmp_path / "data", 90, HandClock())
    store.close()
    assert isinstance(store, MongoStore)
    assert not (tmp_path / "data").exists()


def test_a_place_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreRefused, match="BUTLER_DATA_DIR"):
        open_store(None, tmp_path / "file" / "data", 90, HandClock())
