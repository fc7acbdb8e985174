"""`ktt receipts`: whether the receipts hold together, and a file of them for those who inspect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.clock import SystemClock
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.monitoring.receipts.chains import Chain

app = typer.Typer(add_completion=False)

_File = Annotated[
    Path | None,
    typer.Option(
        "--file",
        metavar=told(nb="FIL", en="FILE"),
        help=told(
            nb="En fil fra «ktt receipts export», med «.jws»-filen ved siden av. Databasen trengs ikke.",
            en="A file from `ktt receipts export`, with the `.jws` file beside it. The store is not needed.",
        ),
    ),
]
_Out = Annotated[
    Path,
    typer.Argument(
        metavar=told(nb="FIL", en="FILE"),
        help=told(
            nb="Filen som skrives: JSON når navnet slutter på .json, ellers CSV.",
            en="The file to write: JSON when its name ends in .json, else CSV.",
        ),
    ),
]


@app.command(
    help=told(
        nb="Kontroller kvitteringskjeden til hver enhet: at ingen kvittering er endret, fjernet eller lagt til.",
        en="Verify the chain of receipts of every unit: that none was changed, taken away or added.",
    )
)
def verify(config: ConfigFile = CONFIG, file: _File = None, *, json: JsonFlag = False) -> None:
    """Every chain in the store, or in an exported file."""
    signer = None
    if file is None:
        settings = load_settings(config)
        from ktt.sender.monitoring.receipts.chains import chains
        from ktt.wiring.sender import store_from

        with store_from(settings) as database:
            found = chains(database)
    else:
        from ktt.sender.monitoring.receipts.export import verify_export

        found, signer = verify_export(file)
    data = {"signed_by": signer, "units": [chain.as_data() for chain in found]}
    emit(data, json=json, render=lambda: _shown(found, signer))
    for chain in found:
        if chain.fault is not None:
            raise chain.fault


@app.command(
    help=told(
        nb="Skriv kvitteringene til en fil for tilsyn: hva som er sendt når, kvittering og hash, uten personer og lokale ID-er.",
        en="Write the receipts to a file for inspection: what was sent when, receipt and hash, without persons and local ids.",
    )
)
def export(out: _Out, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """All receipts of the store in a file, and a signature beside it by the client's key at HelseID."""
    settings = load_settings(config)
    from ktt.sender.client.client_key import read_client_key
    from ktt.sender.monitoring.receipts.chains import proof_rows
    from ktt.sender.monitoring.receipts.export import write_export
    from ktt.sender.outcomes.sql import SqlOutcomes
    from ktt.wiring.sender import store_from

    key = read_client_key(settings.helseid.key_file)
    with store_from(settings) as database:
        newest = SqlOutcomes(database, SystemClock()).newest()
        limited = {unit.key: one.limited for unit, one in newest.items() if one.limited}
        found = write_export(proof_rows(database), out, key, SystemClock().now(), limited)
    units = [chain.as_data() for chain in found]
    data = {"file": out, "signed_by": key.thumbprint, "limited": limited, "units": units}
    emit(data, json=json, render=lambda: _shown(found, key.thumbprint))


def _shown(found: list[Chain], signer: str | None) -> RenderableType:
    from rich.console import Group

    columns: list[Text | str] = [
        Text(nb="Enhet", en="Unit"),
        Text(nb="Kvitteringer", en="Receipts"),
        Text(nb="Første", en="First"),
        Text(nb="Siste", en="Last"),
        Text(nb="Siste hash", en="Last hash"),
        "",
    ]
    rows = [(one.unit.key, one.count, one.first_at, one.last_at, one.head, "✗" if one.fault else "✓") for one in found]
    signed = Text(
        nb="Signert med nøkkelen {key}. Sammenlign den med klientens nøkkel i HelseID.",
        en="Signed by the key {key}. Compare it with the client's key at HelseID.",
    )
    return Group(table(columns, rows), *([signed.format(key=signer).in_(language())] if signer else []))
