"""The record system: the mapping file, that every table can be read, and that nothing can be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl
from sqlalchemy.engine import make_url

from ktt.core.clock import norwegian_day
from ktt.core.errors import EXIT_SOURCE
from ktt.core.text import Text
from ktt.sender.doctor.line import NotNeeded, Wrong
from ktt.sender.doctor.patient import Patient
from ktt.sender.extract.documentation.approval import approval_status
from ktt.sender.extract.errors import ColumnMissing, nearest
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.sources.address import MessagesAddress, Reader, read_address
from ktt.sender.extract.sources.messages import message_files

_WRITES = """
SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)::int AS superuser,
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
          AND has_schema_privilege(n.oid, 'USAGE')
          AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
       ) AS tables,
       (SELECT count(*) FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND has_schema_privilege(n.oid, 'CREATE')) AS schemas
"""
_MAY_WRITE = Text(
    nb="Brukeren «{user}» kan skrive i EPJ-databasen ({tables:tabell|tabeller}, {schemas:skjema|skjemaer}{more_nb}).",
    en="The user `{user}` may write in the record system's database ({tables:table|tables}, {schemas:schema|schemas}{more_en}).",
)
_REVOKE = Text(
    nb="Gi ktt en egen bruker som bare har SELECT på tabellene i koblingsfilen. ktt skriver ikke i EPJ, men skal heller ikke kunne det.",
    en="Give ktt a user of its own that has SELECT alone, on the tables of the mapping file. ktt does not write, and must not be able to.",
)
_OTHER_KIND = Text(
    nb="ktt kan ikke kontrollere rettighetene for denne typen kilde",
    en="there is no check of the privileges for this kind of source",
)
_MESSAGES = Text(
    nb="mappen kan leses og har {count:melding|meldinger} for i dag",
    en="the folder can be read and has {count:message|messages} of today",
)
_QUERY_ONLY = "SELECT query_only FROM pragma_query_only"


def check_mapping(patient: Patient) -> Text:
    """That the mapping file can be read."""
    patient.mapping = mapping = read_mapping(patient.settings.source.mapping)
    says = Text(nb="«{name}», {count:tabell|tabeller}, {approval}", en="“{name}”, {count:table|tables}, {approval}")
    return says.format(name=mapping.name, count=len(mapping.tables), approval=approval_status(mapping).says)


def check_source(patient: Patient) -> Text:
    """That the record system answers, and has every table and column that the mapping names. No row is read."""
    mapping = patient.mapping
    assert mapping is not None, "the mapping was read"
    address = read_address(patient.settings.source.url)
    if isinstance(address, MessagesAddress):
        files = message_files(address.folder, mapping, norwegian_day(patient.clock.now()))
        return _MESSAGES.format(count=len(files))
    with _reader(patient) as reader:
        for name, table in mapping.tables.items():
            there = reader.columns(name, table.query)
            for column in mapping.columns_of(name):
                if column not in there:
                    raise ColumnMissing(query=name, column=column, **nearest(column, there))
    says = Text(nb="{count:tabell|tabeller} kan leses", en="{count:table|tables} can be read")
    return says.format(count=len(mapping.tables))


def check_read_only(patient: Patient) -> Text:
    """That a write is impossible, found out without trying one."""
    kind = patient.settings.source.url.partition(":")[0].partition("+")[0]
    if kind == "sqlite":
        return _sqlite_is_closed(patient)
    if kind != "postgresql":
        raise NotNeeded(_OTHER_KIND)
    with _reader(patient) as reader:
        found = _row(reader, _WRITES, ["superuser", "tables", "schemas"])
    superuser, tables, schemas = (int(one) for one in found)
    user = make_url(patient.settings.source.url).username or ""
    if superuser or tables or schemas:
        more = Text(nb=", superbruker", en=", superuser") if superuser else Text(nb="", en="")
        says = _MAY_WRITE.format(user=user, tables=tables, schemas=schemas, more_nb=more.nb, more_en=more.en)
        raise Wrong(says, _REVOKE, who="vendor", exit_code=EXIT_SOURCE)
    says = Text(nb="brukeren «{user}» kan ikke skrive i noen tabell", en="the user `{user}` may write in no table")
    return says.format(user=user)


def _sqlite_is_closed(patient: Patient) -> Text:
    with _reader(patient) as reader:
        closed = _row(reader, _QUERY_ONLY, ["query_only"])
    if closed != ("1",):
        raise Wrong(
            Text(nb="SQLite åpnet filen for skriving.", en="SQLite opened the file for writing."),
            Text(nb="Meld feilen.", en="Report the fault."),
            who="vendor",
            exit_code=EXIT_SOURCE,
        )
    return Text(
        nb="ktt åpner filen bare for lesing («mode=ro» og «query_only»)",
        en="ktt opens the file for reading only (`mode=ro` and `query_only`)",
    )


def _row(reader: Reader, query: str, columns: list[str]) -> tuple[str, ...]:
    return pl.concat(list(reader.blocks("ktt doctor", query, columns))).row(0)


@contextmanager
def _reader(patient: Patient) -> Iterator[Reader]:
    """The database as a run opens it."""
    assert patient.mapping is not None
    day = norwegian_day(patient.clock.now())
    address = read_address(patient.settings.source.url)
    assert not isinstance(address, MessagesAddress), "messages have no tables"
    with address.open(patient.mapping, day) as reader:
        yield reader
