"""What changed from one pack to another: the pack, its messages, their schemas, mappings and examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ktt.messages.mapping.language import DeletionEntry, MappingFile, MessageEntry, ObjectEntry
from ktt.messages.packs.diff import changes as means
from ktt.messages.packs.diff.changes import Change, Kind
from ktt.messages.packs.diff.schemas import compare
from ktt.messages.packs.folder import PackFolder, PackMessage, examples
from ktt.messages.register import Pack


def compare_packs(old: Pack, new: Pack) -> list[Change]:
    """Every change, those of the pack first, then message by message."""
    return [*_pack(old.folder, new.folder), *_messages(old, new)]


def _pack(old: PackFolder, new: PackFolder) -> Iterator[Change]:
    facts = (
        ("name", old.name, new.name, means.PUBLISHER),
        ("publisher", old.publisher, new.publisher, means.PUBLISHER),
        ("valid_from", _day(old.valid_from), _day(new.valid_from), means.DAYS),
        ("valid_to", _day(old.valid_to), _day(new.valid_to), means.LAST_DAY if new.valid_to else means.DAYS),
    )
    for place, before, after, says in facts:
        if before != after:
            breaks = place == "valid_to" and after is not None
            yield Change(_kind(before, after), "pack", "", place, before, after, is_breaking=breaks, consequence=says)


def _messages(old: Pack, new: Pack) -> Iterator[Change]:
    before, after = _by_type(old.folder), _by_type(new.folder)
    for name, versions in after.items():
        if name not in before:
            for version in versions:
                yield Change(
                    "added", "message", name, "", None, version, is_breaking=False, consequence=means.MESSAGE_ADDED
                )
            continue
        yield from _versions(name, before[name], versions)
        one, other = before[name][_last(before[name], versions)], list(versions.values())[-1]
        yield from compare(name, one.self_contained(), other.self_contained())
        yield from _mapping(name, _entry(old.mapping, one), _entry(new.mapping, other))
        yield from _examples(name, one, other)
    for name, versions in before.items():
        if name not in after:
            for version in versions:
                yield Change(
                    "removed", "message", name, "", version, None, is_breaking=True, consequence=means.MESSAGE_REMOVED
                )
    shared_before = [name for name in before if name in after]
    shared_after = [name for name in after if name in before]
    if shared_before != shared_after:
        yield Change(
            "changed",
            "pack",
            "",
            "messages",
            shared_before,
            shared_after,
            is_breaking=True,
            consequence=means.ORDER_CHANGED,
        )


def _by_type(folder: PackFolder) -> dict[str, dict[str, PackMessage]]:
    found: dict[str, dict[str, PackMessage]] = {}
    for message in folder.messages:
        found.setdefault(message.message_type, {})[message.version] = message
    return found


def _last(old: Mapping[str, PackMessage], new: Mapping[str, PackMessage]) -> str:
    """The old version to compare with: the one of the same number as the new one, else the last."""
    same = list(new)[-1]
    return same if same in old else list(old)[-1]


def _versions(name: str, old: Mapping[str, PackMessage], new: Mapping[str, PackMessage]) -> Iterator[Change]:
    gone = [version for version in old if version not in new]
    come = [version for version in new if version not in old]
    if gone or come:
        says = means.VERSION_CHANGED if come else means.MESSAGE_REMOVED
        yield Change(
            _kind(gone or None, come or None),
            "version",
            name,
            "",
            gone or None,
            come or None,
            is_breaking=bool(gone),
            consequence=says,
        )


def _entry(mapping: MappingFile | None, message: PackMessage) -> MessageEntry | None:
    if mapping is None:
        return None
    key = f"{message.message_type}/{message.version}"
    return mapping.messages.get(key, mapping.messages.get(message.message_type))


def _mapping(name: str, old: MessageEntry | None, new: MessageEntry | None) -> Iterator[Change]:
    before, after = _places(old), _places(new)
    for place in dict.fromkeys([*after, *before]):
        was, now = before.get(place), after.get(place)
        if was != now:
            kind = _kind(was, now)
            says = {"added": means.MAPPING_ADDED, "removed": means.MAPPING_REMOVED, "changed": means.MAPPING_CHANGED}[
                kind
            ]
            yield Change(kind, "mapping", name, place, was, now, is_breaking=False, consequence=says)


def _places(entry: MessageEntry | None) -> dict[str, str]:
    """What the mapping says of each place, as text; a place that several objects speak of has all of them."""
    found: dict[str, list[str]] = {}
    if entry is None:
        return {}
    both: list[ObjectEntry | DeletionEntry] = [*entry.objects, *entry.deletions]
    for one in both:
        whole = msgspec.to_builtins(one)
        role = whole.get("holds") or f"-{whole['of']}"
        around = {word: whole[word] for word in ("where", "having", "numbered", "complete") if whole.get(word)}
        found.setdefault(one.at, []).append(_text([role, around]))
        for member, says in whole["members"].items():
            place = ".".join(part for part in (one.at, member) if part)
            found.setdefault(place, []).append(_said(role, says))
    return {place: "; ".join(sorted(said)) for place, said in found.items()}


def _said(role: str, entry: Any) -> str:
    if isinstance(entry, str):
        return f"{role}.{entry}" if "." not in entry else entry
    known = {name: held for name, held in entry.items() if held is not None}
    return f"{role} {_text(known)}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _examples(name: str, old: PackMessage, new: PackMessage) -> Iterator[Change]:
    before, after = examples(old), examples(new)
    for example in sorted(before.keys() | after.keys()):
        was, now = before.get(example), after.get(example)
        if was != now:
            kind = _kind(was, now)
            shown = (example if was is not None else None, example if now is not None else None)
            yield Change(kind, "example", name, example, *shown, is_breaking=False, consequence=means.EXAMPLE)


def _kind(old: object, new: object) -> Kind:
    return "added" if old is None else "removed" if new is None else "changed"


def _day(day: object) -> str | None:
    return None if day is None else str(day)
