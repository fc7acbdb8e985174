"""`ktt outbox`: the status of each queue and why, one message's attempts, and what a person may do to a queue."""

from __future__ import annotations

import datetime as dt
import getpass
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.negative_numbers import NumberCommand
from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.clock import SystemClock
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.outbox.message import QueueStatus

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
def queues(context: typer.Context, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """The status of every queue in the store, when no subcommand is given."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings(config)
    from ktt.sender.status import describe
    from ktt.wiring import outbox_from

    clock = SystemClock()
    with outbox_from(settings, clock=clock) as store:
        known = store.queues() or [store.queue(settings.unit.reporting_unit)]
        found = [(queue, describe(queue)) for queue in known]
    emit(
        [_queue_data(queue, why) for queue, why in found],
        json=json,
        render=lambda: _queues_table([(queue, why, _age(queue, clock.now())) for queue, why in found]),
    )


@app.command(
    help=told(nb="Vis én melding: forsøk og kvittering.", en="Show one message: attempts and receipt."),
    cls=NumberCommand,
)
def show(
    sequence: Annotated[int, typer.Argument(help=told(nb="Meldingens nummer.", en="The message's number."))],
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """One message with its attempts, without its payload. The chain of receipts is checked on the way."""
    settings = load_settings(config)
    from ktt.sender.outbox.receipt_chain import verify_receipts
    from ktt.wiring import outbox_from

    unit = settings.unit.reporting_unit
    with outbox_from(settings) as store:
        message, attempts = store.message(unit, sequence), store.attempts(unit, sequence)
        receipts = store.receipts(unit)
    verify_receipts(unit, receipts)
    receipt = next((asdict(receipt) for receipt in receipts if receipt.sequence == sequence), None)
    data = asdict(message) | {
        "unit": unit.key,
        "attempts": [asdict(attempt) for attempt in attempts],
        "receipt": receipt,
    }
    emit(data, json=json, render=lambda: _message_tables(data))


@app.command(
    help=told(
        nb="Ta ut det som ikke er levert, så neste kjøring lager det på nytt.",
        en="Take out what is not delivered, so that the next run plans it anew.",
    )
)
def rebuild(config: ConfigFile = CONFIG, reason: Reason = "", *, json: JsonFlag = False) -> None:
    """Supersede everything undelivered in this unit's queue."""
    settings = load_settings(config)
    from ktt.sender.outbox.dispatch import locked
    from ktt.wiring import outbox_from

    unit = settings.unit.reporting_unit
    with outbox_from(settings) as store, locked(store, unit):
        taken = store.rebuild(unit, by=getpass.getuser(), reason=reason)
    shown = Text(
        nb="{taken:melding|meldinger} er tatt ut av køen. Neste kjøring lager på nytt det som trengs.",
        en="{taken:message was|messages were} taken out of the queue. The next run plans anew what is needed.",
    ).format(taken=taken)
    emit({"unit": unit.key, "superseded": taken}, json=json, render=lambda: shown.in_(language()))


@app.command(help=told(nb="Stans sendingen inntil videre.", en="Stop sending until further notice."))
def pause(
    reason: Annotated[
        str, typer.Option("--reason", help=told(nb="Hvorfor; det skrives ned.", en="Why; it is written down."))
    ],
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """Stop this unit's queue before its next message, also while a run is under way."""
    _set_pause(config, reason, json=json)


@app.command(help=told(nb="La sendingen gå videre.", en="Let sending go on."))
def resume(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """End the pause; the next run goes on."""
    _set_pause(config, None, json=json)


def _set_pause(config: Path, reason: str | None, *, json: bool) -> None:
    settings = load_settings(config)
    from ktt.wiring import outbox_from

    unit, by = settings.unit.reporting_unit, getpass.getuser()
    with outbox_from(settings) as store:
        if reason is None:
            store.resume(unit, by=by)
        else:
            store.pause(unit, by=by, reason=reason)
    off = Text(nb="Køen til {unit} er satt på pause.", en="The queue of {unit} is paused.")
    on = Text(nb="Køen til {unit} går videre.", en="The queue of {unit} goes on.")
    shown = (on if reason is None else off).format(unit=unit.key)
    emit({"unit": unit.key, "paused": reason is not None}, json=json, render=lambda: shown.in_(language()))


def _queue_data(queue: QueueStatus, why: Text) -> dict[str, Any]:
    data = asdict(queue) | {"unit": queue.unit.key, "why": why}
    first = queue.first and data["first"] | {"unit": queue.unit.key}
    # Scripts know the first undelivered message as “head”.
    return {"head" if name == "first" else name: first if name == "first" else value for name, value in data.items()}


def _age(queue: QueueStatus, now: dt.datetime) -> str:
    if queue.first is None:
        return ""
    waited = now - queue.first.queued_at
    if waited < dt.timedelta(hours=1):
        return f"{waited // dt.timedelta(minutes=1)} min"
    if waited < dt.timedelta(days=2):
        return Text(nb="{n} t", en="{n} h").format(n=waited // dt.timedelta(hours=1)).in_(language())
    return Text(nb="{n} d", en="{n} d").format(n=waited.days).in_(language())


def _queues_table(found: list[tuple[QueueStatus, Text, str]]) -> RenderableType:
    columns = [
        Text(nb="Enhet", en="Unit"),
        Text(nb="I køen", en="In the queue"),
        Text(nb="Levert", en="Delivered"),
        Text(nb="Først", en="First"),
        Text(nb="Tilstand", en="State"),
        Text(nb="Alder", en="Age"),
        Text(nb="Hvordan det står til", en="Status"),
    ]
    rows = []
    for queue, why, age in found:
        first, state = (queue.first.sequence, _STATES[queue.first.state].in_(language())) if queue.first else (None, "")
        rows.append((queue.unit.key, queue.undelivered, queue.delivered, first, state, age, why.in_(language())))
    return table(columns, rows)


def _message_tables(data: dict[str, Any]) -> RenderableType:
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
