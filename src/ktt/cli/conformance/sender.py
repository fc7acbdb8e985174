"""`ktt conformance sender`: how the sender is driven, and the run itself."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.conformance.options import Every, Expected, Html, Junit, Listed, Only, Out, Outputs, Sign
from ktt.cli.conformance.report import list_cases, reporting_for
from ktt.cli.errors import CommandMisused
from ktt.cli.show import JsonFlag, note, progress, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.testing.conformance.case import OnResult, Result
    from ktt.testing.conformance.sender.drivers.driver import Driver
    from ktt.testing.conformance.sender.harness import SenderHarness, SetupFiles

_HELSEID_PORT, _MOTTAK_PORT = 8790, 8791
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_COMMAND = "ktt conformance sender"
_CONFIG = Path("conformance.json")
"""The default of `--config-out` for a sender that is not started by the suite."""

_Listen = Annotated[
    str | None,
    typer.Option(
        help=told(
            nb="Hvor mottaket lytter. Standard: 127.0.0.1:8791, eller en ledig port med «--run».",
            en="Where the receiver listens. Without: 127.0.0.1:8791, or a free port with `--run`.",
        ),
        metavar="HOST:PORT",
    ),
]
_HelseIdPort = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65535,
        help=told(
            nb="HelseIDs port. Standard: 8790, eller en ledig.", en="HelseID's port. Without: 8790, or a free one."
        ),
    ),
]
_Run = Annotated[
    str | None,
    typer.Option(
        "--run",
        help=told(
            nb="Kommandoen som sender. Med {message} får den én melding om gangen; ellers sender den det den har.",
            en="The command that sends. With {message} it is given one at a time; else it sends what it has.",
        ),
    ),
]
_Prepare = Annotated[
    str | None,
    typer.Option(
        "--prepare",
        help=told(
            nb="Kommandoen som gjør noe klart å sende: {wish} er begin, new, months, change, delete, letters, large "
            "eller mend, og {count} et antall. En annen utgangskode enn 0 hopper over prøven.",
            en="The command that makes something to send: {wish} is begin, new, months, change, delete, letters, large "
            "or mend, and {count} a number. An exit code other than 0 skips the case.",
        ),
    ),
]
_Ours = Annotated[
    bool,
    typer.Option("--ours", help=told(nb="Prøv vår egen avsender.", en="Test our own sender.")),
]
_ConfigOut = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Skriv hit det avsenderen trenger (JSON med privat nøkkel, rettigheter 0600), før hver prøve. Når prøvene "
            "lytter: conformance.json.",
            en="Write here what the sender needs (JSON with a private key, mode 0600), before each case. When the suite "
            "listens: conformance.json.",
        )
    ),
]
_SenderConfig = Annotated[
    Path | None,
    typer.Option(
        help=told(nb="Skriv oppsett for vår egen avsender her.", en="Write a set-up for our own sender here.")
    ),
]
_FhiClient = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Skriv oppsettfilene til FHIs egen klient i denne mappen.",
            en="Write the set-up files of FHI's own client into this folder.",
        )
    ),
]
_Timeout = Annotated[
    float,
    typer.Option(min=1.0, help=told(nb="Hvor mange sekunder en kjøring kan ta.", en="Seconds that a run may take.")),
]
_Wait = Annotated[
    float,
    typer.Option(
        min=1.0,
        help=told(nb="Hvor mange sekunder prøvene venter når de lytter.", en="Seconds to wait when the suite listens."),
    ),
]
_Quiet = Annotated[
    float,
    typer.Option(
        min=0.1,
        help=told(
            nb="Sekunder stillhet som sier at avsenderen er ferdig.", en="Seconds of silence that say it is done."
        ),
    ),
]
_Strict = Annotated[
    bool,
    typer.Option("--strict", help=told(nb="La også råd («bør») telle.", en="Let advice (`should`) count too.")),
]


@dataclass(frozen=True, slots=True)
class _DriverOptions:
    """The options that say how the sender is driven. Times are in seconds."""

    run: str | None
    prepare: str | None
    ours: bool
    timeout: float
    wait: float
    quiet: float

    @property
    def listens(self) -> bool:
        return self.run is None and not self.ours

    @property
    def sender_name(self) -> str:
        return "ktt" if self.ours else self.run or ""

    def driver(self) -> Driver:
        """The driver; CommandUnusable when `--run` or `--prepare` is no usable command."""
        from ktt.testing.conformance.sender.drivers.command import read_command
        from ktt.testing.conformance.sender.drivers.command_drivers import (
            MESSAGE_PLACEHOLDERS,
            PLACEHOLDERS,
            PREPARE_PLACEHOLDERS,
            command_driver,
        )
        from ktt.testing.conformance.sender.drivers.listening_driver import ListeningDriver
        from ktt.testing.conformance.sender.drivers.own_sender_driver import OwnSenderDriver

        if self.ours:
            return OwnSenderDriver()
        if self.run is None:
            return ListeningDriver(note, wait=self.wait, quiet=self.quiet)
        command = read_command(self.run, "--run", self.timeout, PLACEHOLDERS | MESSAGE_PLACEHOLDERS)
        prepare = None
        if self.prepare is not None:
            prepare = read_command(self.prepare, "--prepare", self.timeout, PLACEHOLDERS | PREPARE_PLACEHOLDERS)
        return command_driver(command, prepare)


def sender(
    *,
    run: _Run = None,
    prepare: _Prepare = None,
    listen: _Listen = None,
    helseid_port: _HelseIdPort = None,
    ours: _Ours = False,
    only: Only = None,
    config_out: _ConfigOut = None,
    sender_config: _SenderConfig = None,
    fhi_client: _FhiClient = None,
    timeout: _Timeout = 60.0,
    wait: _Wait = 60.0,
    quiet: _Quiet = 3.0,
    strict: _Strict = False,
    html: Html = None,
    junit: Junit = None,
    out: Out = None,
    sign: Sign = None,
    expected_failures: Expected = None,
    list_: Listed = False,
    all_: Every = False,
    json: JsonFlag = False,
) -> None:
    """Run the suite for a sender."""
    from ktt.testing.conformance.case import select_cases
    from ktt.testing.conformance.sender.cases import SENDER_CASES
    from ktt.testing.conformance.sender.harness import SetupFiles

    cases = select_cases(SENDER_CASES, only)
    if list_:
        list_cases(cases, json=json)
        return
    _check_options(run, prepare, ours=ours)
    options = _DriverOptions(run, prepare, ours, timeout, wait, quiet)
    driver = options.driver()
    outputs = Outputs(html, junit, out, sign)
    reporting = reporting_for("sender", options.sender_name, SENDER_CASES, outputs, expected_failures, strict=strict)
    files = SetupFiles(config_out or (_CONFIG if options.listens else None), sender_config, fhi_client)
    ports = _ports(listen, helseid_port, fixed=options.listens)
    results = _run_suite(driver, ports, files, cases, listens=options.listens)
    reporting.report(results, json=json, every=all_)


def _check_options(run: str | None, prepare: str | None, *, ours: bool) -> None:
    """Raise CommandMisused when the options contradict each other."""
    if ours and run is not None:
        raise CommandMisused(reason="--run, --ours", command=_COMMAND)
    if prepare is not None and run is None:
        raise CommandMisused(reason="--prepare: --run", command=_COMMAND)


def _ports(listen: str | None, helseid_port: int | None, *, fixed: bool) -> tuple[int, int]:
    """HelseID's port and the receiver's; ListenUnfit for another host than this machine."""
    from ktt.testing.conformance.errors import ListenUnfit

    mottak = _MOTTAK_PORT if fixed else 0
    if listen is not None:
        match = re.fullmatch(r"(?:([^:\s]+):)?(\d{1,5})", listen, re.ASCII)
        if match is None or (match[1] or "127.0.0.1") not in _LOOPBACK or int(match[2]) > 65_535:  # noqa: PLR2004
            raise ListenUnfit(address=listen)
        mottak = int(match[2])
    if helseid_port is None:
        helseid_port = _HELSEID_PORT if fixed else 0
    return helseid_port, mottak


def _run_suite(
    driver: Driver, ports: tuple[int, int], files: SetupFiles, cases: list[Any], *, listens: bool
) -> list[Result]:
    from ktt.testing.conformance.sender.harness import open_harness

    with (
        tempfile.TemporaryDirectory(prefix="ktt-conformance-", ignore_cleanup_errors=True) as folder,
        open_harness(driver, Path(folder), ports=ports, files=files) as harness,
    ):
        if listens:
            _introduce(harness, files)
            return _results(harness, cases, _tell)
        with progress(Text(nb="Prøver", en="Playing"), total=len(cases)) as steps:
            done = 0

            def advance(result: Result) -> None:
                nonlocal done
                done += 1
                steps(done, text=result.case.name)

            return _results(harness, cases, advance)


def _results(harness: SenderHarness, cases: list[Any], on_result: OnResult) -> list[Result]:
    """The results so far when Ctrl-C ends the run, so that they are reported."""
    from ktt.testing.conformance.sender.run import run_suite

    results: list[Result] = []

    def keep(result: Result) -> None:
        results.append(result)
        on_result(result)

    try:
        run_suite(harness, cases, on_result=keep)
    except KeyboardInterrupt:
        note(Text(nb="Stanset. Dette ble kjørt.", en="Stopped; this was played."))
    return results


def _tell(result: Result) -> None:
    from ktt.testing.conformance.report.page import MARKS, WORDS

    name, mark, word = result.case.name, MARKS[result.verdict], WORDS[result.verdict]
    note(Text(nb=f"{name} {mark} {word.nb}", en=f"{name} {mark} {word.en}"))


def _introduce(harness: SenderHarness, files: SetupFiles) -> None:
    sandbox = harness.sandbox
    note(
        Text(
            nb=f"HelseID: {sandbox.helseid_url}\nMottak: {sandbox.mottak_url}\nOppsett: {files.config}\n"
            "Avsenderen skal gjøre det som står nedenfor, og sende. Ctrl-C avslutter og viser prøvene som er kjørt.",
            en=f"HelseID: {sandbox.helseid_url}\nReceiver: {sandbox.mottak_url}\nSet-up: {files.config}\n"
            "The sender is to do what stands below, and send. Ctrl-C ends and shows what was played.",
        )
    )
