"""How many messages a second does one unit's sender deliver, in strict order and durably, beside FHI's own steps?

Ours is the real one: the queue in an SQLite file (each message marked on disk before its first byte leaves; delivery,
receipt and snapshot written together), content sealed at rest, and the client with its keys and token. The yardstick
takes the steps of FHI's published client one by one and keeps nothing: no queue, no receipt, no file. Both send the
same messages with the same RSA-2048 key, to the same registry in a process of its own, which accepts everything and
costs nearly nothing. They take turns, and the medians of the rounds count.

`python -m bench.sender_throughput [2kB|1MB|11MB …] [--few]`; `--few` sends a tenth, and writes nothing down.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench import _material
from bench._fhi_steps import FhiSteps
from bench.harness import Figure, publish
from ktt.core.clock import SystemClock
from ktt.domain.unit import ReportingUnit
from ktt.sender.client.factory import open_receiver_client
from ktt.sender.delta.planned_message import PlannedMessage
from ktt.sender.outbox.dispatch import SendOptions, dispatch
from ktt.sender.outbox.sql.store import SqlOutbox
from ktt.sender.outbox.sql.tables import SCHEMA
from ktt.sender.settings import SenderSettings
from ktt.storage.database import Database
from ktt.storage.vault import Vault, write_secret
from ktt.wire import jwk

ROUNDS = 5


@dataclass(frozen=True)
class Question:
    what: str
    records: int  # services in a message
    messages: int  # in a turn
    target: str


QUESTIONS = {
    "2kB": Question("2 kB", 8, 300, "≥ 1.5 × the steps"),
    "1MB": Question("1 MB", 3_900, 30, "≥ 2 × the steps"),
    "11MB": Question("11 MB", 41_000, 8, "≥ 2 × the steps"),
}


@contextmanager
def sink(folder: Path) -> Iterator[str]:
    """The address of a registry in a process of its own."""
    public = rsa.generate_private_key(65537, 3072).public_key()
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    listed = {"id": "b7a1c7de-53e0-4e9d-a3a2-5d2d2f1c9a10", "expirationDate": "2099-12-31T23:59:59Z"}
    keys = [listed | {"publicKey": public.public_bytes(*form).decode()}]
    (folder / "keys.json").write_text(json.dumps(keys))
    with socket.socket() as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        command = [sys.executable, "-m", "bench._sink", str(folder), str(listener.fileno())]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            httpx2.get(f"{address}/keys", timeout=30)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def settings(folder: Path, address: str, unit: ReportingUnit) -> SenderSettings:
    """The settings that a municipality would write."""
    return SenderSettings.model_validate(
        {
            "environment": "sandbox",
            "unit": {"organisation": unit.organisation, "municipality": unit.municipality},
            "source": {"url": f"sqlite:///{folder}/epj.sqlite", "mapping": str(folder / "mapping.toml")},
            "store": {"url": f"sqlite:///{folder}/ktt.sqlite", "key_file": str(folder / "store.key")},
            "helseid": {"authority": address, "client_id": "bench", "key_file": str(folder / "client.jwk")},
            "mottak": {"base_url": address},
            "software": {"vendor": "bench", "system": "bench", "version": "1"},
        }
    )


def planned(payload: bytes, question: Question, number: int) -> PlannedMessage:
    """A message of the queue with what it changes in the snapshot."""
    fingerprint = f"{number:064x}"
    return PlannedMessage(
        message_type=_material.TYPE,
        version=_material.VERSION,
        pack="ktt_v1",
        period=_material.DAY.isoformat(),
        extracted_on=_material.DAY,
        payload=payload,
        upserts={"care_service": {f"T-{n}": fingerprint for n in range(question.records)}},
    )


def payloads(unit: ReportingUnit, question: Question, turn: str, count: int) -> list[bytes]:
    """So many messages, each different from the one before."""
    model = _material.message(unit, 0, question.records)
    mark = f'"tjenesteId":"T-{question.records - 1}"'.encode()
    return [model.replace(mark, f'"tjenesteId":"{turn}-{n:06}"'.encode()) for n in range(count)]


@dataclass(slots=True)
class Spent:
    wall: float
    processor: float


@contextmanager
def measured(spent: list[Spent]) -> Iterator[None]:
    wall, processor = time.perf_counter(), time.process_time()
    yield
    spent.append(Spent(time.perf_counter() - wall, time.process_time() - processor))


@dataclass
class Turns:
    """What one of the two has shown so far."""

    spent: list[Spent]
    messages: int

    @property
    def rates(self) -> list[float]:
        return [self.messages / one.wall for one in self.spent]

    @property
    def rate(self) -> float:
        return median(self.rates)

    @property
    def cost(self) -> float:
        """Milliseconds of processor a message."""
        return median(one.processor for one in self.spent) / self.messages * 1000


def ask(question: Question, rounds: int, messages: int) -> tuple[Figure, str]:
    """Turns of both over the same messages."""
    unit = _material.units(1)[0]
    ours, steps = Turns([], messages), Turns([], messages)
    with tempfile.TemporaryDirectory(prefix="ktt-bench-") as name, sink(Path(name)) as address:
        folder = Path(name)
        private = jwk.generate("RSA-2048", kid="bench")
        write_secret(folder / "client.jwk", json.dumps(private).encode())
        yardstick, clock = FhiSteps(address, private), SystemClock()
        database, vault = Database.open(f"sqlite:///{folder}/ktt.sqlite", SCHEMA), Vault(os.urandom(32))
        store = SqlOutbox(database, vault, clock)
        with open_receiver_client(settings(folder, address, unit), clock) as client:
            for turn in range(rounds + 1):
                contents = payloads(unit, question, f"turn-{turn}", messages if turn else max(2, messages // 10))
                store.enqueue(unit, (planned(one, question, n) for n, one in enumerate(contents)))
                with measured(ours.spent):
                    report = dispatch(store, unit, client.send, SendOptions(prepare=client.prepare))
                assert report.delivered == len(contents), report
                with measured(steps.spent):
                    for content in contents:
                        yardstick.send(content)
                if turn == 0:  # the warm-up
                    ours.spent.clear()
                    steps.spent.clear()
        database.close()
        yardstick.close()
    figure = Figure(question.what, ours.rate, "messages/s", "FHI's steps, no store", steps.rate, question.target)
    ratios = ", ".join(f"{mine / its:.2f}" for mine, its in zip(ours.rates, steps.rates, strict=True))
    note = (
        f"{question.what}: {len(contents[0]):,} bytes; processor time of the sender a message {ours.cost:.2f} ms, of the"
        f" steps {steps.cost:.2f} ms. The rounds' ratios: {ratios}. Processes that wanted a core meanwhile:"
        f" {os.getloadavg()[0]:.0f}."
    )
    return figure, note


def main() -> None:
    few = "--few" in sys.argv
    names = [name for name in sys.argv[1:] if name in QUESTIONS] or list(QUESTIONS)
    rounds, share = (3, 10) if few else (ROUNDS, 1)
    asked = [ask(QUESTIONS[name], rounds, max(3, QUESTIONS[name].messages // share)) for name in names]
    if few:
        for figure, note in asked:
            print(f"{figure.row}\n- {note}")
        return
    publish("sender_throughput", __doc__ or "", [figure for figure, _ in asked], [note for _, note in asked])


if __name__ == "__main__":
    main()
