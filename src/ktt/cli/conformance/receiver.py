"""`ktt conformance receiver`, and the group of commands that it and `ktt conformance sender` belong to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.conformance.report import Every, Html, Listed, Only, conclude, list_cases, report
from ktt.cli.conformance.sender import sender
from ktt.cli.packs import PackOption, chosen_packs
from ktt.cli.show import JsonFlag, progress, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.testing.conformance.case import Result
    from ktt.testing.conformance.receiver.case import ReceiverCase
    from ktt.testing.conformance.receiver.target import Target

app = typer.Typer(add_completion=False, no_args_is_help=True)

Config = Annotated[
    Path,
    typer.Option(
        "--config",
        help=told(
            nb="Filen som «ktt sandbox up --config-out» skriver.",
            en="The file that `ktt sandbox up --config-out` writes.",
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
        nb="Spill avsender mot et mottak. Utgangskode 0 bare når hver prøve som ble spilt, holdt. Med «--pack» er prøvene "
        "pakkens egne eksempler.",
        en="Play a sender against a receiver. The exit code is 0 only if every case that was played held. With `--pack` the "
        "cases are the pack's own examples.",
    ),
)
def receiver(
    config: Config = Path("client.json"),
    url: Url = None,
    only: Only = None,
    html: Html = None,
    pack: PackOption = None,
    *,
    list_: Listed = False,
    all_: Every = False,
    json: JsonFlag = False,
) -> None:
    """Run the suite for a receiver, or the examples of the packs that are named."""
    from ktt.testing.conformance.case import select_cases
    from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
    from ktt.testing.conformance.receiver.target import read_target

    cases = select_cases(_of_packs(pack) if pack else RECEIVER_CASES, only)
    if list_:
        list_cases(cases, json=json)
        return
    target = read_target(config, url)
    results = _run(target, cases)
    report(results, end="receiver", whom=target.base_url, html=html, json=json, every=all_)
    conclude(results)


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
        nb="Spill HelseID og mottak mot en avsender. Med «--run» startes den for hver prøve; uten lytter prøvene og sier "
        "hva de venter på. Plassholdere i «--run»: {config} {mottak} {helseid} {client_id} {orgnr} {folder} {case}, og "
        "for en avsender som får én melding om gangen {message} {type} {version} {date} {dato}.",
        en="Play HelseID and receiver before a sender. With `--run` it is started for each case; without, the suite "
        "listens and says what it waits for. Placeholders in `--run`: {config} {mottak} {helseid} {client_id} {orgnr} "
        "{folder} {case}, and for a sender that is given one message at a time {message} {type} {version} {date} {dato}.",
    ),
)(sender)
