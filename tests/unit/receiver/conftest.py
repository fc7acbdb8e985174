"""Receivers for the tests: one per module where nothing is left behind, and fresh ones on either database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ktt.receiver.keys.key_store import KeyStore
from support.receiver_harness import NOW, VAULT, ReceiverHarness
from support.receiver_store import BACKENDS, StoreHarness
from support.settable_clock import SettableClock


@pytest.fixture(scope="session")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key folder with one RSA-3072 key, made once a run."""
    folder = tmp_path_factory.mktemp("receiver") / "keys"
    KeyStore(folder, VAULT, SettableClock(NOW)).add(dt.timedelta(days=180))
    return folder


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory, key_files: Path) -> Iterator[ReceiverHarness]:
    """One receiver for a whole module of refusals."""
    folder = tmp_path_factory.mktemp("receiver")
    made = ReceiverHarness(folder, f"sqlite:///{folder / 'receiver.sqlite'}", key_files=key_files)
    yield made
    made.close()


@pytest.fixture
def make_receiver(tmp_path: Path, key_files: Path) -> Iterator[Callable[..., ReceiverHarness]]:
    """Receivers of a test's own: `make_receiver(url)`; the same folder and url again is a restart."""
    made: list[ReceiverHarness] = []

    def make(url: str | None = None, **options: object) -> ReceiverHarness:
        made.append(
            ReceiverHarness(
                tmp_path, url or f"sqlite:///{tmp_path / 'receiver.sqlite'}", key_files=key_files, **options
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def fresh(make_receiver: Callable[..., ReceiverHarness]) -> ReceiverHarness:
    """A receiver of the test's own, on SQLite."""
    return make_receiver()


@pytest.fixture(
    params=[pytest.param((kind, backend), id=f"{kind}-{backend}") for kind in BACKENDS for backend in BACKENDS[kind]]
)
def store_harness(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreHarness]:
    """A database of the test's own, and every backend that can serve it."""
    kind, backend = request.param
    sqlite = f"sqlite:///{tmp_path / 'store.sqlite'}"
    made = StoreHarness(sqlite if kind == "sqlite" else request.getfixturevalue("postgres_url"), backend)
    yield made
    made.close()
