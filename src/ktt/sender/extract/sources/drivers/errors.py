"""What can be wrong with a database that is read through a driver. When one is raised, nothing was sent."""

from __future__ import annotations

from ktt.core.errors import EXIT_SOURCE, KttError
from ktt.core.text import Text


class DriverMissing(KttError):
    """The driver of a kind of database is not installed."""

    code, exit_code = "KTT-SRC-57", EXIT_SOURCE
    what = Text(
        nb="Driveren for «{kind}», {package}, er ikke installert.",
        en="The driver for “{kind}”, {package}, is not installed.",
    )
    remedy = Text(
        nb="Installer den med «pip install ktt[{kind}]». Ingenting er sendt.",
        en="Install it with `pip install ktt[{kind}]`. Nothing was sent.",
    )


class SnapshotForbidden(KttError):
    """An SQL Server database does not let a reader see one moment."""

    code, exit_code = "KTT-SRC-58", EXIT_SOURCE
    what = Text(
        nb="Databasen «{source}» tillater ikke lesing av ett øyeblikk (SNAPSHOT).",
        en="The database “{source}” does not allow reading one moment (SNAPSHOT).",
    )
    remedy = Text(
        nb="Be databaseansvarlig kjøre «ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON», eller les en kopi som har det. Ingenting er sendt.",
        en="Ask the database's administrator to run `ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON`, or read a copy that has it. Nothing was sent.",
    )


class UserMayWrite(KttError):
    """The user that an SQL Server database is read with may write to it."""

    code, exit_code = "KTT-SRC-59", EXIT_SOURCE
    what = Text(
        nb="Brukeren som leser «{source}», kan også skrive i den.",
        en="The user that reads “{source}” may write to it as well.",
    )
    remedy = Text(
        nb="Gi ktt en egen bruker som bare har rollen «db_datareader». Ingenting er lest eller sendt.",
        en="Give ktt a user of its own with the role `db_datareader` and no other. Nothing was read or sent.",
    )
