"""The table of the annual message: which elements there are, what each field may hold, and what follows when it does not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Literal

FieldType = Literal["text", "code", "date", "month", "integer", "decimal"]
FaultKind = Literal["form", "missing", "code", "range"]


@dataclass(frozen=True, slots=True)
class XmlField:
    """One field: an attribute or an element that holds text. `fields.toml` explains each of its properties."""

    name: str
    element: str
    attribute: bool
    at: int
    nb: str
    en: str
    type: FieldType
    faults: Mapping[FaultKind, str]
    xsd: str | None = None
    length: tuple[int, int] | None = None
    form: str | None = None
    required: bool = False
    required_for: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    fixed: str | None = None
    lists: tuple[str, ...] = ()
    lists_by: Mapping[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    valid_on: tuple[str, ...] = ()
    forms_by: Mapping[str, str] = field(default_factory=dict)
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class XmlElement:
    """One element that holds fields. `least` and `most` (0: no limit) count it inside its parent."""

    name: str
    parent: str | None
    at: int
    least: int
    most: int
    nb: str
    en: str
    fields: tuple[XmlField, ...]
    key: tuple[str, ...] = ()
    orders: tuple[tuple[str, str], ...] = ()
    only_when: tuple[tuple[str, str, str], ...] = ()
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def find(self, name: str) -> XmlField:
        """The field of that name."""
        return next(one for one in self.fields if one.name == name)


@dataclass(frozen=True)
class Layout:
    """The whole message."""

    version: str
    namespace: str
    years: tuple[int, int]
    withdrawn: tuple[str, ...]
    older: Mapping[str, str]
    elements: tuple[XmlElement, ...]

    @cached_property
    def by_name(self) -> Mapping[str, XmlElement]:
        """Element name → element."""
        return {one.name: one for one in self.elements}

    @cached_property
    def root(self) -> XmlElement:
        """The element that holds all."""
        return next(one for one in self.elements if one.parent is None)

    @cached_property
    def records(self) -> tuple[XmlElement, ...]:
        """The elements that are counted as records: a person, and what stands inside one."""
        return tuple(one for one in self.elements if PERSON in {one.name, one.parent})


HEAD, CONTACT, PERSON = "INNHINFO", "iiKontakt", "PERSON"


@cache
def layout() -> Layout:
    """The table, read once."""
    raw = tomllib.loads((files(__package__) / "fields.toml").read_text(encoding="utf-8"))
    first, last = raw["years"]
    elements = tuple(_element(one) for one in raw["element"])
    return Layout(raw["version"], raw["namespace"], (first, last), tuple(raw["withdrawn"]), raw["older"], elements)


def _element(raw: Mapping[str, Any]) -> XmlElement:
    least, most = raw["occurs"]
    return XmlElement(
        name=raw["name"],
        parent=raw.get("parent"),
        at=raw["at"],
        least=least,
        most=most,
        nb=raw["nb"],
        en=raw["en"],
        fields=tuple(_field(raw["name"], one) for one in raw["fields"]),
        key=tuple(raw.get("key", ())),
        orders=tuple((first, then) for first, then in raw.get("orders", ())),
        only_when=tuple((one["field"], one["when"], one["is"]) for one in raw.get("only_when", ())),
        states={one["name"]: one for one in raw.get("states", ())},
    )


def _field(element: str, raw: Mapping[str, Any]) -> XmlField:
    place = str(raw["at"])
    same: tuple[str, ...] = (
        "name",
        "nb",
        "en",
        "type",
        "faults",
        "xsd",
        "form",
        "required",
        "fixed",
        "lists_by",
        "forms_by",
    )
    lists = ("length", "required_for", "waived", "lists", "also", "noted", "valid_on")
    given: dict[str, Any] = {name: raw[name] for name in same if name in raw}
    given |= {name: tuple(raw[name]) for name in lists if name in raw}
    return XmlField(
        element=element,
        attribute=place.startswith("@"),
        at=int(place.removeprefix("@")),
        first=raw.get("from"),
        last=raw.get("to"),
        **given,
    )
