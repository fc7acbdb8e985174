"""The keys `lookup`, `with` and `without` of a table: the rows of other tables that belong to its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ktt.core.text import Text
from ktt.sender.extract.errors import nearest
from ktt.sender.extract.mapping.errors import NameUnknown
from ktt.sender.extract.mapping.model import Lookup
from ktt.sender.extract.mapping.numbers import read_numbers
from ktt.sender.extract.mapping.section import Section
from ktt.sender.extract.mapping.values.template import is_well_formed

_ON = Text(
    nb="kolonner i den andre tabellen og kolonnen her som er lik, som { SAK_ID = «SAK_ID» }",
    en="columns of the other table and the column here that is equal, as { CASE_ID = `CASE_ID` }",
)
_AFTER = Text(nb="etter den som har kolonnen den leser", en="after the one that has the column that it reads")
_NUMBERED = Text(
    nb="sammen med «{n}» i navnet på oppslaget, som «FK{n}»",
    en="together with `{n}` in the lookup's name, such as `FK{n}`",
)
_TWICE = Text(nb="et navn som ikke er brukt på et annet oppslag", en="a name that no other lookup has")


def read_others(section: Section, tables: Collection[str]) -> tuple[Lookup, ...]:
    """The tables whose rows belong to this table's, each with the columns that are equal."""
    return tuple(_lookup(section, name, name, section.section(name), tables) for name in section.content)


def read_lookups(section: Section, tables: Collection[str]) -> tuple[Lookup, ...]:
    """The same, and tables under another name: one of codes, for instance, for each column of codes."""
    found: list[Lookup] = []
    for name in section.content:
        its = section.section(name)
        if isinstance(its.content.get("on"), Mapping):  # a column there is always a text
            found += _renamed(name, its, tables)
        else:
            found.append(_lookup(section, name, name, its, tables))
    names = [one.name for one in found]
    for place, one in enumerate(found):
        if names.count(one.name) > 1:
            raise section.value_fault(one.name, _TWICE)
        if any(later.named(column) is not None for later in found[place:] for column in one.columns):
            raise section.value_fault(one.name, _AFTER)
    return tuple(found)


def _renamed(name: str, its: Section, tables: Collection[str]) -> Iterator[Lookup]:
    """A table under another name, or with `n` under several."""
    its.allow_only("table", "on", "n")
    numbers = read_numbers(its) if "n" in its.content else ()
    if bool(numbers) != ("{n}" in name):
        raise its.value_fault("n", _NUMBERED)
    one = _lookup(its, "table", its.text("table"), its.section("on"), tables)
    for number in numbers or ("",):
        on = {column: here.replace("{n}", number) for column, here in one.on.items()}
        yield Lookup(one.table, on, name.replace("{n}", number))


def _lookup(section: Section, key: str, table: str, on: Section, tables: Collection[str]) -> Lookup:
    if table not in tables:
        raise NameUnknown(file=section.file, key=section.path(key), **nearest(table, tables))
    if not on.content:
        raise section.value_fault("on" if key == "table" else key, _ON)
    return Lookup(table, {column: _here(on, column) for column in on.content}, table)


def _here(on: Section, column: str) -> str:
    """A column of this table, or a text with columns in it: `{CASE_NO}|{LINE_NO}`."""
    here = on.text(column)
    if not is_well_formed(here):
        raise on.value_fault(column, _ON)
    return here
