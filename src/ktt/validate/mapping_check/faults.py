"""All faults of a mapping, each with the line that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    """The first field that reads a column of the table, also through a lookup, else what the tables say of it, else the query."""
    if mapping is None or query not in mapping.tables:
        return query
    keys = (*_of_fields(query, str(column), mapping), *_of_tables(query, str(column), mapping))
    return next(iter(keys), f"table.{query}")


def _of_fields(query: str, column: str, mapping: SourceMapping) -> Iterator[str]:
    for place in mapping.places:
        if place.table is None:
            continue
        looked_up = any(one.table == query for one in mapping.tables[place.table].lookups)
        asked = {column if place.table == query else ""} | ({f"{query}.{column}"} if looked_up else set())
        yield from (f"{place.key}.fields.{name}" for name, one in place.fields.items() if asked & set(one.columns))
        if place.wide is not None and asked & place.wide.columns:
            yield f"{place.key}.columns"
        if asked & set(place.skip):
            yield f"{place.key}.skip"


def _of_tables(query: str, column: str, mapping: SourceMapping) -> Iterator[str]:
    own = mapping.tables[query]
    said = {
        "key": own.key,
        "where": own.where,
        "latest": own.latest.columns if own.latest else (),
        "periods": own.periods.columns if own.periods else (),
        "upper": own.upper,
        "strip": own.strip,
        "pad": own.pad,
        "fresh": (own.fresh.column,) if own.fresh else (),
    }
    yield from (f"table.{query}.{key}" for key, columns in said.items() if column in columns)
    for name, table in mapping.tables.items():
        for key, others in (("lookup", table.lookups), ("with", table.within), ("without", table.without)):
            there = any(one.table == query and column in one.on for one in others)
            here = name == query and any(column in one.columns for one in others)
            if there or here:
                yield f"table.{name}.{key}"
