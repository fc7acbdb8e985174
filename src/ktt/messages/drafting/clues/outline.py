"""A schema as a tree of groups: the whole message, each list, and members that are numbered; with the values in each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ktt.messages.mapping.places import JsonSchema, SchemaPlaces

Path = tuple[str, ...]
NUMBER = "{n}"
_NUMBERED = re.compile(r"^([^0-9]*?)[_-]?([0-9]{1,3})(?![0-9])(.*)$")
_MOST_MEMBERS = 20_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value. `path` leads there from the object of its group; `schemas` are all that speak of it.

    `stem` is what the names of a numbered group have in common, which the leaf's own words do not repeat.
    """

    path: Path
    place: str
    schemas: tuple[JsonSchema, ...] = field(repr=False)
    types: frozenset[str]
    required: bool
    values: tuple[Any, ...] = ()
    stem: str = ""

    @property
    def name(self) -> str:
        """The last name on the way."""
        return self.path[-1] if self.path else ""

    @property
    def text(self) -> str:
        """What the schema says of it for people."""
        said = [one.get(word) for one in self.schemas for word in ("title", "description", "$comment")]
        return " ".join(text for text in said if isinstance(text, str))

    @property
    def is_constant(self) -> bool:
        """Whether only one value may stand there."""
        return len(self.values) == 1 and any("const" in one for one in self.schemas)


@dataclass(slots=True)
class Group:
    """The whole message, a list (`place` ends in `[]`), or numbered members of the object around (`number`).

    `names` lead to it from the group around. A list of plain values has one leaf with an empty path.
    """

    place: str
    names: Path
    number: int | None = None
    leaves: list[Leaf] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    is_single: bool = False

    @property
    def is_values(self) -> bool:
        """Whether it is a list of plain values."""
        return len(self.leaves) == 1 and not self.leaves[0].path

    def walk(self) -> Iterator[Group]:
        """This group and all inside it."""
        yield self
        for inner in self.groups:
            yield from inner.walk()


def outline(schema: JsonSchema) -> Group:
    """The tree of a schema without references."""
    places = SchemaPlaces(schema)
    root = "[]" if _is_list(places, "") else ""
    whole = Group(root, ())
    _read(places, whole, (), [_MOST_MEMBERS])
    return _numbered(whole)


def _read(places: SchemaPlaces, group: Group, path: Path, left: list[int]) -> None:
    """Everything in an object of the group; `left` bounds how much is read."""
    around = ".".join(filter(None, [group.place, *path]))
    for name in places.names(around):
        left[0] -= 1
        if left[0] < 0 or not name or any(mark in name for mark in ".[]{}"):
            continue
        inner, place = (*path, name), ".".join(filter(None, [around, name]))
        if _is_list(places, place):
            group.groups.append(_list(places, place, inner, left))
        elif places.names(place):
            _read(places, group, inner, left)
        else:
            group.leaves.append(_leaf(places, place, inner, required=places.requires(around, name)))


def _list(places: SchemaPlaces, place: str, names: Path, left: list[int]) -> Group:
    item = f"{place}[]"
    found = Group(item, names)
    if places.names(item):
        _read(places, found, (), left)
    elif places.at(item):
        found.leaves.append(_leaf(places, item, (), required=True))
    return found


def _leaf(places: SchemaPlaces, place: str, path: Path, *, required: bool) -> Leaf:
    schemas = places.at(place)
    return Leaf(path, place, schemas, places.types(place), required, tuple(places.enumeration(place)))


def _is_list(places: SchemaPlaces, place: str) -> bool:
    return "array" in places.types(place) or bool(places.at(f"{place}[]"))


def _numbered(group: Group) -> Group:
    """The group with its numbered members as groups of their own."""
    found: dict[tuple[Path, str], dict[int, list[Leaf]]] = {}
    for leaf in group.leaves:
        for depth, name in enumerate(leaf.path):
            if match := _NUMBERED.match(name):
                key = (leaf.path[:depth], match[1])
                found.setdefault(key, {}).setdefault(int(match[2]), []).append(leaf)
                break
    for (before, stem), by_number in found.items():
        if sorted(by_number) == list(range(1, len(by_number) + 1)) and len(by_number) > 1:
            first = [_templated(leaf, len(before), stem) for leaf in by_number[1]]
            group.leaves = [one for one in group.leaves if all(one not in many for many in by_number.values())]
            group.groups.append(Group(group.place, (*before, stem.rstrip("_-")), len(by_number), first))
    group.groups = [inner if inner.number else _numbered(inner) for inner in group.groups]
    return group


def _templated(leaf: Leaf, depth: int, stem: str) -> Leaf:
    names = list(leaf.path)
    names[depth] = names[depth].replace("1", NUMBER, 1)
    place = leaf.place.removesuffix(".".join(leaf.path)) + ".".join(names)
    return replace(leaf, path=tuple(names), place=place, stem=stem)


def split_off(group: Group, names: Path) -> tuple[Group, Group]:
    """An object inside the group as a group of its own, and the group without it."""
    depth = len(names)
    inside = [leaf for leaf in group.leaves if leaf.path[:depth] == names]
    lists = [inner for inner in group.groups if inner.names[:depth] == names and len(inner.names) > depth]
    place = ".".join(filter(None, [group.place, *names]))
    own = [replace(leaf, path=leaf.path[depth:]) for leaf in inside]
    inner = [replace(one, names=one.names[depth:]) for one in lists]
    single = Group(place, names, leaves=own, groups=inner, is_single=True)
    left = [leaf for leaf in group.leaves if leaf not in inside]
    return single, replace(group, leaves=left, groups=[one for one in group.groups if one not in lists])


def objects_in(leaves: Sequence[Leaf]) -> list[Path]:
    """The objects inside a group, those further out first."""
    return list(dict.fromkeys(leaf.path[:depth] for leaf in leaves for depth in range(1, len(leaf.path))))
