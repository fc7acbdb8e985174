"""`ktt mottak keys`: the RSA keys that senders encrypt under, and their rotation."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile, format_instant, load_settings
from ktt.cli.show import JsonFlag, emit, language, note, progress, table, told
from ktt.core.clock import SystemClock
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.receiver.keys.key_store import KeyStore
    from ktt.receiver.service.status import KeyAge
    from ktt.receiver.settings import ReceiverSettings

app = typer.Typer(add_completion=False)

_STATES = {
    "current": Text(nb="i bruk", en="in use"),
    "overlapping": Text(nb="gjelder fortsatt", en="still good"),
    "expired": Text(nb="utløpt", en="expired"),
    "destroyed": Text(nb="utløpt, privat del slettet", en="expired, private part destroyed"),
}


@app.command(
    "list", help=told(nb="Vis nøklene: alder, utløp og dager igjen.", en="Show the keys: age, expiry and days left.")
)
def list_(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """The first is the one that senders use."""
    _settings, keys = _keys(config)
    _show(keys, json=json)


@app.command(
    help=told(
        nb="Lag en ny nøkkel nå. Den gamle gjelder en tid til, så ingen melding på vei går tapt.",
        en="Make a new key now. The old one stays good for a while, so that no message on its way is lost.",
    )
)
def rotate(
    overlap_days: Annotated[
        int | None,
        typer.Option(
            min=0,
            help=told(
                nb="Hvor lenge de gamle gjelder. Standard: som i innstillingene. 0 avslutter dem straks, når en nøkkel er på avveie.",
                en="How long the old ones stay good. Without: as in the settings. 0 ends them at once, when a key is lost.",
            ),
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=told(
                nb="Hvor lenge den nye varer. Standard: som i innstillingene.",
                en="How long the new one lasts. Without: as in the settings.",
            ),
        ),
    ] = None,
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """A running receiver lists the new key at once; senders see it when they fetch the list again."""
    from ktt.receiver.service.errors import OverlapTooLong

    settings, keys = _keys(config)
    life = settings.key_days if days is None else days
    overlap = settings.key_overlap_days if overlap_days is None else overlap_days
    if overlap >= life:
        raise OverlapTooLong(days=life, overlap=overlap)
    old = [key.id for key in keys.listed()]
    made = keys.add(dt.timedelta(days=life))
    keys.retire(old, SystemClock().now() + dt.timedelta(days=overlap))
    _show(keys, json=json)
    if not json:
        note(
            Text(
                nb="Ny nøkkel: {id}. Ta sikkerhetskopi av nøkkelmappen.", en="New key: {id}. Back the key folder up."
            ).format(id=made.id)
        )


@app.command(
    "rotate-vault",
    help=told(
        nb="""Bytt nøkkelen som forsegler det mottaket lagrer: innholdet i innboksen, kontrollsummene og de private nøklene.

        Tjenesten må være stoppet. Avbrytes kommandoen, kjør den igjen; til den er ferdig, kan mottaket ikke startes. Den gamle
        nøkkelen åpner bare eldre kopier av databasen: ta vare på den så lenge dere har slike.""",
        en="""Exchange the key that seals what the receiver stores: the inbox's content, the hashes and the private keys.

        The service must be stopped. When the command is interrupted, run it again; until it is done, the receiver cannot be
        started. The old key opens older backups of the database alone: keep it as long as you have those.""",
    ),
)
def rotate_vault(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Everything is sealed anew, then the new key file takes the place of the old."""
    settings = load_settings(config)
    from ktt.wiring.upkeep import rotate_receiver_vault

    with progress(Text(nb="Forsegler på nytt", en="Sealing anew")) as step:
        rotate_receiver_vault(settings, step)
    emit({"rotated": [settings.store.key_file]}, json=json, render=lambda: ROTATED.in_(language()))


ROTATED = Text(
    nb="✓ Nøkkelen er byttet. Ta sikkerhetskopi av den nye nå, atskilt fra databasen, og start tjenesten.",
    en="✓ The key is exchanged. Back the new one up now, apart from the database, and start the service.",
)
"""What is said when a vault was exchanged."""


def _keys(config: Path) -> tuple[ReceiverSettings, KeyStore]:
    settings = load_settings(config)
    from ktt.receiver.keys.key_store import KeyStore
    from ktt.storage.vault import Vault

    vault = Vault.from_file(settings.store.key_file)
    return settings.receiver, KeyStore(settings.store.key_folder, vault, SystemClock())


def _show(keys: KeyStore, *, json: bool) -> None:
    from ktt.receiver.service.status import key_ages

    ages = key_ages(keys.stored(), SystemClock().now())
    data: list[dict[str, Any]] = [asdict(age) for age in ages]
    emit(data, json=json, render=lambda: _ages_table(ages))


def _ages_table(ages: list[KeyAge]) -> RenderableType:
    columns = (
        Text(nb="Nøkkel", en="Key"),
        Text(nb="Tilstand", en="State"),
        Text(nb="Laget", en="Made"),
        Text(nb="Alder (dager)", en="Age (days)"),
        Text(nb="Utløper", en="Expires"),
        Text(nb="Dager igjen", en="Days left"),
    )
    rows = [
        (
            age.id,
            _STATES[age.state].in_(language()),
            format_instant(age.made_at),
            age.age_days,
            format_instant(age.expires_at),
            max(age.days_left, 0),
        )
        for age in ages
    ]
    return table(columns, rows)
