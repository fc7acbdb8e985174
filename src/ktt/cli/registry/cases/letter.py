"""`ktt registry cases letter`: the drafted letter to the unit."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.cases.options import Number
from ktt.cli.registry.options import Folder, place_of
from ktt.cli.registry.words import place_name
from ktt.cli.show import JsonFlag, emit, told
from ktt.core.clock import SystemClock, norwegian_day

_HELP = told(
    nb="""Skriv utkastet til et brev til enheten, på bokmål eller nynorsk.

    Brevet sier hva registeret ser, siden når, med hvilke tall, hva kommunen kan gjøre, og hvem den svarer. Ingen person er
    nevnt. Hvem som svarer på spørsmål, står i «contact» under «[registry]» i innstillingene. Les gjennom før dere sender.""",
    en="""Write the draft of a letter to the unit, in bokmål or nynorsk.

    The letter says what the registry sees, since when, with which figures, what the municipality can do and whom to answer. No
    person is in it. Whom to answer is `contact` under `[registry]` in the settings. Read it through before you send it.""",
)


class _Form(StrEnum):
    BOKMAAL = "bokmål"
    NYNORSK = "nynorsk"


_FormOption = Annotated[
    _Form,
    typer.Option("--form", help=told(nb="Målformen.", en="The written form of Norwegian.")),
]


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("letter", help=_HELP)(letter)


def letter(
    number: Number,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    form: _FormOption = _Form.BOKMAAL,
    *,
    json: JsonFlag = False,
) -> None:
    """The letter alone, so that it can be sent to a file."""
    from ktt.registry.cases.letters import Form
    from ktt.registry.cases.letters import letter as drafted
    from ktt.wiring.cases import cases_at

    place, today = place_of(config, folder), norwegian_day(SystemClock().now())
    with cases_at(place) as store:
        case, _ = store.one(number)
    name = place_name(case.unit, today) or case.unit
    text = drafted(case, Form[form.name], place=name, today=today, contact=place.contact)
    data = {"number": number, "unit": case.unit, "form": form.value, "text": text}
    emit(data, json=json, render=lambda: text)
