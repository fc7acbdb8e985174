"""`ktt registry silent`: who has not been heard of for longer than usual, who stands, and who was never heard of."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.coverage.options import Vendor, day_of, instant_of, of_vendor, software_facts
from ktt.cli.registry.options import Day, Folder, KnownAt, OneUnit, as_of_from, place_of
from ktt.cli.registry.words import place_name
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, note, told
from ktt.core.errors import EXIT_NOT_MET
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.registry.coverage.silence import Silence, UnitRhythm
    from ktt.wiring.receiver import RegistryPlace

_HELP = told(
    nb="""Vis enhetene som har vært stille lenger enn de pleier, og dem som står ved en melding som avvises.

    Et livstegn er en melding, også en som avvises, og et oppslag enheten gjør hos mottaket en dag uten endringer. Hver enhets
    rytme læres av dens egne siste åtte uker: hver dag eller virkedager, og hvor mange slike dager det pleier å gå. Den er
    stille når det har gått én dag mer enn vanlig, og minst så mange som ni av ti ganger før. En enhet med for få livstegn
    ventes hver virkedag. Den som er slått sammen eller avløst, er ikke stille, og etterfølgeren arver rytmen.

    Med --alarm vises bare det som har begynt eller sluttet siden forrige gang: ett varsel når det begynner, og ett når det er
    over. Kjør det hver time, og la utgangskoden, --prometheus, en webhook eller e-post varsle («[alarms]» i innstillingene).
    Utgangskode: 0 alle høres (med --alarm: ingenting har begynt) · 4 noen er stille eller står (har begynt).""",
    en="""Show the units that have been quiet for longer than they use to, and those that stand at a rejected message.

    A sign is a message, also one that is rejected, and a lookup that the unit makes on a day without changes. Each unit's
    rhythm is learned from its own last eight weeks: every day or working days, and how many of them usually pass. It is
    silent when one day more than usual has passed, and at least as many as nine times of ten before. A unit with too few
    signs is expected every working day. One that is merged or replaced is not silent, and its successor inherits the rhythm.

    With --alarm only what has begun or ended since the last time is shown: one alarm when it begins, and one when it is over.
    Run it every hour, and let the exit code, --prometheus, a webhook or e-mail alert (`[alarms]` in the settings).
    Exit code: 0 all are heard of (with --alarm: nothing has begun) · 4 some are silent or stand (have begun).""",
)
_All = Annotated[
    bool, typer.Option("--all", help=told(nb="Vis alle enheter, med rytmen.", en="Show all units, with the rhythm."))
]
_Never = Annotated[
    bool,
    typer.Option(
        "--never",
        help=told(
            nb="Vis også hver kommune, bydel og enhet som aldri er hørt.",
            en="Also show each municipality, district and unit that was never heard of.",
        ),
    ),
]
_Alarm = Annotated[
    bool,
    typer.Option(
        "--alarm",
        help=told(
            nb="Vis bare det som har begynt eller sluttet siden forrige gang, og husk det.",
            en="Show only what has begun or ended since the last time, and remember it.",
        ),
    ),
]
_Prometheus = Annotated[
    Path | None,
    typer.Option(
        "--prometheus",
        metavar=told(nb="FIL", en="FILE"),
        help=told(nb="Skriv måletall til filen, for Prometheus.", en="Write metrics to the file, for Prometheus."),
    ),
]
_STATES = {
    "silent": Text(nb="stille", en="silent"),
    "rejected": Text(nb="avvises", en="rejected"),
    "never": Text(nb="aldri hørt", en="never heard of"),
    "heard": Text(nb="høres", en="heard of"),
    "ended": Text(nb="avsluttet", en="ended"),
}
_COLUMNS = (
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("name", Text(nb="Navn", en="Name")),
    Column("state", Text(nb="Tilstand", en="State")),
    Column("heard_on", Text(nb="Sist hørt", en="Last heard of"), "day"),
    Column("days", Text(nb="Dager", en="Days"), "count"),
    Column("rhythm", Text(nb="Pleier å høres", en="Usually heard of")),
    Column("overdue_since", Text(nb="Ventet", en="Expected"), "day"),
    Column("accepted_at", Text(nb="Sist godtatt", en="Last accepted"), "instant", in_table=False),
    Column(
        "missed", Text(nb="Ventede dager uten livstegn", en="Expected days without a sign"), "count", in_table=False
    ),
    Column("limit", Text(nb="Grense", en="Limit"), "count", in_table=False),
    Column("times", Text(nb="Avvist", en="Rejected"), "count"),
    Column("rejected_since", Text(nb="Avvist siden", en="Rejected since"), "instant", in_table=False),
    Column("code", Text(nb="Kode", en="Code")),
    Column("vendor", Text(nb="Leverandør", en="Vendor")),
    Column("system", Text(nb="System", en="System"), in_table=False),
    Column("version", Text(nb="Versjon", en="Version")),
    Column("export_version", Text(nb="Eksportversjon", en="Export version"), in_table=False),
)
_ALARMS = (
    Column("event", Text(nb="Varsel", en="Alarm")),
    *_COLUMNS[:4],
    Column("began_at", Text(nb="Begynte", en="Began"), "instant"),
    Column("ended_at", Text(nb="Over", en="Over"), "instant"),
)
_EVENTS = {"began": Text(nb="⚠ begynt", en="⚠ began"), "ended": Text(nb="✓ over", en="✓ over")}
_ORDER = tuple(_STATES)
_WHOLE = Text(
    nb="{silent:enhet er|enheter er} stille, {rejected:står|står}, {heard:høres|høres}. {never:kommune, bydel eller enhet|"
    "kommuner, bydeler og enheter} er aldri hørt (--never viser dem).",
    en="{silent:unit is|units are} silent, {rejected:stands|stand}, {heard:is heard of|are heard of}. {never:municipality, "
    "district or unit was|municipalities, districts and units were} never heard of (--never shows them).",
)
_EVERY_DAY, _WORKING = Text(nb="hver dag", en="every day"), Text(nb="hver virkedag", en="every working day")
_EACH_DAYS, _EACH_WORKING = (
    Text(nb="hver {n}. dag", en="every {n} days"),
    Text(nb="hver {n}. virkedag", en="every {n} working days"),
)
_UNLEARNED = Text(nb="ikke lært ennå", en="not learned yet")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("silent", help=_HELP)(silent)


def silent(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    *,
    unit: OneUnit = None,
    vendor: Vendor = None,
    show_all: _All = False,
    never: _Never = False,
    alarm: _Alarm = False,
    prometheus: _Prometheus = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """Silent ones first, then those that stand."""
    command = "ktt registry silent"
    form, as_of = Form(command, json, csv, parquet), as_of_from(day, known_at, command)
    if alarm and (day or known_at or unit or vendor or show_all or never):
        raise CommandMisused(reason="--alarm", command=command)
    from ktt.registry.coverage.alarms import write_metrics
    from ktt.registry.coverage.silence import silence
    from ktt.wiring.receiver import check_unit_at, delivery_log_at

    place = place_of(config, folder)
    with delivery_log_at(place) as log:
        found = silence(log, day_of(as_of), instant_of(as_of))
    if prometheus is not None:
        write_metrics(found, prometheus)
    if alarm:
        _tell_changes(place, found, form)
        return
    wanted = [one for one in found.units if unit in {None, one.unit} and of_vendor(one.software, vendor)]
    if not any(unit == one.unit for one in found.units):
        check_unit_at(place, unit)
    rows = [_row(one, found.on) for one in wanted if show_all or one.state in {"silent", "rejected"}]
    if never and unit is None and vendor is None:
        rows += [{"unit": unit, "name": place_name(unit, found.on), "state": "never"} for unit in found.never_heard]
    rows.sort(key=lambda row: (_ORDER.index(row["state"]), row["unit"]))
    data = {"on": found.on, "units": rows, "never_heard": list(found.never_heard), "counts": _counts(found, wanted)}
    spoken = [row | {"state": _STATES[row["state"]]} for row in rows]
    answer(_COLUMNS, spoken, form, data=data, render=lambda drawn: _shown(drawn, data, rows))
    if any(one.state in {"silent", "rejected"} for one in wanted):
        raise typer.Exit(EXIT_NOT_MET)


def _tell_changes(place: RegistryPlace, found: Silence, form: Form) -> None:
    from ktt.wiring.cases import tell_silence

    told_now, faults = tell_silence(place, found)
    for fault in faults:
        note(Text(nb="⚠ {what} {remedy}", en="⚠ {what} {remedy}").format(what=fault.says(), remedy=fault.advises()))
    names = ("unit", "state", "event", "began_at", "ended_at", "heard_on")
    rows = [{name: getattr(one, name) for name in names} | {"name": place_name(one.unit, found.on)} for one in told_now]
    spoken = [row | {"state": _STATES[row["state"]], "event": _EVENTS[row["event"]]} for row in rows]
    nothing = Text(nb="✓ Ingenting har begynt eller sluttet.", en="✓ Nothing has begun or ended.")
    answer(_ALARMS, spoken, form, data=rows, render=lambda drawn: drawn if rows else nothing.in_(language()))
    if any(one.event == "began" for one in told_now):
        raise typer.Exit(EXIT_NOT_MET)


def _counts(found: Silence, wanted: list[UnitRhythm]) -> dict[str, int]:
    counts = {state: sum(one.state == state for one in wanted) for state in ("silent", "rejected", "heard", "ended")}
    return counts | {"never": len(found.never_heard)}


def _row(one: UnitRhythm, on: dt.date) -> dict[str, Any]:
    facts = ("unit", "state", "heard_on", "days", "accepted_at", "missed", "limit", "overdue_since")
    rejected = one.rejected
    return {
        **{name: getattr(one, name) for name in facts},
        "name": place_name(one.unit, on),
        "rhythm": _rhythm(one),
        "learned": one.learned,
        "every_day": one.every_day,
        "gap": one.gap,
        "times": rejected and rejected.times,
        "rejected_since": rejected and rejected.since,
        "code": rejected and str(rejected.code),
        "successors": list(one.successors),
        **software_facts(one.software),
    }


def _rhythm(one: UnitRhythm) -> Text:
    if not one.learned:
        return _UNLEARNED
    if one.gap == 1:
        return _EVERY_DAY if one.every_day else _WORKING
    return (_EACH_DAYS if one.every_day else _EACH_WORKING).format(n=one.gap)


def _shown(drawn: RenderableType, data: dict[str, Any], rows: list[dict[str, Any]]) -> RenderableType:
    from rich.console import Group

    whole = _WHOLE.format(**data["counts"]).in_(language())
    return Group(drawn, whole) if rows else whole
