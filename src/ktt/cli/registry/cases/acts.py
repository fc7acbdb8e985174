"""`ktt registry cases show|assign|note|set-deadline|close|reopen`: one case, and what a person does with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user, format_instant
from ktt.cli.registry.cases.options import COLUMNS, Number, case_data, spoken
from ktt.cli.registry.options import Folder, place_of
from ktt.cli.rows import drawn
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.registry.cases.case import Case
    from ktt.registry.cases.store import Cases

_To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar=told(nb="NAVN", en="NAME"),
        help=told(
            nb="Den i registeret som skal ha saken. Standard: den som kjører kommandoen.",
            en="Who at the registry is to have it; without: who runs the command.",
        ),
    ),
]
_Noted = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="TEKST", en="TEXT"),
        help=told(
            nb="Det som skal huskes; det blir stående, så ingen personopplysninger.",
            en="What is to be kept; it stays, so nothing about persons.",
        ),
    ),
]
_DayArgument = Annotated[
    dt.datetime,
    typer.Argument(
        formats=["%Y-%m-%d"],
        metavar=told(nb="DAG", en="DAY"),
        help=told(nb="Den nye fristen, som 2026-04-15.", en="The new deadline, as 2026-04-15."),
    ),
]
_Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor; det blir stående, så ingen personopplysninger.",
            en="Why; it is kept, so nothing about persons.",
        ),
    ),
]
_HELP = {
    "show": told(
        nb="Vis en sak: tallene den bygger på, og hvem som gjorde hva når.",
        en="Show a case: the figures that it builds on, and who did what when.",
    ),
    "assign": told(nb="Gi saken til noen.", en="Give the case to somebody."),
    "note": told(
        nb="Skriv noe i saken, også når den er lukket.", en="Write something in the case, also in a closed one."
    ),
    "set-deadline": told(nb="Sett en annen frist.", en="Set another deadline."),
    "close": told(
        nb="Lukk en sak for hånd. Det samme funnet åpner den ikke igjen; noe nyere gjør.",
        en="Close a case by hand. The same finding does not open it again; something newer does.",
    ),
    "reopen": told(nb="Gjenåpne en sak som er lukket.", en="Reopen a case that is closed."),
}
_EVENTS = (Text(nb="Når", en="When"), Text(nb="Hvem", en="Who"), Text(nb="Hva", en="What"))
_ITSELF = Text(nb="registeret", en="the registry")


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    app.command("show", help=_HELP["show"])(show)
    app.command("assign", help=_HELP["assign"])(assign)
    app.command("note", help=_HELP["note"])(note)
    app.command("set-deadline", help=_HELP["set-deadline"])(set_deadline)
    app.command("close", help=_HELP["close"])(close)
    app.command("reopen", help=_HELP["reopen"])(reopen)


def show(number: Number, config: ConfigFile = CONFIG, folder: Folder = None, *, json: JsonFlag = False) -> None:
    """One case and its events."""
    _answer(config, folder, number, None, json=json)


def assign(
    number: Number, config: ConfigFile = CONFIG, folder: Folder = None, to: _To = None, *, json: JsonFlag = False
) -> None:
    """From now on it is with somebody."""
    me = current_user()
    _answer(config, folder, number, lambda store: store.assign(number, to or me, me), json=json)


def note(
    number: Number, text: _Noted, config: ConfigFile = CONFIG, folder: Folder = None, *, json: JsonFlag = False
) -> None:
    """Something to keep."""
    _answer(config, folder, number, lambda store: store.note(number, text, current_user()), json=json)


def set_deadline(
    number: Number, day: _DayArgument, config: ConfigFile = CONFIG, folder: Folder = None, *, json: JsonFlag = False
) -> None:
    """Another deadline."""
    _answer(config, folder, number, lambda store: store.set_deadline(number, day.date(), current_user()), json=json)


def close(
    number: Number, reason: _Reason, config: ConfigFile = CONFIG, folder: Folder = None, *, json: JsonFlag = False
) -> None:
    """Settled by a person."""
    _answer(config, folder, number, lambda store: store.close(number, reason, current_user()), json=json)


def reopen(
    number: Number, reason: _Reason, config: ConfigFile = CONFIG, folder: Folder = None, *, json: JsonFlag = False
) -> None:
    """Not settled after all."""
    _answer(config, folder, number, lambda store: store.reopen(number, reason, current_user()), json=json)


def _answer(config: Path, folder: Path | None, number: int, act: Callable[[Cases], Case] | None, *, json: bool) -> None:
    """Do it, and show the case as it is then."""
    from ktt.registry.cases.words import event_sentence
    from ktt.wiring.cases import cases_at

    with cases_at(place_of(config, folder)) as store:
        if act is not None:
            act(store)
        case, events = store.one(number)
    told_ = [
        {"at": one.at, "who": one.who, "act": one.act, "detail": one.detail, "says": event_sentence(one)}
        for one in events
    ]
    data = case_data(case, norwegian_day(SystemClock().now()))
    emit(data | {"events": told_}, json=json, render=lambda: _view(data, told_))


def _view(data: dict[str, Any], events: list[dict[str, Any]]) -> RenderableType:
    from rich.console import Group

    rows = [
        (format_instant(one["at"]), one["who"] or _ITSELF.in_(language()), one["says"].in_(language()))
        for one in events
    ]
    return Group(drawn(COLUMNS, [spoken(data)]), data["says"].in_(language()), "", table(_EVENTS, rows))
