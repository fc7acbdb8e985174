"""Whether a row has one of some values in a column, as people read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

import polars as pl

MISFIT = "\ue01a"
"""Stands last in a text that has not the form that the mapping says, so that whatever is made of it is held back."""


def as_read(text: pl.Expr, *, strip: str = "", upper: bool = False, digits: int | None = None) -> pl.Expr:
    """A column's text as its table says that it is read: without signs, in capitals, with the noughts it has lost."""
    for sign in strip:
        text = text.str.replace_all(sign, "", literal=True)
    if upper:
        text = text.str.to_uppercase()
    return text if digits is None else _padded(text.str.strip_chars(), digits)


def _padded(text: pl.Expr, digits: int) -> pl.Expr:
    fits = text.str.contains(rf"^\d{{1,{digits}}}$")
    marked = pl.when(text != "").then(pl.concat_str(text, pl.lit(MISFIT)))
    return pl.when(fits).then(text.str.zfill(digits)).otherwise(marked)


def has_one_of(column: str, values: Collection[str]) -> pl.Expr:
    """True where the column, without blanks around it, is one of the values; no value is the empty text.

    Letters are compared as they are read: “Å” is one sign in some systems, and two in others. A value that ends with `*`
    is how the text begins.
    """
    text = pl.col(column).str.strip_chars().fill_null("")
    if not all(value.isascii() for value in values):
        text = text.str.normalize("NFC")
    read = sorted(unicodedata.normalize("NFC", value) for value in values)
    begins = [text.str.starts_with(value[:-1]) for value in read if len(value) > 1 and value.endswith("*")]
    return pl.any_horizontal(text.is_in(read), *begins)
