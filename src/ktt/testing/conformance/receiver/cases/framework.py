"""Answers that come from the web framework: FHI's client must be able to read these too (transport § 7, § 12.4)."""

from __future__ import annotations

import uuid

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import Action, CaseGroup, does, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, Expectation, status
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import Fields, RawExchange, RawResponse
from ktt.wire import headers as names

GROUP = CaseGroup(Text("Rammeverkets svar", "The framework's answers"), "transport § 7; transport § 12.4")


def _ask(method: str, path: str, *fields: tuple[str, str], body: bytes = b"") -> Action:
    return lambda harness: harness.ask(method, path, fields, body)


def _raw(text: bytes) -> Action:
    def act(harness: ReceiverHarness) -> RawResponse:
        response = harness.http.raw(text)
        harness.exchanges.append(RawExchange("RAW", "", (), len(text), response))
        return response

    return act


_MANY: Fields = tuple((f"x-{number}", "1") for number in range(200))
ASKED: tuple[tuple[str, str, str, Expectation, Action], ...] = (
    ("F800", "En adresse som ikke finnes", "An address that does not exist", status(404), _ask("GET", "/finnes-ikke")),
    ("F801", "«/message/» er en annen adresse, og ingen omdirigering", "`/message/` is another address, and no redirect", status(404), _ask("POST", "/message/")),
    ("F802", "GET til /message", "GET of /message", status(405), _ask("GET", "/message")),
    ("F803", "PUT til /message", "PUT to /message", status(405), _ask("PUT", "/message")),
    ("F804", "DELETE til /message", "DELETE of /message", status(405), _ask("DELETE", "/message")),
    ("F805", "POST til /message uten noe som helst", "POST to /message with nothing at all", status(401), _ask("POST", "/message")),
    ("F806", "Et hode på 20 kB", "A header of 20 kB", status(431, 400), _ask("POST", "/message", ("x-stor", "x" * 20_000))),
    ("F807", "200 hoder", "200 headers", status(431, 400), _ask("POST", "/message", *_MANY)),
    ("F808", "Noe som ikke er HTTP", "Something that is not HTTP", status(400), _raw(b"HEI PAA DEG\r\n\r\n")),
    ("F809", "Et hode uten navn", "A header without a name", status(400), _raw(b"POST /message HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n")),
    ("F810", "To lengder", "Two lengths", status(400), _raw(b"POST /message HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd")),
    ("F811", "Både lengde og biter", "Both a length and chunks", status(400, 401), _raw(b"POST /message HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
)  # fmt: skip
for name, nb, en, expected, act in ASKED:
    GROUP.case(name, nb, en, does(expected, f"{nb}.", f"{en}.", act))

_OWN = "11111111-1111-4111-8111-111111111111"


def _not_ours(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    if response.header(names.CORRELATION_ID) == _OWN:
        return [Text("Avsenderens id ble brukt.", "The sender's id was used.")]
    return []


GROUP.case(
    "N800",
    "«X-Correlation-ID» lages av mottaket, ikke av avsenderen",
    "`X-Correlation-ID` is made by the receiver, not by the sender",
    sends(
        DELIVERED.also("en annen id enn avsenderens", "another id than the sender's", _not_ours),
        more_headers=((names.CORRELATION_ID, _OWN),),
    ),
    source="transport § 15",
)


def _type(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    given = response.header(names.CONTENT_TYPE) or ""
    return (
        []
        if given.lower().startswith("application/json")
        else [Text(f"Svaret er «{given}».", f"The answer is `{given}`.")]
    )


def _random(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    given = response.header(names.CORRELATION_ID) or ""
    return [] if uuid.UUID(given).version == 4 else [Text("Id-en er ikke tilfeldig.", "The id is not random.")]  # noqa: PLR2004


GROUP.case(
    "N801",
    "Svaret er JSON med tilfeldig id",
    "The answer is JSON with a random id",
    sends(DELIVERED.also("application/json, GUID versjon 4", "application/json, GUID version 4", _type, _random)),
    source="transport § 15",
)
