"""Does the receiver's memory stay the same, however many messages come, and however large they are?

Ten thousand messages of each of two sizes and as many of 15 MB as fit in some minutes, one after another to the same
processes over PostgreSQL, 16 units at the same time (4 with the large ones). The resident memory of the largest process
is read all the time; the middle of the first fifth is held against the middle of the last. The bound is what the issue
allows: 400 MB.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench import _material
from bench._load import send
from bench.harness import Figure, publish
from bench.receiver_throughput import QUESTIONS, Sender, postgres, prepare, receiver

LIMIT = 400.0  # MB


@dataclass(frozen=True)
class Stretch:
    what: str
    records: int
    units: int
    messages: int


STRETCHES = (
    Stretch("10 000 messages of 2 kB", 8, 16, 10_000),
    Stretch("10 000 messages of 100 kB", 290, 16, 10_000),
    Stretch("600 messages of 15 MB", 42_500, 4, 600),
)
_AT_A_TIME = 25  # requests of a unit that are made before they are sent: a proof is fresh for a minute


def resident(pid: int) -> float:
    """Megabytes."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def watched(port: int, workers: list[int], senders: list[Sender], stretch: Stretch) -> list[float]:
    """Send the stretch; the memory of the largest process, ten times a second."""
    seen: list[float] = []
    under_way = asyncio.create_task(_send(port, senders, stretch))
    while not under_way.done():
        seen.append(max(map(resident, workers)))
        await asyncio.sleep(0.1)
    await under_way
    return seen


async def _send(port: int, senders: list[Sender], stretch: Stretch) -> None:
    """Two contents in turn, each a new message; a large one is encrypted once and proved anew each time."""
    chosen = senders[: stretch.units]
    pairs = [[sender.seal(_material.message(sender.unit, n, stretch.records)) for n in (0, 1)] for sender in chosen]
    each, left = stretch.messages // stretch.units, 0
    batch = _AT_A_TIME if stretch.records < 1_000 else 2
    while left < each:
        count = min(batch, each - left)
        lines = [
            [sender.request_with(pair[n % 2]) for n in range(left, left + count)]
            for sender, pair in zip(chosen, pairs, strict=True)
        ]
        await send(port, lines)
        left += count


def main() -> None:
    figures, notes = [], []
    with tempfile.TemporaryDirectory() as name, postgres() as (url, _server):
        senders = prepare(Path(name), QUESTIONS["2kB"], url)
        with receiver(Path(name), "bench._receiver") as (port, workers):
            for stretch in STRETCHES:
                seen = uvloop.run(watched(port, workers, senders, stretch))
                fifth = max(1, len(seen) // 5)
                early, late = statistics.median(seen[:fifth]), statistics.median(seen[-fifth:])
                figures.append(Figure(stretch.what, max(seen), "MB at the most", "allowed", LIMIT, "< 1"))
                notes.append(f"{stretch.what}: {early:.0f} MB in the first fifth, {late:.0f} MB in the last.")
    publish("receiver_memory", __doc__ or "", figures, notes)


if __name__ == "__main__":
    main()
