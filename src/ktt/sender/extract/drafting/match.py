"""Which table a record type comes from, and which column each of its fields is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.messages.drafting.assignment import best_match
from ktt.messages.drafting.likeness import group_words, phrase_likeness
from ktt.messages.drafting.targets import PERSON, role_phrases
from ktt.sender.extract.drafting.clues import likeness, targets
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.profiling.model import ColumnProfile, TableProfile

LEAST, LIKELY, SURE = 0.3, 0.55, 0.75
_NEUTRAL = frozenset({"wrapper", "message", "person", "list"})
_HOME = (frozenset({"home"}), frozenset({"person", "home"}))
_TABLE = 2.0
_MISSING = 0.7
_LEAST_TABLE = 1.2
_NEAR = 0.85
_LEAST_FURTHER = 0.5
_ROOT_NAMES = frozenset({RECIPIENT.name, *(root.name for root in ROOTS)})
_COMMON = {"starts_on", "ends_on", "recorded_at", "assessed_on"}
_CONTENT = {"circumstances": 2, "assessment": 0, "diagnosis": 1, "appeal": 1}
"""Fields that many kinds of record have, and how many others a table must have to be one of a kind."""


@dataclass(frozen=True, slots=True)
class Match:
    """A column that is proposed for a field, how much it is like it, and the next best where that is near.

    `others` are more columns of which the latest value counts, and `otherwise` those that are read where it has none. `why`
    is what a person is told of it.
    """

    column: ColumnProfile
    score: float
    rival: str = ""
    others: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class RecordMatch:
    """The table of a record type with a match for each field that has one, and how much speaks for it.

    `also` are further tables that the type comes from. `is_long` says that a form is a row for each answer.
    """

    record_type: str
    table: TableProfile
    fields: Mapping[str, Match]
    value: float
    cells: frozenset[str] = frozenset()
    rival: str = ""
    also: tuple[RecordMatch, ...] = ()
    is_long: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it has what no such record is without, and something of what only such records have."""
        kind = ALL_TYPES[self.record_type]
        needed = {kind.parent_key} if kind.parent_key else {kind.key, "local_person_id"}
        may_be_joined = {kind.key} if len(self.table.key) > 1 and not kind.parent_key else set()
        content = [name for name in {*self.fields, *self.cells} if name not in _COMMON and name not in needed]
        return needed - may_be_joined <= set(self.fields) and len(content) >= _CONTENT.get(self.record_type, 1)


def best_tables(
    tables: Iterable[TableProfile], choices: Mapping[str, Choice], kinds: Collection[str] = tuple(ALL_TYPES)
) -> dict[str, RecordMatch]:
    """The best table for each of the record types that has one, the plainest first: a table is of one type, and perhaps its parts."""
    read = [table for table in tables if table.columns and table.rows and not table.fault]
    all_ = [matched(name, table, choices[table.name]) for name in kinds for table in read]
    all_ = sorted((one for one in all_ if one.value >= _LEAST_TABLE and one.is_whole), key=lambda one: -one.value)
    found: dict[str, RecordMatch] = {}
    for one in all_:
        owners = [kind for kind, other in found.items() if other.table is one.table]
        if one.record_type not in found and (not owners or _may_share(one, owners)):
            others = [other for other in all_ if other.record_type == one.record_type and other is not one]
            near = next((other.table.name for other in others if other.value > _NEAR * one.value), "")
            found[one.record_type] = replace(one, rival=near)
    found = _with_further(found, all_)
    return {name: _joined(found[name], found) for name in ALL_TYPES if name in found}


def _with_further(found: dict[str, RecordMatch], all_: list[RecordMatch]) -> dict[str, RecordMatch]:
    """With tables that are called like the one that is chosen, where they are nothing better, as further places of a record."""
    for root in ROOTS:
        first = found.get(root.name)
        if first is None:
            continue
        further = []
        for one in all_:
            parts = [kind for kind, other in found.items() if other.table is one.table]
            weaker = all(kind not in _ROOT_NAMES and found[kind].value < one.value for kind in parts)
            if one.record_type == root.name and one.table is not first.table and weaker and _alike(one, first):
                found = {kind: match for kind, match in found.items() if kind not in parts}
                further.append(one)
        found[root.name] = replace(first, also=tuple(further))
    return found


def _alike(one: RecordMatch, first: RecordMatch) -> bool:
    """Whether the names of two tables begin alike: `TJ_OPPHOLD`, `TJ_STOTTEKONTAKT`."""
    heads = [match.table.name.rpartition(".")[2].lower().split("_") for match in (one, first)]
    return len(heads[0]) > 1 and heads[0][0] == heads[1][0] and one.value > _LEAST_FURTHER * first.value


def _joined(one: RecordMatch, found: Mapping[str, RecordMatch]) -> RecordMatch:
    """With the ids of other records in the columns that are called as where those records are: names join tables."""
    fields = dict(one.fields)
    for owner in (RECIPIENT, *ROOTS):
        its = found[owner.name].fields.get(owner.key) if owner.name in found else None
        if (
            its is None
            or owner.name == one.record_type
            or owner.key not in {target.name for target in targets(one.record_type)}
        ):
            continue
        same = next((column for column in one.table.columns if column.name.lower() == its.column.name.lower()), None)
        if same is not None and one.table is not found[owner.name].table and one.table.key == (same.name,):
            continue  # the table's own key, which may be called “id” in every table
        if same is not None and (owner.key not in fields or fields[owner.key].column is not same):
            fields = {name: match for name, match in fields.items() if match.column is not same}
            fields[owner.key] = Match(same, SURE)
        elif same is not None:
            fields[owner.key] = Match(same, max(SURE, fields[owner.key].score))
    return replace(
        one, fields=fields, also=tuple(_joined(other, found) for other in one.also), is_long=_is_long(one, found)
    )


def _is_long(one: RecordMatch, found: Mapping[str, RecordMatch]) -> bool:
    """Whether an assessment and its scores are one table with a row for each answer."""
    pair = [found.get(kind) for kind in ("assessment", "score")]
    tables = [match.table for match in pair if match is not None and not match.cells]
    together = len(tables) == len(pair) and tables[0] is tables[1] and len(tables[0].key) > 1
    return together and one.record_type in {"assessment", "score"}


def _may_share(one: RecordMatch, owners: list[str]) -> bool:
    """A form with its answers in columns is an assessment and its scores; a service may name who carries it out."""
    pairs = {"score": "assessment", "decision_line": "decision"}
    if one.record_type == "provider_period" and one.fields["provider"].column.kind == "organisation":
        return owners == ["care_service"]
    return all(pairs.get(one.record_type) == kind or pairs.get(kind) == one.record_type for kind in owners)


def matched(record_type: str, table: TableProfile, choice: Choice) -> RecordMatch:
    """The table as that record type."""
    wide = choice.wide if record_type == "score" else None
    left_out = choice.taken | (choice.wide.names if choice.wide else frozenset())
    columns = [one for one in table.columns if one.name not in left_out]
    wanted = targets(record_type)
    scores = [[likeness(table, column, target, record_type) for target in wanted] for column in columns]
    kept = [[score if score >= LEAST else 0.0 for score in row] for row in scores]
    fields = {}
    for place, target in enumerate(best_match(kept) if kept else []):
        if target is not None:
            score = kept[place][target]
            near = [
                (row[target], one.name) for row, one in zip(kept, columns, strict=True) if one is not columns[place]
            ]
            rival = max(near, default=(0.0, ""))
            name = rival[1] if rival[0] > 0.8 * score else ""
            fields[wanted[target].name] = Match(columns[place], score, name)
    cells = frozenset({"variable", "score"} if wide else ())
    fields |= _by_elimination(record_type, columns, fields) if not cells else {}
    return RecordMatch(record_type, table, fields, _value(record_type, table, fields, cells), cells)


def _by_elimination(
    record_type: str, columns: Iterable[ColumnProfile], fields: Mapping[str, Match]
) -> dict[str, Match]:
    """The only required code that has no column, and the only column of codes that has no field."""
    used = {match.column.name for match in fields.values()}
    codes = [one for one in columns if one.kind in {"code", "yes_no"} and one.name not in used]
    lacking = [
        one.name
        for one in targets(record_type)
        if one.column.required and one.column.kind == "code" and one.name not in fields
    ]
    return {lacking[0]: Match(codes[0], LEAST)} if len(lacking) == len(codes) == 1 else {}


def _value(record_type: str, table: TableProfile, fields: Mapping[str, Match], cells: frozenset[str]) -> float:
    """How much speaks for it: the fields that are found, without those that must be there and are not; and the name."""
    own = _own(record_type)
    missing = [one for one in own if one not in fields and one not in cells]
    if record_type == RECIPIENT.name:
        missing += [] if "person_number" in fields else ["person_number", "person_number"]
    found = sum(match.score for match in fields.values()) + 2.0 * bool(cells)
    named = phrase_likeness(group_words((table.name,)), _phrases(record_type), _NEUTRAL - _person(record_type), set())
    unused = len(table.columns) - len(fields)
    return found + _TABLE * named - _MISSING * len(missing) - 0.05 * (0 if cells else unused)


def _own(record_type: str) -> list[str]:
    return [target.name for target in targets(record_type) if target.column.required]


def _phrases(record_type: str) -> tuple[frozenset[str], ...]:
    if record_type == "residence":
        return _HOME
    return role_phrases(PERSON if record_type == RECIPIENT.name else record_type)


def _person(record_type: str) -> frozenset[str]:
    return frozenset({"person"}) if record_type == RECIPIENT.name else frozenset()
