"""The reporting unit, local ids and places of residence."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.domain.local_ids import NATIONAL_NUMBER_FORM
from ktt.domain.number_columns import organisation_valid_column
from ktt.domain.places import UNKNOWN_MUNICIPALITY
from ktt.domain.records import (
    ASSESSMENT,
    CARE_SERVICE,
    CIRCUMSTANCES,
    DECISION,
    DECISION_LINE,
    DIAGNOSIS,
    PAUSE,
    RECIPIENT,
    own_date,
)
from ktt.domain.schema import RecordType
from ktt.rules.context import PLAIN, UNIT
from ktt.rules.rule import Cause, Consequence, Rule, col


def _number_inside(rule_id: str, kind: RecordType, column: str, nb: str, en: str) -> Rule:
    """A local id that holds something with the form of a personal number would travel, and be logged, in the clear."""
    return Rule(
        rule_id,
        on=kind,
        holds=~col(f"{PLAIN}{column}").str.contains(NATIONAL_NUMBER_FORM),
        concerns=(column,),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb=f"{nb} ser ut til å inneholde et fødselsnummer.",
            en=f"{en} seems to hold a national number.",
        ),
        remedy=Text(
            nb="La uttrekket bruke systemets egen nøkkel. En ID skal aldri bygge på fødselsnummer.",
            en="Make the export use the system's own key. An id must never be built on a national number.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 4, ids; domain § 13.1 Q40",
        examples=f"""
            | {column}                             | breaks |
            | X-2026-0031                          |        |
            | 08844110015                          | yes    |
            | X-08844110015                        | yes    |
            | 08844110015-X                        | yes    |
            | 71844110015                          | yes    |
            | 81844110015                          |        |
            | 0884411001                           |        |
            | 202600000031                         |        |
            | 20088441100150000000                 |        |
            | 088441 10015                         | yes    |
            | 088441-10016                         |        |
            | 8844110015                           | yes    |
            | 8844110016                           |        |
            | 3f250408-8441-1001-5a0c-a08844110015 |        |
        """,
    )


def _home(rule_id: str, kind: RecordType, nb: str, en: str) -> Rule:
    on = own_date(kind)
    day = kind.own_date[0]
    return Rule(
        rule_id,
        on=kind,
        holds=col("home_municipality").is_null()
        | on.is_between(col("home.valid_from"), col("home.valid_to")).fill_null(value=False),
        concerns=("home_municipality",),
        consequence=Consequence.NOTE,
        says=Text(
            nb=f"Bostedskommunen på {nb} fantes ikke på datoen det gjelder.",
            en=f"The home municipality of {en} did not exist on the day concerned.",
        ),
        remedy=Text(
            nb="La uttrekket sende kommunenummeret som gjaldt den gangen, med alle fire sifrene, som 0301.",
            en="Make the export send the number that was valid then, with all four digits, such as 0301.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 4.1; SSB KLASS 131; domain § 13.1 Q36",
        examples=f"""
            | {kind.key} | {day}      | home_municipality | breaks |
            | X-1        | 2026-01-12 | 0301              |        |
            | X-2        | 2026-01-12 |                   |        |
            | X-3        | 2026-01-12 | 301               | yes    |
            | X-4        | 2017-12-31 | 1601              |        |
            | X-5        | 2018-01-01 | 1601              | yes    |
            | X-6        | 2017-12-31 | 5001              | yes    |
            | X-7        | 2018-01-01 | 5001              |        |
        """,
    )


def _home_known(rule_id: str, kind: RecordType, nb: str, en: str) -> Rule:
    """9999 is allowed on every day, as a word for unknown (list 3402), so the rules above are silent about it."""
    return Rule(
        rule_id,
        on=kind,
        holds=col("home_municipality") != UNKNOWN_MUNICIPALITY,
        concerns=("home_municipality",),
        consequence=Consequence.NOTE,
        says=Text(
            nb=f"Bostedskommunen på {nb} er oppgitt som ukjent.",
            en=f"The home municipality of {en} is given as unknown.",
        ),
        remedy=Text(
            nb="Finn ut hvor personen bodde, og rett bostedet. En kommune med nummer 9999 finnes ikke.",
            en="Find out where the person lived, and correct the home. There is no municipality with number 9999.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 4.1; list 3402; domain § 9",
        examples=f"""
            | {kind.key} | home_municipality | breaks |
            | X-1        | 0301              |        |
            | X-2        |                   |        |
            | X-3        | 9999              | yes    |
            | X-4        | 2111              |        |
        """,
    )


RULES = (
    _number_inside("KTT-ID-01", RECIPIENT, "local_person_id", "Den lokale person-ID-en", "The local person id"),
    _number_inside("KTT-ID-02", DECISION, "decision_id", "ID-en for vedtaket", "The id of the decision"),
    _number_inside("KTT-ID-03", CARE_SERVICE, "service_id", "ID-en for tjenesten", "The id of the service"),
    _number_inside(
        "KTT-ID-04", CIRCUMSTANCES, "circumstances_id", "ID-en for personopplysningene", "The id of the circumstances"
    ),
    _number_inside(
        "KTT-ID-05", ASSESSMENT, "assessment_id", "ID-en for funksjonsvurderingen", "The id of the assessment"
    ),
    _number_inside("KTT-ID-06", DIAGNOSIS, "diagnosis_id", "ID-en for diagnosen", "The id of the diagnosis"),
    _number_inside(
        "KTT-ID-07",
        DECISION,
        "original_decision_id",
        "ID-en for det opprinnelige vedtaket",
        "The id of the original decision",
    ),
    _number_inside("KTT-ID-08", DECISION, "case_id", "ID-en for saken", "The id of the case"),
    _number_inside(
        "KTT-ID-09", DECISION_LINE, "service_id", "ID-en for tjenesten i vedtaket", "The service's id in the decision"
    ),
    _number_inside(
        "KTT-ID-10", CARE_SERVICE, "decision_id", "ID-en for tjenestens vedtak", "The id of the service's decision"
    ),
    _number_inside(
        "KTT-ID-11", PAUSE, "pause_id", "ID-en for det midlertidige stoppet", "The id of the temporary stop"
    ),
    _home("KTT-BOSTED-01", DECISION, "vedtaket", "the decision"),
    _home("KTT-BOSTED-02", CARE_SERVICE, "tjenesten", "the service"),
    _home("KTT-BOSTED-03", CIRCUMSTANCES, "personopplysningene", "the circumstances"),
    _home("KTT-BOSTED-04", ASSESSMENT, "funksjonsvurderingen", "the assessment"),
    _home("KTT-BOSTED-05", DIAGNOSIS, "diagnosen", "the diagnosis"),
    _home_known("KTT-BOSTED-06", DECISION, "vedtaket", "the decision"),
    _home_known("KTT-BOSTED-07", CARE_SERVICE, "tjenesten", "the service"),
    _home_known("KTT-BOSTED-08", CIRCUMSTANCES, "personopplysningene", "the circumstances"),
    _home_known("KTT-BOSTED-09", ASSESSMENT, "funksjonsvurderingen", "the assessment"),
    _home_known("KTT-BOSTED-10", DIAGNOSIS, "diagnosen", "the diagnosis"),
    Rule(
        "KTT-ENHET-01",
        on=UNIT,
        holds=organisation_valid_column(col("organisation")),
        concerns=("organisation",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Organisasjonsnummeret til den rapporterende enheten er ikke gyldig.",
            en="The organisation number of the reporting unit is not valid.",
        ),
        remedy=Text(nb="Rett nummeret i innstillingene.", en="Correct the number in the settings."),
        cause=Cause.EXTRACTION,
        source="messages § 4, orgNr; domain § 8.3",
        examples="""
            | organisation | municipality | breaks |
            | 312000008    | 1114         |        |
            | 312000009    | 1114         | yes    |
            | 299999998    | 1114         |        |
            | 300000002    | 1114         |        |
            | 974760673    | 1114         |        |
            | 31200000     | 1114         | yes    |
            | 3120000080   | 1114         | yes    |
        """,
    ),
    Rule(
        "KTT-ENHET-02",
        on=UNIT,
        holds=col("organisation").str.head(1).is_in(["8", "9"]),
        concerns=("organisation",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Den rapporterende enheten er en testorganisasjon, men dette er produksjon.",
            en="The reporting unit is a test organisation, but this is production.",
        ),
        remedy=Text(nb="Bruk enhetens virkelige organisasjonsnummer.", en="Use the unit's real organisation number."),
        cause=Cause.EXTRACTION,
        source="domain § 8.3: real numbers start with 8 or 9",
        production=True,
        examples="""
            | organisation | municipality | breaks |
            | 974760673    | 1114         |        |
            | 312000008    | 1114         | yes    |
        """,
    ),
    Rule(
        "KTT-ENHET-03",
        on=UNIT,
        holds=col("unit.in_use"),
        concerns=("municipality",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Kommunenummeret er ikke i bruk i dag.",
            en="The municipality number is not in use today.",
        ),
        remedy=Text(
            nb="Send kommunenummeret som gjelder i dag. Kommunen kan ha fått nytt nummer eller blitt "
            "slått sammen med en annen.",
            en="Send the number that is valid today. The municipality may have got a new number or "
            "merged with another.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 4, kommuneNr: today's number; SSB KLASS 131",
        examples="""
            | organisation | municipality | breaks |
            | 312000008    | 1114         |        |
            | 312000008    | 1601         | yes    |
            | 312000008    | 0000         | yes    |
        """,
    ),
    Rule(
        "KTT-ENHET-04",
        on=UNIT,
        holds=col("district").is_null() | col("municipality").is_in(["0301", "1103", "4601", "5001"]),
        concerns=("district",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Kommunen har ikke bydeler, men bydel er oppgitt.",
            en="The municipality has no districts, but one is given.",
        ),
        remedy=Text(nb="Fjern bydelen fra innstillingene.", en="Remove the district from the settings."),
        cause=Cause.EXTRACTION,
        source="domain § 9: Oslo, Stavanger, Bergen and Trondheim have districts",
        examples="""
            | organisation | municipality | district | breaks |
            | 312000008    | 0301         | 03       |        |
            | 312000008    | 1114         |          |        |
            | 312000008    | 1114         | 01       | yes    |
        """,
    ),
)
