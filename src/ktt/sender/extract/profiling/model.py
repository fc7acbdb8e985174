"""What a profile says: of the source, of each table, of each column. It holds no value but those of `disclosure`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ktt.core.text import Text
from ktt.sender.extract.mapping.file_form import PLAIN, FileForm
from ktt.sender.extract.profiling.disclosure import ShownValues

FORMAT = "ktt-scan/1"

KIND_WORDS: Mapping[str, Text] = {
    "empty": Text(nb="tom", en="empty"),
    "yes_no": Text(nb="ja/nei", en="yes/no"),
    "code": Text(nb="kode", en="code"),
    "whole_number": Text(nb="heltall", en="whole number"),
    "decimal": Text(nb="desimaltall", en="decimal number"),
    "day": Text(nb="dag", en="day"),
    "month": Text(nb="måned", en="month"),
    "instant": Text(nb="tidspunkt", en="instant"),
    "zoned_instant": Text(nb="tidspunkt med sone", en="instant with zone"),
    "person_number": Text(nb="fødselsnummer eller D-nummer", en="national number or D-number"),
    "organisation": Text(nb="organisasjonsnummer", en="organisation number"),
    "municipality": Text(nb="kommunenummer", en="municipality number"),
    "diagnosis": Text(nb="diagnosekode", en="diagnosis code"),
    "table_name": Text(nb="navn på tabeller", en="names of tables"),
    "text": Text(nb="tekst", en="text"),
}
"""The kinds of values, in the words that people are shown."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column. `distinct` is an estimate where not `exact`.

    `formats` are those that days, months or instants are written in, with the rows of each; `shapes` the commonest shapes;
    `open_ends` texts that stand for “no end” or “no day” and are nobody's day. `decimal` is the decimal mark.
    With `mixed_case`, the same codes are written with small letters and with capitals, and are shown as capitals.
    """

    name: str
    kind: str
    rows: int
    empty: int
    distinct: int
    exact: bool = True
    longest: int = 0
    formats: Mapping[str, int] = field(default_factory=dict)
    shapes: Mapping[str, int] = field(default_factory=dict)
    open_ends: Mapping[str, int] = field(default_factory=dict)
    decimal: str = ""
    shown: ShownValues = field(default_factory=ShownValues)
    mixed_case: bool = False

    @property
    def filled(self) -> int:
        """The rows that have a value."""
        return self.rows - self.empty

    @property
    def is_unique(self) -> bool:
        """Whether every row has a value of its own; nearly so where they are too many to be told apart for certain."""
        least = self.rows if self.exact else 0.93 * self.rows
        return self.rows > 0 and self.empty == 0 and self.distinct >= least


@dataclass(frozen=True, slots=True)
class Join:
    """A column whose values are those of a column of another table that tells its rows apart.

    `share` of its values are there, from 0 to 1. They are not `alike` where they are only the same without regard to
    capitals, braces and noughts in front.
    """

    column: str
    table: str
    other: str
    share: float
    alike: bool = True


@dataclass(frozen=True, slots=True)
class TableProfile:
    """One table, view or file. `key` are the first columns that together tell its rows apart; none where they do not.

    `joins` are the columns that lead to other tables, by their values; `person_number` the two that a national number is split over. `file` is the file's name with the day as `%Y%m%d`, and `form` how it is written. `fault` is why it could not be read.
    """

    name: str
    rows: int = 0
    columns: tuple[ColumnProfile, ...] = ()
    key: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()
    person_number: tuple[str, ...] = ()
    file: str = ""
    form: FileForm = PLAIN
    fault: str = ""


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """A whole source, as it was when it was scanned. `source` is its address without a password."""

    kind: str
    source: str
    scanned_on: str
    at_least: int
    tables: tuple[TableProfile, ...]

    def as_data(self) -> dict[str, Any]:
        """Plain data, as `ktt source scan --json` writes it."""
        return {"format": FORMAT, **asdict(self)}


def profile_of(data: Mapping[str, Any]) -> SourceProfile:
    """The profile that plain data are; KeyError, TypeError or ValueError when they are none."""
    if data["format"] != FORMAT:
        raise ValueError(data["format"])
    tables = tuple(_table(one) for one in data["tables"])
    return SourceProfile(data["kind"], data["source"], data["scanned_on"], int(data["at_least"]), tables)


def _table(data: Mapping[str, Any]) -> TableProfile:
    columns = tuple(ColumnProfile(**{**one, "shown": ShownValues(**one["shown"])}) for one in data["columns"])
    joins = tuple(Join(**one) for one in data.get("joins", ()))
    split = tuple(data.get("person_number", ()))
    form = FileForm(**{**data["form"], "null": tuple(data["form"].get("null", ()))})
    return TableProfile(
        **{**data, "columns": columns, "key": tuple(data["key"]), "joins": joins, "form": form, "person_number": split}
    )
