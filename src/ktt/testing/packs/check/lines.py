"""What a check of a pack found: one line for each thing that holds, does not hold, or is worth knowing."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ktt.core.errors import KttError
from ktt.core.text import Text


class Verdict(StrEnum):
    """How one thing stands. Only `FAILED` means that the pack does not hold."""

    OK = "ok"
    FAILED = "failed"
    ADVICE = "advice"
    NOTE = "note"


MARKS = {Verdict.OK: "✓", Verdict.FAILED: "✗", Verdict.ADVICE: "!", Verdict.NOTE: "–"}


@dataclass(frozen=True, slots=True)
class Line:
    """One finding. `check` is a stable word for scripts, `message` the type and version that it is about.

    `places` are paths in the message or in mapping.toml, columns, or names of examples: never content of a message.
    """

    check: str
    verdict: Verdict
    says: Text
    remedy: Text | None = None
    message: str = ""
    places: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "check": self.check,
            "verdict": self.verdict.value,
            "message": self.message or None,
            "says": self.says.both(),
            "remedy": None if self.remedy is None else self.remedy.both(),
            "places": list(self.places),
        }


@dataclass(frozen=True, slots=True)
class PackReport:
    """Every line about one pack, in the order of the checks."""

    pack: str
    lines: list[Line] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return all(line.verdict is not Verdict.FAILED for line in self.lines)

    def as_data(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"pack": self.pack, "holds": self.holds, "lines": [line.as_data() for line in self.lines]}


def ok(check: str, says: Text, message: str = "") -> Line:
    """Something that holds."""
    return Line(check, Verdict.OK, says, message=message)


def failed(check: str, says: Text, remedy: Text, message: str = "", places: tuple[str, ...] = ()) -> Line:
    """Something that does not hold, and what to do."""
    return Line(check, Verdict.FAILED, says, remedy, message, places)


def advice(check: str, says: Text, remedy: Text, message: str = "", places: tuple[str, ...] = ()) -> Line:
    """Something that works, but may be meant otherwise."""
    return Line(check, Verdict.ADVICE, says, remedy, message, places)


def note(check: str, says: Text, message: str = "", places: tuple[str, ...] = ()) -> Line:
    """Something worth knowing."""
    return Line(check, Verdict.NOTE, says, None, message, places)


def of_fault(check: str, fault: KttError, message: str = "") -> Line:
    """A fault that explains itself."""
    place = str(fault.facts.get("place", ""))
    return failed(check, fault.says(), fault.advises(), message, (place,) if place else ())


def name_of(version: Any) -> str:
    """Type and version as they are shown."""
    return f"{version.message_type} {version.version}"
