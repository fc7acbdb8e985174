"""Decision lines: the obligation matrix per service type, outcome, hours and the granted period."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import DECISION_LINE
from ktt.rules.rule import Cause, Consequence, Rule, col

GRANTED, REFUSED = "2", "1"
_decided = col("decision.decided_on").is_not_null()

RULES = (
    Rule(
        "KTT-LINJE-01",
        on=DECISION_LINE,
        holds=~(col("type.needs_outcome") & _decided) | col("outcome").is_not_null(),
        concerns=("outcome",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Vedtaket er fattet, men utfallet for tjenesten mangler.",
            en="The decision has been made, but the outcome for the service is missing.",
        ),
        remedy=Text(
            nb="Registrer om tjenesten er innvilget eller avslått.",
            en="Register whether the service was granted or refused.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjVedtak obligatory for 1–5, 7–9, 11, 14, 15, 17–23, 29; domain § 5",
        examples="""
            | decision_id | service_id | service_type | outcome | breaks |
            | V-1         | T-1        | 15           | 2       |        |
            | V-1         | T-2        | 15           |         | yes    |
            | V-1         | T-3        | 24           |         |        |
            | V-2         | T-4        | 15           |         |        |
            decision
            | decision_id | applied_on | decided_on |
            | V-1         | 2026-01-05 | 2026-01-09 |
            | V-2         | 2026-01-05 |            |
        """,
    ),
    Rule(
        "KTT-LINJE-02",
        on=DECISION_LINE,
        holds=~col("decision.exists") | _decided | col("outcome").is_null(),
        concerns=("outcome",),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb="Tjenesten er registrert som innvilget eller avslått, men vedtaksdatoen mangler.",
            en="The service is registered as granted or refused, but the decision date is missing.",
        ),
        remedy=Text(
            nb="Registrer vedtaksdatoen, eller fjern utfallet hvis vedtaket ikke er fattet.",
            en="Register the decision date, or remove the outcome if the decision has not been made.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 4",
        examples="""
            | decision_id | service_id | outcome | breaks |
            | V-1         | T-1        | 2       |        |
            | V-2         | T-2        | 2       | yes    |
            | V-2         | T-3        |         |        |
            decision
            | decision_id | applied_on | decided_on |
            | V-1         | 2026-01-05 | 2026-01-09 |
            | V-2         | 2026-01-05 |            |
        """,
    ),
    Rule(
        "KTT-LINJE-03",
        on=DECISION_LINE,
        holds=~(col("type.needs_hours") & (col("outcome") == GRANTED)) | col("hours_per_week").is_not_null(),
        concerns=("hours_per_week",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten er innvilget uten timer per uke, men tjenestetypen krever det.",
            en="The service is granted without hours a week, but its type requires them.",
        ),
        remedy=Text(
            nb="Registrer innvilgede timer per uke. Er det vedtatt timer per måned, deler dere på 4.",
            en="Register the granted hours a week. Where the decision says hours a month, divide by 4.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjTimerUke obligatory for 1–4, 7, 9, 11, 15, 17, 22; only when granted (domain § 5)",
        examples="""
            | decision_id | service_id | service_type | outcome | hours_per_week | breaks |
            | V-1         | T-1        | 15           | 2       | 3.50           |        |
            | V-1         | T-2        | 15           | 2       |                | yes    |
            | V-1         | T-3        | 15           | 1       |                |        |
            | V-1         | T-4        | 21           | 2       |                |        |
        """,
    ),
    Rule(
        "KTT-LINJE-04",
        on=DECISION_LINE,
        holds=~(col("type.needs_rotating") & (col("outcome") == GRANTED)) | col("rotating").is_not_null(),
        concerns=("rotating",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Det er ikke registrert om avlastningen i institusjon er rullerende.",
            en="It is not registered whether the respite stay in an institution is rotating.",
        ),
        remedy=Text(nb="Registrer ja eller nei for rullerende.", en="Register yes or no for rotating."),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, tjRullerende obligatory for 8",
        examples="""
            | decision_id | service_id | service_type | outcome | rotating | breaks |
            | V-1         | T-1        | 8            | 2       | 1        |        |
            | V-1         | T-2        | 8            | 2       |          | yes    |
            | V-1         | T-3        | 8            | 1       |          |        |
            | V-1         | T-4        | 21           | 2       |          |        |
        """,
    ),
    Rule(
        "KTT-LINJE-05",
        on=DECISION_LINE,
        holds=(col("service_type") == "8") | col("rotating").is_null(),
        concerns=("rotating",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Rullerende er fylt ut for en tjenestetype der det ikke brukes.",
            en="Rotating is filled in for a service type where it is not used.",
        ),
        remedy=Text(
            nb="Send rullerende bare for avlastning i institusjon (type 8).",
            en="Send rotating only for respite in an institution (type 8).",
        ),
        cause=Cause.EXTRACTION,
        source="IPLOS 3.7, tjRullerende: meaningful for tjTjenType 8",
        examples="""
            | decision_id | service_id | service_type | rotating | breaks |
            | V-1         | T-1        | 8            | 1        |        |
            | V-1         | T-2        | 15           | 2        | yes    |
            | V-1         | T-3        | 15           |          |        |
        """,
    ),
    Rule(
        "KTT-LINJE-06",
        on=DECISION_LINE,
        holds=col("starts_on") <= col("ends_on"),
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Den innvilgede perioden slutter før den begynner.", en="The granted period ends before it begins."
        ),
        remedy=Text(nb="Rett fra- eller til-datoen i vedtaket.", en="Correct the start or end date in the decision."),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 6; domain § 13.1 Q03",
        examples="""
            | decision_id | service_id | starts_on  | ends_on    | breaks |
            | V-1         | T-1        | 2026-01-12 | 2026-01-12 |        |
            | V-1         | T-2        | 2026-01-12 |            |        |
            | V-1         | T-3        | 2026-01-12 | 2026-01-11 | yes    |
        """,
    ),
    Rule(
        "KTT-LINJE-07",
        on=DECISION_LINE,
        holds=~(col("outcome") == REFUSED) | (col("starts_on").is_null() & col("ends_on").is_null()),
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten er avslått, men har en innvilget periode.",
            en="The service is refused but has a granted period.",
        ),
        remedy=Text(nb="Fjern datoene, eller rett utfallet.", en="Remove the dates, or correct the outcome."),
        cause=Cause.REGISTRATION,
        source="messages § 5.1: a refusal has no dates",
        examples="""
            | decision_id | service_id | outcome | starts_on  | breaks |
            | V-1         | T-1        | 2       | 2026-01-12 |        |
            | V-1         | T-2        | 1       |            |        |
            | V-1         | T-3        | 1       | 2026-01-12 | yes    |
        """,
    ),
    Rule(
        "KTT-LINJE-08",
        on=DECISION_LINE,
        holds=~((col("outcome") == REFUSED) & col("service.exists").fill_null(value=False)),
        concerns=("outcome",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Tjenesten er avslått, men likevel startet.", en="The service is refused but was started all the same."
        ),
        remedy=Text(
            nb="Rett utfallet, eller slett tjenesten hvis den er registrert ved en feil.",
            en="Correct the outcome, or delete the service if it was registered by mistake.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 10; domain § 13.1 Q27",
        examples="""
            | decision_id | service_id | outcome | breaks |
            | V-1         | T-1        | 2       |        |
            | V-1         | T-2        | 1       | yes    |
            | V-1         | T-3        | 1       |        |
            care_service
            | service_id | decision_id |
            | T-1        | V-1         |
            | T-2        | V-1         |
        """,
    ),
    Rule(
        "KTT-LINJE-09",
        on=DECISION_LINE,
        holds=~col("service.exists") | (col("service.service_type") == col("service_type")),
        concerns=("service_type",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Vedtaket og tjenesten har ulik tjenestetype.",
            en="The decision and the service have different service types.",
        ),
        remedy=Text(
            nb="Rett tjenestetypen i vedtaket eller på tjenesten, eller koblingen av lokale koder.",
            en="Correct the service type of the decision or the service, or the mapping of local codes.",
        ),
        cause=Cause.CODE_MAPPING,
        source="messages § 5.1: the delivered service carries the line's id",
        examples="""
            | decision_id | service_id | service_type | breaks |
            | V-1         | T-1        | 15           |        |
            | V-1         | T-2        | 1            | yes    |
            | V-1         | T-3        | 1            |        |
            care_service
            | service_id | decision_id | service_type |
            | T-1        | V-1         | 15           |
            | T-2        | V-1         | 15           |
        """,
    ),
    Rule(
        "KTT-LINJE-10",
        on=DECISION_LINE,
        holds=pl.len().over("decision_id", "service_id") == 1,
        concerns=("service_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Samme tjeneste står mer enn én gang i vedtaket.",
            en="The same service occurs more than once in the decision.",
        ),
        remedy=Text(
            nb="La uttrekket sende hver tjeneste én gang per vedtak.",
            en="Make the export send each service once per decision.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.1, tjenesteId unique in the array",
        examples="""
            | decision_id | service_id | breaks |
            | V-1         | T-1        |        |
            | V-1         | T-2        | yes    |
            | V-1         | T-2        | yes    |
            | V-2         | T-2        |        |
        """,
    ),
    Rule(
        "KTT-LINJE-11",
        on=DECISION_LINE,
        holds=col("type.asks_for_nothing") != True,  # noqa: E712 - an expression; an unknown type has no answer here
        concerns=("service_type",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Det er fattet vedtak om en tjenestetype som ikke krever vedtak.",
            en="There is a decision about a service type that needs none.",
        ),
        remedy=Text(
            nb="Ikke nødvendigvis feil. Kontroller om den lokale koden er koblet til riktig tjenestetype.",
            en="Not necessarily a fault. Check that the local code is mapped to the right service type.",
        ),
        cause=Cause.CODE_MAPPING,
        source="domain § 5: types 6, 25, 26, 27 and 28 need no decision",
        examples="""
            | decision_id | service_id | service_type | breaks |
            | V-1         | T-1        | 15           |        |
            | V-1         | T-2        | 6            | yes    |
            | V-1         | T-3        | 12           |        |
        """,
    ),
    Rule(
        "KTT-LINJE-12",
        on=DECISION_LINE,
        holds=~(col("outcome") == GRANTED)
        | col("service.exists").fill_null(value=False)
        | (col("decision.decided_on") >= col("today") - pl.duration(days=60))
        | (col("decision.decided_on") < pl.date(2017, 1, 1)),  # its service may have ended before the report begins
        concerns=("outcome",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten ble innvilget for mer enn 60 dager siden, men er ikke startet.",
            en="The service was granted more than 60 days ago but has not started.",
        ),
        remedy=Text(
            nb="Registrer startdatoen hvis tjenesten er i gang. Hvis ikke: følg opp at personen får den.",
            en="Register the start date if the service is running. If not, see to it that the person gets it.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q28, 60 days",
        needs_whole_picture=True,
        examples="""
            | decision_id | service_id | outcome | breaks |
            | V-1         | T-1        | 2       |        |
            | V-1         | T-2        | 2       | yes    |
            | V-1         | T-3        | 1       |        |
            | V-2         | T-4        | 2       |        |
            | V-3         | T-5        | 2       |        |
            | V-4         | T-6        | 2       |        |
            | V-5         | T-7        | 2       | yes    |
            | V-6         | T-8        | 2       | yes    |
            decision
            | decision_id | decided_on |
            | V-1         | 2025-11-01 |
            | V-2         | 2026-02-20 |
            | V-3         | 2016-12-31 |
            | V-4         | 2026-01-01 |
            | V-5         | 2025-12-31 |
            | V-6         | 2017-01-01 |
            care_service
            | service_id | decision_id |
            | T-1        | V-1         |
        """,
    ),
)
