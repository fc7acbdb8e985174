"""What the commands of `ktt registry cases` share: a case's number, and how a case is shown."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.registry.words import place_name
from ktt.cli.rows import Column
from ktt.cli.show import told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.registry.cases.case import Case

Number = Annotated[
    int,
    typer.Argument(
        metavar=told(nb="NUMMER", en="NUMBER"), help=told(nb="Sakens nummer.", en="The number of the case.")
    ),
]
STATUSES = {
    "new": Text(nb="ny", en="new"),
    "under_way": Text(nb="under arbeid", en="under way"),
    "closed": Text(nb="lukket", en="closed"),
}
COLUMNS = (
    Column("number", Text(nb="Sak", en="Case"), "count"),
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("name", Text(nb="Navn", en="Name")),
    Column("cause", Text(nb="Årsak", en="Cause")),
    Column("since", Text(nb="Siden", en="Since"), "day"),
    Column("status", Text(nb="Status", en="Status")),
    Column("assigned_to", Text(nb="Hos", en="With")),
    Column("deadline", Text(nb="Frist", en="Deadline"), "day"),
    Column("overdue", Text(nb="Frist passert", en="Overdue"), "flag"),
    Column("says", Text(nb="Hva", en="What"), in_table=False),
    Column("opened_at", Text(nb="Åpnet", en="Opened"), "instant", in_table=False),
    Column("closed_at", Text(nb="Lukket", en="Closed"), "instant", in_table=False),
    Column("closed_by", Text(nb="Lukket av", en="Closed by"), in_table=False),
)


def case_data(case: Case, on: dt.date) -> dict[str, Any]:
    """The case as plain data."""
    from ktt.registry.cases.words import sentence

    plain = ("number", "unit", "since", "status", "assigned_to", "deadline", "opened_at", "closed_at", "closed_by")
    return {
        **{name: getattr(case, name) for name in plain},
        "name": place_name(case.unit, on),
        "cause": case.cause.value,
        "overdue": case.overdue(on),
        "says": sentence(case),
        "figures": dict(case.figures),
    }


def spoken(row: dict[str, Any]) -> dict[str, Any]:
    """The same with status and cause in words."""
    from ktt.registry.cases.causes import Cause

    return row | {"status": STATUSES[row["status"]], "cause": Cause(row["cause"]).words}
