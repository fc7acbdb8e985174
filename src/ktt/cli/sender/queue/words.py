"""The queue as text: the table of queues, one message with its attempts, and what people did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ktt.cli.show import language, table
from ktt.core.clock import OSLO
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.outbox.interventions.parked import Parked
    from ktt.sender.outbox.message import QueuedMessage, QueueNote, QueueStatus
    from ktt.sender.status import Alarm

_STATES = {
    "waiting": Text(nb="venter", en="waiting"),
    "uncertain": Text(nb="uavklart", en="uncertain"),
    "rejected": Text(nb="avvist", en="rejected"),
    "delivered": Text(nb="levert", en="delivered"),
    "superseded": Text(nb="erstattet", en="superseded"),
}
_ACTS = {
    "paused": Text(nb="satt på pause", en="paused"),
    "resumed": Text(nb="satt i gang igjen", en="resumed"),
    "retried": Text(nb="prøvd igjen", en="tried again"),
    "rebuilt": Text(nb="laget på nytt", en="rebuilt"),
    "parked": Text(nb="satt til side", en="set aside"),
    "unparked": Text(nb="tatt fram igjen", en="taken back"),
    "corrected": Text(nb="rettelse", en="correction"),
    "kept": Text(nb="poster fra tidligere EPJ beholdt", en="records of an earlier record system kept"),
    "released": Text(nb="poster fra tidligere EPJ sluppet", en="records of an earlier record system released"),
    "resent": Text(nb="bedt om på nytt", en="asked for again"),
    "reconciled": Text(nb="avstemt", en="reconciled"),
}
_OUTCOMES = {
    "accepted": Text(nb="mottatt", en="accepted"),
    "rejected": Text(nb="avvist", en="rejected"),
    "too_large": Text(nb="for stor", en="too large"),
    "refused": Text(nb="nektet tilgang", en="not let in"),
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
    "attempts": Text(nb="Forsøk", en="Attempts"),
    "queued_at": Text(nb="I køen", en="Queued"),
    "settled_at": Text(nb="Avgjort", en="Settled"),
    "act": Text(nb="Inngrep", en="Intervention"),
    "by": Text(nb="Hvem", en="Who"),
    "reason": Text(nb="Hvorfor", en="Why"),
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
_LISTED = (
    *("sequence", "message_type", "period", "state", "upserts", "deletions", "payload_bytes"),
    *("attempts", "queued_at", "settled_at"),
)
_NOTE = ("at", "act", "by", "reason")
_RECEIPT = ("correlation_id", "accepted_at", "payload_hash", "hash")


def queue_data(queue: QueueStatus, why: Text) -> dict[str, Any]:
    """The status of a queue as plain data."""
    data = asdict(queue) | {"unit": queue.unit.key, "why": why}
    first = queue.first and data["first"] | {"unit": queue.unit.key}
    # Scripts know the first undelivered message as “head”.
    return {"head" if name == "first" else name: first if name == "first" else value for name, value in data.items()}


def age(queue: QueueStatus, now: dt.datetime) -> str:
    """How long the first undelivered message has waited."""
    if queue.first is None:
        return ""
    waited = now - queue.first.queued_at
    if waited < dt.timedelta(hours=1):
        return f"{waited // dt.timedelta(minutes=1)} min"
    if waited < dt.timedelta(days=2):
        return Text(nb="{n} t", en="{n} h").format(n=waited // dt.timedelta(hours=1)).in_(language())
    return Text(nb="{n} d", en="{n} d").format(n=waited.days).in_(language())


def queues_shown(found: list[tuple[QueueStatus, Text, str, Alarm | None]], parked: list[Parked]) -> RenderableType:
    """The status of every queue, and the alarms."""
    from rich.console import Group

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
    for queue, why, age, _ in found:
        first, state = (queue.first.sequence, _STATES[queue.first.state].in_(language())) if queue.first else (None, "")
        rows.append((queue.unit.key, queue.undelivered, queue.delivered, first, state, age, why.in_(language())))
    aside = [parked_words(one.count, one.since) for one in parked if one.since]
    late = [alarm_words(late) for *_, late in found if late]
    return Group(table(columns, rows), *(words.in_(language()) for words in (*aside, *late)))


def parked_words(records: int, since: dt.datetime, dependents: int = 0) -> Text:
    """How many records are set aside, since when, and how many are held because of them."""
    words = Text(
        nb="{records:post|poster} er satt til side siden {since}{more}. De sendes og slettes ikke før «ktt outbox unpark».",
        en="{records:record is|records are} set aside since {since}{more}. They are neither sent nor deleted before `ktt outbox unpark`.",
    )
    more = Text(nb=", og {n} som hører til dem, venter også", en=", and {n} that belong to them wait as well")
    day = since.astimezone(OSLO).date().isoformat()
    none = Text(nb="", en="")
    return words.format(records=records, since=day, more=more.format(n=dependents) if dependents else none)


def alarm_words(late: Alarm) -> Text:
    """An alarm as a person reads it."""
    words = Text(nb="⚠ {what} {remedy}", en="⚠ {what} {remedy}")
    return words.format(what=late.says.says(), remedy=late.says.advises())


def message_data(message: QueuedMessage) -> dict[str, Any]:
    """A message as plain data."""
    return asdict(message) | {"unit": message.unit.key}


def messages_table(messages: Sequence[QueuedMessage], left_out: int) -> RenderableType:
    """The messages in order, and how many earlier ones are not shown."""
    from rich.console import Group

    if not messages:
        return Text(nb="Ingen meldinger.", en="No messages.").in_(language())
    rows = [[_cell(name, getattr(one, name)) for name in _LISTED] for one in messages]
    shown = table([_FACTS[name] for name in _LISTED], rows)
    if not left_out:
        return shown
    more = Text(
        nb="{n:tidligere melding|tidligere meldinger} er ikke vist; «--last» viser flere.",
        en="{n:earlier message is|earlier messages are} not shown; `--last` shows more.",
    )
    return Group(shown, more.format(n=left_out).in_(language()))


def notes_table(notes: Sequence[QueueNote]) -> RenderableType:
    """What people did to the queue, in order."""
    if not notes:
        return Text(nb="Ingen har gjort noe med køen.", en="Nobody has done anything to the queue.").in_(language())
    rows = [[_plain(name, getattr(one, name)) for name in _NOTE] for one in notes]
    return table([_FACTS[name] for name in _NOTE], rows)


def _cell(name: str, value: Any) -> Any:
    """A number stays a number, so that its column stands to the right."""
    return value if isinstance(value, int) else _plain(name, value)


def message_tables(data: dict[str, Any]) -> RenderableType:
    """One message with its attempts and its receipt."""
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


def _plain(name: str, value: Any) -> object:
    if name == "outcome":
        return _OUTCOMES[value].in_(language())
    if name == "state":
        return _STATES[value].in_(language())
    if name == "act":
        return _ACTS[value].in_(language()) if value in _ACTS else str(value)
    return value if value is None or isinstance(value, dt.datetime) else str(value)
