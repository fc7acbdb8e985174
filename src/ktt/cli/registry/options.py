"""What the commands of `ktt registry` share: which registry, whose, the two times of a question, and a period.

An option means the same in every command that has it; `tests/unit/cli/registry/test_options.py` holds it so.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, load_settings
from ktt.cli.show import told
from ktt.core.clock import OSLO
from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit

if TYPE_CHECKING:
    from ktt.registry import AsOf
    from ktt.wiring.receiver import RegistryPlace

Folder = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Mappen til en sandkasse, i stedet for --config. Uten begge brukes «mottak.toml» her, eller sandkassen som kjører.",
            en="The folder of a sandbox, instead of --config. Without both: `mottak.toml` here, else the sandbox that runs.",
        )
    ),
]

Day = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help=told(
            nb="Bare det som gjaldt denne dagen; første og siste dag er med.",
            en="Only what held on this day; the first and the last day are inside.",
        ),
    ),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        metavar=told(nb="TIDSPUNKT", en="INSTANT"),
        help=told(
            nb="Slik det var kjent da, som 2026-03-02 (ved dagens slutt) eller 2026-03-02T14:30, i norsk tid.",
            en="As it was known then, as 2026-03-02 (at the end of that day) or 2026-03-02T14:30, in Norwegian time.",
        ),
    ),
]
OneUnit = Annotated[
    str | None,
    typer.Option(
        "--unit",
        metavar=told(nb="ENHET", en="UNIT"),
        help=told(nb="Bare denne enheten, som 312000008-1114.", en="Only this unit, as 312000008-1114."),
    ),
]
Since = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=["%Y-%m-%d", "%Y-%m"],
        help=told(
            nb="Fra og med denne dagen, eller den første i denne måneden.",
            en="From this day on, or from the first of this month.",
        ),
    ),
]
Until = Annotated[
    dt.datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help=told(nb="Til og med denne dagen.", en="Through this day.")),
]
_DAY_ALONE = Text(nb="velg --day, eller --since og --until.", en="choose --day, or --since and --until.")
_LAST_INSTANT = dt.time(23, 59, 59, 999_999)


def as_of_from(day: dt.datetime | None, known_at: str | None, command: str) -> AsOf:
    """The two times of a question as they were given; CommandMisused."""
    from ktt.registry import AsOf

    return AsOf(day.date() if day else None, None if known_at is None else _instant(known_at, command))


def _instant(text: str, command: str) -> dt.datetime:
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            at = dt.datetime.combine(dt.date.fromisoformat(text), _LAST_INSTANT)
        else:
            at = dt.datetime.fromisoformat(text)
    except ValueError:
        says = Text(nb="«{text}» er ikke et tidspunkt.", en="“{text}” is not an instant.").format(text=text)
        raise CommandMisused(reason=says, command=command) from None
    return (at if at.tzinfo else at.replace(tzinfo=OSLO)).astimezone(dt.UTC)


def days_from(
    day: dt.datetime | None, since: dt.datetime | None, until: dt.datetime | None, command: str
) -> tuple[dt.date | None, dt.date | None]:
    """The first and the last day of a period, which one day is too; None: open. CommandMisused."""
    if day is not None:
        if since is not None or until is not None:
            raise CommandMisused(reason=_DAY_ALONE, command=command)
        since = until = day
    return since and since.date(), until and until.date()


def where_of(config: Path, folder: Path | None) -> str:
    """What names the same registry in a command that is shown: empty when nothing had to be named."""
    if folder is not None:
        return f" --folder {folder}"
    return "" if config == CONFIG else f" --config {config}"


def unit_from(text: str, command: str) -> ReportingUnit:
    """The unit as it was written; CommandMisused."""
    if re.fullmatch(r"[0-9]{9}-[0-9]{4}(-[0-9]{2})?", text, re.ASCII) is None:
        raise CommandMisused(reason="ORGNR-KOMMUNENR[-BYDELNR]", command=command)
    return ReportingUnit.from_key(text)


def sandbox_of(config: Path, folder: Path | None) -> Path | None:
    """The folder that was named; else, where no settings file was named and none is here, that of the running sandbox."""
    if folder is not None or config != CONFIG or config.exists():
        return folder
    from ktt.testing.sandbox.errors import NoSandboxRuns
    from ktt.testing.sandbox.registration import running_folder

    try:
        return running_folder()
    except NoSandboxRuns:  # then the settings file is what is missing
        return None


def place_of(config: Path, folder: Path | None) -> RegistryPlace:
    """The registry of the receiver with these settings, or of a sandbox."""
    sandbox = sandbox_of(config, folder)
    if sandbox is not None:
        from ktt.testing.sandbox.faults.admin_client import registry_place as of_sandbox

        return of_sandbox(sandbox)
    from ktt.wiring.receiver import registry_place

    return registry_place(load_settings(config))
