"""Values of the schema and codes of ours: each is translated, and each kind of person number has its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ktt.core.text import Text
from ktt.domain.codes import code_list
from ktt.domain.records import ALL_TYPES
from ktt.messages.mapping.forms import text_of
from ktt.messages.mapping.language import MemberEntry, MessageEntry
from ktt.messages.mapping.places import SchemaPlaces, steps_of
from ktt.messages.packs.message import PackedMessage
from ktt.testing.packs.check.carried import NUMBER_KINDS
from ktt.testing.packs.check.lines import Line, failed, name_of
from ktt.testing.packs.check.members import place_of

_CHECK = "codes"
_UNREAD = Text(
    nb="Skjemaet tillater {values} ved «{place}», som codes ikke har: en slik melding kan ikke leses.",
    en="The schema allows {values} at “{place}”, which codes does not have: such a message cannot be read.",
)
_ADD = Text(nb="Legg verdiene til i codes.", en="Add the values to codes.")
_REFUSED = Text(
    nb="codes har {values} ved «{place}», som skjemaet ikke tillater.",
    en="codes has {values} at “{place}”, which the schema does not allow.",
)
_TAKE_AWAY = Text(
    nb="Bruk verdiene som skjemaet har der: {known}.", en="Use the values that the schema has there: {known}."
)
_NOT_OURS = Text(
    nb="codes gir {values} ved «{place}», som ikke er i kodeverk {list}.",
    en="codes gives {values} at “{place}”, which are not in code list {list}.",
)
_USE_LIST = Text(
    nb="Til høyre i codes skal det stå koder fra kodeverket.", en="The right side of codes holds codes of the list."
)
_NO_KIND = Text(
    nb="Personnumre av typen {kinds} har ikke noe sted i meldingen.",
    en="Person numbers of the kind {kinds} have no place in the message.",
)
_GIVE_KIND = Text(
    nb='Gi dem et sted med identity = "…", eller skriv «recipient.person_number.{kind}» under [dropped] med grunn.',
    en='Give them a place with identity = "…", or write `recipient.person_number.{kind}` under [dropped] with a reason.',
)


def check_codes(
    version: PackedMessage, entry: MessageEntry, schema: SchemaPlaces, dropped: Collection[str]
) -> Iterator[Line]:
    """A line for each value that one side has and the other cannot tell."""
    for at, member in _coded(entry):
        yield from _of_member(version, at, member, schema)
    yield from _identities(version, dropped)


def _coded(entry: MessageEntry) -> Iterator[tuple[str, MemberEntry]]:
    for one in entry.objects:
        for name, member in one.members.items():
            if isinstance(member, MemberEntry) and member.codes is not None:
                path = () if name in {"", "."} else tuple(name.replace("{n}", "1").split("."))
                yield place_of((*steps_of(one.at), *path)), member


def _of_member(version: PackedMessage, place: str, member: MemberEntry, schema: SchemaPlaces) -> Iterator[Line]:
    codes = member.codes or {}
    message, where = name_of(version), (place,)
    allowed = [text_of(value) for value in schema.enumeration(place) if not isinstance(value, dict | list)]
    if member.empty == "text":
        allowed = [value for value in allowed if value]
    if not allowed and "boolean" in schema.types(place):
        allowed = ["true", "false"]
    if unread := [value for value in allowed if value not in codes]:
        yield failed(_CHECK, _UNREAD.format(values=_listed(unread), place=place), _ADD, message, where)
    if allowed and (refused := [value for value in codes if value not in allowed]):
        remedy = _TAKE_AWAY.format(known=_listed(allowed))
        yield failed(_CHECK, _REFUSED.format(values=_listed(refused), place=place), remedy, message, where)
    owner, column = version.places().get(place, ("", None))
    name = (
        next((one.code_list for one in ALL_TYPES[owner].columns if one.name == column), None)
        if owner in ALL_TYPES
        else None
    )
    if name is not None and (foreign := [code for code in _ours(codes) if code not in code_list(name)]):
        says = _NOT_OURS.format(values=_listed(foreign), place=place, list=name)
        yield failed(_CHECK, says, _USE_LIST, message, where)


def _ours(codes: Mapping[str, str | list[str]]) -> list[str]:
    """Our codes; an empty text stands for none."""
    return [code for one in codes.values() for code in ([one] if isinstance(one, str) else one) if code]


def _listed(values: list[str]) -> str:
    shown = ", ".join(f"«{value}»" for value in values[:10])
    return shown if len(values) <= 10 else f"{shown}, …"  # noqa: PLR2004 - as many as above


def _identities(version: PackedMessage, dropped: Collection[str]) -> Iterator[Line]:
    """Where places are for one kind of number each, each kind has one."""
    members = [
        one for scope in version.mapping.root.walk() for one in scope.members if one.column.name == "person_number"
    ]
    kinds = {kind for one in members for kind in one.identity}
    for entry, kind in NUMBER_KINDS.items() if members else ():
        if kind not in kinds and entry not in dropped:
            says, remedy = _NO_KIND.format(kinds=kind), _GIVE_KIND.format(kind=kind)
            yield failed(_CHECK, says, remedy, name_of(version), (entry,))
