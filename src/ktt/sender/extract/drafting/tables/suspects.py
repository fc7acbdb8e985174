"""Rows that may be none: registered by mistake, or not signed. What they are is for a person to say, so nothing is left out."""

from __future__ import annotations

import re

from ktt.sender.extract.drafting.match import RecordMatch
from ktt.sender.extract.drafting.rows import Choice

_MISTAKES = re.compile(r"feilreg|feilført|feilfort|annull|makul|kladd|utkast|draft|slettet|testpers", re.IGNORECASE)
_SIGNED = re.compile(r"sign|godkjent|ferdigstilt|låst|lest_av|approved|locked", re.IGNORECASE)
_NO = {"0", "n", "nei", "no", "false", "usann"}


def suspects(match: RecordMatch, choice: Choice) -> dict[str, tuple[str, ...]]:
    """The values of columns that a record of the type has no use for, which say that a row is perhaps no record."""
    used = {*choice.taken, *(one.column.name for one in match.fields.values())}
    found = {}
    for column in match.table.columns:
        values = tuple(column.shown.values)
        mistakes = tuple(value for value in values if _MISTAKES.search(value))
        if column.name in used or len(mistakes) == len(values):
            continue
        unsigned = tuple(value for value in values if value.casefold() in _NO) if _SIGNED.search(column.name) else ()
        if mistakes or unsigned:
            found[column.name] = mistakes or unsigned
    return found
