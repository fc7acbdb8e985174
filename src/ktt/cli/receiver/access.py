"""`ktt mottak access`: who may send what for whom. Each change is logged and can be undone by its number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.negative_numbers import NumberCommand
from ktt.cli.receiver.options import CONFIG, ConfigFile, Reason, current_user, format_instant, load_settings
from ktt.cli.show import JsonFlag, emit, language, note, table, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.receiver.access.access_list import AccessList
    from ktt.receiver.access.audit_log import Change
    from ktt.receiver.settings import ReceiverSettings

app = typer.Typer(add_completion=False)

_Unit = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="ENHET", en="UNIT"),
        help=told(
            nb="Enheten det rapporteres for, som 312000008-1114 eller 312000563-0301-03.",
            en="The unit that is reported for, as 312000008-1114 or 312000563-0301-03.",
        ),
    ),
]
_Types = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        help=told(nb="Meldingstype. Kan gjentas. Standard: alle.", en="Message type; may be repeated. Without: all."),
    ),
]
_Holder = Annotated[
    str | None,
    typer.Option(
        help=told(
            nb="Hvem tokenet er utstedt til (orgnr_parent). Standard: enhetens egen organisasjon.",
            en="Whom the token is issued to (orgnr_parent). Without: the unit's own organisation.",
        )
    ),
]
_Suppliers = Annotated[
    list[str] | None,
    typer.Option(
        "--supplier",
        help=told(
            nb="Leverandør som får sende på vegne av; kan gjentas.",
            en="Vendor that may send on behalf; may be repeated.",
        ),
    ),
]
_HolderNumber = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="RETTIGHETSHAVER", en="HOLDER"),
        help=told(nb="Den det sendes på vegne av.", en="On whose behalf."),
    ),
]
_SupplierNumber = Annotated[
    str, typer.Argument(metavar=told(nb="LEVERANDØR", en="SUPPLIER"), help=told(nb="Leverandøren.", en="The vendor."))
]
_ONLY = told(
    nb="Bare det som gjelder denne organisasjonen eller kommunen.",
    en="Only what is about this organisation or municipality.",
)

_HOLDER, _UNIT = Text(nb="Rettighetshaver", en="Holder"), Text(nb="Enhet", en="Unit")
_TYPE, _SUPPLIER = Text(nb="Meldingstyper", en="Message types"), Text(nb="Leverandører", en="Vendors")
_ACTS = {"grant": Text(nb="ga", en="granted"), "revoke": Text(nb="tok bort", en="revoked")}


@app.command("list", help=told(nb="Vis hvem som får sende hva.", en="Show who may send what."))
def list_(
    only: Annotated[str | None, typer.Option(help=_ONLY)] = None,
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """One row for each holder and unit."""
    from ktt.receiver.access.arguments import place_name

    today = norwegian_day(SystemClock().now())
    with _access(config) as (access, _settings):
        rights, suppliers = access.rights(), access.suppliers()
    units: dict[tuple[str, str, str, str], list[str]] = {}
    for right in rights:
        units.setdefault((right.holder, right.organisation, right.municipality, right.district), []).append(
            right.message_type
        )
    rows = [
        {
            "holder": holder,
            "organisation": organisation,
            "municipality": municipality,
            "district": district or None,
            "place": place_name(municipality, district, today),
            "message_types": types,
            "suppliers": [supplier for whom, supplier in suppliers if whom == holder],
        }
        for (holder, organisation, municipality, district), types in units.items()
        if only in {None, holder, organisation, municipality}
    ]
    emit(rows, json=json, render=lambda: _rights_table(rows))


def _rights_table(rows: list[dict[str, Any]]) -> RenderableType:
    columns = (_HOLDER, _UNIT, Text(nb="Sted", en="Place"), _TYPE, _SUPPLIER)
    cells = [
        (
            row["holder"],
            "-".join(filter(None, (row["organisation"], row["municipality"], row["district"]))),
            row["place"],
            ", ".join(row["message_types"]),
            ", ".join(row["suppliers"]),
        )
        for row in rows
    ]
    return table(columns, cells)


@app.command(
    help=told(
        nb="La noen sende meldinger for en enhet. Gjelder straks, i alle prosesser.",
        en="Let someone send messages for a unit. In force at once, in every process.",
    )
)
def grant(
    unit: _Unit,
    reason: Reason,
    types: _Types = None,
    holder: _Holder = None,
    *,
    supplier: _Suppliers = None,
    config: ConfigFile = CONFIG,
    json: JsonFlag = False,
) -> None:
    """Rights that are there already stay as they are."""
    from ktt.receiver.access import arguments

    with _access(config) as (access, settings):
        change = access.grant(
            arguments.parse_unit(unit, settings, norwegian_day(SystemClock().now())),
            arguments.parse_message_types(types or [], settings),
            holder=holder and arguments.parse_organisation(holder, settings),
            suppliers=[arguments.parse_organisation(number, settings) for number in supplier or []],
            by=current_user(),
            reason=reason,
        )
    _show_change(change, config, json=json)


@app.command(
    help=told(
        nb="Ta bort retten til å sende for en enhet. Neste melding besvares med 2001.",
        en="Take away the right to send for a unit. The next message is answered 2001.",
    )
)
def revoke(
    unit: _Unit,
    reason: Reason,
    types: _Types = None,
    holder: _Holder = None,
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """All rights for the unit, or those of the types or the holder that are named; also when the number is out of use."""
    from ktt.domain.unit import ReportingUnit

    with _access(config) as (access, _settings):
        change = access.revoke(
            ReportingUnit.from_key(_check_unit_form(unit)), types, holder=holder, by=current_user(), reason=reason
        )
    _show_change(change, config, json=json)


def _check_unit_form(unit: str) -> str:
    import re

    from ktt.cli.errors import CommandMisused

    if re.fullmatch(r"[0-9]{9}-[0-9]{4}(-[0-9]{2})?", unit, re.ASCII) is None:
        raise CommandMisused(reason="ORGNR-KOMMUNENR[-BYDELNR]", command="ktt mottak access revoke")
    return unit


@app.command(
    "suppliers",
    help=told(nb="Vis leverandørene og hvem de får sende for.", en="Show the vendors and for whom they may send."),
)
def suppliers(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """One row for each vendor."""
    with _access(config) as (access, _settings):
        pairs = access.suppliers()
    numbers = sorted({supplier for _, supplier in pairs})
    rows = [{"supplier": one, "holders": [holder for holder, supplier in pairs if supplier == one]} for one in numbers]
    columns = (Text(nb="Leverandør", en="Vendor"), Text(nb="Sender for", en="Sends for"))
    emit(rows, json=json, render=lambda: table(columns, [(row["supplier"], ", ".join(row["holders"])) for row in rows]))


@app.command(
    "grant-supplier",
    help=told(
        nb="La en leverandør sende det rettighetshaveren får sende.", en="Let a vendor send what the holder may send."
    ),
)
def grant_supplier(
    holder: _HolderNumber,
    supplier: _SupplierNumber,
    reason: Reason,
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """For every unit and type of the holder, those that come later as well."""
    from ktt.receiver.access.arguments import parse_organisation

    with _access(config) as (access, settings):
        numbers = parse_organisation(holder, settings), parse_organisation(supplier, settings)
        change = access.grant_supplier(*numbers, by=current_user(), reason=reason)
    _show_change(change, config, json=json)


@app.command("revoke-supplier", help=told(nb="Ta bort leverandørens rett.", en="Take away the vendor's right."))
def revoke_supplier(
    holder: _HolderNumber,
    supplier: _SupplierNumber,
    reason: Reason,
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """The holder itself may still send."""
    with _access(config) as (access, _settings):
        change = access.revoke_supplier(holder, supplier, by=current_user(), reason=reason)
    _show_change(change, config, json=json)


@app.command(
    help=told(
        nb="Hva ville mottaket sagt? Viser enhetene et slikt token får sende for.",
        en="What would the receiver say? Shows the units that such a token may send for.",
    )
)
def check(
    holder: _HolderNumber,
    message_type: Annotated[
        str, typer.Argument(metavar="TYPE", help=told(nb="Meldingstypen.", en="The message type."))
    ],
    child: Annotated[
        str | None,
        typer.Option(
            help=told(nb="Underenheten i tokenet (orgnr_child).", en="The child unit in the token (orgnr_child).")
        ),
    ] = None,
    supplier: Annotated[
        str | None, typer.Option(help=told(nb="Leverandøren i tokenet.", en="The vendor in the token."))
    ] = None,
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """The same query as the receiver's own; an empty answer is 2001."""
    from ktt.receiver.pipeline.stages import Caller

    caller = Caller("?", holder, child, supplier)
    with _access(config) as (access, _settings):
        granted = access.units(holder, message_type, supplier)
    keys = sorted(unit.key for unit in granted if unit.organisation in caller.organisations)
    none = Text(nb="Ingen: svaret ville vært 2001.", en="None: the answer would be 2001.")
    emit(
        {"units": keys, "answer": 200 if keys else 2001},
        json=json,
        render=lambda: "\n".join(keys) or none.in_(language()),
    )


@app.command(
    "log", help=told(nb="Endringsloggen: hvem, når, hva og hvorfor.", en="The audit trail: who, when, what and why.")
)
def log(
    last: Annotated[int, typer.Option(min=1, help=told(nb="Så mange av de siste.", en="So many of the latest."))] = 50,
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """Oldest first."""
    with _access(config) as (access, _settings):
        changes = access.changes(last=last)
    columns = (
        Text(nb="Nr.", en="No."),
        Text(nb="Når", en="When"),
        Text(nb="Hvem", en="Who"),
        Text(nb="Hva", en="What"),
        Text(nb="Hvorfor", en="Why"),
    )
    rows = [
        (str(one.number), format_instant(one.at), one.by, "\n".join(_sentences(one)), one.reason) for one in changes
    ]
    emit([_data(one) for one in changes], json=json, render=lambda: table(columns, rows))


@app.command(
    help=told(nb="Angre en endring, etter nummeret i loggen.", en="Undo a change, by its number in the log."),
    cls=NumberCommand,
)
def undo(
    number: Annotated[
        int,
        typer.Argument(
            min=1,
            metavar=told(nb="NUMMER", en="NUMBER"),
            help=told(nb="Endringens nummer.", en="The change's number."),
        ),
    ],
    reason: Reason,
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """What was granted is revoked, what was revoked is granted; the undoing is a change of its own."""
    with _access(config) as (access, _settings):
        change = access.undo(number, by=current_user(), reason=reason)
    _show_change(change, config, json=json)


@contextmanager
def _access(config: Path) -> Iterator[tuple[AccessList, ReceiverSettings]]:
    settings = load_settings(config)
    from ktt.receiver.access.access_list import AccessList
    from ktt.receiver.service import preflight
    from ktt.receiver.store import tables

    database = preflight.open_migrated(settings.store.url, tables.SCHEMA)
    try:
        yield AccessList(database), settings.receiver
    finally:
        database.close()


def _show_change(change: Change | None, config: Path, *, json: bool) -> None:
    nothing = Text(nb="Ingenting å endre: slik var det allerede.", en="Nothing to change: it was so already.")
    render: Callable[[], str] = lambda: nothing.in_(language()) if change is None else "\n".join(_sentences(change))  # noqa: E731 - one expression
    emit(None if change is None else _data(change), json=json, render=render)
    if change is not None and not json:
        undo_hint = Text(
            nb='Endring {number} gjelder nå. Angre: ktt mottak access undo {number} --reason "…"{where}',
            en='Change {number} is in force. Undo: ktt mottak access undo {number} --reason "…"{where}',
        )
        where = "" if config == CONFIG else f" --config {config}"
        note(undo_hint.format(number=change.number, where=where))


def _data(change: Change) -> dict[str, Any]:
    rights = [
        {"act": act, **{name: value or None for name, value in asdict(right).items()}} for act, right in change.rights
    ]
    return {**asdict(change), "rights": rights}


def _sentences(change: Change) -> Iterator[str]:
    """What was done, one line for each unit or vendor."""
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for act, right in change.rights:
        unit = "-".join(filter(None, (right.organisation, right.municipality, right.district))) or right.supplier
        grouped.setdefault((act, right.holder, unit), []).append(right.message_type)
    for (verb, holder, unit), types in grouped.items():
        what = ", ".join(filter(None, types)) or Text(nb="som leverandør", en="as vendor").in_(language())
        yield f"{_ACTS[verb].in_(language())} {holder}: {unit} {what}"
