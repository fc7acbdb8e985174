"""Files, folders or standard input: found, opened, and each message in them validated."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ktt.core.errors import KttError
from ktt.core.log.masking import masked
from ktt.core.os_faults import os_reason
from ktt.domain.identifiers import organisation_valid
from ktt.domain.unit import ReportingUnit
from ktt.validate.document import Document, ValidationRequest
from ktt.validate.errors import FileTooLarge, FileUnreadable, FolderWithoutMessages, MappingNeeded, UnitUnclear
from ktt.validate.file_kinds import DATABASE, SNIFF, XML, kind_of
from ktt.validate.message import message_document

if TYPE_CHECKING:  # databases and mappings take a second to import, and a message has use for neither
    from ktt.validate.extract import Source

STDIN = "-"
LARGEST = 256_000_000  # bytes: some twenty times the largest message a receiver takes
_MESSAGES = (".json", ".xml")


def validate_path(path: str, request: ValidationRequest, source: Source | None = None) -> list[Document]:
    """One document for each message, or for the extract that `source` leads to.

    A single file that cannot be read raises its error; in a folder the error is the document's, and the others are read.
    """
    if source is not None:
        from ktt.validate.extract import extract_document

        return [extract_document(_shown(path), source, request)]
    if path == STDIN:
        return [_stream_document(STDIN, sys.stdin.buffer, request)]
    place = Path(path)
    if not place.is_dir():
        return [_file_document(place, place.name, request)]
    return list(_folder_documents(place, sorted(_messages_in(place)), request))


def validate_messages(paths: Sequence[str], request: ValidationRequest) -> list[Document]:
    """One document for each message of several files and folders, called as they were named.

    An error is the document's, and the others are read. An extract is validated by itself, by `validate_path`.
    """
    return [document for path in paths for document in _named_documents(path, request)]


def _named_documents(path: str, request: ValidationRequest) -> Iterator[Document]:
    try:
        find_source(path, None, None, None)  # a database tells what it needs
        prefix = f"{path.rstrip('/')}/" if Path(path).is_dir() else ""
        for document in validate_path(path, request):
            yield replace(document, name=f"{_shown(prefix)}{document.name}" if prefix else _shown(path))
    except KttError as fault:
        yield Document(_shown(path), "unread", fault=fault)


def source_name(url: str) -> str:
    """What a report calls an extract that is read from an address: the address without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "EPJ"  # the address is refused when it is opened


def find_source(path: str, mapping: Path | None, url: str | None, unit: str | None) -> Source | None:
    """The extract that is meant, or None when it is a message. What no option names is looked for beside the path."""
    place = Path(path)
    databases = [place] if _is_database(place) else sorted(place.glob("*.sqlite")) if place.is_dir() else []
    beside = (place if place.is_dir() else place.parent) / "mapping.toml"
    named = mapping or url or unit
    if not named and not _is_database(place):
        return None
    mapping = mapping or (beside if beside.is_file() else None)
    url = url or (f"sqlite:///{databases[0].absolute()}" if len(databases) == 1 else None)
    missing = [name for name, value in (("--mapping", mapping), ("--source", url), ("--unit", unit)) if value is None]
    if mapping is None or url is None or unit is None:
        raise MappingNeeded(missing=", ".join(missing))
    from ktt.validate.extract import Source

    return Source(url, mapping, read_unit(unit))


def read_unit(text: str) -> ReportingUnit:
    """The unit that `ORGNR-KOMMUNENR[-BYDELNR]` names; UnitUnclear when it names none."""
    organisation, *rest = text.split("-")
    widths = [len(part) for part in rest]
    if not text.replace("-", "").isdecimal() or widths not in ([4], [4, 2]) or not organisation_valid(organisation):
        raise UnitUnclear(unit=masked(text))
    return ReportingUnit.from_key(text)


def _folder_documents(folder: Path, files: Iterable[Path], request: ValidationRequest) -> Iterator[Document]:
    for file in files:
        name = _shown(str(file.relative_to(folder)))
        try:
            yield _file_document(file, name, request)
        except KttError as fault:
            yield Document(name, "unread", fault=fault)


def _messages_in(folder: Path) -> list[Path]:
    try:
        found = [file for file in folder.rglob("*") if file.suffix.lower() in _MESSAGES and file.is_file()]
    except OSError as fault:
        raise FileUnreadable(file=_shown(str(folder)), **_reason(fault)) from None
    if not found:
        raise FolderWithoutMessages(file=_shown(str(folder)))
    return found


def _file_document(file: Path, name: str, request: ValidationRequest) -> Document:
    try:
        with file.open("rb") as stream:
            return _stream_document(_shown(name), stream, request)
    except OSError as fault:
        raise FileUnreadable(file=_shown(name), **_reason(fault)) from None


def _stream_document(name: str, stream: BinaryIO, request: ValidationRequest) -> Document:
    """An annual message is read as it comes, however long; any other message is taken in whole."""
    start = stream.read(SNIFF)
    if kind_of(start) == XML:
        from ktt.messages.iplos_3_7.stream import BLOCK
        from ktt.validate.annual import annual_document

        return annual_document(name, chain([start], iter(partial(stream.read, BLOCK), b"")), request)
    data = start + stream.read(LARGEST)
    if len(data) > LARGEST:
        raise FileTooLarge(file=name, megabytes=LARGEST // 1_000_000)
    return message_document(name, data, request)


def _is_database(place: Path) -> bool:
    try:
        with place.open("rb") as file:
            return kind_of(file.read(16)) == DATABASE
    except OSError:
        return False


def _reason(fault: OSError) -> dict[str, str]:
    reason = os_reason(fault)
    return {"reason_nb": reason.nb, "reason_en": reason.en}


def _shown(name: str) -> str:
    """A file's name as it may be shown: one that holds a person's number does not show it."""
    return masked(name)
