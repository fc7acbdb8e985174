"""Diagnoses."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import DIAGNOSIS
from ktt.rules.rule import Cause, Consequence, Rule, col

RULES = (
    Rule(
        "KTT-DIAGNOSE-01",
        on=DIAGNOSIS,
        holds=col("starts_on") <= col("ends_on"),
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Diagnosen slutter å gjelde før den begynner.", en="The diagnosis ends before it begins."),
        remedy=Text(
            nb="Rett fra- eller til-datoen for diagnosen.", en="Correct the start or end date of the diagnosis."
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 6; domain § 13.1 Q03",
        examples="""
            | diagnosis_id | starts_on  | ends_on    | breaks |
            | D-1          | 2026-01-12 | 2026-01-12 |        |
            | D-2          | 2026-01-12 |            |        |
            | D-3          | 2026-01-12 | 2026-01-11 | yes    |
        """,
    ),
    Rule(
        "KTT-DIAGNOSE-02",
        on=DIAGNOSIS,
        holds=col("code_system").is_in(["ICPC-2", "ICD-10"]),
        concerns=("code_system",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Diagnosen bruker et kodeverk som registeret ikke tar imot.",
            en="The diagnosis uses a code system that the registry does not accept.",
        ),
        remedy=Text(
            nb="Send «ICPC-2» eller «ICD-10», skrevet nøyaktig slik.", en="Send “ICPC-2” or “ICD-10”, spelt exactly so."
        ),
        cause=Cause.CODE_MAPPING,
        source="IPLOS 3.7, diKodeVersjon; messages § 5.5",
        examples="""
            | diagnosis_id | code_system | code | breaks |
            | D-1          | ICPC-2      | P70  |        |
            | D-2          | ICD-10      | G35  |        |
            | D-3          | ICPC2       | P70  | yes    |
        """,
    ),
    Rule(
        "KTT-DIAGNOSE-03",
        on=DIAGNOSIS,
        holds=(col("code_system") != "ICPC-2") | col("code").str.contains(r"^[A-Z][0-9]{2}$"),
        concerns=("code",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Diagnosekoden er ikke skrevet slik en ICPC-2-kode skal være.",
            en="The diagnosis code is not written as an ICPC-2 code should be.",
        ),
        remedy=Text(
            nb="En ICPC-2-kode er en bokstav og to siffer, som P70. Rett koden, eller velg riktig kodeverk.",
            en="An ICPC-2 code is a letter and two digits, such as P70. Correct the code, or choose "
            "the right code system.",
        ),
        cause=Cause.CODE_MAPPING,
        source="IPLOS 3.7, diDiagKode by diKodeVersjon; form of ICPC-2 (ours)",
        examples="""
            | diagnosis_id | code_system | code  | breaks |
            | D-1          | ICPC-2      | P70   |        |
            | D-2          | ICPC-2      | G350  | yes    |
            | D-3          | ICD-10      | G350  |        |
            | D-4          | ICPC-2      | AP70  | yes    |
        """,
    ),
    Rule(
        "KTT-DIAGNOSE-04",
        on=DIAGNOSIS,
        holds=(col("code_system") != "ICD-10") | col("code").str.contains(r"^[A-Z][0-9]{2}[0-9A-Z]{0,3}$"),
        concerns=("code",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Diagnosekoden er ikke skrevet slik en ICD-10-kode skal være.",
            en="The diagnosis code is not written as an ICD-10 code should be.",
        ),
        remedy=Text(
            nb="En ICD-10-kode skrives uten punktum, som F009. Rett koden, eller velg riktig kodeverk.",
            en="An ICD-10 code is written without a dot, such as F009. Correct the code, or choose the "
            "right code system.",
        ),
        cause=Cause.CODE_MAPPING,
        source="messages § 5.5: without the dot",
        examples="""
            | diagnosis_id | code_system | code  | breaks |
            | D-1          | ICD-10      | G35   |        |
            | D-2          | ICD-10      | F00.9 | yes    |
            | D-3          | ICPC-2      | P70   |        |
            | D-4          | ICD-10      | F0    | yes    |
            | D-5          | ICD-10      | F00900  |        |
            | D-6          | ICD-10      | F009000 | yes    |
            | D-7          | ICD-10      | AG35    | yes    |
        """,
    ),
    Rule(
        "KTT-DIAGNOSE-05",
        on=DIAGNOSIS,
        holds=pl.len().over("diagnosis_id") == 1,
        concerns=("diagnosis_id",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(nb="Samme ID er brukt på flere diagnoser.", en="The same id is used for more than one diagnosis."),
        remedy=Text(
            nb="La uttrekket sende hver diagnose én gang, med én ID.",
            en="Make the export send each diagnosis once, under one id.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 6 no. 1",
        examples="""
            | diagnosis_id | local_person_id | breaks |
            | D-1          | P-1             |        |
            | D-2          | P-2             | yes    |
            | D-2          | P-3             | yes    |
        """,
    ),
    Rule(
        "KTT-DIAGNOSE-06",
        on=DIAGNOSIS,
        holds=col("starts_on") >= col("person.born_on"),
        concerns=("starts_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Diagnosen starter før personen ble født.", en="The diagnosis is dated before the person was born."
        ),
        remedy=Text(
            nb="Kontroller at diagnosen er registrert på riktig person og med riktig dato.",
            en="Check that the diagnosis is registered on the right person and with the right date.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q25, applied to the diagnosis",
        examples="""
            | diagnosis_id | local_person_id | starts_on  | breaks |
            | D-1          | P-1             | 2026-01-12 |        |
            | D-2          | P-1             | 2014-08-14 | yes    |
            | D-3          | P-1             | 2014-08-15 |        |
            recipient
            | local_person_id | person_number |
            | P-1             | 15881456181   |
        """,
    ),
    Rule(
        "KTT-DIAGNOSE-07",
        on=DIAGNOSIS,
        holds=col("starts_on") <= col("today"),
        concerns=("starts_on",),
        consequence=Consequence.NOTE,
        says=Text(nb="Diagnosen starter fram i tid.", en="The diagnosis is dated in the future."),
        remedy=Text(nb="Rett fra-datoen for diagnosen.", en="Correct the start date of the diagnosis."),
        cause=Cause.REGISTRATION,
        source="ours, after domain § 13.1 Q04",
        examples="""
            | diagnosis_id | starts_on  | breaks |
            | D-1          | 2026-03-02 |        |
            | D-2          | 2026-03-03 | yes    |
        """,
    ),
    Rule(
        "KTT-DIAGNOSE-08",
        on=DIAGNOSIS,
        holds=pl.len().over("local_person_id", "code_system", "code", "starts_on") == 1,
        concerns=("code",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Samme diagnose med samme startdato er registrert to ganger på personen.",
            en="The same diagnosis with the same start date is registered twice on the person.",
        ),
        remedy=Text(nb="Slett den ene av de to.", en="Delete one of the two."),
        cause=Cause.REGISTRATION,
        source="ours: a doubled record",
        examples="""
            | diagnosis_id | local_person_id | code_system | code | starts_on  | breaks |
            | D-1          | P-1             | ICPC-2      | P70  | 2026-01-12 |        |
            | D-2          | P-1             | ICPC-2      | P70  | 2026-01-13 |        |
            | D-3          | P-2             | ICPC-2      | P70  | 2026-01-12 | yes    |
            | D-4          | P-2             | ICPC-2      | P70  | 2026-01-12 | yes    |
        """,
    ),
)
