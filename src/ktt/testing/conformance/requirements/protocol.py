"""The numbered sections and rows of the protocol pages, and what a case's citation leads to.

`sections.toml` is made of the pages by `make docs`, since an installed program does not bring them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ktt.testing.conformance.case import Case

_CITATION = re.compile(
    r"(?P<page>[a-z]+) § (?P<section>\d+(?:\.\d+)*)(?: (?:step |rule |point |no\. )?(?P<row>\d+[a-z]?|[AD]\d+|FK\d+))?"
)
FOLDER = "docs/reference/protocol"
"""Where the pages are in the repository."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A section of a protocol page, or a numbered row of a table in it (`row` is empty for the section itself)."""

    page: str
    section: str
    row: str
    anchor: str
    says: str

    @property
    def name(self) -> str:
        """How it is cited: `transport § 10 3`, or `transport § 10` for the section."""
        return f"{self.page} § {self.section} {self.row}".rstrip()

    @property
    def link(self) -> str:
        """The page and anchor, from the repository's root."""
        return f"{FOLDER}/{self.page}.md#{self.anchor}"


@cache
def requirements() -> tuple[Requirement, ...]:
    """All of them, in the order of the pages."""
    pages = tomllib.loads(files(__package__).joinpath("sections.toml").read_text(encoding="utf-8"))
    return tuple(Requirement(**row) for row in pages["requirement"])


def cited(source: str) -> list[Requirement]:
    """What a case's source leads to: rows, and the sections of the others. Citations of an RFC lead nowhere."""
    known = {(one.page, one.section, one.row): one for one in requirements()}
    found = [_CITATION.fullmatch(citation) for citation in source.split("; ")]
    keys = [(one["page"], one["section"], one["row"] or "") for one in found if one]
    return [known[key] for key in keys if key in known]


def coverage(cases: Iterable[tuple[str, Case]]) -> Mapping[Requirement, Sequence[str]]:
    """The cases of each requirement, as `sender N200`. A row's cases count for its section too, not the other way."""
    found: dict[Requirement, list[str]] = {one: [] for one in requirements()}
    sections = {(one.page, one.section): one for one in requirements() if not one.row}
    for end, case in cases:
        for one in cited(case.source):
            for wanted in {one, sections[one.page, one.section]}:
                found[wanted].append(f"{end} {case.name}")
    return {one: list(dict.fromkeys(names)) for one, names in found.items()}
