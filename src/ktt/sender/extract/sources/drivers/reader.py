"""Read a database through a DB-API driver as columns of text, in one transaction of one moment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ktt.core.text import Text
from ktt.sender.extract.errors import QueryRefused, ReadBroken
from ktt.sender.extract.sources.drivers.values import NotOneValue, texts

_ROWS = 2_000
_PARAMETER = re.compile(r"(?<![:\w]):(\w+)\b")  # `:name`


def _as_it_is(column: str, _type_code: object) -> str:
    return column


@dataclass(frozen=True, slots=True)
class Driver:
    """What differs between two drivers.

    `error` is the root of what it raises. `words` says in both languages why a query was refused; `kind` tells a fault
    without its words, which may hold a value. `expression` is how a column is selected, by its type.
    """

    error: type[Exception]
    words: Callable[[str], Text]
    kind: Callable[[Exception], str]
    relations: str
    expression: Callable[[str, Any], str] = _as_it_is
    options: Mapping[str, object] = field(default_factory=dict)


class DriverReader:
    """One open reading transaction."""

    def __init__(self, connection: Any, driver: Driver, parameters: Mapping[str, str]) -> None:
        self._connection, self._driver, self._parameters = connection, driver, parameters

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns that a query gives, without reading rows."""
        return list(self._types(name, query))

    def relations(self) -> list[str]:
        """The names of the tables and views, with their schema and, where it is the user's own, without."""
        rows = self._connection.cursor()
        rows.execute(self._driver.relations)
        return sorted({str(name) for row in rows.fetchall() for name in row if name})

    def blocks(self, name: str, query: str, columns: list[str]) -> Iterator[pl.DataFrame]:
        """These columns of a query's rows, as text, some at a time; one block at least."""
        schema = dict.fromkeys(columns, pl.String())
        yield pl.DataFrame(schema=schema)
        types = self._types(name, query)
        chosen = ", ".join(f"{self._driver.expression(_quoted(c), types[c])} AS {_quoted(c)}" for c in columns)
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"SELECT {chosen} FROM (\n{self._filled(query)}\n) source", **self._driver.options)  # noqa: S608
            while rows := cursor.fetchmany(_ROWS):
                values = map(texts, zip(*rows, strict=True))
                yield pl.DataFrame(dict(zip(columns, values, strict=True)), schema=schema)
        except self._driver.error as fault:
            raise ReadBroken(query=name, reason=self._driver.kind(fault)) from None
        except NotOneValue as fault:
            raise ReadBroken(query=name, reason=str(fault)) from None
        finally:
            cursor.close()

    def _types(self, name: str, query: str) -> dict[str, Any]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"SELECT * FROM (\n{self._filled(query)}\n) source WHERE 1 = 0")  # noqa: S608
            return {column[0]: column[1] for column in cursor.description}
        except self._driver.error as fault:  # names tables and columns only: no row has been read
            raise QueryRefused(query=name, reason=self._driver.words(str(fault))) from None
        finally:
            cursor.close()

    def _filled(self, query: str) -> str:
        return _PARAMETER.sub(self._literal, query)

    def _literal(self, found: re.Match[str]) -> str:
        value = self._parameters.get(found[1])
        return found[0] if value is None else "'" + value.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
