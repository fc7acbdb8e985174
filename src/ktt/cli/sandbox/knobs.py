"""What `ktt sandbox fail|slow|lose` share: for which requests a fault is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.show import told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.testing.sandbox.faults.conditions import Conditions

For = Annotated[
    int | None,
    typer.Option(
        "--for",
        min=1,
        max=1000,
        help=told(nb="For så mange forespørsler. [standard: 1]", en="For so many requests. [without: 1]"),
    ),
]
UntilCleared = Annotated[
    bool,
    typer.Option("--until-cleared", help=told(nb="Til «ktt sandbox clear».", en="Until `ktt sandbox clear`.")),
]
Every = Annotated[
    int,
    typer.Option(
        min=1,
        max=1000,
        help=told(nb="Bare hver så mange forespørsel, som hver 3.", en="Only every so many requests, as every 3rd."),
    ),
]
Type = Annotated[
    str | None,
    typer.Option(
        "--type",
        help=told(
            nb="Bare denne meldingstypen; en del av navnet er nok.",
            en="Only this message type; a part of the name does.",
        ),
    ),
]
Unit = Annotated[
    str | None,
    typer.Option("--unit", metavar="ORGNR", help=told(nb="Bare fra denne enheten.", en="Only from this unit.")),
]
Header = Annotated[
    list[str] | None,
    typer.Option(
        metavar=told(nb="NAVN=MØNSTER", en="NAME=PATTERN"),
        help=told(
            nb="Bare med dette hodet, som «x-software-version=2.*»; * er hva som helst. Kan gjentas, og da gjelder alle.",
            en="Only with this header, as `x-software-version=2.*`; * is anything. May be repeated; then all must hold.",
        ),
    ),
]
CorrelationId = Annotated[
    str | None,
    typer.Option(
        metavar=told(nb="MØNSTER", en="PATTERN"),
        help=told(
            nb="Bare med denne X-Correlation-ID fra klienten.", en="Only with this X-Correlation-ID of the client's."
        ),
    ),
]


def count(for_: int | None, *, until_cleared: bool, command: str) -> int | None:
    """For how many requests a fault is; None until it is removed. CommandMisused when both are asked for."""
    if until_cleared and for_ is not None:
        raise CommandMisused(reason="--for, --until-cleared", command=command)
    return None if until_cleared else for_ or 1


def conditions(
    message_type: str | None, unit: str | None, headers: list[str] | None, correlation_id: str | None, *, command: str
) -> Conditions:
    """The conditions as they were given; CommandMisused."""
    from ktt.testing.sandbox.faults.conditions import Conditions, HeaderPattern
    from ktt.wire.headers import CORRELATION_ID

    pairs = [text.partition("=")[::2] for text in headers or ()]
    if not all(name and pattern for name, pattern in pairs):
        raise CommandMisused(reason=Text(nb="--header NAVN=MØNSTER", en="--header NAME=PATTERN"), command=command)
    if correlation_id is not None:
        pairs.append((CORRELATION_ID, correlation_id))
    return Conditions(message_type, unit, tuple(HeaderPattern(name.strip(), pattern) for name, pattern in pairs))
