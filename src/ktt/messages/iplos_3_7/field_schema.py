"""What the schema demands of the fields of an element: that they are there, and that their text is of the right type."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import polars as pl

from ktt.messages.iplos_3_7.element_rows import Check, Checks, ElementRows
from ktt.messages.iplos_3_7.layout import XmlField, layout

VIOLATION_KINDS = (
    "unknown", "order", "repeated", "missing", "too_few", "attribute", "text", "value", "fixed", "withdrawn", "marked",
)  # fmt: skip
"""Ways to break the schema, in the order of their ids; a new one comes last."""

_DAY = r"^[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$"
_INTEGER = r"^[ \t\n]*[+-]?[0-9]+[ \t\n]*$"
_DECIMAL = r"^[ \t\n]*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[ \t\n]*$"
_LIMITS = {"short": 2**15, "int": 2**31, "long": 2**63}
_DIGITS, _FRACTION = 5, 2  # xs:totalDigits and xs:fractionDigits of hours per week


def fits_schema(one: XmlField) -> pl.Expr | None:
    """Whether the schema takes the text; null where there is none. None when it takes any text."""
    text = pl.col(one.name)
    if one.type == "date":
        return text.str.contains(_DAY)
    if one.xsd == "decimal":
        return text.str.contains(_DECIMAL) & _digits(text)
    if one.xsd is not None:
        limit = _LIMITS[one.xsd]
        number = text.str.strip_chars(" \t\n").str.strip_prefix("+").cast(pl.Int128, strict=False)
        return text.str.contains(_INTEGER) & number.is_between(-limit, limit - 1)
    if one.length is not None:
        return text.str.len_chars().is_between(*one.length)
    return None


def _digits(text: pl.Expr) -> pl.Expr:
    whole = text.str.extract(r"([0-9]*)\.?[0-9]*[ \t\n]*$").str.strip_chars_start("0").str.len_bytes()
    part = text.str.extract(r"\.([0-9]*)").fill_null("").str.strip_chars_end("0").str.len_bytes()
    return (part <= _FRACTION) & (whole + part <= _DIGITS)


@cache
def _checks(element: str) -> Checks:
    """What must hold, named `kind.field`. That a fixed field is empty is left to the rules, which find a missing value."""
    found: list[Check] = []
    fields = layout().by_name[element].fields
    for one in fields:
        text = pl.col(one.name)
        if one.required:
            found.append(Check.of(f"missing.{one.name}", text.is_not_null()))
        fitting = fits_schema(one)
        if fitting is not None:
            found.append(Check.of(f"value.{one.name}", fitting))
        if one.fixed is not None:
            found.append(Check.of(f"fixed.{one.name}", text.is_in([one.fixed, ""])))
    return Checks.of(found, (one.name for one in fields))


def field_violations(element: str, rows: ElementRows) -> Iterator[pl.DataFrame]:
    """Where the rows of an element break the schema, in the columns of `reader.FOUND`."""
    for check, broken in rows.breaking(_checks(element), {}):
        kind, _, name = check.partition(".")
        yield rows.frame[broken].select(
            kind=pl.lit(kind),
            element=pl.lit(element),
            id="id",
            name=pl.lit(name),
            person="person",
            line="line",
            row=broken.cast(pl.UInt32),
        )
