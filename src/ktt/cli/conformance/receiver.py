"""`ktt conformance receiver`, and the group of commands that it and `ktt conformance sender` belong to."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.conformance.options import Every, Expected, Html, Junit, Listed, Only, Out, Outputs, Sign
from ktt.cli.conformance.report import list_cases, reporting_for
from ktt.cli.conformance.results import compare, requirements, verify
from ktt.cli.conformance.sender import sender
from ktt.cli.packs import PackOption, chosen_packs
from ktt.cli.show import JsonFlag, progress, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.testing.conformance.case import Result
    from ktt.testing.conformance.receiver.case import ReceiverCase
    from ktt.testing.conformance.receiver.target import Target

app = typer.Typer(add_completion=False, no_args_is_help=True)

_CONFIG = Path("client.json")
Config = Annotated[
    Path,
    typer.Option(
        "--config",
        help=told(
            nb="Filen som «ktt sandbox up --config-out» skriver. Standard: «client.json» her, eller sandkassen som kjører.",
            en="The file that `ktt sandbox up --config-out` writes. Without: `client.json` here, else the sandbox that runs.",
        ),
    ),
]
Url = Annotated[str | None, typer.Option("--url", help=told(nb="Et annet mottak.", en="Another receiver."))]


@app.callback()
def _group() -> None:
    """One sub-command for each end."""


@app.command(
    "receiver",
    help=told(
        nb="Prøv et mottak ved å opptre som avsender. Utgangskode 0 bare når hver prøve som ble kjørt, er bestått. Med «--pack» er prøvene "
        "pakkens egne eksempler.",
        en="Play a sender against a receiver. The exit code is 0 only if every case that was played held. With `--pack` the "
        "cases are the pack's own examples.",
    ),
)
def receiver(
    *,
    config: Config = _CONFIG,
    url: Url = None,
    only: Only = None,
    html: Html = None,
    junit: Junit = None,
    out: Out = None,
    sign: Sign = None,
    expected_failures: Expected = None,
    pack: PackOption = None,
    list_: Listed = False,
    all_: Every = False,
    json: JsonFlag = False,
) -> None:
    """Run the suite for a receiver, or the examples of the packs that are named."""
    from ktt.testing.conformance.case import select_cases
    from ktt.testing.conformance.receiver.cases import RECEIVER_CASES

    suite = _of_packs(pack) if pack else RECEIVER_CASES
    cases = select_cases(suite, only)
    if list_:
        list_cases(cases, json=json)
        return
    target = _target(config, url)
    packs = chosen_packs(pack) if pack else ()
    outputs = Outputs(html, junit, out, sign)
    reporting = reporting_for("receiver", target.base_url, suite, outputs, expected_failures, packs=packs)
    reporting.report(_run(target, cases), json=json, every=all_)


def _target(config: Path, url: str | None) -> Target:
    from ktt.testing.conformance.receiver.target import read_target, target_from
    from ktt.testing.sandbox.errors import NoSandboxRuns
    from ktt.testing.sandbox.faults.admin_client import AdminClient
    from ktt.testing.sandbox.registration import running_folder

    if config == _CONFIG and not config.exists():
        with suppress(NoSandboxRuns), AdminClient(running_folder()) as admin:
            return target_from(admin.config(), url)
    return read_target(config, url)


def _of_packs(named: list[str]) -> Sequence[ReceiverCase]:
    from ktt.messages.register import register_of
    from ktt.testing.conformance.receiver.pack_cases import pack_cases

    return pack_cases(register_of(chosen_packs(named)).versions)


def _run(target: Target, cases: list[Any]) -> list[Result]:
    from ktt.testing.conformance.receiver.run import run_suite

    done = 0
    with progress(Text(nb="Prøver", en="Playing"), total=len(cases)) as steps:

        def advance(result: Result) -> None:
            nonlocal done
            done += 1
            steps(done, text=result.case.name)

        return run_suite(target, cases, on_result=advance)


app.command(
    "sender",
    help=told(
        nb="Prøv en avsender ved å opptre som HelseID og mottak. Med «--run» startes den for hver prøve; uten lytter prøvene og sier "
        "hva de venter på. Plassholdere i «--run»: {config} {mottak} {helseid} {client_id} {orgnr} {folder} {case}, og "
        "for en avsender som får én melding om gangen {message} {type} {version} {date} {dato}.",
        en="Play HelseID and receiver before a sender. With `--run` it is started for each case; without, the suite "
        "listens and says what it waits for. Placeholders in `--run`: {config} {mottak} {helseid} {client_id} {orgnr} "
        "{folder} {case}, and for a sender that is given one message at a time {message} {type} {version} {date} {dato}.",
    ),
)(sender)

app.command(
    "compare",
    help=told(
        nb="Sammenlign to resultater fra «--out» eller «--json»: hva som ikke lenger bestås, og hva som nå bestås. "
        "Utgangskode 4 når noe ikke lenger bestås.",
        en="Compare two results of `--out` or `--json`: what no longer holds, and what holds now. Exit code 4 when "
        "something no longer holds.",
    ),
)(compare)
app.command(
    "verify",
    help=told(
        nb="Kontroller at et resultat er slik det ble signert, og vis nøkkelen. Dere må selv vite hvem sin nøkkel det er.",
        en="Verify that a result is as it was signed, and show the key. Whose key it is you must know.",
    ),
)(verify)
app.command(
    "requirements",
    help=told(
        nb="Vis hver nummererte del av protokollen og prøvene som gjelder den. Med «--uncovered» bare dem uten prøver.",
        en="Show each numbered part of the protocol and the cases about it. With `--uncovered` only those without cases.",
    ),
)(requirements)
