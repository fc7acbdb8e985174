"""Who the person is, and who reports: numbers, check digits, test persons, places."""

from __future__ import annotations

import polars as pl

from ktt.domain.records import RECIPIENT
from ktt.text import Text
from ktt.validation.rule import Cause, Consequence, Rule, col

_number = col("person_number")


RULES = (
    Rule(
        "KTT-PERSON-01",
        on=RECIPIENT,
        # A DUF number has no published check digits: KTT-PERSON-11 judges those.
        holds=_number.is_null() | col("number.valid") | (col("number.kind") == "duf"),
        concerns=("person_number",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Kontrollsifrene i personnummeret stemmer ikke.", en="The check digits of the person's number are wrong."
        ),
        remedy=Text(
            nb="Slå opp personen i Folkeregisteret og rett nummeret i EPJ.",
            en="Look the person up in the population register and correct the number.",
        ),
        cause=Cause.REGISTRATION,
        source="Skatteetaten, fødselsnummer; domain § 8.2, § 13.1 Q24",
        examples="""
            | local_person_id | person_number | person_number_kind | breaks |
            | P-1             | 08844110015   | national           |        |
            | P-2             | 08844110016   | national           | yes    |
            | P-3             | 55838703266   | d                  |        |
            | P-4             | 55838703267   | d                  | yes    |
            | P-5             |               |                    |        |
            | P-6             | 102300004711  | duf                |        |
        """,
    ),
    Rule(
        "KTT-PERSON-02",
        on=RECIPIENT,
        holds=_number.is_not_null(),
        concerns=("person_number",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen har verken fødselsnummer, D-nummer eller DUF-nummer.",
            en="The person has neither national number, D-number nor DUF number.",
        ),
        remedy=Text(
            nb="Finn riktig nummer og registrer det. Uten nummer får personen ingen plass i statistikken.",
            en="Find the right number and register it. Without one the person has no place in the statistics.",
        ),
        cause=Cause.REGISTRATION,
        source="HIS 1135:2021; domain § 13.1 Q23",
        examples="""
            | local_person_id | person_number | breaks |
            | P-1             | 08844110015   |        |
            | P-2             |               | yes    |
        """,
    ),
    Rule(
        "KTT-PERSON-03",
        on=RECIPIENT,
        holds=_number.is_null() | ~col("number.kind").is_in(["h", "fh", "other"]),
        concerns=("person_number",),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(
            nb="Nummeret er et hjelpenummer og gir ingen identitet i registeret.",
            en="The number is an emergency number and gives no identity in the register.",
        ),
        remedy=Text(
            nb="Registrer fødselsnummer eller D-nummer når personen har fått det.",
            en="Register the national number or D-number once the person has one.",
        ),
        cause=Cause.REGISTRATION,
        source="ktt-messages § 4.1: H and FH numbers are never sent; HIS 1135:2021",
        examples="""
            | local_person_id | person_number | breaks |
            | P-1             | 08844110015   |        |
            | P-2             | 81234567802   | yes    |
        """,
    ),
    Rule(
        "KTT-PERSON-04",
        on=RECIPIENT,
        holds=_number.is_null() | ~col("number.synthetic").fill_null(value=False),
        concerns=("person_number",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Personen er en testperson, og dette er produksjon.",
            en="The person is a test person, and this is production.",
        ),
        remedy=Text(nb="Ta testpersonen ut av uttrekket.", en="Take the test person out of the export."),
        cause=Cause.REGISTRATION,
        source="ktt-messages § 4.1, § 6 no. 16; domain § 13.1 Q26",
        production=True,
        examples="""
            | local_person_id | person_number | breaks |
            | P-1             |               |        |
            | P-2             | 08844110015   | yes    |
        """,
    ),
    Rule(
        "KTT-PERSON-05",
        on=RECIPIENT,
        holds=_number.is_null() | col("number.synthetic") | ~col("number.kind").is_in(["national", "d"]),
        concerns=("person_number",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Nummeret er ikke syntetisk, og dette er et testmiljø.",
            en="The number is not synthetic, and this is a test environment.",
        ),
        remedy=Text(
            nb="Stopp. Virkelige personer skal aldri inn i test. Bruk syntetiske personer, og meld avviket.",
            en="Stop. Real people never belong in test. Use synthetic ones, and report the incident.",
        ),
        cause=Cause.EXTRACTION,
        source="ktt-messages § 4.1: in test only synthetic numbers are accepted",
        production=False,
        examples="""
            | local_person_id | person_number | breaks |
            | P-1             | 08844110015   |        |
            | P-2             | 02013299997   | yes    |
            | P-3             |               |        |
        """,
    ),
    Rule(
        "KTT-PERSON-06",
        on=RECIPIENT,
        holds=_number.is_null() | (pl.len().over("person_number") == 1),
        concerns=("person_number", "local_person_id"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="To lokale personer har samme nummer.",
            en="Two local persons have the same number.",
        ),
        remedy=Text(nb="Slå de to journalene sammen i EPJ.", en="Merge the two records in the EPJ."),
        cause=Cause.REGISTRATION,
        source="domain § 13.1 Q37",
        examples="""
            | local_person_id | person_number | breaks |
            | P-1             | 08844110015   |        |
            | P-2             | 23915820158   | yes    |
            | P-3             | 23915820158   | yes    |
            | P-4             |               |        |
            | P-5             |               |        |
        """,
    ),
    Rule(
        "KTT-PERSON-07",
        on=RECIPIENT,
        holds=pl.len().over("local_person_id") == 1,
        concerns=("local_person_id",),
        consequence=Consequence.REJECT_MESSAGE,
        says=Text(
            nb="Samme lokale person er oppgitt med ulike personopplysninger i meldingen.",
            en="The same local person is given with differing facts in the message.",
        ),
        remedy=Text(
            nb="La uttrekket lese personen fra ett sted.", en="Make the export read the person from one place."
        ),
        cause=Cause.EXTRACTION,
        source="domain § 7.2: identity never depends on content",
        examples="""
            | local_person_id | person_number | breaks |
            | P-1             | 08844110015   |        |
            | P-2             | 23915820158   | yes    |
            | P-2             |               | yes    |
        """,
    ),
    Rule(
        "KTT-PERSON-08",
        on=RECIPIENT,
        holds=col("died_on") <= col("today"),
        concerns=("died_on",),
        consequence=Consequence.CLEAR_FIELD,
        says=Text(nb="Dødsdatoen ligger fram i tid.", en="The date of death lies in the future."),
        remedy=Text(nb="Rett dødsdatoen i EPJ.", en="Correct the date of death in the EPJ."),
        cause=Cause.REGISTRATION,
        source="ours, after domain § 13.1 Q04",
        examples="""
            | local_person_id | died_on    | breaks |
            | P-1             | 2026-03-02 |        |
            | P-2             |            |        |
            | P-3             | 2026-03-03 | yes    |
        """,
    ),
    Rule(
        "KTT-PERSON-09",
        on=RECIPIENT,
        holds=col("died_on") >= col("number.born_on"),
        concerns=("died_on", "person_number"),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen døde før hen ble født, etter nummeret å dømme.",
            en="By the number, the person died before being born.",
        ),
        remedy=Text(nb="Rett dødsdatoen eller nummeret.", en="Correct the date of death or the number."),
        cause=Cause.REGISTRATION,
        source="domain § 8.2: birth date in the number; § 13.1 Q25",
        examples="""
            | local_person_id | person_number | died_on    | breaks |
            | P-1             | 08844110015   | 2026-01-31 |        |
            | P-2             | 08844110015   | 1931-01-31 | yes    |
            | P-3             |               | 1931-01-31 |        |
        """,
    ),
    Rule(
        "KTT-PERSON-10",
        on=RECIPIENT,
        holds=col("number.born_on") >= col("today").dt.offset_by("-115y"),
        concerns=("person_number",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="Personen er mer enn 115 år gammel etter nummeret.",
            en="By the number, the person is more than 115 years old.",
        ),
        remedy=Text(
            nb="Se om nummeret er rett, og om dødsdatoen mangler.",
            en="Check the number, and whether the date of death is missing.",
        ),
        cause=Cause.REGISTRATION,
        source="ours: nobody in Norway has been older",
        examples="""
            | local_person_id | person_number | breaks |
            | P-1             | 08844110015   |        |
            | P-2             | 01810010068   | yes    |
        """,
    ),
    Rule(
        "KTT-PERSON-11",
        on=RECIPIENT,
        holds=_number.is_null()
        | (col("number.kind") != "duf")
        | _number.str.contains(r"^(19[89][0-9]|20[0-9]{2})[0-9]{8}$"),
        concerns=("person_number",),
        consequence=Consequence.NOTE,
        says=Text(
            nb="DUF-nummeret begynner ikke med et rimelig årstall.",
            en="The DUF number does not begin with a plausible year.",
        ),
        remedy=Text(
            nb="Et DUF-nummer er tolv siffer og begynner med året. Rett det i EPJ.",
            en="A DUF number is twelve digits and begins with the year. Correct it in the EPJ.",
        ),
        cause=Cause.REGISTRATION,
        source="domain § 8.1: 12 digits, year and 8 digits",
        examples="""
            | local_person_id | person_number | person_number_kind | breaks |
            | P-1             | 202300004711  | duf                |        |
            | P-2             | 102300004711  | duf                | yes    |
        """,
    ),
)
