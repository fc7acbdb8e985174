"""A disk that is full: 2010 or 503, never a receipt for what is not stored, and right again when there is room.

In two ways: a small file system that is filled to the last byte, and (where mounting is not permitted too) a limit on how
large the receiver's processes may make a file.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

import pytest

from support.postgres_crash import cluster
from support.receiver_service import PATIENCE, account, registered_units, sending, service
from support.small_disk import small_disk

UNITS, LARGE = 4, 150_000


def endure(running, place, *, spoil: Callable[[], None], mend: Callable[[], None]) -> None:
    """Send; spoil the disk until every line has been turned away; mend it; all must be as it was acknowledged."""
    running.start()
    with sending(place, running.address, padding=LARGE) as lines:
        wait_until(lambda: all(line.accepted for line in lines))
        spoil()
        wait_until(lambda: all(line.doubted >= 2 for line in lines))
        mend()
        had = [len(line.accepted) for line in lines]
        wait_until(lambda: all(len(line.accepted) > before for line, before in zip(lines, had, strict=True)))
    account(running, lines)
    reasons = {outcome.reason for line in lines for outcome in line.outcomes}
    assert "HTTP 503 2010 StorageError" in reasons, reasons


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


def test_sqlite_on_a_full_disk(tmp_path):
    with (
        small_disk(8) as disk,
        registered_units(tmp_path, UNITS) as place,
        service(tmp_path / "mottak", f"sqlite:///{disk.folder}/receiver.sqlite", place) as running,
    ):
        endure(running, place, spoil=disk.fill, mend=disk.make_room)


@pytest.mark.postgres
def test_postgresql_on_a_full_disk(tmp_path):
    """PostgreSQL ends itself when its log has no room; whoever watches over it starts it again when there is some."""
    sizes = ("min_wal_size = '32MB'", "max_wal_size = '32MB'")
    with (
        small_disk(160) as disk,
        cluster(disk.folder, sizes) as server,
        registered_units(tmp_path, UNITS) as place,
        service(tmp_path / "mottak", server.url, place) as running,
    ):

        def mend():
            disk.make_room()
            server.start_if_down()

        endure(running, place, spoil=disk.fill, mend=mend)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="limits of another process are Linux's")
def test_files_that_may_not_grow(tmp_path):
    with registered_units(tmp_path, UNITS) as place, service(tmp_path / "mottak", None, place) as running:

        def limit(most):
            for pid in running.children():
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

        files = (running.folder / "receiver.sqlite", running.folder / "receiver.sqlite-wal")
        endure(
            running,
            place,
            spoil=lambda: limit(max(file.stat().st_size for file in files)),
            mend=lambda: limit(resource.RLIM_INFINITY),
        )
