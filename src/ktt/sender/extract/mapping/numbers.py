"""The key `n` of a mapping: what `{n}` in a column's name is, one after another."""

from __future__ import annotations

import re

from ktt.core.text import Text
from ktt.sender.extract.mapping.section import Section

MOST = 1_000
"""Columns that one place may name with a range."""

_NUMBERS = Text(
    nb=f"et område som «1..18» eller en liste av ulike tekster, høyst {MOST}",
    en=f"a range such as `1..18` or a list of different texts, at most {MOST}",
)


def read_numbers(columns: Section, *, with_void: bool = False) -> tuple[str, ...]:
    """What `n` is, one after another; a range that begins with a nought keeps its width. `with_void`: some have no name."""
    if isinstance(columns.required("n", _NUMBERS), list):
        numbers = columns.texts("n")
        named = [number for number in numbers if number or not with_void]
        if (
            not named
            or not all(number.strip() for number in named)
            or len(set(named)) < len(named)
            or len(numbers) > MOST
        ):
            raise columns.value_fault("n", _NUMBERS)
        return numbers
    found = re.fullmatch(r"(\d{1,6})\.\.(\d{1,6})", columns.text("n").strip())
    if not found or not 0 <= int(found[2]) - int(found[1]) < MOST:
        raise columns.value_fault("n", _NUMBERS)
    width = len(found[1]) if found[1].startswith("0") else 0
    return tuple(str(number).zfill(width) for number in range(int(found[1]), int(found[2]) + 1))
