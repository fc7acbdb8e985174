"""Delivered services: their period, the decision they rest on, and what they ask for."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import CARE_SERVICE
from ktt.rules.rule import Cause, Consequence, Rule, col

RULES = (
    Rule(
        "KTT-TJENESTE-01",
        on=CARE_SERVICE,
        holds=col("starts_on") <= col("ends_on"),
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Tjenesten slutter før den starter.", en="The service ends before it starts."),
        remedy=Text(
            nb="Rett start- eller sluttdatoen på tjenesten.", en="Correct the start or end date of the service."
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjFraDato ≤ tjTilDato; domain § 13.1 Q03",
        examples="""
            | service_id | starts_on  | ends_on    | breaks |
            | T-1        | 2026-01-12 | 2026-01-12 |        |
            | T-2        | 2026-01-12 |            |        |
            | T-3        | 2026-01-12 | 2026-01-11 | yes    |
        """,
    ),
    Rule(
        "KTT-TJENESTE-02",
        on=CARE_SERVICE,
        holds=~col("type.needs_decision") | col("decision_id").is_not_null(),
        concerns=("decision_id",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten krever vedtak, men er ikke knyttet til noe vedtak.",
            en="The service requires a decision but is linked to none.",
        ),
        remedy=Text(
            nb="Knytt tjenesten til vedtaket den bygger på.", en="Link the service to the decision it rests on."
        ),
        cause=Cause.REGISTRATION,
        source="messages § 5.2, vedtakId by obligation matrix; domain § 5",
        examples="""
            | service_id | service_type | decision_id | breaks |
            | T-1        | 15           | V-1         |        |
            | T-2        | 15           |             | yes    |
            | T-3        | 6            |             |        |
        """,
    ),
    Rule(
        "KTT-TJENESTE-03",
        on=CARE_SERVICE,
        holds=col("decision_id").is_null() | col("decision.exists").fill_null(value=False),
        concerns=("decision_id",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten er knyttet til et vedtak som ikke er sendt.",
            en="The service is linked to a decision that has not been sent.",
        ),
        remedy=Text(
            nb="Sørg for at uttrekket tar med vedtaket, og at det sendes før tjenesten.",
            en="Make sure that the export includes the decision and that it is sent before the service.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 6 no. 9; domain § 13.1 Q39",
        needs_whole_picture=True,
        examples="""
            | service_id | decision_id | breaks |
            | T-1        | V-1         |        |
            | T-2        | V-9         | yes    |
            | T-3        |             |        |
            decision
            | decision_id |
            | V-1         |
        """,
    ),
    Rule(
        "KTT-TJENESTE-04",
        on=CARE_SERVICE,
        holds=~col("decision.exists") | (col("decision.local_person_id") == col("local_person_id")),
        concerns=("decision_id", "local_person_id"),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Tjenesten og vedtaket gjelder ikke samme person.",
            en="The service and its decision are not about the same person.",
        ),
        remedy=Text(
            nb="Flytt tjenesten eller vedtaket til riktig person.",
            en="Move the service or the decision to the right person.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 3: a service rests on a decision line of the same person",
        examples="""
            | service_id | decision_id | local_person_id | breaks |
            | T-1        | V-1         | P-1             |        |
            | T-2        | V-1         | P-2             | yes    |
            decision
            | decision_id | local_person_id |
            | V-1         | P-1             |
        """,
    ),
    Rule(
        "KTT-TJENESTE-05",
        on=CARE_SERVICE,
        # A service refers to its latest extension, which is rightly made while the service runs.
        holds=(col("decision.decision_number") > 1) | (col("starts_on") >= col("decision.decided_on")),
        concerns=("starts_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten startet før vedtaket ble fattet.", en="The service started before the decision was made."
        ),
        remedy=Text(
            nb="Det kan være riktig når hjelpen hastet. Hvis ikke: rett startdatoen eller vedtaksdatoen.",
            en="That can be right when help was urgent. If not, correct the start date or the decision date.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 12.3: case time, decision to start",
        examples="""
            | service_id | decision_id | starts_on  | breaks |
            | T-1        | V-1         | 2026-01-09 |        |
            | T-2        | V-1         | 2026-01-08 | yes    |
            | T-3        | V-2         | 2025-01-08 |        |
            decision
            | decision_id | decision_number | original_decision_id | decided_on |
            | V-1         | 1               |                      | 2026-01-09 |
            | V-2         | 2               | V-0                  | 2026-01-09 |
        """,
    ),
    Rule(
        "KTT-TJENESTE-06",
        on=CARE_SERVICE,
        holds=col("starts_on") >= col("person.born_on"),
        concerns=("starts_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Tjenesten startet før personen ble født.", en="The service started before the person was born."),
        remedy=Text(
            nb="Kontroller at tjenesten er registrert på riktig person og med riktig dato.",
            en="Check that the service is registered on the right person and with the right date.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q25",
        examples="""
            | service_id | local_person_id | starts_on  | breaks |
            | T-1        | P-1             | 2026-01-12 |        |
            | T-2        | P-1             | 2014-08-14 | yes    |
            | T-3        | P-1             | 2014-08-15 |        |
            recipient
            | local_person_id | person_number |
            | P-1             | 15881456181   |
        """,
    ),
    Rule(
        "KTT-TJENESTE-07",
        on=CARE_SERVICE,
        holds=pl.len().over("service_id") == 1,
        concerns=("service_id",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(nb="Samme ID er brukt på flere tjenester.", en="The same id is used for more than one service."),
        remedy=Text(
            nb="La uttrekket sende hver tjeneste én gang, med én ID.",
            en="Make the export send each service once, under one id.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 6 no. 1",
        examples="""
            | service_id | local_person_id | breaks |
            | T-1        | P-1             |        |
            | T-2        | P-1             | yes    |
            | T-2        | P-2             | yes    |
        """,
    ),
    Rule(
        "KTT-TJENESTE-08",
        on=CARE_SERVICE,
        holds=col("earlier.ends_on") < col("starts_on"),
        concerns=("starts_on", "service_type"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen har to tjenester av samme type samtidig.",
            en="The person has two services of the same type at the same time.",
        ),
        remedy=Text(
            nb="Avslutt den gamle tjenesten når den nye starter, eller slett den som er registrert dobbelt.",
            en="End the old service when the new one starts, or delete the one registered twice.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q18",
        examples="""
            | service_id | local_person_id | service_type | starts_on  | ends_on    | breaks |
            | T-1        | P-1             | 15           | 2026-01-01 | 2026-01-31 |        |
            | T-2        | P-1             | 15           | 2026-02-01 |            |        |
            | T-3        | P-1             | 1            | 2026-02-01 |            |        |
            | T-4        | P-2             | 15           | 2026-01-01 |            |        |
            | T-5        | P-2             | 15           | 2026-02-01 |            | yes    |
            | T-6        | P-3             | 15           | 2026-01-01 | 2026-02-01 |        |
            | T-7        | P-3             | 15           | 2026-02-01 |            | yes    |
        """,
    ),
    Rule(
        "KTT-TJENESTE-09",
        on=CARE_SERVICE,
        holds=~col("service_type").is_in(["1", "2", "15"])
        | ~((col("service_type") == "21") & col("ends_on").is_null()).any().over("local_person_id")
        | col("ends_on").is_not_null(),
        concerns=("service_type",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen har langtidsopphold og hjemmetjeneste samtidig.",
            en="The person has a long-term stay and home services at the same time.",
        ),
        remedy=Text(
            nb="Avslutt hjemmetjenesten når personen flytter inn i institusjon.",
            en="End the home service when the person moves into the institution.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q19",
        examples="""
            | service_id | local_person_id | service_type | starts_on  | ends_on    | breaks |
            | T-1        | P-1             | 21           | 2026-01-12 |            |        |
            | T-2        | P-1             | 15           | 2025-01-01 |            | yes    |
            | T-3        | P-1             | 1            | 2025-01-01 | 2026-01-11 |        |
            | T-4        | P-2             | 15           | 2025-01-01 |            |        |
        """,
    ),
    Rule(
        "KTT-TJENESTE-14",
        on=CARE_SERVICE,
        holds=col("starts_on") <= col("today"),
        concerns=("starts_on",),
        consequence=Consequence.NOTE,
        says=Text(nb="Startdatoen for tjenesten er fram i tid.", en="The start date of the service is in the future."),
        remedy=Text(
            nb="Send tjenesten når den har startet. Den innvilgede datoen hører hjemme i vedtaket.",
            en="Send the service once it has started. The granted date belongs in the decision.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.2: a service that is or was delivered",
        examples="""
            | service_id | starts_on  | breaks |
            | T-1        | 2026-03-02 |        |
            | T-2        | 2026-03-03 | yes    |
        """,
    ),
    Rule(
        "KTT-TJENESTE-15",
        on=CARE_SERVICE,
        holds=~((col("line.outcome") == "1").fill_null(value=False)),
        concerns=("decision_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Tjenesten er knyttet til et vedtak der den ble avslått.",
            en="The service is linked to a decision that refused it.",
        ),
        remedy=Text(
            nb="Knytt tjenesten til vedtaket som innvilget den, eller slett tjenesten.",
            en="Link the service to the decision that granted it, or delete the service.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 10; domain § 7.10 no. 6",
        examples="""
            | service_id | decision_id | breaks |
            | T-1        | V-1         |        |
            | T-2        | V-1         | yes    |
            decision_line
            | decision_id | service_id | outcome |
            | V-1         | T-1        | 2       |
            | V-1         | T-2        | 1       |
        """,
    ),
    Rule(
        "KTT-TJENESTE-16",
        on=CARE_SERVICE,
        holds=~col("decision.exists") | col("line.exists").fill_null(value=False) | ~col("type.needs_decision"),
        concerns=("decision_id",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Vedtaket som tjenesten er knyttet til, gjelder ikke denne tjenesten.",
            en="The decision that the service is linked to is not about this service.",
        ),
        remedy=Text(
            nb="La uttrekket bruke samme ID på tjenesten og på tjenesten i vedtaket.",
            en="Make the export use the same id for the service and for the service in the decision.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.1: the delivered service carries the line's id",
        examples="""
            | service_id | decision_id | breaks |
            | T-1        | V-1         |        |
            | T-2        | V-1         | yes    |
            decision
            | decision_id |
            | V-1         |
            decision_line
            | decision_id | service_id |
            | V-1         | T-1        |
        """,
    ),
)
