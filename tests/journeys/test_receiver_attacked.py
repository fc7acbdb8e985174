"""Under each attack honest senders are answered as ever, and no process of the receiver grows.

Here each attack goes on for a moment; in `make soak` for 30 seconds.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from ktt.messages.contract import Accepted
from support import effort
from support.receiver_attacks import ATTACKS, Target, attacking, checked
from support.receiver_service import content, outgoing, registered_units, service

UNITS = 3  # the last of them is the attacker's
GROWTH_MB = 200
WARM = 12  # requests before the first attack, so that each process has HelseID's keys and the rules
OPEN = "open_checks_per_minute = 1000000"  # the attackers have many addresses
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="reads the peak in /proc"),
    pytest.mark.timeout(180 + 5 * effort.ATTACK_SECONDS),
]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory):
    """A receiver with two processes, and HelseID, whose keys are slow to be had."""
    folder = tmp_path_factory.mktemp("attacked")
    with registered_units(folder, UNITS) as place, service(folder / "mottak", None, place, receiver=OPEN) as running:
        running.start()
        for number in range(WARM):
            client = place.receiver_client(place.units[0], running.address)
            assert isinstance(client.send(outgoing(place.units[0], number)), Accepted)
            assert check(running.settings.listen.port, content(place.units[0], number)) == 200
        place.slow_keys = 20.0
        yield place, running


def check(port: int, payload: bytes) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(checked(payload))
        return int(line.recv(65_536)[9:12])


def memory_mb(pid: int, what: str) -> float:
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024


def target(place, running) -> Target:
    unit = place.units[-1]
    place.receiver_client(unit, running.address)
    client_id, key_file = place.credentials(unit)
    return Target(running.settings.listen.port, place.helseid, client_id, key_file, unit)


class HonestSender(threading.Thread):
    """Sends one message after another, and times the answers."""

    def __init__(self, unit, client, until: float) -> None:
        super().__init__(daemon=True)
        self.unit, self.client, self.until = unit, client, until
        self.times: list[float] = []
        self.outcomes: list[object] = []
        self._exchange, client._exchange = client._exchange, self.exchange

    def exchange(self, request):
        began = time.monotonic()
        try:
            return self._exchange(request)
        finally:
            if request.url.endswith("/message"):
                self.times.append(time.monotonic() - began)

    def run(self) -> None:
        while time.monotonic() < self.until:
            self.outcomes.append(self.client.send(outgoing(self.unit, len(self.outcomes))))
            time.sleep(0.02)


@pytest.mark.parametrize("name", ATTACKS)
def test_honest_senders_are_answered_under_attack(attacked, name):
    place, running = attacked
    processes = [running.process.pid, *running.children()]
    before = {pid: memory_mb(pid, "RssAnon") for pid in processes}
    for pid in processes:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
    with attacking(name, target(place, running)):
        until = time.monotonic() + effort.ATTACK_SECONDS
        senders = [HonestSender(unit, place.receiver_client(unit, running.address), until) for unit in place.units[:-1]]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    assert [running.process.pid, *running.children()] == processes, running.log[-2000:]
    times = sorted(seconds for sender in senders for seconds in sender.times)
    # Without the files that are mapped: they come and go with what else the machine does.
    growth = max(memory_mb(pid, "VmHWM") - memory_mb(pid, "RssFile") - before[pid] for pid in processes)
    sys.stdout.write(f"{name}: {len(times)} answers, slowest {times[-1]:.2f} s, growth {growth:.0f} MB\n")
    outcomes = [outcome for sender in senders for outcome in sender.outcomes]
    assert [outcome for outcome in outcomes if not isinstance(outcome, Accepted)] == []
    assert times[-1] < effort.SLOWEST_ANSWER
    assert growth < GROWTH_MB
