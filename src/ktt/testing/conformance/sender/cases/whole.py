"""What must hold for every request of the whole run: nothing twice, and nothing about persons outside the envelope."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.assertions import at, shown, unlike
from ktt.testing.conformance.sender.case import Group, posts, requests, tokens
from ktt.testing.conformance.sender.recorded import Seen
from ktt.testing.sandbox.faults.recorder import Recorded
from ktt.testing.sandbox.faults.request_view import decoded
from ktt.testing.sandbox.helseid.issuer import DISCOVERY_PATH, JWKS_PATH, TOKEN_PATH
from ktt.wire import headers

GROUP = Group(Text("Hele kjøringen", "The whole run"), "transport § 15")
_NUMBERS = re.compile(rb'"(?:fodselsNr|dNr|dufNr)"\s*:\s*"?(\d{9,12})')
_LENGTHS = (11, 12)
_KNOWN = (DISCOVERY_PATH, JWKS_PATH, TOKEN_PATH, "/keys", "/message")
_SECRET = re.compile(r"eyJ[A-Za-z0-9_-]{20,}")

GROUP.case(
    "N900",
    ("Ingen «jti» i noe bevis to ganger", "No `jti` of any proof twice"),
    ("Alle er ulike, også fra kjøring til kjøring.", "All differ, also from run to run."),
    None,
    lambda seen: unlike(
        [
            *((post.number, post.claims.get("jti")) for post in seen.posts),
            *((one.number, one.proof["claims"].get("jti")) for one in seen.token_requests),
        ]
    ),
    source="helseid § 13 D14",
)
GROUP.case(
    "N901",
    ("Ingen klientpåstand to ganger", "No client assertion twice"),
    ("Alle «jti» er ulike.", "All `jti` differ."),
    None,
    lambda seen: unlike((one.number, one.assertion["claims"].get("jti")) for one in seen.token_requests),
    subject=tokens,
    source="helseid § 5",
)
GROUP.case(
    "N902",
    ("Ingen IV to ganger", "No IV twice"),
    ("Alle er ulike.", "All differ."),
    None,
    lambda seen: unlike((post.number, post.raw[:16] if post.raw else None) for post in seen.posts),
    source="transport § 4",
)
GROUP.case(
    "N903",
    ("Ingen symmetrisk nøkkel to ganger", "No symmetric key twice"),
    ("Alle er ulike, også når samme melding sendes igjen.", "All differ, also when a message is sent again."),
    None,
    lambda seen: unlike((post.number, post.symmetric_key) for post in seen.posts),
    source="transport § 14.2",
)


def numbers_in(seen: Seen) -> set[str]:
    """The persons' numbers in the messages, with the zeros that JSON numbers lose."""
    contents = {post.identity: post.content or b"" for post in seen.posts}
    found = {match for content in contents.values() for match in _NUMBERS.findall(content)}
    return {digits.decode().zfill(length) for digits in found for length in _LENGTHS if len(digits) <= length} | {
        digits.decode() for digits in found
    }


def _outside(note: Recorded) -> Iterator[tuple[str, str]]:
    """Everything of a request that is not sealed: where, and what."""
    yield "adressen / the address", note.path
    for name, value in note.headers:
        yield name, value
        for part in _SECRET.findall(value):
            yield f"{name} (dekodet / decoded)", str(decoded(value.partition(" ")[2] or value) or part)


def _leaks(seen: Seen) -> list[Text]:
    numbers = numbers_in(seen)
    return [
        at(note.number, f"et personnummer i {where}.", f"a person's number in {where}.")
        for note in seen.requests
        for where, text in _outside(note)
        if any(number in text for number in numbers)
    ][:5]


def _told_helseid(seen: Seen) -> list[Text]:
    numbers = {number.encode() for number in numbers_in(seen)}
    return [
        at(note.number, "et personnummer i skjemaet.", "a person's number in the form.")
        for note in seen.requests
        if note.service == "helseid" and any(number in note.body for number in numbers)
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
    subject=tokens,
    source="transport § 15",
)
GROUP.case(
    "N906",
    ("Ingen hemmeligheter i adresser", "No secrets in addresses"),
    ("Verken token, bevis eller spørring i noen adresse.", "Neither token, proof nor query in any address."),
    None,
    lambda seen: [
        at(note.number, f"{shown(note.path[:40])}", f"{shown(note.path[:40])}")
        for note in seen.requests
        if "?" in note.path or _SECRET.search(note.path)
    ],
    subject=requests,
    source="transport § 16.1 (ASVS 14.2.1)",
)
GROUP.case(
    "N907",
    ("Den private nøkkelen forlater aldri avsenderen", "The private key never leaves the sender"),
    ("Ingen «d» i noe «jwk».", "No `d` in any `jwk`."),
    None,
    lambda seen: [
        at(number, "private deler i «jwk».", "private parts in `jwk`.")
        for number, proof in (
            *((post.number, post.proof) for post in seen.posts),
            *((one.number, one.proof) for one in seen.token_requests),
        )
        if "d" in (proof["header"].get("jwk") or {})
    ],
    subject=requests,
    source="helseid § 13 D6",
)


def _expired(seen: Seen) -> list[Text]:
    """A token that was given as good and is used after its time; broken ones are the suite's own doing."""
    given = {one.answer["access_token"]: one for one in seen.token_requests if one.granted}
    found = []
    for post in seen.posts:
        one = given.get(post.token)
        end = float("inf") if one is None else one.note.at + float(one.answer.get("expires_in", 0))
        if post.note.at > end:
            found.append(at(post.number, f"{post.note.at - end:.0f} s for sent.", f"{post.note.at - end:.0f} s late."))
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
    ("Oppdagelse, nøkler, token og melding.", "Discovery, keys, token and message."),
    None,
    lambda seen: [
        at(note.number, f"{note.method} {shown(note.address)}", f"{note.method} {shown(note.address)}")
        for note in seen.requests
        if not note.address.endswith(_KNOWN)
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
    lambda seen: [
        Text(f"{name}: {len(values)} ulike verdier.", f"{name}: {len(values)} different values.")
        for name in headers.REQUIRED[:-1]
        if len(values := {post.note.header(name) for post in seen.posts}) > 1
    ],
    subject=posts,
    level=Level.SHOULD,
    source="transport § 6",
)
