"""The pack's examples: each is judged as it claims, and the mapping reads those that fit."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
import polars as pl

from ktt.core.errors import KttError
from ktt.core.text import Text
from ktt.domain.records import ALL_TYPES, Records
from ktt.messages.errors import MessageNotJson
from ktt.messages.packs.message import PackedMessage
from ktt.testing.packs.check.lines import Line, advice, failed, name_of, of_fault, ok

_CHECK = "examples"
_IN_ORDER = (("starts_on", "ends_on"), ("applied_on", "decided_on"), ("received_on", "answered_on"),
             ("waiting_list_from", "waiting_list_to"))  # fmt: skip
"""Days of one record of which the first is never the later one."""

_ALL = Text(
    nb="{fit:eksempel passer|eksempler passer} og {fail:bryter|bryter} skjemaet, slik de sier.",
    en="{fit:example fits|examples fit} and {fail:breaks|break} the schema, as they say.",
)
_NONE = Text(nb="Meldingen har ingen eksempler.", en="The message has no examples.")
_GIVE = Text(
    nb="Legg eksempler i examples/{name}: N*.json som passer, F*.json som ikke gjør det.",
    en="Put examples into examples/{name}: N*.json that fit, F*.json that do not.",
)
_UNFIT = Text(
    nb="Eksempelet {name} skal passe, men bryter «{keyword}» ved «{pointer}».",
    en="The example {name} is to fit, but breaks “{keyword}” at “{pointer}”.",
)
_CORRECT = Text(
    nb="Rett eksempelet, eller la navnet begynne med F.", en="Correct the example, or let its name begin with F."
)
_FITS = Text(
    nb="Eksempelet {name} skal bryte skjemaet, men passer.", en="The example {name} is to break the schema, but fits."
)
_OTHERWISE = Text(
    nb="Eksempelet {name} bryter «{keyword}» ved «{pointer}», ikke det {name}.expects.json sier.",
    en="The example {name} breaks “{keyword}” at “{pointer}”, not what {name}.expects.json says.",
)
_SAY = Text(
    nb='Skriv {{"pointer": "…", "keyword": "…"}} (eller {{"reason": "…"}} for det som ikke er JSON) i {name}.expects.json.',
    en='Write {{"pointer": "…", "keyword": "…"}} (or {{"reason": "…"}} for what is no JSON) into {name}.expects.json.',
)
_NO_CLAIM = Text(
    nb="{name}.expects.json mangler, eller er ikke slik den skal være.",
    en="{name}.expects.json is missing, or is not as it has to be.",
)
_NO_EXAMPLE = Text(nb="{name}.expects.json har ikke noe eksempel.", en="{name}.expects.json has no example.")
_NAME = Text(
    nb="Eksempelet {name} begynner verken med N eller F.", en="The example {name} begins with neither N nor F."
)
_RENAME = Text(nb="Gi filen et annet navn, eller fjern den.", en="Give the file another name, or remove it.")
_DAYS = Text(
    nb="I eksempelet {name} er {record_type}.{first} etter {record_type}.{last}: er de byttet om i mapping.toml?",
    en="In the example {name}, {record_type}.{first} is after {record_type}.{last}: are they swapped in mapping.toml?",
)
_SWAP = Text(nb="Se på stedene: {places}.", en="Look at the places: {places}.")
_CHANGED = Text(
    nb="Eksempelet {name} blir lest, men det som skrives av det, er noe annet.",
    en="The example {name} is read, but what is written from it is something else.",
)
_LOOK = Text(nb="Se på koblingen av {record_type}.", en="Look at the mapping of {record_type}.")


def check_examples(version: PackedMessage, *, is_mapped: bool) -> Iterator[Line]:
    """A line for each example that is not as it claims."""
    try:
        examples, claims = version.examples(), version.expectations()
    except KttError as fault:
        yield of_fault(_CHECK, fault, name_of(version))
        return
    message = name_of(version)
    if not examples:
        yield advice(_CHECK, _NONE, _GIVE.format(name=version.message_type), message)
    wrong = [line for name, text in examples.items() for line in _judged(version, name, text, claims.get(name))]
    lone = [failed(_CHECK, _NO_EXAMPLE.format(name=n), _RENAME, message, (n,)) for n in claims if n not in examples]
    fitting = {name: text for name, text in examples.items() if name[:1] == "N" and not version_breaks(version, text)}
    unread = [line for name, text in fitting.items() if is_mapped for line in _read(version, name, text)]
    yield from (*wrong, *lone, *unread)
    if examples and not (wrong or lone or unread):
        yield ok(_CHECK, _ALL.format(fit=len(fitting), fail=len(examples) - len(fitting)), message)


def version_breaks(version: PackedMessage, text: bytes) -> tuple[str, str] | None:
    """Pointer and keyword of the first violation, or empty and the reason where it is no JSON.

    A receiver also refuses a message with local ids that cannot be kept apart.
    """
    try:
        faults = version.check(text, at_most=1) or version.check_local_ids(text, at_most=1)
    except MessageNotJson as fault:
        return "", str(fault.facts["reason"])
    return (faults[0].pointer, faults[0].keyword) if faults else None


def _judged(version: PackedMessage, name: str, text: bytes, claim: bytes | None) -> Iterator[Line]:
    message, where = name_of(version), (name,)
    first = version_breaks(version, text)
    if name[:1] == "N" and first is not None:
        yield failed(_CHECK, _UNFIT.format(name=name, pointer=first[0], keyword=first[1]), _CORRECT, message, where)
    elif name[:1] == "F":
        yield from _claimed(version, name, text, claim)
    elif name[:1] not in {"N", "F"}:
        yield failed(_CHECK, _NAME.format(name=name), _RENAME, message, where)


def _claimed(version: PackedMessage, name: str, text: bytes, claim: bytes | None) -> Iterator[Line]:
    message, where, say = name_of(version), (name,), _SAY.format(name=name)
    first = version_breaks(version, text)
    if first is None:
        yield failed(_CHECK, _FITS.format(name=name), say, message, where)
        return
    try:
        said = orjson.loads(claim or b"")
        wanted = ("", said["reason"]) if "reason" in said else (said["pointer"], said["keyword"])
    except (ValueError, KeyError, TypeError):
        yield failed(_CHECK, _NO_CLAIM.format(name=name), say, message, where)
        return
    if wanted != first and ("reason" in said or wanted not in _broken(version, text)):
        yield failed(_CHECK, _OTHERWISE.format(name=name, pointer=first[0], keyword=first[1]), say, message, where)


def _broken(version: PackedMessage, text: bytes) -> set[tuple[str, str]]:
    try:
        return {(fault.pointer, fault.keyword) for fault in version.check(text)}
    except MessageNotJson:
        return set()


def _read(version: PackedMessage, name: str, text: bytes) -> Iterator[Line]:
    """What the mapping makes of an example: its days are in order, and it is written as what was read."""
    try:
        for batch in version.read(text):
            yield from _swapped(version, name, batch.records)
            encoded = version.encode(batch.unit, batch.records)
            if not encoded and not batch.deletions:
                continue
            (again,) = version.read(version.assemble(batch.unit, batch.deletions, encoded))
            yield from _changed(version, name, batch.records, again.records)
    except KttError as fault:
        yield of_fault(_CHECK, fault, f"{name_of(version)} {name}")


def _swapped(version: PackedMessage, name: str, records: Records) -> Iterator[Line]:
    places = {where: place for place, where in version.places().items()}
    for record_type, frame in records.items():
        for first, last in _IN_ORDER:
            if not {first, last} <= set(frame.columns) or not frame.select((pl.col(first) > pl.col(last)).any()).item():
                continue
            where = tuple(places[record_type, one] for one in (first, last) if (record_type, one) in places)
            says = _DAYS.format(name=name, record_type=record_type, first=first, last=last)
            yield failed(_CHECK, says, _SWAP.format(places=", ".join(where)), name_of(version), where)


def _changed(version: PackedMessage, name: str, before: Records, after: Records) -> Iterator[Line]:
    for record_type, frame in before.items():
        same = after.get(record_type, ALL_TYPES[record_type].empty())
        if not frame.sort(frame.columns).equals(same.sort(frame.columns)):
            remedy = _LOOK.format(record_type=record_type)
            yield failed(_CHECK, _CHANGED.format(name=name), remedy, name_of(version), (name, record_type))
