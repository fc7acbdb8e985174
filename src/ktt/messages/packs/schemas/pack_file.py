"""The form of pack.toml, and in one sentence what is wrong with one."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterator

import msgspec

from ktt.core.text import Text
from ktt.messages.packs.errors import PackFileWrong, PackNotToml
from ktt.messages.packs.schemas.naming import NAME, VERSION

PACK_FILE = "pack.toml"

_UTF8 = Text(nb="filen er ikke i UTF-8", en="the file is not in UTF-8")
_MOST_TEXT = 200
_MISSING = Text(nb="«{name}» mangler", en="“{name}” is missing")
_UNKNOWN = Text(nb="«{name}» er ukjent", en="“{name}” is unknown")
_TYPE = Text(nb="her skal det stå {wanted}, ikke {found}", en="this has to be {wanted}, not {found}")
_DAY = Text(nb="her skal det stå en dag, som 2026-01-01", en="this has to be a day, as 2026-01-01")
_NAME = Text(
    nb="et navn har bokstavene A–Z, sifre, «_» og «-», høyst 60 tegn, og begynner med bokstav eller siffer",
    en="a name has the letters A–Z, digits, “_” and “-”, at most 60 characters, and begins with a letter or digit",
)
_VERSION = Text(
    nb="en versjon har bokstavene A–Z, sifre, «.», «_» og «-», høyst 20 tegn",
    en="a version has the letters A–Z, digits, “.”, “_” and “-”, at most 20 characters",
)
_TEXT = Text(
    nb="teksten er tom, lengre enn 200 tegn eller har tegn som ikke vises",
    en="the text is empty, longer than 200 characters or has characters that do not show",
)
_NONE = Text(nb="pakken har ingen meldinger", en="the pack has no messages")
_ORDER = Text(nb="siste dag er før første", en="the last day is before the first")
_KINDS = {
    "str": Text(nb="en tekst", en="a text"),
    "int": Text(nb="et heltall", en="an integer"),
    "float": Text(nb="et tall", en="a number"),
    "bool": Text(nb="sann eller usann", en="true or false"),
    "array": Text(nb="en liste", en="a list"),
    "object": Text(nb="en tabell", en="a table"),
    "date": Text(nb="en dag", en="a day"),
    "datetime": Text(nb="et tidspunkt", en="a time of a day"),
    "time": Text(nb="et klokkeslett", en="a time"),
}


class MessageRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message type in one version; `schema` is a path from the pack's folder."""

    type: str
    version: str
    schema: str


class PackFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What pack.toml says. `valid_to` is the last day on which the receiver takes the pack."""

    name: str
    publisher: str
    valid_from: dt.date
    messages: tuple[MessageRow, ...]
    valid_to: dt.date | None = None


def read_pack_file(content: bytes) -> PackFile:
    """PackNotToml, PackFileWrong."""
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise PackNotToml(file=PACK_FILE, why=_UTF8) from None
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise PackNotToml(file=PACK_FILE, why=str(fault) or "nested") from None
    try:
        found = msgspec.convert(raw, PackFile)
    except msgspec.ValidationError as fault:
        place, why = _explained(str(fault))
        raise PackFileWrong(file=PACK_FILE, place=place, why=why) from None
    for place, why in _wrong(found):
        raise PackFileWrong(file=PACK_FILE, place=place, why=why)
    return found


def _wrong(pack: PackFile) -> Iterator[tuple[str, Text]]:
    if not NAME.fullmatch(pack.name):
        yield "name", _NAME
    if not (pack.publisher.strip() and pack.publisher.isprintable() and len(pack.publisher) <= _MOST_TEXT):
        yield "publisher", _TEXT
    if pack.valid_to is not None and pack.valid_to < pack.valid_from:
        yield "valid_to", _ORDER
    if not pack.messages:
        yield "messages", _NONE
    for at, row in enumerate(pack.messages):
        if not NAME.fullmatch(row.type):
            yield f"messages[{at}].type", _NAME
        if not VERSION.fullmatch(row.version):
            yield f"messages[{at}].version", _VERSION
        if not (row.schema.strip() and row.schema.isprintable() and len(row.schema) <= _MOST_TEXT):
            yield f"messages[{at}].schema", _TEXT


def _explained(fault: str) -> tuple[str, Text]:
    """The place and the reason out of the parser's sentence, which is in English only."""
    sentence, _, place = fault.partition(" - at ")
    place = place.strip("`").removeprefix("$").removeprefix(".") or PACK_FILE
    names = re.findall(r"`([^`]*)`", sentence)
    if "missing" in sentence and names:
        return place, _MISSING.format(name=names[0])
    if "unknown" in sentence and names:
        return place, _UNKNOWN.format(name="".join(mark for mark in names[0][:60] if mark.isprintable()))
    if len(names) > 1:
        wanted = _KINDS.get(names[0].partition(" ")[0], Text(nb=names[0], en=names[0]))
        return place, _TYPE.format(wanted=wanted, found=_KINDS.get(names[1], Text(nb=names[1], en=names[1])))
    return place, _DAY
