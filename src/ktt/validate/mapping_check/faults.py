"""All faults of a mapping, each with the line that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ktt.core.errors import EXIT_MAPPING, KttError
from ktt.sender.extract.errors import ColumnMissing, QueryRefused, RelationMissing
from ktt.sender.extract.mapping.lines import KeyLines
from ktt.sender.extract.mapping.model import SourceMapping

_ABOUT_TABLES = (ColumnMissing, QueryRefused, RelationMissing)


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """A fault, and the line of the mapping file to look at; None where it is about no line."""

    fault: KttError
    line: int | None

    @property
    def is_of_mapping(self) -> bool:
        """Whether the mapping is to be corrected: also where it names what the source does not have."""
        return self.fault.exit_code == EXIT_MAPPING or isinstance(self.fault, _ABOUT_TABLES)

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return {"code": self.fault.code, "line": self.line, "says": self.fault.says(), "remedy": self.fault.advises()}


def placed(file: Path, faults: Iterable[KttError], mapping: SourceMapping | None = None) -> list[PlacedFault]:
    """The faults in the order of the file's lines."""
    try:
        lines = KeyLines(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        lines = KeyLines("")
    found = [PlacedFault(fault, lines.line_of(_key(fault, mapping))) for fault in faults]
    return sorted(found, key=lambda one: (one.line is None, one.line or 0))


def _key(fault: KttError, mapping: SourceMapping | None) -> str:
    """The key that a fault is about, as the file has it."""
    if isinstance(fault, _ABOUT_TABLES):
        return _of_column(str(fault.facts["query"]), fault.facts.get("column"), mapping)
    if "record" in fault.facts:
        return f"record.{fault.facts['record']}"
    return str(fault.facts.get("key", ""))


def _of_column(query: str, column: object, mapping: SourceMapping | None) -> str:
    """The first field that reads a column of the table, else the table, else the query."""
    if mapping is None or query not in mapping.tables:
        return query
    for place in mapping.places:
        for name, source in place.fields.items():
            if place.table == query and column in source.columns:
                return f"{place.key}.fields.{name}"
    return f"table.{query}"
