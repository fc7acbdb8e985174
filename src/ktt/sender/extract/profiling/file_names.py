"""The files of a folder as tables: one for each name without its day, the newest of them, and how it is written."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ktt.core.os_faults import os_reason
from ktt.sender.extract.mapping.file_form import FileForm
from ktt.sender.extract.sources.errors import TableFileUnreadable

_TABLES = {".csv", ".txt", ".tsv", ".parquet"}
_DAY = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_SEPARATORS = {";": ";", ",": ",", "\t": "tab"}
_NULL = {"NULL", "(null)", r"\N"}
"""What databases write for no value when they are told to write text."""
_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class DayFile:
    """A table's newest file. `pattern` is its name with the day as `%Y%m%d`; `day` is that day, None where it has none."""

    table: str
    pattern: str
    day: dt.date | None


def day_files(names: Iterable[str]) -> list[DayFile]:
    """The newest file of each table, by name."""
    newest: dict[str, DayFile] = {}
    for name in sorted(names):
        if Path(name).suffix.lower() in _TABLES:
            one = _day_file(name)
            known = newest.get(one.pattern)
            if known is None or (known.day or dt.date.min) < (one.day or dt.date.min):
                newest[one.pattern] = one
    return list(newest.values())


def _day_file(name: str) -> DayFile:
    found = _DAY.search(name)
    if found is None:
        return DayFile(Path(name).stem, name.replace("%", "%%"), None)
    between = found[2]
    pattern = f"{name[: found.start()]}%Y{between}%m{between}%d{name[found.end() :]}"
    table = (name[: found.start()] + name[found.end() :]).rsplit(".", 1)[0].strip("_-. ")
    return DayFile(table or Path(name).stem, pattern, dt.date(int(found[1]), int(found[3]), int(found[4])))


def guessed_forms(paths: Sequence[Path]) -> list[FileForm]:
    """How the files of an export seem to be written. One whose letters are all English is written as the others are.

    An export that writes a word for no value writes it in all of its files.
    """
    forms = [_guessed_form(path) for path in paths]
    known = {form.charset for form, is_plain in forms if not is_plain}
    usual = known.pop() if len(known) == 1 else "utf-8"
    null = tuple(sorted({word for form, _ in forms for word in form.null}))
    return [replace(form, null=null, charset=usual if is_plain else form.charset) for form, is_plain in forms]


def _guessed_form(path: Path) -> tuple[FileForm, bool]:
    """The characters, the delimiter, and whether the last line ends; and whether every byte is ASCII."""
    if path.suffix.lower() == ".parquet":
        return FileForm(), True
    try:
        charset, is_plain, ended = _charset(path)
        with path.open(encoding="utf-8-sig" if charset == "utf-8" else "cp1252", errors="replace", newline="") as file:
            header, rows = next(iter(file), ""), file.read(_BLOCK)
    except OSError as fault:
        raise TableFileUnreadable(file=path, reason=os_reason(fault)) from fault
    separator = max(_SEPARATORS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))
    fields = set(re.split(f"[{re.escape(separator)}\r\n]", rows))
    return FileForm(charset, separator, not ended, tuple(sorted(fields & _NULL))), is_plain


def _charset(path: Path) -> tuple[str, bool, bool]:
    """The character set (UTF-8 where every byte is, as other text never is for long), whether all is ASCII, and whether the last line ends."""
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder("utf-8")()
    charset, is_plain, last = "utf-8", True, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            last, is_plain = block[-1:], is_plain and block.isascii()
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                charset = "windows-1252"
                decoder = codecs.getincrementaldecoder("cp1252")("replace")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        charset = "windows-1252"
    return charset, is_plain, last in {b"", b"\n", b"\r"}
