"""Every code: in its list, and valid on the record's own date (messages § 6 no. 11; domain § 13.1 Q08, Q09)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import CARE_SERVICE, CIRCUMSTANCES, DECISION_LINE, NUTRITION, PARTICIPATION, SCORE
from ktt.domain.schema import RecordType
from ktt.rules.expressions import code_valid
from ktt.rules.rule import Cause, Consequence, Rule, col


@dataclass(frozen=True, slots=True)
class _Coded:
    """One coded column: its words, a code of the list, one that is not, and the IPLOS 3.7 field it answers to."""

    rule_id: str
    kind: RecordType
    column: str
    nb: str
    en: str
    good: str
    bad: str
    field: str
    list_id: str = ""
    day: str = "starts_on"
    extra: tuple[str, str] = ("", "")  # further columns of the example: heading and cells

    def rule(self) -> Rule:
        declared = self.kind.column(self.column)
        list_id = self.list_id or str(declared.code_list)
        heading, cells = self.extra
        on_the_day = Text(nb=" på datoen det gjelder", en=" on the date concerned") if self.day else Text(nb="", en="")
        return Rule(
            self.rule_id,
            on=self.kind,
            holds=code_valid(self.column, list_id, col(self.day) if self.day else None),
            concerns=(self.column,),
            consequence=Consequence.DROP_RECORD if declared.required else Consequence.CLEAR_FIELD,
            says=Text(
                nb=f"Koden for {self.nb} er ikke gyldig i Volven {list_id}{on_the_day.nb}.",
                en=f"The code for {self.en} is not valid in Volven {list_id}{on_the_day.en}.",
            ),
            remedy=Text(
                nb=f"Koble den lokale koden til en kode som er gyldig i Volven {list_id}, eller rett verdien i EPJ.",
                en=f"Map the local code to a code that is valid in Volven {list_id}, or correct the value in the EPJ.",
            ),
            cause=Cause.CODE_MAPPING,
            source=f"IPLOS 3.7, {self.field}, list {list_id}",
            examples=f"""
                | {self.kind.parent_key or self.kind.key} | {heading}{self.column} | breaks |
                | X-1 | {cells}{self.good} |     |
                | X-2 | {cells}{self.bad} | yes |
            """,
        )


_SET = "circumstances.starts_on"
_ASSISTANCE, _TRANSPORT = ["1", "3"], ["2", "4"]


def _receives(rule_id: str, kinds: list[str], list_id: str, nb: str, en: str) -> Rule:
    other = "2" if kinds == _ASSISTANCE else "1"
    return Rule(
        rule_id,
        on=PARTICIPATION,
        holds=~col("participation_type").is_in(kinds) | code_valid("receives", list_id, col(_SET)),
        concerns=("receives",),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb=f"Koden for {nb} er ikke gyldig i Volven {list_id} på datoen det gjelder.",
            en=f"The code for {en} is not valid in Volven {list_id} on the date concerned.",
        ),
        remedy=Text(
            nb=f"Koble den lokale koden til en kode som er gyldig i Volven {list_id}.",
            en=f"Map the local code to a code that is valid in Volven {list_id}.",
        ),
        cause=Cause.CODE_MAPPING,
        source=f"IPLOS 3.7, po…Mottar, list {list_id}",
        examples=f"""
            | circumstances_id | participation_type | need | receives | breaks |
            | PO-1             | {kinds[0]}         | 1    | 2        |        |
            | PO-1             | {kinds[1]}         | 1    | 7        | yes    |
            | PO-1             | {other}            | 1    | 7        |        |
        """,
    )


CODED = (
    _Coded(
        "KTT-KODE-01",
        CARE_SERVICE,
        "service_type",
        "tjenestetype",
        "the service type",
        "15",
        "10",
        "tjTjenType",
        day="",
    ),
    _Coded(
        "KTT-KODE-02",
        DECISION_LINE,
        "service_type",
        "tjenestetype i vedtaket",
        "the decided service type",
        "15",
        "10",
        "tjTjenType",
        day="",
        extra=("service_id | ", "T-1 | "),
    ),
    _Coded(
        "KTT-KODE-03",
        DECISION_LINE,
        "outcome",
        "utfallet av vedtaket",
        "the decision's outcome",
        "2",
        "3",
        "tjVedtak",
        day="decision.own_date",
    ),
    _Coded(
        "KTT-KODE-04",
        DECISION_LINE,
        "rotating",
        "rullerende",
        "rotating",
        "1",
        "9",
        "tjRullerende",
        day="decision.own_date",
    ),
    _Coded("KTT-KODE-05", CIRCUMSTANCES, "household", "husstand", "the household", "2", "4", "poHusstand"),
    _Coded(
        "KTT-KODE-06",
        CIRCUMSTANCES,
        "cares_for_children",
        "omsorg for barn",
        "care for children",
        "1",
        "9",
        "poOmsorgBarn",
    ),
    _Coded(
        "KTT-KODE-07",
        CIRCUMSTANCES,
        "suitable_dwelling",
        "egnet bolig",
        "suitable dwelling",
        "1",
        "3",
        "poBoligTilr",
    ),
    _Coded("KTT-KODE-08", CIRCUMSTANCES, "private_help", "privat hjelp", "private help", "6", "7", "poPrivHjelp"),
    _Coded(
        "KTT-KODE-09",
        CIRCUMSTANCES,
        "individual_plan",
        "individuell plan",
        "the individual plan",
        "1",
        "5",
        "poIndPlan",
    ),
    _Coded(
        "KTT-KODE-10", CIRCUMSTANCES, "coordinator", "koordinator", "the coordinator", "1", "11", "poHarKoordinator"
    ),
    _Coded(
        "KTT-KODE-11",
        CIRCUMSTANCES,
        "medication_review",
        "legemiddelgjennomgang",
        "the medication review",
        "2",
        "9",
        "poLegeMiddGj",
    ),
    _Coded("KTT-KODE-12", CIRCUMSTANCES, "waiting_list", "venteliste", "the waiting list", "1", "9", "poVenteliste"),
    _Coded("KTT-KODE-13", CIRCUMSTANCES, "habilitation", "habilitering", "the habilitation", "2", "9", "poHab"),
    _Coded(
        "KTT-KODE-14",
        PARTICIPATION,
        "participation_type",
        "type samfunnsdeltakelse",
        "the kind of participation",
        "4",
        "5",
        "typeBistand (XPR 53.1.3)",
        day=_SET,
    ),
    _Coded(
        "KTT-KODE-15",
        PARTICIPATION,
        "need",
        "behov for bistand",
        "the need for assistance",
        "9",
        "3",
        "po…Behov",
        day=_SET,
    ),
    _Coded(
        "KTT-KODE-16",
        NUTRITION,
        "nutrition_type",
        "type ernæringskartlegging",
        "the kind of nutrition survey",
        "3",
        "4",
        "typeKartlegging (XPR 53.1.3)",
        day=_SET,
    ),
    _Coded(
        "KTT-KODE-17",
        NUTRITION,
        "result",
        "svaret på ernæringskartleggingen",
        "the answer to the nutrition survey",
        "2",
        "9",
        "poErnKartlagt, poErnRisiko, poErnPlan",
        day=_SET,
    ),
    _Coded(
        "KTT-KODE-18",
        SCORE,
        "variable",
        "funksjonsvariabel",
        "the function variable",
        "18",
        "19",
        "fnFunkType",
        day="assessment.assessed_on",
    ),
)

RULES = (
    *(coded.rule() for coded in CODED),
    _receives("KTT-KODE-19", _ASSISTANCE, "9338", "mottatt bistand", "the assistance received"),
    _receives("KTT-KODE-20", _TRANSPORT, "9340", "mottatt transport", "the transport received"),
    Rule(
        "KTT-KODE-21",
        on=CARE_SERVICE,
        holds=~col("service_type").is_in(["12", "13", "16"]) | (col("starts_on") <= pl.date(2018, 12, 31)),
        concerns=("service_type", "starts_on"),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Tjenesten har type 12, 13 eller 16, som gikk ut etter 2018.",
            en="The service has type 12, 13 or 16, which ended after 2018.",
        ),
        remedy=Text(
            nb="Bruk type 29 for bolig. Habilitering og rehabilitering føres i personopplysningene.",
            en="Use type 29 for housing. Habilitation and rehabilitation are entered in the circumstances.",
        ),
        cause=Cause.CODE_MAPPING,
        source="domain § 5; § 13.1 Q09",
        examples="""
            | service_id | service_type | starts_on  | breaks |
            | T-1        | 12           | 2018-12-31 |        |
            | T-2        | 12           | 2019-01-01 | yes    |
            | T-3        | 16           | 2020-01-01 | yes    |
            | T-4        | 29           | 2019-01-01 |        |
        """,
    ),
    Rule(
        "KTT-KODE-23",
        on=DECISION_LINE,
        holds=~col("service_type").is_in(["12", "13", "16"]) | (col("decision.own_date") <= pl.date(2018, 12, 31)),
        concerns=("service_type",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Det er fattet vedtak om tjenestetype 12, 13 eller 16 etter 2018.",
            en="There is a decision about service type 12, 13 or 16 after 2018.",
        ),
        remedy=Text(
            nb="Bruk type 29 for bolig. Habilitering og rehabilitering føres i personopplysningene.",
            en="Use type 29 for housing. Habilitation and rehabilitation are entered in the circumstances.",
        ),
        cause=Cause.CODE_MAPPING,
        source="domain § 5; § 13.1 Q09",
        examples="""
            | decision_id | service_id | service_type | breaks |
            | V-1         | T-1        | 12           |        |
            | V-2         | T-2        | 12           | yes    |
            | V-2         | T-3        | 29           |        |
            decision
            | decision_id | decided_on |
            | V-1         | 2018-12-31 |
            | V-2         | 2019-01-01 |
        """,
    ),
    Rule(
        "KTT-KODE-22",
        on=CARE_SERVICE,
        holds=~col("service_type").is_in(["27", "28", "29"]) | (col("starts_on") >= pl.date(2019, 1, 1)),
        concerns=("service_type", "starts_on"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten har type 27, 28 eller 29, men startet før 2019, da typene ikke fantes.",
            en="The service has type 27, 28 or 29 but started before 2019, when these did not exist.",
        ),
        remedy=Text(
            nb="Bruk type 12 eller 13 for bolig før 2019, eller rett startdatoen.",
            en="Use type 12 or 13 for housing before 2019, or correct the start date.",
        ),
        cause=Cause.CODE_MAPPING,
        source="domain § 5, inferred for 27 and 28; § 13.1 Q09",
        examples="""
            | service_id | service_type | starts_on  | breaks |
            | T-1        | 29           | 2019-01-01 |        |
            | T-2        | 29           | 2018-12-31 | yes    |
            | T-3        | 28           | 2017-05-01 | yes    |
            | T-4        | 15           | 2017-05-01 |        |
        """,
    ),
)
