"""`ktt sandbox fail|slow|lose|rotate|clock|reset`: make a running sandbox fail, and put it right."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.negative_numbers import NumberCommand
from ktt.cli.sandbox import knobs
from ktt.cli.sandbox.requests import send, tail
from ktt.cli.sandbox.running import Folder, admin_of
from ktt.cli.sandbox.states import forget, restore, save, states
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.testing.sandbox.faults.faults import Resettable

What = Annotated[
    str,
    typer.Argument(
        help=told(
            nb="En av FHIs koder (1001–2010), en HTTP-status, eller en feil fra «ktt sandbox faults».",
            en="One of FHI's codes (1001–2010), an HTTP status, or a fault of `ktt sandbox faults`.",
        )
    ),
]
Seconds = Annotated[float, typer.Argument(help=told(nb="Sekunder.", en="Seconds."))]
Wait = Annotated[float, typer.Argument(min=0, max=600, help=told(nb="Sekunder.", en="Seconds."))]
Service = Annotated[str, typer.Argument(help="mottak | helseid")]
_WHAT = Text(nb="Hva", en="What")


def register(app: typer.Typer) -> None:
    """Add the commands to `ktt sandbox`."""
    for command, nb, en in (
        (fail, "La neste melding (eller token, eller nøkkelliste) feile.", "Let the next message (or token) fail."),
        (slow, "Svar sent på neste melding.", "Answer the next message late."),
        (lose, "Lagre neste melding, og mist svaret.", "Store the next message, and lose the answer."),
        (
            faults,
            "Feilene som venter, og dem som kan bestilles.",
            "The faults that wait, and those that can be asked for.",
        ),
        (clear, "Fjern en feil som venter, eller alle.", "Remove a fault that waits, or all."),
        (rotate, "Bytt nøkkel hos mottaket eller HelseID.", "Change the key of the receiver or HelseID."),
        (clock, "Still sandkassens klokke.", "Turn the sandbox's clock."),
        (
            reset,
            "Slå av alle feil, og glem det som kom; med --all også det som er lagret.",
            "Let all go right again, and forget what came; with --all what is stored too.",
        ),
        (send, "Send et av eksemplene, som N01.", "Send one of the examples, as N01."),
        (tail, "Vis det som kom sist: hode, bevis og melding.", "Show what came last: headers, proof and message."),
        (save, "Lagre det mottaket og registeret har nå, under et navn.", "Save what receiver and registry have now."),
        (restore, "Legg en lagret tilstand tilbake.", "Put a saved state back."),
        (states, "De lagrede tilstandene.", "The saved states."),
        (forget, "Slett en lagret tilstand.", "Delete a saved state."),
    ):
        app.command(help=told(nb=nb, en=en), cls=NumberCommand)(command)


def fail(
    what: What,
    *,
    for_: knobs.For = None,
    every: knobs.Every = 1,
    message_type: knobs.Type = None,
    unit: knobs.Unit = None,
    header: knobs.Header = None,
    correlation_id: knobs.CorrelationId = None,
    folder: Folder = None,
    until_cleared: knobs.UntilCleared = False,
    json: JsonFlag = False,
) -> None:
    """Apply a fault to the requests that meet every condition."""
    count = knobs.count(for_, until_cleared=until_cleared, command="ktt sandbox fail")
    conditions = knobs.conditions(message_type, unit, header, correlation_id, command="ktt sandbox fail")
    with admin_of(folder) as admin:
        _show_state(admin.fail(what, count=count, every=every, conditions=conditions), json=json)


def slow(
    seconds: Wait,
    *,
    for_: knobs.For = None,
    every: knobs.Every = 1,
    message_type: knobs.Type = None,
    unit: knobs.Unit = None,
    header: knobs.Header = None,
    correlation_id: knobs.CorrelationId = None,
    folder: Folder = None,
    until_cleared: knobs.UntilCleared = False,
    json: JsonFlag = False,
) -> None:
    """Store the messages that meet every condition, and answer late."""
    count = knobs.count(for_, until_cleared=until_cleared, command="ktt sandbox slow")
    conditions = knobs.conditions(message_type, unit, header, correlation_id, command="ktt sandbox slow")
    with admin_of(folder) as admin:
        _show_state(admin.fail("slow", count=count, seconds=seconds, every=every, conditions=conditions), json=json)


def lose(
    *,
    for_: knobs.For = None,
    every: knobs.Every = 1,
    message_type: knobs.Type = None,
    unit: knobs.Unit = None,
    header: knobs.Header = None,
    correlation_id: knobs.CorrelationId = None,
    folder: Folder = None,
    until_cleared: knobs.UntilCleared = False,
    json: JsonFlag = False,
) -> None:
    """Store the messages that meet every condition, and lose the answer."""
    count = knobs.count(for_, until_cleared=until_cleared, command="ktt sandbox lose")
    conditions = knobs.conditions(message_type, unit, header, correlation_id, command="ktt sandbox lose")
    with admin_of(folder) as admin:
        _show_state(admin.fail("lose", count=count, every=every, conditions=conditions), json=json)


def faults(folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Show what waits in a running sandbox, and the kinds of faults with place and description."""
    from ktt.testing.sandbox.errors import NoSandboxRuns
    from ktt.testing.sandbox.faults.faults import kinds_as_data

    found: dict[str, Any] = {"armed": [], "kinds": kinds_as_data()}
    with suppress(NoSandboxRuns), admin_of(folder) as admin:
        found = admin.faults()
    emit(found, json=json, render=lambda: _fault_tables(found))


def _fault_tables(found: dict[str, Any]) -> RenderableType:
    from rich.console import Group

    spoken = language()
    kinds = [(one["name"], one["place"], one["says"][spoken]) for one in found["kinds"]]
    listed = table((Text(nb="Feil", en="Fault"), Text(nb="Sted", en="Place"), _WHAT), kinds)
    return Group(_armed_table(found["armed"]), listed) if found["armed"] else listed


def _armed_table(armed: list[dict[str, Any]]) -> RenderableType:
    rows = [(str(one["number"]), one["says"][language()], one["applied"]) for one in armed]
    columns = (Text(nb="Nr.", en="No."), Text(nb="Venter", en="Waiting"), Text(nb="Brukt", en="Applied"))
    return table(columns, rows)


def clear(
    number: Annotated[
        int | None,
        typer.Argument(
            metavar=told(nb="NUMMER", en="NUMBER"),
            help=told(nb="Nummeret i «ktt sandbox faults».", en="Its number in `ktt sandbox faults`."),
        ),
    ] = None,
    folder: Folder = None,
    *,
    json: JsonFlag = False,
) -> None:
    """Remove one fault that waits, or all of them."""
    with admin_of(folder) as admin:
        numbers = [one["number"] for one in admin.faults()["armed"]] if number is None else [number]
        for one in numbers:
            admin.disarm(one)
        _show_state(admin.state(), json=json)


def rotate(what: Service = "mottak", folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Add a new key beside the old one."""
    with admin_of(folder) as admin:
        key = admin.rotate(what)
    emit({"service": what, "key": key}, json=json, render=lambda: key)


def clock(seconds: Seconds, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Set the sandbox's clock so many seconds ahead of this machine's, or behind when negative."""
    with admin_of(folder) as admin:
        _show_state(admin.clock(seconds), json=json)


def reset(
    folder: Folder = None,
    *,
    faults: Annotated[
        bool,
        typer.Option("--faults", help=told(nb="Bare feilene og klokka.", en="The faults and the clock alone.")),
    ] = False,
    requests: Annotated[
        bool,
        typer.Option("--requests", help=told(nb="Bare forespørslene som er vist.", en="The recorded requests alone.")),
    ] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help=told(
                nb="Tøm også mottaket og registeret: alle meldinger og opplysninger. Nøkler og lagrede tilstander står.",
                en="Empty receiver and registry too: every message and record. Keys and saved states stay.",
            ),
        ),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Clear the faults, the clock's offset and the recorded requests; with `--all` what the registry has too."""
    alone: Resettable | None = None if faults == requests else "faults" if faults else "requests"
    what: Resettable | None = "all" if everything else alone
    with admin_of(folder) as admin:
        _show_state(admin.reset(what), json=json)


def _show_state(state: dict[str, Any], *, json: bool) -> None:
    waits = Text(nb="Venter", en="Waiting"), "\n".join(one["says"][language()] for one in state["armed"]) or "–"
    ahead = (
        Text(nb="Klokka foran (s)", en="Clock ahead (s)"),
        f"{state['clock_offset']:g}" if state["clock_offset"] is not None else "–",
    )
    where = Text(nb="Sandkassen", en="The sandbox"), str(state["mottak"])
    rows = [(name.in_(language()), value) for name, value in (where, waits, ahead)]
    emit(state, json=json, render=lambda: table([_WHAT, Text(nb="Nå", en="Now")], rows))
