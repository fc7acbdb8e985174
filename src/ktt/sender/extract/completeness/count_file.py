"""What a file of the export says of how many rows each table has."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ktt.sender.extract.convert import cleaned, converted
from ktt.sender.extract.mapping.model import FieldSource
from ktt.sender.extract.mapping.proof_model import CountFile
from ktt.sender.extract.rows.values import has_one_of


def stated_counts(rows: pl.DataFrame, file: CountFile, timezone: str, extracted_on: dt.date) -> pl.DataFrame:
    """Table and number, of the extraction day where the file has a column with the day, and of the rows that count."""
    if file.day is not None:
        source = FieldSource(column=file.day, formats=file.formats)
        day = converted("day", source, timezone, cleaned("day", source, timezone))
        rows = rows.filter(day == extracted_on)
    rows = rows.filter(*(has_one_of(column, values) for column, values in file.where.items()))
    return rows.select(file.table, file.rows)
