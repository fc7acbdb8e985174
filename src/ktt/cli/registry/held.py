"""`ktt registry held|release`: the units that wait for a message that cannot be read, and their release."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user, load_settings
from ktt.cli.registry.options import Folder, OneUnit, sandbox_of, where_of
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, emit, language, note, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.registry import HeldUnit, HeldUnits

_Units = Annotated[
    list[str],
    typer.Argument(
        metavar=told(nb="ENHET", en="UNIT"),
        help=told(
            nb="Enheten slik «ktt registry held» viser den, som 312000008-1114.",
            en="The unit as `ktt registry held` shows it, as 312000008-1114.",
        ),
    ),
]
_Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor det er trygt nå; det blir stående i registeret, så ingen personopplysninger.",
            en="Why it is safe now; it is kept in the registry, so nothing about persons.",
        ),
    ),
]
_HELD_HELP = told(
    nb="""Vis enhetene som venter: siden når, på hva, hvor mange meldinger, og hva som må gjøres.

        Når en mottatt melding ikke kan leses inn i registeret, venter enhetene den gjelder, så ingen nyere melding går
        forbi den. En enhet som deler en melding med en som venter, venter sammen med den. Andre enheter går videre.
        Det som venter, er trygt lagret hos mottaket.""",
    en="""Show the units that wait: since when, for what, how many messages, and what must be done.

        When an accepted message cannot be read into the registry, the units that it is about wait, so that no newer
        message overtakes it. A unit that shares a message with one that waits, waits together with it. Other units go
        on. What waits is stored safely at the receiver.""",
)
_RELEASE_HELP = told(
    nb="""Slipp fri enheter som venter: registeret leser dem videre fra meldingen de venter på, i rekkefølge.

        Rett årsaken først; ellers venter enheten igjen ved neste innlesing, og ingenting er tapt. De som venter sammen,
        slippes fri sammen. Registeret kan være i gang imens. Hvem, når og hvorfor blir stående i registeret.""",
    en="""Release units that wait: the registry reads on from the message that they wait for, in order.

        Mend the cause first; otherwise the unit waits again at the next ingest, and nothing is lost. Those that wait
        together are released together. The registry may be at work meanwhile. Who, when and why is kept in it.""",
)
_BESIDE = "KTT-REG-02"  # the unit waits for another one
_COLUMNS = (
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("since", Text(nb="Venter siden", en="Waits since"), "instant"),
    Column("messages", Text(nb="Meldinger", en="Messages"), "count"),
    Column("position", Text(nb="Bak nr.", en="Behind no."), "count"),
    Column("code", Text(nb="Kode", en="Code")),
    Column("message_type", Text(nb="Meldingstype", en="Message type"), in_table=False),
    Column("correlation_id", Text(nb="Korrelasjons-ID", en="Correlation id"), in_table=False),
    Column("received_at", Text(nb="Mottatt", en="Received"), "instant", in_table=False),
    Column("reason", Text(nb="Hvorfor", en="Why"), in_table=False),
    Column("remedy", Text(nb="Hva må gjøres", en="What to do"), in_table=False),
)


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    app.command("held", help=_HELD_HELP)(held)
    app.command("release", help=_RELEASE_HELP)(release)


def held(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    *,
    unit: OneUnit = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The one behind the oldest message first."""
    form = Form("ktt registry held", json, csv, parquet)
    folder = sandbox_of(config, folder)
    with _held_units(config, folder) as units:
        rows = units.all(unit)
    data = [_data(row) for row in rows]
    answer(
        _COLUMNS, data, form, data=data, render=lambda drawn: _explained(drawn, rows, unit, where_of(config, folder))
    )


def release(
    units: _Units, reason: _Reason, config: ConfigFile = CONFIG, folder: Folder = None, *, json: JsonFlag = False
) -> None:
    """All of the units, or none when one of them does not wait."""
    folder = sandbox_of(config, folder)
    with _held_units(config, folder) as registry:
        released = registry.release(units, who=current_user(), why=reason)
    if folder is not None:
        _notify_sandbox(folder)
    says = Text(
        nb="{unit} er sluppet fri; {count} venter på å leses.", en="{unit} is released; {count} wait to be read."
    )
    lines = [says.format(unit=one.unit, count=one.messages).in_(language()) for one in released]
    emit([_data(one) for one in released], json=json, render=lambda: "\n".join(lines))
    if not json:
        hint = Text(
            nb="Registeret leser videre så snart det er i gang. Se om noe fortsatt venter: ktt registry held{where}",
            en="The registry reads on as soon as it is at work. See whether anything still waits: ktt registry held{where}",
        )
        note(hint.format(where=where_of(config, folder)))


@contextmanager
def _held_units(config: Path, folder: Path | None) -> Iterator[HeldUnits]:
    from ktt.wiring.receiver import held_units_at, held_units_from

    if folder is None:
        opened = held_units_from(load_settings(config))
    else:
        from ktt.testing.sandbox.faults.admin_client import registry_url

        opened = held_units_at(registry_url(folder))
    with opened as units:
        yield units


def _notify_sandbox(folder: Path) -> None:
    """A sandbox ingests when a message comes; so a running one is told that there is something to read again."""
    from ktt.testing.sandbox.errors import SandboxNotFound
    from ktt.testing.sandbox.faults.admin_client import AdminClient

    with suppress(SandboxNotFound), AdminClient(folder) as admin:
        admin.ingest()


def _explained(drawn: RenderableType, rows: list[HeldUnit], unit: str | None, where: str) -> RenderableType:
    """The table, and below it what there is to say of each unit."""
    from rich.console import Group

    if rows:
        return Group(drawn, *(_explanation(row, where) for row in rows))
    if unit is not None:
        return Text(nb="✓ {unit} venter ikke.", en="✓ {unit} does not wait.").format(unit=unit).in_(language())
    return Text(nb="✓ Ingen enheter venter.", en="✓ No units wait.").in_(language())


def _explanation(row: HeldUnit, where: str) -> str:
    message = f"{row.message_type}, {row.correlation_id}"
    return f"{row.unit} ({message}):\n  {row.reason.in_(language())}\n  → {_remedy(row, where).in_(language())}"


def _data(row: HeldUnit) -> dict[str, Any]:
    names = ("unit", "since", "messages", "position", "correlation_id", "message_type", "received_at", "code")
    facts = {name: getattr(row, name) for name in names}
    return {**facts, "reason": row.reason, "remedy": _remedy(row), "together": list(row.together)}


def _remedy(row: HeldUnit, where: str = "") -> Text:
    if row.code == _BESIDE and row.together:
        says = Text(nb="Slippes fri sammen med {others}.", en="Is released together with {others}.")
        return says.format(others=", ".join(row.together))
    says = Text(
        nb="Finn og rett årsaken, og kjør «ktt registry release {unit}{where} --reason …».",
        en="Find and mend the cause, then run `ktt registry release {unit}{where} --reason …`.",
    )
    return says.format(unit=row.unit, where=where)
