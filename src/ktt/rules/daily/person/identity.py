"""Who the person is, and who reports: numbers, check digits, test persons, places."""

from __future__ import annotations

import polars as pl

from ktt.core.text import Text
from ktt.domain.records import RECIPIENT
from ktt.rules.rule import Cause, Consequence, Rule, col

_number = col("person_number")


RULES = (
    Rule(
        "KTT-PERSON-01",
        on=RECIPIENT,
        # A DUF number has no published check digits: KTT-PERSON-11 checks those.
        holds=_number.is_null() | col("number.valid") | (col("number.kind") == "duf"),
        concerns=("person_number",),
        consequence=Consequence.DROP_RECORD,
        says=Text(
            nb="Fødselsnummeret eller D-nummeret er ikke gyldig: kontrollsifrene stemmer ikke.",
            en="The national number or D-number is not valid: its check digits are wrong.",
        ),
        remedy=Text(
            nb="Slå opp personen i Folkeregisteret og rett nummeret i EPJ.",
            en="Look the person up in the population register and correct the number in the EPJ.",
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
            nb="Finn riktig nummer og registrer det. Uten nummer kommer ikke personen med i statistikken.",
            en="Find the right number and register it. Without one the person is left out of the statistics.",
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
        source="messages § 4.1: H and FH numbers are never sent; HIS 1135:2021",
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
            nb="Personen er en testperson, men dette er produksjon.",
            en="The person is a test person, but this is production.",
        ),
        remedy=Text(
            nb="Slett testpersonen i EPJ, eller hold den utenfor rapporteringen.",
            en="Delete the test person in the EPJ, or keep it out of the report.",
        ),
        cause=Cause.REGISTRATION,
        source="messages § 4.1, § 6 no. 16; domain § 13.1 Q26",
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
            nb="Nummeret er ikke syntetisk, men dette er et testmiljø.",
            en="The number is not synthetic, but this is a test environment.",
        ),
        remedy=Text(
            nb="Stopp. Virkelige personer skal aldri inn i test. Ta dem ut av uttrekket, og meld avviket.",
            en="Stop. Real people never belong in test. Take them out of the export, and report the incident.",
        ),
        cause=Cause.EXTRACTION,
        source="messages § 4.1: in test only synthetic numbers are accepted",
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
            nb="To personer i EPJ har samme fødselsnummer, D-nummer eller DUF-nummer.",
            en="Two persons in the EPJ have the same national number, D-number or DUF number.",
        ),
        remedy=Text(
            nb="Er det samme person, slår dere de to journalene sammen. Hvis ikke, retter dere nummeret til den ene.",
            en="If they are one person, merge the two records. If not, correct the number of one of them.",
        ),
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
            nb="Samme person-ID er oppgitt flere ganger med ulike opplysninger om personen.",
            en="The same person id is given more than once with differing facts about the person.",
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
        says=Text(nb="Dødsdatoen er fram i tid.", en="The date of death is in the future."),
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
            nb="Dødsdatoen er før fødselsdatoen som nummeret viser.",
            en="The date of death is before the date of birth that the number tells.",
        ),
        remedy=Text(
            nb="Rett dødsdatoen eller nummeret i EPJ.", en="Correct the date of death or the number in the EPJ."
        ),
        cause=Cause.REGISTRATION,
        source="domain § 8.2: birth date in the number; § 13.1 Q25",
        examples="""
            | local_person_id | person_number | died_on    | breaks |
            | P-1             | 08844110015   | 2026-01-31 |        |
            | P-2             | 08844110015   | 1941-04-07 | yes    |
            | P-4             | 08844110015   | 1941-04-08 |        |
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
            nb="Personen er mer enn 115 år gammel etter fødselsdatoen som nummeret viser.",
            en="By the date of birth that the number tells, the person is more than 115 years old.",
        ),
        remedy=Text(
            nb="Kontroller at nummeret er riktig, og om personen er død uten at dødsdatoen er registrert.",
            en="Check that the number is right, and whether the person has died without a registered date of death.",
        ),
        cause=Cause.REGISTRATION,
        source="ours: nobody in Norway has been older",
        examples="""
            | local_person_id | person_number | breaks |
            | P-1             | 08844110015   |        |
            | P-2             | 01810010068   | yes    |
            | P-3             | 02831100063   |        |
            | P-4             | 01831100024   | yes    |
        """,
    ),
    Rule(
        "KTT-PERSON-11",
        on=RECIPIENT,
        holds=_number.is_null() | (col("number.kind") != "duf") | _number.str.contains("^(19[89]|20)"),
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
            | P-3             | 198000004711  | duf                |        |
            | P-4             | 197900004711  | duf                | yes    |
            | P-5             | 102300201711  | duf                | yes    |
        """,
    ),
)
