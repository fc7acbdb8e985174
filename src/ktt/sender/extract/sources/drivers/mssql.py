"""SQL Server, through Microsoft's own driver `mssql-python`, which is installed with `ktt[mssql]`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from typing import Any

from sqlalchemy.engine import URL

from ktt.sender.extract.errors import SourceUnavailable
from ktt.sender.extract.sources.database_words import of_mssql
from ktt.sender.extract.sources.drivers.errors import DriverMissing, SnapshotForbidden, UserMayWrite
from ktt.sender.extract.sources.drivers.reader import Driver, DriverReader

_CONNECT_SECONDS = 10
_QUERY_SECONDS = 3600
_ALLOWED = (
    "TrustServerCertificate",
    "HostNameInCertificate",
    "ServerCertificate",
    "MultiSubnetFailover",
    "Authentication",
)

SESSION = (
    "SET LANGUAGE us_english",
    "SET DATEFORMAT ymd",  # what '2026-03-02' is, whatever the login's language is
    "SET ANSI_NULLS, QUOTED_IDENTIFIER, ANSI_PADDING, ANSI_WARNINGS, CONCAT_NULL_YIELDS_NULL, ARITHABORT ON",
    "SET NUMERIC_ROUNDABORT OFF",
    "SET ROWCOUNT 0",
    "SET TEXTSIZE 2147483647",
    "SET LOCK_TIMEOUT 60000",
    "SET TRANSACTION ISOLATION LEVEL SNAPSHOT",  # before the transaction begins: it cannot be chosen inside it
    "BEGIN TRANSACTION",
)
"""What decides how values and queries are read. SNAPSHOT is one moment for all tables, and waits for nobody's locks."""

SNAPSHOT = "SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()"
MAY_WRITE = (
    "SELECT HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'INSERT') + HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'UPDATE')"
    " + HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'DELETE') + HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'ALTER')"
)
"""SQL Server has no transaction that only reads, so the user must be one that only may."""

_RELATIONS = (
    "SELECT TABLE_SCHEMA + '.' + TABLE_NAME, CASE WHEN TABLE_SCHEMA = SCHEMA_NAME() THEN TABLE_NAME END"
    " FROM INFORMATION_SCHEMA.TABLES"
)


def connection_text(url: URL) -> str:
    """The driver's own form of an address. Encrypted, and read-only where the server has copies for readers."""
    given = {
        "Server": f"tcp:{url.host or 'localhost'},{url.port or 1433}",
        "Database": url.database,
        "UID": url.username,
        "PWD": None if url.password is None else str(url.password),
        "Trusted_Connection": None if url.username else "yes",
        "Encrypt": "yes",
        "ApplicationIntent": "ReadOnly",
        **{name: str(url.query[name]) for name in _ALLOWED if name in url.query},
    }
    # in braces, so that a value may hold a semicolon
    return ";".join(f"{name}={{{value.replace('}', '}}')}}}" for name, value in given.items() if value is not None)


@contextmanager
def open_mssql(url: URL, parameters: dict[str, str]) -> Iterator[DriverReader]:
    """The database at an address, in one transaction of one moment that is rolled back when it has been read."""
    try:
        module = import_module("mssql_python")
    except ImportError as fault:
        raise DriverMissing(kind="mssql", package="mssql-python") from fault
    module.pooling(enabled=False)  # a session that others have used before is not as it was made
    shown = url.render_as_string(hide_password=True)
    try:
        connection = module.connect(connection_text(url), autocommit=True, timeout=_CONNECT_SECONDS)
    except module.Error as fault:
        raise SourceUnavailable(source=shown, reason=of_mssql(str(fault))) from None
    with closing(connection):
        try:
            connection.timeout = _QUERY_SECONDS
            _begin(connection, shown)
        except module.Error as fault:
            raise SourceUnavailable(source=shown, reason=of_mssql(str(fault))) from None
        driver = Driver(module.Error, of_mssql, lambda fault: type(fault).__name__, _RELATIONS)
        try:
            yield DriverReader(connection, driver, parameters)
        finally:
            with suppress(module.Error):  # the connection may be gone; nothing was written
                connection.cursor().execute("ROLLBACK TRANSACTION")


def _begin(connection: Any, shown: str) -> None:
    cursor = connection.cursor()
    if cursor.execute(SNAPSHOT).fetchone()[0] != 1:
        raise SnapshotForbidden(source=shown)
    if cursor.execute(MAY_WRITE).fetchone()[0] != 0:
        raise UserMayWrite(source=shown)
    for statement in SESSION:
        cursor.execute(statement)
