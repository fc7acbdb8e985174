"""The file that an export writes when it is finished, with or without the counts of what it exported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ktt.core.clock import OSLO
from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.sender.extract.completeness.counts import NOWHERE, prove_counts
from ktt.sender.extract.completeness.errors import DoneFileChanged, DoneFileMissing, DoneFileOld
from ktt.sender.extract.errors import ProofUnreadable
from ktt.sender.extract.mapping.proof_model import DoneFile

_HEADING = "tabell;antall"
_NO_COUNTS = Text(nb="filen har ingen antall", en="the file has no counts")
_LINE = Text(nb="linje {n} er ikke «tabell;antall»", en="line {n} is not `tabell;antall`")


@contextmanager
def unchanged_done_file(done: DoneFile | None, extracted_on: dt.date) -> Iterator[None]:
    """Read the tables inside this: the file must be there, of the extraction day, and the same before and after."""
    if done is None:
        yield
        return
    before = _state(done.of(extracted_on), extracted_on)
    yield
    if _state(done.of(extracted_on), extracted_on) != before:
        raise DoneFileChanged(file=done.of(extracted_on))


def prove_done_counts(
    done: DoneFile, counts: Mapping[str, int], extracted_on: dt.date, places: Mapping[str, str] = NOWHERE
) -> None:
    """Where the file says how many rows there are of each table, those must have been read."""
    if done.counts:
        prove_counts(_counts(done.of(extracted_on)), counts, extracted_on, places)


def _state(file: Path, extracted_on: dt.date) -> tuple[int, int]:
    """When the file was written, and its size."""
    try:
        found = file.stat()
    except OSError as fault:
        raise DoneFileMissing(file=file, extracted_on=extracted_on, reason=os_reason(fault)) from fault
    written = dt.datetime.fromtimestamp(found.st_mtime, OSLO)
    if written < dt.datetime.combine(extracted_on, dt.time(), OSLO):
        raise DoneFileOld(file=file, at=written.strftime("%Y-%m-%d %H:%M"), extracted_on=extracted_on)
    return found.st_mtime_ns, found.st_size


def _counts(file: Path) -> pl.DataFrame:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ProofUnreadable(reason=_NO_COUNTS) from fault
    lines = {number: line.strip() for number, line in enumerate(text.splitlines(), 1)}
    rows = []
    for number, line in lines.items():
        if not line or line == _HEADING:
            continue
        table, mark, count = line.partition(";")
        if not mark:
            raise ProofUnreadable(reason=_LINE.format(n=number))
        rows.append((table.strip(), count))
    if not rows:
        raise ProofUnreadable(reason=_NO_COUNTS)
    return pl.DataFrame(rows, schema={"table": pl.String(), "count": pl.String()}, orient="row")
