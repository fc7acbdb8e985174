"""`ktt demo`: shows how a synthetic municipality reports to a registry, and compares the registry with the source."""

from __future__ import annotations

import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.packs import PackOption, chosen_packs
from ktt.cli.show import JsonFlag, emit, language, note, progress, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.testing.demo.demo import DemoResult
    from ktt.testing.sandbox.sandbox import Sandbox

Recipients = Annotated[
    int, typer.Option(min=1, max=100_000, help=told(nb="Tjenestemottakere.", en="Recipients at any time."))
]
Days = Annotated[int, typer.Option(min=0, max=60, help=told(nb="Daglige kjøringer.", en="Daily runs."))]
Seed = Annotated[int, typer.Option(help=told(nb="Samme tall gir samme kommune.", en="Same number, same municipality."))]
Keep = Annotated[
    bool,
    typer.Option("--keep", help=told(nb="La alt stå og kjøre til Ctrl-C.", en="Leave it all running until Ctrl-C.")),
]


def demo(
    recipients: Recipients = 400,
    days: Days = 7,
    seed: Seed = 1,
    pack: PackOption = None,
    *,
    keep: Keep = False,
    json: JsonFlag = False,
) -> None:
    """Run the demonstration, and show the runs and the comparison."""
    from ktt.testing.demo.demo import Demo, DemoSize

    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="ktt-demo-")) if keep else _temporary_folder(stack)
        with progress(Text(nb="Starter", en="Starting")) as steps:
            demonstration = Demo(
                folder,
                DemoSize(recipients, days, seed, packs=chosen_packs(pack)),
                lambda words, done, total: steps(done, total, words.in_(language())),
            )
            unit = demonstration.write_epj()
            sandbox = stack.enter_context(demonstration.sandbox(unit))
            result = demonstration.run(sandbox, unit)
        emit(result.as_data(), json=json, render=lambda: _shown(result))
        if keep:
            _wait(sandbox, folder)
        result.check()


def _temporary_folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ktt-demo-")))


def _shown(result: DemoResult) -> RenderableType:
    from rich.console import Group

    return Group(_runs(result), _comparisons(result), _verdict(result).in_(language()))


def _runs(result: DemoResult) -> RenderableType:
    columns = (
        Text(nb="Kjøring", en="Run"),
        Text(nb="Dag", en="Day"),
        Text(nb="Meldinger", en="Messages"),
        Text(nb="Nye", en="New"),
        Text(nb="Endret", en="Changed"),
        Text(nb="Slettet", en="Deleted"),
        Text(nb="Avvist", en="Rejected"),
    )
    kinds = {"load": Text(nb="initiell last", en="initial load"), "daily": Text(nb="daglig", en="daily")}
    rows = [
        (
            kinds[run.kind].in_(language()),
            str(run.extracted_on),
            run.messages,
            *(sum(getattr(one, kind) for one in run.types.values()) for kind in ("new", "changed", "gone")),
            int(run.stopped is not None),
        )
        for run in result.runs
    ]
    covered = Text(
        nb="På veien: {messages:melding|meldinger} godtatt, {first} til {last}",
        en="On the way: {messages:message|messages} accepted, {first} to {last}",
    ).format(messages=result.messages, first=result.first_day, last=result.last_day)
    return table(columns, rows, title=covered)


def _comparisons(result: DemoResult) -> RenderableType:
    from ktt.validate.report.words import record_word

    columns = (
        Text(nb="Opplysningstype", en="Record type"),
        Text(nb="I EPJ", en="In the EPJ"),
        Text(nb="Innhold i EPJ", en="Content, EPJ"),
        Text(nb="Innhold i registeret", en="Content, registry"),
        Text(nb="Likt", en="Same"),
    )
    rows = [
        (record_word(one.record_type, language()), one.records, one.epj[:12], one.registry[:12], one.same)
        for one in result.comparisons
    ]
    return table(columns, rows, title=Text(nb="Beviset", en="The proof"))


def _verdict(result: DemoResult) -> Text:
    if result.holds:
        return Text(
            nb="✓ Registeret er likt EPJ: samme innhold i alle opplysningstyper, ingenting igjen i køen.",
            en="✓ The registry equals the record system: same content in every record type, nothing left in the queue.",
        )
    return Text(nb="✗ Registeret er IKKE likt EPJ.", en="✗ The registry does NOT equal the record system.")


def _wait(sandbox: Sandbox, folder: Path) -> None:
    """Leave everything running until Ctrl-C."""
    note(
        Text(
            nb=f"Alt står i {folder}. HelseID: {sandbox.helseid_url} · mottak: {sandbox.mottak_url}. "
            f"Prøv «ktt outbox --config {folder / 'sender' / 'sender.toml'}». Stopp med Ctrl-C.",
            en=f"Everything is in {folder}. HelseID: {sandbox.helseid_url} · receiver: {sandbox.mottak_url}. "
            f"Try `ktt outbox --config {folder / 'sender' / 'sender.toml'}`. Stop with Ctrl-C.",
        )
    )
    from ktt.testing.sandbox.registration import registered

    try:
        with registered(sandbox.folder):
            signal.pause() if hasattr(signal, "pause") else input()
    except (KeyboardInterrupt, EOFError):
        note(Text(nb="Stopper.", en="Stopping."))
