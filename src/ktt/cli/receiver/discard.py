"""`ktt mottak discard`: the content of messages that is older than the settings keep it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.text import Text

_COMMAND = "ktt mottak discard"
HELP = told(
    nb="""Slett innholdet i meldinger som er eldre enn «keep_days» under [store]. Kvitteringene blir stående.

    Bare det som er lest inn i registeret og kontrollert, slettes; det som venter, og det som kom etter, beholdes. --plan
    teller uten å slette. Det som er slettet, kan ikke leses inn på nytt: «ktt registry verify --messages» sammenligner da ikke
    enhetene det gjaldt. Tjenesten kan gå imens. Kjør den hver natt.""",
    en="""Delete the content of messages that is older than `keep_days` under [store]. Receipts stay.

    Only what is ingested into the registry and validated is deleted; what waits, and what came after it, is kept. --plan
    counts and deletes nothing. What is deleted cannot be ingested anew: `ktt registry verify --messages` then does not compare
    the units it was about. The service may run meanwhile. Run it every night.""",
)
_Plan = Annotated[
    bool, typer.Option("--plan", help=told(nb="Tell, og slett ingenting.", en="Count, and delete nothing."))
]
_DONE = Text(
    nb="Innholdet i {messages:melding|meldinger} mottatt før {before} er slettet.",
    en="The content of {messages:message|messages} received before {before} is deleted.",
)
_PLANNED = Text(
    nb="Innholdet i {messages:melding|meldinger} mottatt før {before} ville bli slettet.",
    en="The content of {messages:message|messages} received before {before} would be deleted.",
)
_NO_RULE = Text(nb="«keep_days» mangler under [store] i innstillingene.", en="`keep_days` is missing under [store].")


def discard(*, plan: _Plan = False, config: ConfigFile = CONFIG, json: JsonFlag = False) -> None:
    """By the rule in the settings; without one nothing is ever deleted."""
    settings = load_settings(config)
    if settings.store.keep_days is None:
        raise CommandMisused(reason=_NO_RULE, command=_COMMAND)
    from ktt.wiring.upkeep import discard_content

    found = discard_content(settings, settings.store.keep_days, plan=plan)
    facts = {"messages": found.messages, "before": found.before.date().isoformat()}
    says = _PLANNED if plan else _DONE
    emit(asdict(found), json=json, render=lambda: says.format(**facts).in_(language()))
