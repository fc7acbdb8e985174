"""A schema file of a pack as one self-contained schema: every reference written out, every pattern linear.

The file itself stays the authority and is handed on byte for byte; this is what the engine is given. A `$ref` may lead
to definitions, anchors and other files inside the pack's folder. Nothing is fetched, and no definition may contain
itself: a message of bounded depth is what the receiver takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs

from ktt.messages.mapping.places import JsonSchema
from ktt.messages.packs.errors import ReferenceDynamic, SchemaInvalid, SchemaRecursive, SchemaTooLarge
from ktt.messages.packs.schemas.engine import Engine
from ktt.messages.packs.schemas.keywords import ANNOTATIONS, UNKNOWN, Steps, rebuilt, shown
from ktt.messages.packs.schemas.patterns import prove_linear
from ktt.messages.packs.schemas.references import Library, Node

MOST_VALUES = 250_000
"""Values in the schema when every reference is written out; the largest code lists have some ten thousand."""
MOST_LEVELS = 80
"""Schemas inside each other, each of which is two levels of JSON."""

_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_NAMES = frozenset({"$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"})


def self_contained(path: Path, folder: Path) -> JsonSchema:
    """The schema in the file, without references, definitions or names of its own; a PackError says why not."""
    library = Library(folder)
    root, draft = library.root(path)
    whole = _Written(library, draft, root).schema
    try:
        Engine(whole).compiled(whole)
    except jsonschema_rs.ValidationError as fault:  # of a place that no keyword names, so no meta-schema has seen it
        raise SchemaInvalid(file=root.file, place=shown(tuple(fault.instance_path)), keyword=fault.kind.name) from None
    return whole


class _Written:
    """`schema` is the root with its references written out."""

    def __init__(self, library: Library, draft: str, root: Node) -> None:
        self._library, self._draft, self._root = library, draft, root
        self._values = 0
        written = self._of(root, ())
        assert isinstance(written, dict), "the root has been proven to be an object"
        self.schema: JsonSchema = {"$schema": root.schema["$schema"]} | written

    def _of(self, node: Node, through: tuple[int, ...], levels: int = 0) -> Any:
        """`through` are the schemas that a reference led to on the way here."""
        if isinstance(node.schema, bool):
            return node.schema
        self._count(node, levels)
        reference = node.schema.get("$ref")
        if isinstance(reference, str):
            return self._referred(node, reference, through, levels)
        return self._own(node, node.schema, through, levels)

    def _referred(self, node: Node, reference: str, through: tuple[int, ...], levels: int) -> Any:
        target = self._library.find(reference, node)
        if id(target.schema) in through or target.schema is node.schema:
            raise SchemaRecursive(file=node.file, place=node.place, reference=reference[:200])
        found = self._of(target, (*through, id(target.schema)), levels + 1)
        beside = {keyword: held for keyword, held in node.schema.items() if keyword != "$ref"}
        if self._draft == "07":
            beside = {keyword: held for keyword, held in beside.items() if keyword in ANNOTATIONS}
        own = self._own(node, beside, through, levels)
        if not own:
            return found
        if isinstance(found, dict) and ANNOTATIONS.issuperset(own):
            return found | own
        return own | {"allOf": [*own.get("allOf", []), found]}

    def _own(self, node: Node, schema: Mapping[str, Any], through: tuple[int, ...], levels: int) -> dict[str, Any]:
        """A schema without its `$ref`. Where a reference may come back to it, it counts as gone through."""
        for keyword in _DYNAMIC:
            if keyword in schema:
                raise ReferenceDynamic(file=node.file, place=node.place, keyword=keyword)
        self._prove_patterns(node, schema)
        unread = _NAMES | UNKNOWN[self._draft] | {"$schema"}
        known = {keyword: held for keyword, held in schema.items() if keyword not in unread}
        passed = (*through, id(node.schema))

        def change(_inner: Any, steps: Steps) -> Any:
            return self._of(self._library.inner(node, steps), passed, levels + 1)

        return rebuilt(known, change)

    @staticmethod
    def _prove_patterns(node: Node, schema: Mapping[str, Any]) -> None:
        if isinstance(schema.get("pattern"), str):
            prove_linear(schema["pattern"], node.file, f"{node.place}/pattern")
        if isinstance(schema.get("patternProperties"), dict):
            for pattern in schema["patternProperties"]:
                prove_linear(pattern, node.file, f"{node.place}/patternProperties")

    def _count(self, node: Node, levels: int) -> None:
        if levels > MOST_LEVELS:
            raise SchemaTooLarge(
                file=self._root.file, place=node.place, most=MOST_LEVELS, unit_nb="nivåer", unit_en="levels"
            )
        self._values += sum(len(held) if isinstance(held, (list, dict)) else 1 for held in node.schema.values()) + 1
        if self._values > MOST_VALUES:
            raise SchemaTooLarge(
                file=self._root.file, place=node.place, most=MOST_VALUES, unit_nb="verdier", unit_en="values"
            )
