"""Looking for a person's number in whatever was written, in every form that a number easily takes."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Trace:
    """A number that was found: where and in which form. The number itself is not shown."""

    where: str
    form: str


def forms(number: str) -> Iterator[tuple[str, bytes]]:
    """How a number may stand in bytes: as text, without its leading zero, as an integer, or inside base64."""
    yield "text", number.encode()
    yield "integer as text", number.lstrip("0").encode()
    yield "with a space", f"{number[:6]} {number[6:]}".encode()
    yield "UTF-16", number.encode("utf-16-le")
    yield "six bytes", int(number).to_bytes(6, "big")  # how SQLite stores an integer of this size
    yield "eight bytes", int(number).to_bytes(8, "little")
    for before in range(3):
        # Characters that also depend on the bytes beside the number are left out.
        coded = base64.b64encode(b"\0" * before + number.encode())
        yield "base64", coded[-(-before * 8 // 6) : (before + len(number)) * 8 // 6]


def traces(where: str, written: bytes, numbers: Iterable[str]) -> list[Trace]:
    """Every form of every number that occurs in `written`."""
    return [Trace(where, form) for number in numbers for form, shape in forms(number) if shape in written]


def in_files(folder: Path, numbers: Iterable[str], leaving_out: Path) -> tuple[list[Trace], list[Path]]:
    """Traces in the names and bytes of all files below a folder, and which files were searched."""
    found, searched = [], []
    for path in sorted(folder.rglob("*")):
        found += traces(f"name of {path.name}", str(path.relative_to(folder)).encode(), numbers)
        if path.is_file() and not path.name.startswith(leaving_out.name):
            found += traces(str(path.relative_to(folder)), path.read_bytes(), numbers)
            searched.append(path.relative_to(folder))
    return found, searched
