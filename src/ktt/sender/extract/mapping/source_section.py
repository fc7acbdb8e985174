"""The section `[source]` of a mapping file: the kind of record system, and how it says whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ktt.core.text import Text
from ktt.sender.extract.mapping.errors import NameUnknown
from ktt.sender.extract.mapping.file_form import FORM_KEYS, PLAIN, FileForm, read_file_name, read_form
from ktt.sender.extract.mapping.plug_ins import plug_ins
from ktt.sender.extract.mapping.section import Section

SQL, FILES, MESSAGES = "sql", "files", "messages"

_MOVED = Text(
    nb=" Spørringen står nå under [complete], som «count».", en=" The query now stands under [complete], as `count`."
)
_KIND = Text(
    nb="«sql», «files», «messages» eller navnet på et tillegg som er installert",
    en="`sql`, `files`, `messages` or the name of an installed plug-in",
)
_PACKS = Text(nb="en liste av meldingspakker, som [«ktt_v1»]", en="a list of message packs, such as [`ktt_v1`]")
_UNIT_COLUMNS = Text(
    nb="kolonnene med organisasjonsnummer, kommunenummer og eventuelt bydel",
    en="the columns with the numbers of organisation, municipality and district if any",
)
_KEYS = {FILES: ("unit", *FORM_KEYS), MESSAGES: ("file", "packs")}
_TRUE = Text(nb="true: ktt leser bare", en="true: ktt only reads")


@dataclass(frozen=True, slots=True)
class SourceSection:
    """`unit` is the query or the file that says whose the source is, `unit_columns` its columns where they are named and `unit_where` the values of its row where it has several; `form` is how text files are written.

    Of messages, `names` is how their files are named, and `packs` are those that can read them.
    """

    kind: str = SQL
    unit: str | None = field(default=None, repr=False)
    form: FileForm = PLAIN
    unit_columns: tuple[str, ...] = ()
    unit_where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: str = ""
    packs: tuple[str, ...] = ()

    @property
    def table_keys(self) -> tuple[str, ...]:
        """The keys of a table that say where it is, and how it is written."""
        return {SQL: ("name", "query"), FILES: ("file", *FORM_KEYS)}.get(self.kind, ("query",))

    def place(self, section: Section) -> str:
        """Where a table is: a query, a file in the source's folder, or what a plug-in understands."""
        if self.kind == FILES:
            return read_file_name(section)
        return section.query() if self.kind == SQL else section.text("query")

    def form_of(self, section: Section) -> FileForm:
        """How a table's file is written, where it is otherwise than the source's others."""
        return read_form(section, self.form) if self.kind == FILES else self.form


def read_source(section: Section) -> SourceSection:
    """The section, refusing everything that is not clear."""
    if "complete" in section.content:  # where it stood before there were several ways
        raise NameUnknown(file=section.file, key=section.path("complete"), hint_nb=_MOVED.nb, hint_en=_MOVED.en)
    kind = section.text("kind")
    if kind not in {SQL, FILES, MESSAGES} and not plug_ins(kind):
        raise section.value_fault("kind", _KIND)
    section.allow_only("kind", "read_only", *_KEYS.get(kind, ("unit",)))
    if section.required("read_only", _TRUE) is not True:
        raise section.value_fault("read_only", _TRUE)
    if kind == MESSAGES:
        return SourceSection(kind, names=read_file_name(section), packs=_packs(section))
    source = SourceSection(kind, form=read_form(section, PLAIN))
    unit = section.section_or_empty("unit")
    columns = unit.texts("columns") if kind == FILES else ()
    where = unit.values("where") if kind == FILES else {}
    return SourceSection(kind, _owner(section, source), source.form, columns, where)


def _packs(section: Section) -> tuple[str, ...]:
    packs = section.texts("packs")
    if not packs:
        raise section.value_fault("packs", _PACKS)
    return packs


def _owner(section: Section, source: SourceSection) -> str | None:
    if "unit" not in section.content:
        return None
    unit = section.section("unit")
    unit.allow_only(*(("file", "columns", "where") if source.kind == FILES else ("query",)))
    if "columns" in unit.content and len(unit.texts("columns")) not in {2, 3}:
        raise unit.value_fault("columns", _UNIT_COLUMNS)
    if "where" in unit.content:
        unit.required("columns", _UNIT_COLUMNS)
    return source.place(unit)
