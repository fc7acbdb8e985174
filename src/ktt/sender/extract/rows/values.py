"""Whether a row has one of some values in a column, as people read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

import polars as pl


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
