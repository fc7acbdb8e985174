"""How much of a proposed mapping is right, place by place, against a mapping that a person has written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ktt.messages.drafting.draft import DraftMessage, draft_mapping
from ktt.messages.packs.folder import load_pack

_OF_ALL = {"home_municipality", "home_district", "recorded_at"}
_OF_PERSONS = {"local_person_id", "person_number", "person_number_kind", "died_on"}
_NOT_RECORDS = ("constant",)
Meaning = tuple[str, ...]


@dataclass(slots=True)
class Measure:
    """The counts over all places of the written mapping, and the places that are not right."""

    places: int = 0
    right: int = 0
    wrong_and_claimed: int = 0
    not_right: list[str] = field(default_factory=list)

    @property
    def share_right(self) -> float:
        """Of all places."""
        return self.right / self.places

    @property
    def share_claimed(self) -> float:
        """Wrong, and not marked as unsure."""
        return self.wrong_and_claimed / self.places


def measure(folder: Path) -> Measure:
    """Draft from the schemas of a pack alone, and compare with its mapping."""
    pack = load_pack(folder)
    written = tomllib.loads((folder / "mapping.toml").read_text(encoding="utf-8"))["messages"]
    proposed = draft_mapping([(one.message_type, one.version, one.self_contained()) for one in pack.messages])
    found = Measure()
    for message in proposed.messages:
        _compare(found, message, _meanings(written[message.message_type]))
    return found


def _compare(found: Measure, message: DraftMessage, truth: Mapping[str, set[Meaning]]) -> None:
    mine: dict[str, set[Meaning]] = {}
    sure: dict[str, bool] = {}
    for one, member in message.placed:
        entry = {"at": one.at, "of" if one.is_deletion else "holds": one.holds, "where": one.where}
        entry["members"] = {one.name(member): member.entry}
        for place, meanings in _meanings({"deletions" if one.is_deletion else "objects": [entry]}).items():
            mine.setdefault(place, set()).update(meanings)
            sure[place] = sure.get(place, False) or member.confidence != "unsure"
    for place, meanings in truth.items():
        found.places += 1
        if mine.get(place) == meanings:
            found.right += 1
            continue
        found.not_right.append(f"{message.message_type} {place}: {mine.get(place)} ≠ {meanings}")
        found.wrong_and_claimed += place in mine and sure.get(place, True)


def _meanings(message: Mapping[str, Any]) -> dict[str, set[Meaning]]:
    """What each place holds. A mark by which objects are told apart, and any constant, are alike."""
    found: dict[str, set[Meaning]] = {}
    for kind in ("objects", "deletions"):
        for one in message.get(kind, []):
            for place, meaning in _of_object(one, is_deletion=kind == "deletions"):
                found.setdefault(place, set()).add(meaning)
    return found


def _of_object(one: Mapping[str, Any], *, is_deletion: bool) -> Iterator[tuple[str, Meaning]]:
    for name, given in one["members"].items():
        entry = {"column": given} if isinstance(given, str) else given
        yield ".".join(filter(None, [one["at"], name])), _meaning(one, entry, is_deletion=is_deletion)
    for name in one.get("where", {}):
        yield f"{one['at']}.{name}", _NOT_RECORDS


def _meaning(one: Mapping[str, Any], entry: Mapping[str, Any], *, is_deletion: bool) -> Meaning:
    if "name_of" in entry:
        return "name", entry["name_of"]
    if "column" not in entry:
        return _NOT_RECORDS
    owner, _, column = entry["column"].rpartition(".")
    if is_deletion:
        return "deletion", one["of"], column
    if column in _OF_ALL:
        return "record", column
    if column in _OF_PERSONS:
        return "recipient", column
    return owner or one["holds"], column
