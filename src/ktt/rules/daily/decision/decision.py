"""Decisions: application, decision, the chain of extensions, and what the lines ask of them."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import DECISION
from ktt.rules.rule import Cause, Consequence, Rule, col

RULES = (
    Rule(
        "KTT-VEDTAK-01",
        on=DECISION,
        holds=col("applied_on").is_not_null() | col("decided_on").is_not_null(),
        concerns=("applied_on", "decided_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Vedtaket har verken søknadsdato eller vedtaksdato.",
            en="The decision has neither an application date nor a decision date.",
        ),
        remedy=Text(
            nb="Registrer søknadsdatoen i EPJ, og vedtaksdatoen når vedtaket er fattet.",
            en="Register the application date in the EPJ, and the decision date once it is made.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 3",
        examples="""
            | decision_id | applied_on | decided_on | breaks |
            | V-1         | 2026-01-05 |            |        |
            | V-2         |            | 2026-01-09 |        |
            | V-3         |            |            | yes    |
        """,
    ),
    Rule(
        "KTT-VEDTAK-02",
        on=DECISION,
        holds=col("applied_on") <= col("decided_on"),
        concerns=("applied_on", "decided_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Vedtaksdatoen er før søknadsdatoen.", en="The decision is dated before the application."),
        remedy=Text(
            nb="Rett søknadsdato eller vedtaksdato i EPJ, slik at søknaden kommer først.",
            en="Correct the application or decision date in the EPJ so that the application comes first.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, TJENESTE.tjVedtDato ≥ tjSoknadDato; domain § 13.1 Q02",
        examples="""
            | decision_id | applied_on | decided_on | breaks |
            | V-1         | 2026-01-05 | 2026-01-05 |        |
            | V-2         | 2026-01-05 | 2026-01-09 |        |
            | V-3         | 2026-01-09 | 2026-01-05 | yes    |
            | V-4         | 2026-01-09 |            |        |
        """,
    ),
    Rule(
        "KTT-VEDTAK-03",
        on=DECISION,
        holds=(col("decision_number") > 1) == col("original_decision_id").is_not_null(),
        concerns=("decision_number", "original_decision_id"),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Vedtaket er en forlengelse som ikke viser til det første vedtaket, eller et første "
            "vedtak som viser til et annet.",
            en="The decision is an extension that does not refer to the first decision, or a first "
            "decision that refers to another.",
        ),
        remedy=Text(
            nb="La uttrekket vise til det første vedtaket når vedtaksnummeret er over 1, og bare da.",
            en="Make the export refer to the first decision when the decision number is above 1, and only then.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 6 no. 5",
        examples="""
            | decision_id | decision_number | original_decision_id | breaks |
            | V-1         | 1               |                      |        |
            | V-2         | 2               | V-1                  |        |
            | V-3         | 2               |                      | yes    |
            | V-4         | 1               | V-1                  | yes    |
        """,
    ),
    Rule(
        "KTT-VEDTAK-04",
        on=DECISION,
        holds=col("original_decision_id") != col("decision_id"),
        concerns=("original_decision_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Vedtaket viser til seg selv som det første i rekken.",
            en="The decision refers to itself as the first of its chain.",
        ),
        remedy=Text(
            nb="La uttrekket vise til det første vedtaket i rekken.",
            en="Make the export refer to the first decision of the chain.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.1, opprinneligVedtakId",
        examples="""
            | decision_id | decision_number | original_decision_id | breaks |
            | V-2         | 2               | V-1                  |        |
            | V-3         | 2               | V-3                  | yes    |
        """,
    ),
    Rule(
        "KTT-VEDTAK-05",
        on=DECISION,
        holds=col("decision_number").is_between(1, 999),
        concerns=("decision_number",),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Vedtaksnummeret er ikke mellom 1 og 999.", en="The decision number is not between 1 and 999."),
        remedy=Text(
            nb="La uttrekket sende 1 for det første vedtaket og én mer for hver forlengelse.",
            en="Make the export send 1 for the first decision and one more for each extension.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.1, vedtakNr; IPLOS 3.7, tjVeNrID",
        examples="""
            | decision_id | decision_number | original_decision_id | breaks |
            | V-1         | 1               |                      |        |
            | V-2         | 999             | V-1                  |        |
            | V-3         | 0               |                      | yes    |
            | V-4         | 1000            | V-1                  | yes    |
        """,
    ),
    Rule(
        "KTT-VEDTAK-06",
        on=DECISION,
        holds=col("lines.count").is_not_null(),
        concerns=("decision_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Vedtaket sier ikke hvilken tjeneste det gjelder.",
            en="The decision does not say which service it is about.",
        ),
        remedy=Text(
            nb="Registrer hvilke tjenester vedtaket gjelder, eller slett vedtaket.",
            en="Register which services the decision is about, or delete it.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 5.1, tjenester 1–50; domain § 13.1 Q39",
        examples="""
            | decision_id | breaks |
            | V-1         |        |
            | V-2         | yes    |
            decision_line
            | decision_id | service_id |
            | V-1         | T-1        |
        """,
    ),
    Rule(
        "KTT-VEDTAK-07",
        on=DECISION,
        holds=col("lines.count") <= 50,
        concerns=("decision_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Vedtaket har mer enn 50 tjenester.", en="The decision has more than 50 services."),
        remedy=Text(
            nb="Kontroller om uttrekket sender samme tjeneste flere ganger, eller del vedtaket i flere.",
            en="Check whether the export sends the same service more than once, or split the decision.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.1, tjenester 1–50",
        examples="""
            | decision_id | breaks |
            | V-1         |        |
            | V-2         | yes    |
            | V-3         |        |
            decision_line
            | decision_id | service_id |
            | V-1         | T-1        |
            """
        + "\n".join(f"            | V-2         | T-{number}       |" for number in range(100, 151))
        + "\n"
        + "\n".join(f"            | V-3         | T-{number}       |" for number in range(200, 250)),
    ),
    Rule(
        "KTT-VEDTAK-08",
        on=DECISION,
        holds=~col("lines.need_application") | col("applied_on").is_not_null(),
        concerns=("applied_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Søknadsdatoen mangler, men minst én av tjenestene krever den.",
            en="The application date is missing, but at least one of the services requires it.",
        ),
        remedy=Text(nb="Registrer datoen søknaden kom inn.", en="Register the date the application came in."),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjSoknadDato obligatory for 1–5, 7–9, 11, 15, 17–22, 29; domain § 5",
        examples="""
            | decision_id | applied_on | decided_on | breaks |
            | V-1         | 2026-01-05 | 2026-01-09 |        |
            | V-2         |            | 2026-01-09 | yes    |
            | V-3         |            | 2026-01-09 |        |
            decision_line
            | decision_id | service_id | service_type |
            | V-1         | T-1        | 15           |
            | V-2         | T-2        | 15           |
            | V-3         | T-3        | 14           |
        """,
    ),
    Rule(
        "KTT-VEDTAK-09",
        on=DECISION,
        holds=~(col("lines.need_decision") & col("lines.decided")) | col("decided_on").is_not_null(),
        concerns=("decided_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Vedtaksdatoen mangler, men utfallet er registrert.",
            en="The decision date is missing although the outcome is registered.",
        ),
        remedy=Text(
            nb="Registrer datoen vedtaket ble fattet, eller fjern utfallet hvis det ikke er fattet.",
            en="Register the date the decision was made, or remove the outcome if it has not been made.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjVedtDato obligatory; messages § 5.1",
        examples="""
            | decision_id | applied_on | decided_on | breaks |
            | V-1         | 2026-01-05 | 2026-01-09 |        |
            | V-2         | 2026-01-05 |            | yes    |
            | V-3         | 2026-01-05 |            |        |
            decision_line
            | decision_id | service_id | service_type | outcome |
            | V-1         | T-1        | 15           | 2       |
            | V-2         | T-2        | 15           | 2       |
            | V-3         | T-3        | 15           |         |
        """,
    ),
    Rule(
        "KTT-VEDTAK-10",
        on=DECISION,
        holds=col("decided_on").is_not_null() | (col("applied_on") >= col("today") - pl.duration(days=90)),
        concerns=("applied_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Søknaden har ventet i mer enn 90 dager uten vedtak.",
            en="The application has waited for more than 90 days without a decision.",
        ),
        remedy=Text(
            nb="Fatt vedtak, eller registrer vedtaket hvis det allerede er fattet.",
            en="Make the decision, or register it if it has been made.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q30, 90 days",
        examples="""
            | decision_id | applied_on | decided_on | breaks |
            | V-1         | 2026-01-20 |            |        |
            | V-2         | 2025-06-01 | 2025-06-20 |        |
            | V-3         | 2025-06-01 |            | yes    |
            | V-4         | 2025-12-02 |            |        |
            | V-5         | 2025-12-01 |            | yes    |
        """,
    ),
    Rule(
        "KTT-VEDTAK-11",
        on=DECISION,
        holds=pl.len().over("decision_id") == 1,
        concerns=("decision_id",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(nb="Samme ID er brukt på flere vedtak.", en="The same id is used for more than one decision."),
        remedy=Text(
            nb="La uttrekket sende hvert vedtak én gang, med én ID.",
            en="Make the export send each decision once, under one id.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 6 no. 1",
        examples="""
            | decision_id | breaks |
            | V-1         |        |
            | V-2         | yes    |
            | V-2         | yes    |
        """,
    ),
    Rule(
        "KTT-VEDTAK-12",
        on=DECISION,
        holds=col("original_decision_id").is_null() | (pl.len().over("original_decision_id", "decision_number") == 1),
        concerns=("decision_number",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="To forlengelser av samme vedtak har samme nummer.",
            en="Two extensions of the same decision have the same number.",
        ),
        remedy=Text(
            nb="La uttrekket nummerere forlengelsene fortløpende fra 2.",
            en="Make the export number the extensions in order from 2.",
        ),
        cause=Cause.EXTRACTION,
        source="IPLOS 3.7, tjVeNrID: plus one per extension with the same tjVeID",
        examples="""
            | decision_id | decision_number | original_decision_id | breaks |
            | V-2         | 2               | V-1                  |        |
            | V-3         | 3               | V-1                  |        |
            | V-5         | 2               | V-4                  | yes    |
            | V-6         | 2               | V-4                  | yes    |
        """,
    ),
    Rule(
        "KTT-VEDTAK-13",
        on=DECISION,
        holds=col("applied_on") >= col("person.born_on"),
        concerns=("applied_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Søknadsdatoen er før personen ble født.",
            en="The application is dated before the person was born.",
        ),
        remedy=Text(
            nb="Kontroller at søknaden er registrert på riktig person og med riktig dato.",
            en="Check that the application is registered on the right person and with the right date.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q25, applied to the application",
        examples="""
            | decision_id | local_person_id | applied_on | breaks |
            | V-1         | P-1             | 2026-01-05 |        |
            | V-2         | P-1             | 2014-08-14 | yes    |
            | V-3         | P-1             | 2014-08-15 |        |
            recipient
            | local_person_id | person_number |
            | P-1             | 15881456181   |
        """,
    ),
)
