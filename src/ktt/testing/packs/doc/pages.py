"""What the reference page of each message of a pack says."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import orjson

from ktt.core.text import Text
from ktt.domain import glossary
from ktt.domain.schema import RecordType
from ktt.messages.errors import MessageNotJson
from ktt.messages.packs.folder import PackMessage
from ktt.messages.packs.message import PackedMessage
from ktt.messages.register import Pack, open_pack
from ktt.testing.packs.doc.fields import Field, fields_of

_CARRIES = Text(nb="Meldingen har {types}.", en="The message carries {types}.")
_SCHEMA_ONLY = Text(
    nb="Pakken har ingen kobling for meldingen, så her står bare det skjemaet sier.",
    en="The pack has no mapping for the message, so this is what its schema says alone.",
)
_EXPLICIT = Text(
    nb="{type} slettes ved at id-en står i «{place}»{mark}.", en="{type} is deleted by its id in “{place}”{mark}."
)
_MARK = Text(nb=" med {mark}", en=" with {mark}")
_COMPLETE = Text(
    nb="{inner} slettes ved ikke lenger å stå i sin {outer}.",
    en="{inner} is deleted by not standing in its {outer} any more.",
)
_NEVER = Text(nb="Meldingen sletter ingenting.", en="The message deletes nothing.")


@dataclass(frozen=True, slots=True)
class MessagePage:
    """The page of one message. `deletions` is empty where no mapping tells; `example` is one that fits."""

    message_type: str
    version: str
    purpose: tuple[Text, ...]
    fields: tuple[Field, ...]
    deletions: tuple[Text, ...]
    example_name: str
    example: str
    is_mapped: bool


@dataclass(frozen=True, slots=True)
class PackPages:
    """All of a pack."""

    name: str
    publisher: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    messages: tuple[MessagePage, ...]


def pack_pages(folder: Path) -> PackPages:
    """What the pages of a pack say; a fault of the pack says why it cannot be told."""
    pack: Pack = open_pack(folder)
    pages = (_page(version, message) for version, message in zip(pack.versions, pack.folder.messages, strict=True))
    found = pack.folder
    return PackPages(pack.name, found.publisher, found.valid_from, found.valid_to, tuple(pages))


def _page(version: PackedMessage, message: PackMessage) -> MessagePage:
    schema = message.self_contained()
    name, text = _example(version)
    return MessagePage(
        message_type=version.message_type,
        version=version.version,
        purpose=_purpose(version, str(schema.get("description") or ""), str(schema.get("$comment") or "")),
        fields=tuple(fields_of(schema, version.places(), version.entry)),
        deletions=tuple(_deletions(version)) if version.is_mapped else (),
        example_name=name,
        example=text,
        is_mapped=version.is_mapped,
    )


def _purpose(version: PackedMessage, description: str, comment: str) -> tuple[Text, ...]:
    own = (Text(nb=description, en=comment or description),) if description else ()
    if not version.is_mapped:
        return (*own, _SCHEMA_ONLY)
    inner = [one.inner for one in version.nested]
    types = dict.fromkeys([*version.carriers, *inner, *version.deletes])
    words = [_word(kind) for kind in types]
    joined = Text(nb=", ".join(word.nb for word in words), en=", ".join(word.en for word in words))
    return (*own, _CARRIES.format(types=joined)) if words else own


def _word(kind: RecordType) -> Text:
    """What a record type is called and what it is."""
    term = next((one for one in glossary.glossary() if one.section == "records" and one.code == kind.name), None)
    if term is None:
        return Text(nb=kind.name, en=kind.name)
    return Text(nb=f"{term.nb} (`{kind.name}`)", en=f"`{kind.name}`")


def _deletions(version: PackedMessage) -> list[Text]:
    found = []
    for scope in version.mapping.root.walk():
        if scope.deletes is not None:
            marks = ", ".join(
                f"{'.'.join(path)} = {orjson.dumps(value).decode()}" for path, value in scope.where.items()
            )
            mark = _MARK.format(mark=marks) if marks else Text(nb="", en="")
            found.append(_EXPLICIT.format(type=_word(scope.deletes), place=scope.at, mark=mark))
    found += [
        _COMPLETE.format(inner=_word(one.inner), outer=_word(one.outer)) for one in version.nested if one.complete
    ]
    return found or [_NEVER]


def _example(version: PackedMessage) -> tuple[str, str]:
    """The first example that fits, indented; none when there is no such."""
    for name, text in sorted(version.examples().items()):
        if name[:1] == "N" and _fits(version, text):
            return name, orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    return "", ""


def _fits(version: PackedMessage, text: bytes) -> bool:
    try:
        return not version.check(text, at_most=1)
    except MessageNotJson:
        return False
