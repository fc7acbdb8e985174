"""The options that both suites have: which cases, and where the results go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.show import told

if TYPE_CHECKING:
    from ktt.testing.conformance.report.signature import SigningKey

Only = Annotated[
    str | None, typer.Option("--only", help=told(nb="Bare disse, som N3,F12.", en="Only these, as N3,F12."))
]
Listed = Annotated[
    bool, typer.Option("--list", help=told(nb="Vis prøvene uten å kjøre.", en="Show the cases, run none."))
]
Html = Annotated[
    Path | None,
    typer.Option(
        "--html",
        help=told(
            nb="Skriv også en nettside hit, med hver forespørsel. Personnumre er skjult.",
            en="Also write a web page here, with every request. Persons' numbers are hidden.",
        ),
    ),
]
Every = Annotated[
    bool, typer.Option("--all", help=told(nb="Vis også prøvene som er bestått.", en="Show the cases that passed too."))
]
Junit = Annotated[
    Path | None,
    typer.Option(
        "--junit",
        help=told(nb="Skriv også resultatet som JUnit-XML hit.", en="Also write the result as JUnit XML here."),
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help=told(
            nb="Skriv også resultatet som JSON hit, til «compare» og «verify».",
            en="Also write the result as JSON here, for `compare` and `verify`.",
        ),
    ),
]
Sign = Annotated[
    Path | None,
    typer.Option(
        "--sign",
        help=told(
            nb="Signer filen fra «--out» med denne private nøkkelen (JWK, 0600); signaturen legges ved siden av, som .jws.",
            en="Sign the file of `--out` with this private key (JWK, 0600); the signature is put beside it, as .jws.",
        ),
    ),
]
Expected = Annotated[
    Path | None,
    typer.Option(
        "--expected-failures",
        help=told(
            nb="Ventede feil (TOML): prøve, grunn og siste dato. De teller ikke; en som bestås likevel, teller.",
            en="Expected failures (TOML): case, reason and last day. They do not count; one that holds after all does.",
        ),
    ),
]


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the results go beside standard out, and the key that signs them."""

    html: Path | None = None
    junit: Path | None = None
    out: Path | None = None
    sign: Path | None = None

    def signing_key(self) -> SigningKey | None:
        """The key, read before anything is run; ClientKeyUnreadable, ClientKeyUnfit, or CommandMisused without a file."""
        if self.sign is None:
            return None
        from ktt.cli.errors import CommandMisused
        from ktt.sender.client.client_key import read_client_key

        if self.out is None:
            raise CommandMisused(reason="--sign: --out", command="ktt conformance")
        return read_client_key(self.sign)
