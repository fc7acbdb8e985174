"""The port to an operating system's scheduler: what is written, which commands are given, and what came of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Protocol

from ktt.sender.agent.job import Job

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command of the operating system ended. Its words are for people and are not searched."""

    code: int
    output: str = ""


Give = Callable[[Command], Answer]
"""Gives the operating system a command and waits for it to end."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that is written whole."""

    path: PurePath
    text: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the scheduler says otherwise than what was asked for; `found` is empty when it says nothing."""

    what: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the scheduler made of a job. `facts` are its own words about the last and the next run."""

    installed: bool
    differences: Sequence[Difference] = ()
    facts: dict[str, str] = field(default_factory=dict)


class Scheduler(Protocol):
    """A scheduler that can hold a job."""

    def files(self, job: Job) -> Sequence[PlannedFile]:
        """What is written for the job."""
        ...

    def install(self, job: Job) -> Sequence[Command]:
        """The commands that have the scheduler take up what is written."""
        ...

    def uninstall(self, job: Job) -> Sequence[Command]:
        """The commands that have it let go, before the files are removed."""
        ...

    def forget(self) -> Sequence[Command]:
        """The commands after the files are removed."""
        ...

    def standing(self, job: Job, give: Give) -> Standing:
        """What the scheduler says that it has, held against the job."""
        ...


def give(command: Command) -> Answer:
    """Give a command to this machine. What it asks of a person, such as a password, is asked at the terminal."""
    try:
        ended = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603 - our own words
    except OSError as fault:
        return Answer(127, type(fault).__name__)
    return Answer(ended.returncode, _text(ended.stdout))


def _text(output: bytes) -> str:
    """Windows answers in UTF-16 or in the console's own page; the words that are compared are ASCII in both."""
    if output[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return output.decode("utf-16", errors="replace")
    return output.decode("utf-8", errors="replace")
