"""Ends that no period has, and registrations in years that no record system has seen."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.domain.records import (
    APPEAL,
    ASSESSMENT,
    CARE_SERVICE,
    CIRCUMSTANCES,
    DECISION,
    DECISION_LINE,
    DIAGNOSIS,
    PAUSE,
    PROVIDER_PERIOD,
)
from ktt.domain.schema import RecordType
from ktt.rules.rule import Cause, Consequence, Rule, col

_FIRST_REGISTRATION = 1980


def _registered(rule_id: str, kind: RecordType, nb: str, en: str) -> Rule:
    return Rule(
        rule_id,
        on=kind,
        holds=col("recorded_at")
        .dt.convert_time_zone("Europe/Oslo")
        .dt.year()
        .is_between(_FIRST_REGISTRATION, col("today").dt.year()),
        concerns=("recorded_at",),
        consequence=Consequence.NOTE,
        says=Text(
            nb=f"Registreringstiden for {nb} er før 1980 eller etter utgangen av året.",
            en=f"The registration time of {en} is before 1980 or after the end of this year.",
        ),
        remedy=Text(
            nb="La uttrekket sende tiden da opplysningen ble registrert eller sist endret.",
            en="Make the export send the time at which the record was registered or last changed.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5, registrertTid; the years are ours",
        examples=f"""
            | {kind.key} | recorded_at          | breaks |
            | X-1        | 1979-12-31T22:30:00Z | yes    |
            | X-2        | 1979-12-31T23:30:00Z |        |
            | X-3        | 2026-12-31T22:30:00Z |        |
            | X-4        | 2026-12-31T23:30:00Z | yes    |
            | X-5        | 1000-06-01T12:00:00Z | yes    |
            | X-6        | 9999-06-01T12:00:00Z | yes    |
        """,
    )


def _ends(
    rule_id: str,
    kind: RecordType,
    nb: str,
    en: str,
    column: str = "ends_on",
    consequence: Consequence = Consequence.CLEAR_FIELD,
) -> Rule:
    """An open end is an absent field. A field that says 9999, or a typing error, says the same and is emptied."""
    return Rule(
        rule_id,
        on=kind,
        holds=col(column) <= col("today").dt.offset_by("20y"),
        concerns=(column,),
        consequence=consequence,
        says=Text(nb=f"{nb} er mer enn 20 år fram i tid.", en=f"{en} is more than 20 years ahead."),
        remedy=Text(
            nb="La uttrekket utelate datoen til den er kjent, og ikke skrive et årstall som 9999 for «ingen slutt».",
            en="Make the export leave the day out until it is known, and not write a year such as 9999 for “no end”.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 4, periods: 9999-12-31 is never written; twenty years are ours",
        examples=f"""
            | {kind.parent_key or kind.key} | {column}   | breaks |
            | X-1                           |            |        |
            | X-2                           | 2026-02-01 |        |
            | X-3                           | 2046-03-02 |        |
            | X-4                           | 2046-03-03 | yes    |
            | X-5                           | 9999-12-31 | yes    |
        """,
    )


RULES = (
    _registered("KTT-DATO-14", DECISION, "vedtaket", "the decision"),
    _registered("KTT-DATO-15", CARE_SERVICE, "tjenesten", "the service"),
    _registered("KTT-DATO-16", CIRCUMSTANCES, "personopplysningene", "the circumstances"),
    _registered("KTT-DATO-17", ASSESSMENT, "funksjonsvurderingen", "the assessment"),
    _registered("KTT-DATO-18", DIAGNOSIS, "diagnosen", "the diagnosis"),
    _ends("KTT-DATO-19", DECISION_LINE, "Slutten på den innvilgede perioden", "The end of the granted period"),
    _ends("KTT-DATO-20", CARE_SERVICE, "Sluttdatoen for tjenesten", "The end of the service"),
    _ends("KTT-DATO-21", PROVIDER_PERIOD, "Til-datoen for utføreren", "The provider's last day"),
    _ends("KTT-DATO-22", PAUSE, "Slutten på det midlertidige stoppet", "The end of the temporary stop"),
    _ends("KTT-DATO-23", CIRCUMSTANCES, "Til-datoen for personopplysningene", "The end of the circumstances"),
    _ends("KTT-DATO-24", DIAGNOSIS, "Til-datoen for diagnosen", "The end of the diagnosis"),
    _ends(
        "KTT-DATO-25",
        CIRCUMSTANCES,
        "Til-datoen for ventelisten",
        "The end of the waiting list",
        column="waiting_list_to",
    ),
    _ends(
        "KTT-DATO-26",
        APPEAL,
        "Svardatoen for klagen",
        "The day the appeal was answered",
        column="answered_on",
        consequence=Consequence.NOTE,
    ),
)
