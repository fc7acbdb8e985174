"""Read a folder of files, one for each table, as columns of text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ktt.core.os_faults import os_reason
from ktt.sender.extract.mapping.file_form import FileForm
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.extract.sources.csv_file import CsvFile
from ktt.sender.extract.sources.errors import (
    SourceFolderMissing,
    TableFileChanged,
    TableFileNewer,
    TableFileUnreadable,
)
from ktt.sender.extract.sources.parquet_file import ParquetFile


class FileReader:
    """The files of one day. Each must be the same when the last one is read as when it was first looked at."""

    def __init__(self, folder: Path, mapping: SourceMapping, extracted_on: dt.date) -> None:
        self._folder, self._mapping, self._day = folder, mapping, extracted_on
        self._seen: dict[Path, tuple[int, int, int]] = {}

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns of a table's file; the `query` is the file's name, with the day to be filled in."""
        return self._file(name, query).columns()

    def relations(self) -> list[str]:
        """The names of the files."""
        return sorted(file.name for file in self._folder.iterdir() if file.is_file())

    def blocks(self, name: str, query: str, columns: list[str]) -> Iterator[pl.DataFrame]:
        """These columns of a file's rows, as text, some at a time."""
        return self._file(name, query).blocks(columns)

    def refuse_changed(self) -> None:
        """Raise when a file was written while the files were read, or after the export was said to be finished."""
        done = self._mapping.complete.done_file
        finished = None if done is None else _state(done.of(self._day))[0]
        for path, seen in self._seen.items():
            if _state(path) != seen:
                raise TableFileChanged(file=path)
            if finished is not None and seen[0] > finished:
                raise TableFileNewer(file=path)

    def _file(self, name: str, query: str) -> CsvFile | ParquetFile:
        path = self._folder / self._day.strftime(query)
        self._seen.setdefault(path, _state(path))
        return ParquetFile(path) if path.suffix.lower() == ".parquet" else CsvFile(path, self._form(name))

    def _form(self, name: str) -> FileForm:
        table = self._mapping.tables.get(name)
        return self._mapping.source.form if table is None else table.form


def _state(path: Path) -> tuple[int, int, int]:
    """When a file was written, its size, and which file it is."""
    try:
        found = path.stat()
    except OSError as fault:
        raise TableFileUnreadable(file=path, reason=os_reason(fault)) from fault
    return found.st_mtime_ns, found.st_size, found.st_ino


@contextmanager
def open_files(folder: Path, mapping: SourceMapping, extracted_on: dt.date) -> Iterator[FileReader]:
    """The files in a folder, which are only read."""
    if not folder.is_dir():
        raise SourceFolderMissing(folder=folder)
    reader = FileReader(folder, mapping, extracted_on)
    yield reader
    reader.refuse_changed()
