"""A sender that is a command: given one message at a time, or sending what it has by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ktt.core.text import Text
from ktt.testing.conformance.sender.command import Command
from ktt.testing.conformance.sender.driver import Ability, Driver, Place, Ran, Unfulfilled
from ktt.testing.conformance.sender.message_factory import MESSAGE_TYPE, VERSION, Maker
from ktt.testing.conformance.sender.request import Wish

PLACES = frozenset({"config", "folder", "mottak", "helseid", "client_id", "orgnr", "case"})
"""Placeholders of every command."""

MESSAGE = frozenset({"message", "type", "version", "date", "dato"})
"""Placeholders of one that is given a message."""

WISH = frozenset({"wish", "count"})
"""Placeholders of `--prepare`."""

_NO_WAY = Text("«--prepare» gjorde ikke dette ({wish}).", "`--prepare` did not do this ({wish}).")
_NO_PREPARE = Text("Krever «--prepare», som lager noe å sende.", "Needs `--prepare`, which makes something to send.")


def _values(place: Place) -> Mapping[str, object]:
    config = place.config
    return {
        "config": place.config_file.absolute(),
        "folder": place.folder,
        "mottak": config["mottak"]["base_url"],
        "helseid": config["helseid"]["authority"],
        "client_id": config["helseid"]["client_id"],
        "orgnr": place.unit.organisation,
        "case": place.scene,
    }


class GivenMessages:
    """A command with `{message}`: one process for each message, as FHI's client. The suite keeps the line."""

    abilities = frozenset({Ability.STARTS})

    def __init__(self, command: Command) -> None:
        self._command = command

    def begin(self, place: Place) -> None:
        """Nothing waits."""
        self._place, self._maker, self._handed = place, Maker(place.unit), 0

    def fulfil(self, wish: Wish) -> None:
        """Make the messages."""
        self._maker.fulfil(wish)

    def run(self) -> Sequence[Ran]:
        """Hand over what waits, one after another, until one is not delivered."""
        ran = []
        while self._maker.waiting:
            after = self._place.last()
            ran.append(self._hand_over(after))
            if not self._place.delivered(after):
                break
            self._maker.waiting.pop(0)
        return ran

    def _hand_over(self, after: int) -> Ran:
        ready = self._maker.waiting[0]
        self._handed += 1
        path = self._place.folder / f"message-{self._handed:03}.json"
        path.write_bytes(ready.content)
        message = {"message": path, "type": MESSAGE_TYPE, "version": VERSION, "date": ready.day.isoformat()}
        return self._command.run({**_values(self._place), **message, "dato": f"{ready.day:%d.%m.%Y}"}, after)


class OwnMessages:
    """A command that sends what it has; `prepare` makes something to send, or fails, and the case is skipped."""

    abilities = frozenset({Ability.STARTS, Ability.LINE, Ability.CONTENT})

    def __init__(self, command: Command, prepare: Command | None) -> None:
        self._command, self._prepare = command, prepare

    def begin(self, place: Place) -> None:
        """The sender begins anew when it is prepared; what it remembers is its own affair."""
        self._place = place
        if self._prepare is not None and self._prepare.run(self._told("begin", 0), place.last()).exit_code != 0:
            raise Unfulfilled(_NO_WAY.format(wish="begin"))

    def fulfil(self, wish: Wish) -> None:
        """Let `prepare` do it."""
        if self._prepare is None:
            raise Unfulfilled(_NO_PREPARE)
        if self._prepare.run(self._told(wish.kind.value, wish.count), self._place.last()).exit_code != 0:
            raise Unfulfilled(_NO_WAY.format(wish=wish.kind.value))

    def run(self) -> Sequence[Ran]:
        """One run."""
        return [self._command.run(_values(self._place), self._place.last())]

    def _told(self, wish: str, count: int) -> Mapping[str, object]:
        return {**_values(self._place), "wish": wish, "count": count}


def driven_by(command: Command, prepare: Command | None) -> Driver:
    """The driver that fits the command's placeholders."""
    if "message" in command.placeholders:
        return GivenMessages(command)
    return OwnMessages(command, prepare)
