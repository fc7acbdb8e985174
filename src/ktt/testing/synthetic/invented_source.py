"""An invented copy of a record system, from its profile alone: the same tables, columns and forms, and persons that never were.

Nothing of the source is in it but names of tables and columns, and the values that a profile shows: those of codes.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from ktt.core.os_faults import os_reason
from ktt.domain.identifiers import compose_synthetic, organisation_valid
from ktt.domain.places import municipality_frame
from ktt.sender.extract.mapping.values.formats import UNIX
from ktt.sender.extract.profiling.errors import OutputUnwritable
from ktt.sender.extract.profiling.model import ColumnProfile, SourceProfile, TableProfile

_FIRST, _DAYS = dt.date(2017, 1, 1), 3300
_BORN, _BIRTHDAYS = dt.date(1930, 1, 1), 25_000
_IDS = 700_000
_DATABASES = {".sqlite", ".db", ".sqlite3"}

Rows = Iterator[list[str | None]]


class InventedSource:
    """Invents the rows of each table; the same seed invents the same."""

    def __init__(self, profile: SourceProfile, most_rows: int, seed: int) -> None:
        self._profile, self._most = profile, most_rows
        self._random = random.Random(seed)  # noqa: S311 (nothing is kept secret by it)
        self._persons: list[str] = []
        self._places = municipality_frame()["municipality"].unique().sort().to_list()
        self._organisations = [str(n) for n in range(312_000_000, 312_003_000) if organisation_valid(str(n))][:20]

    def write(self, out: Path, day: dt.date) -> dict[str, int]:
        """An SQLite file, or a folder of files in the forms of the source. The rows of each table are told."""
        try:
            return self._database(out) if out.suffix.lower() in _DATABASES else self._files(out, day)
        except (OSError, sqlite3.Error) as fault:
            reason = os_reason(fault) if isinstance(fault, OSError) else str(fault)
            raise OutputUnwritable(file=out, reason=reason) from fault

    def _tables(self) -> Iterator[TableProfile]:
        yield from (table for table in self._profile.tables if table.columns and not table.fault)

    def _database(self, out: Path) -> dict[str, int]:
        out.touch(exist_ok=False)
        counts = {}
        with closing(sqlite3.connect(out)) as connection, connection:
            for table in self._tables():
                name, columns = _quoted(table.name.rpartition(".")[2]), [_quoted(one.name) for one in table.columns]
                connection.execute(f"CREATE TABLE {name} ({', '.join(f'{one} TEXT' for one in columns)})")
                places = ", ".join("?" * len(columns))
                connection.executemany(f"INSERT INTO {name} VALUES ({places})", self.rows(table))  # noqa: S608 (names in quotes)
                counts[table.name] = self._height(table)
        return counts

    def _files(self, out: Path, day: dt.date) -> dict[str, int]:
        out.mkdir(parents=True)
        counts = {}
        for table in self._tables():
            name = day.strftime(table.file) if table.file else f"{table.name}.csv"
            path = out / Path(name).with_suffix(".csv" if name.endswith(".parquet") else Path(name).suffix)
            with path.open("w", encoding=table.form.codec, newline="", errors="replace") as file:
                rows = csv.writer(file, delimiter=table.form.separator, lineterminator="\r\n")
                rows.writerow(one.name for one in table.columns)
                rows.writerows(self.rows(table))
            counts[table.name] = self._height(table)
        return counts

    def _height(self, table: TableProfile) -> int:
        return min(table.rows, self._most)

    def rows(self, table: TableProfile) -> Rows:
        """The rows of one table."""
        for number in range(self._height(table)):
            yield [self._cell(table, column, number) for column in table.columns]

    def _cell(self, table: TableProfile, column: ColumnProfile, number: int) -> str | None:
        if not column.filled or self._random.random() * column.rows < column.empty:
            return None
        if column.shown.is_code:
            return self._drawn(column.shown.values)
        if column.formats:
            return self._day(column)
        made = {
            "person_number": lambda: self._person(number if column.is_unique else self._random.randrange(self._most)),
            "organisation": lambda: self._random.choice(self._organisations),
            "municipality": lambda: str(self._random.choice(self._places)),
            "decimal": lambda: self._shaped(column),
            "diagnosis": lambda: self._shaped(column),
        }
        return made[column.kind]() if column.kind in made else self._id(table, column, number)

    def _drawn(self, weights: Mapping[str, int]) -> str:
        return self._random.choices(list(weights), list(weights.values()))[0]

    def _day(self, column: ColumnProfile) -> str:
        """A day since 2017 in one of the forms, or a text that stands for no end, as often as in the source."""
        chosen = self._drawn({**column.formats, **column.open_ends})
        if chosen in column.open_ends:
            return chosen
        moment = dt.datetime.combine(_FIRST + dt.timedelta(self._random.randrange(_DAYS)), dt.time(), dt.UTC)
        moment += dt.timedelta(seconds=self._random.randrange(86_400))
        if chosen in UNIX:
            return str(int(moment.timestamp() * 1_000_000) // UNIX[chosen])
        return moment.strftime(chosen) + ("+00:00" if column.kind == "zoned_instant" else "")

    def _person(self, number: int) -> str:
        while len(self._persons) <= number:
            born = _BORN + dt.timedelta(self._random.randrange(_BIRTHDAYS))
            made = compose_synthetic(born, self._random.randrange(100, 500))
            if made is not None and made not in self._persons:
                self._persons.append(made)
        return self._persons[number]

    def _shaped(self, column: ColumnProfile) -> str:
        shape = self._drawn(column.shapes) if column.shapes else "9"
        return "".join(self._sign(one) for one in shape)

    def _sign(self, one: str) -> str:
        if one == "9":
            return str(self._random.randrange(1, 10))
        return self._random.choice("ABDHLPZ") if one == "A" else one

    def _id(self, table: TableProfile, column: ColumnProfile, number: int) -> str:
        """An id that the rows of other tables have too, where the column is called the same; of a key, one for each row."""
        is_key = column.is_unique or (len(table.key) == 1 and column.name == table.key[0])
        known = min(self._most, max(column.distinct, 1))
        value = _IDS + (number if is_key else self._random.randrange(known))
        return str(value) if column.kind == "whole_number" else f"S{value}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
