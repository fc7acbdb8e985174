"""The part of a message that breaks its schema, so that what is told of it costs no more than what is told.

A schema engine makes every fault there is, each with a copy of the value, also when a hundred are wanted. It is
therefore given an excerpt: of each list only so many items that break the schema, and of what the schema does not look
into only that it is there. Places in the excerpt are translated to places in the message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs
import orjson

_MOST_TEXT = 1_000  # characters; longer than any text that a schema allows, so a text that is cut stays too long
_SMALL = 64 * 1024  # bytes of JSON; a larger item is excerpted itself before the engine sees it

Path = tuple[str | int, ...]


class ListItems:
    """Validators for the items of every list in one schema, each compiled once."""

    def __init__(self) -> None:
        self._compiled: dict[int, Any] = {}

    def fits(self, schema: Mapping[str, Any], item: Any) -> bool:
        """Whether the item fits; `schema` is a part of the schema that is kept for as long as this object."""
        validator = self._compiled.get(id(schema))
        if validator is None:
            validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
            self._compiled[id(schema)] = validator
        return bool(validator.is_valid(item))


class Excerpt:
    """`value` is an excerpt of a message in which at most `most` list items break the schema, the first ones.

    `complete` says that there are no others.
    """

    def __init__(self, schema: Mapping[str, Any], message: Any, items: ListItems, most: int) -> None:
        self._items, self._left = items, most
        self._kept: dict[Path, Sequence[int]] = {}
        self.value = self._of(schema, message, ())
        self.complete = self._left > 0

    def place(self, path: Sequence[str | int]) -> Path:
        """Where in the message a place of the excerpt is."""
        steps: list[str | int] = []
        for at, step in enumerate(path):
            steps.append(self._kept[tuple(path[:at])][step] if isinstance(step, int) else step)
        return tuple(steps)

    def _of(self, schema: Mapping[str, Any], value: Any, path: Path) -> Any:
        if isinstance(value, list):
            return self._list(schema, value, path) if "items" in schema else []
        if isinstance(value, dict):
            return self._object(schema["properties"], value, path) if "properties" in schema else {}
        return value[:_MOST_TEXT] if isinstance(value, str) else value

    def _object(self, known: Mapping[str, Any], value: dict[str, Any], path: Path) -> dict[str, Any]:
        """Members in the order of the message, since the engine's faults have it; of unknown ones the first."""
        found: dict[str, Any] = {}
        stranger = False
        for name, member in value.items():
            if name in known:
                found[name] = self._of(known[name], member, (*path, name))
            elif not stranger:
                found[name], stranger = None, True
        return found

    def _list(self, schema: Mapping[str, Any], value: list[Any], path: Path) -> list[Any]:
        """The first items that break the schema, and as many others as its bounds on the length can notice."""
        found: list[Any] = []
        kept: list[int] = []
        fillers = max(1, schema.get("minItems", 0), schema.get("maxItems", 0) + 1)
        for place, item in enumerate(value):
            if self._left <= 0 and place >= fillers:
                break
            shown, fits = self._item(schema["items"], item, (*path, len(kept)))
            if not fits or place < fillers:
                found.append(shown)
                kept.append(place)
        self._kept[path] = kept
        return found

    def _item(self, schema: Mapping[str, Any], item: Any, path: Path) -> tuple[Any, bool]:
        """What is shown of an item, and whether it fits its schema."""
        small = len(orjson.dumps(item)) < _SMALL
        if small and self._items.fits(schema, item):
            return item, True
        shown = self._of(schema, item, path)
        if not small and self._items.fits(schema, shown):
            return shown, True
        self._left -= 1
        return shown, False
