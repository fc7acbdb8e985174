"""Participation (need and receives) and nutrition."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import NUTRITION, PARTICIPATION
from ktt.rules.rule import Cause, Consequence, Rule, col

RULES = (
    Rule(
        "KTT-DELTAKELSE-01",
        on=PARTICIPATION,
        holds=(col("need") == "1") | col("receives").is_null(),
        concerns=("receives", "need"),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb="Det er registrert at personen mottar bistand til samfunnsdeltakelse, men ikke at "
            "personen har behov for den.",
            en="The person is registered as receiving assistance to take part in society, but not as needing it.",
        ),
        remedy=Text(
            nb="Registrer at personen har behov for bistanden, eller fjern svaret om at den mottas.",
            en="Register that the person needs the assistance, or remove the answer that it is received.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, po…Mottar only when po…Behov = 1; domain § 13.1 Q14",
        examples="""
            | circumstances_id | participation_type | need | receives | breaks |
            | PO-1             | 1                  | 1    | 2        |        |
            | PO-1             | 2                  | 2    |          |        |
            | PO-1             | 3                  | 2    | 1        | yes    |
            | PO-1             | 4                  | 9    | 3        | yes    |
        """,
    ),
    Rule(
        "KTT-DELTAKELSE-02",
        on=PARTICIPATION,
        holds=(col("need") != "1") | col("receives").is_not_null(),
        concerns=("receives",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen har behov for bistand til samfunnsdeltakelse, men det er ikke registrert om den mottas.",
            en="The person needs assistance to take part in society, but it is not registered whether it is received.",
        ),
        remedy=Text(
            nb="Registrer om personen mottar bistanden.", en="Register whether the person receives the assistance."
        ),
        cause=Cause.REGISTRATION,
        source="messages § 5.3, mottar only when behov = 1",
        examples="""
            | circumstances_id | participation_type | need | receives | breaks |
            | PO-1             | 1                  | 1    | 3        |        |
            | PO-1             | 2                  | 1    |          | yes    |
            | PO-1             | 3                  | 2    |          |        |
        """,
    ),
    Rule(
        "KTT-DELTAKELSE-03",
        on=PARTICIPATION,
        holds=pl.len().over("circumstances_id", "participation_type") == 1,
        concerns=("participation_type",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Samme type samfunnsdeltakelse står to ganger i samme sett med personopplysninger.",
            en="The same kind of participation occurs twice in one set of circumstances.",
        ),
        remedy=Text(
            nb="La uttrekket sende én rad for hver type i hvert sett.",
            en="Make the export send one row for each kind in each set.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.3, type unique in the array",
        examples="""
            | circumstances_id | participation_type | breaks |
            | PO-1             | 1                  |        |
            | PO-2             | 1                  |        |
            | PO-1             | 2                  | yes    |
            | PO-1             | 2                  | yes    |
        """,
    ),
    Rule(
        "KTT-ERNAERING-01",
        on=NUTRITION,
        holds=pl.len().over("circumstances_id", "nutrition_type") == 1,
        concerns=("nutrition_type",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Samme type ernæringskartlegging står to ganger i samme sett med personopplysninger.",
            en="The same kind of nutrition survey occurs twice in one set of circumstances.",
        ),
        remedy=Text(
            nb="La uttrekket sende én rad for hver type i hvert sett.",
            en="Make the export send one row for each kind in each set.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.3, type unique in the array",
        examples="""
            | circumstances_id | nutrition_type | breaks |
            | PO-1             | 1              |        |
            | PO-2             | 1              |        |
            | PO-1             | 2              | yes    |
            | PO-1             | 2              | yes    |
        """,
    ),
    Rule(
        "KTT-ERNAERING-02",
        on=NUTRITION,
        holds=~((col("nutrition_type") != "1") & (col("result") == "1"))
        | ~((col("nutrition_type") == "1") & (col("result") == "2")).any().over("circumstances_id"),
        concerns=("result",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Det er svart ja på ernæringsmessig risiko eller ernæringsplan, men ernæringsstatusen er ikke kartlagt.",
            en="Nutritional risk or nutrition plan is answered yes, but the nutritional status has not been surveyed.",
        ),
        remedy=Text(
            nb="Registrer kartleggingen, eller rett svaret om risiko eller plan.",
            en="Register the survey, or correct the answer about risk or plan.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, poErnKartlagt, poErnRisiko, poErnPlan; the order is ours",
        examples="""
            | circumstances_id | nutrition_type | result | breaks |
            | PO-1             | 1              | 1      |        |
            | PO-1             | 2              | 1      |        |
            | PO-2             | 1              | 2      |        |
            | PO-2             | 2              | 1      | yes    |
            | PO-2             | 3              | 2      |        |
        """,
    ),
    Rule(
        "KTT-ERNAERING-03",
        on=NUTRITION,
        holds=(col("result") != "1") | col("surveyed_on").is_not_null(),
        concerns=("surveyed_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Et spørsmål om ernæring er besvart med ja, men datoen mangler.",
            en="A question about nutrition is answered yes, but the date is missing.",
        ),
        remedy=Text(nb="Registrer datoen for kartleggingen.", en="Register the date of the survey."),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, poErnKartlagtDato, poErnRisikoDato, poErnPlanDato",
        examples="""
            | circumstances_id | nutrition_type | result | surveyed_on | breaks |
            | PO-1             | 1              | 1      | 2026-01-09  |        |
            | PO-1             | 2              | 2      |             |        |
            | PO-1             | 3              | 1      |             | yes    |
        """,
    ),
    Rule(
        "KTT-ERNAERING-04",
        on=NUTRITION,
        holds=col("surveyed_on") <= col("circumstances.recorded_at").dt.convert_time_zone("Europe/Oslo").dt.date(),
        concerns=("surveyed_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Datoen for ernæringskartleggingen er senere enn dagen den ble registrert.",
            en="The date of the nutrition survey is later than the day it was registered.",
        ),
        remedy=Text(nb="Rett datoen for kartleggingen.", en="Correct the date of the survey."),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 14",
        examples="""
            | circumstances_id | nutrition_type | surveyed_on | breaks |
            | PO-1             | 1              | 2026-01-20  |        |
            | PO-1             | 2              | 2026-01-21  | yes    |
            circumstances
            | circumstances_id | recorded_at          |
            | PO-1             | 2026-01-20T12:00:00Z |
        """,
    ),
)
