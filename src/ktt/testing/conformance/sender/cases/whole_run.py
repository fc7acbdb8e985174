"""The requests of the whole run: nothing is used twice, and nothing about persons is outside the envelope."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup, messages, requests, token_requests
from ktt.testing.conformance.sender.checks import (
    ASSERTION_ID,
    IV,
    PROOF_ID,
    SYMMETRIC_KEY,
    all_different,
    at,
    no_envelope_shares,
    quoted,
)
from ktt.testing.conformance.sender.recorded import RecordedScenario
from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.faults.request_view import decoded
from ktt.testing.sandbox.helseid.issuer import DISCOVERY_PATH, JWKS_PATH, TOKEN_PATH
from ktt.wire import headers

GROUP = CaseGroup(Text("Hele kjøringen", "The whole run"), "transport § 15")
_NUMBERS = re.compile(rb'"(?:fodselsNr|dNr|dufNr)"\s*:\s*"?(\d{9,12})')
_LENGTHS = (11, 12)
_KNOWN = (DISCOVERY_PATH, JWKS_PATH, TOKEN_PATH, "/keys", "/message")
_LOOKUP = re.compile(r"/(units|receipts)/[0-9a-f-]+")
"""Our own addresses beside the protocol, whose questions have parameters."""
_SECRET = re.compile(r"eyJ[A-Za-z0-9_-]{20,}")

GROUP.case(
    "N900",
    ("Ingen «jti» i noe bevis to ganger", "No `jti` of any proof twice"),
    ("Alle er ulike, også fra kjøring til kjøring.", "All differ, also from run to run."),
    None,
    lambda recorded: all_different(
        PROOF_ID,
        [
            *((message.number, message.claims.get("jti")) for message in recorded.messages),
            *((one.number, one.proof["claims"].get("jti")) for one in recorded.token_requests),
        ],
    ),
    source="helseid § 13 D14",
)
GROUP.case(
    "N901",
    ("Ingen klientpåstand to ganger", "No client assertion twice"),
    ("Alle «jti» er ulike.", "All `jti` differ."),
    None,
    lambda recorded: all_different(
        ASSERTION_ID, ((one.number, one.assertion["claims"].get("jti")) for one in recorded.token_requests)
    ),
    subject=token_requests,
    source="helseid § 5; helseid § 14 no. 4",
)
GROUP.case(
    "N902",
    ("Ingen IV to ganger", "No IV twice"),
    ("To ulike konvolutter har aldri samme.", "Two different envelopes never share one."),
    None,
    no_envelope_shares(IV, lambda message: message.iv),
    source="transport § 4",
)
GROUP.case(
    "N903",
    ("Ingen symmetrisk nøkkel to ganger", "No symmetric key twice"),
    ("To ulike konvolutter har aldri samme.", "Two different envelopes never share one."),
    None,
    no_envelope_shares(SYMMETRIC_KEY, lambda message: message.symmetric_key),
    source="transport § 4; transport § 14.2 point 3",
)


def numbers_in(recorded: RecordedScenario) -> set[str]:
    """The persons' numbers in the messages, with and without the leading zeros that JSON numbers lose."""
    contents = {message.identity: message.content or b"" for message in recorded.messages}
    found = {match for content in contents.values() for match in _NUMBERS.findall(content)}
    return {digits.decode().zfill(length) for digits in found for length in _LENGTHS if len(digits) <= length} | {
        digits.decode() for digits in found
    }


def _outside(request: RecordedRequest) -> Iterator[tuple[str, str]]:
    """Everything in a request that is not encrypted: where, and the text."""
    yield "adressen / the address", request.path
    for name, value in request.headers:
        yield name, value
        for part in _SECRET.findall(value):
            yield f"{name} (dekodet / decoded)", str(decoded(value.partition(" ")[2] or value) or part)


def _leaks(recorded: RecordedScenario) -> list[Text]:
    numbers = numbers_in(recorded)
    return [
        at(request.number, f"et personnummer i {where}.", f"a person's number in {where}.")
        for request in recorded.requests
        for where, text in _outside(request)
        if any(number in text for number in numbers)
    ][:5]


def _told_helseid(recorded: RecordedScenario) -> list[Text]:
    numbers = {number.encode() for number in numbers_in(recorded)}
    return [
        at(request.number, "et personnummer i skjemaet.", "a person's number in the form.")
        for request in recorded.requests
        if request.service == "helseid" and any(number in request.body for number in numbers)
    ]


GROUP.case(
    "N904",
    ("Ingen personnumre utenfor konvolutten", "No persons' numbers outside the envelope"),
    (
        "Ikke i adresse, hoder, token, bevis eller klientpåstand.",
        "Not in address, headers, token, proof or client assertion.",
    ),
    None,
    _leaks,
    source="transport § 15",
)
GROUP.case(
    "N905",
    ("Ingenting om personer til HelseID", "Nothing about persons to HelseID"),
    ("Ingen personnumre i det som sendes dit.", "No persons' numbers in what is sent there."),
    None,
    _told_helseid,
    subject=token_requests,
    source="transport § 15",
)
GROUP.case(
    "N906",
    ("Ingen hemmeligheter i adresser", "No secrets in addresses"),
    (
        "Verken token eller bevis i noen adresse, og ingen spørring i protokollens.",
        "Neither token nor proof in any address, and no query in those of the protocol.",
    ),
    None,
    lambda recorded: [
        at(request.number, f"{quoted(request.path[:40])}", f"{quoted(request.path[:40])}")
        for request in recorded.requests
        if ("?" in request.path and not _LOOKUP.search(request.path)) or _SECRET.search(request.path)
    ],
    subject=requests,
    source="transport § 16.1",
)
GROUP.case(
    "N907",
    ("Den private nøkkelen forlater aldri avsenderen", "The private key never leaves the sender"),
    ("Ingen «d» i noe «jwk».", "No `d` in any `jwk`."),
    None,
    lambda recorded: [
        at(number, "private deler i «jwk».", "private parts in `jwk`.")
        for number, proof in (
            *((message.number, message.proof) for message in recorded.messages),
            *((one.number, one.proof) for one in recorded.token_requests),
        )
        if "d" in (proof["header"].get("jwk") or {})
    ],
    subject=requests,
    source="helseid § 13 D6",
)


def _expired(recorded: RecordedScenario) -> list[Text]:
    """Messages with a token that had expired by its `expires_in`. Tokens that were broken on purpose do not count."""
    given = {one.answer["access_token"]: one for one in recorded.token_requests if one.granted}
    found = []
    for message in recorded.messages:
        one = given.get(message.token)
        end = float("inf") if one is None else one.request.at + float(one.answer.get("expires_in", 0))
        if message.request.at > end:
            found.append(
                at(
                    message.number,
                    f"{message.request.at - end:.0f} s for sent.",
                    f"{message.request.at - end:.0f} s late.",
                )
            )
    return found


GROUP.case(
    "N908",
    ("Ingen melding med utløpt token", "No message with an expired token"),
    ("Hvert token er brukt innenfor «expires_in».", "Each token is used within `expires_in`."),
    None,
    _expired,
    source="helseid § 2 FK3",
)
GROUP.case(
    "N909",
    ("Bare de kjente adressene brukes", "Only the known addresses are used"),
    (
        "Oppdagelse, nøkler, token, melding og mottakets oppslag.",
        "Discovery, keys, token, message, the receiver's lookups.",
    ),
    None,
    lambda recorded: [
        at(request.number, f"{request.method} {quoted(request.address)}", f"{request.method} {quoted(request.address)}")
        for request in recorded.requests
        if not request.address.endswith(_KNOWN) and not _LOOKUP.search(request.address)
    ],
    subject=requests,
    source="transport § 2",
)
GROUP.case(
    "N910",
    ("Avsenderen er den samme hele veien", "The sender is the same all the way"),
    (
        "Leverandør, system og versjoner skifter ikke.",
        "Vendor, system and versions do not change.",
    ),
    None,
    lambda recorded: [
        Text(f"{name}: {len(values)} ulike verdier.", f"{name}: {len(values)} different values.")
        for name in headers.REQUIRED[:-1]
        if len(values := {message.request.header(name) for message in recorded.messages}) > 1
    ],
    subject=messages,
    level=Level.SHOULD,
    source="transport § 6",
)
