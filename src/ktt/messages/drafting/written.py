"""A proposed mapping as the text of mapping.toml: beside each member how sure it is, and what is not placed at the end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ktt.core.text import Language, Text
from ktt.messages.drafting.clues.outline import Leaf
from ktt.messages.drafting.draft import Draft, DraftMessage
from ktt.messages.drafting.members import CONFIDENCE_WORDS
from ktt.messages.drafting.objects import DraftObject

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = Text(
    nb="Forslag til hvor kolonnene i opplysningstypene står i meldingene. Se over alle linjer før pakken brukes:\n"
    "«sikker», «trolig» og «usikker» sier hvor godt navn, type og koder passer. Linjer bak # er ikke i bruk.",
    en="A proposal for where the columns of the record types stand in the messages. Look through every line before the\n"
    "pack is used: “sure”, “likely” and “unsure” say how well names, types and codes fit. Lines behind # are not in use.",
)
_LEFT = Text(nb="Felter i skjemaet uten plass:", en="Members of the schema that are not placed:")
_COLUMNS = Text(
    nb="Kolonner som ingen melding har. Skriv hvorfor, eller gi dem en plass over:",
    en="Columns that no message has. Write why, or give them a place above:",
)
_NOT_USED = Text(nb="kan ikke brukes: {reason}", en="cannot be used: {reason}")


def as_toml(draft: Draft, language: Language) -> str:
    """The text of mapping.toml."""
    lines = [f"# {line}" for line in _HEAD.in_(language).split("\n")] + [""]
    lines += _dropped(draft, language)
    for message in draft.messages:
        lines += _message(message, language)
    if not any(one.objects and not one.reason for one in draft.messages):
        lines += ["[messages]", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _dropped(draft: Draft, language: Language) -> Iterator[str]:
    yield "[dropped]"
    if draft.columns_left:
        yield f"# {_COLUMNS.in_(language)}"
        yield from (f'# "{column}" = "…"' for column in draft.columns_left)
    yield ""


def _message(message: DraftMessage, language: Language) -> Iterator[str]:
    """One message; all of it behind # when it cannot be used as a whole."""
    mark = "# " if message.reason else ""
    if message.reason:
        yield f"# {message.message_type} {message.version}: {_NOT_USED.in_(language).format(reason=message.reason)}"
    for one in message.objects:
        for line in _object(message, one, language):
            yield f"{mark}{line}".rstrip() if not line.startswith("#") else line
    if message.left:
        yield f"# {message.message_type} {message.version}. {_LEFT.in_(language)}"
        yield from (f"#   {leaf.place}  ({described(leaf)})" for leaf in message.left)
        yield ""


def described(leaf: Leaf) -> str:
    """The types and the text of a member that is not placed, in one line."""
    text = " ".join(leaf.text.split())[:120]
    return "; ".join(filter(None, ["/".join(sorted(leaf.types)), text]))


def _object(message: DraftMessage, one: DraftObject, language: Language) -> Iterator[str]:
    mark = "# " if one.problem else ""
    if one.problem:
        yield f"# {_NOT_USED.in_(language).format(reason=one.problem)}"
    kind = "deletions" if one.is_deletion else "objects"
    table = f"messages.{_key(message.message_type)}.{kind}"
    yield f"{mark}[[{table}]]"
    entry = one.entry()
    for name in ("at", "of", "holds", "where", "having", "numbered"):
        if name in entry:
            yield f"{mark}{name} = {_value(entry[name])}"
    yield ""
    yield f"{mark}[{table}.members]"
    for member in one.members:
        said = CONFIDENCE_WORDS[member.confidence].in_(language)
        written = list(member.entry) == ["column"]
        value = _value(member.entry["column"] if written else member.entry)
        if member.problem:
            said += f"; {_NOT_USED.in_(language).format(reason=member.problem)}"
        behind = "# " if member.problem else mark
        yield f"{behind}{_key(one.name(member))} = {value}  # {said}"
    yield ""


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(name))} = {_value(held)}" for name, held in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
