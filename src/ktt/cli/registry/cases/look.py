"""`ktt registry cases open|check`: what the registry finds today against the cases that there are."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user
from ktt.cli.registry.options import Day, Folder, OneUnit, place_of
from ktt.cli.registry.words import place_name
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.registry.cases.causes import Observed
    from ktt.registry.cases.plan import Plan
    from ktt.wiring.receiver import RegistryPlace

_Plan = Annotated[
    bool,
    typer.Option("--plan", help=told(nb="Vis bare hva som vil skje.", en="Only show what would happen.")),
]
_OPEN_HELP = told(
    nb="""Åpne saker for det registeret finner i dag, og lukk det som har ordnet seg; --plan viser det bare.

    En enhet har høyst én åpen sak for hver årsak. En sak som lukket seg selv, gjenåpnes når årsaken er tilbake innen 30 dager. Det
    en person har lukket, åpnes ikke igjen så lenge det er det samme. En versjon som avvises ofte, tar med seg den avviste meldingen,
    og manglende historikk tar med seg månedene. En enhet som er avløst, får ingen sak.""",
    en="""Open cases for what the registry finds today, and close what has come right; --plan only shows it.

    A unit has at most one open case for each cause. A case that closed itself is reopened when the cause is back within 30 days.
    What a person has closed is not opened again as long as it is the same. A version that is often rejected includes the rejected
    message, and missing history includes the months. A unit that was replaced gets no case.""",
)
_CHECK_HELP = told(
    nb="""Lukk sakene som har ordnet seg, og gjenåpne dem som er tilbake; ingen nye åpnes.

    Kjør den hver time fra systemd eller Oppgaveplanlegging, så lukker en sak seg selv med grunn og tidspunkt når det den
    ventet på, er kommet.""",
    en="""Close the cases that have come right, and reopen those that are back; no new ones are opened.

    Run it every hour from systemd or the Task Scheduler, and a case closes itself, with reason and instant, when what it waited
    for has come.""",
)
_EVENTS = {
    "opened": Text(nb="åpnes", en="is opened"),
    "reopened": Text(nb="gjenåpnes", en="is reopened"),
    "closed": Text(nb="lukkes", en="is closed"),
}
_COLUMNS = (
    Column("event", Text(nb="Hva skjer", en="What happens")),
    Column("number", Text(nb="Sak", en="Case"), "count"),
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("name", Text(nb="Navn", en="Name")),
    Column("cause", Text(nb="Årsak", en="Cause")),
    Column("since", Text(nb="Siden", en="Since"), "day"),
    Column("says", Text(nb="Tall", en="Figures"), in_table=False),
)
_NOTHING = Text(nb="✓ Ingenting å åpne eller lukke.", en="✓ Nothing to open or close.")
_PLANNED = Text(nb="Ingenting er gjort: --plan.", en="Nothing is done: --plan.")


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    app.command("open", help=_OPEN_HELP)(open_cases)
    app.command("check", help=_CHECK_HELP)(check)


def open_cases(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    *,
    unit: OneUnit = None,
    plan: _Plan = False,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """Opens, reopens and closes."""
    form = Form("ktt registry cases open", json, csv, parquet)
    _look(place_of(config, folder), form, day, unit, plan=plan, open_new=True)


def check(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    *,
    unit: OneUnit = None,
    plan: _Plan = False,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """Reopens and closes."""
    form = Form("ktt registry cases check", json, csv, parquet)
    _look(place_of(config, folder), form, day, unit, plan=plan, open_new=False)


def _look(
    place: RegistryPlace, form: Form, day: dt.datetime | None, unit: str | None, *, plan: bool, open_new: bool
) -> None:
    if day is not None and not plan:
        only_plan = Text(nb="--day virker bare med --plan.", en="--day works with --plan only.")
        raise CommandMisused(reason=only_plan, command=form.command)
    from ktt.wiring.cases import follow_up
    from ktt.wiring.receiver import check_unit_at

    on = day.date() if day else norwegian_day(SystemClock().now())
    check_unit_at(place, unit)
    done = follow_up(place, on, None if plan else current_user(), open_new=open_new, unit=unit)
    rows = [row | {"name": place_name(row["unit"], on)} for row in _rows(done)]
    spoken = [row | {"event": _EVENTS[row["event"]], "cause": row["title"]} for row in rows]
    data = [{name: value for name, value in row.items() if name != "title"} for row in rows]
    answer(_COLUMNS, spoken, form, data=data, render=lambda drawn: _shown(drawn, plan=plan, empty=not rows))


def _rows(plan: Plan) -> list[dict[str, Any]]:
    from ktt.registry.cases.words import observed_sentence, sentence

    rows: list[dict[str, Any]] = [
        {
            "event": "closed",
            "number": one.case.number,
            "unit": one.case.unit,
            "cause": one.case.cause,
            "since": one.case.since,
            "says": sentence(one.case),
        }
        for one in plan.closed
    ]
    seen: list[tuple[str, int | None, Observed]] = []
    seen += [("reopened", case.number, one) for case, one in plan.reopened]
    seen += [("opened", plan.numbers.get((one.unit, one.cause)), one) for one in plan.opened]
    for event, number, one in seen:
        facts = {"event": event, "number": number, "unit": one.unit, "cause": one.cause, "since": one.since}
        rows.append(facts | {"says": observed_sentence(one)})
    return [row | {"title": row["cause"].words, "cause": row["cause"].value} for row in rows]


def _shown(drawn: RenderableType, *, plan: bool, empty: bool) -> RenderableType:
    from rich.console import Group

    if empty:
        return _NOTHING.in_(language())
    return Group(drawn, _PLANNED.in_(language())) if plan else drawn
