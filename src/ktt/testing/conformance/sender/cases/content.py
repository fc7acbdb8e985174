"""The content of the messages: encoding, schema, unit, sizes (transport § 4, § 10; messages § 4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from ktt.core.text import Text
from ktt.domain.records import frame_of
from ktt.messages.errors import MessageNotJson, MessageTypeUnknown
from ktt.messages.register import find
from ktt.messages.version import MessageVersion
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup
from ktt.testing.conformance.sender.cases.scenarios import EVERYDAY
from ktt.testing.conformance.sender.checks import all_of, at, delivered, each_message, in_order, quoted
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.preparation import LETTERS, PreparationKind
from ktt.testing.conformance.sender.recorded import RecordedMessage, RecordedScenario
from ktt.testing.conformance.sender.scenario import RUNS, RUNS_AGAIN, Scenario, prepares
from ktt.wire import headers

GROUP = CaseGroup(Text("Innholdet", "The content"), "transport § 4")
MOST_BODY, NARROW_BODY, FAIR_BODY = 15 * 2**20, 15_000_000, 2_800_000
"""Bytes of a body: the most that a receiver takes, 15 MB read narrowly, and 2 MB of content (transport § 10 rules 8c, 8d)."""

_REMEMBERED = 512  # messages; several cases read each of them


def version_of(message: RecordedMessage) -> MessageVersion | None:
    """The version of its message type that a message names; None when this program does not know it."""
    claims = message.claims
    try:
        return find(str(claims.get(headers.CLAIM_TYPE)), str(claims.get(headers.CLAIM_VERSION)))
    except MessageTypeUnknown:
        return None


def _opened(recorded: RecordedScenario) -> Sequence[object]:
    return [message for message in recorded.messages if message.content is not None]


def _known(recorded: RecordedScenario) -> Sequence[object]:
    return [message for message in recorded.messages if message.content is not None and version_of(message)]


def _utf8(message: RecordedMessage) -> bool:
    try:
        (message.content or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


GROUP.case(
    "N600",
    ("Meldingen er UTF-8", "The message is UTF-8"),
    ("Den kan leses som UTF-8.", "It can be read as UTF-8."),
    EVERYDAY,
    each_message(
        lambda message: (message.content or b"")[:20].decode("latin-1"),
        lambda _value, message, _recorded: _utf8(message),
    ),
    subject=_opened,
)
GROUP.case(
    "N601",
    ("Meldingen har ikke byterekkefølgemerke", "The message has no byte order mark"),
    ("Første tegn er ikke U+FEFF.", "The first character is not U+FEFF."),
    EVERYDAY,
    each_message(
        lambda message: (message.content or b"")[:3].hex(),
        lambda value, _message, _recorded: value != "efbbbf" and value[:4] not in {"fffe", "feff"},
    ),
    subject=_opened,
)
GROUP.case(
    "N602",
    ("Meldingen er en JSON-liste", "The message is a JSON array"),
    ("Roten er «[…]», og den er ikke tom.", "The root is `[…]`, and it is not empty."),
    EVERYDAY,
    each_message(
        lambda message: (message.content or b"")[:1].decode("latin-1"),
        lambda _value, message, _recorded: bool(message.items),
    ),
    subject=_opened,
)
GROUP.case(
    "N603",
    ("Én enhet i hver melding", "One unit in each message"),
    ("Listen har ett element.", "The array has one item."),
    EVERYDAY,
    each_message(lambda message: len(message.items), lambda value, _message, _recorded: value == 1),
    subject=_known,
    level=Level.SHOULD,
    source="messages § 4",
)
GROUP.case(
    "N604",
    ("Meldingen er fra enheten som tokenet taler for", "The message is from the unit that the token speaks for"),
    ("«orgNr» er enhetens.", "`orgNr` is the unit's."),
    EVERYDAY,
    each_message(
        lambda message: [item.get("orgNr") for item in message.items if isinstance(item, dict)],
        lambda value, _message, recorded: bool(value) and {str(number) for number in value} == {recorded.organisation},
    ),
    subject=_known,
    source="transport § 9 step 18",
)
GROUP.case(
    "N605",
    ("Meldingstypen finnes", "The message type exists"),
    ("«msg_type» og «msg_version» har et skjema.", "`msg_type` and `msg_version` have a schema."),
    EVERYDAY,
    each_message(
        lambda message: message.identity[:2],
        lambda _value, message, _recorded: version_of(message) is not None,
    ),
    source="messages § 4; messages § 5",
)


@lru_cache(maxsize=_REMEMBERED)
def _schema_faults(message: RecordedMessage) -> list[str]:
    version = version_of(message)
    if version is None or message.content is None:
        return []
    try:
        return [f"{fault.pointer} {fault.keyword}" for fault in version.check(message.content, at_most=3)]
    except MessageNotJson:
        return ["JSON"]


GROUP.case(
    "N606",
    ("Meldingen passer med skjemaet", "The message fits its schema"),
    ("Ingen feil, og ingen felt for mye.", "No fault, and no member too many."),
    EVERYDAY,
    each_message(_schema_faults, lambda value, _message, _recorded: not value),
    subject=_known,
    source="messages § 4",
)
GROUP.case(
    "N607",
    ("Alt er levert", "Everything is delivered"),
    ("Tre meldinger med kvittering.", "Three messages with receipts."),
    EVERYDAY,
    delivered(3),
    source="transport § 10 rule 2",
)


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner)]
    return [value] if isinstance(value, str) else []


def _spelled(recorded: RecordedScenario) -> list[Text]:
    texts = [text for message in recorded.messages for text in _strings(message.items)]
    if any(LETTERS in text for text in texts):
        return []
    odd = next((text for text in texts if not text.isascii()), "")
    return [Text(f"Bokstavene kom som {quoted(odd)}.", f"The letters came as {quoted(odd)}.")]


GROUP.case(
    "N608",
    ("Norske og samiske bokstaver kommer fram", "Norwegian and Sámi letters get through"),
    (f"«{LETTERS}» står uendret i meldingen.", f"`{LETTERS}` stands unchanged in the message."),
    Scenario("letters", (prepares(PreparationKind.LETTERS), RUNS)),
    _spelled,
    subject=_opened,
)

_LARGE = Scenario("large", (prepares(PreparationKind.LARGE), RUNS, RUNS_AGAIN))


def _below(limit: int) -> Any:
    return each_message(lambda message: message.request.body_size, lambda value, _message, _recorded: value < limit)


GROUP.case(
    "N610",
    ("Ingen melding over 15 MB", "No message above 15 MB"),
    (f"Hver kropp er under {MOST_BODY} byte.", f"Each body is below {MOST_BODY} bytes."),
    _LARGE,
    _below(MOST_BODY),
    subject=lambda recorded: recorded.runs,
    source="transport § 10 rule 8",
)
GROUP.case(
    "N611",
    ("15 MB er lest i den trangeste betydningen", "15 MB is read in the narrowest way"),
    (f"Hver kropp er under {NARROW_BODY} byte.", f"Each body is below {NARROW_BODY} bytes."),
    _LARGE,
    _below(NARROW_BODY),
    subject=lambda recorded: recorded.runs,
    level=Level.SHOULD,
    source="transport § 10 rule 8c",
)
GROUP.case(
    "N612",
    ("Meldinger på høyst 2 MB", "Messages of at most 2 MB"),
    (f"Hver kropp er under {FAIR_BODY} byte.", f"Each body is below {FAIR_BODY} bytes."),
    _LARGE,
    _below(FAIR_BODY),
    level=Level.SHOULD,
    source="transport § 10 rule 8d",
)


@lru_cache(maxsize=_REMEMBERED)
def ids(message: RecordedMessage) -> tuple[set[str], set[str]]:
    """The ids of records and of deletions in a message; empty when this program cannot read the message."""
    version = version_of(message)
    if version is None or message.content is None or _schema_faults(message):
        return set(), set()
    batches = version.read(message.content)
    kinds = [(batch, kind) for batch in batches for kind in version.record_types]
    sent = {one for batch, kind in kinds for one in frame_of(batch.records, kind)[kind.key]}
    return sent, {one for batch in batches for ids in batch.deletions.values() for one in ids}


def _no_overlap(recorded: RecordedScenario) -> list[Text]:
    found, first = [], dict[str, int]()
    for message in (one for one in recorded.messages if one.confirmed):
        twice = ids(message)[0] & first.keys()
        if twice:
            other = first[next(iter(twice))]
            found.append(at(message.number, f"opplysninger fra nr. {other} igjen.", f"records of no. {other} again."))
        first.update(dict.fromkeys(ids(message)[0], message.number))
    return found


GROUP.case(
    "N613",
    ("Det som deles, blir fullstendig igjen", "What is split is whole again"),
    (
        "Alle deler leveres i rekkefølge, og ingen opplysning to ganger.",
        "All parts are delivered in order, and no record twice.",
    ),
    _LARGE,
    all_of(in_order, _no_overlap, delivered(2)),
    needs=(Ability.CONTENT,),
    subject=lambda recorded: recorded.runs,
    source="transport § 10.1; messages § 7.6",
)


def _readable(message: RecordedMessage) -> bool:
    try:
        orjson.loads(message.content or b"")
    except ValueError:
        return False
    return True


GROUP.case(
    "N614",
    ("Meldingen er streng JSON", "The message is strict JSON"),
    (
        "Ingen NaN, ingen ensomme surrogater, ingenting bak roten.",
        "No NaN, no lone surrogates, nothing after the root.",
    ),
    EVERYDAY,
    each_message(
        lambda message: (message.content or b"")[-12:].decode("latin-1"),
        lambda _value, message, _recorded: _readable(message),
    ),
    subject=_opened,
    source="transport § 15",
)
