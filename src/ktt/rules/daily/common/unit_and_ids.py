"""The reporting unit, local ids and places of residence."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.domain.number_columns import organisation_valid_column
from ktt.domain.records import ASSESSMENT, CARE_SERVICE, CIRCUMSTANCES, DECISION, DIAGNOSIS, RECIPIENT, own_date
from ktt.domain.schema import RecordType
from ktt.rules.context import UNIT
from ktt.rules.rule import Cause, Consequence, Rule, col


def _number_inside(rule_id: str, kind: RecordType, nb: str, en: str) -> Rule:
    """A local id that holds something with the form of a personal number would travel, and be logged, in the clear."""
    return Rule(
        rule_id,
        on=kind,
        holds=~col(kind.key).str.contains(r"(^|[^0-9])[0-7][0-9]{10}($|[^0-9])"),
        concerns=(kind.key,),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb=f"ID-en for {nb} ser ut til å inneholde et fødselsnummer.",
            en=f"The id of {en} seems to hold a national number.",
        ),
        remedy=Text(
            nb="La uttrekket bruke systemets egen nøkkel. En ID skal aldri bygge på fødselsnummer.",
            en="Make the export use the system's own key. An id must never be built on a national number.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 4, ids; domain § 13.1 Q40",
        examples=f"""
            | {kind.key}    | breaks |
            | X-2026-0031   |        |
            | 08844110015   | yes    |
            | X-08844110015 | yes    |
            | 08844110015-X | yes    |
            | 71844110015   | yes    |
            | 81844110015   |        |
            | 0884411001    |        |
            | 202600000031  |        |
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


RULES = (
    Rule(
        "KTT-ID-01",
        on=RECIPIENT,
        holds=~col("local_person_id").str.contains(r"(^|[^0-9])[0-7][0-9]{10}($|[^0-9])"),
        concerns=("local_person_id",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Den lokale person-ID-en ser ut til å inneholde et fødselsnummer.",
            en="The local person id seems to hold a national number.",
        ),
        remedy=Text(
            nb="La uttrekket bruke systemets egen nøkkel. En ID skal aldri bygge på fødselsnummer.",
            en="Make the export use the system's own key. An id must never be built on a national number.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 4, ids; domain § 13.1 Q40",
        examples="""
            | local_person_id | breaks |
            | 1001            |        |
            | 08844110015     | yes    |
            | P-08844110015   | yes    |
            | 08844110015-P   | yes    |
            | 71844110015     | yes    |
            | 81844110015     |        |
            | 0884411001      |        |
            | 202600000031    |        |
        """,
    ),
    _number_inside("KTT-ID-02", DECISION, "vedtaket", "the decision"),
    _number_inside("KTT-ID-03", CARE_SERVICE, "tjenesten", "the service"),
    _number_inside("KTT-ID-04", CIRCUMSTANCES, "personopplysningene", "the circumstances"),
    _number_inside("KTT-ID-05", ASSESSMENT, "funksjonsvurderingen", "the assessment"),
    _number_inside("KTT-ID-06", DIAGNOSIS, "diagnosen", "the diagnosis"),
    _home("KTT-BOSTED-01", DECISION, "vedtaket", "the decision"),
    _home("KTT-BOSTED-02", CARE_SERVICE, "tjenesten", "the service"),
    _home("KTT-BOSTED-03", CIRCUMSTANCES, "personopplysningene", "the circumstances"),
    _home("KTT-BOSTED-04", ASSESSMENT, "funksjonsvurderingen", "the assessment"),
    _home("KTT-BOSTED-05", DIAGNOSIS, "diagnosen", "the diagnosis"),
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
