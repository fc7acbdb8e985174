"""`ktt sandbox save|restore|states|forget`: what receiver and registry have, kept under a name."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.sandbox.running import Folder, admin_of
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

Name = Annotated[
    str,
    typer.Argument(metavar=told(nb="NAVN", en="NAME"), help=told(nb="Navnet på tilstanden.", en="The state's name.")),
]
_SAVED = Text(
    nb="✓ lagret som {name}: {messages:melding|meldinger}", en="✓ saved as {name}: {messages:message|messages}"
)
_RESTORED = Text(
    nb="✓ {name} er lagt tilbake: {messages:melding|meldinger}", en="✓ {name} is put back: {messages:message|messages}"
)


def save(name: Name, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Save the content of receiver and registry while they run; an earlier state of that name is replaced."""
    with admin_of(folder) as admin:
        saved = admin.save(name)
    emit(saved, json=json, render=lambda: _told(_SAVED, saved))


def restore(name: Name, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Put a saved state in the place of what receiver and registry have."""
    with admin_of(folder) as admin:
        restored = admin.restore(name)
    emit(restored, json=json, render=lambda: _told(_RESTORED, restored))


def states(folder: Folder = None, *, json: JsonFlag = False) -> None:
    """The saved states, by name."""
    with admin_of(folder) as admin:
        found = admin.states()
    emit(found, json=json, render=lambda: _view(found))


def forget(name: Name, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """Delete a saved state, and show those that are left."""
    with admin_of(folder) as admin:
        left = admin.forget(name)
    emit(left, json=json, render=lambda: _view(left))


def _told(says: Text, state: dict[str, Any]) -> str:
    return says.format(name=state["name"], messages=state["messages"]).in_(language())


def _view(found: list[dict[str, Any]]) -> RenderableType:
    if not found:
        return Text(nb="Ingen tilstander er lagret.", en="No states are saved.").in_(language())
    columns = (
        Text(nb="Navn", en="Name"),
        Text(nb="Lagret", en="Saved"),
        Text(nb="Meldinger", en="Messages"),
        Text(nb="Kilobyte", en="Kilobytes"),
    )
    rows = [
        (one["name"], dt.datetime.fromisoformat(one["saved_at"]), one["messages"], one["bytes"] // 1024)
        for one in found
    ]
    return table(columns, rows)
