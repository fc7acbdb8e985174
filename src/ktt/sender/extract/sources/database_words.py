"""What the databases say, in both languages: the commonest in words of our own, the rest quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ktt.core.text import Text

_Words = tuple[tuple[str, str, str], ...]  # a pattern of what the database says, bokmål, English

_SQLITE: _Words = (
    (r"no such table: (.+)", "tabellen «{0}» finnes ikke", "there is no table “{0}”"),
    (r"no such column: (.+)", "kolonnen «{0}» finnes ikke", "there is no column “{0}”"),
    (r"no such function: (.+)", "funksjonen «{0}» finnes ikke", "there is no function “{0}”"),
    (r"near \"(.+)\": syntax error", "den er ikke SQL ved «{0}»", "it is not SQL at “{0}”"),
    (r"incomplete input", "den slutter for tidlig", "it ends too early"),
    (r"You can only execute one statement", "den er mer enn én spørring", "it is more than one query"),
    (r"binding parameter (:\w+)", "«{0}» er ikke kjent", "“{0}” is not known"),
)
_POSTGRESQL: _Words = (
    (r"relation \"(.+)\" does not exist", "tabellen «{0}» finnes ikke", "there is no table “{0}”"),
    (r"column \"?([^\" ]+)\"? does not exist", "kolonnen «{0}» finnes ikke", "there is no column “{0}”"),
    (r"function (.+) does not exist", "funksjonen «{0}» finnes ikke", "there is no function “{0}”"),
    (
        r"permission denied for (?:\w+ )+?(\w+)$",
        "lesebrukeren mangler tilgang til «{0}»",
        "the user may not read “{0}”",
    ),
    (r"syntax error at or near \"(.+)\"", "den er ikke SQL ved «{0}»", "it is not SQL at “{0}”"),
    (r"syntax error at end of input", "den slutter for tidlig", "it ends too early"),
    (r"cannot insert multiple commands", "den er mer enn én spørring", "it is more than one query"),
    (r"Connection refused", "ingen svarer der", "nobody answers there"),
    (r"No such file or directory", "ingen svarer der", "nobody answers there"),
    (r"timeout expired|timed out", "svaret kom ikke i tide", "no answer came in time"),
    (
        r"(?:could not translate|failed to resolve) host (?:name )?['\"]([^'\"]+)",
        "maskinen «{0}» er ikke kjent",
        "the host “{0}” is not known",
    ),
    (r"password authentication failed", "brukernavnet eller passordet er feil", "the user or the password is wrong"),
    (r"no password supplied", "passordet mangler", "the password is missing"),
    (r"database \"(.+)\" does not exist", "databasen «{0}» finnes ikke", "there is no database “{0}”"),
    (r"role \"(.+)\" does not exist", "brukeren «{0}» finnes ikke", "there is no user “{0}”"),
    (r"no pg_hba.conf entry", "brukeren har ikke tilgang herfra", "the user is not let in from here"),
    (
        r"too many (?:connections|clients)|connection slots",
        "den har for mange forbindelser",
        "it has too many connections",
    ),
    (r"starting up", "den er i ferd med å starte", "it is starting"),
    (r"shutting down", "den er i ferd med å stanse", "it is shutting down"),
    (
        r"time zone|\"TimeZone\"",
        "den kjenner ikke tidssonen i koblingsfilen",
        "it does not know the mapping's time zone",
    ),
)
_MSSQL: _Words = (
    (r"Invalid object name '(.+?)'", "tabellen «{0}» finnes ikke", "there is no table “{0}”"),
    (r"Invalid column name '(.+?)'", "kolonnen «{0}» finnes ikke", "there is no column “{0}”"),
    (
        r"permission was denied on the object '(.+?)'",
        "lesebrukeren mangler tilgang til «{0}»",
        "the user may not read “{0}”",
    ),
    (r"Incorrect syntax near '(.+?)'", "den er ikke SQL ved «{0}»", "it is not SQL at “{0}”"),
    (r"Login failed", "brukernavnet eller passordet er feil", "the user or the password is wrong"),
    (
        r"Cannot open database",
        "databasen finnes ikke, eller brukeren har ikke tilgang",
        "there is no such database, or the user is not let in",
    ),
    (
        r"certificate",
        "serverens sertifikat er ikke utstedt av noen denne maskinen stoler på",
        "the server's certificate is not trusted",
    ),
    (
        r"Failed to load the driver",
        "driveren mangler biblioteker i operativsystemet",
        "the driver lacks libraries of the operating system",
    ),
    (r"[Tt]imeout|timed out", "svaret kom ikke i tide", "no answer came in time"),
    (r"TCP Provider|server was not found", "ingen svarer der", "nobody answers there"),
)
_ORACLE: _Words = (
    (
        r"ORA-00942",
        "tabellen finnes ikke, eller lesebrukeren mangler tilgang",
        "there is no such table, or the user may not read it",
    ),
    (r"ORA-00904: (\S+?):", "kolonnen «{0}» finnes ikke", "there is no column “{0}”"),
    (r"ORA-01031", "lesebrukeren mangler tilgang", "the user lacks access"),
    (r"ORA-009\d\d", "den er ikke SQL", "it is not SQL"),
    (r"ORA-01017", "brukernavnet eller passordet er feil", "the user or the password is wrong"),
    (r"ORA-28000", "brukeren er låst", "the user is locked"),
    (r"ORA-01882", "den kjenner ikke tidssonen i koblingsfilen", "it does not know the mapping's time zone"),
    (r"ORA-12514|DPY-6001", "tjenesten er ikke kjent der", "the service is not known there"),
    (r"Name or service not known|getaddrinfo", "maskinen er ikke kjent", "the host is not known"),
    (r"Connection refused|ORA-12541|DPY-6005", "ingen svarer der", "nobody answers there"),
    (r"timed out|DPY-4011", "svaret kom ikke i tide", "no answer came in time"),
)


def of_mssql(says: str) -> Text:
    """What SQL Server or its driver said of a query or a connection."""
    return _in_words(_MSSQL, "SQL Server", says)


def of_oracle(says: str) -> Text:
    """What Oracle or its driver said of a query or a connection."""
    return _in_words(_ORACLE, "Oracle", says)


def of_sqlite(says: str) -> Text:
    """What SQLite said of a query."""
    return _in_words(_SQLITE, "SQLite", says)


def of_postgresql(says: str) -> Text:
    """What PostgreSQL or its client library said of a query or a connection."""
    return _in_words(_POSTGRESQL, "PostgreSQL", says)


def _in_words(known: Iterable[tuple[str, str, str]], who: str, says: str) -> Text:
    for pattern, nb, en in known:
        if found := re.search(pattern, says):
            return Text(nb=nb.format(*found.groups()), en=en.format(*found.groups()))
    return Text(nb=f"{who} svarte «{says}»", en=f"{who} answered “{says}”")
