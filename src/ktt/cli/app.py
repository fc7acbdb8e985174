"""The command line's table of contents. A command's module is imported only when the command is called."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from ktt.cli.errors import CommandMisused, Unforeseen
from ktt.cli.language import language
from ktt.cli.typer_words import reason, speak
from ktt.core.errors import KttError
from ktt.core.log.handler import attach
from ktt.core.log.masking import masked
from ktt.core.text import Text

COMMANDS: dict[str, tuple[str, Text]] = {
    "demo": (
        "ktt.cli.demo:demo",
        Text(
            nb="Vis hele veien fra EPJ til register, med bevis.",
            en="Show the whole road from EPJ to registry, with a proof.",
        ),
    ),
    "sandbox": (
        "ktt.cli.sandbox.sandbox:app",
        Text(
            nb="Sandkassen: HelseID, mottak og register på én maskin.",
            en="A whole world on one machine: HelseID, receiver and registry.",
        ),
    ),
    "synth": (
        "ktt.cli.synthetic.synth:app",
        Text(
            nb="Lag en EPJ med syntetiske personer, og la dagene gå.",
            en="Make an EPJ of synthetic persons, and move it forward.",
        ),
    ),
    "load": (
        "ktt.cli.sender.load.load:load",
        Text(nb="Send historikken, måned for måned fra 2017.", en="Send the history, month by month from 2017."),
    ),
    "daily": (
        "ktt.cli.sender.run:daily",
        Text(nb="Send det som er endret siden sist.", en="Send what has changed since last time."),
    ),
    "agent": (
        "ktt.cli.agent.agent:app",
        Text(
            nb="La kommunen rapportere av seg selv, hvert døgn.",
            en="Let the municipality report by itself, every day.",
        ),
    ),
    "fleet": (
        "ktt.cli.fleet.fleet:app",
        Text(
            nb="Mange enheter i én prosess: kjør dem, og se dem.",
            en="Many units in one process: run them, and look at them.",
        ),
    ),
    "status": (
        "ktt.cli.sender.monitoring.status:status",
        Text(
            nb="Se om alt er i orden, og hva som må gjøres av hvem.",
            en="See whether all is well, and what must be done by whom.",
        ),
    ),
    "receipts": (
        "ktt.cli.sender.monitoring.receipts:app",
        Text(
            nb="Kontroller kvitteringene, og skriv dem ut for tilsyn.",
            en="Verify the receipts, and export them for inspection.",
        ),
    ),
    "support": (
        "ktt.cli.sender.monitoring.support:app",
        Text(
            nb="Lag en fil for den som hjelper, uten personer.",
            en="Make a file for whoever helps, without persons.",
        ),
    ),
    "findings": (
        "ktt.cli.sender.findings:findings",
        Text(
            nb="Se hva som er feil i dag, siden når, og hvem som må rette.",
            en="See what is wrong today, since when, and who must act.",
        ),
    ),
    "outbox": (
        "ktt.cli.sender.queue.outbox:app",
        Text(
            nb="Se køen av meldinger, og hvorfor den eventuelt står.",
            en="See the queue of messages, and why it is held if it is.",
        ),
    ),
    "unit": (
        "ktt.cli.sender.unit:app",
        Text(
            nb="Enheter som avvikles, flyttes, slås sammen eller deles.",
            en="Units that are retired, moved, merged or split.",
        ),
    ),
    "resend": (
        "ktt.cli.sender.queue.resend:resend",
        Text(
            nb="Send poster på nytt som allerede er sendt.",
            en="Have records that were sent sent again.",
        ),
    ),
    "reconcile": (
        "ktt.cli.sender.reconcile:reconcile",
        Text(
            nb="Avstem EPJ med registeret, og rett forskjeller.",
            en="Compare record system and registry; mend what differs.",
        ),
    ),
    "correct": (
        "ktt.cli.sender.queue.correct:correct",
        Text(
            nb="Slett og send på nytt det som ble sendt på feil person.",
            en="Delete and send anew what was sent of the wrong person.",
        ),
    ),
    "doctor": (
        "ktt.cli.sender.upkeep.doctor:doctor",
        Text(
            nb="Kontroller alt avsenderen trenger, ledd for ledd.",
            en="Look at everything the sender needs, link by link.",
        ),
    ),
    "key": (
        "ktt.cli.sender.upkeep.key:app",
        Text(
            nb="Klientens nøkkel i HelseID: lag, se utløp, bytt.",
            en="The client's key at HelseID: make, see its expiry, exchange.",
        ),
    ),
    "store": (
        "ktt.cli.sender.store:app",
        Text(
            nb="Avsenderens lager: hva det hører til, og sikkerhetskopi.",
            en="The sender's store: what it belongs to, and its backup.",
        ),
    ),
    "source": (
        "ktt.cli.source.source:app",
        Text(
            nb="Fra ukjent EPJ til godkjent koblingsfil; bytte av EPJ.",
            en="From an unknown EPJ to a mapping; change of EPJ.",
        ),
    ),
    "validate": (
        "ktt.cli.validate:validate",
        Text(
            nb="Kontroller meldinger og uttrekk: alle avvik på én gang.",
            en="Validate messages and extracts: every finding at once.",
        ),
    ),
    "rules": (
        "ktt.cli.rules:app",
        Text(
            nb="Reglene: alle, én med eksempler, eller endringer.", en="The rules: all, one with examples, or changes."
        ),
    ),
    "mottak": (
        "ktt.cli.receiver.service:app",
        Text(
            nb="Et mottak som tjeneste: oppsett, drift, tilgang, nøkler.",
            en="A receiver as a service: set-up, running, access, keys.",
        ),
    ),
    "registry": (
        "ktt.cli.registry.registry:app",
        Text(
            nb="Registeret: hva som er der, og hvem som venter.",
            en="The registry: what it has, and who waits.",
        ),
    ),
    "conformance": (
        "ktt.cli.conformance.receiver:app",
        Text(nb="Prøv et mottak eller en avsender mot protokollen.", en="Test a receiver or a sender, case by case."),
    ),
    "messages": (
        "ktt.cli.messages:app",
        Text(nb="Meldingstypene: skjema og eksempler.", en="The message types: schema and examples."),
    ),
    "pack": (
        "ktt.cli.pack.pack:app",
        Text(
            nb="Lag, prøv, les og sammenlign meldingspakker.",
            en="Make, prove, read and compare message packs.",
        ),
    ),
    "version": ("ktt.cli.version:version", Text(nb="Vis hvilken versjon dette er.", en="Show which version this is.")),
}
"""Command → where its Typer app or function is, and one line of help. The order is the help's order."""

_ABOUT = Text(
    nb="Daglig rapportering av kommunal tjenestetildeling (KTT) til KPR: avsender, mottak og register. "
    "In English: set the environment variable KTT_LANG to en.",
    en="Daily reporting of municipal service allocation (KTT) to KPR: sender, receiver and registry. "
    "På bokmål: sett miljøvariabelen KTT_LANG til nb.",
)


class _Contents(TyperGroup):
    """Knows each command by name and sentence, and fetches it when it is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in COMMANDS:
            self.commands[args[0]] = fetch(args[0])
        return super().resolve_command(ctx, args)


def fetch(name: str) -> Any:
    """The command itself, imported now."""
    place, says = COMMANDS[name]
    module, attribute = place.split(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        function, found = found, typer.Typer(add_completion=False)
        found.command(name)(function)
    command = get_command(found)
    command.name, command.help = name, says.in_(language())
    for _, each in walk(name, command):
        each.no_args_is_help = False  # a missing word is a fault like others, told by KTT-CLI-01
        each.short_help = _first_sentence(each.help)
        each.rich_markup_mode = None  # plain help is ready in half the time, and can be read aloud and searched
        speak(each, language())
    return command


def _first_sentence(text: str | None) -> str:
    """Whole, where Typer would cut a long one in the middle."""
    return re.split(r"(?<=[.?!])\s", text or "", maxsplit=1)[0]


def walk(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command and all below it, each with its words."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(f"{path} {name}", inner)


def contents() -> TyperGroup:
    """The root command, with a placeholder for every command that is not fetched yet."""
    placeholders = {
        name: TyperCommand(name=name, help=says.in_(language())) for name, (_place, says) in COMMANDS.items()
    }
    root = _Contents(name="ktt", help=_ABOUT.in_(language()), rich_markup_mode=None, commands=placeholders)  # type: ignore[arg-type]
    speak(root, language())
    return root


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. A known fault is told in three lines, never as a traceback."""
    attach()
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a Windows console may lack ✓
    sys.stderr.reconfigure(errors="replace")  # type: ignore[union-attr]
    command_line = list(arguments) or ["--help"]
    if command_line[0] == "--version":
        command_line[0] = "version"
    return told_as_exit_code(
        lambda: contents().main(command_line, prog_name="ktt", standalone_mode=False), json="--json" in arguments
    )


def told_as_exit_code(work: Callable[[], Any], *, json: bool = False) -> int:
    """Run it; what it returns if that is a number, else 0. A fault is told on stderr and becomes its exit code."""
    try:
        code = work()
    except KeyboardInterrupt:
        return 130
    except typer.Abort:
        return 130
    except KttError as fault:
        return _tell(fault, json=json)
    except Exception as fault:  # noqa: BLE001 - the outermost handler: what nobody foresaw is told without its values
        return _tell(_explained(fault), json=json)
    return code if isinstance(code, int) else 0


def _explained(fault: Exception) -> KttError:
    if isinstance(fault, typer.TyperException):  # a wrong option, a missing argument
        context = getattr(fault, "ctx", None)
        return CommandMisused(reason=reason(fault.format_message()), command=context.command_path if context else "ktt")
    if os.environ.get("KTT_DEBUG") == "1":
        sys.stderr.write("".join(traceback.format_tb(fault.__traceback__)))
    return Unforeseen(kind=type(fault).__name__)


def _tell(fault: KttError, *, json: bool) -> int:
    what, remedy = fault.says(), fault.advises()
    if json:
        import orjson

        told = {"code": fault.code, "what": what.both(), "remedy": remedy.both(), "exit_code": fault.exit_code}
        sys.stderr.write(masked(orjson.dumps(told).decode()) + "\n")
    else:
        spoken = language()
        sys.stderr.write(masked(f"{fault.code}: {what.in_(spoken)}\n{remedy.in_(spoken)}\n"))
    return fault.exit_code
