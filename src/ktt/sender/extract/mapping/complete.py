"""The section `[complete]` of a mapping file: in which ways an extract is proved whole."""

from __future__ import annotations

import re

from ktt.core.text import Text
from ktt.sender.extract.mapping.errors import ValueWrong
from ktt.sender.extract.mapping.field_forms import read_format, read_formats
from ktt.sender.extract.mapping.file_form import read_file_name
from ktt.sender.extract.mapping.proof_model import Completeness, CountFile, DoneFile, Watermark
from ktt.sender.extract.mapping.section import Section
from ktt.sender.extract.mapping.source_section import FILES, MESSAGES, SQL

WAYS = ("count", "watermark", "done_file", "equal_reads", "self_count")
FILE_WAYS = ("count", "done_file", "equal_reads")  # the others ask the source, and files answer no query
MESSAGE_WAYS = ("done_file", "equal_reads")
PLUG_IN_WAYS = ("count", "watermark", *MESSAGE_WAYS)  # our own count is in SQL
_ONE_WAY = Text(nb=f"minst én av {', '.join(WAYS)}", en=f"at least one of {', '.join(WAYS)}")
_PATH = Text(
    nb="en sti, med hele dagen i eller uten noe av den, som «eksport/%Y-%m-%d.done» eller «ferdig.done»",
    en="a path, with the whole day or none of it, as `eksport/%Y-%m-%d.done` or `finished.done`",
)
_SECONDS = Text(nb="et helt antall sekunder, 1 til 3600", en="a whole number of seconds, 1 to 3600")
_LONGEST = 3600
_TRUE = Text(nb="true; utelat den ellers", en="true; leave it out otherwise")
_DAY = {"d", "m", "Y"}


def read_complete(section: Section, kind: str) -> Completeness:
    """The ways that are named; all of them must hold. A `KTT-MAP` fault for each thing that is wrong."""
    section.allow_only(*{SQL: WAYS, FILES: FILE_WAYS, MESSAGES: MESSAGE_WAYS}.get(kind, PLUG_IN_WAYS))
    if not section.content:
        raise ValueWrong(file=section.file, key=section.key, expected_nb=_ONE_WAY.nb, expected_en=_ONE_WAY.en)
    return Completeness(
        count=_count(section.section("count")) if "count" in section.content and kind != FILES else None,
        count_file=_count_file(section.section("count")) if "count" in section.content and kind == FILES else None,
        watermark=_watermark(section.section("watermark")) if "watermark" in section.content else None,
        done_file=_done_file(section.section("done_file")) if "done_file" in section.content else None,
        pause_seconds=_pause(section.section("equal_reads")) if "equal_reads" in section.content else None,
        self_count=_true(section, "self_count"),
    )


def _count(section: Section) -> str:
    section.allow_only("query")
    return section.query()


def _count_file(section: Section) -> CountFile:
    section.allow_only("file", "table", "rows", "day", "date", "where")
    day = section.text_or_none("day")
    formats = read_formats(section, "date", "day") if day else ()
    return CountFile(
        read_file_name(section), section.text("table"), section.text("rows"), day, formats, section.values("where")
    )


def _watermark(section: Section) -> Watermark:
    section.allow_only("query", "instant", "date")
    day = read_format(section, "date", "day") if "date" in section.content else None
    return Watermark(section.query(), read_format(section, "instant"), day)


def _done_file(section: Section) -> DoneFile:
    section.allow_only("path", "counts")
    path = section.text("path")
    used = re.findall(r"%(.?)", path)
    if set(used) - {"%"} not in (set(), _DAY):
        raise section.value_fault("path", _PATH)
    return DoneFile(section.file.parent, path, counts=_true(section, "counts"))


def _pause(section: Section) -> int:
    section.allow_only("pause_seconds")
    section.required("pause_seconds", _SECONDS)
    seconds = section.number("pause_seconds", 0)
    if not 1 <= seconds <= _LONGEST:
        raise section.value_fault("pause_seconds", _SECONDS)
    return seconds


def _true(section: Section, name: str) -> bool:
    """True, or left out: a false that stands in the file would look like a choice."""
    if name in section.content and section.content[name] is not True:
        raise section.value_fault(name, _TRUE)
    return name in section.content
