"""The headers of a message (transport § 6)."""

from __future__ import annotations

from typing import Any

from ktt.core.clock import norwegian_day
from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.assertions import each_post
from ktt.testing.conformance.sender.case import Group
from ktt.testing.conformance.sender.cases.scenes import EVERYDAY
from ktt.testing.conformance.sender.recorded import Post
from ktt.wire import headers

GROUP = Group(Text("Hodene", "The headers"), "transport § 6")
_MOST_FIELD, _MOST_ALL = 8 * 1024, 16 * 1024  # bytes that every proxy can be trusted to let through (transport § 5)


def _one(name: str, purpose: tuple[str, str], expect: tuple[str, str], read: Any, holds: Any, **how: Any) -> None:
    GROUP.case(name, purpose, expect, EVERYDAY, each_post(read, holds), **how)


def _all(post: Post, name: str) -> list[str]:
    return [value for key, value in post.note.headers if key == name.lower()]


_one(
    "N300",
    ("Tokenet står i «Authorization» med skjemaet DPoP", "The token stands in `Authorization` with scheme DPoP"),
    ("Ett hode, «DPoP <token>».", "One header, `DPoP <token>`."),
    lambda post: [value.partition(" ")[0] for value in _all(post, headers.AUTHORIZATION)],
    lambda value, post, _seen: [word.lower() for word in value] == ["dpop"] and " " not in post.token,
    source="transport § 6; helseid § 12 A12",
)
for _place, _field in enumerate(headers.REQUIRED[:-1]):
    _one(
        f"N30{_place + 1}",
        (f"Hodet «{_field}»", f"The header `{_field}`"),
        ("Én gang, 1 til 100 synlige ASCII-tegn.", "Once, 1 to 100 characters of printable ASCII."),
        lambda post, field=_field: _all(post, field),
        lambda value, _post, _seen: len(value) == 1 and headers.value_fits(value[0]),
    )
_one(
    "N305",
    (f"Hodet «{headers.EXTRACTED_ON}»", f"The header `{headers.EXTRACTED_ON}`"),
    ("Én dato i formen dd.MM.yyyy.", "One date in the form dd.MM.yyyy."),
    lambda post: _all(post, headers.EXTRACTED_ON),
    lambda value, _post, _seen: len(value) == 1 and headers.read_date(value[0]) is not None,
)
_one(
    "N306",
    ("Uttrekket er ikke gjort i framtiden", "The extract was not made in the future"),
    ("Datoen er i dag eller før.", "The date is today or before."),
    lambda post: _all(post, headers.EXTRACTED_ON),
    lambda _value, post, _seen: _not_ahead(post),
    level=Level.SHOULD,
)


def _not_ahead(post: Post) -> bool:
    day = headers.read_date(post.note.header(headers.EXTRACTED_ON) or "")
    return day is not None and day <= norwegian_day(post.note.came_at)


def _content_type(post: Post) -> str:
    return ", ".join(_all(post, headers.CONTENT_TYPE)).lower().replace(" ", "")


_one(
    "N307",
    ("Innholdstypen er tekst", "The content type is text"),
    ("text/plain, ikke application/json.", "text/plain, not application/json."),
    _content_type,
    lambda value, _post, _seen: value.partition(";")[0] == "text/plain",
)
_one(
    "N308",
    ("Tegnsettet er oppgitt", "The character set is given"),
    ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
    _content_type,
    lambda value, _post, _seen: value == "text/plain;charset=utf-8",
    level=Level.SHOULD,
)
_one(
    "N309",
    ("Kroppen er ikke komprimert", "The body is not compressed"),
    ("Ingen «Content-Encoding».", "No `Content-Encoding`."),
    lambda post: _all(post, "content-encoding"),
    lambda value, _post, _seen: value in ([], ["identity"]),
)
_one(
    "N310",
    ("Kroppens lengde er oppgitt", "The body's length is given"),
    ("«Content-Length» er lengden.", "`Content-Length` is the length."),
    lambda post: _all(post, "content-length"),
    lambda value, post, _seen: value == [str(len(post.note.body))],
    level=Level.SHOULD,
)
_one(
    "N311",
    ("Hodene er ikke for store", "The headers are not too large"),
    ("Høyst 8 kB i ett og 16 kB i alt.", "At most 8 kB in one and 16 kB in all."),
    lambda post: [max(_sizes(post)), sum(_sizes(post))],
    lambda value, _post, _seen: value[0] <= _MOST_FIELD and value[1] <= _MOST_ALL,
    source="transport § 5",
)


def _sizes(post: Post) -> list[int]:
    return [len(name) + len(value) + 4 for name, value in post.note.headers]


_one(
    "N312",
    ("Bare ASCII i hodene", "Only ASCII in the headers"),
    ("Ingen verdi har andre tegn.", "No value has other characters."),
    lambda post: [name for name, value in post.note.headers if not value.isascii()],
    lambda value, _post, _seen: not value,
)
_one(
    "N313",
    ("Meldingen sendes til /message", "The message is sent to /message"),
    ("Ingen spørring i adressen.", "No query in the address."),
    lambda post: post.note.path,
    lambda value, post, _seen: value == post.note.address,
    source="transport § 2",
)
