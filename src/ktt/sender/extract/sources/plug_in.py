"""Record systems that a plug-in reads: a distribution with an entry point in the group `ktt.sources`.

The entry point's name is the kind of source: `source.kind` in the mapping, and the beginning of the address. What it names
is called as `SourcePlugIn`. What the plug-in answers is checked, and what it raises is told by its type alone: its words
may hold a value.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Protocol, cast

import polars as pl

from ktt.core.errors import KttError
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.extract.sources.errors import PlugInAnswerWrong, PlugInBroken


class PlugInReader(Protocol):
    """What a plug-in opens. Everything that is read of it must be of one moment."""

    def columns(self, query: str) -> Sequence[str]:
        """The names of the columns that a query of the mapping gives, in the plug-in's own language."""
        ...

    def blocks(self, query: str, columns: Sequence[str]) -> Iterable[pl.DataFrame]:
        """These columns of all of the query's rows, as text (`pl.String`), empty where there is no value.

        In as many frames as suit; a generator keeps memory low. What cannot be read must raise: a row that is left out is
        taken for deleted.
        """
        ...


class SourcePlugIn(Protocol):
    """What the entry point names."""

    def __call__(self, address: str, *, extracted_on: dt.date, timezone: str) -> AbstractContextManager[PlugInReader]:
        """The record system at an address (all of `source.url`), opened to be read only."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class PlugInAddress:
    """An address that a plug-in understands. It may hold a password, so only its kind is shown."""

    entry_point: EntryPoint
    url: str

    def __repr__(self) -> str:
        return repr(f"{self.kind}://…")

    @property
    def kind(self) -> str:
        """The plug-in's name."""
        return self.entry_point.name

    @contextmanager
    def open(self, mapping: SourceMapping, extracted_on: dt.date) -> Iterator[CheckedReader]:
        """The record system, opened by the plug-in."""
        with _told(self.kind):
            plug_in = cast("SourcePlugIn", self.entry_point.load())
            opened = plug_in(self.url, extracted_on=extracted_on, timezone=str(mapping.timezone))
            reader = opened.__enter__()
        try:
            yield CheckedReader(self.kind, reader)
        finally:
            with _told(self.kind):
                opened.__exit__(None, None, None)


class CheckedReader:
    """A plug-in's reader, with what it answers checked."""

    def __init__(self, kind: str, reader: PlugInReader) -> None:
        self._kind, self._reader = kind, reader

    def columns(self, name: str, query: str) -> list[str]:
        """The names of the columns."""
        with _told(self._kind):
            columns = list(self._reader.columns(query))
        if not all(isinstance(column, str) for column in columns):
            raise PlugInAnswerWrong(kind=self._kind, table=name)
        return columns

    def relations(self) -> list[str]:
        """The queries that the plug-in lists, where it has that method; none otherwise."""
        listed = getattr(self._reader, "relations", None)
        if listed is None:
            return []
        with _told(self._kind):
            names = list(listed())
        if not all(isinstance(name, str) for name in names):
            raise PlugInAnswerWrong(kind=self._kind, table="relations")
        return names

    def blocks(self, name: str, query: str, columns: list[str]) -> Iterator[pl.DataFrame]:
        """The rows, refusing a frame that has other columns than were asked for, or values that are no text."""
        schema = pl.Schema(dict.fromkeys(columns, pl.String()))
        yield schema.to_frame()
        with _told(self._kind):
            blocks = iter(self._reader.blocks(query, columns))
        while True:
            with _told(self._kind):
                block = next(blocks, None)
            if block is None:
                return
            if not isinstance(block, pl.DataFrame) or block.schema != schema:
                raise PlugInAnswerWrong(kind=self._kind, table=name)
            yield block


@contextmanager
def _told(kind: str) -> Iterator[None]:
    """An error of ours for whatever a plug-in raises; its own errors of ours pass."""
    try:
        yield
    except KttError:
        raise
    except Exception as fault:  # noqa: BLE001 (the code of others may raise anything)
        raise PlugInBroken(kind=kind, reason=type(fault).__name__) from None
