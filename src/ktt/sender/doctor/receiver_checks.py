"""The receiver: its keys, and a message that it reads without storing anything."""

from __future__ import annotations

import datetime as dt
import re

from ktt.core.clock import norwegian_day
from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK
from ktt.core.http.exchange import Request, TransportFault, converse
from ktt.core.text import Text
from ktt.messages.contract import OutgoingMessage, Refused
from ktt.messages.register import register_of
from ktt.sender.client.address import base_url
from ktt.sender.client.conversation import ConversationStopped
from ktt.sender.client.factory import named_software
from ktt.sender.client.lookups import Found, NotKnown, NotOffered
from ktt.sender.client.receiver import ReceiverClient
from ktt.sender.client.receiver_keys import choose_key
from ktt.sender.clock_offset import without_offset
from ktt.sender.doctor.connection_words import not_reached
from ktt.sender.doctor.line import NotNeeded, Wrong
from ktt.sender.doctor.patient import Patient, host_of
from ktt.wire.keys import BadKeys, parse_keys

_KEY_DAYS = 7
_NO_RIGHT = re.compile(
    r"\b200[12] "
)  # FHI's codes for an organisation that may not send this, and for a token without one
_OK = 200
_KEYS_WRONG = Text(
    nb="Mottaket har ingen nøkkel som kan brukes ({reason}).",
    en="The receiver gives no key that can be used ({reason}).",
)
_KEYS_MEND = Text(
    nb="Kontroller at «mottak.base_url» er adressen FHI har oppgitt. Er den det, så meld fra til FHI.",
    en="Check that `mottak.base_url` is the address that FHI gave. If it is, tell FHI.",
)
_KEYS_END = Text(
    nb="Mottakets siste nøkkel utløper {day}, om {days:dag|dager}.",
    en="The receiver's last key expires on {day}, in {days:day|days}.",
)
_KEYS_RENEW = Text(nb="Meld fra til FHI at nøkkelen må fornyes.", en="Tell FHI that the key must be renewed.")
_NOT_OFFERED = Text(nb="mottaket tilbyr ikke «/validate»", en="the receiver does not offer `/validate`")
_NO_DELETION = Text(
    nb="ingen meldingstype i pakken kan sendes uten personer", en="no message type of the pack can be without persons"
)
_NOT_LET_IN = Text(nb="Mottaket avviser oss: {reason}.", en="The receiver does not let us in: {reason}.")
_LET_IN = Text(
    nb="Er tokenet i orden, har FHI ikke gitt organisasjonen rett til å sende for enhet {unit}. Be FHI om det.",
    en="If the token is good, FHI has not let the organisation send for unit {unit}. Ask FHI for that.",
)
_UNREAD = Text(
    nb="Mottaket leste ikke prøvemeldingen: {reason}.", en="The receiver did not read the trial message: {reason}."
)
_UNREAD_MEND = Text(
    nb="Kontroller at «packs» og «unit» er riktige for dette mottaket. Er de det, så meld fra til FHI.",
    en="Check that `packs` and `unit` are right for this receiver. If they are, tell FHI.",
)


def check_keys(patient: Patient) -> Text:
    """That the receiver has a key to encrypt for, and for how long."""
    base = base_url(patient.settings.mottak.base_url, "mottak.base_url")
    try:
        response = patient.ask(Request("GET", f"{base}/keys", {"Accept": "application/json"}))
    except TransportFault as fault:
        raise not_reached(fault, host_of(base), "fhi") from None
    now = patient.clock.now()
    try:
        if response.status != _OK:
            raise BadKeys(f"HTTP {response.status}")  # noqa: TRY301 - one exit for everything that is no key
        key = choose_key(parse_keys(response.body), now)
    except BadKeys as fault:
        raise _no_key(str(fault)) from None
    except ConversationStopped as stop:
        raise _no_key(stop.outcome.reason) from None
    days, day = (key.expires_at - now) // dt.timedelta(days=1), norwegian_day(key.expires_at).isoformat()
    if days <= _KEY_DAYS:
        raise Wrong(_KEYS_END.format(day=day, days=days), _KEYS_RENEW, who="fhi")
    says = Text(
        nb="nøkkel {id}, {bits} biter, gjelder til {day} ({days:dag|dager})",
        en="key {id}, {bits} bits, good until {day} ({days:day|days})",
    )
    return says.format(id=key.id, bits=str(key.public_key.key_size), day=day, days=days)


def _no_key(reason: str) -> Wrong:
    return Wrong(_KEYS_WRONG.format(reason=reason), _KEYS_MEND, who="fhi", exit_code=EXIT_NETWORK)


def check_dry_message(patient: Patient) -> Text:
    """A message that travels the whole way, is opened and read, and is not stored: there is no person in it."""
    assert patient.helseid is not None, "a token was given"
    settings = patient.settings
    message = _without_persons(patient)
    client = ReceiverClient(
        settings.unit.reporting_unit,
        base_url=base_url(settings.mottak.base_url, "mottak.base_url"),
        helseid=patient.helseid,
        software=named_software(settings),
        exchange=patient.ask,
        clock=patient.clock,
    )
    answer = converse(client.try_out(message), patient.ask)
    if isinstance(answer, NotOffered | NotKnown):
        raise NotNeeded(_NOT_OFFERED)
    if isinstance(answer, Found):
        if answer.body.get("fits_schema") is True:
            says = Text(
                nb="{type} ble åpnet og lest, ingenting er lagret", en="{type} was opened and read, nothing is stored"
            )
            return says.format(type=message.message_type)
        raise _unread("schema")
    if patient.fault is not None:
        raise not_reached(patient.fault, host_of(settings.mottak.base_url), "fhi")
    reason, _ = without_offset(answer.reason)
    if isinstance(answer, Refused) or _NO_RIGHT.search(reason):
        remedy = _LET_IN.format(unit=settings.unit.reporting_unit.key)
        raise Wrong(_NOT_LET_IN.format(reason=reason), remedy, who="fhi", exit_code=EXIT_ACCESS)
    raise _unread(reason)


def _unread(reason: str) -> Wrong:
    return Wrong(_UNREAD.format(reason=reason), _UNREAD_MEND, who="municipality", exit_code=EXIT_NETWORK)


def _without_persons(patient: Patient) -> OutgoingMessage:
    """The withdrawal of a record that never was, which is a whole message without anything about anyone."""
    unit, day = patient.settings.unit.reporting_unit, norwegian_day(patient.clock.now())
    for version in register_of(patient.settings.packs).to_send(day).mapped_versions():
        if version.deletes:
            gone = {version.deletes[0].name: ["ktt-doctor"]}
            payload = version.assemble(unit, gone, [], extracted_on=day)
            return OutgoingMessage(unit, version.message_type, version.version, payload, day)
    raise NotNeeded(_NO_DELETION)
