"""Participation (need and receives) and nutrition."""

from __future__ import annotations

import polars as pl

from ktt.domain.records import NUTRITION, PARTICIPATION
from ktt.text import Text
from ktt.validation.rule import Cause, Consequence, Rule, col

RULES = (
    Rule(
        "KTT-DELTAKELSE-01",
        on=PARTICIPATION,
        holds=(col("need") == "1") | col("receives").is_null(),
        concerns=("receives", "need"),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb="Det står at personen mottar bistand, men behovet er ikke ja.",
            en="The person is said to receive assistance although the need is not yes.",
        ),
        remedy=Text(
            nb="Rett behovet til ja, eller fjern svaret om hva som mottas.",
            en="Correct the need to yes, or remove what is received.",
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
            nb="Personen har behov for bistand, men det mangler om hen mottar den.",
            en="The person needs assistance, but whether it is received is missing.",
        ),
        remedy=Text(nb="Registrer om personen mottar bistand.", en="Register whether the person receives assistance."),
        cause=Cause.REGISTRATION,
        source="ktt-messages § 5.3, mottar only when behov = 1",
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
            nb="Samme type samfunnsdeltakelse står to ganger.", en="The same kind of participation occurs twice."
        ),
        remedy=Text(nb="Send én rad per type i hvert sett.", en="Send one row a kind in each set."),
        cause=Cause.EXTRACTION,
        source="ktt-messages § 5.3, type unique in the array",
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
            nb="Samme type ernæringskartlegging står to ganger.", en="The same kind of nutrition survey occurs twice."
        ),
        remedy=Text(nb="Send én rad per type i hvert sett.", en="Send one row a kind in each set."),
        cause=Cause.EXTRACTION,
        source="ktt-messages § 5.3, type unique in the array",
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
            nb="Risiko eller plan for ernæring er ja, men ernæringsstatus er ikke kartlagt.",
            en="Nutritional risk or plan is yes, but the nutritional status is not surveyed.",
        ),
        remedy=Text(nb="Registrer kartleggingen, eller rett svaret.", en="Register the survey, or correct the answer."),
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
            nb="Ernæring er kartlagt, men datoen mangler.", en="Nutrition was surveyed, but the date is missing."
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
            nb="Ernæringskartleggingen er datert etter dagen den ble registrert.",
            en="The nutrition survey is dated after the day it was registered.",
        ),
        remedy=Text(nb="Rett datoen for kartleggingen.", en="Correct the date of the survey."),
        cause=Cause.REGISTRATION,
        source="ktt-messages § 6 no. 14",
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
