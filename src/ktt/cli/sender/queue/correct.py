"""`ktt correct`: delete at the registry what was sent of the wrong person, and send what the record system now has."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.sender.options import CONFIG, ConfigFile, Reason, RecordIds, current_user, load_settings, named_ids
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

_Persons = Annotated[
    list[str] | None,
    typer.Option(
        "--person",
        metavar="ID",
        help=told(
            nb="Lokal ID for personen i EPJ, aldri fødselsnummer: alt EPJ nå har på personen, og som registeret har. Kan gjentas.",
            en="The person's local id in the record system, never a national number: all that it now has on the person, and that "
            "the registry has. May be repeated.",
        ),
    ),
]
_OnDay = Annotated[
    dt.datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        help=told(nb="Uttaksdatoen. Standard: i dag.", en="The extraction day; today unless it is given."),
    ),
]
_Plan = Annotated[
    bool,
    typer.Option("--plan", help=told(nb="Bare vis hvor mange det gjelder.", en="Only show how many it is about.")),
]


def correct(
    reason: Reason,
    persons: _Persons = None,
    ids: RecordIds = None,
    on: _OnDay = None,
    *,
    plan: _Plan = False,
    config: ConfigFile = CONFIG,
    json: JsonFlag = False,
) -> None:
    """The next run deletes the records at the registry and sends what the record system then has of them, in one plan."""
    if not persons and not ids:
        raise CommandMisused(reason="--person ID | --id TYPE:ID", command="ktt correct")
    named = named_ids(ids or [], "ktt correct")
    settings = load_settings(config)
    from ktt.sender.correction import find_correction
    from ktt.sender.outbox.dispatch import locked
    from ktt.sender.outbox.errors import NothingToResend
    from ktt.sender.outbox.interventions.resend import Resend
    from ktt.wiring.sender import sender_from

    clock = SystemClock()
    day = on.date() if on else norwegian_day(clock.now())
    with sender_from(settings, clock=clock, on=day) as sender, locked(sender.outbox, sender.unit):
        found = find_correction(sender, day, persons or (), named)
        if not found.count:
            raise NothingToResend(unit=sender.unit.key, found=0)
        if not plan:
            wanted = Resend(found.ids, delete_first=True)
            sender.outbox.resend(sender.unit, wanted, by=current_user(), reason=reason)
    done = Text(
        nb="{count:post|poster} slettes i registeret i neste kjøring, og {present} sendes på nytt slik de da står i EPJ.",
        en="{count:record is|records are} deleted at the registry in the next run, and {present} sent as the record system then has them.",
    )
    only = Text(
        nb="Plan: {count:post|poster} vil bli slettet i registeret, og {present} sendt på nytt. Ingenting er endret.",
        en="Plan: {count:record|records} would be deleted at the registry, and {present} sent anew. Nothing was changed.",
    )
    facts = {"count": found.count, "present": sum(found.present.values())}
    data = {
        "unit": settings.unit.reporting_unit.key,
        "planned": plan,
        "deleted": {name: len(some) for name, some in found.ids.items()},
        "sent": {name: found.present[name] for name in found.ids},
    }
    emit(data, json=json, render=lambda: (only if plan else done).format(**facts).in_(language()))
