"""Appeals (complaints) on a decision."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import APPEAL
from ktt.rules.rule import Cause, Consequence, Rule, col

RULES = (
    Rule(
        "KTT-KLAGE-01",
        on=APPEAL,
        holds=col("received_on") >= col("decision.decided_on"),
        concerns=("received_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Klagen er mottatt før vedtaket ble fattet.", en="The appeal was received before the decision was made."
        ),
        remedy=Text(
            nb="Rett datoen klagen kom inn, eller vedtaksdatoen.",
            en="Correct the date the appeal came in, or the decision date.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjKlageMottatt ≥ tjVedtDato; domain § 13.1 Q02",
        examples="""
            | decision_id | received_on | breaks |
            | V-1         | 2026-01-20  |        |
            | V-1         | 2026-01-09  |        |
            | V-1         | 2026-01-08  | yes    |
            decision
            | decision_id | applied_on | decided_on |
            | V-1         | 2026-01-05 | 2026-01-09 |
        """,
    ),
    Rule(
        "KTT-KLAGE-02",
        on=APPEAL,
        holds=col("received_on") <= col("answered_on"),
        concerns=("received_on", "answered_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Klagen er besvart før den kom inn.", en="The appeal was answered before it came in."),
        remedy=Text(nb="Rett den ene av de to datoene.", en="Correct one of the two dates."),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjKlageBesvart ≥ tjKlageMottatt; domain § 13.1 Q02",
        examples="""
            | decision_id | received_on | answered_on | breaks |
            | V-1         | 2026-01-20  | 2026-02-01  |        |
            | V-1         | 2026-01-20  | 2026-01-20  |        |
            | V-1         | 2026-01-20  |             |        |
            | V-1         | 2026-01-20  | 2026-01-19  | yes    |
        """,
    ),
    Rule(
        "KTT-KLAGE-03",
        on=APPEAL,
        holds=col("received_on").is_not_null(),
        concerns=("received_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Klagen er besvart, men det er ikke registrert når den kom inn.",
            en="The appeal is answered, but it is not registered when it came in.",
        ),
        remedy=Text(nb="Registrer datoen klagen kom inn.", en="Register the date the appeal came in."),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q29",
        examples="""
            | decision_id | received_on | answered_on | breaks |
            | V-1         | 2026-01-20  | 2026-02-01  |        |
            | V-1         |             | 2026-02-01  | yes    |
        """,
    ),
    Rule(
        "KTT-KLAGE-04",
        on=APPEAL,
        holds=~col("decision.exists") | col("decision.decided_on").is_not_null(),
        concerns=("received_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Det er klaget på et vedtak som ikke er fattet.",
            en="There is an appeal against a decision that has not been made.",
        ),
        remedy=Text(
            nb="Registrer vedtaksdatoen, eller flytt klagen til riktig vedtak.",
            en="Register the decision date, or move the appeal to the right decision.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 3: a complaint belongs to a decision",
        examples="""
            | decision_id | received_on | breaks |
            | V-1         | 2026-01-20  |        |
            | V-2         | 2026-01-20  | yes    |
            decision
            | decision_id | applied_on | decided_on |
            | V-1         | 2026-01-05 | 2026-01-09 |
            | V-2         | 2026-01-05 |            |
        """,
    ),
    Rule(
        "KTT-KLAGE-05",
        on=APPEAL,
        holds=pl.len().over("decision_id") <= 20,
        concerns=("received_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Vedtaket har mer enn 20 klager.", en="The decision has more than 20 appeals."),
        remedy=Text(
            nb="Kontroller om uttrekket sender samme klage flere ganger.",
            en="Check whether the export sends the same appeal more than once.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.1, klage 0–20",
        examples="""
            | decision_id | received_on | breaks |
            | V-1         | 2026-01-20  |        |
            """
        + "\n".join(f"            | V-2         | 2026-02-{day:02}  | yes    |" for day in range(1, 22))
        + "\n"
        + "\n".join(f"            | V-3         | 2026-02-{day:02}  |        |" for day in range(1, 21)),
    ),
    Rule(
        "KTT-KLAGE-06",
        on=APPEAL,
        holds=col("received_on") <= col("today"),
        concerns=("received_on",),
        consequence=Consequence.NOTE,
        says=Text(nb="Datoen klagen kom inn, er fram i tid.", en="The appeal is dated in the future."),
        remedy=Text(nb="Rett datoen klagen kom inn.", en="Correct the date the appeal came in."),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjKlageMottatt, range to 31 December; the day itself is ours",
        examples="""
            | decision_id | received_on | breaks |
            | V-1         | 2026-03-02  |        |
            | V-1         | 2026-03-03  | yes    |
        """,
    ),
    Rule(
        "KTT-KLAGE-07",
        on=APPEAL,
        holds=col("answered_on").is_not_null() | (col("received_on") >= col("today") - pl.duration(days=90)),
        concerns=("answered_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Klagen har stått ubesvart i mer enn 90 dager.",
            en="The appeal has been unanswered for more than 90 days.",
        ),
        remedy=Text(
            nb="Registrer svaret, eller følg saken opp.",
            en="Register the answer, or follow the case up.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q30, the same 90 days applied to complaints (ours)",
        examples="""
            | decision_id | received_on | answered_on | breaks |
            | V-1         | 2026-02-01  |             |        |
            | V-1         | 2025-02-01  | 2025-03-01  |        |
            | V-1         | 2025-02-01  |             | yes    |
            | V-1         | 2025-12-02  |             |        |
            | V-1         | 2025-12-01  |             | yes    |
        """,
    ),
)
