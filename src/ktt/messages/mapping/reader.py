"""Reading messages by a mapping: one typed parse, then scope by scope."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import polars as pl

from ktt.core.text import Text
from ktt.messages import strict_json
from ktt.messages.decoded import DecodedMessages, ParsedJson, UnitBatch
from ktt.messages.errors import MessageMalformed
from ktt.messages.mapping.decode import decode
from ktt.messages.mapping.places import SchemaPlaces
from ktt.messages.mapping.scopes import MessageMapping
from ktt.messages.mapping.structs import message_type

_PLACE = re.compile(r" - at `\$([^`]*)`$")
_STEP = re.compile(r"\[(\d+)\]|\.(\w+)")
_SOMEWHERE = Text(nb="et sted som ikke er kjent", en="a place that is not known")
_WHOLE = Text(nb="hele meldingen", en="the whole message")


class Reader:
    """Reads the messages of one mapping. Types are made once."""

    def __init__(self, mapping: MessageMapping, schema: Mapping[str, Any], names: tuple[str, str]) -> None:
        self._mapping, self._names = mapping, names
        self._type = message_type(mapping.root, SchemaPlaces(schema))
        self._decoder = msgspec.json.Decoder(self._type)

    def read(self, message: bytes, *, places: bool = False) -> list[UnitBatch]:
        """One batch for each reporting unit; MessageNotJson or MessageMalformed when the message cannot be one."""
        with strict_json.collector_paused():
            return self.decode([self.parse(message)], places=places).split()

    def parse(self, message: bytes) -> ParsedJson:
        """The message as typed values; MessageNotJson or MessageMalformed."""
        try:
            parsed = self._decoder.decode(message)
        except msgspec.ValidationError as fault:
            strict_json.examine(message)
            raise self._malformed(_pointer(str(fault)) or _WHOLE) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            strict_json.refuse(message)
        strict_json.prove_whole(message, msgspec.json.encode(parsed))
        return ParsedJson(message, parsed)

    def decode(self, messages: Sequence[ParsedJson], *, places: bool = False) -> DecodedMessages:
        """The canonical frames of parsed messages; MessageMalformed when one of them cannot be one, not saying which.

        Of a single message that is not strict JSON either, MessageNotJson.
        """
        try:
            return decode(self._mapping, [one.value for one in messages], places=places)
        except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):  # they quote the value: no cause
            if len(messages) == 1:
                strict_json.examine(messages[0].text)
            raise self._malformed(_SOMEWHERE) from None

    def _malformed(self, pointer: str | Text) -> MessageMalformed:
        return MessageMalformed(message_type=self._names[0], version=self._names[1], pointer=pointer)


def _pointer(explanation: str) -> str:
    """The JSON pointer in msgspec's explanation: known names and positions only, so it cannot hold content."""
    place = _PLACE.search(explanation)
    return "".join(f"/{position or name}" for position, name in _STEP.findall(place[1] if place else ""))
