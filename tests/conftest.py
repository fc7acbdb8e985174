"""What every test may ask for: a clock that stands still, and databases that are real."""

from __future__ import annotations

import datetime as dt
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.effort import use_profile
from support.settable_clock import SettableClock

use_profile()
gc.disable()  # until all tests are there

# Some machines ask Python not to keep what it compiles; then each of the hundred processes that the tests start would
# compile the program and its libraries again, a second or two of work.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# An answer is as wide as this says, and pytest's own workers set it to what is left of their terminal.
os.environ["COLUMNS"] = "160"

_LONGEST_ID = 60


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """The whole suite runs on every core; a file or folder that is named runs at once, in this process."""
    return None if config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0


def pytest_collection_finish() -> None:
    """Thousands of tests are there until the end: looking through them for garbage again and again took a fifth."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a long or binary value by its argument: keys made at run time would give each worker other names."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > _LONGEST_ID) else None


START = dt.datetime(2026, 3, 2, 6, 0, tzinfo=dt.UTC)  # a Monday morning


@pytest.fixture(scope="session", autouse=True)
def _state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the program notes in the user's state folder is the tests' own, also in the processes that they start."""
    folder = str(tmp_path_factory.mktemp("state"))
    os.environ.update(XDG_STATE_HOME=folder, LOCALAPPDATA=folder)


@pytest.fixture
def clock() -> SettableClock:
    """Stands at 2026-03-02 06:00 UTC until it is moved."""
    return SettableClock(START)


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[object]:
    from support.postgres import running_server

    with running_server() as server:
        yield server


@pytest.fixture
def postgres_url(_postgres_server: object) -> Iterator[str]:
    """The address of an empty PostgreSQL database of this test's own."""
    from support.postgres import fresh_database

    with fresh_database(_postgres_server) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'ktt.sqlite'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_database_url(request: pytest.FixtureRequest) -> str:
    """The same test on both databases."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))
