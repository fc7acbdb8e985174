"""What is written into a scheduler: one unit's daily run, where it may write, and as whom."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePath

from sqlalchemy.engine import make_url

from ktt.sender.agent.schedule import daily_time
from ktt.sender.fleet.settings import Fleet
from ktt.sender.settings import SenderSettings


@dataclass(frozen=True, slots=True)
class Job:
    """One unit's daily run, or a fleet's. `writes` are the only folders that it may write in, `command` what is run."""

    unit: str
    at: dt.time
    program: PurePath
    config: PurePath
    writes: tuple[PurePath, ...]
    account: str
    command: tuple[str, ...] = ("daily",)

    @property
    def name(self) -> str:
        """The name that the scheduler knows it by."""
        return f"ktt-daily-{self.unit}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the program is started with."""
        return (*self.command, "--config", str(self.config))


def job_of(settings: SenderSettings, config: Path, program: Path, account: str) -> Job:
    """The daily run of the unit in a settings file.

    It writes where the store and its key are, and where the client's key is: a run takes the next key into use.
    """
    unit, folders = settings.unit.reporting_unit, tuple(_written(settings))
    return Job(unit.key, daily_time(unit), program.absolute(), config.absolute(), folders, account)


def fleet_job_of(fleet: Fleet, program: Path, account: str) -> Job:
    """The run of a fleet, by the name of its file, at the time of its first unit.

    Of folders that lie side by side, one for each unit, the one above them is written in: a new unit then needs no new job.
    """
    units = [unit.settings for unit in fleet.units if unit.settings is not None]
    if not units:
        raise next(unit.fault for unit in fleet.units if unit.fault is not None)
    folders = dict.fromkeys([*_database(fleet.section.store), *chain.from_iterable(map(_written, units))])
    beside = Counter(folder.parent for folder in folders)
    above = dict.fromkeys(folder.parent if beside[folder.parent] > 1 else folder for folder in folders)
    at, config = daily_time(units[0].unit.reporting_unit), fleet.path.absolute()
    return Job(fleet.path.stem, at, program.absolute(), config, tuple(above), account, ("fleet", "run"))


def _written(settings: SenderSettings) -> dict[Path, None]:
    """Where a run writes, each folder once."""
    keys = [settings.store.key_file.parent, settings.helseid.key_file.parent]
    return dict.fromkeys([*_database(settings.store.url), *(folder.absolute() for folder in keys)])


def _database(url: str) -> list[Path]:
    address = make_url(url)
    return [Path(str(address.database)).parent.absolute()] if address.get_backend_name() == "sqlite" else []


def this_program() -> Path:
    """The `ktt` that is running: beside its Python, where the installation put it."""
    beside = Path(sys.executable).with_name("ktt.exe" if sys.platform == "win32" else "ktt")
    return beside if beside.exists() else Path(shutil.which("ktt") or beside)
