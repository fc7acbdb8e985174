"""`ktt messages`: what can be sent, in which versions, with schema and examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import orjson
import typer

from ktt.cli.errors import NoSuchExample, NoSuchMessageType
from ktt.cli.packs import PackOption, chosen_packs
from ktt.cli.show import JsonFlag, emit, table, told
from ktt.core.text import Text
from ktt.messages.packs.message import PackedMessage
from ktt.messages.register import register_of
from ktt.messages.version import MessageVersion

app = typer.Typer(add_completion=False)


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
    """The message types with version and the names of their examples."""
    rows = [
        {"message_type": one.message_type, "version": one.version, "pack": one.pack, "examples": sorted(one.examples())}
        for one in _versions(pack)
    ]
    columns = (
        Text(nb="Meldingstype", en="Message type"),
        Text(nb="Versjon", en="Version"),
        Text(nb="Eksempler", en="Examples"),
    )
    emit(
        rows,
        json=json,
        render=lambda: table(
            columns, [(row["message_type"], row["version"], ", ".join(row["examples"])) for row in rows]
        ),
    )


@app.command(
    help=told(
        nb="Vis skjemaet til en meldingstype, eller et eksempel.", en="Show a message type's schema, or an example."
    )
)
def show(
    message_type: Annotated[str, typer.Argument(help=told(nb="Meldingstypen.", en="The message type."))],
    example: Annotated[
        str | None,
        typer.Option(help=told(nb="Eksempelets navn, som N1 eller F1.", en="The example's name, such as N1 or F1.")),
    ] = None,
    *,
    pack: PackOption = None,
    json: JsonFlag = False,
) -> None:
    """The schema (JSON Schema, draft 2020-12), or the named example, which need not even be JSON, as it is."""
    found = _find(message_type, _versions(pack))
    if example is None:
        emit(orjson.loads(found.schema), json=json, render=lambda: found.schema.decode().rstrip("\n"))
    else:
        text = _example(found, example).decode(errors="replace")
        emit({"message_type": message_type, "example": example, "text": text}, json=json, render=lambda: text)


def _versions(named: list[str] | None) -> tuple[PackedMessage, ...]:
    return register_of(chosen_packs(named)).versions


def _find(message_type: str, versions: Sequence[MessageVersion]) -> MessageVersion:
    """The newest version of a type."""
    for one in reversed(versions):
        if one.message_type == message_type:
            return one
    raise NoSuchMessageType(message_type=message_type, known=", ".join(one.message_type for one in versions))


def _example(version: MessageVersion, name: str) -> bytes:
    examples = version.examples()
    if name not in examples:
        raise NoSuchExample(example=name, message_type=version.message_type, known=", ".join(sorted(examples)))
    return examples[name]
