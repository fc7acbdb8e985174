"""What was expected of one member of a token, proof or assertion, and what stood there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ktt.core.text import Text
from ktt.receiver.settings import ReceiverSettings
from ktt.wire import dpop, jws

_MOST = 90  # characters of a value that are shown
_KINDS: Mapping[type, Text] = {
    bool: Text(nb="sant/usant", en="true/false"),
    int: Text(nb="et tall", en="a number"),
    float: Text(nb="et tall med desimaler", en="a number with decimals"),
    list: Text(nb="en liste", en="a list"),
    dict: Text(nb="et objekt", en="an object"),
    type(None): Text("null", "null"),
}
_PASSED = Text(
    nb="gikk ut for {n} s siden etter denne maskinens klokke", en="expired {n} s ago by this machine's clock"
)
_AHEAD = Text(nb="ligger {n} s foran denne maskinens klokke", en="is {n} s ahead of this machine's clock")
_BEHIND = Text(nb="ligger {n} s etter denne maskinens klokke", en="is {n} s behind this machine's clock")


@dataclass(frozen=True, slots=True)
class Against:
    """What the request was checked against. `now` is in seconds since 1970; `urls` are the addresses that count.

    `settings` is the receiver's, None at HelseID. `token` is the one that came, `jkt` what it is bound to.
    """

    now: float
    method: str = ""
    urls: tuple[str, ...] = ()
    settings: ReceiverSettings | None = None
    kids: tuple[str, ...] = ()
    token: str = field(default="", repr=False)
    jkt: str = ""
    client_id: str = ""


Expected = Callable[[Against], str]


def expected(row: str, member: str, against: Against) -> str | None:
    """The value that would have held, when there is one to name."""
    found = _EXPECTED.get((row, member))
    return None if found is None else found(against)


def timing(member: str, value: Any, against: Against) -> Text | None:
    """How far an instant lies from this machine's clock."""
    if member not in {"exp", "nbf", "iat"} or type(value) is not int:
        return None
    off = round(value - against.now)
    if member == "exp":
        return (_PASSED if off <= 0 else _AHEAD).format(n=_plain(abs(off)))
    return (_AHEAD if off > 0 else _BEHIND).format(n=_plain(abs(off)))


def shown(value: Any) -> Text:
    """A value as JSON, cut when it is long; of another kind than text, with its kind."""
    text = json.dumps(value, ensure_ascii=True, default=str)
    cut = text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text)})"
    kind = _KINDS.get(type(value))
    return Text(cut, cut) if kind is None else Text(nb=f"{cut} ({kind.nb})", en=f"{cut} ({kind.en})")


def _plain(number: int) -> str:
    return str(number)


def _of(read: Callable[[ReceiverSettings], str]) -> Expected:
    return lambda against: "" if against.settings is None else read(against.settings)


_EXPECTED: Mapping[tuple[str, str], Expected] = {
    ("A2", "alg"): _of(lambda settings: " / ".join(sorted(settings.token_algorithms))),
    ("A3", "kid"): lambda against: " / ".join(against.kids),
    ("A5", "typ"): lambda _: "at+jwt",
    ("A6", "iss"): _of(lambda settings: settings.issuer),
    ("A7", "aud"): _of(lambda settings: settings.audience),
    ("A9", "scope"): _of(lambda settings: settings.scope),
    ("A10", "cnf"): lambda _: '{"jkt": "…43…"}',
    ("D4", "typ"): lambda _: dpop.TYP,
    ("D5", "alg"): lambda _: " / ".join(sorted(jws.ASYMMETRIC)),
    ("D8", "jkt"): lambda against: against.jkt,
    ("D9", "htm"): lambda against: against.method,
    ("D10", "htu"): lambda against: " / ".join(against.urls),
    ("D13", "ath"): lambda against: dpop.token_hash(against.token),
    ("C1", "iss"): lambda against: against.client_id,
    ("C1", "sub"): lambda against: against.client_id,
    ("C2", "aud"): lambda against: " / ".join(against.urls),
    ("C6", "typ"): lambda _: "client-authentication+jwt",
}
