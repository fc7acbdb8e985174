"""What the suite needs of a sender: that wishes are fulfilled, and that it then sends."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.testing.conformance.sender.request import Wish


class Ability(enum.Enum):
    """What a case cannot do without, and why it is skipped when the sender lacks it."""

    LINE = Text(
        "Krever en avsender som selv holder køen; denne får én melding om gangen.",
        "Needs a sender that keeps the line itself; this one is given one message at a time.",
    )
    CONTENT = Text(
        "Krever en avsender som lager meldingene selv.",
        "Needs a sender that makes its messages itself.",
    )
    STARTS = Text(
        "Krever en avsender som startes for hver gang («--run»).",
        "Needs a sender that is started for each run (`--run`).",
    )


class Unfulfilled(Exception):
    """A wish that this sender has no way to fulfil; the cases that need it are skipped."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(reason.en)


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of the sender.

    `exit_code` is None when it has none to give; `after` is the number of the last request before it, and `said` the
    end of what it wrote, persons' numbers masked.
    """

    after: int
    exit_code: int | None = None
    timed_out: bool = False
    seconds: float = 0.0
    said: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scene is played: set-up files already written, and a folder of its own.

    `last` is the number of the newest request, `delivered` whether one after a number got its receipt, and `settled`
    whether every fault that was asked for has met a request.
    """

    scene: str
    folder: Path
    config: Mapping[str, Any] = field(repr=False)
    config_file: Path
    unit: ReportingUnit
    write_sender: Callable[[Path, Path], Path]
    last: Callable[[], int]
    delivered: Callable[[int], int]
    settled: Callable[[], bool]


class Driver(Protocol):
    """One sender under test."""

    abilities: frozenset[Ability]

    def begin(self, place: Place) -> None:
        """A new scene: nothing remembered, nothing waiting."""
        ...

    def fulfil(self, wish: Wish) -> None:
        """See to it that there is something to send; Unfulfilled when there is no way."""
        ...

    def run(self) -> Sequence[Ran]:
        """Let the sender send what it has, until it is done or gives up."""
        ...
