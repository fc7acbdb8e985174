"""A message pack as it stands in a folder: data only, read without changing anything.

A folder with pack.toml is what that file says. A folder with nothing but schema files is a pack too: it is named after
the folder, and each file is a message type.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ktt.core.text import Text
from ktt.messages.mapping.places import JsonSchema
from ktt.messages.packs.errors import (
    PackEmpty,
    PackFileUnreadable,
    PackMessageTwice,
    PackTooLarge,
    PackUnreadable,
    SchemaInvalid,
)
from ktt.messages.packs.schema import self_contained
from ktt.messages.packs.schemas.files import inside, parsed, read_bytes
from ktt.messages.packs.schemas.naming import only_definitions, plain, type_and_version
from ktt.messages.packs.schemas.pack_file import PACK_FILE, read_pack_file

MAPPING_FILE = "mapping.toml"
ABOUT_FILE = "about.toml"
MOST_FILES = 5_000
"""Files in a pack; each of some hundred message types may have some ten examples."""
MOST_BYTES = 128 << 20

_MISSING = Text(nb="den finnes ikke", en="it does not exist")
_NO_FOLDER = Text(nb="det er ikke en mappe", en="it is not a folder")
_DENIED = Text(nb="tilgang mangler", en="access is denied")
_EXPECTS = ".expects.json"


@dataclass(frozen=True, slots=True)
class PackMessage:
    """One message type in one version. `schema` is its publisher's file, byte for byte."""

    folder: Path
    message_type: str
    version: str
    schema_path: Path
    schema: bytes = field(repr=False)

    def self_contained(self) -> JsonSchema:
        """The schema with every reference written out, as the engine is given it; a PackError says why not."""
        return self_contained(self.schema_path, self.folder)

    @property
    def examples_folder(self) -> Path:
        """`examples/TYPE.VERSION` if there is one, for a pack with several versions of a type; else `examples/TYPE`."""
        own = self.folder / "examples" / f"{self.message_type}.{self.version}"
        return own if own.is_dir() else self.folder / "examples" / self.message_type


@dataclass(frozen=True, slots=True)
class PackFolder:
    """A pack; `messages` are in travel order. A pack without pack.toml has neither publisher nor days.

    `valid_to` is the last day on which the receiver takes it. `digest` changes when anything in the folder does.
    """

    folder: Path
    name: str
    publisher: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    messages: tuple[PackMessage, ...]
    mapping_path: Path | None
    digest: str


def load_pack(folder: Path) -> PackFolder:
    """The pack in the folder; a PackError says why it cannot be used."""
    folder = _readable(folder)
    digest = _digest(folder)  # first, as it bounds what is there to read
    mapping = folder / MAPPING_FILE
    if not (folder / PACK_FILE).exists():
        name, publisher, valid_from, valid_to = plain(folder.name), None, None, None
        messages = _bare_messages(folder)
    else:
        said = read_pack_file(read_bytes(inside(folder / PACK_FILE, folder, PACK_FILE, PACK_FILE), PACK_FILE))
        name, publisher, valid_from, valid_to = said.name, said.publisher, said.valid_from, said.valid_to
        messages = [_message(folder, row.type, row.version, row.schema, PACK_FILE) for row in said.messages]
    _prove_once(name, messages)
    return PackFolder(
        folder=folder,
        name=name,
        publisher=publisher,
        valid_from=valid_from,
        valid_to=valid_to,
        messages=tuple(messages),
        mapping_path=inside(mapping, folder, MAPPING_FILE, MAPPING_FILE) if mapping.exists() else None,
        digest=digest,
    )


def examples(message: PackMessage) -> dict[str, bytes]:
    """Named examples: N1… fit the schema, F1… break it as the file `<name>.expects.json` beside them says."""
    found = _json_files(message.examples_folder)
    names = [path for path in found if not path.name.endswith(_EXPECTS)]
    return {path.name.removesuffix(".json"): _read(path, message.folder) for path in names}


def expectations(message: PackMessage) -> dict[str, bytes]:
    """What is said to fail in the examples that break the schema, by their names."""
    found = _json_files(message.examples_folder)
    names = [path for path in found if path.name.endswith(_EXPECTS)]
    return {path.name.removesuffix(_EXPECTS): _read(path, message.folder) for path in names}


def example_sentences(message: PackMessage) -> dict[str, Text]:
    """What examples show, in both languages, by their names without the number; from `examples/about.toml`, if there is one."""
    path = message.folder / "examples" / ABOUT_FILE
    if not path.exists():
        return {}
    told = tomllib.loads(_read(path, message.folder).decode())
    return {name: Text(nb=str(said["nb"]), en=str(said["en"])) for name, said in told.items()}


def _readable(folder: Path) -> Path:
    try:
        real = folder.resolve(strict=True)
        if not real.is_dir():
            raise PackUnreadable(folder=folder, why=_NO_FOLDER)
    except FileNotFoundError:
        raise PackUnreadable(folder=folder, why=_MISSING) from None
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
        raise PackUnreadable(folder=folder, why=_DENIED) from None
    return real


def _message(folder: Path, message_type: str, version: str, schema: str, named_in: str) -> PackMessage:
    path = inside(folder / schema, folder, schema, named_in)
    return PackMessage(folder, message_type, version, path, read_bytes(path, schema))


def _bare_messages(folder: Path) -> list[PackMessage]:
    """One for each schema file directly in the folder or in `schema`, by the files' names."""
    messages = []
    for path in sorted(_json_files(folder) + _json_files(folder / "schema"), key=lambda path: path.name):
        file = path.relative_to(folder).as_posix()
        schema = parsed(_read(path, folder), file)
        if not isinstance(schema, dict):
            raise SchemaInvalid(file=file, place="", keyword="type")
        if not only_definitions(schema):
            messages.append(_message(folder, *type_and_version(path.name, schema), file, file))
    if not messages:
        raise PackEmpty(folder=folder)
    return messages


def _prove_once(name: str, messages: list[PackMessage]) -> None:
    seen = set()
    for message in messages:
        both = message.message_type, message.version
        if both in seen:
            raise PackMessageTwice(pack=name, message_type=both[0], version=both[1])
        seen.add(both)


def _json_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.is_file()) if folder.is_dir() else []


def _read(path: Path, folder: Path) -> bytes:
    file = path.relative_to(folder).as_posix()
    return read_bytes(inside(path, folder, file, file), file)


def _digest(folder: Path) -> str:
    """Of every file's path and content, hidden and compiled ones aside."""
    digest, size = hashlib.sha256(), 0
    for number, path in enumerate(_files(folder)):
        size += path.stat().st_size
        if number >= MOST_FILES:
            raise PackTooLarge(file=folder.name, most=f"{MOST_FILES} files")
        if size > MOST_BYTES:
            raise PackTooLarge(file=folder.name, most=f"{MOST_BYTES >> 20} MiB")
        name = path.relative_to(folder).as_posix().encode(errors="surrogateescape")
        digest.update(name + b"\0" + _own_digest(path, folder))
    return digest.hexdigest()


def _own_digest(path: Path, folder: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").digest()
    except OSError:
        raise PackFileUnreadable(file=path.relative_to(folder).as_posix(), why=_DENIED) from None


def _files(holder: Path) -> Iterator[Path]:
    """The folder's own files; a link is not followed, as what it leads to may change without the folder."""
    try:
        entries = sorted(path for path in holder.iterdir() if not path.name.startswith((".", "__")))
    except OSError:
        raise PackUnreadable(folder=holder, why=_DENIED) from None
    for path in entries:
        if path.is_symlink():
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path
