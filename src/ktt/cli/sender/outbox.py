"""`ktt outbox`: how each line stands and why, one message's story, and the three things a person may do to a line."""

from __future__ import annotations

import datetime as dt
import getpass
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.clock import SystemClock
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.outbox.message import Line

app = typer.Typer(add_completion=False)

_STATES = {
    "waiting": Text(nb="venter", en="waiting"),
    "uncertain": Text(nb="uavklart", en="uncertain"),
    "rejected": Text(nb="avvist", en="rejected"),
    "delivered": Text(nb="levert", en="delivered"),
    "superseded": Text(nb="erstattet", en="superseded"),
}
_OUTCOMES = {
    "accepted": Text(nb="mottatt", en="accepted"),
    "rejected": Text(nb="avvist", en="rejected"),
    "too_large": Text(nb="for stor", en="too large"),
    "refused": Text(nb="ikke sluppet inn", en="not let in"),
    "not_sent": Text(nb="kom ikke fram", en="did not get through"),
    "unknown": Text(nb="ukjent utfall", en="unknown outcome"),
    None: Text(nb="avbrutt", en="interrupted"),
}
_FACTS = {
    "sequence": Text(nb="Melding", en="Message"),
    "message_type": Text(nb="Meldingstype", en="Message type"),
    "version": Text(nb="Versjon", en="Version"),
    "period": Text(nb="Periode", en="Period"),
    "extracted_on": Text(nb="Uttaksdato", en="Extracted on"),
    "state": Text(nb="Tilstand", en="State"),
    "upserts": Text(nb="Nye og endrede", en="New and changed"),
    "deletions": Text(nb="Slettede", en="Deleted"),
    "payload_bytes": Text(nb="Størrelse (byte)", en="Size (bytes)"),
    "payload_hash": Text(nb="Fingeravtrykk", en="Hash"),
    "number": Text(nb="Nr.", en="No."),
    "at": Text(nb="Når", en="When"),
    "outcome": Text(nb="Utfall", en="Outcome"),
    "http_status": Text(nb="HTTP", en="HTTP"),
    "code": Text(nb="Kode", en="Code"),
    "name": Text(nb="Navn", en="Name"),
    "details": Text(nb="Hvor", en="Where"),
    "correlation_id": Text(nb="Kvitteringsnummer", en="Correlation id"),
    "accepted_at": Text(nb="Kvittert", en="Accepted"),
    "hash": Text(nb="Kjede", en="Chain"),
}
_MESSAGE = ("sequence", "message_type", "version", "period", "extracted_on", "state", "upserts", "deletions")
_ATTEMPT = ("number", "at", "outcome", "http_status", "code", "name", "details", "correlation_id")
_RECEIPT = ("correlation_id", "accepted_at", "payload_hash", "hash")

Reason = Annotated[
    str, typer.Option("--reason", help=told(nb="Hvorfor; det skrives ned.", en="Why; it is written down."))
]


@app.callback(invoke_without_command=True)
def lines(context: typer.Context, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Every line in the store, when nothing more is asked."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings(config)
    from ktt.sender.status import how_it_stands
    from ktt.wiring import outbox_from

    clock = SystemClock()
    with outbox_from(settings, clock=clock) as store:
        known = store.lines() or [store.line(settings.unit.reporting_unit)]
        found = [(line, how_it_stands(line)) for line in known]
    emit(
        [_line_data(line, why) for line, why in found],
        json=json,
        render=lambda: _lines_table([(line, why, _age(line, clock.now())) for line, why in found]),
    )


@app.command(help=told(nb="Vis én melding: forsøk og kvittering.", en="Show one message: attempts and receipt."))
def show(
    sequence: Annotated[int, typer.Argument(help=told(nb="Meldingens nummer.", en="The message's number."))],
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """One message's story, never what it says. The chain of receipts is checked on the way."""
    settings = load_settings(config)
    from ktt.sender.outbox.receipt_chain import verify
    from ktt.wiring import outbox_from

    unit = settings.unit.reporting_unit
    with outbox_from(settings) as store:
        message, attempts = store.message(unit, sequence), store.attempts(unit, sequence)
        receipts = store.receipts(unit)
    verify(unit, receipts)
    receipt = next((asdict(receipt) for receipt in receipts if receipt.sequence == sequence), None)
    data = asdict(message) | {
        "unit": unit.key,
        "attempts": [asdict(attempt) for attempt in attempts],
        "receipt": receipt,
    }
    emit(data, json=json, render=lambda: _story(data))


@app.command(
    help=told(
        nb="Ta ut det som ikke er levert, så neste kjøring lager det på nytt.",
        en="Take out what is not delivered, so that the next run plans it anew.",
    )
)
def rebuild(config: ConfigFile = CONFIG, reason: Reason = "", *, json: JsonFlag = False) -> None:
    """Supersede everything undelivered in this unit's line."""
    settings = load_settings(config)
    from ktt.sender.outbox.dispatch import hold
    from ktt.wiring import outbox_from

    unit = settings.unit.reporting_unit
    with outbox_from(settings) as store, hold(store, unit):
        taken = store.rebuild(unit, by=getpass.getuser(), reason=reason)
    said = Text(
        nb="{taken} meldinger er tatt ut av køen. Neste kjøring lager dem på nytt.",
        en="{taken} messages were taken out of the line. The next run plans them anew.",
    ).format(taken=taken)
    emit({"unit": unit.key, "superseded": taken}, json=json, render=lambda: said.in_(language()))


@app.command(help=told(nb="Stans sendingen inntil videre.", en="Stop sending until further notice."))
def pause(
    reason: Annotated[
        str, typer.Option("--reason", help=told(nb="Hvorfor; det skrives ned.", en="Why; it is written down."))
    ],
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """Stop this unit's line before its next message, also while a run is at it."""
    _turn(config, reason, json=json)


@app.command(help=told(nb="La sendingen gå videre.", en="Let sending go on."))
def resume(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """Let this unit's line go on at the next run."""
    _turn(config, None, json=json)


def _turn(config: Path, reason: str | None, *, json: bool) -> None:
    settings = load_settings(config)
    from ktt.wiring import outbox_from

    unit, by = settings.unit.reporting_unit, getpass.getuser()
    with outbox_from(settings) as store:
        if reason is None:
            store.resume(unit, by=by)
        else:
            store.pause(unit, by=by, reason=reason)
    off = Text(nb="Køen til {unit} er satt på pause.", en="The line of {unit} is paused.")
    on = Text(nb="Køen til {unit} går videre.", en="The line of {unit} goes on.")
    said = (on if reason is None else off).format(unit=unit.key)
    emit({"unit": unit.key, "paused": reason is not None}, json=json, render=lambda: said.in_(language()))


def _line_data(line: Line, why: Text) -> dict[str, Any]:
    head = line.head and asdict(line.head) | {"unit": line.unit.key}
    return asdict(line) | {"unit": line.unit.key, "head": head, "why": why}


def _age(line: Line, now: dt.datetime) -> str:
    if line.head is None:
        return ""
    waited = now - line.head.queued_at
    if waited < dt.timedelta(hours=1):
        return f"{waited // dt.timedelta(minutes=1)} min"
    if waited < dt.timedelta(days=2):
        return Text(nb="{n} t", en="{n} h").format(n=waited // dt.timedelta(hours=1)).in_(language())
    return Text(nb="{n} d", en="{n} d").format(n=waited.days).in_(language())


def _lines_table(found: list[tuple[Line, Text, str]]) -> RenderableType:
    columns = [
        Text(nb="Enhet", en="Unit"),
        Text(nb="I køen", en="In the line"),
        Text(nb="Levert", en="Delivered"),
        Text(nb="Først", en="Head"),
        Text(nb="Tilstand", en="State"),
        Text(nb="Alder", en="Age"),
        Text(nb="Hvordan det står til", en="How it stands"),
    ]
    rows = []
    for line, why, age in found:
        first, state = (line.head.sequence, _STATES[line.head.state].in_(language())) if line.head else (None, "")
        rows.append((line.unit.key, line.undelivered, line.delivered, first, state, age, why.in_(language())))
    return table(columns, rows)


def _story(data: dict[str, Any]) -> RenderableType:
    from rich.console import Group

    shown = [_facts(data, (*_MESSAGE, "payload_bytes"), title="")]
    if data["attempts"]:
        rows = [[_plain(name, attempt[name]) for name in _ATTEMPT] for attempt in data["attempts"]]
        shown.append(table([_FACTS[name] for name in _ATTEMPT], rows, title=Text(nb="Forsøk", en="Attempts")))
    if data["receipt"]:
        shown.append(_facts(data["receipt"], _RECEIPT, title=Text(nb="Kvittering", en="Receipt")))
    return Group(*shown)


def _facts(data: dict[str, Any], names: tuple[str, ...], *, title: Text | str) -> RenderableType:
    return table(["", ""], [(_FACTS[name].in_(language()), _plain(name, data[name])) for name in names], title=title)


def _plain(name: str, value: Any) -> str:
    if name == "outcome":
        return _OUTCOMES[value].in_(language())
    if name == "state":
        return _STATES[value].in_(language())
    if value is None:
        return ""
    return value.isoformat(timespec="seconds") if isinstance(value, dt.datetime) else str(value)
