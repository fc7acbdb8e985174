"""Provider periods and pauses inside a service."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.number_columns import organisation_valid_column
from ktt.domain.records import PAUSE, PROVIDER_PERIOD
from ktt.rules.rule import Cause, Consequence, Rule, col

_inside_service = (col("starts_on") >= col("service.starts_on")) & (
    col("service.ends_on").is_null() | (col("ends_on") <= col("service.ends_on")).fill_null(value=False)
)

RULES = (
    Rule(
        "KTT-UTFORER-01",
        on=PROVIDER_PERIOD,
        holds=organisation_valid_column(col("provider")),
        concerns=("provider",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Organisasjonsnummeret til utføreren er ikke gyldig.",
            en="The provider's organisation number is not valid.",
        ),
        remedy=Text(
            nb="Finn enhetens nummer i Enhetsregisteret og rett det i EPJ.",
            en="Look the unit's number up in Enhetsregisteret and correct it in the EPJ.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 8.3: nine digits, weights 3 2 7 6 5 4 3 2, modulo 11; § 13.1 Q11",
        examples="""
            | service_id | provider  | breaks |
            | T-1        | 312000113 |        |
            | T-2        | 312000114 | yes    |
            | T-3        | 31200011  | yes    |
            | T-4        | 31200011A | yes    |
            | T-5        | 299999998 |        |
            | T-6        | 300000002 |        |
            | T-7        | 974760673 |        |
            | T-8        | 3120001130 | yes   |
        """,
    ),
    Rule(
        "KTT-UTFORER-02",
        on=PROVIDER_PERIOD,
        holds=col("starts_on") <= col("ends_on"),
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Utførerperioden slutter før den starter.", en="The provider period ends before it starts."),
        remedy=Text(
            nb="Rett fra- eller til-datoen for utføreren.", en="Correct the start or end date of the provider."
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 6",
        examples="""
            | service_id | starts_on  | ends_on    | breaks |
            | T-1        | 2026-01-12 | 2026-01-12 |        |
            | T-1        | 2026-01-13 |            |        |
            | T-2        | 2026-01-12 | 2026-01-11 | yes    |
        """,
    ),
    Rule(
        "KTT-UTFORER-03",
        on=PROVIDER_PERIOD,
        holds=col("earlier.ends_on") < col("starts_on"),
        concerns=("starts_on",),
        consequence=Consequence.NOTE,
        says=Text(nb="To utførere har overlappende perioder.", en="Two providers have overlapping periods."),
        remedy=Text(
            nb="Avslutt den første utføreren dagen før den neste tar over.",
            en="End the first provider the day before the next takes over.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 7; domain § 13.1 Q33",
        examples="""
            | service_id | provider  | starts_on  | ends_on    | breaks |
            | T-1        | 312000113 | 2026-01-12 | 2026-01-17 |        |
            | T-1        | 312000229 | 2026-01-18 |            |        |
            | T-2        | 312000113 | 2026-01-12 |            |        |
            | T-2        | 312000229 | 2026-01-18 |            | yes    |
            | T-3        | 312000113 | 2026-01-12 | 2026-01-17 |        |
            | T-3        | 312000229 | 2026-01-17 |            | yes    |
        """,
    ),
    Rule(
        "KTT-UTFORER-04",
        on=PROVIDER_PERIOD,
        holds=col("starts_on") <= col("earlier.ends_on") + pl.duration(days=1),
        concerns=("starts_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Det er dager uten utfører mellom to utførerperioder.",
            en="There are days without a provider between two provider periods.",
        ),
        remedy=Text(
            nb="Rett datoene, slik at periodene følger hverandre uten hull.",
            en="Correct the dates so that the periods follow each other without a gap.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 7.10 no. 5, § 13.1 Q33",
        examples="""
            | service_id | provider  | starts_on  | ends_on    | breaks |
            | T-1        | 312000113 | 2026-01-12 | 2026-01-17 |        |
            | T-1        | 312000229 | 2026-01-18 |            |        |
            | T-2        | 312000113 | 2026-01-12 | 2026-01-17 |        |
            | T-2        | 312000229 | 2026-01-19 |            | yes    |
        """,
    ),
    Rule(
        "KTT-UTFORER-05",
        on=PROVIDER_PERIOD,
        holds=_inside_service,
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Utførerperioden begynner før tjenesten eller varer lenger enn den.",
            en="The provider period begins before the service or lasts longer than it.",
        ),
        remedy=Text(
            nb="Rett datoene, slik at utføreren starter og slutter innenfor tjenestens periode.",
            en="Correct the dates so that the provider starts and ends inside the service's period.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 7",
        examples="""
            | service_id | starts_on  | ends_on    | breaks |
            | T-1        | 2026-01-12 | 2026-01-31 |        |
            | T-2        | 2026-01-11 | 2026-01-31 | yes    |
            | T-3        | 2026-01-12 |            | yes    |
            | T-4        | 2026-01-12 | 2026-02-01 | yes    |
            | T-5        | 2026-01-12 |            |        |
            care_service
            | service_id | starts_on  | ends_on    |
            | T-1        | 2026-01-12 | 2026-01-31 |
            | T-2        | 2026-01-12 | 2026-01-31 |
            | T-3        | 2026-01-12 | 2026-01-31 |
            | T-4        | 2026-01-12 | 2026-01-31 |
            | T-5        | 2026-01-12 |            |
        """,
    ),
    Rule(
        "KTT-UTFORER-06",
        on=PROVIDER_PERIOD,
        holds=col("provider").str.head(1).is_in(["8", "9"]),
        concerns=("provider",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Utføreren er en testorganisasjon, men dette er produksjon.",
            en="The provider is a test organisation, but this is production.",
        ),
        remedy=Text(
            nb="Registrer organisasjonsnummeret til den virkelige enheten.",
            en="Register the organisation number of the real unit.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 8.3: real numbers start with 8 or 9, synthetic ones with 2 or 3",
        production=True,
        examples="""
            | service_id | provider  | breaks |
            | T-1        | 974760673 |        |
            | T-2        | 312000113 | yes    |
        """,
    ),
    Rule(
        "KTT-UTFORER-07",
        on=PROVIDER_PERIOD,
        holds=pl.len().over("service_id") <= 200,
        concerns=("service_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Tjenesten har mer enn 200 utførerperioder.", en="The service has more than 200 provider periods."
        ),
        remedy=Text(
            nb="Kontroller om uttrekket sender vakter eller besøk i stedet for perioder.",
            en="Check whether the export sends shifts or visits instead of periods.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.2, utforer 0–200",
        examples="""
            | service_id | provider  | breaks |
            | T-1        | 312000113 |        |
            """
        + "\n".join("            | T-2        | 312000113 | yes    |" for _ in range(201))
        + "\n"
        + "\n".join("            | T-3        | 312000113 |        |" for _ in range(200)),
    ),
    Rule(
        "KTT-STOPP-01",
        on=PAUSE,
        holds=col("starts_on") <= col("ends_on"),
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Det midlertidige stoppet slutter før det starter.", en="The pause ends before it starts."),
        remedy=Text(nb="Rett fra- eller til-datoen for stoppet.", en="Correct the start or end date of the pause."),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 6; domain § 13.1 Q03",
        examples="""
            | service_id | pause_id | starts_on  | ends_on    | breaks |
            | T-1        | S-1      | 2026-01-12 | 2026-01-12 |        |
            | T-1        | S-2      | 2026-02-12 |            |        |
            | T-1        | S-3      | 2026-01-20 | 2026-01-19 | yes    |
        """,
    ),
    Rule(
        "KTT-STOPP-02",
        on=PAUSE,
        holds=_inside_service,
        concerns=("starts_on", "ends_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Det midlertidige stoppet ligger utenfor tjenesten.", en="The pause lies outside the service."),
        remedy=Text(
            nb="Rett datoene, slik at stoppet ligger innenfor tjenestens periode.",
            en="Correct the dates so that the pause lies inside the service's period.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 8; domain § 13.1 Q32",
        examples="""
            | service_id | pause_id | starts_on  | ends_on    | breaks |
            | T-1        | S-1      | 2026-01-15 | 2026-01-20 |        |
            | T-1        | S-2      | 2026-01-10 | 2026-01-11 | yes    |
            | T-1        | S-3      | 2026-01-25 |            | yes    |
            | T-1        | S-4      | 2026-01-12 | 2026-01-31 |        |
            | T-1        | S-5      | 2026-01-11 | 2026-01-31 | yes    |
            | T-1        | S-6      | 2026-01-12 | 2026-02-01 | yes    |
            | T-2        | S-7      | 2026-01-25 |            |        |
            care_service
            | service_id | starts_on  | ends_on    |
            | T-1        | 2026-01-12 | 2026-01-31 |
            | T-2        | 2026-01-12 |            |
        """,
    ),
    Rule(
        "KTT-STOPP-03",
        on=PAUSE,
        holds=col("earlier.ends_on") < col("starts_on"),
        concerns=("starts_on",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="To midlertidige stopp i samme tjeneste overlapper hverandre.",
            en="Two pauses of the same service overlap.",
        ),
        remedy=Text(
            nb="Slå dem sammen til ett stopp, eller rett datoene.",
            en="Merge them into one pause, or correct the dates.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 6 no. 8; domain § 13.1 Q32",
        examples="""
            | service_id | pause_id | starts_on  | ends_on    | breaks |
            | T-1        | S-1      | 2026-01-15 | 2026-01-20 |        |
            | T-1        | S-2      | 2026-01-21 | 2026-01-25 |        |
            | T-1        | S-3      | 2026-01-25 | 2026-01-28 | yes    |
        """,
    ),
    Rule(
        "KTT-STOPP-04",
        on=PAUSE,
        holds=pl.len().over("service_id", "pause_id") == 1,
        concerns=("pause_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="To stopp i samme tjeneste har samme ID.", en="Two pauses of the same service have the same id."),
        remedy=Text(nb="Gi hvert stopp sin egen ID i uttrekket.", en="Give each pause an id of its own in the export."),
        cause=Cause.EXTRACTION,
        source="messages § 5.2, midlertidigStoppId unique in the array",
        examples="""
            | service_id | pause_id | starts_on  | ends_on    | breaks |
            | T-1        | S-1      | 2026-01-15 | 2026-01-20 |        |
            | T-2        | S-1      | 2026-01-15 | 2026-01-20 |        |
            | T-3        | S-3      | 2026-01-15 | 2026-01-16 | yes    |
            | T-3        | S-3      | 2026-01-20 | 2026-01-21 | yes    |
        """,
    ),
    Rule(
        "KTT-STOPP-05",
        on=PAUSE,
        holds=col("ends_on").is_not_null() | (col("starts_on") >= col("today").dt.offset_by("-1y")),
        concerns=("ends_on",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten har vært midlertidig stoppet i mer enn ett år.",
            en="The service has been paused for more than a year.",
        ),
        remedy=Text(
            nb="Avslutt tjenesten hvis personen ikke skal ha den lenger, eller avslutt stoppet hvis "
            "tjenesten er i gang igjen.",
            en="End the service if the person is not to have it any longer, or end the pause if the "
            "service is running again.",
        ),
        cause=Cause.REGISTRATION,
        source="ours: a temporary stop of a year is seldom temporary",
        examples="""
            | service_id | pause_id | starts_on  | ends_on    | breaks |
            | T-1        | S-1      | 2026-01-15 |            |        |
            | T-1        | S-2      | 2024-01-15 | 2024-02-20 |        |
            | T-1        | S-3      | 2024-06-15 |            | yes    |
            | T-1        | S-4      | 2025-03-02 |            |        |
            | T-1        | S-5      | 2025-03-01 |            | yes    |
        """,
    ),
    Rule(
        "KTT-STOPP-06",
        on=PAUSE,
        holds=col("starts_on") <= col("today"),
        concerns=("starts_on",),
        consequence=Consequence.NOTE,
        says=Text(nb="Det midlertidige stoppet starter fram i tid.", en="The pause starts in the future."),
        remedy=Text(
            nb="Send stoppet når det har begynt, eller rett datoen.",
            en="Send the pause once it has begun, or correct the date.",
        ),
        cause=Cause.EXTRACTION,
        source="HIS 1135:2021: a stop is reported when it begins",
        examples="""
            | service_id | pause_id | starts_on  | breaks |
            | T-1        | S-1      | 2026-03-02 |        |
            | T-1        | S-2      | 2026-03-20 | yes    |
        """,
    ),
    Rule(
        "KTT-STOPP-07",
        on=PAUSE,
        holds=pl.len().over("service_id") <= 500,
        concerns=("service_id",),
        consequence=Consequence.DROP_RECORD,
        says=Text(nb="Tjenesten har mer enn 500 midlertidige stopp.", en="The service has more than 500 pauses."),
        remedy=Text(
            nb="Kontroller om uttrekket sender enkeltbesøk i stedet for stopp.",
            en="Check whether the export sends single visits instead of pauses.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 5.2, midlertidigStopp 0–500",
        examples="""
            | service_id | pause_id | breaks |
            | T-1        | S-1      |        |
            """
        + "\n".join(f"            | T-2        | S-{n}     | yes    |" for n in range(501))
        + "\n"
        + "\n".join(f"            | T-3        | S-{n}     |        |" for n in range(500)),
    ),
)
