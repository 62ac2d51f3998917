"""Houses for end-to-end tests."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.storage.servers import SecantusServer
from tests.support.house import House, house

OpenHouse = Callable[..., House]
_databases = itertools.count(1)


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[OpenHouse]:
    """Opens houses with settings over this test's own data; closes them afterwards."""
    with ExitStack() as stack:

        def opened(**options: Any) -> House:
            return stack.enter_context(house(tmp_path / "data", **options))

        yield opened


@pytest.fixture(params=["sqlite", "mongodb"])
def store_settings(request: pytest.FixtureRequest) -> dict[str, str]:
    """Settings for each kind of store in turn: the embedded file, a real MongoDB-wire server."""
    if request.param == "sqlite":
        return {}
    server: SecantusServer = request.getfixturevalue("secantus")
    return {"MONGODB_URL": server.url(f"e2e{next(_databases)}")}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all tests of a module that need no settings; each brings guests of its own."""
    with house(tmp_path_factory.mktemp("home") / "data") as made:
        yield made
