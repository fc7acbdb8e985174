"""Putting a job into a scheduler, taking it out, and reading back what the scheduler made of it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.sender.agent.errors import (
    AccountNeeded,
    CommandRefused,
    NoScheduler,
    NoSuchAccount,
    NotAllowed,
    NotAsAsked,
    TooMighty,
)
from ktt.sender.agent.job import Job
from ktt.sender.agent.scheduler import Command, Give, PlannedFile, Scheduler, Standing, give
from ktt.sender.agent.systemd import Systemd
from ktt.sender.agent.task_scheduler import TaskScheduler

SCHEDULERS: dict[str, type[Scheduler]] = {"systemd": Systemd, "windows": TaskScheduler}
_SYSTEMD_RUNS = Path("/run/systemd/system")  # there exactly when systemd is what started the machine
_MIGHTY = {"root", "system", "administrator", "localsystem"}
_NOT_THERE = Text(nb="den er ikke satt opp", en="it is not set up")
_IS = Text(nb="{what} er «{found}», skal være «{wanted}»", en="{what} is “{found}”, should be “{wanted}”")


@dataclass(frozen=True, slots=True)
class Installation:
    """One job and the scheduler that it belongs in."""

    job: Job
    scheduler: Scheduler
    give: Give = give

    def install(self) -> Standing:
        """Write the files, have the scheduler take them up, and read back; NotAsAsked when it made something else."""
        check_account(self.job, self.scheduler)
        for file in self.scheduler.files(self.job):
            _write(file)
        self._give(self.scheduler.install(self.job))
        return self.verified()

    def uninstall(self) -> bool:
        """Take the job out. False when there was none. Store, keys and settings stay."""
        files = [Path(file.path) for file in self.scheduler.files(self.job)]
        there = self.standing().installed
        if there:
            self._give(self.scheduler.uninstall(self.job))
        for path in files:
            _remove(path)
        self._give(self.scheduler.forget() if there else ())
        return there

    def standing(self) -> Standing:
        """What the scheduler says that it has."""
        return self.scheduler.standing(self.job, self.give)

    def verified(self) -> Standing:
        """As `standing`; NotAsAsked when there is nothing, or something else than was asked for."""
        standing = self.standing()
        if fault := fault_of(self.job, standing):
            raise fault
        return standing

    def _give(self, commands: Iterable[Command]) -> None:
        for command in commands:
            answer = self.give(command)
            if answer.code != 0:
                said = answer.output.strip().partition("\n")[0]
                raise CommandRefused(command=" ".join(command), code_given=answer.code, said=said)


def fault_of(job: Job, standing: Standing) -> NotAsAsked | None:
    """What is wrong with a standing, or None."""
    if not standing.installed:
        return NotAsAsked(unit=job.unit, differences=_NOT_THERE)
    if not standing.differences:
        return None
    told = [_IS.format(what=one.what, found=one.found, wanted=one.wanted) for one in standing.differences]
    both = Text(nb="; ".join(one.nb for one in told), en="; ".join(one.en for one in told))
    return NotAsAsked(unit=job.unit, differences=both)


def known_scheduler() -> str | None:
    """The name of this machine's scheduler; None when it has none that we know."""
    if sys.platform == "win32":
        return "windows"
    return "systemd" if _SYSTEMD_RUNS.is_dir() else None


def scheduler_here() -> str:
    """The name of this machine's scheduler; NoScheduler when it has none that we know."""
    found = known_scheduler()
    if found is None:
        raise NoScheduler
    return found


def check_account(job: Job, scheduler: Scheduler) -> None:
    """TooMighty, NoSuchAccount or AccountNeeded when the job may not or cannot run as its account."""
    name = job.account.rpartition("\\")[2].casefold()
    if name in _MIGHTY:
        raise TooMighty(account=job.account)
    if isinstance(scheduler, Systemd):
        _check_unix_account(job.account)
    elif "\\" not in job.account:
        raise AccountNeeded


def _check_unix_account(account: str) -> None:
    if sys.platform == "win32":  # nothing to ask there
        return
    import pwd

    try:
        found = pwd.getpwnam(account)
    except KeyError:
        raise NoSuchAccount(account=account) from None
    if found.pw_uid == 0:
        raise TooMighty(account=account)


def _write(file: PlannedFile) -> None:
    path = Path(file.path)
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_bytes(file.text.encode(file.encoding))
        draft.chmod(0o644)  # a scheduler's file holds no secret, and everybody may see what runs
        draft.replace(path)
    except OSError as fault:
        raise NotAllowed(path=path, reason=os_reason(fault)) from fault


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as fault:
        raise NotAllowed(path=path, reason=os_reason(fault)) from fault
