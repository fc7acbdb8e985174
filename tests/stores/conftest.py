"""A registry on each database. Its tables are made once for a file and emptied after each test, which is much quicker."""

from __future__ import annotations

import pytest

from ktt.registry import Registry
from support.postgres import fresh_database
from support.registry_inbox import START, begin_anew
from support.reprocessing_place import TOO_EARLY, ReprocessingPlace, everyday, pack_without_end
from support.settable_clock import SettableClock


@pytest.fixture(scope="module")
def _registry_on_postgres(_postgres_server):
    with fresh_database(_postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def _registry_on_sqlite(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.sqlite'}"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def registry_url(request):
    """The address of the file's registry, on SQLite and on PostgreSQL."""
    return request.getfixturevalue(f"_registry_on_{request.param}")


@pytest.fixture
def open_registry(registry_url, tmp_path):
    """Open the registry, as often as a test wants, with the same keys; all are closed and emptied at the end."""
    opened = []

    def open_(**more):
        more = {"clock": SettableClock(START), **more}
        opened.append(Registry.open(registry_url, tmp_path / "key", tmp_path / "identity.key", **more))
        return opened[-1]

    yield open_
    with opened[0]._database.transaction() as connection:
        begin_anew(connection)
    for registry in opened:
        registry.close()


@pytest.fixture
def registry(open_registry):
    return open_registry()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request, tmp_path):
    if request.param == "sqlite":
        made = ReprocessingPlace(tmp_path)
        yield made
        made.close()
        return
    with fresh_database(request.getfixturevalue("_postgres_server")) as url:
        made = ReprocessingPlace(tmp_path, url)
        yield made
        made.close()


@pytest.fixture
def misread(place, tmp_path):
    """They were ingested and validated by a pack that does not read when a service ends."""
    place.accepted(*everyday())
    place.take_in(pack_without_end(tmp_path))
    assert place.open_findings(TOO_EARLY) == []
    return place
