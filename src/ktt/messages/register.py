"""The message packs that a program knows, and their versions by type and version."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import msgspec

from ktt.messages.errors import MappingNotRead, MessageInTwoPacks, MessageTypeUnknown, PackUnknown
from ktt.messages.mapping.language import MappingFile, read_mapping
from ktt.messages.packs.folder import PackFolder, load_pack
from ktt.messages.packs.message import PackedMessage
from ktt.messages.packs.schemas.pack_file import PACK_FILE
from ktt.messages.version import MessageVersion

BUILT_IN = "ktt_v1"
"""The pack that the program brings, in the same form as any other."""
ENTRY_POINTS = "ktt.packs"
"""The group of entry points by which an installed package brings packs: name → a path, or a function that gives it."""

_MEMBER = re.compile(rb'"([^"\\\\]{1,200})"[ \t\r\n]*:')
_LOOKED_AT = 1 << 20  # bytes of a message
_PACKS = Path(__file__).with_name("packs")


@dataclass(frozen=True)
class Pack:
    """A pack with its message versions, in the order in which types are sent."""

    folder: PackFolder
    mapping: MappingFile | None
    versions: tuple[PackedMessage, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.folder.name

    @property
    def is_mapped(self) -> bool:
        """Whether it says where the columns of the record types stand."""
        return self.mapping is not None

    def prove(self) -> None:
        """Read every schema and mapping; a PackError or MappingInvalid says which cannot be used."""
        for version in self.versions:
            version.prove()

    def mapped_versions(self) -> tuple[MessageVersion, ...]:
        """Its versions, each able to be written; MappingMissing or MappingInvalid says which is not."""
        for version in self.versions:
            version.mapping  # noqa: B018 - compiled here, so that a fault shows before anything is read
        return self.versions

    @property
    def first(self) -> dt.date:
        """The first day on which it is written."""
        return self.folder.valid_from or dt.date.min

    @property
    def last(self) -> dt.date:
        """The last day on which it is written and taken."""
        return self.folder.valid_to or dt.date.max


def _first_of(pack: Pack) -> dt.date:
    return pack.first


def open_pack(folder: Path) -> Pack:
    """The pack in a folder; a PackError, or MappingNotRead, says why it cannot be used."""
    found = load_pack(folder)
    mapping = _mapping(found)
    return Pack(found, mapping, tuple(_versions(found, mapping)))


def _mapping(found: PackFolder) -> MappingFile | None:
    if found.mapping_path is None:
        return None
    try:
        return read_mapping(found.mapping_path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as fault:
        raise MappingNotRead(pack=found.name, reason=str(fault)[:200]) from None


def _versions(found: PackFolder, mapping: MappingFile | None) -> Iterable[PackedMessage]:
    entries, dropped = ({}, {}) if mapping is None else (mapping.messages, mapping.dropped)
    for message in found.messages:
        name = message.message_type
        entry = entries.get(f"{name}/{message.version}", entries.get(name))
        yield PackedMessage(found.name, message, entry, dropped)


class Register:
    """Packs side by side; MessageInTwoPacks when two have a message of the same type and version."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        self.packs = tuple(packs)
        self._known = self._by_name()

    def _by_name(self) -> Mapping[tuple[str, str], PackedMessage]:
        known: dict[tuple[str, str], PackedMessage] = {}
        for version in self.versions:
            other = known.setdefault((version.message_type, version.version), version)
            if other is not version:
                names = {"message_type": version.message_type, "version": version.version}
                raise MessageInTwoPacks(**names, packs=f"{other.pack}, {version.pack}")
        return known

    @property
    def versions(self) -> tuple[PackedMessage, ...]:
        """Every message version, pack by pack."""
        return tuple(version for pack in self.packs for version in pack.versions)

    @property
    def message_types(self) -> tuple[str, ...]:
        """The message types that any of the packs has, each once."""
        return tuple(dict.fromkeys(version.message_type for version in self.versions))

    def pack(self, name: str) -> Pack:
        """The pack of that name; PackUnknown."""
        for pack in self.packs:
            if pack.name == name:
                return pack
        raise PackUnknown(pack=name, known=", ".join(pack.name for pack in self.packs))

    def find(self, message_type: str, version: str) -> MessageVersion:
        """The message version of that type and version, from whichever pack has it; MessageTypeUnknown."""
        if (message_type, version) not in self._known:
            names = ", ".join(f"{kind} {number}" for kind, number in self._known)
            raise MessageTypeUnknown(message_type=_short(message_type), version=_short(version), known=names)
        return self._known[message_type, version]

    def to_send(self, on: dt.date) -> Pack:
        """The pack in which a sender writes on a day: of those in use, the one that came last; before all of them, the first.

        PackUnknown when the last day of each is past.
        """
        left = [pack for pack in self.packs if on <= pack.last]
        if not left:
            raise PackUnknown(pack=on.isoformat(), known=", ".join(pack.name for pack in self.packs))
        begun = [pack for pack in left if pack.first <= on]
        return max(reversed(begun), key=_first_of) if begun else min(left, key=_first_of)


def folder_of(name: Path) -> Path:
    """The folder that is named, or the one of the pack of that name that the program brings."""
    own = _PACKS / name
    return own if not name.exists() and len(name.parts) == 1 and (own / PACK_FILE).is_file() else name


def named_pack(name: str) -> Pack:
    """The pack of that name, ours or of an installed package, or the folder; not proved."""
    return open_pack(_folder(name))


@cache
def register_of(names: tuple[str, ...] = (BUILT_IN,)) -> Register:
    """The packs of these names: ours, of installed packages, or folders. Those that others bring are proved whole first."""
    packs = [named_pack(name) for name in names]
    for pack in packs:
        if pack.folder.folder.parent != _PACKS.resolve():
            pack.prove()
    return Register(packs)


def _folder(name: str) -> Path:
    own = _PACKS / name
    if name.isidentifier() and (own / PACK_FILE).is_file():
        return own
    for point in entry_points(group=ENTRY_POINTS):
        if point.name == name:
            found = point.load()
            return Path(found() if callable(found) else found)
    if not Path(name).exists() and "/" not in name and "\\" not in name:
        known = sorted(path.parent.name for path in _PACKS.glob(f"*/{PACK_FILE}"))
        known += [point.name for point in entry_points(group=ENTRY_POINTS)]
        raise PackUnknown(pack=name[:64], known=", ".join(known))
    return Path(name)


def likeliest_version(versions: Sequence[PackedMessage], message: bytes) -> PackedMessage | None:
    """The version that a message is of, told by the members that only its schema has; None when it has none of them.

    Of several with as many, it is the last: the newest version of a type, or the pack that was named last.
    """
    names = {version: version.member_names for version in versions}
    of_others = {version: _elsewhere(version, names) for version in versions}
    texts = set(_MEMBER.findall(message[:_LOOKED_AT]))
    counts = {version: len(texts & (names[version] - of_others[version])) for version in versions}
    best = max(counts.values(), default=0)
    return next((version for version in reversed(versions) if counts[version] == best), None) if best else None


def _elsewhere(version: PackedMessage, names: Mapping[PackedMessage, frozenset[bytes]]) -> frozenset[bytes]:
    """The members that messages of other types have too."""
    others = [found for one, found in names.items() if one.message_type != version.message_type]
    return frozenset().union(*others)


def pack(name: str = BUILT_IN) -> tuple[PackedMessage, ...]:
    """The message versions of a pack of that name, in the order in which types are sent; PackUnknown."""
    return register_of((name,)).packs[0].versions


def find(message_type: str, version: str) -> MessageVersion:
    """The message version of that type and version in the pack that the program brings; MessageTypeUnknown."""
    return register_of().find(message_type, version)


def _short(text: str) -> str:
    """What a stranger called it, safe to show: printable ASCII, at most 60 characters."""
    return "".join(mark if mark.isascii() and mark.isprintable() else "?" for mark in text[:60])
