"""Annual messages for tests: read and validated, and their findings as (rule, path) pairs."""

from __future__ import annotations

import io
from collections import Counter

import polars as pl

from ktt.messages.iplos_3_7.reader import read
from ktt.rules.annual.catalogue import annual_rules
from ktt.rules.annual.validation_run import AnnualValidation, validate_batches
from ktt.testing.synthetic import annual_message
from support.naive_annual import Naive


def written(persons, year=2025, head=None):
    return "".join(annual_message.message(persons, year, head)).encode()


def blocks(data, size=1_000_000):
    return (data[start : start + size] for start in range(0, len(data), size))


def validate(data, *, size=1_000_000, values=False):
    """The findings, and the run with its counts."""
    validation = AnnualValidation(annual_rules(), values=values)
    return validate_batches(read("m.xml", blocks(data, size)), validation), validation


def as_pairs(findings):
    """(rule, path of the element) and how often."""
    path = pl.col("pointer").str.replace(r"/[^/]*$", "")
    return Counter(findings.select("rule", path).iter_rows())


def second_opinion(data):
    return Naive().read(io.BytesIO(data))
