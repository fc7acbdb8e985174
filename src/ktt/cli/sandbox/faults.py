"""`ktt sandbox fail|slow|lose|rotate|clock|reset|tail`: make a running sandbox fail, and show the requests to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.negative_numbers import NumberCommand
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.log.masking import masked
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.testing.sandbox.faults.admin_client import AdminClient

Folder = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Sandkassens mappe. Uten: den som sist ble startet uten egen mappe.",
            en="The sandbox's folder. Without: the one last started without a folder of its own.",
        )
    ),
]
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
        (tail, "Vis det som kom sist: hode, bevis og melding.", "Show what came last: headers, proof and message."),
    ):
        app.command(help=told(nb=nb, en=en), cls=NumberCommand)(command)


def fail(what: What, count: Count = 1, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Apply a fault to the next requests."""
    with _admin(folder) as admin:
        _show_state(admin.fail(what, count=count), json=json)


def slow(seconds: Wait, count: Count = 1, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Store the next message, and answer late."""
    with _admin(folder) as admin:
        _show_state(admin.fail("slow", count=count, seconds=seconds), json=json)


def lose(count: Count = 1, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Store the next message, and lose the answer."""
    with _admin(folder) as admin:
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
    with _admin(folder) as admin:
        key = admin.rotate(what)
    emit({"service": what, "key": key}, json=json, render=lambda: key)


def clock(seconds: Seconds, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Set the sandbox's clock so many seconds ahead of this machine's, or behind when negative."""
    with _admin(folder) as admin:
        _show_state(admin.clock(seconds), json=json)


def reset(folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Clear the faults, the clock's offset and the recorded requests."""
    with _admin(folder) as admin:
        _show_state(admin.reset(), json=json)


def tail(
    last: Annotated[int, typer.Option(min=1, max=500, help=told(nb="Så mange.", en="So many."))] = 10,
    replay: Annotated[
        int | None,
        typer.Option(
            help=told(nb="Send melding nr. … på nytt, kryptert på nytt.", en="Send message no. … again, sealed anew.")
        ),
    ] = None,
    folder: Folder = None,
    *,
    messages: Annotated[
        bool, typer.Option("--messages", help=told(nb="Vis også meldingene.", en="Show the messages too."))
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Show the last requests, decoded and decrypted; persons' numbers masked."""
    with _admin(folder) as admin:
        if replay is not None:
            outcome = admin.replay(replay)
            emit(outcome, json=json, render=lambda: f"{replay}: {outcome['outcome']}")
            return
        rows = admin.requests()[-last:]
    for row in rows:
        row["payload"] = masked(row["payload"]) if row.get("payload") else None
    emit(rows, json=json, render=lambda: _request_table(rows, messages=messages))


def _request_table(rows: list[dict[str, Any]], *, messages: bool) -> RenderableType:
    from rich.console import Group

    columns = (
        Text(nb="Nr.", en="No."),
        Text(nb="Tid", en="Time"),
        Text(nb="Forespørsel", en="Request"),
        Text(nb="Svar", en="Answer"),
        Text(nb="Feil", en="Fault"),
        Text(nb="Bevis", en="Proof"),
    )
    parts = [table(columns, [_row(row) for row in rows])]
    told = [_explained(row) for row in rows if row["explanation"]]
    shown = [f"{row['number']}:\n{row['payload']}" for row in rows if row["payload"]] if messages else []
    return Group(*parts, *told, *shown)


def _explained(row: dict[str, Any]) -> str:
    """Why a token, a proof or a client assertion was refused: the row of its table, what was wrong, what to do."""
    found, words = row["explanation"], language()
    return f"{row['number']}: {found['row']} – {found['says'][words]} {found['remedy'][words]}"


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    proof = (row.get("proof") or {}).get("claims", {})
    kept = ("msg_type", "msg_version", "enc_key_id", "jti", "nonce")
    claims = " ".join(f"{name}={proof[name]}" for name in kept if name in proof)
    at = time.strftime("%H:%M:%S", time.localtime(row["at"]))
    return (str(row["number"]), at, f"{row['method']} {row['path']}", _answer(row), row["fault"], claims)


def _answer(row: dict[str, Any]) -> str:
    """The status, and FHI's codes when there are any."""
    answer = row.get("answer")
    errors = answer.get("errors") if isinstance(answer, dict) else None
    codes = [str(error.get("errorCode")) for error in errors or () if error.get("errorCode")]
    return " ".join([str(row["status"] or "–"), *codes])


@contextmanager
def _admin(folder: Path | None) -> Iterator[AdminClient]:
    from ktt.testing.sandbox.faults.admin_client import AdminClient

    with AdminClient(folder) as admin:
        yield admin


def _show_state(state: dict[str, Any], *, json: bool) -> None:
    waits = Text(nb="Venter", en="Waiting"), ", ".join(state["waiting"]) or "–"
    ahead = (
        Text(nb="Klokken foran (s)", en="Clock ahead (s)"),
        f"{state['clock_offset']:g}" if state["clock_offset"] is not None else "–",
    )
    rows = [(name.in_(language()), value) for name, value in (waits, ahead)]
    emit(state, json=json, render=lambda: table([_WHAT, Text(nb="Nå", en="Now")], rows))
