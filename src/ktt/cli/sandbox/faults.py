"""`ktt sandbox fail|slow|lose|rotate|clock|reset`: make a running sandbox fail, and put it right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.negative_numbers import NumberCommand
from ktt.cli.sandbox.requests import send, tail
from ktt.cli.sandbox.running import Folder, admin_of
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.testing.sandbox.faults.faults import Resettable

Count = Annotated[
    int, typer.Option(min=1, max=1000, help=told(nb="For så mange forespørsler.", en="For so many requests."))
]
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
Wait = Annotated[float, typer.Argument(min=0, help=told(nb="Sekunder.", en="Seconds."))]
Service = Annotated[str, typer.Argument(help="mottak | helseid")]
_WHAT = Text(nb="Hva", en="What")


def register(app: typer.Typer) -> None:
    """Add the commands to `ktt sandbox`."""
    for command, nb, en in (
        (fail, "La neste melding (eller token, eller nøkkelliste) feile.", "Let the next message (or token) fail."),
        (slow, "Svar sent på neste melding.", "Answer the next message late."),
        (lose, "Lagre neste melding, og mist svaret.", "Store the next message, and lose the answer."),
        (faults, "Feilene som kan bestilles.", "The faults that can be asked for."),
        (rotate, "Bytt nøkkel hos mottaket eller HelseID.", "Change the key of the receiver or HelseID."),
        (clock, "Still sandkassens klokke.", "Turn the sandbox's clock."),
        (reset, "La alt gå bra igjen, og glem det som kom.", "Let all go right again, and forget what came."),
        (send, "Send et av eksemplene, som N01.", "Send one of the examples, as N01."),
        (tail, "Vis det som kom sist: hode, bevis og melding.", "Show what came last: headers, proof and message."),
    ):
        app.command(help=told(nb=nb, en=en), cls=NumberCommand)(command)


def fail(what: What, count: Count = 1, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Apply a fault to the next requests."""
    with admin_of(folder) as admin:
        _show_state(admin.fail(what, count=count), json=json)


def slow(seconds: Wait, count: Count = 1, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Store the next message, and answer late."""
    with admin_of(folder) as admin:
        _show_state(admin.fail("slow", count=count, seconds=seconds), json=json)


def lose(count: Count = 1, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Store the next message, and lose the answer."""
    with admin_of(folder) as admin:
        _show_state(admin.fail("lose", count=count), json=json)


def faults(*, json: JsonFlag = False) -> None:
    """Show the kinds of faults, with place and description."""
    from ktt.testing.sandbox.faults.faults import FAULT_KINDS

    rows = [
        (name, kind.place, kind.description) for name, kind in FAULT_KINDS.items() if name not in {"code", "status"}
    ]
    data = [{"name": name, "place": place, "says": says} for name, place, says in rows]
    columns = (Text(nb="Feil", en="Fault"), Text(nb="Sted", en="Place"), _WHAT)
    emit(
        data,
        json=json,
        render=lambda: table(columns, [(name, place, says.in_(language())) for name, place, says in rows]),
    )


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
        typer.Option("--faults", help=told(nb="Bare feilene og klokken.", en="The faults and the clock alone.")),
    ] = False,
    requests: Annotated[
        bool,
        typer.Option("--requests", help=told(nb="Bare forespørslene som er vist.", en="The recorded requests alone.")),
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Clear the faults, the clock's offset and the recorded requests; what the registry has stays."""
    what: Resettable | None = None if faults == requests else "faults" if faults else "requests"
    with admin_of(folder) as admin:
        _show_state(admin.reset(what), json=json)


def _show_state(state: dict[str, Any], *, json: bool) -> None:
    waits = Text(nb="Venter", en="Waiting"), ", ".join(state["waiting"]) or "–"
    ahead = (
        Text(nb="Klokken foran (s)", en="Clock ahead (s)"),
        f"{state['clock_offset']:g}" if state["clock_offset"] is not None else "–",
    )
    where = Text(nb="Sandkassen", en="The sandbox"), str(state["mottak"])
    rows = [(name.in_(language()), value) for name, value in (where, waits, ahead)]
    emit(state, json=json, render=lambda: table([_WHAT, Text(nb="Nå", en="Now")], rows))
