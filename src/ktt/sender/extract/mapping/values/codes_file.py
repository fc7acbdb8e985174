"""Read a file of local codes: `local code;official code;valid from;valid to;note`, UTF-8, semicolons, heading allowed."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.domain.codes import code_list
from ktt.sender.extract.errors import nearest
from ktt.sender.extract.mapping.errors import CodeRowWrong, CodesUnreadable
from ktt.sender.extract.mapping.model import Codes
from ktt.sender.extract.mapping.section import Section

_NOT_CSV = Text(nb="den er ikke CSV i UTF-8", en="it is not CSV in UTF-8")
_NO_CODES = Text(nb="den har ingen koder", en="it has no codes")
_SCHEMA = {"local": pl.String(), "code": pl.String(), "valid_from": pl.Date(), "valid_to": pl.Date()}
_ALSO = {"9338": ("9340",), "9165": ("9166", "9167")}
"""Fields whose list depends on another field of the same row (domain.records): all of them are right in the file."""

_NONE_NEAR: Mapping[str, str] = {"hint_nb": "", "hint_en": ""}
_WHOLE = {"complete", "texts from field rules"}  # copies of lists that hold every code

_Row = tuple[str, str, dt.date | None, dt.date | None]


def read_codes(form: Section, name: str, code_list: str | None) -> Codes:
    """The codes in the file that `name` points at, relative to the mapping file."""
    file = form.file.parent / form.text(name)
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            lines = list(enumerate(csv.reader(handle, delimiter=";"), start=1))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        reason = os_reason(fault) if isinstance(fault, OSError) else _NOT_CSV
        raise CodesUnreadable(file=form.file, key=form.path(name), codes=file, reason=reason) from fault
    if lines and _is_heading(lines[0][1]):
        lines = lines[1:]
    written = [(number, cells) for number, cells in lines if any(cell.strip() for cell in cells)]
    if not written:
        raise CodesUnreadable(file=form.file, key=form.path(name), codes=file, reason=_NO_CODES)
    rows = []
    for number, cells in written:
        with _noting(form):
            rows.append((number, _row(file, number, cells)))
    with form.collecting():
        _refuse_overlap(file, rows)
    _refuse_unknown(form, file, rows, code_list)
    return Codes(file, pl.DataFrame([row for _, row in rows], schema=_SCHEMA, orient="row"))


@contextmanager
def _noting(form: Section) -> Iterator[None]:
    """Note a wrong row, once where several fields use the file."""
    known = {(fault.facts["codes"], fault.facts["line"]) for fault in form.faults if isinstance(fault, CodeRowWrong)}
    try:
        yield
    except CodeRowWrong as fault:
        if (fault.facts["codes"], fault.facts["line"]) not in known:
            form.faults.append(fault)


def _is_heading(cells: list[str]) -> bool:
    # No official code holds “kod” or “code”; every sensible heading of the second column does.
    return len(cells) > 1 and any(word in cells[1].lower() for word in ("kod", "code"))


def _row(file: Path, line: int, cells: list[str]) -> _Row:
    local, code, start, end, *_ = (*(cell.strip() for cell in cells), "", "", "", "")
    if not local:
        raise _wrong(file, line, Text(nb="den lokale koden mangler", en="the local code is missing"))
    if not code:
        raise _wrong(
            file, line, Text(nb=f"Volven-koden for «{local}» mangler", en=f"the official code of “{local}” is missing")
        )
    try:
        return local, code, _day(start), _day(end)
    except ValueError as fault:
        raise _wrong(file, line, Text(nb="en dato kan ikke leses", en="a date cannot be read")) from fault


def _day(written: str) -> dt.date | None:
    return dt.date.fromisoformat(written) if written else None


def _wrong(file: Path, line: int, reason: Text, near: Mapping[str, str] = _NONE_NEAR) -> CodeRowWrong:
    return CodeRowWrong(codes=file, line=line, reason_nb=reason.nb, reason_en=reason.en, **near)


def _refuse_overlap(file: Path, rows: list[tuple[int, _Row]]) -> None:
    ends: dict[str, dt.date] = {}
    for line, (local, _, start, end) in sorted(rows, key=lambda row: (row[1][0], row[1][2] or dt.date.min)):
        if local in ends and (start is None or start <= ends[local]):
            raise _wrong(
                file, line, Text(nb="den lokale koden gjelder allerede da", en="the local code is already valid then")
            )
        ends[local] = end or dt.date.max


def official_codes(list_id: str | None) -> tuple[str, ...]:
    """Every code that the list (or one of those it shares a field with) ever had; empty when we do not know them all."""
    lists = [code_list(name) for name in (list_id, *_ALSO.get(list_id, ()))] if list_id else []
    if any(known.status not in _WHOLE for known in lists):
        return ()
    return tuple(value for known in lists for value in known.values())


def _refuse_unknown(form: Section, file: Path, rows: list[tuple[int, _Row]], list_id: str | None) -> None:
    right = official_codes(list_id)
    for line, (_, code, _, _) in rows:
        if right and code not in right:
            reason = Text(nb=f"«{code}» er ikke i kodeverk {list_id}", en=f"“{code}” is not in code list {list_id}")
            with _noting(form):
                raise _wrong(file, line, reason, nearest(code, right))
