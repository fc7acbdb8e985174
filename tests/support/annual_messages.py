"""Annual messages for tests: read, judged, and what is said of them as (rule, path) pairs."""

from __future__ import annotations

import io
from collections import Counter

import polars as pl

from ktt.messages.iplos_3_7.reader import read
from ktt.synthetic import iplos
from ktt.validation.annual.catalogue import annual_rules
from ktt.validation.annual.judge import Judge, judged
from support.naive_annual import Naive


def written(persons, year=2025, head=None):
    return "".join(iplos.message(persons, year, head)).encode()


def blocks(data, size=1_000_000):
    return (data[start : start + size] for start in range(0, len(data), size))


def judge(data, *, size=1_000_000, values=False):
    """The findings and the judge, with its counts."""
    asked = Judge(annual_rules(), values=values)
    return judged(read("m.xml", blocks(data, size)), asked), asked


def said(findings):
    """(rule, path of the element) and how often."""
    path = pl.col("pointer").str.replace(r"/[^/]*$", "")
    return Counter(findings.select("rule", path).iter_rows())


def second_opinion(data):
    return Naive().read(io.BytesIO(data))
