"""The list of keys: what a sender needs of it, and which keys may be used."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

import orjson

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import Group, Need, asks, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, Expect, code, status
from ktt.testing.conformance.receiver.harness import Bench
from ktt.testing.conformance.receiver.http import Heard
from ktt.wire import headers as names
from ktt.wire.envelope import ReceiverKey
from ktt.wire.keys import BadKeys, parse_keys, same_id

GROUP = Group(Text("Nøkler", "Keys"), "transport § 3")
_WHOLE = Expect(frozenset({200}), readable=False)


def _list(bench: Bench) -> Heard:
    return bench.ask("GET", "/keys")


def _usable(_bench: Bench, heard: Heard) -> list[Text]:
    try:
        listed = parse_keys(heard.body)
    except BadKeys as fault:
        return [Text(f"Ikke en nøkkelliste: {fault}.", f"Not a list of keys: {fault}.")]
    return [Text(f"{key}: {why}.", f"{key}: {why}.") for key, why in listed.unusable] or (
        [] if listed.keys else [Text("Listen er tom.", "The list is empty.")]
    )


def _unexpired(_bench: Bench, heard: Heard) -> list[Text]:
    now = dt.datetime.now(dt.UTC)
    expired = [key.id for key in parse_keys(heard.body).keys if key.expires_at <= now]
    return [Text(f"Utløpt: {', '.join(expired)}.", f"Expired: {', '.join(expired)}.")] if expired else []


def _strong(_bench: Bench, heard: Heard) -> list[Text]:
    weak = [key.id for key in parse_keys(heard.body).keys if key.public_key.key_size < 3072]  # noqa: PLR2004 - ASVS 11.2.3
    return [Text(f"Under 3072 biter: {', '.join(weak)}.", f"Below 3072 bits: {', '.join(weak)}.")] if weak else []


def _guids(_bench: Bench, heard: Heard) -> list[Text]:
    others = []
    for entry in orjson.loads(heard.body):
        try:
            uuid.UUID(entry["id"])
        except ValueError:
            others.append(entry["id"])
    return [Text(f"Ikke GUID: {', '.join(others)}.", f"No GUID: {', '.join(others)}.")] if others else []


def _expired(bench: Bench) -> ReceiverKey:
    return parse_keys(bench.sandbox.expired_key()).keys[0]


def _unknown(bench: Bench) -> ReceiverKey:
    return dataclasses.replace(bench.receiver_keys()[0], id=str(uuid.uuid4()))


def _rotate(bench: Bench) -> Heard:
    _old(bench)
    bench.sandbox.rotate("mottak")
    bench.forget_keys()
    return bench.ask("GET", "/keys")


def _old(bench: Bench) -> ReceiverKey:
    return bench.kept("keys", "old", lambda: bench.receiver_keys()[0])


def _both(bench: Bench, heard: Heard) -> list[Text]:
    old = _old(bench)
    listed = [same_id(key.id) for key in parse_keys(heard.body).keys]
    found = [] if same_id(old.id) in listed else [Text("Den gamle nøkkelen er borte.", "The old key is gone.")]
    return (
        found
        if listed[0] != same_id(old.id)
        else [*found, Text("Den nye står ikke først.", "The new one is not first.")]
    )


GROUP.case(
    "N30",
    "Listen kan leses, og har en brukbar nøkkel",
    "The list can be read, and has a usable key",
    asks(
        _WHOLE.also("en JSON-liste med brukbare RSA-nøkler", "a JSON list of usable RSA keys", _usable),
        "GET /keys",
        "GET /keys",
        _list,
    ),
)
GROUP.case(
    "N31",
    "Ingen utløpt nøkkel står i listen",
    "No expired key is listed",
    asks(_WHOLE.also("alle gjelder fortsatt", "all are still valid", _unexpired), "GET /keys", "GET /keys", _list),
    source="§ 3.3",
)
GROUP.case(
    "N32",
    "Nøklene har minst 3072 biter",
    "The keys have at least 3072 bits",
    asks(_WHOLE.also("RSA-3072 eller mer", "RSA-3072 or more", _strong), "GET /keys", "GET /keys", _list),
    source="OWASP ASVS 5.0 11.2.3",
)
GROUP.case(
    "N33",
    "Nøkkel-id er en GUID, så også eldre klienter kan lese listen",
    "The key id is a GUID, so that older clients can read the list too",
    asks(_WHOLE.also("id er GUID", "ids are GUIDs", _guids), "GET /keys", "GET /keys", _list),
    source="§ 3.2",
)
GROUP.case(
    "N34",
    "Nøkkelbytte: den nye står først, den gamle gjelder fortsatt",
    "Rotation: the new key is first, the old one is still good",
    asks(
        _WHOLE.also("begge er med, den nye først", "both are listed, the new one first", _both),
        "Bytt nøkkel, hent listen.",
        "Change the key, fetch the list.",
        _rotate,
    ),
    sends(DELIVERED, Text("Send med den nye.", "Send with the new one.")),
    sends(
        DELIVERED,
        Text("Send med den gamle.", "Send with the old one."),
        receiver_key=_old,
    ),
    source="§ 3.3",
    needs=[Need.KNOBS],
)
GROUP.one("F30", "Ukjent nøkkel-id", "Unknown key id", code(1004), source="§ 8", receiver_key=_unknown)
GROUP.one(
    "F31",
    "Nøkkel-id som ikke er noen id",
    "A key id that is none",
    code(1004),
    source="§ 11",
    claims={names.CLAIM_KEY_ID: "../../etc/passwd"},
)
GROUP.one(
    "F32",
    "Nøkkelen er utløpt",
    "The key has expired",
    code(1007),
    source="§ 8",
    receiver_key=_expired,
    needs=[Need.KNOBS],
)
GROUP.case(
    "F33",
    "POST til /keys",
    "POST to /keys",
    asks(status(405), "POST /keys", "POST /keys", lambda bench: bench.ask("POST", "/keys")),
)
