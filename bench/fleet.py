"""How long does one process take for the daily runs of 300 units, and for their status? And one unit's whole `ktt daily`?

Each unit has 40 recipients, a record system and a store of its own, and a day of changes; all send through the vendor's
client to a sandbox in another process on the same machine, which checks, stores and ingests meanwhile; its rules' own pass
over the load has ended, that over the day comes when nothing has come for five seconds. Beside the fleet
stand the time it may take, the same runs one after the other in one process, and each in a process of its own (a few of
them, by their rate). One municipality of 400 recipients shows what a larger unit costs.

`python -m bench.fleet 30 40` takes 30 units of 40 recipients.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench._fleet import LOAD_DAY, FleetMaterial, load_at_once
from bench.harness import Figure, publish
from ktt.sender.daily import run_daily
from ktt.sender.fleet.settings import Fleet
from ktt.wiring.sender import sender_from

_UNITS, _RECIPIENTS, _LARGE = 300, 40, 400
_FLEET_SECONDS, _STATUS_SECONDS, _DAILY_SECONDS = 60.0, 1.0, 2.0
_ONE_BY_ONE, _PROCESSES = 30, 5
_TUESDAY, _WEDNESDAY = LOAD_DAY + dt.timedelta(days=1), LOAD_DAY + dt.timedelta(days=2)


def took(work: Callable[[], object]) -> float:
    """The seconds of one execution: a day is sent once."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def ktt(*arguments: str) -> Callable[[], object]:
    """A whole command, with the start of its process."""
    command = [sys.executable, "-m", "ktt", *arguments]
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def load(fleet: Fleet) -> None:
    """The initial load of every unit, some at a time."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(load_at_once, [unit.settings for unit in fleet.units]))


def one_by_one(fleet: Fleet, count: int) -> Callable[[], object]:
    """The daily run of the first units, one after the other in this process."""

    def run() -> None:
        for unit in fleet.units[:count]:
            assert unit.settings is not None
            with sender_from(unit.settings, on=_WEDNESDAY) as sender:
                run_daily(sender, _WEDNESDAY).check()

    return run


def each_by_itself(fleet: Fleet, names: Sequence[str]) -> Callable[[], object]:
    """The daily run of these units, each in a process of its own."""
    runs = [ktt("daily", "--config", fleet.config(name), "--on", str(_WEDNESDAY)) for name in names]
    return lambda: [run() for run in runs]


def of_a_fleet(folder: Path, count: int, recipients: int) -> list[Figure]:
    """The figures of the fleet."""
    material = FleetMaterial(folder, count, recipients)
    with material.sandbox() as file:
        fleet, names = Fleet.load(file), [unit.key for unit in material.units]
        load(fleet)
        material.next_day()
        material.settle()
        together = took(ktt("fleet", "run", "--config", str(file), "--on", str(_TUESDAY)))
        status = min(took(ktt("fleet", "status", "--json", "--config", str(file))) for _ in range(3))
        material.next_day()
        some, few = names[:_ONE_BY_ONE], names[_ONE_BY_ONE : _ONE_BY_ONE + _PROCESSES] or names[-_PROCESSES:]
        alone = took(one_by_one(fleet, len(some)))
        apart = took(each_by_itself(fleet, few))
    run, rate = f"daily run of {count} units of {recipients} recipients, {together:.1f} s", count / together
    return [
        Figure(run, rate, "units/s", f"{_FLEET_SECONDS:g} s for {_UNITS}", _UNITS / _FLEET_SECONDS, "> 1"),
        Figure(run, rate, "units/s", f"one after the other in one process ({len(some)} of them)", len(some) / alone),
        Figure(run, rate, "units/s", f"each in a process of its own ({len(few)} of them)", len(few) / apart),
        Figure(
            f"`ktt fleet status`, {status:.2f} s",
            count / status,
            "units/s",
            f"{_STATUS_SECONDS:g} s for {_UNITS}",
            _UNITS / _STATUS_SECONDS,
            "> 1",
        ),
    ]


def of_one(folder: Path, recipients: int) -> list[Figure]:
    """The figures of one large unit."""
    material = FleetMaterial(folder, 1, recipients)
    with material.sandbox() as file:
        fleet = Fleet.load(file)
        load(fleet)
        material.next_day()
        material.settle()
        whole = took(ktt("daily", "--config", fleet.config(fleet.units[0].name), "--on", str(_TUESDAY)))
        material.next_day()
        inside = took(one_by_one(fleet, 1))
    command = f"`ktt daily` of one unit of {recipients} recipients, {whole:.2f} s"
    return [
        Figure(command, 1 / whole, "runs/s", f"{_DAILY_SECONDS:g} s", 1 / _DAILY_SECONDS, "> 1"),
        Figure(command, 1 / whole, "runs/s", f"in a process that runs already, {inside:.2f} s", 1 / inside),
    ]


def main() -> None:
    count, recipients = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (_UNITS, _RECIPIENTS)
    with tempfile.TemporaryDirectory() as many, tempfile.TemporaryDirectory() as one:
        figures = [*of_a_fleet(Path(many), count, recipients), *of_one(Path(one), _LARGE)]
    publish("fleet", (__doc__ or "").split("\n\n")[0], figures)


if __name__ == "__main__":
    main()
