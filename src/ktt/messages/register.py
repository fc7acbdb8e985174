"""Finds a message version by (type, version), or all of a pack in travel order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from ktt.messages.errors import MessageTypeUnknown, PackUnknown
from ktt.messages.packed_message import PackedMessage
from ktt.messages.packs import ktt_v1
from ktt.messages.settings import PackSettings
from ktt.messages.table import read_tables
from ktt.messages.version import MessageVersion

PACKS: Mapping[str, str] = {"ktt_v1": ktt_v1.__name__}
"""Pack name → the package that holds its data. A new pack is a new folder and a new line here."""

DEFAULT = PackSettings()


@cache
def pack(name: str, settings: PackSettings = DEFAULT) -> tuple[MessageVersion, ...]:
    """The pack's message versions in travel order (messages § 7.4); PackUnknown."""
    if name not in PACKS:
        raise PackUnknown(pack=name, known=", ".join(sorted(PACKS)))
    package = PACKS[name]
    return tuple(PackedMessage(package, table, settings) for table in read_tables(package))


def find(message_type: str, version: str, settings: PackSettings = DEFAULT) -> MessageVersion:
    """The message version of that type and version, from whichever pack has it; MessageTypeUnknown."""
    known = _known(settings)
    if (message_type, version) not in known:
        names = ", ".join(f"{kind} {number}" for kind, number in known)
        raise MessageTypeUnknown(message_type=_short(message_type), version=_short(version), known=names)
    return known[message_type, version]


@cache
def _known(settings: PackSettings) -> Mapping[tuple[str, str], MessageVersion]:
    return {(found.message_type, found.version): found for name in PACKS for found in pack(name, settings)}


def _short(text: str) -> str:
    """What a stranger called it, safe to show: printable ASCII, at most 60 characters."""
    return "".join(mark if mark.isascii() and mark.isprintable() else "?" for mark in text[:60])
