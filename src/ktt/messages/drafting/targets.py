"""What the values of a message may be: the columns of each kind of object, and what is said of the message itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from ktt.domain.glossary import glossary
from ktt.domain.records import ALL_TYPES, DECISION, RECIPIENT, ROOTS
from ktt.domain.schema import Column, RecordType
from ktt.messages.drafting.clues.words import vocabulary, words_of

MESSAGE, UNIT, PERSON, DELETION = "message", "unit", "person", "deletion"
OWN_ROOTS = tuple(one.name for one in ROOTS)
_HOME = tuple(column for column in DECISION.columns if column.derived or column.name == "recorded_at")
_UNIT = (
    Column("organisation", "organisation", required=True),
    Column("municipality", "municipality", required=True),
    Column("district", "district"),
)
IDENTITIES = ("national", "d", "duf")
Phrase = frozenset[str]


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that a place may hold. `owner` is a record type, `unit`, `record` (every record has it) or `message`."""

    owner: str
    column: Column
    phrases: tuple[Phrase, ...]
    neutral: frozenset[str]
    identity: str | None = None

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name


@cache
def targets_of(role: str) -> tuple[Target, ...]:
    """What the members of an object may be that is that."""
    if role == MESSAGE:
        meta = [Column(name, "instant" if name == "extracted_on" else "text") for name in _table(MESSAGE)]
        return tuple(_target(MESSAGE, column) for column in meta) + targets_of(UNIT)
    if role == UNIT:
        return tuple(_target(UNIT, column) for column in _UNIT)
    if role == PERSON:
        return (*_of_person(), *_homes())
    record_type = ALL_TYPES[role]
    own = [column for column in record_type.columns if _is_own(column, record_type)]
    found = tuple(_target(role, column) for column in own)
    return found + (_recorded() if record_type in ROOTS else ())


def _is_own(column: Column, record_type: RecordType) -> bool:
    return column.name not in {"local_person_id", record_type.parent_key, *(one.name for one in _HOME)}


def _of_person() -> tuple[Target, ...]:
    found = []
    for column in RECIPIENT.columns:
        found.append(_target(RECIPIENT.name, column))
        if column.name == "person_number":
            found += [_target(RECIPIENT.name, column, identity) for identity in IDENTITIES]
    return tuple(found)


def _homes() -> tuple[Target, ...]:
    return tuple(_target("record", column) for column in _HOME if column.derived)


def _recorded() -> tuple[Target, ...]:
    return tuple(_target("record", column) for column in _HOME)


def of_person() -> tuple[Target, ...]:
    """What a record may say of its person."""
    return _of_person()


def _target(owner: str, column: Column, identity: str | None = None) -> Target:
    key = column.name if identity is None else f"{column.name}:{identity}"
    own = _table(owner).get(key, [])
    phrases = [frozenset(phrase.split()) for phrase in own]
    if identity is None:
        phrases += _of_glossary(owner, column.name)
    neutral = frozenset(vocabulary()["neutral"].get(owner, ["wrapper"]))
    return Target(owner, column, tuple(dict.fromkeys(phrases)), neutral, identity)


def _of_glossary(owner: str, column: str) -> list[Phrase]:
    """The column's Norwegian term and its English name, where every word is known."""
    terms = [term.nb for term in glossary() if term.section == "columns" and term.code in {column, f"{owner}.{column}"}]
    return [phrase for phrase in map(meanings_of, terms) if phrase]


def meanings_of(text: str) -> Phrase:
    """One meaning for each word of a text; none when a word is unknown."""
    words = words_of(text)
    if not all(word.meanings for word in words):
        return frozenset()
    return frozenset(min(word.meanings) for word in words if len(word.meanings) == 1)


def role_phrases(role: str) -> tuple[Phrase, ...]:
    """The names that an object has that is that."""
    return tuple(frozenset(phrase.split()) for phrase in vocabulary()["roles"].get(role, ()))


def parts_of(role: str) -> tuple[str, ...]:
    """What may stand inside a record: its parts, and services inside a decision."""
    parts: Iterable[str] = (part.name for part in ALL_TYPES[role].parts if not part.source_only)
    return (*parts, *(["care_service"] if role == DECISION.name else []))


def _table(owner: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = vocabulary()["columns"].get(owner, {})
    return found
