"""`ktt registry declare|undeclare|declarations`: months that a unit has said that it has nothing of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user
from ktt.cli.registry.options import Folder, OneUnit, place_of, unit_from
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.registry.coverage.declarations import Declaration

_Unit = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="ENHET", en="UNIT"),
        help=told(nb="Enheten, som 312000008-1114.", en="The unit, as 312000008-1114."),
    ),
]
_First = Annotated[
    str,
    typer.Option("--from", metavar=told(nb="MÅNED", en="MONTH"), help=told(nb="Første måned.", en="The first month.")),
]
_Last = Annotated[
    str, typer.Option("--to", metavar=told(nb="MÅNED", en="MONTH"), help=told(nb="Siste måned.", en="The last month."))
]
_Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        help=told(
            nb="Kommunens egen grunn; den blir stående, så ingen personopplysninger.",
            en="The municipality's own reason; it is kept, so nothing about persons.",
        ),
    ),
]
_DECLARE_HELP = told(
    nb="""Registrer at en enhet ikke har noe å sende for noen måneder, og hvorfor.

    Månedene vises da som erklært i «ktt registry coverage», så lenge de ikke er fullstendige likevel. Hvem, når og hvorfor blir
    stående, også når erklæringen oppheves.""",
    en="""Write down that a unit has nothing to send for some months, and why.

    The months are then shown as declared by `ktt registry coverage`, unless they are complete all the same. Who, when and why
    is kept, also when the declaration is undone.""",
)
_UNDECLARE_HELP = told(
    nb="Opphev en erklæring, med grunn. Den blir stående med hvem, når og hvorfor.",
    en="Undo a declaration, with a reason. It is kept with who, when and why.",
)
_LIST_HELP = told(
    nb="Vis alle erklæringene, også dem som er opphevet.", en="Show every declaration, those that are undone too."
)
_COLUMNS = (
    Column("number", Text(nb="Nr.", en="No."), "count"),
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("first_month", Text(nb="Fra", en="From")),
    Column("last_month", Text(nb="Til", en="To")),
    Column("reason", Text(nb="Grunn", en="Reason")),
    Column("declared_at", Text(nb="Skrevet", en="Written"), "instant"),
    Column("declared_by", Text(nb="Av", en="By")),
    Column("undone_at", Text(nb="Opphevet", en="Undone"), "instant"),
    Column("undone_by", Text(nb="Opphevet av", en="Undone by"), in_table=False),
    Column("undone_why", Text(nb="Hvorfor opphevet", en="Why undone"), in_table=False),
)
_WRITTEN = Text(
    nb="Erklæring {number} er skrevet: {unit} har ikke noe for {first} til {last}.",
    en="Declaration {number} is written: {unit} has nothing for {first} to {last}.",
)
_NONE = Text(nb="Ingen erklæringer.", en="No declarations.")
_UNDONE = Text(nb="Erklæring {number} for {unit} er opphevet.", en="Declaration {number} of {unit} is undone.")


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    app.command("declare", help=_DECLARE_HELP)(declare)
    app.command("undeclare", help=_UNDECLARE_HELP)(undeclare)
    app.command("declarations", help=_LIST_HELP)(declarations)


def declare(
    unit: _Unit,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    *,
    first: _First,
    last: _Last,
    reason: _Reason,
    json: JsonFlag = False,
) -> None:
    """One unit and period."""
    who = unit_from(unit, "ktt registry declare")
    from ktt.wiring.receiver import declarations_at

    with declarations_at(place_of(config, folder)) as written:
        made = written.declare(who, first, last, current_user(), reason)
    says = _WRITTEN.format(number=made.number, unit=made.unit, first=first, last=last)
    emit(_row(made), json=json, render=lambda: says.in_(language()))


def undeclare(
    number: Annotated[
        int,
        typer.Argument(
            metavar=told(nb="NUMMER", en="NUMBER"),
            help=told(nb="Erklæringens nummer.", en="The declaration's number."),
        ),
    ],
    reason: _Reason,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    *,
    json: JsonFlag = False,
) -> None:
    """One declaration, by its number."""
    from ktt.wiring.receiver import declarations_at

    with declarations_at(place_of(config, folder)) as written:
        made = written.undo(number, current_user(), reason)
    says = _UNDONE.format(number=made.number, unit=made.unit)
    emit(_row(made), json=json, render=lambda: says.in_(language()))


def declarations(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    *,
    unit: OneUnit = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """By number."""
    form = Form("ktt registry declarations", json, csv, parquet)
    from ktt.wiring.receiver import check_unit_at, declarations_at

    place = place_of(config, folder)
    check_unit_at(place, unit)
    with declarations_at(place) as written:
        rows = [_row(one) for one in written.all() if unit in {None, one.unit}]
    answer(_COLUMNS, rows, form, render=lambda drawn: drawn if rows else _NONE.in_(language()))


def _row(one: Declaration) -> dict[str, Any]:
    return {column.name: getattr(one, column.name) for column in _COLUMNS}
