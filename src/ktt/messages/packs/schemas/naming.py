"""Which message a schema file is about when no pack.toml says so: by its name, its title or its `$id`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ktt.messages.packs.schemas.keywords import ANNOTATIONS, DEFINITIONS

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
"""A message type, as it may stand in a path, a header and a table."""
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
"""A version of a message type or the name of one, as `VERSION` it may have dots."""

_WITH_VERSION = re.compile(r"(?P<type>.*?[^._\-\s:/])(?:[.\-\s:/][vV]?|[._\-\s:/][vV])(?P<version>[0-9][0-9A-Za-z.]*)")
_ODD = re.compile(r"[^A-Za-z0-9_-]+")
_ENDINGS = (".json", ".schema")
_NO_CONTENT = ANNOTATIONS | {"$schema", "$id", "$anchor", "$vocabulary", *DEFINITIONS}


def type_and_version(file: str, schema: Mapping[str, Any]) -> tuple[str, str]:
    """`KTT_Vedtak.1.json`, `KTT_Vedtak-1.json` and `KTT_Vedtak_v1.json` are type KTT_Vedtak, version 1.

    A file's name without a version leaves it to the title and the `$id`, if one of them is a name with a version. Else
    the type is the file's name and the version 1.
    """
    stem = file
    for ending in _ENDINGS:
        stem = stem.removesuffix(ending)
    for text in (stem, schema.get("title"), _last(schema.get("$id"))):
        found = _WITH_VERSION.fullmatch(text.strip()) if isinstance(text, str) else None
        if found and NAME.fullmatch(found["type"]) and VERSION.fullmatch(found["version"]):
            return found["type"], found["version"]
    return plain(stem), "1"


def plain(text: str) -> str:
    """The text with only such characters as a name may have."""
    return _ODD.sub("_", text).strip("_-")[:60] or "pack"


def only_definitions(schema: Mapping[str, Any]) -> bool:
    """Whether a schema says nothing of a message, but holds definitions for others."""
    return _NO_CONTENT.issuperset(schema) and any(keyword in schema for keyword in DEFINITIONS)


def _last(uri: object) -> str | None:
    """The end of an `$id`: of a URN the name and the version, of an address the file's name."""
    if not isinstance(uri, str):
        return None
    text = uri.removesuffix("#").removesuffix("/")
    if text.startswith("urn:"):
        return ":".join(text.split(":")[-2:])
    text = text.rpartition("/")[2]
    for ending in _ENDINGS:
        text = text.removesuffix(ending)
    return text
