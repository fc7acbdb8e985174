"""The list of keys: its form, what it must contain, and which keys a message may use (transport § 3)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

import orjson

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup, Need, does, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, Expectation, code, status
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.wire import headers as names
from ktt.wire.envelope import ReceiverKey
from ktt.wire.keys import BadKeys, parse_keys, same_id

GROUP = CaseGroup(Text("Nøkler", "Keys"), "transport § 3")
_WHOLE = Expectation(frozenset({200}), readable=False)


def _list(harness: ReceiverHarness) -> RawResponse:
    return harness.ask("GET", "/keys")


def _usable(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    try:
        listed = parse_keys(response.body)
    except BadKeys as fault:
        return [Text(f"Ikke en nøkkelliste: {fault}.", f"Not a list of keys: {fault}.")]
    return [Text(f"{key}: {why}.", f"{key}: {why}.") for key, why in listed.unusable] or (
        [] if listed.keys else [Text("Listen er tom.", "The list is empty.")]
    )


def _unexpired(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    now = dt.datetime.now(dt.UTC)
    expired = [key.id for key in parse_keys(response.body).keys if key.expires_at <= now]
    return [Text(f"Utløpt: {', '.join(expired)}.", f"Expired: {', '.join(expired)}.")] if expired else []


def _strong(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    weak = [key.id for key in parse_keys(response.body).keys if key.public_key.key_size < 3072]  # noqa: PLR2004 - ASVS 11.2.3
    return [Text(f"Under 3072 biter: {', '.join(weak)}.", f"Below 3072 bits: {', '.join(weak)}.")] if weak else []


def _guids(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    others = []
    for entry in orjson.loads(response.body):
        try:
            uuid.UUID(entry["id"])
        except ValueError:
            others.append(entry["id"])
    return [Text(f"Ikke GUID: {', '.join(others)}.", f"No GUID: {', '.join(others)}.")] if others else []


def _expired(harness: ReceiverHarness) -> ReceiverKey:
    return parse_keys(harness.sandbox.expired_key()).keys[0]


def _unknown(harness: ReceiverHarness) -> ReceiverKey:
    return dataclasses.replace(harness.receiver_keys()[0], id=str(uuid.uuid4()))


def _rotate(harness: ReceiverHarness) -> RawResponse:
    _old(harness)
    harness.sandbox.rotate("mottak")
    harness.forget_keys()
    return harness.ask("GET", "/keys")


def _old(harness: ReceiverHarness) -> ReceiverKey:
    return harness.remembered("keys", "old", lambda: harness.receiver_keys()[0])


def _both(harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    old = _old(harness)
    listed = [same_id(key.id) for key in parse_keys(response.body).keys]
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
    does(
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
    does(_WHOLE.also("alle gjelder fortsatt", "all are still valid", _unexpired), "GET /keys", "GET /keys", _list),
    source="transport § 3.3",
)
GROUP.case(
    "N32",
    "Nøklene har minst 3072 biter",
    "The keys have at least 3072 bits",
    does(_WHOLE.also("RSA-3072 eller mer", "RSA-3072 or more", _strong), "GET /keys", "GET /keys", _list),
    source="transport § 3.2; transport § 16.1",
)
GROUP.case(
    "N33",
    "Nøkkel-id er en GUID, så også eldre klienter kan lese listen",
    "The key id is a GUID, so that older clients can read the list too",
    does(_WHOLE.also("id er GUID", "ids are GUIDs", _guids), "GET /keys", "GET /keys", _list),
    source="transport § 3.2",
)
GROUP.case(
    "N34",
    "Nøkkelbytte: den nye står først, den gamle gjelder fortsatt",
    "Rotation: the new key is first, the old one is still good",
    does(
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
    source="transport § 3.3",
    needs=[Need.FAULTS],
)
GROUP.table(
    ("F30", "transport § 8; transport § 9 step 10", "Ukjent nøkkel-id", "Unknown key id", code(1004), {"receiver_key": _unknown}),
    ("F31", "transport § 11; transport § 9 step 10", "Nøkkel-id som ikke er noen id", "A key id that is none", code(1004), {"claims": {names.CLAIM_KEY_ID: "../../etc/passwd"}}),
    ("F32", "transport § 8; transport § 9 step 10", "Nøkkelen er utløpt", "The key has expired", code(1007), {"receiver_key": _expired, "needs": [Need.FAULTS]}),
)  # fmt: skip
GROUP.case(
    "F33",
    "POST til /keys",
    "POST to /keys",
    does(status(405), "POST /keys", "POST /keys", lambda harness: harness.ask("POST", "/keys")),
)
