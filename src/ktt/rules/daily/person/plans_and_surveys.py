"""Plans, reviews and surveys of the circumstances, and their dates."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import CIRCUMSTANCES
from ktt.rules.rule import Cause, Consequence, Rule, col


def _dated(rule_id: str, status: str, day: str, nb: str, en: str) -> Rule:
    """A date that stands without the status it dates."""
    return Rule(
        rule_id,
        on=CIRCUMSTANCES,
        holds=col(day).is_null() | col(status).is_not_null(),
        concerns=(day, status),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb=f"Det er registrert en dato for {nb}, men ingen status.",
            en=f"A date for {en} is registered, but no status.",
        ),
        remedy=Text(
            nb=f"Registrer status for {nb}, eller fjern datoen.",
            en=f"Register the status for {en}, or remove the date.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 5.3: the status is required when the group is present",
        examples=f"""
            | circumstances_id | {status} | {day} | breaks |
            | PO-1             | 1 | 2026-01-09 |     |
            | PO-2             | 1 |            |     |
            | PO-3             |   | 2026-01-09 | yes |
        """,
    )


def _not_ahead(rule_id: str, day: str, nb: str, en: str) -> Rule:
    """A survey dated after the day it was registered."""
    return Rule(
        rule_id,
        on=CIRCUMSTANCES,
        holds=col(day) <= col("recorded_at").dt.convert_time_zone("Europe/Oslo").dt.date(),
        concerns=(day,),
        consequence=Consequence.NOTE,
        says=Text(
            nb=f"Datoen for {nb} er senere enn dagen den ble registrert.",
            en=f"The date of {en} is later than the day it was registered.",
        ),
        remedy=Text(nb=f"Rett datoen for {nb}.", en=f"Correct the date of {en}."),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 14",
        examples=f"""
            | circumstances_id | recorded_at          | {day} | breaks |
            | PO-1             | 2026-01-20T12:00:00Z | 2026-01-20 |     |
            | PO-2             | 2026-01-20T12:00:00Z |            |     |
            | PO-3             | 2026-01-20T12:00:00Z | 2026-01-22 | yes |
        """,
    )


def _real_month(rule_id: str, column: str, nb: str, en: str, holds: pl.Expr) -> Rule:
    """The first rule of `_month`: it is a month at all."""
    return Rule(
        rule_id,
        on=CIRCUMSTANCES,
        holds=holds,
        concerns=(column,),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb=f"Måneden for vurderingen fra {nb} er ikke en gyldig måned.",
            en=f"The month of the assessment by {en} is not a valid month.",
        ),
        remedy=Text(
            nb="La uttrekket sende år og måned, som 2025-11.",
            en="Make the export send year and month, such as 2025-11.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 4, year-month; domain § 13.1 Q15",
        examples=f"""
            | circumstances_id | {column} | breaks |
            | PO-1             | 2025-11 |     |
            | PO-2             |         |     |
            | PO-3             | 2025-13 | yes |
            | PO-4             | 11-2025 | yes |
            | PO-5             | 2025-01 |     |
            | PO-6             | 2025-09 |     |
            | PO-7             | 2025-10 |     |
            | PO-8             | 2025-12 |     |
            | PO-9             | 2025-00 | yes |
            | PO-10            | 12025-11 | yes |
            | PO-11            | 2025-111 | yes |
        """,
    )


def _month(rule_id: str, column: str, nb: str, en: str) -> tuple[Rule, Rule, Rule]:
    """The year-month of an assessment: a real month, not ahead, not stale."""
    is_month = col(column).str.contains(r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    first_day = pl.when(is_month).then(col(column) + "-01").str.to_date("%Y-%m-%d")
    return (
        _real_month(f"{rule_id}1", column, nb, en, is_month),
        Rule(
            f"{rule_id}2",
            on=CIRCUMSTANCES,
            holds=first_day <= col("today").dt.month_start(),
            concerns=(column,),
            consequence=Consequence.CLEAR_FIELD,
            says=Text(
                nb=f"Måneden for vurderingen fra {nb} er fram i tid.",
                en=f"The assessment by {en} is dated in the future.",
            ),
            remedy=Text(nb="Rett måneden for vurderingen.", en="Correct the month of the assessment."),
            cause=Cause.REGISTRATION,
            source="domain § 13.1 Q15",
            examples=f"""
                | circumstances_id | {column} | breaks |
                | PO-1             | 2026-03 |     |
                | PO-2             | 2026-04 | yes |
                | PO-3             | 2026-4  |     |
            """,
        ),
        Rule(
            f"{rule_id}3",
            on=CIRCUMSTANCES,
            holds=first_day >= col("starts_on").dt.month_start().dt.offset_by("-12mo"),
            concerns=(column,),
            consequence=Consequence.NOTE,
            says=Text(
                nb=f"Vurderingen fra {nb} var mer enn tolv måneder gammel da personopplysningene begynte å gjelde.",
                en=f"The assessment by {en} was more than twelve months old when the circumstances began to be valid.",
            ),
            remedy=Text(
                nb="Registrer bare vurderinger fra de siste tolv månedene, eller be om en ny vurdering.",
                en="Register only assessments of the last twelve months, or ask for a new one.",
            ),
            cause=Cause.REGISTRATION,
            source="IPLOS 3.7, poVurdLege and poVurdTann: within the last 12 months; domain § 13.1 Q16",
            examples=f"""
                | circumstances_id | starts_on  | {column} | breaks |
                | PO-1             | 2026-01-12 | 2025-01 |     |
                | PO-2             | 2026-01-12 | 2024-12 | yes |
            """,
        ),
    )


RULES = (
    Rule(
        "KTT-PERSONOPPL-06",
        on=CIRCUMSTANCES,
        holds=(col("medication_review") != "1") | col("medication_review_on").is_not_null(),
        concerns=("medication_review_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Legemiddelgjennomgangen er gjennomført, men datoen mangler.",
            en="The medication review was carried out, but its date is missing.",
        ),
        remedy=Text(nb="Registrer datoen for gjennomgangen.", en="Register the date of the review."),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, poLegeMiddGjDato; domain § 4.1: review and date",
        examples="""
            | circumstances_id | medication_review | medication_review_on | breaks |
            | PO-1             | 1                 | 2025-12-02           |        |
            | PO-2             | 2                 |                      |        |
            | PO-3             | 1                 |                      | yes    |
        """,
    ),
    _dated("KTT-PERSONOPPL-13", "individual_plan", "individual_plan_on", "individuell plan", "the individual plan"),
    _dated("KTT-PERSONOPPL-14", "coordinator", "coordinator_on", "koordinator", "the coordinator"),
    _dated(
        "KTT-PERSONOPPL-15",
        "medication_review",
        "medication_review_on",
        "legemiddelgjennomgang",
        "the medication review",
    ),
    _dated("KTT-PERSONOPPL-16", "waiting_list", "waiting_list_from", "ventelisten", "the waiting list"),
    _dated("KTT-PERSONOPPL-17", "habilitation", "habilitation_on", "habilitering", "the habilitation"),
    _not_ahead("KTT-PERSONOPPL-18", "medication_review_on", "legemiddelgjennomgangen", "the medication review"),
    _not_ahead("KTT-PERSONOPPL-19", "individual_plan_on", "individuell plan", "the individual plan"),
    _not_ahead("KTT-PERSONOPPL-20", "coordinator_on", "koordinator", "the coordinator"),
    *_month("KTT-LEGE-0", "doctor_assessed_in", "lege", "a doctor"),
    *_month("KTT-TANN-0", "dentist_assessed_in", "tannhelsepersonell", "dental staff"),
)
