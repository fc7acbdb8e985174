"""Oracle, through Oracle's own driver `oracledb` in its thin form, which is installed with `ktt[oracle]`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib import import_module
from typing import Any

from sqlalchemy.engine import URL

from ktt.sender.extract.errors import SourceUnavailable
from ktt.sender.extract.sources.database_words import of_oracle
from ktt.sender.extract.sources.drivers.errors import DriverMissing
from ktt.sender.extract.sources.drivers.reader import Driver, DriverReader

_CONNECT_SECONDS = 10
_QUERY_MILLISECONDS = 3_600_000

_ZONED = "YYYY-MM-DD HH24:MI:SS.FF TZH:TZM"
SESSION = (
    "ALTER SESSION SET NLS_LANGUAGE = 'AMERICAN' NLS_TERRITORY = 'AMERICA' NLS_NUMERIC_CHARACTERS = '.,'"
    " NLS_SORT = 'BINARY' NLS_COMP = 'BINARY' NLS_DATE_FORMAT = 'YYYY-MM-DD HH24:MI:SS'"
    f" NLS_TIMESTAMP_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF' NLS_TIMESTAMP_TZ_FORMAT = '{_ZONED}'"
)
"""What decides how values become text inside a query, which is the machine's own otherwise."""

READ_ONLY = "SET TRANSACTION READ ONLY"  # one moment for all tables, and nothing can be written
_RELATIONS = (
    "SELECT owner || '.' || object_name,"
    " CASE WHEN owner = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') THEN object_name END"
    " FROM all_objects WHERE object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW')"
)


@contextmanager
def open_oracle(url: URL, parameters: dict[str, str], timezone: str) -> Iterator[DriverReader]:
    """The database at an address, in one read-only transaction; `?protocol=tcps` encrypts the connection."""
    try:
        module = import_module("oracledb")
    except ImportError as fault:
        raise DriverMissing(kind="oracle", package="oracledb") from fault
    shown = url.render_as_string(hide_password=True)
    try:
        connection = module.connect(
            user=url.username,
            password=None if url.password is None else str(url.password),
            host=url.host,
            port=url.port or 1521,
            service_name=url.database,
            protocol=str(url.query.get("protocol", "tcp")),
            tcp_connect_timeout=_CONNECT_SECONDS,
        )
    except (module.Error, OSError) as fault:  # a host that is not known is the operating system's fault
        raise SourceUnavailable(source=shown, reason=of_oracle(str(fault))) from None
    with closing(connection):
        try:
            connection.call_timeout = _QUERY_MILLISECONDS
            cursor = connection.cursor()
            cursor.execute(SESSION)
            cursor.execute(f"ALTER SESSION SET TIME_ZONE = '{timezone}'")
            cursor.execute(READ_ONLY)  # the last: it must be the transaction's first statement
        except module.Error as fault:
            raise SourceUnavailable(source=shown, reason=of_oracle(str(fault))) from None
        yield DriverReader(connection, _driver(module), parameters)


def _driver(module: Any) -> Driver:
    zoned = {module.DB_TYPE_TIMESTAMP_TZ, module.DB_TYPE_TIMESTAMP_LTZ}
    return Driver(
        module.Error,
        of_oracle,
        kind,
        _RELATIONS,
        expression=partial(_expression, zoned),
        options={"fetch_decimals": True, "fetch_lobs": False},
    )


def _expression(zoned: set[object], column: str, type_code: object) -> str:
    """The driver gives an instant without its zone, so the database writes those that have one."""
    return f"TO_CHAR({column}, '{_ZONED}')" if type_code in zoned else column


def kind(fault: Exception) -> str:
    """The type of a fault, and Oracle's number of it, such as `ORA-01555`."""
    number = re.search(r"\b(?:ORA|DPY)-\d+", str(fault))
    return f"{type(fault).__name__} {number[0] if number else ''}".strip()
