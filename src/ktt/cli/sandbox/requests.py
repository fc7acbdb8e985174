"""`ktt sandbox tail|send`: the requests to a running sandbox, decoded, and one made from an example."""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from ktt.cli.packs import PackOption
from ktt.cli.sandbox.running import Folder, admin_of
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.log.masking import masked
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.testing.sandbox.faults.admin_client import AdminClient

_NOT_DELIVERED = 4
_LOOK_AGAIN = 0.5  # seconds
_RECEIVER_AGENT = "ktt-sandbox-receiver"
_DELIVERED = Text(nb="✓ levert, kvittering {receipt}", en="✓ delivered, receipt {receipt}")
_NOT_TAKEN = Text(nb="✗ ikke levert: {said}", en="✗ not delivered: {said}")


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
    follow: Annotated[
        bool,
        typer.Option(
            "--follow",
            help=told(
                nb="Bli stående og vis hver ny forespørsel. Ctrl-C avslutter.",
                en="Stay, and show each new request. Ctrl-C ends it.",
            ),
        ),
    ] = False,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help=told(
                nb="Også det mottaket selv spør HelseID om.", en="Also what the receiver itself asks HelseID for."
            ),
        ),
    ] = False,
    messages: Annotated[
        bool, typer.Option("--messages", help=told(nb="Vis også meldingene.", en="Show the messages too."))
    ] = False,
    json: JsonFlag = False,
) -> None:
    """Show the last requests, decoded and decrypted; persons' numbers masked."""
    with admin_of(folder) as admin:
        if replay is not None:
            outcome = admin.replay(replay)
            emit(outcome, json=json, render=lambda: f"{replay}: {_came_back(outcome)}")
            return
        rows = _shown(admin.requests(), everything=everything)[-last:]
        emit(rows, json=json, render=lambda: _request_table(rows, messages=messages))
        if follow:
            _follow(admin, rows, everything=everything, messages=messages, json=json)


def send(
    example: Annotated[
        str,
        typer.Argument(
            metavar=told(nb="EKSEMPEL", en="EXAMPLE"),
            help=told(
                nb="Eksempelets navn eller begynnelsen av det, som N1. «ktt messages examples» viser dem.",
                en="The example's name or its beginning, as N1. `ktt messages examples` shows them.",
            ),
        ),
    ],
    message_type: Annotated[
        str, typer.Option("--type", help=told(nb="Meldingstypen.", en="The message type."))
    ] = "KTT_Vedtak",
    folder: Folder = None,
    *,
    pack: PackOption = None,
    json: JsonFlag = False,
) -> None:
    """Send an example as a client would: token, proof and sealed content are real. Exit code 4 when it was not delivered."""
    from ktt.cli.messages import find_example

    version, name = find_example(message_type, example, pack)
    content = version.examples()[name].decode(errors="replace")
    with admin_of(folder) as admin:
        outcome = admin.send(version.message_type, version.version, content)
    data = {"message_type": version.message_type, "example": name} | outcome
    emit(data, json=json, render=lambda: f"{version.message_type} {name}: {_came_back(outcome)}")
    raise typer.Exit(0 if outcome["delivered"] else _NOT_DELIVERED)


def _came_back(outcome: dict[str, Any]) -> str:
    """What the receiver answered, in words: the receipt, or FHI's code with the places."""
    if outcome["delivered"]:
        return _DELIVERED.format(receipt=outcome["correlation_id"]).in_(language())
    status, code = outcome.get("http_status"), outcome.get("code")
    parts = (status and f"HTTP {status}", code, outcome.get("name"), outcome.get("details"), outcome.get("reason"))
    said = " · ".join(str(part) for part in parts if part)
    return _NOT_TAKEN.format(said=said or outcome["outcome"]).in_(language())


def _shown(rows: list[dict[str, Any]], *, everything: bool) -> list[dict[str, Any]]:
    """The client's requests, messages masked; the receiver's own questions to HelseID only when everything is wanted."""
    mine = [row for row in rows if everything or ["user-agent", _RECEIVER_AGENT] not in row["headers"]]
    return [{**row, "payload": masked(row["payload"]) if row.get("payload") else None} for row in mine]


def _follow(
    admin: AdminClient, rows: list[dict[str, Any]], *, everything: bool, messages: bool, json: bool
) -> NoReturn:
    """Show what comes, once it is answered, until Ctrl-C."""
    newest = rows[-1]["number"] if rows else 0
    while True:
        time.sleep(_LOOK_AGAIN)
        came = [row for row in admin.requests(newest) if row["ended"] is not None]
        newest = came[-1]["number"] if came else newest
        shown = _shown(came, everything=everything)
        if shown:
            emit(shown, json=json, render=partial(_request_table, shown, messages=messages))
            sys.stdout.flush()


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
