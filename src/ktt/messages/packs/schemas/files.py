"""A schema file of a pack, read with suspicion: bounded, strict JSON in UTF-8, of a known draft, and a schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs

from ktt.core.text import Text
from ktt.messages.packs.errors import (
    PackFileUnreadable,
    PackPathOutside,
    PackTooLarge,
    SchemaDraftUnknown,
    SchemaInvalid,
    SchemaNotJson,
    SchemaTooLarge,
)
from ktt.messages.packs.schemas.keywords import DEFAULT_DRAFT, DRAFTS, shown

MOST_BYTES = 4 << 20
"""Bytes of one file of a pack."""
MOST_DEPTH = 200
"""Levels of JSON in a schema; the engine and the parsers take 250."""

_NOT_UTF8 = Text(nb="filen er ikke i UTF-8", en="the file is not in UTF-8")
_SYNTAX = Text(nb="filen følger ikke JSON", en="the file does not follow JSON")
_TWICE = Text(nb="et objekt har samme navn to ganger", en="an object has the same name twice")
_NUMBER = Text(nb="filen har et tall som ikke finnes i JSON", en="the file has a number that JSON does not have")
_MISSING = Text(nb="den finnes ikke", en="it does not exist")
_DENIED = Text(nb="den er ikke en fil som kan leses", en="it is not a file that can be read")


class _Twice(ValueError):
    pass


class _NoNumber(ValueError):
    pass


def inside(path: Path, folder: Path, named: str, file: str) -> Path:
    """The real path, links followed; PackPathOutside when it is not in the folder. `named` stands in `file`."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        raise PackPathOutside(path=named, file=file) from None
    if not real.is_relative_to(folder.resolve()):
        raise PackPathOutside(path=named, file=file)
    return real


def read_bytes(path: Path, file: str) -> bytes:
    """The content of a file of the pack, shown as `file`."""
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise PackFileUnreadable(file=file, why=_MISSING) from None
    except OSError:
        raise PackFileUnreadable(file=file, why=_DENIED) from None
    if len(content) > MOST_BYTES:
        raise PackTooLarge(file=file, most=f"{MOST_BYTES >> 20} MiB")
    return content


def parsed(content: bytes, file: str) -> Any:
    """The JSON of a file. A byte order mark is passed over, as some editors write one."""
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(text, object_pairs_hook=_members, parse_constant=_no_number, parse_float=_real)
        json.dumps(value, ensure_ascii=False).encode()  # half a character, as an escape, is no text
    except UnicodeError:
        raise SchemaNotJson(file=file, why=_NOT_UTF8) from None
    except _Twice:
        raise SchemaNotJson(file=file, why=_TWICE) from None
    except _NoNumber:
        raise SchemaNotJson(file=file, why=_NUMBER) from None
    except RecursionError:
        raise _too_deep(file) from None
    except ValueError:
        raise SchemaNotJson(file=file, why=_SYNTAX) from None
    if _depth(value) > MOST_DEPTH:
        raise _too_deep(file)
    return value


def draft_of(schema: Any, file: str, default: str = DEFAULT_DRAFT) -> str:
    """The dialect that the schema names, as its meta-schema is called; `default` when it names none."""
    named = schema.get("$schema", default) if isinstance(schema, dict) else default
    for known in DRAFTS:
        if isinstance(named, str) and _bare(named) == _bare(known):
            return known
    raise SchemaDraftUnknown(file=file, draft=_shown(named))


def prove_schema(schema: Any, file: str) -> None:
    """Refuse what breaks its meta-schema; a boolean is a schema, but not of a message."""
    if not isinstance(schema, dict):
        raise SchemaInvalid(file=file, place="", keyword="type")
    try:
        jsonschema_rs.meta.validate(schema)
    except jsonschema_rs.ValidationError as fault:
        if fault.kind.name != "format" or fault.instance_path[-1:] != ["pattern"]:  # patterns have errors of their own
            raise SchemaInvalid(file=file, place=shown(tuple(fault.instance_path)), keyword=fault.kind.name) from None
    except (jsonschema_rs.ReferencingError, ValueError):
        raise SchemaInvalid(file=file, place="/$schema", keyword="$schema") from None


def _too_deep(file: str) -> SchemaTooLarge:
    return SchemaTooLarge(file=file, place="", most=MOST_DEPTH, unit_nb="nivåer", unit_en="levels")


def _bare(uri: str) -> str:
    return uri.removesuffix("#").removeprefix("https://").removeprefix("http://")


def _shown(named: object) -> str:
    return "".join(mark if mark.isprintable() else "?" for mark in str(named)[:100])


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Twice
    return members


def _no_number(_name: str) -> NoReturn:
    raise _NoNumber


def _real(digits: str) -> float:
    number = float(digits)
    if number in {float("inf"), float("-inf")}:
        raise _NoNumber
    return number


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        level = [
            inner
            for holder in level
            if isinstance(holder, (dict, list))
            for inner in (holder.values() if isinstance(holder, dict) else holder)
        ]
        depth += 1
    return depth
