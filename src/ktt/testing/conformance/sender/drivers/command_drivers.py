"""A sender that is a command: it is given one message at a time, or sends what it has by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ktt.core.text import Text
from ktt.testing.conformance.sender.drivers.command import Command
from ktt.testing.conformance.sender.drivers.driver import Ability, Driver, NotPrepared, ScenarioContext, SenderRun
from ktt.testing.conformance.sender.drivers.message_factory import MESSAGE_TYPE, VERSION, MessageFactory
from ktt.testing.conformance.sender.preparation import Preparation

PLACEHOLDERS = frozenset({"config", "folder", "mottak", "helseid", "client_id", "orgnr", "case"})
"""Placeholders of every command."""

MESSAGE_PLACEHOLDERS = frozenset({"message", "type", "version", "date", "dato"})
"""Further placeholders of a command that is given a message."""

PREPARE_PLACEHOLDERS = frozenset({"wish", "count"})
"""Further placeholders of `--prepare`."""

_NO_WAY = Text("«--prepare» gjorde ikke dette ({wish}).", "`--prepare` did not do this ({wish}).")
_NO_PREPARE = Text("Krever «--prepare», som lager noe å sende.", "Needs `--prepare`, which makes something to send.")


def _values(context: ScenarioContext) -> Mapping[str, object]:
    config = context.config
    return {
        "config": context.config_file.absolute(),
        "folder": context.folder,
        "mottak": config["mottak"]["base_url"],
        "helseid": config["helseid"]["authority"],
        "client_id": config["helseid"]["client_id"],
        "orgnr": context.unit.organisation,
        "case": context.scenario,
    }


class MessageCommandDriver:
    """A command with `{message}`: one process for each message, as FHI's client. The suite keeps the queue."""

    abilities = frozenset({Ability.STARTS})

    def __init__(self, command: Command) -> None:
        self._command = command

    def begin(self, context: ScenarioContext) -> None:
        """Begin with an empty queue."""
        self._context, self._messages, self._handed_over = context, MessageFactory(context.unit), 0

    def prepare(self, preparation: Preparation) -> None:
        """Make the messages and put them into the queue."""
        self._messages.prepare(preparation)

    def run(self) -> Sequence[SenderRun]:
        """Hand over the messages in the queue, one after another, until one is not delivered."""
        runs = []
        while self._messages.waiting:
            after = self._context.last()
            runs.append(self._hand_over(after))
            if not self._context.delivered(after):
                break
            self._messages.waiting.pop(0)
        return runs

    def _hand_over(self, after: int) -> SenderRun:
        message = self._messages.waiting[0]
        self._handed_over += 1
        path = self._context.folder / f"message-{self._handed_over:03}.json"
        path.write_bytes(message.content)
        values = {"message": path, "type": MESSAGE_TYPE, "version": VERSION, "date": message.day.isoformat()}
        return self._command.run({**_values(self._context), **values, "dato": f"{message.day:%d.%m.%Y}"}, after)


class CommandDriver:
    """A command that sends what it has. `prepare` is the command that makes something to send."""

    abilities = frozenset({Ability.STARTS, Ability.QUEUE, Ability.CONTENT})

    def __init__(self, command: Command, prepare: Command | None) -> None:
        self._command, self._prepare = command, prepare

    def begin(self, context: ScenarioContext) -> None:
        """Ask `--prepare` to begin a new scenario; what it then forgets is up to it."""
        self._context = context
        if self._prepare is not None:
            self._run_prepare(self._prepare, "begin", 0)

    def prepare(self, preparation: Preparation) -> None:
        """Let `--prepare` do it."""
        if self._prepare is None:
            raise NotPrepared(_NO_PREPARE)
        self._run_prepare(self._prepare, preparation.kind.value, preparation.count)

    def run(self) -> Sequence[SenderRun]:
        """Run the command once."""
        return [self._command.run(_values(self._context), self._context.last())]

    def _run_prepare(self, command: Command, wish: str, count: int) -> None:
        values = {**_values(self._context), "wish": wish, "count": count}
        if command.run(values, self._context.last()).exit_code != 0:
            raise NotPrepared(_NO_WAY.format(wish=wish))


def command_driver(command: Command, prepare: Command | None) -> Driver:
    """The driver that fits the command's placeholders."""
    if "message" in command.placeholders:
        return MessageCommandDriver(command)
    return CommandDriver(command, prepare)
