"""`ktt sandbox tail|send`: the requests to a running sandbox, decoded, and one made from an example."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from ktt.cli.packs import PackOption
from ktt.cli.sandbox.running import Folder, admin_of
from ktt.cli.show import JsonFlag, emit, language, note, table, told
from ktt.core.clock import OSLO
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.testing.sandbox.faults.admin_client import AdminClient

_NOT_DELIVERED = 4
_LOOK_AGAIN = 0.5  # seconds
_DELIVERED = Text(nb="✓ levert, kvittering {receipt}", en="✓ delivered, receipt {receipt}")
_SENDERS = {"client": Text(nb="klienten", en="client"), "receiver": Text(nb="mottaket", en="receiver")}
_NO_VERDICT = Text(nb="– klienten fikk ikke noe svar som kan leses", en="– the client got no answer that can be read")
_NOT_TAKEN = Text(nb="✗ ikke levert: {said}", en="✗ not delivered: {said}")
_OTHER_UNIT = 2001
_START_WITH = Text(
    nb="Eksempelet gjelder {units}. Start sandkassen uten --unit, eller med den enheten også.",
    en="The example is about {units}. Start the sandbox without --unit, or with that unit too.",
)


_Last = Annotated[int, typer.Option(min=1, max=500, help=told(nb="Så mange.", en="So many."))]
_Replay = Annotated[
    int | None,
    typer.Option(
        help=told(nb="Send melding nr. … på nytt, kryptert på nytt.", en="Send message no. … again, sealed anew.")
    ),
]
_Follow = Annotated[
    bool,
    typer.Option(
        "--follow",
        help=told(
            nb="Bli stående og vis hver ny forespørsel. Ctrl-C avslutter.",
            en="Stay, and show each new request. Ctrl-C ends it.",
        ),
    ),
]
_Everything = Annotated[
    bool,
    typer.Option(
        "--all",
        help=told(nb="Også det mottaket selv spør HelseID om.", en="Also what the receiver itself asks HelseID for."),
    ),
]
_Messages = Annotated[
    bool, typer.Option("--messages", help=told(nb="Vis også meldingene.", en="Show the messages too."))
]
_Rules = Annotated[
    bool,
    typer.Option(
        "--rules",
        help=told(
            nb="Vis også hva skjema og regler finner i meldingene.",
            en="Show also what schema and rules find in the messages.",
        ),
    ),
]


def tail(
    last: _Last = 10,
    replay: _Replay = None,
    folder: Folder = None,
    *,
    follow: _Follow = False,
    everything: _Everything = False,
    messages: _Messages = False,
    rules: _Rules = False,
    json: JsonFlag = False,
) -> None:
    """Show the last requests, decoded and decrypted; persons' numbers masked."""
    with admin_of(folder) as admin:
        if replay is not None:
            outcome = admin.replay(replay)
            emit(outcome, json=json, render=lambda: f"{replay}: {_came_back(outcome)}")
            return
        show = _Show(admin, everything=everything, messages=messages, rules=rules, json=json)
        rows = admin.requests()
        show(rows, last)
        if follow:
            _follow(show, rows)


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
    content = version.examples()[name]
    with admin_of(folder) as admin:
        outcome = admin.send(version.message_type, version.version, content.decode(errors="replace"))
    data = {"message_type": version.message_type, "example": name} | outcome
    emit(data, json=json, render=lambda: f"{version.message_type} {name}: {_came_back(outcome)}")
    if outcome.get("code") == _OTHER_UNIT:
        note(_START_WITH.format(units=", ".join(one.unit.key for one in version.summarise(content))))
    raise typer.Exit(0 if outcome["delivered"] else _NOT_DELIVERED)


def _came_back(outcome: dict[str, Any]) -> str:
    """What the receiver answered, in words: the receipt, or FHI's code with the places."""
    if outcome["delivered"]:
        return _DELIVERED.format(receipt=outcome["correlation_id"]).in_(language())
    status, code = outcome.get("http_status"), outcome.get("code")
    parts = (status and f"HTTP {status}", code, outcome.get("name"), outcome.get("details"), outcome.get("reason"))
    said = " · ".join(str(part) for part in parts if part)
    return _NOT_TAKEN.format(said=said or outcome["outcome"]).in_(language())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Show:
    """Shows requests: the client's, and the receiver's own questions to HelseID only when everything is wanted."""

    admin: AdminClient = field(kw_only=False)
    everything: bool
    messages: bool
    rules: bool
    json: bool

    def __call__(self, rows: list[dict[str, Any]], last: int | None = None) -> None:
        """The last of them, messages masked, and with what the rules find in each when that is wanted."""
        chosen = [row for row in rows if self.everything or row["sender"] == "client"]
        shown = [self._completed(row) for row in chosen[-(last or len(chosen)) :]]
        if shown or last:
            emit(shown, json=self.json, render=lambda: _request_table(shown, self))
            sys.stdout.flush()

    def _completed(self, row: dict[str, Any]) -> dict[str, Any]:
        if not row.get("payload"):
            return {**row, "payload": None}
        from ktt.testing.conformance.report.evidence import unnumbered

        found = {"findings": self._findings(row["number"])} if self.rules else {}
        return {**row, **found, "payload": unnumbered(row["payload"])}

    def _findings(self, number: int) -> list[dict[str, Any]] | None:
        """None for what is no message that rules can read."""
        from ktt.testing.sandbox.errors import ControlRefused

        try:
            return self.admin.findings(number)
        except ControlRefused:
            return None


def _follow(show: _Show, rows: list[dict[str, Any]]) -> NoReturn:
    """Show what comes, once it is answered, until Ctrl-C."""
    newest = rows[-1]["number"] if rows else 0
    while True:
        time.sleep(_LOOK_AGAIN)
        came = [row for row in show.admin.requests(newest) if row["ended"] is not None]
        newest = came[-1]["number"] if came else newest
        show(came)


def _request_table(rows: list[dict[str, Any]], show: _Show) -> RenderableType:
    from rich.console import Group

    columns = [
        Text(nb="Nr.", en="No."),
        Text(nb="Tid", en="Time"),
        Text(nb="Forespørsel", en="Request"),
        Text(nb="Svar", en="Answer"),
        Text(nb="Feil", en="Fault"),
        Text(nb="Bevis", en="Proof"),
    ]
    cells = [_row(row) for row in rows]
    if show.everything:
        columns.insert(2, Text(nb="Fra", en="From"))
        cells = [
            (*cell[:2], _SENDERS[row["sender"]].in_(language()), *cell[2:])
            for row, cell in zip(rows, cells, strict=True)
        ]
    usual = _usual(rows)
    told = [line for row in rows if row["number"] not in usual for line in _told(row)]
    shown = [f"{row['number']}:\n{row['payload']}" for row in rows if row["payload"]] if show.messages else []
    return Group(table(columns, cells), *told, *shown)


def _usual(rows: list[dict[str, Any]]) -> set[int]:
    """Requests for a token that were told to bring a nonce, and were followed by one that got its token."""
    usual, asked = set(), list[int]()
    for row in rows:
        if "form" not in row:
            continue
        if isinstance(row["answer"], dict) and row["answer"].get("error") == "use_dpop_nonce":
            asked.append(row["number"])
        elif row["status"] == 200:  # noqa: PLR2004
            usual.update(asked)
            asked.clear()
    return usual


def _told(row: dict[str, Any]) -> Iterator[str]:
    """What there is to say of a request below the table: why it was refused, the verdict, what the rules found."""
    if row["explanation"]:
        yield _explained(row)
    verdict = row.get("verdict")
    if verdict is not None:
        yield f"{row['number']}: {_verdict(verdict)}"
        yield from (f"    {at} {says}" for error in verdict["errors"] for at, says in error["places"])
    elif row.get("payload"):
        yield f"{row['number']}: {_NO_VERDICT.in_(language())}"
    if "findings" in row:
        yield from (f"    {line}" for line in _findings_told(row["findings"]))


def _verdict(verdict: dict[str, Any]) -> str:
    if verdict["delivered"]:
        return _DELIVERED.format(receipt=verdict["receipt"]).in_(language())
    said = "; ".join(" ".join(str(e[part]) for part in ("code", "name", "text") if e[part]) for e in verdict["errors"])
    return _NOT_TAKEN.format(said=said or "delivered: false").in_(language())


def _findings_told(findings: list[dict[str, Any]] | None) -> Iterator[str]:
    if findings is None:
        yield Text(nb="Reglene kan ikke lese meldingen.", en="The rules cannot read the message.").in_(language())
    elif not findings:
        yield Text(nb="✓ Reglene finner ingen avvik.", en="✓ The rules find nothing.").in_(language())
    for found in findings or ():
        line = Text(nb="linje {n}", en="line {n}").format(n=found["line"]).in_(language()) if found["line"] else None
        parts = (
            found["rule"],
            found["says"][language()],
            ", ".join(found["message_fields"] or ()),
            line,
            found["pointer"],
        )
        yield " · ".join(filter(None, parts))


def _explained(row: dict[str, Any]) -> str:
    """Why a token, a proof or a client assertion was refused: the row of its table, what was wrong, what to do."""
    found, words = row["explanation"], language()
    return f"{row['number']}: {found['row']} – {found['says'][words]} {found['remedy'][words]}"


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    proof = (row.get("proof") or {}).get("claims", {})
    kept = ("msg_type", "msg_version", "enc_key_id", "jti", "nonce")
    claims = " ".join(f"{name}={proof[name]}" for name in kept if name in proof)
    at = dt.datetime.fromtimestamp(row["at"], OSLO).strftime("%H:%M:%S")
    return (str(row["number"]), at, f"{row['method']} {row['path']}", _answer(row), row["fault"], claims)


def _answer(row: dict[str, Any]) -> str:
    """The status, and FHI's codes when there are any; of a message with a mark."""
    answer = row.get("answer")
    errors = answer.get("errors") if isinstance(answer, dict) else None
    codes = [str(error.get("errorCode")) for error in errors or () if error.get("errorCode")]
    verdict = row.get("verdict")
    mark = [] if verdict is None else ["✓" if verdict["delivered"] else "✗"]
    return " ".join([*mark, str(row["status"] or "–"), *codes])
