"""One text file of separated fields, read strictly: a row that does not fit its header ends the reading."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from ktt.core.os_faults import os_reason
from ktt.sender.extract.mapping.file_form import FileForm
from ktt.sender.extract.sources.csv_faults import UTF_8_AS_WINDOWS, first_fault
from ktt.sender.extract.sources.errors import SeparatorWrong, TableFileEmpty, TableFileUnended, TableFileUnreadable

_ROWS = 1_000
"""Rows taken at a time, of which only the columns that are read are kept: 1.6 s per million rows of 7 columns; 2.9 s at
5 000 and 3.6 s at 20 000."""
_SEPARATORS = {";": ";", ",": ",", "\t": "tab"}

_Rows = Iterator[list[str]]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file whose first row has the names of its columns."""

    path: Path
    form: FileForm

    def columns(self) -> list[str]:
        """The names of the columns, without reading rows."""
        with self._rows() as (header, _):
            return header

    def blocks(self, columns: list[str]) -> Iterator[pl.DataFrame]:
        """These columns of all rows, as text, some at a time; one block at least.

        Python's own module splits the rows: Polars fills up a row that is too short, and says nothing.
        """
        self._refuse_unended()
        schema = dict.fromkeys(columns, pl.String())
        yield pl.DataFrame(schema=schema)
        with self._rows() as (header, rows):
            places = [header.index(column) for column in columns]
            for values in _blocks(rows, len(header)):
                block = pl.DataFrame({c: values[p] for c, p in zip(columns, places, strict=True)}, schema=schema)
                if self.form.charset != "utf-8" and _has_utf_8(block):
                    raise ValueError
                yield self._without_null(block)

    def _without_null(self, block: pl.DataFrame) -> pl.DataFrame:
        """The block, empty where the export writes a word for no value."""
        if not self.form.null:
            return block
        text = pl.all()
        return block.with_columns(pl.when(~text.str.strip_chars().is_in(list(self.form.null))).then(text))

    @contextmanager
    def _rows(self) -> Iterator[tuple[list[str], _Rows]]:
        try:
            # csv finds the line breaks itself: one in quotation marks is a part of the value
            with self.path.open(encoding=self.form.codec, newline="") as file:
                rows = csv.reader(file, delimiter=self.form.separator, strict=True)
                yield self._header(rows), rows
        except OSError as fault:
            raise TableFileUnreadable(file=self.path, reason=os_reason(fault)) from fault
        except (ValueError, csv.Error):  # the fault may hold a value; the place is found by reading anew
            raise first_fault(self.path, self.form) from None

    def _header(self, rows: _Rows) -> list[str]:
        header = next(rows, [])
        if not header:
            raise TableFileEmpty(file=self.path)
        other = next((mark for mark in _SEPARATORS if mark in header[0]), None)
        if len(header) == 1 and other is not None:
            named = _SEPARATORS[self.form.separator]
            raise SeparatorWrong(file=self.path, separator=named, seems=_SEPARATORS[other])
        return header

    def _refuse_unended(self) -> None:
        """A file that was cut off in its last value has as many fields as it should, and another value."""
        if self.form.unended:
            return
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(size - 1, 0))
                if size and file.read(1) not in {b"\n", b"\r"}:
                    raise TableFileUnended(file=self.path)
        except OSError as fault:
            raise TableFileUnreadable(file=self.path, reason=os_reason(fault)) from fault


def _blocks(rows: _Rows, width: int) -> Iterator[list[tuple[str, ...]]]:
    """The rows some at a time, as columns; ValueError when one has other fields than the header, or is blank before the end."""
    ended = False
    while block := list(islice(rows, _ROWS)):
        filled = _without_blank_end(block)
        columns = list(zip(*filled, strict=True))
        if filled and (ended or len(columns) != width):
            raise ValueError
        ended = ended or len(filled) < len(block)
        if filled:
            yield columns


def _without_blank_end(block: list[list[str]]) -> list[list[str]]:
    end = len(block)
    while end and not block[end - 1]:
        end -= 1
    return block[:end]


def _has_utf_8(frame: pl.DataFrame) -> bool:
    return bool(frame.select(pl.any_horizontal(pl.all().str.contains(UTF_8_AS_WINDOWS).any())).item())
