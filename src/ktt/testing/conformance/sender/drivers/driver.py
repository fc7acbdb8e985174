"""What the suite needs of a sender under test: that it can be prepared, and that it then sends."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.sender.preparation import Preparation


class Ability(enum.Enum):
    """What a case presupposes, and the reason that is given when the sender lacks it and the case is skipped."""

    QUEUE = Text(
        "Krever en avsender som selv holder køen; denne får én melding om gangen.",
        "Needs a sender that keeps the queue itself; this one is given one message at a time.",
    )
    CONTENT = Text(
        "Krever en avsender som lager meldingene selv.",
        "Needs a sender that makes its messages itself.",
    )
    STARTS = Text(
        "Krever en avsender som startes for hver gang («--run»).",
        "Needs a sender that is started for each run (`--run`).",
    )


class NotPrepared(Exception):
    """The driver has no way to make this sender ready; the cases that need it are skipped."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(reason.en)


@dataclass(frozen=True, slots=True)
class SenderRun:
    """One run of the sender.

    `exit_code` is None when there is none; `after` is the number of the last request before the run, and `output` the
    end of what the sender wrote, persons' numbers masked.
    """

    after: int
    exit_code: int | None = None
    timed_out: bool = False
    seconds: float = 0.0
    output: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ScenarioContext:
    """What a driver is given for one scenario: a folder of its own, and set-up files that are already written.

    `last` returns the number of the newest request, `delivered` how many messages after a number were confirmed, and
    `settled` whether every fault that was asked for has met a request.
    """

    scenario: str
    folder: Path
    config: Mapping[str, Any] = field(repr=False)
    config_file: Path
    unit: ReportingUnit
    write_sender: Callable[[Path, Path], Path]
    last: Callable[[], int]
    delivered: Callable[[int], int]
    settled: Callable[[], bool]


class Driver(Protocol):
    """Drives one sender under test."""

    abilities: frozenset[Ability]

    def begin(self, context: ScenarioContext) -> None:
        """Begin a new scenario: the sender has nothing to send, and remembers nothing."""
        ...

    def prepare(self, preparation: Preparation) -> None:
        """Give the sender something to send; NotPrepared when there is no way."""
        ...

    def run(self) -> Sequence[SenderRun]:
        """Let the sender send what it has, until it is done or gives up."""
        ...
