"""TOML, written so that it can always be read again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def key(name: str) -> str:
    """A key, in quotes where it must be."""
    return name if _BARE.fullmatch(name) else text(name)


def text(value: str) -> str:
    """A text; without escapes where it can be, for SQL has quotation marks of its own."""
    if '"' in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def value(held: object) -> str:
    """A text, a whole number, yes or no, a list or an inline table."""
    if isinstance(held, Mapping):
        return "{ " + ", ".join(f"{key(str(name))} = {value(one)}" for name, one in held.items()) + " }"
    if isinstance(held, list | tuple):
        return "[" + ", ".join(map(value, held)) + "]"
    return str(held).lower() if isinstance(held, int) else text(str(held))


def comment(words: str) -> str:
    """Words as the end of a line."""
    return "# " + "".join(sign if sign.isprintable() else " " for sign in words)
