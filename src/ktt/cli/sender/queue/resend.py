"""`ktt resend`: have accepted records sent again in the next run."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.sender.options import CONFIG, ConfigFile, Reason, RecordIds, current_user, load_settings, named_ids
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.outbox.interventions.resend import Resend

_PERIOD = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_Day = Annotated[
    dt.datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help=told(
            nb="Det som sist ble sendt i meldinger med denne uttaksdatoen.",
            en="What was last sent in messages extracted that day.",
        ),
    ),
]
_Period = Annotated[
    str | None,
    typer.Option(
        metavar="2024-03",
        help=told(
            nb="Det som sist ble sendt i meldinger for denne perioden, se «ktt outbox list»: en dag, en måned eller et år.",
            en="What was last sent in messages of this period, see `ktt outbox list`: a day, a month or a year.",
        ),
    ),
]
_All = Annotated[
    bool,
    typer.Option(
        "--all",
        help=told(
            nb="Alt registeret har fra enheten. For etter et bytte av meldingspakke, når mottakeren ber om det.",
            en="All that the registry has of the unit. For after a change of message pack, when the receiver asks for it.",
        ),
    ),
]


def resend(
    reason: Reason,
    ids: RecordIds = None,
    day: _Day = None,
    period: _Period = None,
    *,
    everything: _All = False,
    config: ConfigFile = CONFIG,
    json: JsonFlag = False,
) -> None:
    """What is chosen is sent again by the next run, as it then is in the record system, through the queue like any change."""
    wanted = _wanted(ids or [], day, period, everything=everything)
    settings = load_settings(config)
    from ktt.sender.outbox.dispatch import locked
    from ktt.wiring.sender import outbox_from

    unit = settings.unit.reporting_unit
    with outbox_from(settings) as store, locked(store, unit):
        count = store.resend(unit, wanted, by=current_user(), reason=reason)
    words = Text(
        nb="{count:post|poster} sendes på nytt i neste kjøring, slik de da står i EPJ.",
        en="{count:record is|records are} sent again in the next run, as they then are in the record system.",
    ).format(count=count)
    emit({"unit": unit.key, "records": count}, json=json, render=lambda: words.in_(language()))


def _wanted(ids: list[str], day: dt.datetime | None, period: str | None, *, everything: bool) -> Resend:
    from ktt.sender.outbox.interventions.resend import Resend

    if sum((bool(ids), day is not None, period is not None, everything)) != 1 or (
        period and not _PERIOD.fullmatch(period)
    ):
        raise CommandMisused(reason="--id TYPE:ID | --day 2024-03-05 | --period 2024-03 | --all", command="ktt resend")
    return Resend(named_ids(ids, "ktt resend"), day.date() if day else None, period)
