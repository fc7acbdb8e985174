"""The range of the annual message: from 1 January 2005 to the end of the year (IPLOS 3.7 control rules; domain § 13.1 Q04)."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import (
    APPEAL,
    ASSESSMENT,
    CARE_SERVICE,
    CIRCUMSTANCES,
    DECISION,
    DECISION_LINE,
    DIAGNOSIS,
    NUTRITION,
    PAUSE,
)
from ktt.domain.schema import RecordType
from ktt.rules.rule import Cause, Consequence, Rule, col

_FIRST_YEAR = 2005


def _in_range(
    rule_id: str, kind: RecordType, day: str, ident: str, nb: str, en: str, source: str, consequence: Consequence
) -> Rule:
    return Rule(
        rule_id,
        on=kind,
        holds=col(day).dt.year().is_between(_FIRST_YEAR, col("today").dt.year()),
        concerns=(day,),
        consequence=consequence,
        says=Text(
            nb=f"{nb} er før 2005 eller etter utgangen av året.",
            en=f"{en} is before 2005 or after the end of this year.",
        ),
        remedy=Text(
            nb="Rett datoen i EPJ. Ofte er det årstallet som er feil.",
            en="Correct the date in the EPJ. Often it is the year that is wrong.",
        ),
        cause=Cause.REGISTRATION,
        source=source,
        examples=f"""
            | {kind.parent_key or kind.key} | {day}      | breaks |
            | {ident}-1                     | 2005-01-01 |        |
            | {ident}-2                     | 2004-12-31 | yes    |
            | {ident}-3                     | 2026-12-31 |        |
            | {ident}-4                     | 2027-01-01 | yes    |
        """,
    )


_DROP, _NOTE = Consequence.DROP_RECORD, Consequence.NOTE
_RANGE = "range 2005-01-01 … {year}-12-31"

RULES = (
    _in_range(
        "KTT-DATO-01",
        DECISION,
        "applied_on",
        "V",
        "Søknadsdatoen",
        "The application date",
        f"IPLOS 3.7, tjSoknadDato, {_RANGE}",
        _DROP,
    ),
    _in_range(
        "KTT-DATO-02",
        DECISION,
        "decided_on",
        "V",
        "Vedtaksdatoen",
        "The decision date",
        f"IPLOS 3.7, tjVedtDato, {_RANGE}",
        _DROP,
    ),
    _in_range(
        "KTT-DATO-03",
        CARE_SERVICE,
        "starts_on",
        "T",
        "Startdatoen for tjenesten",
        "The start date of the service",
        f"IPLOS 3.7, tjFraDato, {_RANGE}",
        _DROP,
    ),
    _in_range(
        "KTT-DATO-04",
        APPEAL,
        "received_on",
        "V",
        "Mottaksdatoen for klagen",
        "The day the appeal was received",
        f"IPLOS 3.7, tjKlageMottatt, {_RANGE}",
        _DROP,
    ),
    _in_range(
        "KTT-DATO-05",
        CIRCUMSTANCES,
        "starts_on",
        "PO",
        "Fra-datoen for personopplysningene",
        "The start date of the circumstances",
        f"IPLOS 3.7, poFraDato, {_RANGE}",
        _DROP,
    ),
    _in_range(
        "KTT-DATO-06",
        CIRCUMSTANCES,
        "medication_review_on",
        "PO",
        "Datoen for legemiddelgjennomgang",
        "The date of the medication review",
        f"IPLOS 3.7, poLegeMiddGjDato, {_RANGE}",
        _DROP,
    ),
    _in_range(
        "KTT-DATO-07",
        NUTRITION,
        "surveyed_on",
        "PO",
        "Datoen for ernæringskartlegging",
        "The date of the nutrition survey",
        f"IPLOS 3.7, poErn…Dato, {_RANGE}",
        _DROP,
    ),
    _in_range(
        "KTT-DATO-08",
        ASSESSMENT,
        "assessed_on",
        "F",
        "Datoen for funksjonsvurdering",
        "The date of the assessment",
        f"IPLOS 3.7, fnFraDato, {_RANGE} (not active there, so noted)",
        _NOTE,
    ),
    _in_range(
        "KTT-DATO-09",
        PAUSE,
        "starts_on",
        "T",
        "Startdatoen for det midlertidige stoppet",
        "The start date of the pause",
        "domain § 13.1 Q04, applied to pauses (ours)",
        _NOTE,
    ),
    Rule(
        "KTT-DATO-10",
        on=DIAGNOSIS,
        holds=col("starts_on") >= pl.date(1900, 1, 1),
        concerns=("starts_on",),
        consequence=_NOTE,
        says=Text(nb="Diagnosen starter før 1900.", en="The diagnosis is dated before 1900."),
        remedy=Text(
            nb="Rett fra-datoen for diagnosen. Ofte er det årstallet som er feil.",
            en="Correct the start date of the diagnosis. Often it is the year that is wrong.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, type date: year 1900–2099",
        examples="""
            | diagnosis_id | starts_on  | breaks |
            | D-1          | 1950-01-01 |        |
            | D-2          | 1026-01-01 | yes    |
            | D-3          | 1900-01-01 |        |
            | D-4          | 1899-12-31 | yes    |
        """,
    ),
    Rule(
        "KTT-DATO-11",
        on=DECISION_LINE,
        holds=col("starts_on").is_between(pl.date(_FIRST_YEAR, 1, 1), col("today").dt.offset_by("5y")),
        concerns=("starts_on",),
        consequence=_NOTE,
        says=Text(
            nb="Den innvilgede perioden starter før 2005 eller mer enn fem år fram i tid.",
            en="The granted period starts before 2005 or more than five years ahead.",
        ),
        remedy=Text(nb="Rett fra-datoen i vedtaket.", en="Correct the start date in the decision."),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q04; five years is ours",
        examples="""
            | decision_id | service_id | starts_on  | breaks |
            | V-1         | T-1        | 2026-09-01 |        |
            | V-1         | T-2        | 2004-12-31 | yes    |
            | V-1         | T-3        | 2036-01-01 | yes    |
            | V-1         | T-4        | 2005-01-01 |        |
            | V-1         | T-5        | 2031-03-02 |        |
            | V-1         | T-6        | 2031-03-03 | yes    |
        """,
    ),
    Rule(
        "KTT-DATO-12",
        on=DECISION,
        holds=col("decided_on") <= col("today"),
        concerns=("decided_on",),
        consequence=_NOTE,
        says=Text(nb="Vedtaksdatoen er fram i tid.", en="The decision is dated in the future."),
        remedy=Text(nb="Rett vedtaksdatoen.", en="Correct the decision date."),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjVedtDato, range to 31 December; the day itself is ours",
        examples="""
            | decision_id | decided_on | breaks |
            | V-1         | 2026-03-02 |        |
            | V-2         | 2026-03-03 | yes    |
        """,
    ),
    Rule(
        "KTT-DATO-13",
        on=DECISION,
        holds=col("applied_on") <= col("today"),
        concerns=("applied_on",),
        consequence=_NOTE,
        says=Text(nb="Søknadsdatoen er fram i tid.", en="The application is dated in the future."),
        remedy=Text(nb="Rett søknadsdatoen.", en="Correct the application date."),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjSoknadDato, range to 31 December; the day itself is ours",
        examples="""
            | decision_id | applied_on | breaks |
            | V-1         | 2026-03-02 |        |
            | V-2         | 2026-03-03 | yes    |
        """,
    ),
)
