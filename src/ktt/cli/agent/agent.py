"""`ktt agent`: the daily run written into the operating system's scheduler, read back, or taken out again."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ktt.cli.agent.run import run
from ktt.cli.errors import CommandMisused
from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, note, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.agent.installation import Installation
    from ktt.sender.agent.scheduler import Standing

app = typer.Typer(add_completion=False)
app.command(
    help=told(
        nb="Vent, og send endringene til hver enhet én gang i døgnet. For steder uten systemd og Oppgaveplanlegging.",
        en="Wait, and send each unit's changes once a day. For places without systemd and Task Scheduler.",
    )
)(run)

Kind = Literal["systemd", "windows"]
FleetOption = Annotated[
    Path | None,
    typer.Option(
        "--fleet",
        metavar="fleet.toml",
        help=told(
            nb="Kjøringen av alle enhetene i denne filen, i stedet for én enhet.",
            en="The run of every unit in this file, in the place of one unit.",
        ),
    ),
]
Account = Annotated[
    str,
    typer.Option(
        "--account",
        help=told(
            nb="Kontoen den kjører som: en egen, uten andre rettigheter. På Windows «DOMENE\\konto».",
            en="The account that it runs as: one of its own, without other rights. On Windows `DOMAIN\\account`.",
        ),
    ),
]
_INSTALLED = Text(
    nb="✓ Enhet {unit} kjører hver dag mellom {at} og {until} som «{account}». Lest tilbake: likt.",
    en="✓ Unit {unit} runs every day between {at} and {until} as “{account}”. Read back: the same.",
)
_REMOVED = Text(
    nb="Den daglige kjøringen for enhet {unit} er fjernet. Lager, nøkler og innstillinger er urørt.",
    en="The daily run of unit {unit} is removed. Store, keys and settings are untouched.",
)
_WAS_NOT = Text(
    nb="Det var ingen daglig kjøring for enhet {unit} å fjerne.", en="There was no daily run of unit {unit} to remove."
)
_PLAN = Text(
    nb="Ingenting er endret. Slik blir det; kjør uten «--dry-run» som administrator.",
    en="Nothing is changed. This is what it will be; run without `--dry-run` as an administrator.",
)
_THEN = Text(nb="Deretter kjøres:", en="Then is run:")
_FACTS = {
    "next": Text(nb="neste kjøring", en="next run"),
    "last": Text(nb="sist startet", en="last started"),
    "ended": Text(nb="sist avsluttet", en="last ended"),
    "result": Text(nb="utfall", en="result"),
    "exit_code": Text(nb="utgangskode", en="exit code"),
}
_COLUMNS = (Text(nb="Hva", en="What"), Text(nb="Skal være", en="Should be"), Text(nb="Er", en="Is"))
_ACCOUNT = "ktt"


@app.command(
    help=told(
        nb="Sett opp den daglige kjøringen i systemd eller Oppgaveplanlegging i Windows, og les tilbake at den står der.",
        en="Set up the daily run in systemd or the Task Scheduler of Windows, and read back that it is there.",
    )
)
def install(
    config: ConfigFile = CONFIG,
    account: Account = _ACCOUNT,
    fleet: FleetOption = None,
    *,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help=told(
                nb="Vis filene og kommandoene uten å endre noe, for dem som skal godkjenne endringen.",
                en="Show the files and commands and change nothing, for those who must approve the change.",
            ),
        ),
    ] = False,
    system: Annotated[
        Kind | None,
        typer.Option(
            "--for",
            help=told(
                nb="Vis det for et annet system enn dette. Bare sammen med «--dry-run».",
                en="Show it for another system than this one. Only with `--dry-run`.",
            ),
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Write the daily run of the unit in the settings into the scheduler."""
    if system is not None and not dry_run:
        only = Text(nb="--for virker bare sammen med --dry-run.", en="--for works only with --dry-run.")
        raise CommandMisused(reason=only, command="ktt agent install")
    one = _installation(config, account, system, fleet)
    if dry_run:
        note(_PLAN)
        emit(_plan(one), json=json, render=lambda: _plan_text(one))
        return
    standing = one.install()
    emit(_data(one, standing), json=json, render=lambda: _ran(one).in_(language()))


@app.command(
    help=told(
        nb="Vis hva systemet sier om den daglige kjøringen, og hva som er annerledes enn det skal.",
        en="Show what the system says about the daily run, and what is otherwise than it should be.",
    )
)
def status(
    config: ConfigFile = CONFIG, account: Account = _ACCOUNT, fleet: FleetOption = None, *, json: JsonFlag = False
) -> None:
    """What the scheduler has, held against what `install` would write now."""
    from ktt.sender.agent.installation import fault_of

    one = _installation(config, account, None, fleet)
    standing = one.standing()
    emit(_data(one, standing), json=json, render=lambda: _standing_table(standing))
    if fault := fault_of(one.job, standing):
        raise fault


@app.command(
    help=told(
        nb="Fjern den daglige kjøringen. Lager, nøkler og innstillinger blir liggende.",
        en="Remove the daily run. Store, keys and settings stay.",
    )
)
def uninstall(
    config: ConfigFile = CONFIG, account: Account = _ACCOUNT, fleet: FleetOption = None, *, json: JsonFlag = False
) -> None:
    """Take the daily run out of the scheduler."""
    one = _installation(config, account, None, fleet)
    removed = one.uninstall()
    said = (_REMOVED if removed else _WAS_NOT).format(unit=one.job.unit)
    emit({"unit": one.job.unit, "removed": removed}, json=json, render=lambda: said.in_(language()))


def _installation(config: Path, account: str, system: Kind | None, fleet: Path | None) -> Installation:
    from ktt.sender.agent.installation import SCHEDULERS, Installation, scheduler_here
    from ktt.sender.agent.job import fleet_job_of, job_of, this_program
    from ktt.sender.fleet.settings import Fleet

    if fleet is not None:
        job = fleet_job_of(Fleet.load(fleet), this_program(), account)
    else:
        job = job_of(load_settings(config), config, this_program(), account)
    return Installation(job, SCHEDULERS[system or scheduler_here()]())


def _plan(one: Installation) -> dict[str, Any]:
    files = [asdict(file) | {"path": str(file.path)} for file in one.scheduler.files(one.job)]
    return {"unit": one.job.unit, "files": files, "commands": one.scheduler.install(one.job)}


def _plan_text(one: Installation) -> str:
    blocks = [f"# {file.path}\n{file.text}" for file in one.scheduler.files(one.job)]
    commands = "\n".join(f"  {shlex.join(command)}" for command in one.scheduler.install(one.job))
    return "\n".join([*blocks, _THEN.in_(language()), commands])


def _ran(one: Installation) -> Text:
    from ktt.sender.agent.schedule import latest_start

    job = one.job
    return _INSTALLED.format(
        unit=job.unit, at=f"{job.at:%H.%M}", until=f"{latest_start(job.at):%H.%M}", account=job.account
    )


def _data(one: Installation, standing: Standing) -> dict[str, Any]:
    return {"unit": one.job.unit, "name": one.job.name, "at": f"{one.job.at:%H:%M}"} | asdict(standing)


def _standing_table(standing: Standing) -> Any:
    from rich.console import Group

    facts = [(_FACTS[name].in_(language()), said) for name, said in standing.facts.items()]
    differing = [(one.what, one.wanted, one.found) for one in standing.differences]
    shown: list[Any] = [table(("", ""), facts)] if facts else []
    return Group(*shown, *([table(_COLUMNS, differing)] if differing else []))
