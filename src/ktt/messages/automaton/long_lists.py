"""Lists that may have so many items that the language of a message does not say how many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ktt.messages.automaton.compiled import compiled
from ktt.messages.automaton.errors import NotRegular
from ktt.messages.automaton.expressions import SPACE, either

_MOST_COUNTED = 1000  # repetitions that RE2 takes
TEXT = '"[^"]*"'
"""Any text of the language, none of which holds an escaped quotation mark."""


@dataclass(frozen=True, slots=True)
class LongList:
    """A list by the name of its member: how many items it may have, and what each of them is at least.

    `levels` is how deep objects and lists go inside an item, `shortest` the bytes of an item and a comma at least.
    """

    name: str
    most: int
    levels: int
    shortest: int
    holds_lists: bool
    of_objects: bool

    @classmethod
    def of(cls, items: Any, place: str, most: int) -> LongList:
        """The list at a place, with the schema of its items; NotRegular when no name tells it from other lists."""
        name = place.rpartition(".")[2]
        if not name or name.endswith("]"):
            raise NotRegular(f"{place}: a long list that is no member")
        required = items.get("required", ()) if items.get("type") == "object" else ()
        shortest = len("{},") + len(",".join(f'"{name}":0' for name in required)) if required else len("0,")
        return cls(
            name=name,
            most=most,
            levels=levels_of(items),
            shortest=shortest,
            holds_lists=any("items" in schema for _, schema in _inside(items)),
            of_objects=items.get("type") == "object",
        )

    @property
    def too_many(self) -> str:
        """The beginning of a list with more items than it may have."""
        item = rf'(?:[^"{{}}\[\],]|{TEXT}|[{{\[]{nested(self.levels)}[}}\]])*'
        return f'"{self.name}"{SPACE}:{SPACE}\\[(?:{item},){{{self.most}}}'

    def is_short_in(self, message: bytes) -> bool:
        """Whether the whole message has no more than so many items, of any list."""
        return message.count(b"{") <= self.most if self.of_objects else message.count(b",") < self.most


def nested(levels: int, star: str = "*") -> str:
    """What may stand between brackets that have so many levels of others inside."""
    deeper = rf"|[{{\[]{nested(levels - 1, star)}[}}\]]" if levels > 1 else ""
    return rf'[^"{{}}\[\]]{star}(?:(?:{TEXT}{deeper})[^"{{}}\[\]]{star}){star}'


def levels_of(schema: Any) -> int:
    """How deep objects and lists go in a value."""
    return max(level for level, _ in _inside(schema))


def _inside(schema: Any, level: int = 0) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """A schema and all that it holds, with the levels around each of them."""
    if isinstance(schema, Mapping):
        yield level, schema
        for inner in (schema.get("items"), *schema.get("properties", {}).values()):
            yield from _inside(inner, level + 1)
        for keyword in ("allOf", "anyOf", "oneOf"):
            for inner in schema.get(keyword, ()):
                yield from _inside(inner, level)


def too_long_lists(lists: Sequence[LongList]) -> Callable[[bytes], bool]:
    """Whether a message of the language may have more items in one of these lists than it may have.

    A list whose items hold no lists is a long stretch without "]"; most messages have no such stretch. Others are looked
    for when the message has so many items at all.
    """
    counted = [each for each in lists if each.most <= _MOST_COUNTED]
    checks = [
        *_flat_too_long([each for each in counted if not each.holds_lists]),
        *_nested_too_long([each for each in counted if each.holds_lists]),
        *_maybe_too_long([each for each in lists if each.most > _MOST_COUNTED]),
    ]
    if len(checks) == 1:
        return checks[0]
    return lambda message: any(check(message) for check in checks) if checks else False


def _flat_too_long(lists: Sequence[LongList]) -> Iterator[Callable[[bytes], bool]]:
    if lists:
        search = _search(lists)
        stretch = min(each.most * each.shortest for each in lists)
        yield lambda message: _has_stretch(message, stretch) and search(message) is not None


def _nested_too_long(lists: Sequence[LongList]) -> Iterator[Callable[[bytes], bool]]:
    if lists:
        search = _search(lists)
        yield lambda message: not all(each.is_short_in(message) for each in lists) and search(message) is not None


def _maybe_too_long(lists: Sequence[LongList]) -> Iterator[Callable[[bytes], bool]]:
    if lists:
        yield lambda message: not all(each.is_short_in(message) for each in lists)


def _search(lists: Sequence[LongList]) -> Callable[[bytes], Any]:
    search: Callable[[bytes], Any] = compiled(either(dict.fromkeys(each.too_many for each in lists))).search
    return search


def _has_stretch(message: bytes, stretch: int) -> bool:
    """Whether there are so many bytes without "]"."""
    place = 0
    while len(message) - place > stretch:
        place = message.rfind(b"]", place, place + stretch) + 1
        if place == 0:
            return True
    return False
