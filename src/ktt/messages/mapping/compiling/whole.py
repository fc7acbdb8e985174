"""What must hold of a mapping as a whole: that nothing is said twice, and whose each record is can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ktt.domain.records import RECIPIENT
from ktt.messages.errors import MappingInvalid
from ktt.messages.mapping.scopes import MessageMapping, Scope

Invalid = Callable[[str, str], MappingInvalid]


def check_whole(mapping: MessageMapping, given: Sequence[Scope], invalid: Invalid) -> None:
    """Refuse a mapping that cannot be carried out, or not be read back. `given` are the scopes that should be in it."""
    _check_tree(mapping, given, invalid)
    for scope in mapping.root.walk():
        _check_twice(scope, invalid)
    units = [scope for scope in mapping.root.walk() if scope.is_unit]
    if len(units) != 1:
        raise invalid("", f"holds = 'unit': {len(units)}")
    (unit,) = units
    missing = sorted({"organisation", "municipality"} - _names(unit))
    if missing:
        raise invalid(unit.at, f"members: {', '.join(missing)}")
    for line in _lines(mapping.root, ()):
        _check_line(line, unit, invalid)
    _check_persons(mapping, invalid)


def _check_tree(mapping: MessageMapping, given: Sequence[Scope], invalid: Invalid) -> None:
    there = {(one.at, one.record_type, one.deletes) for one in mapping.root.walk()}
    for scope in given:
        if (scope.at, scope.record_type, scope.deletes) not in there:
            kind = scope.record_type or scope.deletes
            raise invalid(scope.at, f"{kind.name if kind else 'message'}: inside a record that it is not linked to")


def _check_twice(scope: Scope, invalid: Invalid) -> None:
    """A place, or a column, is named once; a person number once for each kind."""
    seen: set[object] = set()
    for path in scope.paths:
        if path in seen:
            raise invalid(_at(scope, path), "twice")
        seen.add(path)
    for member in scope.members:
        kinds = member.identity if member.column.name == "person_number" else ("",)
        for key in ((member.owner, member.column.name, kind) for kind in kinds):
            if key in seen:
                raise invalid(_at(scope, member.path), f"{member.column.name}: twice")
            seen.add(key)


def _check_line(line: Sequence[Scope], unit: Scope, invalid: Invalid) -> None:
    """A scope, the last, with those around it."""
    *around, scope = line
    outer = [one for one in around if one.record_type is not None]
    if scope.record_type is None and scope.deletes is None:
        if outer:
            raise invalid(scope.at, f"inside {outer[-1].record_type.name!r}")  # type: ignore[union-attr]
        return
    if unit not in line:
        raise invalid(scope.at, "holds = 'unit'")
    if scope.deletes is not None:
        if outer:
            raise invalid(scope.at, "deletions inside a person or record")
        return
    assert scope.record_type is not None
    if scope.is_numbered and "[]" in scope.steps:
        raise invalid(scope.at.partition("#")[0], "numbered: not the members of an object")
    persons_only = all(one.record_type is RECIPIENT for one in outer)
    if scope.record_type is RECIPIENT and outer:
        raise invalid(scope.at, f"person inside {outer[-1].record_type.name!r}")  # type: ignore[union-attr]
    if persons_only and ("[]" not in scope.steps or scope.record_type.parent_key is not None):
        raise invalid(scope.at, f"{scope.record_type.name}: outside a list of its own")
    if scope.record_type.parent_key is None and scope.record_type.key not in _names(scope):
        raise invalid(scope.at, f"members: {scope.record_type.key}")


def _check_persons(mapping: MessageMapping, invalid: Invalid) -> None:
    """Whose a record is stands in at least one of the places of its type, and at each that says something of the person."""
    known: dict[str, set[bool]] = {}
    groups: dict[str, set[Scope | None]] = {}
    for line in _lines(mapping.root, ()):
        scope = line[-1]
        if scope.record_type is None or scope.record_type.parent_key is not None:
            continue
        is_said = any(RECIPIENT.key in _names(one) for one in line)
        if not is_said and any(member.owner == RECIPIENT.name for member in scope.members):
            raise invalid(scope.at, f"members: {RECIPIENT.key}")
        known.setdefault(scope.record_type.name, set()).add(is_said)
        if scope in mapping.carriers:
            groups.setdefault(scope.record_type.name, set()).add(mapping.group_of(scope))
    for name, said in known.items():
        places = [one for one in mapping.root.walk() if one.record_type is not None and one.record_type.name == name]
        if True not in said:
            raise invalid(places[0].at, f"members: {RECIPIENT.key}")
        if len(groups.get(name, ())) > 1:
            raise invalid(places[-1].at, f"{name}: in and outside of persons")


def _lines(scope: Scope, around: tuple[Scope, ...]) -> Iterator[tuple[Scope, ...]]:
    """Every scope with all that are around it, the outermost first."""
    line = (*around, scope)
    yield line
    for child in scope.children:
        yield from _lines(child, line)


def _names(scope: Scope) -> set[str]:
    return {member.column.name for member in scope.members} | set(scope.having)


def _at(scope: Scope, path: tuple[str, ...]) -> str:
    return ".".join(filter(None, [scope.at.partition("#")[0], *path]))
