"""Columns: each of every record type is carried by some message, or dropped with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOT_OF, ROOTS
from ktt.domain.schema import RecordType
from ktt.messages.mapping.scopes import UNIT, Scope
from ktt.messages.packs.message import PackedMessage
from ktt.testing.packs.check.lines import Line, failed, ok

Columns = dict[str, frozenset[str]]
"""Columns by record type, and of the `unit`."""

NUMBER_KINDS = {f"recipient.person_number.{kind}": kind for kind in ("national", "d", "duf")}
"""Kinds of person numbers, by how one that has no place is named under [dropped]."""

_INHERITED = frozenset(kind.key for kind in (RECIPIENT, *ROOTS)) | {"recorded_at", "home_municipality", "home_district"}
"""Columns that a record takes from the object around it when it has none of its own (the mapping language's page)."""

_CHECK = "columns"
_UNIT_COLUMNS = frozenset({"organisation", "municipality", "district"})
_ALL = Text(
    nb="{carried:kolonne|kolonner} er med, {dropped:er|er} utelatt med grunn.",
    en="{carried:column is|columns are} carried, {dropped:is|are} dropped with a reason.",
)
_LOST = Text(
    nb="Kolonnen «{column}» er verken med i en melding eller utelatt med grunn.",
    en="The column “{column}” is neither carried by a message nor dropped with a reason.",
)
_LOST_TYPE = Text(
    nb="Ingen melding har opplysningstypen «{column}».", en="No message carries the record type “{column}”."
)
_CARRY = Text(
    nb='Koble den til et sted i mapping.toml, eller skriv "{column}" = "hvorfor" under [dropped].',
    en='Map it to a place in mapping.toml, or write "{column}" = "why" under [dropped].',
)
_UNKNOWN = Text(
    nb="[dropped] har «{column}», som ikke er en kolonne eller en opplysningstype.",
    en="[dropped] has “{column}”, which is neither a column nor a record type.",
)
_NAMED = Text(
    nb="Skriv type.kolonne, eller bare typen når hele typen utelates. Se docs/reference/record-types.md.",
    en="Write type.column, or the type alone when all of it is left out. See docs/reference/record-types.md.",
)
_NO_REASON = Text(
    nb="[dropped] sier ikke hvorfor «{column}» er utelatt.", en="[dropped] does not say why “{column}” is dropped."
)
_SAY_WHY = Text(nb="Skriv grunnen i én setning.", en="Write the reason in one sentence.")
_BOTH = Text(
    nb="«{column}» er både med i en melding og utelatt.", en="“{column}” is both carried by a message and dropped."
)
_CHOOSE = Text(nb="Fjern den fra [dropped] eller fra meldingen.", en="Remove it from [dropped] or from the message.")


def carried(version: PackedMessage, dropped: Collection[str] = ()) -> Columns:
    """What one message carries: what it has a place for, and what a record takes from the object around it.

    What a record would take but is `dropped` does not count: a service may say nothing of where the person lived on its
    own date, and the decision around it what was true on another day.
    """
    found: dict[str, frozenset[str]] = {}
    for name, columns in _of_scope(version.mapping.root, frozenset(), dropped):
        found[name] = found.get(name, frozenset()) | columns
    return found


def _of_scope(scope: Scope, around: frozenset[str], dropped: Collection[str]) -> Iterator[tuple[str, frozenset[str]]]:
    own = frozenset(member.column.name for member in scope.members)
    own |= {"person_number_kind"} if any(member.identity for member in scope.members) else frozenset()
    own |= scope.having.keys()  # told by the place
    kind = scope.record_type
    if scope.is_unit:
        yield UNIT, own & _UNIT_COLUMNS
    if kind is not None and kind is not RECIPIENT:
        taken = {name for name in around & _INHERITED if f"{kind.name}.{name}" not in dropped}
        yield kind.name, frozenset(kind.schema) & (own | taken)
    if any(member.owner == RECIPIENT.name for member in scope.members):
        yield RECIPIENT.name, own & frozenset(RECIPIENT.schema)
    for child in scope.children:
        if child.deletes is None:
            yield from _of_scope(child, around | own, dropped)


def carried_by_all(versions: Iterable[PackedMessage], dropped: Collection[str] = ()) -> Columns:
    """What a pack carries: of a type in several versions, what each of them has."""
    of_type: dict[str, Columns] = {}
    for version in versions:
        columns = carried(version, dropped)
        before = of_type.get(version.message_type, columns)
        of_type[version.message_type] = {
            name: before.get(name, frozenset()) & columns.get(name, frozenset()) for name in before | columns
        }
    found: Columns = {}
    for columns in of_type.values():
        for name, held in columns.items():
            found[name] = found.get(name, frozenset()) | held
    return found


def check_columns(versions: Iterable[PackedMessage], dropped: Mapping[str, str]) -> Iterator[Line]:
    """A line for each column that is lost, and for each entry of [dropped] that is wrong."""
    have = carried_by_all(versions, dropped)
    lost = list(_lost(have, dropped))
    wrong = list(_wrong_entries(have, dropped))
    yield from lost
    yield from wrong
    if not lost and not wrong:
        yield ok(_CHECK, _ALL.format(carried=sum(map(len, have.values())), dropped=len(dropped)))


def _lost(have: Columns, dropped: Mapping[str, str]) -> Iterator[Line]:
    wanted = {UNIT: _UNIT_COLUMNS} | {name: frozenset(kind.schema) for name, kind in _sendable()}
    for name, columns in wanted.items():
        if name in dropped or ROOT_OF.get(name) in dropped:
            continue
        missing = sorted(f"{name}.{column}" for column in columns - have.get(name, frozenset()))
        missing = [column for column in missing if column not in dropped]
        if missing and name not in have:
            yield failed(_CHECK, _LOST_TYPE.format(column=name), _CARRY.format(column=name), places=(name,))
            continue
        for column in missing:
            yield failed(_CHECK, _LOST.format(column=column), _CARRY.format(column=column), places=(column,))


def _sendable() -> Iterator[tuple[str, RecordType]]:
    return ((name, kind) for name, kind in ALL_TYPES.items() if not kind.source_only)


def _wrong_entries(have: Columns, dropped: Mapping[str, str]) -> Iterator[Line]:
    for entry, reason in dropped.items():
        name, _, column = entry.partition(".")
        if entry in NUMBER_KINDS:
            continue
        known = (
            _UNIT_COLUMNS if name == UNIT else frozenset(ALL_TYPES[name].schema) if name in ALL_TYPES else frozenset()
        )
        if not known or (column and column not in known):
            yield failed(_CHECK, _UNKNOWN.format(column=entry), _NAMED, places=(f"dropped.{entry}",))
        elif not reason.strip():
            yield failed(_CHECK, _NO_REASON.format(column=entry), _SAY_WHY, places=(f"dropped.{entry}",))
        elif column in have.get(name, frozenset()) or (not column and name in have):
            yield failed(_CHECK, _BOTH.format(column=entry), _CHOOSE, places=(f"dropped.{entry}",))
