"""Which requests a fault is for: by message type, by unit, by headers. All conditions of a fault must hold."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import Scope

from ktt.core.text import Text
from ktt.wire import headers, jws
from ktt.wire.jws import BadJws

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HeaderPattern:
    """A header and what its value must look like: `*` is any text, `?` any character. Small and capital letters differ."""

    name: str
    pattern: str

    def fits(self, fields: Fields) -> bool:
        """Whether a value of that header does."""
        wanted = self.name.lower()
        return any(name == wanted and fnmatch.fnmatchcase(value, self.pattern) for name, value in fields)


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What conditions look at. Nothing is verified: a fault may be for a request that will be refused.

    `fields` are the headers, names in small letters. `organisation` is set where no token tells it.
    """

    fields: Fields = ()
    organisation: str | None = None

    @property
    def message_type(self) -> str | None:
        """The message type that the proof names."""
        return self._claim(self._value("dpop"), headers.CLAIM_TYPE)

    @property
    def unit(self) -> str | None:
        """The organisation that the request is made for."""
        if self.organisation is not None:
            return self.organisation
        return self._claim(self._value("authorization").partition(" ")[2], headers.CLAIM_PARENT)

    def _value(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name), "")

    @staticmethod
    def _claim(compact: str, name: str) -> str | None:
        try:
            value = jws.parse(compact).payload.get(name)
        except BadJws:
            return None
        return value if isinstance(value, str) else None


CURRENT_FACTS: ContextVar[RequestFacts | None] = ContextVar("ktt.request-facts", default=None)
"""The token request that is being answered, for the one who signs its token."""


def facts_of(scope: Scope, organisation: str | None = None) -> RequestFacts:
    """The facts of a request."""
    pairs: Iterable[tuple[bytes, bytes]] = scope["headers"]
    fields = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in pairs)
    return RequestFacts(fields, organisation)


@dataclass(frozen=True, slots=True)
class Conditions:
    """A message type, the organisation number of a unit, and patterns of headers; whatever is not named fits."""

    message_type: str | None = None
    unit: str | None = None
    headers: tuple[HeaderPattern, ...] = ()

    def fit(self, facts: RequestFacts) -> bool:
        """Whether the request meets all of them."""
        return (
            (self.message_type is None or facts.message_type == self.message_type)
            and (self.unit is None or facts.unit == self.unit)
            and all(header.fits(facts.fields) for header in self.headers)
        )

    def says(self) -> Text:
        """The same in words that follow “every message”, each after a space; empty without conditions."""
        parts = []
        if self.message_type is not None:
            parts.append(Text(nb=f" av typen {self.message_type}", en=f" of type {self.message_type}"))
        if self.unit is not None:
            parts.append(Text(nb=f" fra enheten {self.unit}", en=f" from unit {self.unit}"))
        parts += [
            Text(nb=f" med {one.name} som «{one.pattern}»", en=f" with {one.name} like “{one.pattern}”")
            for one in self.headers
        ]
        return Text(nb="".join(one.nb for one in parts), en="".join(one.en for one in parts))
