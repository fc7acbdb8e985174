"""What the messages say, once opened: encoding, schema, unit, sizes (transport § 4, § 10; messages § 4)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from ktt.core.text import Text
from ktt.messages.errors import MessageNotJson, MessageTypeUnknown
from ktt.messages.register import find
from ktt.messages.version import MessageVersion
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.assertions import at, both, delivered, each_post, in_line, shown
from ktt.testing.conformance.sender.case import AGAIN, RUNS, Group, Scene, wants
from ktt.testing.conformance.sender.cases.scenes import EVERYDAY
from ktt.testing.conformance.sender.driver import Ability
from ktt.testing.conformance.sender.recorded import Post, Seen
from ktt.testing.conformance.sender.request import Kind
from ktt.wire import headers

GROUP = Group(Text("Innholdet", "The content"), "transport § 4")
MOST_BODY, NARROW_BODY, FAIR_BODY = 15 * 2**20, 15_000_000, 2_800_000
"""Bytes of a body: what a receiver takes at most, 15 MB read narrowly, and 2 MB of content (transport § 10, 8c and 8d)."""

_REMEMBERED = 512  # messages that several cases read

LETTERS = "æøåÆØÅčđŋšŧž"


def version_of(post: Post) -> MessageVersion | None:
    """The message version that a post names; None when it is none of ours."""
    claims = post.claims
    try:
        return find(str(claims.get(headers.CLAIM_TYPE)), str(claims.get(headers.CLAIM_VERSION)))
    except MessageTypeUnknown:
        return None


def _opened(seen: Seen) -> Sequence[object]:
    return [post for post in seen.posts if post.content is not None]


def _known(seen: Seen) -> Sequence[object]:
    return [post for post in seen.posts if post.content is not None and version_of(post)]


def _utf8(post: Post) -> bool:
    try:
        (post.content or b"").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


GROUP.case(
    "N600",
    ("Meldingen er UTF-8", "The message is UTF-8"),
    ("Den lar seg lese som UTF-8.", "It can be read as UTF-8."),
    EVERYDAY,
    each_post(lambda post: (post.content or b"")[:20].decode("latin-1"), lambda _value, post, _seen: _utf8(post)),
    subject=_opened,
)
GROUP.case(
    "N601",
    ("Meldingen har ikke byterekkefølgemerke", "The message has no byte order mark"),
    ("Første tegn er ikke U+FEFF.", "The first character is not U+FEFF."),
    EVERYDAY,
    each_post(
        lambda post: (post.content or b"")[:3].hex(),
        lambda value, _post, _seen: value != "efbbbf" and value[:4] not in {"fffe", "feff"},
    ),
    subject=_opened,
)
GROUP.case(
    "N602",
    ("Meldingen er en JSON-matrise", "The message is a JSON array"),
    ("Roten er «[…]», og den er ikke tom.", "The root is `[…]`, and it is not empty."),
    EVERYDAY,
    each_post(lambda post: (post.content or b"")[:1].decode("latin-1"), lambda _value, post, _seen: bool(post.items)),
    subject=_opened,
)
GROUP.case(
    "N603",
    ("Én enhet i hver melding", "One unit in each message"),
    ("Matrisen har ett element.", "The array has one item."),
    EVERYDAY,
    each_post(lambda post: len(post.items), lambda value, _post, _seen: value == 1),
    subject=_known,
    level=Level.SHOULD,
    source="messages § 4",
)
GROUP.case(
    "N604",
    ("Meldingen er fra enheten som tokenet taler for", "The message is from the unit that the token speaks for"),
    ("«orgNr» er enhetens.", "`orgNr` is the unit's."),
    EVERYDAY,
    each_post(
        lambda post: [item.get("orgNr") for item in post.items if isinstance(item, dict)],
        lambda value, _post, seen: bool(value) and {str(number) for number in value} == {seen.organisation},
    ),
    subject=_known,
    source="transport § 9 step 18",
)
GROUP.case(
    "N605",
    ("Meldingstypen finnes", "The message type exists"),
    ("«msg_type» og «msg_version» har et skjema.", "`msg_type` and `msg_version` have a schema."),
    EVERYDAY,
    each_post(
        lambda post: post.identity[:2],
        lambda _value, post, _seen: version_of(post) is not None,
    ),
    source="messages § 4",
)


@lru_cache(maxsize=_REMEMBERED)
def _schema_faults(post: Post) -> list[str]:
    version = version_of(post)
    if version is None or post.content is None:
        return []
    try:
        return [f"{fault.pointer} {fault.keyword}" for fault in version.check(post.content, at_most=3)]
    except MessageNotJson:
        return ["JSON"]


GROUP.case(
    "N606",
    ("Meldingen passer med skjemaet", "The message fits its schema"),
    ("Ingen feil, og ingen felt for mye.", "No fault, and no member too many."),
    EVERYDAY,
    each_post(_schema_faults, lambda value, _post, _seen: not value),
    subject=_known,
    source="messages § 4",
)
GROUP.case(
    "N607",
    ("Alt er levert", "Everything is delivered"),
    ("Tre meldinger med kvittering.", "Three messages with receipts."),
    EVERYDAY,
    delivered(3),
    source="transport § 10",
)


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner)]
    return [value] if isinstance(value, str) else []


def _spelled(seen: Seen) -> list[Text]:
    texts = [text for post in seen.posts for text in _strings(post.items)]
    if any(LETTERS in text for text in texts):
        return []
    odd = next((text for text in texts if not text.isascii()), "")
    return [Text(f"Bokstavene kom som {shown(odd)}.", f"The letters came as {shown(odd)}.")]


GROUP.case(
    "N608",
    ("Norske og samiske bokstaver kommer fram", "Norwegian and Sámi letters get through"),
    (f"«{LETTERS}» står uendret i meldingen.", f"`{LETTERS}` stands unchanged in the message."),
    Scene("letters", (wants(Kind.LETTERS), RUNS)),
    _spelled,
    subject=_opened,
)

_LARGE = Scene("large", (wants(Kind.LARGE), RUNS, AGAIN))


def _below(limit: int) -> Any:
    return each_post(lambda post: len(post.note.body), lambda value, _post, _seen: value < limit)


GROUP.case(
    "N610",
    ("Ingen melding over 15 MB", "No message above 15 MB"),
    (f"Hver kropp er under {MOST_BODY} byte.", f"Each body is below {MOST_BODY} bytes."),
    _LARGE,
    _below(MOST_BODY),
    subject=lambda seen: seen.runs,
    source="transport § 10 rule 8",
)
GROUP.case(
    "N611",
    ("15 MB er lest i den trangeste betydningen", "15 MB is read in the narrowest way"),
    (f"Hver kropp er under {NARROW_BODY} byte.", f"Each body is below {NARROW_BODY} bytes."),
    _LARGE,
    _below(NARROW_BODY),
    subject=lambda seen: seen.runs,
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
def ids(post: Post) -> tuple[set[str], set[str]]:
    """Record ids and deleted ids of a message of ours; empty when it is none."""
    version = version_of(post)
    if version is None or post.content is None or _schema_faults(post):
        return set(), set()
    batches = version.read(post.content)
    roots = (batch.records[version.record_type.name][version.record_type.key].to_list() for batch in batches)
    return {one for batch in roots for one in batch}, {one for batch in batches for one in batch.deletions}


def _no_overlap(seen: Seen) -> list[Text]:
    found, first = [], dict[str, int]()
    for post in (one for one in seen.posts if one.told):
        twice = ids(post)[0] & first.keys()
        if twice:
            other = first[next(iter(twice))]
            found.append(at(post.number, f"opplysninger fra nr. {other} igjen.", f"records of no. {other} again."))
        first.update(dict.fromkeys(ids(post)[0], post.number))
    return found


GROUP.case(
    "N613",
    ("Det som deles, blir helt igjen", "What is split is whole again"),
    (
        "Alle deler leveres i rekkefølge, og ingen opplysning to ganger.",
        "All parts are delivered in order, and no record twice.",
    ),
    _LARGE,
    both(in_line, _no_overlap, delivered(2)),
    needs=(Ability.CONTENT,),
    subject=lambda seen: seen.runs,
    source="transport § 10.1",
)


def _readable(post: Post) -> bool:
    try:
        orjson.loads(post.content or b"")
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
    each_post(lambda post: (post.content or b"")[-12:].decode("latin-1"), lambda _value, post, _seen: _readable(post)),
    subject=_opened,
    source="transport § 15",
)
