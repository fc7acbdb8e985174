"""A record system that writes the messages itself: together they are all of a unit's records on a day.

They are read by the pack's own reader to canonical records. From there on they are as any other extract, so that order, delta,
deletions and rules are ours.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from ktt.core.errors import KttError
from ktt.core.os_faults import os_reason
from ktt.core.settings import Environment
from ktt.domain.records import ALL_TYPES, RECIPIENT, frame_of
from ktt.domain.unit import ReportingUnit
from ktt.messages.decoded import UnitBatch
from ktt.messages.packs.message import PackedMessage
from ktt.messages.register import likeliest_version, register_of
from ktt.sender.extract.completeness.done_file import prove_done_counts, unchanged_done_file
from ktt.sender.extract.completeness.equal_reads import prove_equal
from ktt.sender.extract.errors import WrongOwner
from ktt.sender.extract.extract import Extract, extract_of
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.extract.mapping.model import SourceMapping
from ktt.sender.extract.sources.errors import (
    FileNoMessage,
    MessageDeletes,
    MessageMisfit,
    SourceFolderMissing,
    TableFileChanged,
    TableFileUnreadable,
)
from ktt.sender.extract.sources.files import WatchedFiles

_Frames = Mapping[str, pl.DataFrame]


class MessageSource:
    """A folder of such messages."""

    def __init__(self, folder: Path, mapping: SourceMapping, sleep: Callable[[float], object] = time.sleep) -> None:
        self._folder, self._sleep = folder, sleep
        self.mapping = mapping

    def __repr__(self) -> str:
        return f"MessageSource({str(self._folder)!r}, {self.mapping.name!r})"

    def read(self, unit: ReportingUnit, extracted_on: dt.date, environment: Environment) -> Extract:
        """All records of the day's messages, proved whole. A `KTT-SRC` fault when one is not this unit's or not whole."""
        complete = self.mapping.complete
        with unchanged_done_file(complete.done_file, extracted_on):
            first = None if complete.pause_seconds is None else self._frames(unit, extracted_on)
            if complete.pause_seconds is not None:
                self._sleep(complete.pause_seconds)
            frames = self._frames(unit, extracted_on)
        if first is not None:
            prove_equal(_digests(first), _digests(frames))
        if complete.done_file is not None:
            prove_done_counts(complete.done_file, {name: one.height for name, one in frames.items()}, extracted_on)
        owned = any(
            not one.is_empty() for one in frames.values()
        )  # a folder without messages says of nobody whose it is
        findings = FindingCollector(unit)
        return extract_of(frames, findings, self.mapping, extracted_on, environment, owned=owned)

    def _frames(self, unit: ReportingUnit, extracted_on: dt.date) -> dict[str, pl.DataFrame]:
        versions = register_of(self.mapping.source.packs).versions
        files, watched = self._files(extracted_on), WatchedFiles(self.mapping, extracted_on)
        batches = [batch for file in files for batch in _batches(file, watched, versions, unit)]
        watched.refuse_changed()
        if self._files(extracted_on) != files:
            raise TableFileChanged(file=self._folder)
        return {name: _together(name, batches) for name in ALL_TYPES}

    def _files(self, extracted_on: dt.date) -> list[Path]:
        return message_files(self._folder, self.mapping, extracted_on)


def message_files(folder: Path, mapping: SourceMapping, day: dt.date) -> list[Path]:
    """The files of a day's messages; SourceFolderMissing when there is no folder."""
    if not folder.is_dir():
        raise SourceFolderMissing(folder=folder)
    return sorted(folder.glob(day.strftime(mapping.source.names)))


def _batches(
    file: Path, watched: WatchedFiles, versions: Sequence[PackedMessage], unit: ReportingUnit
) -> list[UnitBatch]:
    watched.look_at(file)
    try:
        data = file.read_bytes()
    except OSError as fault:
        raise TableFileUnreadable(file=file, reason=os_reason(fault)) from fault
    version = likeliest_version(versions, data)
    if version is None:
        raise FileNoMessage(file=file)
    try:
        broken = next(iter(version.check(data, at_most=1)), None)
        batches = version.read(data) if broken is None else []
    except KttError as fault:
        raise MessageMisfit(file=file, place=fault.code) from fault
    if broken is not None:
        raise MessageMisfit(file=file, place=broken.pointer or "/")
    for batch in batches:
        if batch.unit != unit:
            raise WrongOwner(found=batch.unit.key, expected=unit.key)
        if any(batch.deletions.values()):
            raise MessageDeletes(file=file)
    return batches


def _together(name: str, batches: Sequence[UnitBatch]) -> pl.DataFrame:
    """The rows of one type. A person stands in many messages, each time the same."""
    frames = [frame_of(batch.records, ALL_TYPES[name]) for batch in batches]
    together = pl.concat([ALL_TYPES[name].empty(), *frames])
    return together.unique(maintain_order=True) if name == RECIPIENT.name else together


def _digests(frames: _Frames) -> dict[str, pl.Series]:
    return {name: frame.hash_rows().sort() for name, frame in frames.items()}
