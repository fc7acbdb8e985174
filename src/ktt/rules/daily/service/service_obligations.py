"""What a delivered service asks for by its type."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.domain.records import CARE_SERVICE
from ktt.rules.rule import Cause, Consequence, Rule, col

RULES = (
    Rule(
        "KTT-TJENESTE-10",
        on=CARE_SERVICE,
        holds=~col("type.needs_assessment")
        | col("ends_on").is_not_null()
        | (col("assessments.first_on").is_not_null()),
        concerns=("service_type",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen får en tjeneste der det bør gjøres en funksjonsvurdering, men ingen er registrert.",
            en="The person gets a service that calls for an assessment, but none is registered.",
        ),
        remedy=Text(nb="Gjør en funksjonsvurdering, og registrer den.", en="Make an assessment and register it."),
        cause=Cause.REGISTRATION,
        source="domain § 4.2: active service of type 1–4, 7–9, 11, 15, 17–22; § 13.1 Q20",
        needs_whole_picture=True,
        examples="""
            | service_id | local_person_id | service_type | ends_on    | breaks |
            | T-1        | P-1             | 15           |            |        |
            | T-2        | P-2             | 15           |            | yes    |
            | T-3        | P-3             | 6            |            |        |
            | T-4        | P-4             | 15           | 2026-01-31 |        |
            assessment
            | assessment_id | local_person_id |
            | F-1           | P-1             |
        """,
    ),
    Rule(
        "KTT-TJENESTE-11",
        on=CARE_SERVICE,
        holds=~col("service_type").is_in(["14", "23", "24"]),
        concerns=("service_type",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten har en av tjenestetypene for tvang (14, 23 og 24), som er utgått.",
            en="The service has one of the types for coercion (14, 23 and 24), which are withdrawn.",
        ),
        remedy=Text(
            nb="Ta tjenesten ut av uttrekket. Tvang rapporteres ikke i KTT.",
            en="Take the service out of the export. Coercion is not reported in KTT.",
        ),
        cause=Cause.CODE_MAPPING,
        source="messages § 3; domain § 13.1 Q10",
        examples="""
            | service_id | service_type | breaks |
            | T-1        | 15           |        |
            | T-2        | 14           | yes    |
            | T-3        | 23           | yes    |
            | T-4        | 24           | yes    |
        """,
    ),
    Rule(
        "KTT-TJENESTE-12",
        on=CARE_SERVICE,
        holds=(col("type.provider") != "required") | col("providers.count").is_not_null(),
        concerns=("service_id",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten mangler utfører, og tjenestetypen krever det.",
            en="The service has no provider, and its type requires one.",
        ),
        remedy=Text(
            nb="Registrer organisasjonsnummeret til enheten som utfører tjenesten.",
            en="Register the organisation number of the unit that carries the service out.",
        ),
        cause=Cause.REGISTRATION,
        source="Helsedirektoratet, spørsmål og svar om IPLOS (2015); domain § 5, § 13.1 Q12",
        examples="""
            | service_id | service_type | breaks |
            | T-1        | 15           |        |
            | T-2        | 15           | yes    |
            | T-3        | 5            |        |
            provider_period
            | service_id | provider  |
            | T-1        | 312000113 |
        """,
    ),
    Rule(
        "KTT-TJENESTE-13",
        on=CARE_SERVICE,
        holds=(col("type.provider") != "forbidden") | col("providers.count").is_null(),
        concerns=("service_id",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenestetypen skal ikke ha utfører, men utfører er oppgitt.",
            en="The service type takes no provider, but one is given.",
        ),
        remedy=Text(
            nb="Fjern utføreren. Bolig (29) og lokaliseringsteknologi (26) skal ikke ha organisasjonsnummer.",
            en="Remove the provider. Housing (29) and location technology (26) take no organisation number.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 15; domain § 13.1 Q13",
        examples="""
            | service_id | service_type | breaks |
            | T-1        | 15           |        |
            | T-2        | 29           | yes    |
            | T-3        | 29           |        |
            provider_period
            | service_id | provider  |
            | T-1        | 312000113 |
            | T-2        | 312000113 |
        """,
    ),
)
