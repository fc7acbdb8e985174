"""The rows of a table that are records of one type: without those that are skipped, and wide ones a row for each cell."""

from __future__ import annotations

from collections import Counter

import polars as pl

from ktt.sender.extract.mapping.model import NUMBER, RecordSource, WideColumns
from ktt.sender.extract.rows import counts
from ktt.sender.extract.rows.values import MISFIT, has_one_of


def without_skipped(rows: pl.DataFrame, place: RecordSource, left_out: Counter[str]) -> pl.DataFrame:
    """The rows that have none of the values of `skip`; the others are counted by column."""
    for column, values in place.skip.items():
        kept = rows.filter(~has_one_of(column, values))
        _count(left_out, counts.skip(column), rows.height - kept.height)
        rows = kept
    return rows


def distinct(rows: pl.DataFrame, place: RecordSource, left_out: Counter[str]) -> pl.DataFrame:
    """The rows as they are, or each of those once that are alike in all that the place reads, and in what is flagged."""
    if not place.distinct:
        return rows
    alike = [pl.col(name).str.strip_chars().fill_null("") for name in sorted(place.columns)]
    flags = [name for name, kind in rows.schema.items() if kind == pl.Boolean]
    found = rows.select(*alike, *flags).unique(maintain_order=True)
    _count(left_out, counts.ALIKE, rows.height - found.height)
    return found


def narrow(rows: pl.DataFrame, place: RecordSource, left_out: Counter[str]) -> pl.DataFrame:
    """The rows as they are, or for a wide table a row for each of its cells; those that are skipped are counted."""
    if place.wide is None:
        return rows
    beside = [name for name in rows.columns if name not in {NUMBER, *place.wide.patterns}]
    parts = [_cells(rows, beside, number, place.wide) for number in place.wide.numbers if number]
    found = pl.concat(parts)
    _count(left_out, counts.EMPTY_CELL, rows.height * len(parts) - found.height)
    return found


def _cells(rows: pl.DataFrame, beside: list[str], number: str, wide: WideColumns) -> pl.DataFrame:
    named = [_cell(column, number, wide).alias(name) for name, column in wide.cell(number).items()]
    found = rows.select(*beside, pl.lit(number).alias(NUMBER), *named)
    for name, values in wide.skip.items():
        found = found.filter(~has_one_of(name, values))
    return found


def _cell(column: str, number: str, wide: WideColumns) -> pl.Expr:
    """A column, or so many signs of it. Of a text that is too long or too short it is not known which sign is which."""
    text = pl.col(column)
    if wide.width is None:
        return text
    length = wide.width * len(wide.numbers)
    fits = (text.str.len_chars() >= length) & (text.str.slice(length).str.strip_chars() == "")
    misfit = pl.when(text.str.strip_chars() != "").then(pl.lit(MISFIT))
    return pl.when(fits).then(text.str.slice(wide.width * wide.numbers.index(number), wide.width)).otherwise(misfit)


def _count(left_out: Counter[str], reason: str, rows: int) -> None:
    if rows:
        left_out[reason] += rows
