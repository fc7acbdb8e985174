"""Read a folder of files, one for each table, as columns of text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
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


class WatchedFiles:
    """The files of one day. Each must be the same when the last one is read as when it was first looked at."""

    def __init__(self, mapping: SourceMapping, extracted_on: dt.date) -> None:
        self._mapping, self._day = mapping, extracted_on
        self._seen: dict[Path, tuple[int, int, int]] = {}

    def look_at(self, path: Path) -> None:
        """Remember how a file is, before it is read."""
        self._seen.setdefault(path, _state(path))

    def refuse_changed(self) -> None:
        """Raise when a file was written while the files were read, or after the export was said to be finished."""
        done = self._mapping.complete.done_file
        finished = None if done is None else _state(done.of(self._day))[0]
        for path, seen in self._seen.items():
            if _state(path) != seen:
                raise TableFileChanged(file=path)
            if finished is not None and seen[0] > finished:
                raise TableFileNewer(file=path)


class FileReader:
    """The tables of one day in a folder."""

    def __init__(self, folder: Path, mapping: SourceMapping, extracted_on: dt.date, watched: WatchedFiles) -> None:
        self._folder, self._mapping, self._day, self._watched = folder, mapping, extracted_on, watched

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns of a table's file; the `query` is the file's name, with the day to be filled in."""
        return self._file(name, query).columns()

    def relations(self) -> list[str]:
        """The names of the files."""
        return sorted(file.name for file in self._folder.iterdir() if file.is_file())

    def blocks(self, name: str, query: str, columns: list[str]) -> Iterator[pl.DataFrame]:
        """These columns of a file's rows, as text, some at a time."""
        return self._file(name, query).blocks(columns)

    def _file(self, name: str, query: str) -> CsvFile | ParquetFile:
        path = self._folder / self._day.strftime(query)
        self._watched.look_at(path)
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


def with_done_file_in(folder: Path, mapping: SourceMapping) -> SourceMapping:
    """The mapping with the file that ends an export sought beside the exported files, and not beside the mapping."""
    done = mapping.complete.done_file
    if done is None:
        return mapping
    return replace(mapping, complete=replace(mapping.complete, done_file=replace(done, folder=folder)))


@contextmanager
def open_files(folder: Path, mapping: SourceMapping, extracted_on: dt.date) -> Iterator[FileReader]:
    """The files in a folder, which are only read."""
    if not folder.is_dir():
        raise SourceFolderMissing(folder=folder)
    watched = WatchedFiles(with_done_file_in(folder, mapping), extracted_on)
    yield FileReader(folder, mapping, extracted_on, watched)
    watched.refuse_changed()
