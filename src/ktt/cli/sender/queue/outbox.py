"""`ktt outbox`: the status of each queue and why, its messages, one message's attempts, and what a person may do to it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ktt.cli.negative_numbers import NumberCommand
from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.sender.queue import accepted, acts
from ktt.cli.sender.queue.words import (
    age,
    message_data,
    message_tables,
    messages_table,
    notes_table,
    queue_data,
    queues_shown,
)
from ktt.cli.show import JsonFlag, emit, told
from ktt.core.clock import SystemClock
from ktt.sender.outbox.message import State

app = typer.Typer(add_completion=False)
accepted.register(app)

_InState = Annotated[
    State | None, typer.Option("--state", help=told(nb="Bare meldinger i denne tilstanden.", en="Only in this state."))
]
_InPeriod = Annotated[
    str | None,
    typer.Option(
        "--period",
        metavar="2024-03",
        help=told(
            nb="Bare meldinger for denne perioden: en dag, en måned med dagene i den, eller et år.",
            en="Only of this period: a day, a month with its days, or a year.",
        ),
    ),
]
_OfType = Annotated[
    str | None,
    typer.Option(
        "--type",
        metavar="KTT_Tjeneste",
        help=told(nb="Bare meldinger av denne typen.", en="Only messages of this type."),
    ),
]
_Last = Annotated[
    int,
    typer.Option(
        "--last",
        min=1,
        help=told(nb="Så mange av dem, de nyeste.", en="So many of them, the newest."),
    ),
]


@app.callback(invoke_without_command=True)
def queues(context: typer.Context, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """The status of every queue, without a subcommand; the exit code says when one has been behind for over a day."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings(config)
    from ktt.sender.status import alarm, describe
    from ktt.wiring.sender import outbox_from

    now = SystemClock().now()
    with outbox_from(settings) as store:
        known = store.queues() or [store.queue(settings.unit.reporting_unit)]
        parked = [store.parked(queue.unit) for queue in known]
    found = [(queue, describe(queue), alarm(queue, now)) for queue in known]
    emit(
        [
            queue_data(queue, why)
            | {"alarm": late and late.as_data(), "parked": asdict(aside) | {"count": aside.count}}
            for (queue, why, late), aside in zip(found, parked, strict=True)
        ],
        json=json,
        render=lambda: queues_shown([(queue, why, age(queue, now), late) for queue, why, late in found], parked),
    )
    raise typer.Exit(next((late.exit_code for _, _, late in found if late), 0))


@app.command(
    "list",
    help=told(
        nb="Vis meldingene til enheten, eldste først, uten innholdet i dem.",
        en="Show the unit's messages, oldest first, without their content.",
    ),
)
def list_(
    config: ConfigFile = CONFIG,
    state: _InState = None,
    period: _InPeriod = None,
    message_type: _OfType = None,
    last: _Last = 50,
    *,
    json: JsonFlag = False,
) -> None:
    """The unit's messages, the newest of those that were asked for."""
    settings = load_settings(config)
    from ktt.sender.outbox.selection import Selection
    from ktt.wiring.sender import outbox_from

    with outbox_from(settings) as store:
        wanted = Selection(state, period, message_type).of(store.messages(settings.unit.reporting_unit))
    shown = wanted[-last:]
    left_out = len(wanted) - len(shown)
    data = {"left_out": left_out, "messages": [message_data(one) for one in shown]}
    emit(data, json=json, render=lambda: messages_table(shown, left_out))


@app.command(
    help=told(nb="Vis én melding: forsøk og kvittering.", en="Show one message: attempts and receipt."),
    cls=NumberCommand,
)
def show(
    sequence: Annotated[
        int,
        typer.Argument(
            metavar=told(nb="NUMMER", en="NUMBER"), help=told(nb="Meldingens nummer.", en="The message's number.")
        ),
    ],
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """One message with its attempts, without its payload. The chain of receipts is checked on the way."""
    settings = load_settings(config)
    from ktt.sender.outbox.receipt_chain import verify_receipts
    from ktt.wiring.sender import outbox_from

    unit = settings.unit.reporting_unit
    with outbox_from(settings) as store:
        message, attempts = store.message(unit, sequence), store.attempts(unit, sequence)
        receipts = store.receipts(unit)
    verify_receipts(unit, receipts)
    receipt = next((asdict(receipt) for receipt in receipts if receipt.sequence == sequence), None)
    data = message_data(message) | {"attempts": [asdict(attempt) for attempt in attempts], "receipt": receipt}
    emit(data, json=json, render=lambda: message_tables(data))


@app.command(
    help=told(
        nb="Vis inngrepene: hva noen har gjort med køen, hvem, når og hvorfor.",
        en="Show the interventions: what somebody did to the queue, who, when and why.",
    )
)
def notes(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """What people did to this unit's queue, in order."""
    settings = load_settings(config)
    from ktt.wiring.sender import outbox_from

    with outbox_from(settings) as store:
        found = store.notes(settings.unit.reporting_unit)
    emit([asdict(one) for one in found], json=json, render=lambda: notes_table(found))


acts.register(app)
