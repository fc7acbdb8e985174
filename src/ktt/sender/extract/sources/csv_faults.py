"""Where the first fault of a text file is: the line, found by reading it anew and slowly. Values are never told."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.sender.extract.mapping.file_form import FileForm
from ktt.sender.extract.sources.errors import RowBroken, RowWidthWrong, TableFileChanged, WrongCharset

UTF_8_AS_WINDOWS = "Ã[¦¸¥†˜…©]"
"""The letters æ, ø, å, Æ, Ø, Å and é of UTF-8, read as Windows-1252: no byte is wrong, and every word is."""

_BLANK = Text(nb="den er tom, og det kommer flere rader", en="it is blank, and more rows follow")
_QUOTES = Text(
    nb="anførselstegnene går ikke opp, eller et linjeskift i en verdi står uten dem",
    en="the quotation marks do not match, or a line break in a value stands without them",
)


def first_fault(path: Path, form: FileForm) -> KttError:
    """What is wrong with a file that could not be read, as an error of ours that names the line."""
    return _wrong_charset(path, form) or _wrong_row(path, form) or TableFileChanged(file=path)


def _wrong_charset(path: Path, form: FileForm) -> KttError | None:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                read = line.decode(form.codec)
            except UnicodeDecodeError:
                return WrongCharset(file=path, line=number, charset=form.charset)
            if form.charset != "utf-8" and re.search(UTF_8_AS_WINDOWS, read):
                return WrongCharset(file=path, line=number, charset=form.charset)
    return None


def _wrong_row(path: Path, form: FileForm) -> KttError | None:
    with path.open(encoding=form.codec, newline="") as file:
        rows = csv.reader(file, delimiter=form.separator, strict=True)
        width, line, blank = 0, 1, 0
        try:
            for row in rows:
                width = width or len(row)
                if row and blank:
                    return RowBroken(file=path, line=blank, reason=_BLANK)
                if row and len(row) != width:
                    return RowWidthWrong(file=path, line=line, fields=len(row), columns=width)
                blank = blank or (0 if row else line)
                line = rows.line_num + 1  # the next row's first line: a value may have line breaks in it
        except csv.Error:
            return RowBroken(file=path, line=line, reason=_QUOTES)
    return None
