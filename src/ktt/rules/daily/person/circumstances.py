"""Circumstances: the dated set, plans and surveys, participation (need and receives), nutrition."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import CIRCUMSTANCES
from ktt.rules.rule import Cause, Consequence, Rule, col

_ended = col("waiting_list_to").is_not_null()


RULES = (
    Rule(
        "KTT-PERSONOPPL-01",
        on=CIRCUMSTANCES,
        holds=col("starts_on") <= col("ends_on"),
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Personopplysningene slutter å gjelde før de begynner.", en="The circumstances end before they begin."
        ),
        remedy=Text(
            nb="Rett fra- eller til-datoen for personopplysningene.",
            en="Correct the start or end date of the circumstances.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 6; domain § 13.1 Q03",
        examples="""
            | circumstances_id | starts_on  | ends_on    | breaks |
            | PO-1             | 2026-01-12 | 2026-01-12 |        |
            | PO-2             | 2026-01-12 |            |        |
            | PO-3             | 2026-01-12 | 2026-01-11 | yes    |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-02",
        on=CIRCUMSTANCES,
        holds=col("earlier.ends_on") < col("starts_on"),
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="To sett med personopplysninger gjelder samtidig for samme person.",
            en="Two sets of circumstances are valid at the same time for the same person.",
        ),
        remedy=Text(
            nb="Avslutt det gamle settet dagen før det nye begynner.",
            en="End the old set the day before the new one begins.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 12; domain § 13.1 Q34",
        examples="""
            | circumstances_id | local_person_id | starts_on  | ends_on    | breaks |
            | PO-1             | P-1             | 2025-01-01 | 2025-12-31 |        |
            | PO-2             | P-1             | 2026-01-01 |            |        |
            | PO-3             | P-2             | 2025-01-01 |            |        |
            | PO-4             | P-2             | 2026-01-01 |            | yes    |
            | PO-5             | P-3             | 2025-01-01 | 2026-01-01 |        |
            | PO-6             | P-3             | 2026-01-01 |            | yes    |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-03",
        on=CIRCUMSTANCES,
        holds=pl.len().over("circumstances_id") == 1,
        concerns=("circumstances_id",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Samme ID er brukt på flere sett med personopplysninger.",
            en="The same id is used for more than one set of circumstances.",
        ),
        remedy=Text(
            nb="La uttrekket sende hvert sett én gang, med én ID.",
            en="Make the export send each set once, under one id.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 6 no. 1",
        examples="""
            | circumstances_id | local_person_id | breaks |
            | PO-1             | P-1             |        |
            | PO-2             | P-2             | yes    |
            | PO-2             | P-3             | yes    |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-04",
        on=CIRCUMSTANCES,
        holds=col("round_the_clock") == "1",
        concerns=("round_the_clock",),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb="Heldøgnstilbud er sendt med en annen verdi enn ja.",
            en="Round-the-clock services are sent with another value than yes.",
        ),
        remedy=Text(
            nb="La uttrekket sende ja, eller ingenting når svaret er nei.",
            en="Make the export send yes, or nothing when the answer is no.",
        ),
        cause=Cause.EXTRACTION,
        source="IPLOS 3.7, poHeldg: only value 1 is used",
        examples="""
            | circumstances_id | round_the_clock | breaks |
            | PO-1             | 1               |        |
            | PO-2             |                 |        |
            | PO-3             | 2               | yes    |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-05",
        on=CIRCUMSTANCES,
        holds=(col("medication_review") != "1") | col("services.long_term_stay").fill_null(value=False),
        concerns=("medication_review",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Legemiddelgjennomgang er registrert på en person uten langtidsopphold.",
            en="A medication review is registered on a person without a long-term stay.",
        ),
        remedy=Text(
            nb="Opplysningen gjelder bare langtidsopphold i institusjon. Kontroller om oppholdet mangler, "
            "eller fjern opplysningen.",
            en="This is only for long-term stays in an institution. Check whether the stay is missing, "
            "or remove the review.",
        ),
        cause=Cause.REGISTRATION,
        source="XPR(ipl) 53.1.3: only for long-term stay; domain § 13.1 Q31",
        needs_whole_picture=True,
        examples="""
            | circumstances_id | local_person_id | medication_review | breaks |
            | PO-1             | P-1             | 1                 |        |
            | PO-2             | P-2             | 1                 | yes    |
            | PO-3             | P-3             | 2                 |        |
            care_service
            | service_id | local_person_id | service_type |
            | T-1        | P-1             | 21           |
            | T-2        | P-2             | 15           |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-07",
        on=CIRCUMSTANCES,
        holds=col("waiting_list_from") <= col("waiting_list_to"),
        concerns=("waiting_list_from", "waiting_list_to"),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb="Til-datoen for ventelisten er før fra-datoen.",
            en="The last day on the waiting list is before the first.",
        ),
        remedy=Text(nb="Rett den ene av de to datoene.", en="Correct one of the two dates."),
        cause=Cause.REGISTRATION,
        source="messages § 5.3, venteliste.paDato and avDato",
        examples="""
            | circumstances_id | waiting_list | waiting_list_from | waiting_list_to | breaks |
            | PO-1             | 2            | 2026-01-01        | 2026-01-09      |        |
            | PO-2             | 1            | 2026-01-01        |                 |        |
            | PO-4             | 2            | 2026-01-01        | 2026-01-01      |        |
            | PO-3             | 2            | 2026-01-09        | 2026-01-01      | yes    |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-08",
        on=CIRCUMSTANCES,
        holds=(col("waiting_list") != "1") | ~_ended,
        concerns=("waiting_list", "waiting_list_to"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen står på venteliste, men det er også registrert en dato for når ventingen sluttet.",
            en="The person is on the waiting list, but a date when the waiting ended is registered too.",
        ),
        remedy=Text(
            nb="Registrer at personen ikke står på venteliste, eller fjern til-datoen.",
            en="Register that the person is not on the waiting list, or remove the end date.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 5.3, venteliste",
        examples="""
            | circumstances_id | waiting_list | waiting_list_to | breaks |
            | PO-1             | 1            |                 |        |
            | PO-2             | 2            | 2026-01-09      |        |
            | PO-3             | 1            | 2026-01-09      | yes    |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-09",
        on=CIRCUMSTANCES,
        holds=(col("waiting_list") != "1") | col("waiting_list_from").is_not_null(),
        concerns=("waiting_list_from",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen står på venteliste, men det er ikke registrert når ventingen begynte.",
            en="The person is on the waiting list, but it is not registered when the waiting began.",
        ),
        remedy=Text(
            nb="Registrer datoen personen kom på ventelisten.",
            en="Register the date the person was put on the list.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, poVentelisteDato; domain § 12.3: days waited",
        examples="""
            | circumstances_id | waiting_list | waiting_list_from | breaks |
            | PO-1             | 1            | 2026-01-09        |        |
            | PO-2             | 2            |                   |        |
            | PO-3             | 1            |                   | yes    |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-10",
        on=CIRCUMSTANCES,
        holds=(col("individual_plan") != "1") | ~col("coordinator").is_in(["2", "4"]),
        concerns=("individual_plan", "coordinator"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen har en aktiv individuell plan, men ingen koordinator.",
            en="The person has an active individual plan but no coordinator.",
        ),
        remedy=Text(
            nb="Oppnevn en koordinator og registrer det, eller rett opplysningen om planen.",
            en="Appoint a coordinator and register it, or correct what is registered about the plan.",
        ),
        cause=Cause.REGISTRATION,
        source="lists 9336 and 9188; who has a plan is offered a coordinator (ours)",
        examples="""
            | circumstances_id | individual_plan | coordinator | breaks |
            | PO-1             | 1               | 1           |        |
            | PO-2             | 1               | 3           |        |
            | PO-3             | 1               | 2           | yes    |
            | PO-4             | 2               | 2           |        |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-11",
        on=CIRCUMSTANCES,
        holds=col("starts_on") >= col("person.born_on"),
        concerns=("starts_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Personopplysningene gjelder fra før personen ble født.",
            en="The circumstances are valid from before the person was born.",
        ),
        remedy=Text(
            nb="Kontroller at opplysningene er registrert på riktig person og med riktig dato.",
            en="Check that the circumstances are registered on the right person and with the right date.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q25, applied to the set",
        examples="""
            | circumstances_id | local_person_id | starts_on  | breaks |
            | PO-1             | P-1             | 2026-01-12 |        |
            | PO-2             | P-1             | 2014-08-14 | yes    |
            | PO-3             | P-1             | 2014-08-15 |        |
            recipient
            | local_person_id | person_number |
            | P-1             | 15881456181   |
        """,
    ),
    Rule(
        "KTT-PERSONOPPL-12",
        on=CIRCUMSTANCES,
        holds=(col("household") != "3") | (col("person.born_on") > col("starts_on").dt.offset_by("-30y")),
        concerns=("household",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="En person over 30 år er registrert som boende hos foreldre.",
            en="A person over 30 is registered as living with parents.",
        ),
        remedy=Text(
            nb="Ikke nødvendigvis feil. Kontroller om husstand er registrert riktig, og om koden er riktig koblet.",
            en="Not necessarily a fault. Check that the household is registered right and that its "
            "code is mapped right.",
        ),
        cause=Cause.CODE_MAPPING,
        source="list 9335 code 3; the age limit is ours",
        examples="""
            | circumstances_id | local_person_id | household | starts_on  | breaks |
            | PO-1             | P-1             | 3         | 2026-01-12 |        |
            | PO-2             | P-2             | 3         | 2026-01-12 | yes    |
            | PO-3             | P-2             | 1         | 2026-01-12 |        |
            | PO-4             | P-2             | 3         | 1971-04-07 |        |
            | PO-5             | P-2             | 3         | 1971-04-08 | yes    |
            recipient
            | local_person_id | person_number |
            | P-1             | 15881456181   |
            | P-2             | 08844110015   |
        """,
    ),
)
