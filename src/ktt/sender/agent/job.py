"""What is written into a scheduler: one unit's daily run, where it may write, and as whom."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath

from sqlalchemy.engine import make_url

from ktt.sender.agent.schedule import daily_time
from ktt.sender.settings import SenderSettings


@dataclass(frozen=True, slots=True)
class Job:
    """One unit's daily run. `writes` are the only folders that it may write in."""

    unit: str
    at: dt.time
    program: PurePath
    config: PurePath
    writes: tuple[PurePath, ...]
    account: str

    @property
    def name(self) -> str:
        """The name that the scheduler knows it by."""
        return f"ktt-daily-{self.unit}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the program is started with."""
        return ("daily", "--config", str(self.config))


def job_of(settings: SenderSettings, config: Path, program: Path, account: str) -> Job:
    """The daily run of the unit in a settings file.

    It writes where the store and its key are, and where the client's key is: a run takes the next key into use.
    """
    unit, store = settings.unit.reporting_unit, settings.store
    address = make_url(store.url)
    database = [Path(str(address.database)).parent] if address.get_backend_name() == "sqlite" else []
    keys = [store.key_file.parent, settings.helseid.key_file.parent]
    folders = dict.fromkeys(folder.absolute() for folder in [*database, *keys])
    return Job(unit.key, daily_time(unit), program.absolute(), config.absolute(), tuple(folders), account)


def this_program() -> Path:
    """The `ktt` that is running: beside its Python, where the installation put it."""
    beside = Path(sys.executable).with_name("ktt.exe" if sys.platform == "win32" else "ktt")
    return beside if beside.exists() else Path(shutil.which("ktt") or beside)
