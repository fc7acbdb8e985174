"""How long does the initial load of a municipality take, as the whole command, and does its memory stay flat?

The small one has 400 recipients and 110 months and goes to the real receiver of the sandbox over HTTP; beside it, the same
command against a receiver that costs nothing, which is what the sender takes by itself. The large one goes to that
receiver; beside it, FHI's own steps with as many messages of the same bytes, that are ready made: nothing is read, judged,
encoded, compared or kept. Each is a process of its own, and its memory is looked at while it sends.

`python -m bench.initial_load [RECIPIENTS …] [--epj FOLDER]`; 35 000 recipients are 2.5 million records.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench._fhi_steps import FhiSteps
from bench.harness import Figure, publish
from bench.sender_throughput import sink
from ktt.testing.sandbox.configuration_files import write_sender
from ktt.wire import jwk

UNIT, UNTIL = {"orgnr": "312111403", "kommunenr": "1114", "bydelnr": None}, "2026-02-28"
SMALL, LARGE = 400, 1_000
_KTT = [sys.executable, "-m", "ktt"]
_LOOK = 0.25  # seconds between looks at the memory


@dataclass
class Load:
    """One load: what was sent, and what the process took."""

    records: int
    messages: int
    payload_bytes: int
    wall: float
    processor: float
    peak: int
    samples: list[tuple[int, int]] = field(default_factory=list)  # messages accepted, bytes in memory

    @property
    def rate(self) -> float:
        return self.records / self.wall

    @property
    def memory(self) -> str:
        """In memory when sending began, at the most while it went on, and at the most of all."""
        sending = [size for accepted, size in self.samples if accepted]
        first, most = (sending[0], max(sending)) if sending else (0, 0)
        return f"{first / 1e6:,.0f} MB when sending began, {most / 1e6:,.0f} MB at most while it sent, peak {self.peak / 1e6:,.0f} MB"

    @property
    def note(self) -> str:
        return (
            f"{self.records:,} records in {self.messages:,} messages ({self.payload_bytes / 1e6:,.0f} MB of JSON):"
            f" {self.wall:.1f} s, {self.processor:.1f} s of processor; {self.memory}."
        )


def record_system(folder: Path, recipients: int) -> Path:
    """The record system of a synthetic municipality."""
    out = folder / f"epj-{recipients}"
    words = ["synth", "epj", "--recipients", str(recipients), "--municipality", UNIT["kommunenr"], "--seed", "1"]
    subprocess.run(
        [*_KTT, *words, "--from", "2017-01-01", "--until", UNTIL, "--out", str(out), "--json"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return out


def to_the_sink(folder: Path, epj: Path, address: str, private: dict) -> Path:
    """The settings of a sender whose HelseID and receiver cost nothing."""
    unit = json.loads((epj / "answers.json").read_text())["unit"]
    config = {
        "helseid": {
            "authority": address,
            "client_id": "bench",
            "scope": "fhi:slash.mottak/all",
            "private_jwk": private,
        },
        "mottak": {"base_url": address},
        "unit": {"orgnr": unit["organisation"], "kommunenr": unit["municipality"], "bydelnr": unit["district"]},
    }
    folder.mkdir()
    return write_sender(folder, config, epj)


def load(config: Path) -> Load:
    """`ktt load` in a process of its own, looked at while it runs."""
    store, samples = config.parent / "outbox.sqlite", list[tuple[int, int]]()
    begun = time.perf_counter()
    command = [*_KTT, "load", "--config", str(config), "--on", UNTIL, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            samples.append((_accepted(store), _in_memory(process.pid)))
            time.sleep(_LOOK)
        wall, used = time.perf_counter() - begun, ended[2]
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        report = json.loads(process.stdout.read())
    if process.returncode or not report["load"]["finished_at"]:
        raise SystemExit(f"not finished: {report['stopped']}")
    return Load(
        records=report["changes"],
        messages=report["messages"],
        payload_bytes=_sent(store),
        wall=wall,
        processor=used.ru_utime + used.ru_stime,
        peak=used.ru_maxrss * 1024,
        samples=samples,
    )


def _accepted(store: Path) -> int:
    if not store.exists():
        return 0
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection, contextlib.suppress(sqlite3.Error):
        return connection.execute("SELECT coalesce(max(sequence), 0) FROM outbox_receipt").fetchone()[0]
    return 0


def _sent(store: Path) -> int:
    with closing(sqlite3.connect(store)) as connection:
        return connection.execute("SELECT sum(payload_bytes) FROM outbox").fetchone()[0]


def _in_memory(process: int) -> int:
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


@contextmanager
def sandbox(folder: Path, epj: Path):
    """The settings of a sender to a real receiver that is up."""
    words = ["sandbox", "up", "--epj", str(epj), "--unit", f"{UNIT['orgnr']}-{UNIT['kommunenr']}"]
    out = ["--folder", str(folder / "world"), "--helseid-port", "0", "--mottak-port", "0"]
    files = ["--sender-config", str(folder / "sender"), "--config-out", str(folder / "client.json")]
    process = subprocess.Popen([*_KTT, *words, *out, *files], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not (folder / "client.json").exists():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the sandbox did not come up")
            time.sleep(0.1)
        yield folder / "sender" / "sender.toml"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def steps(address: str, private: dict, like: Load) -> float:
    """Records a second when FHI's steps send as many messages of the same bytes, ready made."""
    each = b"[" + b" " * (like.payload_bytes // like.messages) + b"]"
    client = FhiSteps(address, private)
    try:
        begun = time.perf_counter()
        for _ in range(like.messages):
            client.send(each)
        return like.records / (time.perf_counter() - begun)
    finally:
        client.close()


def ask(recipients: int, given: Path | None = None) -> tuple[list[Figure], str]:
    """The load of one municipality."""
    private = jwk.generate("RSA-2048", kid="bench")
    with tempfile.TemporaryDirectory(prefix="ktt-bench-") as name, sink(Path(name)) as address:
        folder = Path(name)
        epj = given or record_system(folder, recipients)
        alone = load(to_the_sink(folder / "alone", epj, address, private))
        if recipients == SMALL:
            with sandbox(folder, epj) as config:
                real = load(config)
            what = f"{recipients} recipients, whole command, real receiver"
            figure = Figure(what, real.rate, "records/s", "a receiver that costs nothing", alone.rate, "under 20 s")
            return [
                figure
            ], f"Real receiver: {real.note} Its comparison with the registry is in it. Alone: {alone.note}"
        what = f"{alone.records / 1e6:.2f} million records"
        bound = steps(address, private, alone)
        return [
            Figure(what, alone.rate, "records/s", "FHI's steps, ready made", bound, "2.5 million under 15 min")
        ], alone.note


def main() -> None:
    words = sys.argv[1:]
    given = Path(words.pop(words.index("--epj") + 1)) if "--epj" in words else None
    sizes = [int(word) for word in words if word.isdigit()] or [SMALL, LARGE]
    asked = [ask(size, given) for size in sizes]
    publish(
        "initial_load", __doc__ or "", [one for figures, _ in asked for one in figures], [note for _, note in asked]
    )


if __name__ == "__main__":
    main()
