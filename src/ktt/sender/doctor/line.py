"""One line of the examination: what was looked at, how it stands, what to do and who does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ktt.core.errors import EXIT_NOT_MET, KttError
from ktt.core.text import Text

Who = Literal["municipality", "vendor", "fhi", "nhn"]
WHO: dict[Who, Text] = {
    "municipality": Text(nb="kommunen", en="the municipality"),
    "vendor": Text(nb="EPJ-leverandøren", en="the vendor of the record system"),
    "fhi": Text(nb="FHI", en="FHI"),
    "nhn": Text(nb="Norsk helsenett", en="Norsk helsenett"),
}
State = Literal["good", "bad", "blocked", "not_needed"]
"""`blocked` was not tried because another line is bad; `not_needed` has nothing to look at here."""


class Wrong(Exception):
    """A check found something wrong."""

    def __init__(self, says: Text, remedy: Text, *, who: Who | None = None, exit_code: int = EXIT_NOT_MET) -> None:
        self.says, self.remedy, self.who, self.exit_code = says, remedy, who, exit_code
        super().__init__(says.en)


class NotNeeded(Exception):
    """A check has nothing to look at."""

    def __init__(self, because: Text) -> None:
        self.because = because
        super().__init__(because.en)


@dataclass(frozen=True, slots=True)
class Line:
    """How it stands with one link. `remedy` and `who` are there when it is bad, `code` when a known fault was behind it."""

    name: str
    title: Text
    state: State
    says: Text
    remedy: Text | None = None
    who: Who | None = None
    exit_code: int = 0
    code: str | None = None

    def as_data(self) -> dict[str, Any]:
        """The line as plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "state": self.state,
            "says": self.says,
            "remedy": self.remedy,
            "who": self.who,
            "exit_code": self.exit_code,
            "code": self.code,
        }


def wrong_by(fault: KttError, who: Who) -> Wrong:
    """What a known fault means as a line."""
    return Wrong(fault.says(), fault.advises(), who=who, exit_code=fault.exit_code)
