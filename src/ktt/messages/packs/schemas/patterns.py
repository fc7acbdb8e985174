"""Regular expressions of a schema that no text can make slow, in our engine or in one that backtracks."""

from __future__ import annotations

import re
from functools import lru_cache

import jsonschema_rs

from ktt.core.text import Text
from ktt.messages.packs.errors import PatternExplodes, PatternTooLarge, PatternUnsupported
from ktt.messages.packs.schemas.engine import PATTERNS
from ktt.messages.packs.schemas.expression import NotRead, explodes, positions, tree

MOST_POSITIONS = 5_000
"""Characters that a pattern can look for when its counted repetitions are written out."""

_REPETITION = re.compile(r"\{([0-9]+)(?:,([0-9]*))?\}")
_PARTS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?[=!]|.", re.DOTALL)
_LOOK = Text(nb="det ser framover eller bakover", en="it looks ahead or behind")
_BACK = Text(nb="det viser tilbake til en gruppe", en="it refers back to a group")
_SYNTAX = Text(
    nb="det følger ikke reglene for regulære uttrykk", en="it does not follow the rules of regular expressions"
)


def prove_linear(pattern: str, file: str, place: str) -> None:
    """Refuse a pattern; PatternUnsupported, PatternTooLarge, PatternExplodes. `place` is where it stands in `file`."""
    why = _why_not(pattern)
    shown = "".join(mark if mark.isprintable() else "?" for mark in pattern[:200])
    if isinstance(why, Text):
        raise PatternUnsupported(file=file, place=place, pattern=shown, why_nb=why.nb, why_en=why.en)
    if why == "large":
        raise PatternTooLarge(file=file, place=place, pattern=shown)
    if why == "explodes":
        raise PatternExplodes(file=file, place=place, pattern=shown)


@lru_cache(maxsize=4096)
def _why_not(pattern: str) -> Text | str:
    """What is wrong with the pattern; empty when nothing is."""
    compiles = _compiles(pattern)
    if not compiles:
        parts = _PARTS.findall(pattern)
        if any(part.startswith("(?") and part[-1] in "=!" for part in parts):
            return _LOOK
        if any(re.fullmatch(r"\\[1-9k]", part) for part in parts):
            return _BACK
        return "large" if _compiles(_REPETITION.sub(_once, pattern)) else _SYNTAX
    try:
        expression = tree(pattern)
    except NotRead:
        return ""
    if positions(expression) > MOST_POSITIONS:
        return "large"
    return "explodes" if explodes(expression) else ""


def _once(repetition: re.Match[str]) -> str:
    """The repetition made small; one whose end is below its start stays, as it is wrong whatever its size."""
    least, most = repetition[1], repetition[2]
    return repetition[0] if most and int(most[:9]) < int(least[:9]) else "{1}"


def _compiles(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=PATTERNS)
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True
