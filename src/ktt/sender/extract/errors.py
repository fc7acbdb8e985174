"""What can be wrong with a record system. When one is raised, nothing was sent; it says what is incomplete."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ktt.core.errors import EXIT_SOURCE, KttError
from ktt.core.text import Text


class SourceKindUnknown(KttError):
    """The address is of a kind of database that cannot be read."""

    code, exit_code = "KTT-SRC-01", EXIT_SOURCE
    what = Text(
        nb="Kilden er av typen «{kind}», som ktt ikke kan lese.",
        en="The source is of the kind “{kind}”, which ktt cannot read.",
    )
    remedy = Text(
        nb="Bruk en adresse som begynner med «sqlite:///», «postgresql://», «mssql://», «oracle://», «files:///» eller «messages:///», eller installer et tillegg for typen.",
        en="Use an address that begins with `sqlite:///`, `postgresql://`, `mssql://`, `oracle://`, `files:///` or `messages:///`, or install the plug-in for the kind.",
    )


class SourceUnavailable(KttError):
    """The record system's database cannot be opened."""

    code, exit_code = "KTT-SRC-02", EXIT_SOURCE
    what = Text(
        nb="EPJ-databasen «{source}» kan ikke åpnes: {reason}.",
        en="The record system's database “{source}” cannot be opened: {reason}.",
    )
    remedy = Text(
        nb="Kontroller at adressen stemmer, at databasen kjører, og at lesebrukeren har tilgang. Ingenting er sendt.",
        en="Check the address, that the database runs, and that the reading user has access. Nothing was sent.",
    )


class QueryRefused(KttError):
    """A query of the mapping is not accepted by the database: a table or column is gone, or it is not a SELECT."""

    code, exit_code = "KTT-SRC-03", EXIT_SOURCE
    what = Text(
        nb="Databasen avviste spørringen {query}: {reason}. Uttrekket er ufullstendig.",
        en="The database refused the query {query}: {reason}. The extract is incomplete.",
    )
    remedy = Text(
        nb="Kontroller at det er riktig database, og rett spørringen i koblingsfilen. Ingenting er sendt.",
        en="Check that it is the right database, and correct the query in the mapping. Nothing was sent.",
    )


class ColumnMissing(KttError):
    """A column that the mapping reads is not in the query's answer."""

    code, exit_code = "KTT-SRC-04", EXIT_SOURCE
    what = Text(
        nb="Tabellen «{query}» har ingen kolonne «{column}» i kilden. Uttrekket er ufullstendig.",
        en="The table “{query}” has no column “{column}” in the source. The extract is incomplete.",
    )
    remedy = Text(
        nb="Rett spørringen eller kolonnenavnet i koblingsfilen.{hint_nb}",
        en="Correct the query or the column name in the mapping.{hint_en}",
    )


class RelationMissing(KttError):
    """The database has no table or view of the name that the mapping reads, or the reading user does not see it."""

    code, exit_code = "KTT-SRC-31", EXIT_SOURCE
    what = Text(
        nb="Databasen har ingen tabell eller visning «{name}», som {query} skal leses fra. Uttrekket er ufullstendig.",
        en="The database has no table or view “{name}”, which {query} is to be read from. The extract is incomplete.",
    )
    remedy = Text(
        nb="Rett navnet i koblingsfilen, med skjema foran når det trengs; store og små bokstaver teller.{hint_nb}",
        en="Correct the name in the mapping, with its schema before it where needed; capitals count.{hint_en}",
    )


class ColumnTwice(KttError):
    """A query gives two columns of the same name, so one cannot know which is meant."""

    code, exit_code = "KTT-SRC-05", EXIT_SOURCE
    what = Text(
        nb="Spørringen {query} gir kolonnen «{column}» to ganger.",
        en="The query {query} gives the column “{column}” twice.",
    )
    remedy = Text(nb="Gi den ene et annet navn, i SQL med AS.", en="Rename one of them, in SQL with AS.")


class ReadBroken(KttError):
    """The connection or the database failed while a table was being read."""

    code, exit_code = "KTT-SRC-06", EXIT_SOURCE
    what = Text(
        nb="Lesingen av {query} ble brutt ({reason}). Uttrekket er ufullstendig og er kastet.",
        en="Reading {query} broke off ({reason}). The extract is incomplete and was thrown away.",
    )
    remedy = Text(
        nb="Kjør på nytt når databasen er i orden. Ingenting er sendt eller slettet.",
        en="Run again when the database is well. Nothing was sent or deleted.",
    )


class ProofMissing(KttError):
    """The source has no proof of completeness for a table on the day of extraction."""

    code, exit_code = "KTT-SRC-07", EXIT_SOURCE
    what = Text(
        nb="Kilden har ikke noe tall for {table} den {extracted_on}, så uttrekket er ikke bevist fullstendig.",
        en="The source holds no count for {table} on {extracted_on}, so the extract is not proved complete.",
    )
    remedy = Text(
        nb="Vent til EPJ har fullført dagens eksport. Kilden må nevne tabellen med navnet i koblingsfilen, eller med navnet i "
        "kilden når den leses uten «query». Ellers må «complete» i koblingsfilen rettes.",
        en="Wait until the record system has finished the day's export. The source must name the table as the mapping does, "
        "or as the source does when it is read without `query`. Otherwise `complete` in the mapping must be corrected.",
    )


class QueryUncounted(ProofMissing):
    """A table that is read with a query has no count: the source counts its tables, and not what a query makes of them."""

    code, exit_code = "KTT-SRC-67", EXIT_SOURCE
    what = Text(
        nb="Tabellen {table} leses med «query», og kilden har ikke noe tall for den den {extracted_on}, så uttrekket er ikke bevist fullstendig.",
        en="The table {table} is read with `query`, and the source holds no count for it on {extracted_on}, so the extract is not proved complete.",
    )
    remedy = Text(
        nb="Kilden teller sine egne tabeller, ikke det en spørring gjør av dem. Les tabellen med «name» og bruk «where», «lookup» og "
        "det andre i koblingsfilen i stedet, la «complete.count» gi et tall for spørringen under navnet i koblingsfilen, eller velg et annet bevis.",
        en="The source counts its own tables, and not what a query makes of them. Read the table with `name` and use `where`, `lookup` and "
        "the rest of the mapping instead, let `complete.count` give a count of the query under its name in the mapping, or choose another proof.",
    )


class CountMismatch(KttError):
    """The number of rows read is not the number the source says there should be."""

    code, exit_code = "KTT-SRC-08", EXIT_SOURCE
    what = Text(
        nb="Uttrekket er ufullstendig: {table} skulle ha {expected:rad|rader}, men {read} ble lest.",
        en="The extract is incomplete: {table} should have {expected:row|rows}, but {read} came.",
    )
    remedy = Text(
        nb="Finn ut hvorfor kilden mangler (eller har for mange) rader, og kjør på nytt. Ingenting er sendt eller slettet.",
        en="Find out why rows are missing (or too many), and run again. Nothing was sent or deleted.",
    )


class WrongOwner(KttError):
    """The database belongs to another reporting unit."""

    code, exit_code = "KTT-SRC-09", EXIT_SOURCE
    what = Text(
        nb="Databasen tilhører {found}, men {expected} skulle leses.",
        en="The database belongs to {found}, but {expected} was to be read.",
    )
    remedy = Text(
        nb="Rett adressen til databasen eller rapporteringsenheten i innstillingene. Ingenting er sendt eller slettet.",
        en="Correct the database address or the reporting unit in the settings. Nothing was sent or deleted.",
    )


class OwnerUnclear(KttError):
    """The `unit` query did not give exactly one row with two or three columns."""

    code, exit_code = "KTT-SRC-10", EXIT_SOURCE
    what = Text(
        nb="Kilden sier ikke entydig hvem den tilhører: «unit» ga {rows:rad|rader} og {columns:kolonne|kolonner}.",
        en="The source does not say clearly whose it is: `unit` gave {rows:row|rows} and {columns:column|columns}.",
    )
    remedy = Text(
        nb="Spørringen skal gi én rad: orgnr, kommunenr og eventuelt bydelnr.",
        en="The query must give one row: organisation number, municipality number and, if any, district.",
    )


class TooFewRows(KttError):
    """A table has fewer rows than the mapping says it must have."""

    code, exit_code = "KTT-SRC-11", EXIT_SOURCE
    what = Text(
        nb="Uttrekket er ufullstendig: {table} har {rows:rad|rader}, og koblingsfilen krever minst {rows_min}.",
        en="The extract is incomplete: {table} has {rows:row|rows}, and the mapping asks for at least {rows_min}.",
    )
    remedy = Text(
        nb="Finn ut hvorfor tabellen er tom eller kort. Stemmer det, rett «rows_min».",
        en="Find out why the table is empty or short. If it is right, correct `rows_min`.",
    )


class SourceStale(KttError):
    """The newest row of a table is too old for the source to be in use."""

    code, exit_code = "KTT-SRC-12", EXIT_SOURCE
    what = Text(
        nb="Nyeste rad i {table} er {hours:time|timer} gammel; grensen er {limit}. Kilden ser ut til å ha stanset.",
        en="The newest row of {table} is {hours:hour|hours} old; the limit is {limit}. The source seems to have stopped.",
    )
    remedy = Text(
        nb="Kontroller at dere leser databasen som er i bruk, og ikke en kopi, og at eksporten går.",
        en="Check that this is the living database (not a copy), and that its export runs.",
    )


class ProofUnreadable(KttError):
    """What was to prove the extract whole is something else than was agreed."""

    code, exit_code = "KTT-SRC-14", EXIT_SOURCE
    what = Text(
        nb="Beviset for at uttrekket er fullstendig, kan ikke leses: {reason}.",
        en="The proof that the extract is whole cannot be read: {reason}.",
    )
    remedy = Text(
        nb="Rett [complete] i koblingsfilen: et antall er tabellnavn og tall, eller ett tall for alle tabellene til sammen; et vannmerke er én verdi.",
        en="Correct [complete] in the mapping: a count is table name and number, or one number for all the tables together; a watermark is one value.",
    )


def nearest(name: str, right: Iterable[str]) -> dict[str, str]:
    """The facts `hint_nb` and `hint_en`: the right name that is most like `name`, or nothing."""
    by_letters = {one.casefold(): one for one in right}  # databases write one name with capitals here and without there
    near = [by_letters[one] for one in difflib.get_close_matches(name.casefold(), by_letters, n=1, cutoff=0.5)]
    return {
        "hint_nb": f" Mente dere «{near[0]}»?" if near else "",
        "hint_en": f" Did you mean “{near[0]}”?" if near else "",
    }
