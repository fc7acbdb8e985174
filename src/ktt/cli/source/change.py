"""`ktt source change` and `ktt source release`: a municipality gets another record system."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, Reason, current_user, load_settings
from ktt.cli.sender.run import OnDay
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.source_change.change import SourceChange


class _Open(StrEnum):
    ASK, KEEP, WITHDRAW = "ask", "keep", "withdraw"


_From = Annotated[
    Path,
    typer.Option(
        "--from",
        metavar="gammel.toml",
        help=told(
            nb="Innstillingene til den gamle EPJ-en: samme enhet og lager, men «[source]» som før.",
            en="The settings with the old record system: same unit and store, but `[source]` as before.",
        ),
    ),
]
_OpenServices = Annotated[
    _Open,
    typer.Option(
        "--open",
        help=told(
            nb="Tjenester uten sluttdato som bare er i den gamle: spør (ask), behold (keep) eller slett i registeret (withdraw).",
            en="Services without an end that only the old one has: ask, keep, or have the registry delete them (withdraw).",
        ),
    ),
]
_Plan = Annotated[
    bool,
    typer.Option("--plan", help=told(nb="Bare vis hva som vil skje.", en="Only show what would happen.")),
]


def register(app: typer.Typer) -> None:
    """Add both commands to a group."""
    app.command(help=_CHANGE)(change)
    app.command(help=_RELEASE)(release)


_CHANGE = told(
    nb="Sammenlign gammel og ny EPJ, og la registeret beholde det som bare den gamle har. Neste «ktt daily» bytter ut resten.",
    en="Compare old and new record system, and let the registry keep what only the old one has. The next `ktt daily` replaces the rest.",
)
_RELEASE = told(
    nb="Slipp det som er beholdt fra tidligere EPJ-er: neste «ktt daily» spør, og sletter det i registeret.",
    en="Release what is kept of earlier record systems: the next `ktt daily` asks, and has the registry delete it.",
)


def change(
    old: _From,
    reason: Reason,
    config: ConfigFile = CONFIG,
    on: OnDay = None,
    *,
    open_services: _OpenServices = _Open.ASK,
    plan: _Plan = False,
    json: JsonFlag = False,
) -> None:
    """Both record systems are read once. Nothing is sent."""
    settings, before = load_settings(config), load_settings(old)
    from ktt.cli.errors import CommandMisused
    from ktt.sender.extract.sources.sql import open_source
    from ktt.sender.source_change.change import change_source
    from ktt.wiring.sender import sender_from

    if (before.unit, before.store) != (settings.unit, settings.store):
        raise CommandMisused(reason="--from: unit, store", command="ktt source change")
    clock = SystemClock()
    day = on.date() if on else norwegian_day(clock.now())
    source = open_source(before.source.url, before.source.mapping)
    with sender_from(settings, clock=clock, on=day) as sender:
        found = change_source(sender, source, day, current_user(), reason, open_services=open_services.value, plan=plan)
    emit(_data(found, day, plan=plan), json=json, render=lambda: _shown(found, plan=plan))


def release(reason: Reason, config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """The answer to a change that was wrong, and to a registry that is not to have the old history."""
    settings = load_settings(config)
    from ktt.sender.outbox.dispatch import locked
    from ktt.wiring.sender import outbox_from

    unit = settings.unit.reporting_unit
    with outbox_from(settings) as outbox, locked(outbox, unit):
        count = sum(map(len, outbox.kept(unit).values()))
        outbox.keep(unit, {}, current_user(), reason)
    done = Text(
        nb="{n:post|poster} fra tidligere EPJ-er er sluppet.",
        en="{n:record|records} of earlier record systems released.",
    )
    emit({"unit": unit.key, "released": count}, json=json, render=lambda: done.format(n=count).in_(language()))


def _data(found: SourceChange, day: dt.date, *, plan: bool) -> dict[str, object]:
    counts = {"replaced": found.replaced, "same_id": found.same_id, "neither": found.neither}
    kept = {name: len(some) for name, some in found.kept.items()}
    return {"on": day, "planned": plan, "kept": kept, **counts, "open_services": list(found.open_services)}


def _shown(found: SourceChange, *, plan: bool) -> RenderableType:
    from rich.console import Group

    from ktt.validate.report.words import record_word

    words = _PLANNED if plan else _DONE
    columns = [
        Text(nb="Opplysning", en="Record type"),
        Text(nb="Blir stående", en="Stays"),
        Text(nb="Byttes ut", en="Replaced"),
        Text(nb="Samme ID", en="Same id"),
        Text(nb="I ingen av dem", en="In neither"),
    ]
    rows = [
        (
            record_word(name, language()),
            len(found.kept.get(name, ())),
            found.replaced[name],
            found.same_id[name],
            found.neither[name],
        )
        for name in found.replaced
    ]
    running = [_OPEN.format(n=len(found.open_services)).in_(language())] if found.open_services else []
    return Group(words.format(n=found.kept_count).in_(language()), table(columns, rows), *running)


_DONE = Text(
    nb="✓ {n:post|poster} fra den gamle EPJ-en blir stående i registeret. Kjør «ktt daily» for å bytte ut resten.",
    en="✓ {n:record|records} of the old record system stay at the registry. Run `ktt daily` to replace the rest.",
)
_PLANNED = Text(
    nb="Plan: {n:post|poster} fra den gamle EPJ-en vil bli stående i registeret. Ingenting er endret.",
    en="Plan: {n:record|records} of the old record system would stay at the registry. Nothing was changed.",
)
_OPEN = Text(
    nb="{n:tjeneste|tjenester} uten sluttdato er bare i den gamle EPJ-en.",
    en="{n:service|services} without an end are in the old record system alone.",
)
