"""What proves that an extract is whole, as the section `[complete]` of a mapping says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Watermark:
    """A query for how far the source has come, and the format of its answer: of a day where `date` is given."""

    query: str = field(repr=False)
    instant: str
    date: str | None = None


@dataclass(frozen=True, slots=True)
class DoneFile:
    """A file that is written when the day's export is finished; with `counts`, it says how many rows each table has."""

    folder: Path
    path: str
    counts: bool = False

    def of(self, day: dt.date) -> Path:
        """The day's file."""
        return self.folder / day.strftime(self.path)


@dataclass(frozen=True, slots=True)
class CountFile:
    """A file of the export with a row for each table: the columns of its name and of how many rows it has.

    Where `day` is a column, in `formats`, only the rows of the extraction day count, and only those with the values of
    `where`: an export that says itself that it failed proves nothing.
    """

    file: str
    table: str
    rows: str
    day: str | None = None
    formats: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The columns that are read, each once."""
        return list(dict.fromkeys([self.table, self.rows, *([self.day] if self.day else []), *self.where]))


@dataclass(frozen=True, slots=True)
class Completeness:
    """The ways in which an extract is proved whole; all that are given must hold.

    `pause_seconds` is the pause between two readings that must be equal. `self_count` is weak: the tables are counted by
    ourselves, so it tells that all that is there was read, and not that all is there.
    """

    count: str | None = None
    watermark: Watermark | None = None
    done_file: DoneFile | None = None
    pause_seconds: int | None = None
    self_count: bool = False
    count_file: CountFile | None = None

    @property
    def ways(self) -> tuple[str, ...]:
        """Their names, as the mapping has them; none is no proof."""
        given = {
            "count": self.count or self.count_file,
            "watermark": self.watermark,
            "done_file": self.done_file,
            "equal_reads": self.pause_seconds,
            "self_count": self.self_count,
        }
        return tuple(name for name, way in given.items() if way)
