"""Receivers for the tests: one per module where nothing is left behind, and fresh ones on either database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ktt.receiver.keys.key_store import KeyStore
from support.receiver_book import KEEPERS, Shelf
from support.receiver_world import NOW, VAULT, World
from support.settable_clock import SettableClock


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key folder with one RSA-3072 key, made once a run."""
    folder = tmp_path_factory.mktemp("receiver") / "keys"
    KeyStore(folder, VAULT, SettableClock(NOW)).add(dt.timedelta(days=180))
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, key_files: Path) -> Iterator[World]:
    """One receiver for a whole module of refusals."""
    folder = tmp_path_factory.mktemp("world")
    made = World(folder, f"sqlite:///{folder / 'receiver.sqlite'}", key_files=key_files)
    yield made
    made.close()


@pytest.fixture
def make_world(tmp_path: Path, key_files: Path) -> Iterator[Callable[..., World]]:
    """Receivers of a test's own: `make_world(url)`; the same folder and url again is a restart."""
    made: list[World] = []

    def make(url: str | None = None, **options: object) -> World:
        made.append(World(tmp_path, url or f"sqlite:///{tmp_path / 'receiver.sqlite'}", key_files=key_files, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def fresh(make_world: Callable[..., World]) -> World:
    """A receiver of the test's own, on SQLite."""
    return make_world()


@pytest.fixture(
    params=[pytest.param((kind, keeper), id=f"{kind}-{keeper}") for kind in KEEPERS for keeper in KEEPERS[kind]]
)
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """A database of the test's own, and every keeper that can serve it."""
    kind, keeper = request.param
    sqlite = f"sqlite:///{tmp_path / 'book.sqlite'}"
    made = Shelf(sqlite if kind == "sqlite" else request.getfixturevalue("postgres_url"), keeper)
    yield made
    made.close()
