"""One table of a TOML file with its file and key, so that every fault can name them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ktt.core.errors import KttError
from ktt.core.os_faults import os_reason
from ktt.core.text import Text
from ktt.core.toml_faults import toml_reason
from ktt.sender.extract.errors import nearest
from ktt.sender.extract.mapping.errors import KeyMissing, MappingUnreadable, NameUnknown, ValueWrong
from ktt.sender.extract.mapping.query_text import without_ending

TEXT = Text(nb="en tekst i anførselstegn", en="a text in quotes")
TABLE = Text(nb="en tabell, { … }", en="a table, { … }")
SECTIONS = Text(nb="en eller flere tabeller, [[ … ]]", en="one table or more, [[ … ]]")
TEXTS = Text(nb="en liste av tekster", en="a list of texts")
VALUES = Text(nb="en liste med minst én tekst", en="a list of at least one text")
NUMBER = Text(nb="et helt tall, 0 eller mer", en="a whole number, 0 or more")
SELECT = Text(nb="en SELECT", en="a SELECT")
DAY = Text(nb="en dag som «2017-01-31»", en="a day such as `2017-01-31`")


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the file. `key` is its dotted path, empty for the whole file.

    `faults` are all that have been found in the file so far. What can be read on without is noted there (`allow_only`,
    `collecting`); all else raises.
    """

    file: Path
    key: str
    content: dict[str, object] = field(repr=False)
    faults: list[KttError] = field(default_factory=list, repr=False, compare=False)

    @classmethod
    def read(cls, file: Path) -> Section:
        """The whole file; MappingUnreadable when it is missing or not TOML."""
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as fault:
            raise MappingUnreadable(file=file, reason=os_reason(fault)) from fault
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise MappingUnreadable(file=file, reason=toml_reason(fault)) from fault
        return cls(file, "", content)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Note a fault of the mapping that is raised inside, so that those after it are found too."""
        try:
            yield
        except KttError as fault:
            self.faults.append(fault)

    def path(self, name: str) -> str:
        """The dotted path of a key in this table."""
        return f"{self.key}.{name}" if self.key else name

    def allow_only(self, *names: str) -> None:
        """Note a fault for each other key: NameUnknown with the nearest right name."""
        for name in self.content:
            if name not in names:
                self.faults.append(NameUnknown(file=self.file, key=self.path(name), **nearest(name, names)))

    def value_fault(self, name: str, expected: Text) -> ValueWrong:
        """The fault that the key has a value of the wrong kind."""
        return ValueWrong(file=self.file, key=self.path(name), expected_nb=expected.nb, expected_en=expected.en)

    def required(self, name: str, expected: Text) -> object:
        """The value of a key that must be there; KeyMissing when it is not."""
        if name not in self.content:
            raise KeyMissing(file=self.file, key=self.path(name), expected_nb=expected.nb, expected_en=expected.en)
        return self.content[name]

    def text(self, name: str) -> str:
        """A text that must be there and not be blank."""
        value = self.required(name, TEXT)
        if not isinstance(value, str) or not value.strip():
            raise self.value_fault(name, TEXT)
        return value

    def query(self) -> str:
        """The SELECT under `query`, as it can stand inside another."""
        query = without_ending(self.text("query"))
        if not query:
            raise self.value_fault("query", SELECT)
        return query

    def text_or_none(self, name: str) -> str | None:
        """A text, or None when the key is left out."""
        return self.text(name) if name in self.content else None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, empty when the key is left out."""
        value = self.content.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.value_fault(name, TEXTS)
        return tuple(value)

    def values(self, name: str) -> dict[str, tuple[str, ...]]:
        """For each column named in the table under `name`, a list of at least one text; empty when it is left out."""
        section = self.section_or_empty(name)
        found = {column: tuple(text.strip() for text in section.texts(column)) for column in section.content}
        for column, texts in found.items():
            if not texts:
                raise section.value_fault(column, VALUES)
        return found

    def number(self, name: str, default: int) -> int:
        """A whole number that is not negative."""
        value = self.content.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.value_fault(name, NUMBER)
        return value

    def day_or_none(self, name: str) -> dt.date | None:
        """A calendar day, as TOML's own date or as text, or None when the key is left out."""
        value = self.content.get(name)
        if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
            return value
        try:
            return dt.date.fromisoformat(str(value))
        except ValueError as fault:
            raise self.value_fault(name, DAY) from fault

    def section(self, name: str) -> Section:
        """A table inside this one; KeyMissing or ValueWrong when there is none."""
        value = self.required(name, TABLE)
        if not isinstance(value, dict):
            raise self.value_fault(name, TABLE)
        return replace(self, key=self.path(name), content=value)

    def sections(self, name: str) -> list[Section]:
        """The tables of an array, `[[name]]`; empty when it is left out."""
        value = self.content.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.value_fault(name, SECTIONS)
        return [
            replace(self, key=f"{self.path(name)}[{place}]", content=item) for place, item in enumerate(value, start=1)
        ]

    def section_or_empty(self, name: str) -> Section:
        """A table inside this one, empty when it is left out."""
        return self.section(name) if name in self.content else replace(self, key=self.path(name), content={})
