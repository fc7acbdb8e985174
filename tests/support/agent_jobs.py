"""A daily run to be written into a scheduler, and a machine that answers its commands as it is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath

from ktt.sender.agent.job import Job
from ktt.sender.agent.scheduler import Answer

UNIT = "312111403-1114"
AT = dt.time(4, 17)
ON_LINUX = Job(
    UNIT,
    AT,
    PurePosixPath("/opt/ktt/bin/ktt"),
    PurePosixPath("/var/lib/ktt/avsender/sender.toml"),
    (PurePosixPath("/var/lib/ktt/avsender"),),
    "ktt",
)
ON_WINDOWS = Job(
    UNIT,
    AT,
    PureWindowsPath(r"C:\Program Files\ktt\Scripts\ktt.exe"),
    PureWindowsPath(r"C:\ProgramData\ktt & co\sender.toml"),
    (PureWindowsPath(r"C:\ProgramData\ktt & co"),),
    "KOMMUNE\\ktt$",
)


@dataclass
class Machine:
    """Answers a command by its second word, and remembers what it was given."""

    answers: dict[str, Answer] = field(default_factory=dict)
    given: list[tuple[str, ...]] = field(default_factory=list)

    def give(self, command: tuple[str, ...]) -> Answer:
        self.given.append(command)
        return self.answers.get(command[1], Answer(0))
