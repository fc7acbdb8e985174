"""The folder itself: it loads, its schemas are whole and valid, and its mapping compiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.messages.errors import MappingNotRead
from ktt.messages.mapping.places import JsonSchema, SchemaPlaces
from ktt.messages.packs.folder import PackMessage, load_pack
from ktt.messages.packs.message import PackedMessage
from ktt.messages.register import Pack, open_pack
from ktt.testing.packs.check.lines import Line, advice, failed, name_of, of_fault, ok

_CHECK = "pack"
_READ = Text(nb="Mappen er lest: {count:melding|meldinger}.", en="The folder is read: {count:message|messages}.")
_SCHEMA = Text(nb="Skjemaet er gyldig og selvstendig.", en="The schema is valid and self-contained.")
_MAPPED = Text(nb="Koblingen kan brukes.", en="The mapping can be used.")
_NO_MAPPING = Text(
    nb="Pakken har ingen mapping.toml: den kan motta, kontrollere og vise meldinger, men ikke lage eller lese dem.",
    en="The pack has no mapping.toml: it can receive, check and show messages, but not make or read them.",
)
_PROPOSE = Text(
    nb="«ktt pack draft» foreslår en kobling ut fra skjemaet.",
    en="`ktt pack draft` proposes a mapping from the schema.",
)
_NOT_MAPPED = Text(
    nb="mapping.toml sier ikke noe om meldingen: den kan mottas, men ikke lages eller leses.",
    en="mapping.toml says nothing about the message: it can be received, but not made or read.",
)
_MAP_IT = Text(nb="Legg til [[messages.{name}.objects]].", en="Add [[messages.{name}.objects]].")
_NO_SUCH = Text(
    nb="mapping.toml har «{name}», som ikke er en melding i pakken.",
    en="mapping.toml has “{name}”, which is no message of the pack.",
)
_NAME_IT = Text(
    nb="Bruk et navn fra pack.toml, med versjon etter skråstrek om det trengs: {known}.",
    en="Use a name from pack.toml, with the version after a slash where needed: {known}.",
)
_UNIT = Text(
    nb="Meldingen har ikke sted for enhetens «{column}».", en="The message has no place for the unit's “{column}”."
)
_MAP_UNIT = Text(
    nb='Koble organisation og municipality under holds = "unit", ellers vet ikke mottaket hvem som sender.',
    en='Map organisation and municipality under holds = "unit", or the receiver cannot tell who sends.',
)


@dataclass(frozen=True, slots=True)
class Opened:
    """What could be used of a pack. `whole` are the messages with a valid schema, `mapped` those with a mapping too."""

    lines: list[Line]
    pack: Pack | None = None
    whole: tuple[PackedMessage, ...] = ()
    mapped: tuple[PackedMessage, ...] = ()
    contents: dict[PackedMessage, JsonSchema] = field(default_factory=dict, repr=False)

    @property
    def schemas(self) -> dict[PackedMessage, SchemaPlaces]:
        """What each schema says of places."""
        return {version: SchemaPlaces(schema) for version, schema in self.contents.items()}


def opened(folder: Path) -> Opened:
    """Open a pack, with a line for each thing that holds or does not."""
    lines: list[Line] = []
    try:
        pack = _opened(folder, lines)
    except KttError as fault:
        return Opened([*lines, of_fault(_CHECK, fault)])
    lines.insert(0, ok(_CHECK, _READ.format(count=len(pack.versions))))
    lines += _unknown_names(pack)
    contents: dict[PackedMessage, JsonSchema] = {}
    mapped: list[PackedMessage] = []
    for version, message in zip(pack.versions, pack.folder.messages, strict=True):
        schema = _schema(message, version, lines)
        if schema is None:
            continue
        if _compiles(pack, version, lines):
            mapped.append(version)
            contents[version] = schema
        else:  # judged by its schema alone
            contents[PackedMessage(pack.name, message, None)] = schema
    return Opened(lines, pack, tuple(contents), tuple(mapped), contents)


def _schema(message: PackMessage, version: PackedMessage, lines: list[Line]) -> JsonSchema | None:
    try:
        schema = message.self_contained()
    except KttError as fault:
        lines.append(of_fault("schema", fault, name_of(version)))
        return None
    lines.append(ok("schema", _SCHEMA, name_of(version)))
    return schema


def _opened(folder: Path, lines: list[Line]) -> Pack:
    """The pack; without its mapping where that cannot be read."""
    try:
        pack = open_pack(folder)
    except MappingNotRead as fault:
        lines.append(of_fault("mapping", fault))
        found = load_pack(folder)
        return Pack(found, None, tuple(PackedMessage(found.name, message, None) for message in found.messages))
    if not pack.is_mapped:
        lines.append(advice("mapping", _NO_MAPPING, _PROPOSE))
    return pack


def _unknown_names(pack: Pack) -> Iterator[Line]:
    names = [*(one.message_type for one in pack.versions), *(f"{o.message_type}/{o.version}" for o in pack.versions)]
    for name in () if pack.mapping is None else pack.mapping.messages:
        if name not in names:
            known = ", ".join(dict.fromkeys(one.message_type for one in pack.versions))
            yield failed(
                "mapping", _NO_SUCH.format(name=name), _NAME_IT.format(known=known), places=(f"messages.{name}",)
            )


def _compiles(pack: Pack, version: PackedMessage, lines: list[Line]) -> bool:
    if pack.mapping is None:
        return False
    if not version.is_mapped:
        lines.append(advice("mapping", _NOT_MAPPED, _MAP_IT.format(name=version.message_type), name_of(version)))
        return False
    try:
        columns = {member.column.name for member in version.mapping.unit_scope.members}
    except KttError as fault:
        lines.append(of_fault("mapping", fault, name_of(version)))
        return False
    missing = [name for name in ("organisation", "municipality") if name not in columns]
    place = version.mapping.unit_scope.at
    lines += [
        failed("mapping", _UNIT.format(column=name), _MAP_UNIT, name_of(version), (place, f"unit.{name}"))
        for name in missing
    ]
    if not missing:
        lines.append(ok("mapping", _MAPPED, name_of(version)))
    return not missing
