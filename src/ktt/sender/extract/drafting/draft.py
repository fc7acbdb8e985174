"""A whole draft: the text of the mapping, and of its code files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ktt.domain.glossary import for_column, for_record
from ktt.domain.records import ALL_TYPES
from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.drafting.codes import OFFICIAL, CodeFiles
from ktt.sender.extract.drafting.fields import NOT_FOUND, DraftField, draft_fields
from ktt.sender.extract.drafting.match import RecordMatch
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.drafting.source_part import form_lines, source_lines, usual_form
from ktt.sender.extract.drafting.tables.plan import planned
from ktt.sender.extract.drafting.tables.suspects import suspects
from ktt.sender.extract.drafting.toml_text import comment, key, text, value
from ktt.sender.extract.mapping.source_section import FILES, SQL
from ktt.sender.extract.mapping.values.template import columns_in
from ktt.sender.extract.profiling.model import ColumnProfile, SourceProfile, TableProfile

_HEAD = """# Forslag til koblingsfil, laget av «ktt source draft» av {source} slik den var {day}.
# Gå gjennom hver linje. Det som er merket KONTROLLER, er ktt ikke sikker på; linjer bak # er ikke i bruk.
# Lokale koder uten Volven-kode står i kodefilene i «koder»; kodene å velge blant står i «koder/kodeverk.txt».
# Prøv den underveis: ktt source check DENNE-FILEN --source ADRESSE
"""
_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of the mapping, the code files by name, and what was proposed for each record type."""

    text: str
    files: Mapping[str, str]
    records: Mapping[str, RecordMatch]
    fields: Mapping[str, list[DraftField]]
    unanswered: Mapping[str, int] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Fields by how sure they are: `sure`, `doubtful`, `absent` (declared so, to be looked at) and `missing`."""
        all_ = [one for fields in self.fields.values() for one in fields]
        absent = [one for one in all_ if isinstance(one.value, dict) and "absent" in one.value]
        missing = [one for one in all_ if one.value is None]
        doubtful = [one for one in all_ if one.doubt and one not in absent and one not in missing]
        rest = len(all_) - len(absent) - len(missing) - len(doubtful)
        return {"sure": rest, "doubtful": len(doubtful), "absent": len(absent), "missing": len(missing)}


def draft_mapping(profile: SourceProfile, name: str) -> Draft:
    """A mapping for the source that a profile is of."""
    plan = planned(profile.tables)
    records, choices = plan.records, plan.choices
    files = CodeFiles()
    fields = {kind: draft_fields(match, choices[match.table.name], files) for kind, match in records.items()}
    places = [place for match in records.values() for place in (match, *match.also)]
    further = {
        kind: [draft_fields(one, choices[one.table.name], files) for one in match.also]
        for kind, match in records.items()
    }
    used = plan.used(places)
    lines = [_HEAD.format(source=profile.source, day=profile.scanned_on)]
    lines += [
        'mapping  = "ktt/1"',
        f"name     = {text(name)}",
        'timezone = "Europe/Oslo"',
        "",
        *source_lines(profile),
        "",
    ]
    for table in used:
        lines += [*_table(profile, table, choices[table.name], plan.mixed(table, places)), ""]
    if not used:
        lines += ["[table]", ""]
    for kind in ALL_TYPES:
        lines += [*_record(kind, records.get(kind), fields.get(kind, []), choices), ""]
        for one, its in zip(records[kind].also if kind in records else (), further.get(kind, []), strict=True):
            lines += [*_also(kind, one, its), ""]
    lines += list(_left(profile, used, records, choices))
    written = {one: files.text(one) for one in files.rows} | ({OFFICIAL: files.official()} if files.rows else {})
    unanswered = {one: count for one in files.rows if (count := files.unanswered(one))}
    return Draft("\n".join(lines).rstrip("\n") + "\n", written, records, fields, unanswered)


def _table(profile: SourceProfile, table: TableProfile, choice: Choice, mixed: list[str]) -> Iterator[str]:
    yield f"[table.{key(table.name)}]"
    if profile.kind == FILES:
        yield f"file   = {text(table.file)}"
        yield from form_lines(table.form, usual_form(profile)) if not table.file.endswith(".parquet") else ()
    else:
        name = f"  {comment('KONTROLLER: ' + choice.notes['name'])}" if "name" in choice.notes else ""
        yield f"{'name  ' if profile.kind == SQL else 'query '} = {text(choice.relation or table.name)}{name}"
    names = choice.key or (table.columns[0].name,)
    unsure = "" if choice.key else f"  {comment('KONTROLLER: ingen kolonner skiller radene fra hverandre')}"
    yield f"key    = {value(names)}{unsure}"
    if choice.of:
        latest = {"of": choice.of, "by": choice.by} | ({"among": choice.among} if choice.among else {})
        yield f"latest = {value(latest)}  {comment('KONTROLLER: tabellen ser ut som en logg, der siste versjon gjelder')}"
    if hint := _changes(table, choice):
        why = "ta bort # om flere rader er samme opplysning, og bruk id-en uten dagen"
        yield f"# periods = {value(hint)}  {comment(f'KONTROLLER: {why}')}"
    if mixed:
        why = choice.notes.get("upper", "de samme kodene er skrevet med store og små bokstaver")
        yield f"upper  = {value(mixed)}  {comment(f'KONTROLLER: {why}')}"
    if choice.strip:
        yield f"strip  = {value(choice.strip)}  {comment('KONTROLLER: ' + choice.notes['strip'])}"
    if choice.pad:
        yield f"pad    = {value(choice.pad)}  {comment('KONTROLLER: ' + choice.notes['pad'])}"
    if choice.where:
        why = choice.notes.get("where", "rader som er merket som slettet, holdes utenfor")
        yield f"where  = {value(choice.where)}  {comment(f'KONTROLLER: {why}')}"
    for word, others in (("without", choice.without), ("with", choice.within), ("lookup", choice.lookups)):
        if others:
            why = choice.notes.get(word, "én rad i den andre tabellen hører til hver rad her")
            yield f"{word:<7} = {value(others)}  {comment(f'KONTROLLER: {why}')}"


def _changes(table: TableProfile, choice: Choice) -> dict[str, object]:
    """How rows for each change would be put together, where a day is the last of a table's key."""
    days = {one.name: one for one in table.columns if one.kind in {"day", "instant"}}
    if len(choice.key) < 2 or choice.key[-1] not in days:  # noqa: PLR2004 (what changes, and when)
        return {}
    end = next((name for name in days if any("end" in word.meanings for word in words_of(name))), None)
    hint: dict[str, object] = {"of": choice.key[:-1], "starts_on": choice.key[-1]}
    return hint | ({"ends_on": end} if end else {})


def _record(
    kind: str, match: RecordMatch | None, fields: list[DraftField], choices: Mapping[str, Choice]
) -> Iterator[str]:
    term = for_record(kind)
    said = f"{term.nb}: {term.meaning.nb}" if term else kind
    yield comment(said)
    yield f"[record.{kind}]"
    if match is None:
        why = "se etter en tabell, eller skriv hvorfor opplysningen ikke finnes"
        yield f"absent = {text(NOT_FOUND)}  {comment(f'KONTROLLER: {why}')}"
        return
    rival = f"  {comment(f'KONTROLLER: kan også være «{match.rival}»')}" if match.rival else ""
    yield f"from = {text(match.table.name)}{rival}"
    wide = choices[match.table.name].wide if kind == "score" else None
    if wide is not None:
        cells: dict[str, object] = {
            "pattern": wide.pattern,
            "n": wide.written,
            "skip": ["", *(["0"] if wide.has_nought else [])],
        }
        yield f"columns = {value(cells)}  {comment('KONTROLLER: kolonnene er funksjonsvariablene i nummerorden')}"
    for column, texts in suspects(match, choices[match.table.name]).items():
        why = (
            f"ta bort # om rader der «{column}» er {' eller '.join(f'«{text_}»' for text_ in texts)}, ikke skal meldes"
        )
        yield f"# skip = {value({column: texts})}  {comment(f'KONTROLLER: {why}')}"
    if kind == "decision" and (column := _application(match, choices)):
        why = "ta bort # om saker uten søknad ikke skal meldes"
        yield f"# skip = {value({column: ['']})}  {comment(f'KONTROLLER: {why}')}"
    if match.is_long and kind == "assessment":
        yield f"distinct = true  {comment('KONTROLLER: tabellen har én rad for hvert svar; like rader er én vurdering')}"
    score = match.fields.get("score")
    if kind == "score" and score is not None and wide is None and (unfilled := _unfilled(score.column)):
        told = f"  {comment('KONTROLLER: ubesvart er ingen skår')}" if len(unfilled) > 1 else ""
        yield f"skip = {value({score.column.name: unfilled})}{told}"
    yield ""
    yield f"[record.{kind}.fields]"
    yield from (_line(kind, one) for one in fields)


def _application(match: RecordMatch, choices: Mapping[str, Choice]) -> str:
    """The day of the application, where cases are looked up in a table of events: some of them may have none."""
    found = match.fields.get("applied_on")
    table = found.column.name.rpartition(".")[0] if found is not None else ""
    return found.column.name if found is not None and table in choices and choices[table].relation else ""


def _unfilled(column: ColumnProfile) -> list[str]:
    """The values that mean no answer."""
    texts = [text for text in column.shown.values if not text[:1].isdigit()]
    return ["", *texts] if column.empty or texts else []


def _also(kind: str, match: RecordMatch, fields: list[DraftField]) -> Iterator[str]:
    yield f"[[record.{kind}.also]]"
    yield f"from = {text(match.table.name)}  {comment('KONTROLLER: tabellen heter nesten det samme. Ta den bort om den er noe annet')}"
    yield ""
    yield f"[record.{kind}.also.fields]"
    yield from (_line(kind, one) for one in fields)


def _line(kind: str, one: DraftField) -> str:
    term = for_column(kind, one.name)
    said = f"{term.nb}. {term.meaning.nb}" if term else ""
    doubt = f"KONTROLLER: {one.doubt}" if one.doubt else ""
    if one.value is None:
        return f'# {one.name:<{_WIDTH}} = "…"  {comment(f"{doubt} ({said})")}'
    behind = f"{doubt} ({said})" if doubt else said
    return f"{one.name:<{_WIDTH}} = {value(one.value)}  {comment(behind)}"


def _left(
    profile: SourceProfile, used: list[TableProfile], records: Mapping[str, RecordMatch], choices: Mapping[str, Choice]
) -> Iterator[str]:
    """What of the source the draft does not read, so that a person sees what may have been overlooked."""
    yield comment("Kolonner som forslaget ikke leser:")
    all_ = [place for one in records.values() for place in (one, *one.also)]
    looked_up = {match.column.name for one in all_ for match in one.fields.values()}
    for table in used:
        choice = choices[table.name]
        places = [place for place in all_ if place.table is table]
        if not places:
            continue
        read = {
            name
            for match in (match for one in places for match in one.fields.values())
            for name in columns_in(match.column.name)
        }
        read |= {column for on in choice.lookups.values() for here in on.values() for column in columns_in(here)}
        read |= {name.removeprefix(f"{table.name}.") for name in looked_up if name.startswith(f"{table.name}.")}
        read |= {*choice.key, *choice.taken, *(choice.wide.names if choice.wide else ())}
        left = [column.name for column in table.columns if column.name not in read]
        if left:
            yield comment(f"  {table.name}: {', '.join(left)}")
    names = {name for table in used for name in (table.name, choices[table.name].relation)}
    others = [f"{table.name} ({table.rows} rader)" for table in profile.tables if table.name not in names]
    if others:
        yield comment(f"Tabeller som forslaget ikke leser: {', '.join(others)}")
        yield comment("Kommer en opplysningstype fra flere tabeller, skriv [[record.TYPE.also]] (koblingsfilen.md).")
