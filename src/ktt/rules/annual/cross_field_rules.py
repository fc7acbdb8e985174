"""Rules of the annual message that the table does not make."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.codes import obligations
from ktt.domain.number_columns import organisation_valid_column
from ktt.messages.iplos_3_7.layout import layout
from ktt.rules.annual.record_types import DISTRICT_KNOWN, PLACE_KNOWN, record_types
from ktt.rules.rule import Cause, Consequence, Rule, col

_FIRST, _LAST = layout().years


def _providers(rule: str) -> list[str]:
    return obligations().filter(pl.col("provider") == rule)["service_type"].to_list()


def _organisation(rule_id: str, element: str, name: str) -> Rule:
    number = col(name).str.head(9)
    return Rule(
        rule_id,
        on=record_types()[element],
        holds=~col(name).str.contains("^[0-9]{9}0?$") | organisation_valid_column(number),
        concerns=(name,),
        consequence=Consequence.NOTE,
        says=Text(
            nb=f"Organisasjonsnummeret i {name} har feil kontrollsiffer.",
            en=f"The organisation number in {name} has a wrong check digit.",
        ),
        remedy=Text(
            nb="Finn enhetens nummer i Enhetsregisteret og rett det i EPJ.",
            en="Look the unit's number up in Enhetsregisteret and correct it in the EPJ.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 8.3: weights 3 2 7 6 5 4 3 2, modulo 11; no check is published for the annual message",
        examples=f"""
            | {name}     | breaks |
            | 312000113  |        |
            | 3120001130 |        |
            | 312000114  | yes    |
            |            |        |
        """,
    )


def _place(rule_id: str, element: str, name: str, nb: str, en: str) -> Rule:
    return Rule(
        rule_id,
        on=record_types()[element],
        holds=~col(name).str.contains("^[0-9]{4}$") | col(PLACE_KNOWN),
        concerns=(name,),
        consequence=Consequence.NOTE,
        says=Text(
            nb=f"{nb} ({name}) fantes ikke 1. januar i rapporteringsåret.",
            en=f"{en} ({name}) did not exist on 1 January of the report year.",
        ),
        remedy=Text(
            nb="Skriv det kommunenummeret som gjaldt da året begynte.",
            en="Write the municipality number that was valid when the year began.",
        ),
        cause=Cause.EXTRACTION,
        source=f"IPLOS 3.7, {element}.{name}, valid on 1 January (no active check); SSB KLASS 131",
        examples=f"""
            | {name} | breaks |
            | 0301   |        |
            | 1114   |        |
            | 1601   | yes    |
        """,
    )


def _district(rule_id: str, element: str, name: str, place: str, named: Text) -> Rule:
    return Rule(
        rule_id,
        on=record_types()[element],
        holds=~col(name).str.contains("^[0-9]{2}$") | col(DISTRICT_KNOWN),
        concerns=(name, place),
        consequence=Consequence.NOTE,
        says=Text(
            nb=f"{named.nb} ({name}) er ikke en bydel i kommunen.",
            en=f"{named.en} ({name}) is no district of the municipality.",
        ),
        remedy=Text(
            nb="Skriv 00 når kommunen ikke har bydeler, ellers bydelens nummer.",
            en="Write 00 when the municipality has no districts, otherwise the number of the district.",
        ),
        cause=Cause.EXTRACTION,
        source=f"IPLOS 3.7, {element}.{name}: 00 for none (no active check); SSB KLASS 103",
        examples=f"""
            | {place} | {name} | breaks |
            | 1114    | 00     |        |
            | 0301    | 03     |        |
            | 0301    | 77     | yes    |
            | 1114    | 03     | yes    |
        """,
    )


CROSS_RULES = (
    Rule(
        "IPLOS-IIFRADATO-AR",
        on=record_types()["INNHINFO"],
        holds=~col("iiFraDato").str.contains("^[0-9]{8}$")
        | col("iiFraDato").str.head(4).is_between(pl.lit(str(_FIRST)), pl.lit(str(_LAST))),
        concerns=("iiFraDato",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb=f"Rapporteringsåret er utenfor {_FIRST}–{_LAST}, som IPLOS 3.7 gjelder for.",
            en=f"The report year is outside {_FIRST}–{_LAST}, for which IPLOS 3.7 is used.",
        ),
        remedy=Text(
            nb=f"Data for år etter {_LAST} sendes daglig som KTT-meldinger, ikke som årsmelding.",
            en=f"Data for years after {_LAST} are sent daily as KTT messages, not as an annual message.",
        ),
        cause=Cause.EXTRACTION,
        source="Helsedirektoratet and FHI guidance: used for report years 2019 to 2025; consequence ours",
        examples="""
            | iiFraDato | breaks |
            | 20190101  |        |
            | 20250101  |        |
            | 20260101  | yes    |
            | 20180101  | yes    |
        """,
    ),
    _place("IPLOS-IIKOMNR-GYLDIG", "INNHINFO", "iiKomnr", "Kommunen som sender", "The sending municipality"),
    _place("IPLOS-PEKOMNR-GYLDIG", "PERSON", "peKomnr", "Bostedskommunen", "The home municipality"),
    _district(
        "IPLOS-IIBYDELSNR-GYLDIG",
        "INNHINFO",
        "iiBydelsnr",
        "iiKomnr",
        Text("Bydelen som sender", "The sending district"),
    ),
    _district(
        "IPLOS-PEBYDELSNR-GYLDIG", "PERSON", "peBydelsnr", "peKomnr", Text("Bostedsbydelen", "The home district")
    ),
    _organisation("IPLOS-TJINSTORGNR-SIFFER", "TJENESTE", "tjInstOrgnr"),
    _organisation("IPLOS-DGINSTORGNR-SIFFER", "DOGNTILBUD", "dgInstOrgnr"),
    Rule(
        "IPLOS-TJINSTORGNR-MANGLER",
        on=record_types()["TJENESTE"],
        holds=~col("tjTjenType").is_in(_providers("required"))
        | col("tjFraDato").is_null()
        | col("tjInstOrgnr").fill_null("").str.len_bytes().gt(0),
        concerns=("tjInstOrgnr",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenesten er i gang, men organisasjonsnummeret til utføreren mangler.",
            en="The service has started, but the provider's organisation number is missing.",
        ),
        remedy=Text(
            nb="Registrer utføreren på tjenesten i EPJ.", en="Register the provider of the service in the EPJ."
        ),
        cause=Cause.REGISTRATION,
        source="Helsedirektoratet, questions and answers on IPLOS (2015); may have changed, so noted",
        examples="""
            | tjTjenType | tjFraDato | tjInstOrgnr | breaks |
            | 15         | 20250112  | 312000113   |        |
            | 15         |           |             |        |
            | 12         | 20250112  |             |        |
            | 15         | 20250112  |             | yes    |
        """,
    ),
    Rule(
        "IPLOS-TJINSTORGNR-UTEN",
        on=record_types()["TJENESTE"],
        holds=~col("tjTjenType").is_in(_providers("forbidden")) | col("tjInstOrgnr").is_null(),
        concerns=("tjInstOrgnr",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Tjenestetypen skal ikke ha organisasjonsnummer for utfører.",
            en="The service type should have no organisation number of a provider.",
        ),
        remedy=Text(
            nb="La uttrekket utelate nummeret for denne typen.", en="Make the export leave it out for this type."
        ),
        cause=Cause.EXTRACTION,
        source="Helsedirektoratet, questions and answers on IPLOS (2015); may have changed, so noted",
        examples="""
            | tjTjenType | tjInstOrgnr | breaks |
            | 15         | 312000113   |        |
            | 29         |             |        |
            | 29         | 312000113   | yes    |
        """,
    ),
    Rule(
        "IPLOS-TJENESTE-AVSLAG",
        on=record_types()["TJENESTE"],
        holds=(col("tjVedtak") != "1") | col("tjFraDato").is_null(),
        concerns=("tjVedtak", "tjFraDato"),
        consequence=Consequence.NOTE,
        says=Text(nb="Tjenesten er avslått, men har startet.", en="The service was refused but has started."),
        remedy=Text(
            nb="Rett resultatet av vedtaket, eller fjern startdatoen.",
            en="Correct the outcome of the decision, or remove the start date.",
        ),
        cause=Cause.REGISTRATION,
        source="IPLOS 3.7, what a row can mean: a refusal has no tjFraDato; consequence ours",
        examples="""
            | tjVedtak | tjFraDato | breaks |
            | 2        | 20250112  |        |
            | 1        |           |        |
            | 1        | 20250112  | yes    |
        """,
    ),
    Rule(
        "IPLOS-TJVENRID-UTEN",
        on=record_types()["TJENESTE"],
        holds=col("tjVeNrID").is_null() | (col("tjVeID").is_not_null() & (col("tjVeNrID") != "0")),
        concerns=("tjVeNrID", "tjVeID"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Vedtaksnummeret (tjVeNrID) står uten vedtaks-ID (tjVeID), eller er 0.",
            en="The decision number (tjVeNrID) stands without a decision id (tjVeID), or is 0.",
        ),
        remedy=Text(
            nb="Det første vedtaket er nummer 1, og en forlengelse har samme tjVeID og neste nummer.",
            en="The first decision is number 1, and an extension has the same tjVeID and the next number.",
        ),
        cause=Cause.EXTRACTION,
        source="IPLOS 3.7, TJENESTE.tjVeNrID, condition; no consequence published",
        examples="""
            | tjVeID | tjVeNrID | breaks |
            | 55     | 1        |        |
            | 55     |          |        |
            |        | 2        | yes    |
            | 55     | 0        | yes    |
        """,
    ),
)
