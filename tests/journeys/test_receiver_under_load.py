"""`kill -9` under load: many units send in parallel, over real HTTP with real cryptography, while processes of the receiver
are killed at random, one, the supervisor, or all at once; and the same for PostgreSQL itself. No acknowledged message is
lost, none is stored twice, and every resend gets the receipt of what it resends.

One kill of each kind here; `make soak` goes on for 30 seconds, round after round (KTT_SOAK_SECONDS, KTT_SOAK_ROUNDS).
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress

import pytest

from ktt.messages.contract import Unknown
from support import effort
from support.postgres_crash import cluster
from support.receiver_service import account, registered_units, sending, service

SECONDS = float(os.environ.get("KTT_SOAK_SECONDS", effort.LOAD_SECONDS))
ROUNDS = int(os.environ.get("KTT_SOAK_ROUNDS", effort.LOAD_ROUNDS))
UNITS = effort.LOAD_UNITS

pytestmark = [
    pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="finds the processes in /proc"),  # noqa: PTH110
    pytest.mark.timeout(600 + 5 * SECONDS),
]


def tell(words):
    sys.stdout.write(words + "\n")  # shown by `make soak`, and by pytest when something goes wrong


@pytest.fixture(params=range(ROUNDS))
def chance(request):
    """What happens, and when; the seed is shown when something goes wrong."""
    seed = int(os.environ.get("KTT_SOAK_SEED", time.time_ns() % 1_000_000)) + request.param
    tell(f"KTT_SOAK_SEED={seed}")
    return random.Random(seed)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request):
    """PostgreSQL with commits that are flushed to the operating system before they are answered."""
    if request.param == "sqlite":
        yield None
        return
    with cluster() as server:
        yield server.url


def under_load(lines, chance):
    """Wait until messages get through again, and a moment more: what is killed is killed at work."""
    had, until = accepted(lines), time.monotonic() + 120
    while accepted(lines) < had + UNITS and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(chance.uniform(0.0, 0.7))


def accepted(lines):
    return sum(len(line.accepted) for line in lines)


def one_worker(running, chance):
    with suppress(ProcessLookupError, IndexError):
        os.kill(chance.choice(running.children()), signal.SIGKILL)


def the_supervisor(running, _chance):
    running.kill_supervisor()
    running.start(wait=False)


def everything(running, _chance):
    running.kill_all()
    running.start(wait=False)


def test_processes_killed_at_random_lose_nothing_and_double_nothing(database_url, tmp_path, chance):
    done = Counter()
    with registered_units(tmp_path, UNITS) as place, service(tmp_path / "mottak", database_url, place) as running:
        running.start()
        with sending(place, running.address) as lines:
            until = time.monotonic() + SECONDS
            certain = [one_worker, everything, the_supervisor]
            while certain or time.monotonic() < until:
                under_load(lines, chance)
                kill = (
                    certain.pop() if certain else chance.choices((one_worker, the_supervisor, everything), (6, 1, 1))[0]
                )
                kill(running, chance)
                done[kill.__name__] += 1
            under_load(lines, chance)
        result = account(running, lines)
    tell(f"{result}; killed {dict(done)}")
    assert min(len(line.accepted) for line in lines) > 0, "every unit got through"
    assert sum(line.doubted for line in lines) > 0, "some answer was lost, else nothing was tried"


@pytest.mark.postgres
def test_postgresql_killed_under_load_loses_nothing_and_the_receiver_goes_on_by_itself(tmp_path, chance):
    felled = 0
    with (
        cluster() as server,
        registered_units(tmp_path, UNITS) as place,
        service(tmp_path / "mottak", server.url, place) as running,
    ):
        running.start()
        children = running.children()
        with sending(place, running.address) as lines:
            until = time.monotonic() + SECONDS
            while felled < 2 or time.monotonic() < until:
                under_load(lines, chance)
                server.crash()
                felled += 1
                time.sleep(chance.uniform(0.0, 1.0))
                server.start()
        result = account(running, lines)
        assert running.children() == children, "no process of the receiver died of it"
    tell(f"{result}; felled {felled} times")
    assert sum(line.doubted for line in lines) > 0
    reasons = {o.reason for line in lines for o in line.outcomes if isinstance(o, Unknown)}
    assert any("2010" in reason for reason in reasons), reasons
