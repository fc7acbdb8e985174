"""The headers of a message (transport § 6)."""

from __future__ import annotations

from typing import Any

from ktt.core.clock import norwegian_day
from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup
from ktt.testing.conformance.sender.cases.scenarios import EVERYDAY
from ktt.testing.conformance.sender.checks import each_message
from ktt.testing.conformance.sender.recorded import RecordedMessage
from ktt.wire import headers

GROUP = CaseGroup(Text("Hodene", "The headers"), "transport § 6")
_MOST_FIELD, _MOST_ALL = 8 * 1024, 16 * 1024  # bytes; a sender stays below what every proxy allows (transport § 5)


def _one(name: str, purpose: tuple[str, str], expect: tuple[str, str], read: Any, holds: Any, **how: Any) -> None:
    GROUP.case(name, purpose, expect, EVERYDAY, each_message(read, holds), **how)


def _all(message: RecordedMessage, name: str) -> list[str]:
    return [value for key, value in message.request.headers if key == name.lower()]


_one(
    "N300",
    ("Tokenet står i «Authorization» med skjemaet DPoP", "The token stands in `Authorization` with scheme DPoP"),
    ("Ett hode, «DPoP <token>».", "One header, `DPoP <token>`."),
    lambda message: [value.partition(" ")[0] for value in _all(message, headers.AUTHORIZATION)],
    lambda value, message, _recorded: [word.lower() for word in value] == ["dpop"] and " " not in message.token,
    source="transport § 6; helseid § 12 A12",
)
for _place, _field in enumerate(headers.REQUIRED[:-1]):
    _one(
        f"N30{_place + 1}",
        (f"Hodet «{_field}»", f"The header `{_field}`"),
        ("Én gang, 1 til 100 synlige ASCII-tegn.", "Once, 1 to 100 characters of printable ASCII."),
        lambda message, field=_field: _all(message, field),
        lambda value, _message, _recorded: len(value) == 1 and headers.value_fits(value[0]),
    )
_one(
    "N305",
    (f"Hodet «{headers.EXTRACTED_ON}»", f"The header `{headers.EXTRACTED_ON}`"),
    ("Én dato i formen dd.MM.yyyy.", "One date in the form dd.MM.yyyy."),
    lambda message: _all(message, headers.EXTRACTED_ON),
    lambda value, _message, _recorded: len(value) == 1 and headers.read_date(value[0]) is not None,
)
_one(
    "N306",
    ("Uttrekket er ikke gjort i framtiden", "The extract was not made in the future"),
    ("Datoen er i dag eller før.", "The date is today or before."),
    lambda message: _all(message, headers.EXTRACTED_ON),
    lambda _value, message, _recorded: _not_ahead(message),
    level=Level.SHOULD,
)


def _not_ahead(message: RecordedMessage) -> bool:
    day = headers.read_date(message.request.header(headers.EXTRACTED_ON) or "")
    return day is not None and day <= norwegian_day(message.request.came_at)


def _content_type(message: RecordedMessage) -> str:
    return ", ".join(_all(message, headers.CONTENT_TYPE)).lower().replace(" ", "")


_one(
    "N307",
    ("Innholdstypen er tekst", "The content type is text"),
    ("text/plain, ikke application/json.", "text/plain, not application/json."),
    _content_type,
    lambda value, _message, _recorded: value.partition(";")[0] == "text/plain",
)
_one(
    "N308",
    ("Tegnsettet er oppgitt", "The character set is given"),
    ("text/plain; charset=utf-8", "text/plain; charset=utf-8"),
    _content_type,
    lambda value, _message, _recorded: value == "text/plain;charset=utf-8",
    level=Level.SHOULD,
)
_one(
    "N309",
    ("Kroppen er ikke komprimert", "The body is not compressed"),
    ("Ingen «Content-Encoding».", "No `Content-Encoding`."),
    lambda message: _all(message, "content-encoding"),
    lambda value, _message, _recorded: value in ([], ["identity"]),
)
_one(
    "N310",
    ("Kroppens lengde er oppgitt", "The body's length is given"),
    ("«Content-Length» er lengden.", "`Content-Length` is the length."),
    lambda message: _all(message, "content-length"),
    lambda value, message, _recorded: value == [str(len(message.request.body))],
    level=Level.SHOULD,
)
_one(
    "N311",
    ("Hodene er ikke for store", "The headers are not too large"),
    ("Høyst 8 kB i ett og 16 kB i alt.", "At most 8 kB in one and 16 kB in all."),
    lambda message: [max(_sizes(message)), sum(_sizes(message))],
    lambda value, _message, _recorded: value[0] <= _MOST_FIELD and value[1] <= _MOST_ALL,
    source="transport § 5",
)


def _sizes(message: RecordedMessage) -> list[int]:
    return [len(name) + len(value) + 4 for name, value in message.request.headers]


_one(
    "N312",
    ("Bare ASCII i hodene", "Only ASCII in the headers"),
    ("Ingen verdi har andre tegn.", "No value has other characters."),
    lambda message: [name for name, value in message.request.headers if not value.isascii()],
    lambda value, _message, _recorded: not value,
)
_one(
    "N313",
    ("Meldingen sendes til /message", "The message is sent to /message"),
    ("Ingen spørring i adressen.", "No query in the address."),
    lambda message: message.request.path,
    lambda value, message, _recorded: value == message.request.address,
    source="transport § 2 no. 6",
)
