"""`ktt messages`: what can be sent, in which versions, with schema and examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.errors import NoSuchExample, NoSuchMessageType
from ktt.cli.packs import PackOption, chosen_packs
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.text import Text

if TYPE_CHECKING:  # the packs take half a second to import; `--help` does not need them
    from ktt.messages.packs.message import PackedMessage

app = typer.Typer(add_completion=False)

_MessageType = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="TYPE", en="TYPE"),
        help=told(
            nb="Meldingstypen, som KTT_Vedtak. En del av navnet er nok når bare én har den.",
            en="The message type, as KTT_Vedtak. A part of the name is enough when one alone has it.",
        ),
    ),
]
_NUMBERED = re.compile(r"([a-z]+)0*([0-9]+)(.*)", re.DOTALL)


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """The message types, when nothing more is asked."""
    if context.invoked_subcommand is None:
        list_()


@app.command(
    "list",
    help=told(nb="Meldingstypene, i den rekkefølgen de sendes.", en="The message types, in the order they are sent."),
)
def list_(*, pack: PackOption = None, json: JsonFlag = False) -> None:
    """The message types with version and examples."""
    versions = _versions(pack)
    rows = [
        {"message_type": one.message_type, "version": one.version, "pack": one.pack, "examples": _names(one)}
        for one in versions
    ]
    columns = (
        Text(nb="Meldingstype", en="Message type"),
        Text(nb="Versjon", en="Version"),
        Text(nb="Følger skjemaet", en="Fit the schema"),
        Text(nb="Bryter skjemaet", en="Break the schema"),
    )
    shown = [(one.message_type, one.version, *_counts(_names(one))) for one in versions]
    emit(rows, json=json, render=lambda: table(columns, shown))


@app.command(
    help=told(
        nb="Eksemplene for en meldingstype, med en setning om hver. De som følger skjemaet, kommer først.",
        en="The examples of a message type, with a sentence of each. Those that fit the schema come first.",
    )
)
def examples(message_type: _MessageType, *, pack: PackOption = None, json: JsonFlag = False) -> None:
    """The examples of a type with what each shows."""
    version = _find(message_type, _versions(pack))
    said = version.example_sentences()
    rows = [
        {"example": name, "fits": _fits(name), "says": said[name].both() if name in said else None}
        for name in _names(version)
    ]
    columns = (
        Text(nb="Eksempel", en="Example"),
        Text(nb="Følger skjemaet", en="Fits the schema"),
        Text(nb="Hva det viser", en="What it shows"),
    )
    spoken = language()
    shown = [
        (name, "✓" if _fits(name) else "✗", said[name].in_(spoken) if name in said else "") for name in _names(version)
    ]
    emit(rows, json=json, render=lambda: table(columns, shown))


@app.command(
    help=told(
        nb="Vis skjemaet til en meldingstype, eller et eksempel.", en="Show a message type's schema, or an example."
    )
)
def show(
    message_type: _MessageType,
    example: Annotated[
        str | None,
        typer.Option(
            help=told(
                nb="Eksempelets navn, eller begynnelsen av det, som N1 eller f3. «ktt messages examples» viser dem.",
                en="The example's name, or its beginning, such as N1 or f3. `ktt messages examples` shows them.",
            )
        ),
    ] = None,
    *,
    pack: PackOption = None,
    json: JsonFlag = False,
) -> None:
    """The schema (JSON Schema, draft 2020-12), or the named example, which need not even be JSON, as it is."""
    found = _find(message_type, _versions(pack))
    if example is None:
        import orjson

        emit(orjson.loads(found.schema), json=json, render=lambda: found.schema.decode().rstrip("\n"))
    else:
        name = _example(found, example)
        text = found.examples()[name].decode(errors="replace")
        emit({"message_type": found.message_type, "example": name, "text": text}, json=json, render=lambda: text)


def _versions(named: list[str] | None) -> tuple[PackedMessage, ...]:
    from ktt.messages.register import register_of

    return register_of(chosen_packs(named)).versions


def _names(version: PackedMessage) -> list[str]:
    """The names of the examples: those that fit the schema first."""
    return sorted(version.examples(), key=lambda name: (not _fits(name), name))


def _fits(name: str) -> bool:
    return name.startswith("N")


def _counts(names: Sequence[str]) -> tuple[int, int]:
    fitting = sum(map(_fits, names))
    return fitting, len(names) - fitting


def find_example(message_type: str, example: str, pack: list[str] | None) -> tuple[PackedMessage, str]:
    """The version and the example's name; NoSuchMessageType and NoSuchExample name what there is."""
    version = _find(message_type, _versions(pack))
    return version, _example(version, example)


def _find(message_type: str, versions: Sequence[PackedMessage]) -> PackedMessage:
    """The newest version of the type of that name, or of the one type that has it in its name, whatever the case."""
    names = dict.fromkeys(one.message_type for one in versions)
    within = [name for name in names if message_type.casefold() in name.casefold()]
    wanted = _only(message_type, names, within, str.casefold)
    if wanted is None:
        raise NoSuchMessageType(message_type=message_type, known=", ".join(within or names))
    return next(one for one in reversed(versions) if one.message_type == wanted)


def _example(version: PackedMessage, name: str) -> str:
    """The example of that name, or the only one that begins with it: N1 is N01, whatever the case."""
    names = _names(version)
    asked = _comparable(name)
    beginning = [one for one in names if _comparable(one).startswith(asked)]
    if asked[-1:].isdigit():  # N1 is not N10
        beginning = [one for one in beginning if not _comparable(one).removeprefix(asked)[:1].isdigit()]
    found = _only(name, names, beginning, _comparable)
    if found is None:
        raise NoSuchExample(example=name, message_type=version.message_type, known=", ".join(beginning or names))
    return found


def _comparable(name: str) -> str:
    """In small letters and without the zeros before the number."""
    matched = _NUMBERED.fullmatch(name.casefold())
    return "".join(matched.groups()) if matched else name.casefold()


def _only(asked: str, names: Iterable[str], likely: Sequence[str], form: Callable[[str], str]) -> str | None:
    """The name itself when there is one in the same form; else the only likely one."""
    same = [name for name in names if form(name) == form(asked)]
    return next(iter(same or (likely if len(likely) == 1 else ())), None)
