"""`ktt conformance sender`: how the sender is driven, and the run itself."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.conformance.report import Every, Html, Listed, Only, conclude, list_cases, report
from ktt.cli.errors import CommandMisused
from ktt.cli.show import JsonFlag, note, progress, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.testing.conformance.case import Result
    from ktt.testing.conformance.sender.driver import Driver
    from ktt.testing.conformance.sender.harness import Files, Stage

_HELSEID_PORT, _MOTTAK_PORT = 8790, 8791
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_COMMAND = "ktt conformance sender"
_CONFIG = Path(
    "conformance.json"
)  # where the set-up is written when nobody says, for a sender that is not started here

_Listen = Annotated[
    str | None,
    typer.Option(
        help=told(
            nb="Hvor mottaket lytter. Uten: 127.0.0.1:8791, eller en ledig port med «--run».",
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
        help=told(nb="HelseIDs port. Uten: 8790, eller en ledig.", en="HelseID's port. Without: 8790, or a free one."),
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
    typer.Option(min=1.0, help=told(nb="Sekunder en kjøring får ta.", en="Seconds that a run may take.")),
]
_Wait = Annotated[
    float,
    typer.Option(
        min=1.0, help=told(nb="Sekunder det ventes når prøvene lytter.", en="Seconds to wait when the suite listens.")
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
class _How:
    """How the sender is driven."""

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
    def whom(self) -> str:
        return "ktt" if self.ours else self.run or ""

    def driver(self) -> Driver:
        """The driver; CommandUnusable for a command that is none."""
        from ktt.testing.conformance.sender.command import read_command
        from ktt.testing.conformance.sender.driver_command import MESSAGE, PLACES, WISH, driven_by
        from ktt.testing.conformance.sender.driver_listen import Listening
        from ktt.testing.conformance.sender.driver_ours import OurSender

        if self.ours:
            return OurSender()
        if self.run is None:
            return Listening(note, wait=self.wait, quiet=self.quiet)
        command = read_command(self.run, "--run", self.timeout, PLACES | MESSAGE)
        prepare = None
        if self.prepare is not None:
            prepare = read_command(self.prepare, "--prepare", self.timeout, PLACES | WISH)
        return driven_by(command, prepare)


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
    list_: Listed = False,
    all_: Every = False,
    json: JsonFlag = False,
) -> None:
    """Play HelseID and receiver before a sender."""
    from ktt.testing.conformance.case import chosen
    from ktt.testing.conformance.sender.cases import SENDER_CASES
    from ktt.testing.conformance.sender.harness import Files

    cases = chosen(SENDER_CASES, only)
    if list_:
        list_cases(cases, json=json)
        return
    how = _How(_one_way(run, prepare, ours=ours), prepare, ours, timeout, wait, quiet)
    driver = how.driver()
    files = Files(config_out or (_CONFIG if how.listens else None), sender_config, fhi_client)
    ports = _ports(listen, helseid_port, fixed=how.listens)
    results = _play(driver, ports, files, cases, listens=how.listens)
    report(results, end="sender", whom=how.whom, html=html, json=json, every=all_)
    conclude(results, strict=strict)


def _one_way(run: str | None, prepare: str | None, *, ours: bool) -> str | None:
    """`--run`, when the options agree."""
    if ours and run is not None:
        raise CommandMisused(reason="--run, --ours", command=_COMMAND)
    if prepare is not None and run is None:
        raise CommandMisused(reason="--prepare: --run", command=_COMMAND)
    return run


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


def _play(driver: Driver, ports: tuple[int, int], files: Files, cases: list[Any], *, listens: bool) -> list[Result]:
    from ktt.testing.conformance.sender.harness import opened

    with (
        tempfile.TemporaryDirectory(prefix="ktt-conformance-", ignore_cleanup_errors=True) as folder,
        opened(driver, Path(folder), ports=ports, files=files) as stage,
    ):
        if listens:
            _introduce(stage, files)
            return _played(stage, cases, _tell)
        with progress(Text(nb="Prøver", en="Playing"), total=len(cases)) as steps:
            done = 0

            def told_of(result: Result) -> None:
                nonlocal done
                done += 1
                steps(done, text=result.case.name)

            return _played(stage, cases, told_of)


def _played(stage: Stage, cases: list[Any], told_of: Callable[[Result], None]) -> list[Result]:
    """The results; Ctrl-C ends the playing, and what has been played is reported."""
    from ktt.testing.conformance.sender.run import play

    results: list[Result] = []

    def kept(result: Result) -> None:
        results.append(result)
        told_of(result)

    try:
        play(stage, cases, told=kept)
    except KeyboardInterrupt:
        note(Text(nb="Stanset; dette ble spilt.", en="Stopped; this was played."))
    return results


def _tell(result: Result) -> None:
    from ktt.testing.conformance.report.page import MARKS, WORDS

    said = Text(f"{result.case.name} {MARKS[result.verdict]} ", f"{result.case.name} {MARKS[result.verdict]} ")
    word = WORDS[result.verdict]
    note(Text(nb=said.nb + word.nb, en=said.en + word.en))


def _introduce(stage: Stage, files: Files) -> None:
    sandbox = stage.sandbox
    note(
        Text(
            nb=f"HelseID: {sandbox.helseid_url}\nMottak: {sandbox.mottak_url}\nOppsett: {files.config}\n"
            "Avsenderen skal gjøre det som står nedenfor, og sende. Ctrl-C avslutter og viser det som er spilt.",
            en=f"HelseID: {sandbox.helseid_url}\nReceiver: {sandbox.mottak_url}\nSet-up: {files.config}\n"
            "The sender is to do what stands below, and send. Ctrl-C ends and shows what was played.",
        )
    )
