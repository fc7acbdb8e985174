"""The person behind a number, as the rules see it: kind, check digits, series, birth date."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ktt.domain.number_columns import person_number_checks
from ktt.domain.person_rule import remainders_allowed


def people(recipients: pl.DataFrame, today: dt.date, *, production: bool) -> pl.DataFrame:
    """Recipients with `kind`, `valid`, `synthetic` and `born_on` read from the number, and `exists`."""
    remainders = remainders_allowed(today, production=production)
    return person_number_checks(recipients, "person_number", remainders).with_columns(exists=pl.lit(value=True))
