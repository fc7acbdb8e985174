"""Deletions: each record type that is sent can also be withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain.records import ROOTS
from ktt.messages.packs.message import PackedMessage
from ktt.testing.packs.check.lines import Line, failed, name_of, of_fault, ok
from ktt.testing.packs.check.municipality import SyntheticRecords

_CHECK = "deletions"
_IDS = 3
_EXPLICIT = Text(nb="{type} slettes med id i {message}.", en="{type} is deleted by its id in {message}.")
_COMPLETE = Text(
    nb="{type} slettes ved ikke å stå i {outer} lenger ({message}).",
    en="{type} is deleted by not standing in its {outer} any more ({message}).",
)
_NONE = Text(
    nb="Poster av typen {type} kan sendes, men ikke slettes.", en="Records of type {type} can be sent, but not deleted."
)
_ADD = Text(
    nb='Legg til [[messages.….deletions]] med of = "{type}", eller la listen de står i, være fullstendig (complete = true).',
    en='Add [[messages.….deletions]] with of = "{type}", or let the list that they stand in be complete (complete = true).',
)
_INVALID = Text(
    nb="En melding som sletter {type}, bryter skjemaet: «{keyword}» ved «{pointer}».",
    en="A message that deletes {type} breaks the schema: “{keyword}” at “{pointer}”.",
)
_DIFFERS = Text(
    nb="En melding som sletter {type}, blir lest som noe annet.",
    en="A message that deletes {type} is read as something else.",
)
_LOOK = Text(
    nb="Se på members og where under [[messages.….deletions]] for {type}.",
    en="Look at members and where under [[messages.….deletions]] of {type}.",
)


def check_deletions(versions: Iterable[PackedMessage], synthetic: SyntheticRecords) -> Iterator[Line]:
    """A line for each record type that is carried."""
    versions = list(versions)
    for kind in ROOTS:
        carriers = [version for version in versions if kind in version.record_types]
        explicit = [version for version in versions if kind in version.deletes]
        around = [
            (version, one.outer) for version in carriers for one in version.nested if one.inner is kind and one.complete
        ]
        if not carriers:
            continue
        for version in explicit:
            yield from _tried(
                version, kind.name, synthetic.records[kind.name][kind.key].head(_IDS).to_list(), synthetic
            )
        for version, outer in () if explicit else around:
            says = _COMPLETE.format(type=kind.name, outer=outer.name, message=name_of(version))
            yield ok(_CHECK, says, name_of(version))
        if not explicit and not around:
            places = (kind.name, *(version.message_type for version in carriers))
            yield failed(_CHECK, _NONE.format(type=kind.name), _ADD.format(type=kind.name), places=places)


def _tried(version: PackedMessage, name: str, ids: list[str], synthetic: SyntheticRecords) -> Iterator[Line]:
    message, remedy = name_of(version), _LOOK.format(type=name)
    at = next(
        scope.at for scope in version.mapping.root.walk() if scope.deletes is not None and scope.deletes.name == name
    )
    try:
        text = version.assemble(synthetic.unit, {name: ids}, [], extracted_on=synthetic.day)
        if faults := version.check(text, at_most=1):
            says = _INVALID.format(type=name, keyword=faults[0].keyword, pointer=faults[0].pointer)
            yield failed(_CHECK, says, remedy, message, (at,))
        elif [dict(batch.deletions) for batch in version.read(text)] != [{name: tuple(ids)}]:
            yield failed(_CHECK, _DIFFERS.format(type=name), remedy, message, (at,))
        else:
            yield ok(_CHECK, _EXPLICIT.format(type=name, message=message), message)
    except KttError as fault:
        yield of_fault(_CHECK, fault, message)
