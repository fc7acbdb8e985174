"""Assessments and their scores, and diagnoses."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import ASSESSMENT, SCORE
from ktt.rules.rule import Cause, Consequence, Rule, col

_SENSES = ["13", "14"]

RULES = (
    Rule(
        "KTT-FUNKSJON-01",
        on=ASSESSMENT,
        holds=pl.len().over("local_person_id", "assessed_on") == 1,
        concerns=("assessed_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen har to funksjonsvurderinger samme dag.", en="The person has two assessments on the same day."
        ),
        remedy=Text(nb="Behold den siste, og slett den andre.", en="Keep the last one and delete the other."),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 13; domain § 13.1 Q35",
        examples="""
            | assessment_id | local_person_id | assessed_on | breaks |
            | F-1           | P-1             | 2026-01-10  |        |
            | F-2           | P-1             | 2026-01-11  |        |
            | F-3           | P-2             | 2026-01-10  | yes    |
            | F-4           | P-2             | 2026-01-10  | yes    |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-02",
        on=ASSESSMENT,
        holds=pl.len().over("assessment_id") == 1,
        concerns=("assessment_id",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Samme ID er brukt på flere funksjonsvurderinger.",
            en="The same id is used for more than one assessment.",
        ),
        remedy=Text(
            nb="La uttrekket sende hver vurdering én gang, med én ID.",
            en="Make the export send each assessment once, under one id.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 6 no. 1",
        examples="""
            | assessment_id | local_person_id | breaks |
            | F-1           | P-1             |        |
            | F-2           | P-2             | yes    |
            | F-2           | P-3             | yes    |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-03",
        on=ASSESSMENT,
        holds=col("scores.count").is_not_null(),
        concerns=("assessment_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Funksjonsvurderingen har ingen skår.", en="The assessment has no scores."),
        remedy=Text(nb="Fyll ut skårene, eller slett vurderingen.", en="Fill in the scores, or delete the assessment."),
        cause=Cause.REGISTRATION,
        source="messages § 5.4, skaar 1–18",
        examples="""
            | assessment_id | breaks |
            | F-1           |        |
            | F-2           | yes    |
            score
            | assessment_id | variable | score |
            | F-1           | 1        | 3     |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-04",
        on=ASSESSMENT,
        holds=col("scores.variables") >= 18,
        concerns=("assessment_id",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Funksjonsvurderingen mangler skår på én eller flere av de 18 variablene.",
            en="The assessment lacks a score on one or more of the 18 variables.",
        ),
        remedy=Text(
            nb="Sett skår på alle variablene. Bruk 9 når en variabel ikke er relevant for personen.",
            en="Score every variable. Use 9 when one is not relevant to the person.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 4.2, list 9111 has 18 variables; § 12.3 completeness",
        examples="""
            | assessment_id | breaks |
            | F-1           |        |
            | F-2           | yes    |
            score
            | assessment_id | variable | score |
            """
        + "\n".join(f"            | F-1           | {number}        | 2     |" for number in range(1, 19))
        + "\n"
        + "\n".join(f"            | F-2           | {number}        | 2     |" for number in range(1, 18)),
    ),
    Rule(
        "KTT-FUNKSJON-05",
        on=ASSESSMENT,
        holds=~(col("services.open") > 0).fill_null(value=False) | col("scores.any_help"),
        concerns=("assessment_id",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen har tjenester, men ingen skår på 3 eller mer.",
            en="The person has services but no score of 3 or more.",
        ),
        remedy=Text(
            nb="Den som får hjelp, har vanligvis skår 3 eller mer på minst én variabel. Vurder personen på "
            "nytt, eller avslutt tjenestene hvis de ikke lenger gis.",
            en="Somebody who gets help usually scores 3 or more on at least one variable. Assess the "
            "person again, or end the services if they are no longer given.",
        ),
        cause=Cause.REGISTRATION,
        source="Helsedirektoratet, spørsmål og svar om IPLOS; domain § 4.2, § 13.1 Q21",
        needs_whole_picture=True,
        examples="""
            | assessment_id | local_person_id | breaks |
            | F-1           | P-1             |        |
            | F-2           | P-2             | yes    |
            | F-3           | P-3             |        |
            | F-4           | P-4             |        |
            score
            | assessment_id | variable | score |
            | F-1           | 7        | 3     |
            | F-2           | 7        | 2     |
            | F-2           | 13       | 4     |
            | F-3           | 7        | 2     |
            | F-4           | 7        | 2     |
            care_service
            | service_id | local_person_id | ends_on    |
            | T-1        | P-1             |            |
            | T-2        | P-2             |            |
            | T-4        | P-4             | 2026-01-31 |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-06",
        on=ASSESSMENT,
        holds=col("assessed_on") <= col("today"),
        concerns=("assessed_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Datoen for funksjonsvurderingen er fram i tid.", en="The assessment is dated in the future."),
        remedy=Text(nb="Rett datoen for vurderingen.", en="Correct the date of the assessment."),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 14",
        examples="""
            | assessment_id | assessed_on | breaks |
            | F-1           | 2026-03-02  |        |
            | F-2           | 2026-03-03  | yes    |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-07",
        on=ASSESSMENT,
        holds=col("assessed_on") >= col("person.born_on"),
        concerns=("assessed_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Datoen for funksjonsvurderingen er før personen ble født.",
            en="The assessment is dated before the person was born.",
        ),
        remedy=Text(
            nb="Kontroller at vurderingen er registrert på riktig person og med riktig dato.",
            en="Check that the assessment is registered on the right person and with the right date.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q25, applied to the assessment",
        examples="""
            | assessment_id | local_person_id | assessed_on | breaks |
            | F-1           | P-1             | 2026-01-12  |        |
            | F-2           | P-1             | 2014-08-14  | yes    |
            | F-3           | P-1             | 2014-08-15  |        |
            recipient
            | local_person_id | person_number |
            | P-1             | 15881456181   |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-08",
        on=SCORE,
        holds=pl.len().over("assessment_id", "variable") == 1,
        concerns=("variable",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Samme variabel er skåret to ganger i vurderingen.",
            en="The same variable is scored twice in the assessment.",
        ),
        remedy=Text(
            nb="La uttrekket sende én skår for hver variabel i hver vurdering.",
            en="Make the export send one score for each variable in each assessment.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.4, type unique in the array",
        examples="""
            | assessment_id | variable | score | breaks |
            | F-1           | 1        | 3     |        |
            | F-2           | 1        | 3     |        |
            | F-1           | 2        | 3     | yes    |
            | F-1           | 2        | 4     | yes    |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-09",
        on=SCORE,
        holds=col("variable").is_in(_SENSES) | col("score").is_in(["1", "2", "3", "4", "5", "9"]),
        concerns=("score",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Skåren finnes ikke i skalaen for bistandsbehov.",
            en="The score is not on the scale for need of assistance.",
        ),
        remedy=Text(
            nb="Bruk 1–5, eller 9 når variabelen ikke er relevant.",
            en="Use 1–5, or 9 when the variable is not relevant.",
        ),
        cause=Cause.CODE_MAPPING,
        source="list 9165; IPLOS 3.7, fnFunkVerdi",
        examples="""
            | assessment_id | variable | score | breaks |
            | F-1           | 1        | 5     |        |
            | F-1           | 2        | 9     |        |
            | F-1           | 3        | 6     | yes    |
            | F-1           | 13       | 6     |        |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-10",
        on=SCORE,
        holds=(col("variable") != "13") | col("score").is_in(["1", "2", "3", "4", "5", "9"]),
        concerns=("score",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Skåren for syn finnes ikke i skalaen for syn.", en="The score for sight is not on the scale for sight."
        ),
        remedy=Text(
            nb="Bruk skalaen fra «godt» (1) til «blind» (5).", en="Use the scale from “good” (1) to “blind” (5)."
        ),
        cause=Cause.CODE_MAPPING,
        source="list 9166; IPLOS 3.7, fnFunkVerdi when fnFunkType = 13; domain § 13.1 Q22",
        examples="""
            | assessment_id | variable | score | breaks |
            | F-1           | 13       | 5     |        |
            | F-1           | 14       | 7     |        |
            | F-2           | 13       | 7     | yes    |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-11",
        on=SCORE,
        holds=(col("variable") != "14") | col("score").is_in(["1", "2", "3", "4", "5", "9"]),
        concerns=("score",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Skåren for hørsel finnes ikke i skalaen for hørsel.",
            en="The score for hearing is not on the scale for hearing.",
        ),
        remedy=Text(nb="Bruk skalaen fra «godt» (1) til «døv» (5).", en="Use the scale from “good” (1) to “deaf” (5)."),
        cause=Cause.CODE_MAPPING,
        source="list 9167; IPLOS 3.7, fnFunkVerdi when fnFunkType = 14; domain § 13.1 Q22",
        examples="""
            | assessment_id | variable | score | breaks |
            | F-1           | 14       | 1     |        |
            | F-1           | 13       | 7     |        |
            | F-2           | 14       | 7     | yes    |
        """,
    ),
    Rule(
        "KTT-FUNKSJON-12",
        on=SCORE,
        holds=~(col("score") == "9").all(ignore_nulls=False).over("assessment_id"),
        concerns=("score",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Alle variablene er satt til «ikke relevant».",
            en="Every variable is set to “not relevant”.",
        ),
        remedy=Text(
            nb="Vurder personen på nytt. «Ikke relevant» (9) brukes bare om variabler som ikke angår personen.",
            en="Assess the person again. “Not relevant” (9) is only for variables that do not concern the person.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 4.2: everybody is assessed individually; the rule is ours",
        examples="""
            | assessment_id | variable | score | breaks |
            | F-1           | 1        | 9     |        |
            | F-1           | 2        | 3     |        |
            | F-2           | 1        | 9     | yes    |
            | F-2           | 2        | 9     | yes    |
            | F-3           | 1        |       |        |
        """,
    ),
)
