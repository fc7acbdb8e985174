"""The content of a message: encoding, strict JSON, and the schema (transport § 9 steps 16 and 17, § 15)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup
from ktt.testing.conformance.receiver.expectation import DELIVERED, Expectation, code
from ktt.testing.conformance.receiver.harness import ReceiverHarness, everyday, message, service
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.wire.answers import parse_answer

GROUP = CaseGroup(Text("Innholdet", "The content"), "transport § 9 step 16; transport § 15")
single = GROUP.single
Change = Callable[[bytes], bytes]


def _changed(change: Change) -> Callable[[ReceiverHarness], bytes]:
    return lambda harness: change(everyday(harness))


def _id(local_id: str) -> Callable[[ReceiverHarness], bytes]:
    """A message with one everyday service, whose id contains these letters."""
    return lambda harness: message(harness, [service(f"K-{uuid.uuid4().hex[:8]}-{local_id}")])


LETTERS = (
    ("N500", "Norske bokstaver", "Norwegian letters", _id("ÆØÅæøå")),
    ("N501", "Samiske bokstaver", "Sámi letters", _id("čđŋšŧžÁÄÖ")),
    ("N502", "Et tegn utenfor det grunnleggende planet", "A character outside the basic plane", _id("🩺")),
    ("N503", "Bokstaver som «\\u00e6»", "Letters as `\\u00e6`", lambda harness: json.dumps(json.loads(_id("Ærlig")(harness))).encode()),
    ("N504", "Innrykk og CRLF", "Indentation and CRLF", lambda harness: json.dumps(json.loads(everyday(harness)), indent=2).replace("\n", "\r\n").encode()),
    ("N505", "Tomme lister og null der de er valgfrie", "Empty lists and nulls where they are optional", lambda harness: message(harness, [service(f"K-{uuid.uuid4().hex}", utforer=[], sluttDato=None)])),
)  # fmt: skip
for name, nb, en, content in LETTERS:
    single(name, nb, en, DELIVERED, source="transport § 4", content=content)

NOT_JSON: tuple[tuple[str, str, str, Change], ...] = (
    ("F500", "Byte Order Mark foran", "A byte order mark before it", lambda text: b"\xef\xbb\xbf" + text),
    ("F501", "UTF-16", "UTF-16", lambda text: text.decode().encode("utf-16")),
    ("F502", "UTF-16 uten merke", "UTF-16 without a mark", lambda text: text.decode().encode("utf-16-le")),
    ("F503", "Latin-1", "Latin-1", lambda text: text.replace(b"K-", b"\xc6-")),
    ("F504", "Ingenting", "Nothing", lambda _: b""),
    ("F505", "Ikke JSON", "Not JSON", lambda _: b"<melding/>"),
    ("F506", "Avkuttet midt i", "Cut off in the middle", lambda text: text[: len(text) // 2]),
    ("F507", "Noe etter slutten", "Something after the end", lambda text: text + b"[]"),
    ("F508", "Et objekt i stedet for en liste", "An object instead of a list", lambda text: text.strip()[1:-1]),
    ("F509", "Samme felt to ganger", "The same field twice", lambda text: text.replace(b'[{"', b'[{"orgNr": 1, "', 1)),
    ("F510", "NaN", "NaN", lambda text: text.replace(b"312", b"NaN", 1) if b"312" in text else text.replace(b"{", b'{"x": NaN, ', 1)),
    ("F511", "Et tall som blir uendelig: 1e999", "A number that becomes infinite: 1e999", lambda text: text.replace(b"{", b'{"x": 1e999, ', 1)),
    ("F512", "Et heltall på over 64 biter", "An integer beyond 64 bits", lambda text: text.replace(b"{", b'{"x": 99999999999999999999, ', 1)),
    ("F513", "En halv surrogat", "Half a surrogate", lambda text: text.replace(b"{", b'{"x": "\\ud800", ', 1)),
    ("F514", "100 000 lister i hverandre", "100 000 lists in one another", lambda _: b"[" * 100_000 + b"]" * 100_000),
    ("F515", "Komma for mye", "One comma too many", lambda text: text.rstrip()[:-1] + b",]"),
    ("F516", "Kommentar", "A comment", lambda text: b"// hei\n" + text),
    ("F517", "NUL-tegn utenfor tekst", "A NUL character outside text", lambda text: b"\0" + text),
)  # fmt: skip
_STRICT = {"F512": (2007, 2008)}
for name, nb, en, change in NOT_JSON:
    single(name, nb, en, code(*_STRICT.get(name, (2007,))), content=_changed(change))


def _pointed(pointer: str) -> Callable[[ReceiverHarness, RawResponse], list[Text]]:
    """Checks that the answer names the place as FHI does: by a JSON pointer inside a string of JSON."""

    def check(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
        answer = parse_answer(response.body)
        places = [place for error in answer.errors for place, _ in error.places()] if answer else []
        if any(place.startswith(pointer) for place in places):
            return []
        return [Text(f"«Location» var {places[:3]}, ikke {pointer}.", f"`Location` was {places[:3]}, not {pointer}.")]

    return check


def _schema(pointer: str) -> Expectation:
    return code(2008).also(f"«Location» {pointer}", f"`Location` {pointer}", _pointed(pointer))


def _service(**changes: Any) -> Callable[[ReceiverHarness], bytes]:
    """A message with one everyday service, some fields of which are changed; None leaves a field out."""

    def content(harness: ReceiverHarness) -> bytes:
        full = service(f"K-{uuid.uuid4().hex}") | changes
        return message(harness, [{name: value for name, value in full.items() if value is not None}])

    return content


_SERVICE = "/0/tjeneste/0"
SCHEMA: tuple[tuple[str, str, str, str, Callable[[ReceiverHarness], bytes]], ...] = (
    ("F530", "Et felt som skjemaet ikke kjenner", "A field that the schema does not know", _SERVICE, _service(ukjent=1)),
    ("F531", "Uten id", "Without an id", _SERVICE, _service(tjenesteId=None)),
    ("F532", "Tom id", "An empty id", f"{_SERVICE}/tjenesteId", _service(tjenesteId="")),
    ("F533", "Uten startdato", "Without a start day", _SERVICE, _service(startDato=None)),
    ("F534", "En dag som ikke finnes", "A day that does not exist", f"{_SERVICE}/startDato", _service(startDato="2026-02-30")),
    ("F535", "Tid uten sone", "A time without a zone", f"{_SERVICE}/registrertTid", _service(registrertTid="2026-02-02T12:00:00")),
    ("F536", "Tjenestetype som tekst", "A service type as text", f"{_SERVICE}/tjenesteType", _service(tjenesteType="6")),
    ("F537", "Styretegn i en id", "A control character in an id", f"{_SERVICE}/tjenesteId", _service(tjenesteId="K-\x07")),
    ("F538", "Uten person", "Without a person", _SERVICE, _service(person=None)),
    ("F539", "En liste med et tall i stedet for en enhet", "A list with a number instead of a unit", "/0", lambda _: b"[1]"),
    ("F540", "Tom melding: ingen enhet", "An empty message: no unit", "", lambda _: b"[]"),
)  # fmt: skip
for name, nb, en, pointer, content in SCHEMA:
    single(
        name, nb, en, _schema(pointer), source="transport § 7; transport § 8; transport § 9 step 17", content=content
    )


def _three(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    answer = parse_answer(response.body)
    places = {place for error in answer.errors for place, _ in error.places()} if answer else set()
    found = sum(any(place.startswith(f"/0/tjeneste/{number}") for place in places) for number in range(3))
    return [] if found == 3 else [Text(f"{found} av 3 ble nevnt.", f"{found} of 3 were named.")]  # noqa: PLR2004


def _silent(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    if b"HEMMELIG" in response.body:
        return [Text("Svaret gjentar verdien.", "The answer repeats the value.")]
    return []


GROUP.table(
    ("F541", "transport § 7", "Tre poster med hver sin feil: alle nevnes i ett svar", "Three records, each with a fault: all are named in one answer", code(2008).also("tre steder", "three places", _three),
     {"content": lambda harness: message(harness, [service(f"K-{number}", startDato="i dag") for number in range(3)])}),
    ("F542", "transport § 15", "Svaret gjentar ikke verdien som var feil", "The answer does not repeat the value that was wrong", code(2008).also("verdien står ikke i svaret", "the value is not in the answer", _silent),
     {"content": _service(startDato="HEMMELIG")}),
    ("F543", "messages § 4.1; messages § 6 no. 16", "Et fødselsnummer som ikke er syntetisk, i et testmiljø", "A national number that is not synthetic, in a test environment", code(2008),
     {"content": _service(person={"personId": "1", "fodselsNr": 1010112345})}),
)  # fmt: skip
