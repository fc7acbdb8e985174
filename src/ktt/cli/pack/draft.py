"""`ktt pack draft SCHEMA… --out DIR`: a pack with a proposed mapping, from schema files and field lists."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.show import JsonFlag, emit, language, note, table, told
from ktt.core.os_faults import os_reason
from ktt.core.text import Text

if TYPE_CHECKING:  # the columns of all record types take a moment to import; `--help` does not need them
    from rich.console import RenderableType

    from ktt.messages.drafting.draft import Draft
    from ktt.messages.drafting.files import About, Given

_HELP = told(
    nb="Lag en meldingspakke av skjemafilene en utgiver har gitt ut, med et forslag til hvor kolonnene i opplysningstypene står. "
    "Filene legges uendret i mappen «schema». Forslaget bygger på navn, typer, koder og tekster i skjemaet, "
    "og hver linje i mapping.toml er merket «sikker», «trolig» eller «usikker». "
    "Felter og kolonner som ikke fikk plass, står i filen og i svaret her. "
    "En feltliste (CSV med kolonner som navn;type;påkrevd;kodeverk;beskrivelse) kan gis i stedet for skjema, eller ved siden av. "
    "Se over mapping.toml etterpå, og prøv pakken med «ktt pack check».",
    en="Make a message pack of the schema files that a publisher has given, with a proposal for where the columns of the record types stand. "
    "The files are put in the folder “schema” unchanged. The proposal is made from the schema's names, types, codes and texts, "
    "and every line of mapping.toml is marked “sure”, “likely” or “unsure”. "
    "Members and columns that were not placed are named in the file and in the answer here. "
    "A field list (CSV with columns such as name;type;required;codes;description) can be given instead of a schema, or beside it. "
    "Look through mapping.toml afterwards, and prove the pack with “ktt pack check”.",
)
Schemas = Annotated[
    list[Path],
    typer.Argument(
        metavar=told(nb="SKJEMA…", en="SCHEMA…"),
        help=told(
            nb="Skjemafiler, feltlister, eller mapper med dem.", en="Schema files, field lists, or folders of them."
        ),
    ),
]
Out = Annotated[Path, typer.Option("--out", help=told(nb="Den nye pakkens mappe.", en="The new pack's folder."))]
Name = Annotated[
    str | None,
    typer.Option(help=told(nb="Pakkens navn. Standard: mappens navn.", en="The pack's name; else the folder's.")),
]
Publisher = Annotated[
    str, typer.Option(help=told(nb="Hvem som har gitt ut skjemaene.", en="Who has published the schemas."))
]
_UNNAMED = Text(nb="Ikke oppgitt", en="Not named")
_WRITTEN = Text(
    nb="Pakken er skrevet til {folder}. Neste: se over mapping.toml, og kjør «ktt pack check {folder}».",
    en="The pack is written to {folder}. Next: look through mapping.toml, and run “ktt pack check {folder}”.",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("draft", help=_HELP)(draft)


def draft(schemas: Schemas, out: Out, *, name: Name = None, publisher: Publisher = "", json: JsonFlag = False) -> None:
    """Write the pack, and show what is proposed and what is not placed."""
    from ktt.core.clock import SystemClock
    from ktt.messages.drafting.errors import FolderNotEmpty, FolderUnwritable
    from ktt.messages.drafting.files import About, gathered
    from ktt.messages.packs.schemas.naming import plain

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise FolderNotEmpty(folder=out)
    about = About(name or plain(out.name), publisher or _UNNAMED.in_(language()), SystemClock().now().date())
    given = gathered(list(_files(schemas)), about)
    try:
        proposed = _write(given, about, out)
    except OSError as fault:
        raise FolderUnwritable(folder=out, reason=os_reason(fault)) from fault
    emit(_data(proposed), json=json, render=lambda: _shown(proposed))
    if not json:
        note(_WRITTEN.format(folder=str(out)))


def _files(schemas: list[Path]) -> list[tuple[str, bytes]]:
    """Each file with its name, of a folder with its path inside."""
    from ktt.messages.drafting.files import LISTS
    from ktt.messages.packs.errors import PackFileUnreadable

    found = []
    for given in schemas:
        inside = sorted(one for one in given.rglob("*") if one.is_file()) if given.is_dir() else [given]
        for path in inside:
            if given.is_dir() and path.suffix.lower() not in {".json", *LISTS}:
                continue
            name = path.relative_to(given).as_posix() if given.is_dir() else path.name
            try:
                found.append((name, path.read_bytes()))
            except OSError as fault:
                raise PackFileUnreadable(file=path, why=os_reason(fault)) from None
    return found


def _write(given: Given, about: About, out: Path) -> Draft:
    """Write the whole pack beside its place first, so that nothing is there when it cannot be made."""
    from ktt.messages.drafting.draft import draft_mapping
    from ktt.messages.drafting.field_lists import with_descriptions
    from ktt.messages.drafting.written import as_toml
    from ktt.messages.packs.folder import load_pack

    out.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{about.name}-", dir=out.parent))
    try:
        for path, content in given.files.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_bytes(content)
        (made / "examples").mkdir()
        pack = load_pack(made)
        schemas = [with_descriptions(one.self_contained(), given.rows) for one in pack.messages]
        proposed = draft_mapping(
            [(one.message_type, one.version, schema) for one, schema in zip(pack.messages, schemas, strict=True)]
        )
        (made / "mapping.toml").write_text(as_toml(proposed, language()), encoding="utf-8")
        made.chmod(0o755)
        if out.exists():
            out.rmdir()
        made.rename(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return proposed


def _data(proposed: Draft) -> dict[str, Any]:
    return {
        "messages": [
            {
                "message_type": message.message_type,
                "version": message.version,
                "members": [
                    {
                        "place": member.place,
                        "in": one.holds,
                        "deletion": one.is_deletion,
                        "entry": member.entry,
                        "confidence": member.confidence,
                        "problem": member.problem or one.problem or message.reason or None,
                    }
                    for one, member in message.placed
                ],
                "not_placed": [{"place": leaf.place, "types": sorted(leaf.types)} for leaf in message.left],
            }
            for message in proposed.messages
        ],
        "columns_not_placed": proposed.columns_left,
    }


def _shown(proposed: Draft) -> RenderableType:
    from rich.console import Group

    from ktt.messages.drafting.members import CONFIDENCE_WORDS, CONFIDENCES

    columns = [Text(nb="Melding", en="Message"), *CONFIDENCE_WORDS.values()]
    columns += [Text(nb="i kommentar", en="in a comment"), Text(nb="uten plass", en="not placed")]
    rows = []
    for message in proposed.messages:
        counts = Counter(member.confidence for _one, member in message.placed)
        behind = sum(bool(member.problem or one.problem or message.reason) for one, member in message.placed)
        numbers = [counts[confidence] for confidence in CONFIDENCES]
        rows.append((f"{message.message_type} {message.version}", *numbers, behind, len(message.left)))
    return Group(table(columns, rows), *_open(proposed))


def _open(proposed: Draft) -> list[RenderableType]:
    """What a person has to look at: what is unsure, cannot be used, or has no place on either side."""
    rows: list[tuple[str, str, str]] = []
    for message in proposed.messages:
        rows += [
            (
                message.message_type,
                member.place,
                f"{_what(member.entry)} – {_why(member, one.problem or message.reason)}",
            )
            for one, member in message.placed
            if member.confidence == "unsure" or member.problem or one.problem or message.reason
        ]
        rows += [(message.message_type, leaf.place, _NO_PLACE.in_(language())) for leaf in message.left]
    rows += [("", column, _NO_MEMBER.in_(language())) for column in proposed.columns_left]
    heads = (
        Text(nb="Melding", en="Message"),
        Text(nb="Felt eller kolonne", en="Member or column"),
        Text(nb="Hva", en="What"),
    )
    return [table(heads, rows, title=Text(nb="Se over dette:", en="Look at these:"))] if rows else []


_NO_PLACE = Text(nb="felt uten kolonne", en="member without a column")
_NO_MEMBER = Text(nb="kolonne uten felt", en="column without a member")


def _what(entry: dict[str, Any]) -> str:
    return str(next(iter(entry.values())))


def _why(member: Any, problem: str) -> str:
    from ktt.messages.drafting.members import CONFIDENCE_WORDS

    said = CONFIDENCE_WORDS[member.confidence].in_(language())
    return f"{said}: {member.problem or problem}" if member.problem or problem else said
