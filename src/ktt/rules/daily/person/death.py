"""What may not go on, or begin, after a person's death (domain § 7.10 no. 12, § 13.1 Q17)."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.domain.records import ASSESSMENT, CARE_SERVICE, CIRCUMSTANCES, DECISION, DIAGNOSIS
from ktt.domain.schema import RecordType
from ktt.rules.rule import Cause, Consequence, Rule, col

_SOURCE = "domain § 7.10 no. 12, § 13.1 Q17"
_PEOPLE = """
            recipient
            | local_person_id | died_on    |
            | P-1             | 2026-01-31 |
            | P-2             |            |
"""


def _open_after_death(rule_id: str, kind: RecordType, prefix: str, nb: str, en: str, *, worst: bool) -> Rule:
    return Rule(
        rule_id,
        on=kind,
        holds=col("person.died_on").is_null()
        | (col("ends_on").is_not_null() & (col("ends_on") <= col("person.died_on"))),
        concerns=("ends_on",),
        consequence=Consequence.DROP_RECORD if worst else Consequence.NOTE,
        says=Text(nb=f"{nb} fortsetter etter at personen døde.", en=f"{en} continues after the person died."),
        remedy=Text(
            nb=f"Avslutt {nb[0].lower()}{nb[1:]} senest på dødsdatoen, eller rett dødsdatoen hvis den er feil.",
            en=f"End {en[0].lower()}{en[1:]} on the date of death at the latest, or correct that date if it is wrong.",
        ),
        cause=Cause.REGISTRATION,
        source=_SOURCE,
        examples=f"""
            | {kind.key} | local_person_id | ends_on    | breaks |
            | {prefix}-1 | P-1             | 2026-01-31 |        |
            | {prefix}-2 | P-1             |            | yes    |
            | {prefix}-3 | P-1             | 2026-02-01 | yes    |
            | {prefix}-4 | P-2             |            |        |
            {_PEOPLE}
        """,
    )


def _begun_after_death(rule_id: str, kind: RecordType, day: str, prefix: str, nb: str, en: str) -> Rule:
    return Rule(
        rule_id,
        on=kind,
        holds=col("person.died_on").is_null() | (col(day) <= col("person.died_on")),
        concerns=(day,),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb=f"{nb} etter at personen døde.", en=f"{en} after the person died."),
        remedy=Text(
            nb="Kontroller om datoen eller dødsdatoen er feil, eller om opplysningen er registrert på feil person.",
            en="Check whether the date or the date of death is wrong, or whether the record is on the wrong person.",
        ),
        cause=Cause.REGISTRATION,
        source=_SOURCE,
        examples=f"""
            | {kind.key} | local_person_id | {day}      | breaks |
            | {prefix}-1 | P-1             | 2026-01-31 |        |
            | {prefix}-2 | P-1             | 2026-02-01 | yes    |
            | {prefix}-3 | P-2             | 2026-02-01 |        |
            {_PEOPLE}
        """,
    )


RULES = (
    _open_after_death("KTT-DOD-01", CARE_SERVICE, "T", "Tjenesten", "The service", worst=True),
    _open_after_death(
        "KTT-DOD-02", CIRCUMSTANCES, "PO", "Settet med personopplysninger", "The set of circumstances", worst=True
    ),
    _open_after_death("KTT-DOD-03", DIAGNOSIS, "D", "Diagnosen", "The diagnosis", worst=False),
    _begun_after_death("KTT-DOD-04", CARE_SERVICE, "starts_on", "T", "Tjenesten starter", "The service starts"),
    _begun_after_death(
        "KTT-DOD-05", ASSESSMENT, "assessed_on", "F", "Funksjonsvurderingen er gjort", "The assessment was made"
    ),
    _begun_after_death("KTT-DOD-06", DECISION, "applied_on", "V", "Søknaden kom inn", "The application was received"),
    _begun_after_death("KTT-DOD-07", DECISION, "decided_on", "V", "Vedtaket ble fattet", "The decision was made"),
    _begun_after_death(
        "KTT-DOD-08",
        CIRCUMSTANCES,
        "starts_on",
        "PO",
        "Settet med personopplysninger starter",
        "The set of circumstances starts",
    ),
    _begun_after_death("KTT-DOD-09", DIAGNOSIS, "starts_on", "D", "Diagnosen starter", "The diagnosis starts"),
)
