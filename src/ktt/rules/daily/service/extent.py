"""The extent of a decided service: hours a week, staff hours."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import DECISION_LINE
from ktt.rules.rule import Cause, Consequence, Rule, col

GRANTED, REFUSED = "2", "1"

RULES = (
    Rule(
        "KTT-OMFANG-01",
        on=DECISION_LINE,
        holds=col("hours_per_week") <= 168,
        concerns=("hours_per_week",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Vedtaket gir mer enn 168 timer per uke. En uke har 168 timer.",
            en="More than 168 hours a week are decided, which is more than a week has.",
        ),
        remedy=Text(
            nb="Rett vedtakstimene. Når flere hjelpere er til stede samtidig, føres summen som ressursinnsats.",
            en="Correct the decided hours. When several helpers are there at once, the sum is entered as staff hours.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjTimerUke, range 0.01–168",
        examples="""
            | decision_id | service_id | hours_per_week | breaks |
            | V-1         | T-1        | 168.00         |        |
            | V-1         | T-2        | 168.50         | yes    |
            | V-1         | T-3        |                |        |
        """,
    ),
    Rule(
        "KTT-OMFANG-02",
        on=DECISION_LINE,
        holds=col("hours_per_week") > 0,
        concerns=("hours_per_week",),
        consequence=Consequence.NOTE,
        says=Text(nb="Vedtatte timer per uke er null eller mindre.", en="The decided hours a week are zero or less."),
        remedy=Text(
            nb="Registrer innvilgede timer, eller la feltet stå tomt når vedtaket ikke gir timer.",
            en="Register the granted hours, or leave the field empty when the decision gives none.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjTimerUke, range 0.01–168",
        examples="""
            | decision_id | service_id | hours_per_week | breaks |
            | V-1         | T-1        | 0.01           |        |
            | V-1         | T-2        | 0.00           | yes    |
            | V-1         | T-3        | -2.00          | yes    |
        """,
    ),
    Rule(
        "KTT-OMFANG-03",
        on=DECISION_LINE,
        holds=col("staff_hours_per_week") >= col("hours_per_week"),
        concerns=("staff_hours_per_week", "hours_per_week"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Ressursinnsatsen er lavere enn timene personen får.",
            en="The staff hours are fewer than the hours the person gets.",
        ),
        remedy=Text(
            nb="Ressursinnsats er timer ganger antall hjelpere. Rett det ene av tallene.",
            en="Staff hours are hours times helpers. Correct one of the numbers.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjResTimerUke; XPR(ipl) 53.1.3: the sum of time times helpers",
        examples="""
            | decision_id | service_id | hours_per_week | staff_hours_per_week | breaks |
            | V-1         | T-1        | 10.00          | 20.00                |        |
            | V-1         | T-2        | 10.00          |                      |        |
            | V-1         | T-4        | 10.00          | 10.00                |        |
            | V-1         | T-3        | 10.00          | 5.00                 | yes    |
        """,
    ),
    Rule(
        "KTT-OMFANG-04",
        on=DECISION_LINE,
        holds=col("staff_hours_per_week").is_between(pl.lit("0.01").cast(pl.Decimal(7, 2)), 999),
        concerns=("staff_hours_per_week",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Ressursinnsatsen er ikke mellom 0,01 og 999 timer per uke.",
            en="The staff hours are not between 0.01 and 999 a week.",
        ),
        remedy=Text(nb="Rett ressursinnsatsen i vedtaket.", en="Correct the staff hours of the decision."),
        cause=Cause.REGISTRATION,
        source="messages § 5.1, ressursTimerUke 0.01–999.99",
        examples="""
            | decision_id | service_id | staff_hours_per_week | breaks |
            | V-1         | T-1        | 45.00                |        |
            | V-1         | T-2        | 0.00                 | yes    |
            | V-1         | T-3        | 1200.00              | yes    |
            | V-1         | T-4        | 0.01                 |        |
            | V-1         | T-5        | 999.00               |        |
            | V-1         | T-6        | 999.01               | yes    |
        """,
    ),
    Rule(
        "KTT-OMFANG-05",
        on=DECISION_LINE,
        holds=~(col("outcome") == REFUSED) | col("hours_per_week").is_null(),
        concerns=("hours_per_week",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten er avslått, men har innvilgede timer.", en="The service is refused but has granted hours."
        ),
        remedy=Text(nb="Fjern timene, eller rett utfallet.", en="Remove the hours, or correct the outcome."),
        cause=Cause.REGISTRATION,
        source="domain § 6: hours are as granted",
        examples="""
            | decision_id | service_id | outcome | hours_per_week | breaks |
            | V-1         | T-1        | 2       | 3.50           |        |
            | V-1         | T-2        | 1       |                |        |
            | V-1         | T-3        | 1       | 3.50           | yes    |
        """,
    ),
    Rule(
        "KTT-OMFANG-06",
        on=DECISION_LINE,
        holds=col("hours_per_week").sum().over("decision_id") <= 336,
        concerns=("hours_per_week",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Vedtaket gir til sammen mer enn 336 timer per uke.",
            en="The decision gives more than 336 hours a week in total.",
        ),
        remedy=Text(
            nb="Kontroller om timer per måned er ført som timer per uke.",
            en="Check whether hours a month were entered as hours a week.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q07, applied to one decision",
        examples="""
            | decision_id | service_id | hours_per_week | breaks |
            | V-1         | T-1        | 168.00         |        |
            | V-1         | T-2        | 168.00         |        |
            | V-2         | T-3        | 168.00         | yes    |
            | V-2         | T-4        | 168.00         | yes    |
            | V-2         | T-5        | 1.00           | yes    |
        """,
    ),
)
