"""The persons' numbers: their kind, and findings for malformed numbers and for those of the wrong environment."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ktt.core.settings import Environment
from ktt.domain.identifiers import REPORTABLE, Remainders, person_number_checks, remainders_allowed
from ktt.sender.extract.finding_kinds import (
    NO_IDENTITY,
    NUMBER_ALTERED,
    NUMBER_MALFORMED,
    OTHER_IDENTITY,
    REAL_PERSON,
    TEST_PERSON,
    FindingKind,
)
from ktt.sender.extract.findings import FindingCollector

_LIKE_A_NUMBER = r"^\d{8,13}$"  # digits only: a reportable number written wrong, and not another country's
_ELEVEN_DIGITS = r"(?:^|\D)(\d{11,12})(?:\D|$)"
_SHORTENED = r"^\d+[eE]\d+$"  # a spreadsheet's 1.58152E+10, whose last digits are lost


def with_number_kinds(
    recipients: pl.DataFrame, environment: Environment, on: dt.date, findings: FindingCollector
) -> pl.DataFrame:
    """The recipients with `person_number_kind`; a number of another kind is left out (messages § 4.1)."""
    if recipients.is_empty():
        return recipients
    in_production = environment == "production"
    remainders = remainders_allowed(on, production=in_production)
    checked = person_number_checks(recipients.drop("person_number_kind"), "person_number", remainders)
    number, kind = pl.col("person_number"), pl.col("kind")
    reportable = kind.is_in(REPORTABLE) & pl.col("valid")
    malformed = ~pl.col("valid") & (kind.is_in(REPORTABLE) | number.str.contains(_LIKE_A_NUMBER))
    altered = ~reportable & ~malformed & _holds_number(checked, remainders)
    wrong_environment = reportable & (pl.col("synthetic") == in_production)  # a DUF-number does not tell which
    for found, holds in (
        (NUMBER_MALFORMED, malformed),
        (TEST_PERSON if in_production else REAL_PERSON, wrong_environment),
        (NUMBER_ALTERED, altered),
        (OTHER_IDENTITY, number.is_not_null() & ~reportable & ~malformed & ~altered),
        (NO_IDENTITY, number.is_null()),
    ):
        _add(findings, found, checked.filter(holds))
    return checked.with_columns(
        person_number=pl.when(reportable).then(number),
        person_number_kind=pl.when(reportable).then(kind).when(number.is_not_null()).then(pl.lit("other")),
    ).select(recipients.columns)


def _holds_number(recipients: pl.DataFrame, remainders: Remainders) -> pl.Series:
    """Whether each text has a reportable number among other signs, or is a number that a spreadsheet has shortened."""
    number = pl.col("person_number")
    inside = recipients.select(
        number.str.extract(_ELEVEN_DIGITS).alias("inside"), number.str.contains(_SHORTENED).alias("short")
    )
    found = person_number_checks(inside.select("inside"), "inside", remainders)
    held = found["valid"] & found["kind"].is_in(REPORTABLE)
    return (held.fill_null(value=False) | inside["short"].fill_null(value=False)).alias("holds a number")


def _add(findings: FindingCollector, kind: FindingKind, found: pl.DataFrame) -> None:
    findings.add(kind, "recipient", found["local_person_id"], "person_number")
