"""The rows read against the rows that the source says there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from ktt.core.text import Text
from ktt.sender.extract.errors import CountMismatch, ProofMissing, ProofUnreadable, QueryUncounted

_ALL_TABLES = Text(nb="alle tabellene", en="all tables")
_COLUMNS = Text(nb="den har {n:kolonne|kolonner}", en="it has {n:column|columns}")
_ROWS = Text(nb="den har {n:rad|rader}", en="it has {n:row|rows}")
_TWICE = Text(nb="en tabell står to ganger", en="a table stands twice")
_NO_NUMBER = Text(nb="et antall er ikke et helt tall", en="a count is not a whole number")
NOWHERE: Mapping[str, str] = {}
_COUNT_ALONE, _NAME_AND_COUNT = 1, 2


def prove_counts(
    proof: pl.DataFrame, counts: Mapping[str, int], extracted_on: dt.date, places: Mapping[str, str] = NOWHERE
) -> None:
    """The rows read must be the rows the source says there are: for each table, or for all together.

    A table that is not stated by its name in the mapping may be by its name in the source (`places`).
    """
    if proof.width == _COUNT_ALONE:
        _prove_total(proof, counts, extracted_on)
        return
    if proof.width != _NAME_AND_COUNT:
        raise ProofUnreadable(reason=_COLUMNS.format(n=proof.width))
    stated = dict(zip(_names(proof.to_series(0)), _numbers(proof.to_series(1)), strict=True))
    if len(stated) != proof.height:
        raise ProofUnreadable(reason=_TWICE)
    by_letters = {name.casefold(): number for name, number in stated.items()}
    if len(by_letters) < len(stated):  # names that differ by capitals alone are told apart
        by_letters = {}
    for table, read in counts.items():
        expected = stated.get(table, by_letters.get((places.get(table) or table).casefold()))
        if expected is None:
            missing = QueryUncounted if stated and places.get(table) == "" else ProofMissing
            raise missing(table=f"«{table}»", extracted_on=extracted_on)
        _agree(f"«{table}»", expected, read)


def _prove_total(proof: pl.DataFrame, counts: Mapping[str, int], extracted_on: dt.date) -> None:
    if proof.is_empty():
        raise ProofMissing(table=_ALL_TABLES, extracted_on=extracted_on)
    if proof.height > 1:
        raise ProofUnreadable(reason=_ROWS.format(n=proof.height))
    _agree(_ALL_TABLES, _numbers(proof.to_series(0))[0], sum(counts.values()))


def _names(series: pl.Series) -> list[str]:
    return series.fill_null("").str.strip_chars().to_list()


def _numbers(series: pl.Series) -> list[int]:
    numbers = series.str.strip_chars().cast(pl.Int64, strict=False)
    if numbers.null_count():
        raise ProofUnreadable(reason=_NO_NUMBER)
    return numbers.to_list()


def _agree(table: str | Text, expected: int, read: int) -> None:
    if expected != read:
        raise CountMismatch(table=table, expected=expected, read=read)
