"""A column, or a text with columns in it, such as `AL-{KUNDE_NR}`: each `{COLUMN}` is replaced by the row's value."""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

_PLACE = re.compile(r"\{([^{}]*)\}")


def columns_in(template: str) -> tuple[str, ...]:
    """The columns that a template reads; a template without braces is itself the name of one."""
    return tuple(_PLACE.findall(template)) or (template,)


def is_well_formed(template: str) -> bool:
    """Whether every brace is part of a `{COLUMN}`."""
    return all(name.strip() for name in _PLACE.findall(template)) and not set("{}") & set(_PLACE.sub("", template))


def filled(template: str, none: Collection[str] = ()) -> pl.Expr:
    """The template's text in each row, values without blanks around them.

    Empty where a value is empty or one of `none`: half an id would be another record's.
    """
    if not _PLACE.search(template):
        return _value(template, none)
    words = _PLACE.split(template)  # text and column in turn
    parts = [_value(word, none) if place % 2 else pl.lit(word) for place, word in enumerate(words) if word]
    return pl.concat_str(parts)


def _value(column: str, none: Collection[str]) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(~text.is_in(sorted({"", *none})) if none else text != "").then(text)
