"""How a source's text files are written: what a mapping says of them once, or for one table."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath

from ktt.core.text import Text
from ktt.sender.extract.mapping.section import Section

FORM_KEYS = ("charset", "separator", "unended", "null")
SEPARATORS = {";": ";", ",": ",", "tab": "\t"}
CHARSETS = {"utf-8": "utf-8-sig", "windows-1252": "cp1252"}  # a mark at the beginning of a UTF-8 file is no text
_OF_DAY = {"d", "m", "Y", "%"}

_SEPARATOR = Text(nb="«;», «,» eller «tab»", en="`;`, `,` or `tab`")
_CHARSET = Text(nb="«utf-8» eller «windows-1252»", en="`utf-8` or `windows-1252`")
_TRUE = Text(nb="true; utelat den ellers", en="true; leave it out otherwise")
_PATH = Text(
    nb="en fil i kildens mappe, som «TJENESTE_%Y%m%d.csv»; dagen skrives med %Y, %m og %d",
    en="a file in the source's folder, as `TJENESTE_%Y%m%d.csv`; the day is written with %Y, %m and %d",
)


@dataclass(frozen=True, slots=True)
class FileForm:
    """The character set by its name, the delimiter, and whether the last line may lack its line break.

    `null` are texts that a whole export writes where there is no value.
    """

    charset: str = "utf-8"
    separator: str = ";"
    unended: bool = False
    null: tuple[str, ...] = ()

    @property
    def codec(self) -> str:
        """Python's name of the character set."""
        return CHARSETS[self.charset]


PLAIN = FileForm()


def read_form(section: Section, otherwise: FileForm) -> FileForm:
    """The form that a section gives, with what it does not say from `otherwise`."""
    form = otherwise
    if "charset" in section.content:
        form = replace(form, charset=_one_of(section, "charset", CHARSETS, _CHARSET))
    if "separator" in section.content:
        form = replace(form, separator=SEPARATORS[_one_of(section, "separator", SEPARATORS, _SEPARATOR)])
    if "unended" in section.content:
        if section.content["unended"] is not True:
            raise section.value_fault("unended", _TRUE)
        form = replace(form, unended=True)
    if "null" in section.content:
        form = replace(form, null=tuple(text.strip() for text in section.texts("null")))
    return form


def read_file_name(section: Section) -> str:
    """The key `file`: a path inside the source's folder, for a mapping holds no address."""
    name = section.text("file")
    outside = name.startswith(("/", "\\")) or PureWindowsPath(name).drive or ".." in PurePosixPath(name).parts
    if outside or not set(re.findall(r"%(.?)", name)) <= _OF_DAY:
        raise section.value_fault("file", _PATH)
    return name


def _one_of(section: Section, name: str, known: dict[str, str], expected: Text) -> str:
    written = section.text(name)
    if written not in known:
        raise section.value_fault(name, expected)
    return written
