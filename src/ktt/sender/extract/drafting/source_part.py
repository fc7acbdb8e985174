"""What a draft says of the source itself: whose it is, and what proves that an extract is whole."""

from __future__ import annotations

from collections.abc import Iterator

from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.drafting.tables.units import municipality_of, unit_table, usual_unit
from ktt.sender.extract.drafting.toml_text import comment, text, value
from ktt.sender.extract.mapping.file_form import PLAIN, FileForm
from ktt.sender.extract.mapping.source_section import FILES, SQL
from ktt.sender.extract.mapping.values.formats import DEFAULTS
from ktt.sender.extract.profiling.model import ColumnProfile, SourceProfile, TableProfile

_SEPARATORS = {"\t": "tab", ",": ","}


def source_lines(profile: SourceProfile) -> Iterator[str]:
    """The section `[source]`."""
    yield "[source]"
    yield f"kind      = {text(profile.kind)}"
    yield "read_only = true"
    if profile.kind == FILES:
        yield from _form(profile)
    owner = next((found for table in profile.tables if (found := _owner(table))), None)
    several = unit_table(profile.tables) if owner is None else None
    if several is not None:
        yield _of_several(profile, several)
        yield ""
        yield from _complete(profile)
        return
    if owner is None:
        yield "# KONTROLLER: skriv hvordan kilden sier hvem den tilhører (én rad: orgnr, kommunenr og eventuelt bydel)."
        yield (
            '# unit = { file = "ENHET.csv" }'
            if profile.kind == FILES
            else '# unit = { query = "SELECT ORGNR, KOMMUNENR FROM …" }'
        )
    elif profile.kind == FILES:
        columns = ", ".join(map(text, owner[1]))
        yield f"unit      = {{ file = {text(owner[0].file)}, columns = [{columns}] }}"
    elif profile.kind == SQL:
        columns = ", ".join(map(_quoted, owner[1]))
        table = _relation(profile, owner[0])
        yield f"unit      = {{ query = {text(f'SELECT {columns} FROM {table}')} }}"  # noqa: S608 (written for a person to read)
    yield ""
    yield from _complete(profile)


def _of_several(profile: SourceProfile, table: TableProfile) -> str:
    """The unit's own row, where the table has several."""
    organisation = next(one.name for one in table.columns if one.kind == "organisation")
    place = municipality_of(table)
    district = next(
        (one.name for one in table.columns if any("district" in word.meanings for word in words_of(one.name))), ""
    )
    columns = [organisation, place.name if place else "", *([district] if district else [])]
    own, (key,) = usual_unit({one.name: one for one in profile.tables}, table), table.key
    why = comment("KONTROLLER: flere enheter i basen: behold deres egen")
    if profile.kind == FILES:
        return f"unit      = {{ file = {text(table.file)}, columns = {value(columns)}, where = {value({key: [own]})} }}  {why}"
    of, chosen = _relation(profile, table), ", ".join(map(_quoted, columns))
    query = f"SELECT {chosen} FROM {of} WHERE {_quoted(key)} = '{own}'"  # noqa: S608 (written for a person to read)
    return f"unit      = {{ query = {value(query)} }}  {why}"


def usual_form(profile: SourceProfile) -> FileForm:
    """How most of the text files are written."""
    forms = [table.form for table in profile.tables if table.columns and not table.file.endswith(".parquet")]
    return max(set(forms), key=forms.count) if forms else PLAIN


def _form(profile: SourceProfile) -> Iterator[str]:
    usual = usual_form(profile)
    yield f"charset   = {text(usual.charset)}"
    yield f"separator = {text(_SEPARATORS.get(usual.separator, ';'))}"
    if usual.unended:
        yield "unended   = true"
    if usual.null:
        yield f"null      = {value(usual.null)}  {comment('KONTROLLER: kolonner med denne teksten har ingen verdi')}"


def form_lines(form: FileForm, usual: FileForm) -> Iterator[str]:
    """What a table says of its own file, where that is written otherwise than most."""
    if form.charset != usual.charset:
        yield f"charset = {text(form.charset)}"
    if form.separator != usual.separator:
        yield f"separator = {text(_SEPARATORS.get(form.separator, ';'))}"
    if form.unended and not usual.unended:
        yield "unended = true"
    if form.null != usual.null:
        yield f"null = {value(form.null)}"


def _owner(table: TableProfile) -> tuple[TableProfile, list[str]] | None:
    """A table of one row with the numbers of an organisation and of a municipality."""
    organisation = next((one.name for one in table.columns if one.kind == "organisation"), None)
    place = next((one.name for one in table.columns if one.kind == "municipality"), None)
    return (table, [organisation, place]) if table.rows == 1 and organisation and place else None


def _complete(profile: SourceProfile) -> Iterator[str]:
    found = (
        next((query for table in profile.tables if (query := _count(profile, table))), None)
        if profile.kind == SQL
        else None
    )
    if found:
        yield "[complete]"
        yield f"count = {{ query = {text(found)} }}  # KONTROLLER: at den har hver tabell under, med navnet her"
        return
    files = next((count for table in profile.tables if (count := _count_file(table))), None)
    if files and profile.kind == FILES:
        yield "[complete]"
        yield f"count = {files}  # KONTROLLER: at den har hver fil under, og skrives sammen med dem"
        return
    yield "# KONTROLLER: velg et bevis for at uttrekket er fullstendig, ellers blir ingenting slettet i registeret (koblingsfilen.md)."
    yield "# [complete]"
    if profile.kind == FILES:
        yield '# done_file = { path = "%Y%m%d.done", counts = true }'
        return
    yield '# count = { query = "SELECT tabell, antall FROM … WHERE dato = :extracted_on" }'
    if profile.kind == SQL:
        yield "# self_count = true   # svakt: beviser bare at lesingen ikke ble brutt"


def _counting(table: TableProfile) -> tuple[ColumnProfile, ColumnProfile, ColumnProfile] | None:
    """The columns of a table that says how many rows each table has on each day: name, count and day."""
    day = next((one for one in table.columns if one.kind in {"day", "instant"} and len(one.formats) == 1), None)
    named = (one for one in table.columns if one.kind == "table_name")
    name = next(named, next((one for one in table.columns if _is_named(one, "tabell", "table")), None))
    count = next(
        (one for one in table.columns if _is_named(one, "antall", "count", "rader", "rows", "cnt", "ant")), None
    )
    if day is None or name is None or count is None or count.kind not in {"whole_number", "code", "yes_no"}:
        return None
    return name, count, day


def _count_file(table: TableProfile) -> str | None:
    """The same as a file of an export."""
    found = _counting(table)
    if found is None:
        return None
    name, count, day = found
    (form,) = day.formats
    date = "" if form == DEFAULTS["day"] else f", date = {text(form)}"
    columns = f"table = {text(name.name)}, rows = {text(count.name)}, day = {text(day.name)}{date}"
    return f"{{ file = {text(table.file)}, {columns} }}"


def _relation(profile: SourceProfile, table: TableProfile) -> str:
    """Its name in a query. In an SQLite file, which has no schemas, a point is part of the name."""
    whole = profile.source.startswith("sqlite:")
    return ".".join(map(_quoted, [table.name] if whole else table.name.split(".")))


def _count(profile: SourceProfile, table: TableProfile) -> str | None:
    """A query on a table that says how many rows each table has on each day."""
    found = _counting(table)
    if found is None or list(found[2].formats) not in ([DEFAULTS["day"]], [DEFAULTS["instant"]]):
        return None
    name, count, day = found
    on = (
        f"{_quoted(day.name)} = :extracted_on"
        if day.kind == "day"
        else f"SUBSTR(CAST({_quoted(day.name)} AS VARCHAR(30)), 1, 10) = :extracted_on"
    )
    of = _relation(profile, table)
    chosen = f"{_quoted(name.name)}, {_quoted(count.name)}"
    return f"SELECT {chosen} FROM {of} WHERE {on}"  # noqa: S608 (written for a person to read)


def _is_named(column: ColumnProfile, *names: str) -> bool:
    return any(word.text in names for word in words_of(column.name)) or column.name.lower() in names


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
