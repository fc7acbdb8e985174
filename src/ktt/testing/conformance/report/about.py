"""What was tested, and with which versions of program, suite and packs: at the head of every report."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import Any

from ktt.messages.register import BUILT_IN, register_of
from ktt.testing.conformance.case import Case

_SHOWN = 12  # hexadecimal characters of a digest


@dataclass(frozen=True, slots=True)
class Versions:
    """The program's version, a digest of the suite's cases, and the packs with a digest of their folders."""

    program: str
    suite: str
    packs: Mapping[str, str]

    def as_data(self) -> dict[str, Any]:
        """As a report says it."""
        return {"program": self.program, "suite": self.suite, "packs": dict(self.packs)}

    def __str__(self) -> str:
        packs = ", ".join(f"{name} {digest}" for name, digest in self.packs.items())
        return f"ktt {self.program} · {self.suite} · {packs}"


@dataclass(frozen=True, slots=True)
class About:
    """Which end was tested, what it is called or where it is, when, and with what."""

    end: str  # receiver or sender
    whom: str
    at: dt.datetime
    versions: Versions = field(default_factory=lambda: versions(()))

    def as_data(self) -> dict[str, Any]:
        """As a report says it."""
        return {"end": self.end, "whom": self.whom, "at": self.at.isoformat(), "versions": self.versions.as_data()}


def versions(cases: Sequence[Case], packs: tuple[str, ...] = (BUILT_IN,)) -> Versions:
    """The versions of this program, of a suite (all its cases, whichever are run) and of the packs."""
    return Versions(version("ktt"), _suite(tuple(cases)), _packs(packs))


@cache
def _packs(names: tuple[str, ...]) -> Mapping[str, str]:
    return {pack.name: pack.folder.digest[:_SHOWN] for pack in register_of(names).packs}


def _suite(cases: tuple[Case, ...]) -> str:
    """Changes when a case is added, taken away, or asks for something else."""
    said = [
        (
            one.name,
            one.level.name,
            one.source,
            *(text.en for text in (*one.describe_steps(), *one.describe_expectations())),
        )
        for one in cases
    ]
    return f"{len(cases)}-{hashlib.sha256(repr(said).encode()).hexdigest()[:_SHOWN]}"
