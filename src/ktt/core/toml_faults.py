"""Why a settings file or a mapping is not TOML, in words of our own beside those of Python's reader."""

from __future__ import annotations

import re
import tomllib

from ktt.core.text import Text

_PLACE = re.compile(r"^(?P<says>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.DOTALL)


def toml_reason(fault: tomllib.TOMLDecodeError | UnicodeDecodeError) -> Text:
    """What is wrong and where, in both languages."""
    if isinstance(fault, UnicodeDecodeError):
        return Text(nb="den er ikke UTF-8", en="it is not UTF-8")
    found = _PLACE.match(str(fault))
    if found is None:
        return Text(nb="den er ikke TOML", en=f"it is not TOML: {fault}")
    if found["line"] is None:
        return Text(nb="den slutter midt i en verdi", en=f"{found['says']} at the end of the file")
    nb = "linje {line}, tegn {column}, er ikke TOML".format(**found.groupdict())
    return Text(nb=nb, en=f"line {found['line']}, character {found['column']}: {found['says']}")
