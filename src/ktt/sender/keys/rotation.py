"""Exchange the client's key: make the next one beside it, and take it into use when HelseID accepts it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ktt.core.clock import Clock
from ktt.core.http.exchange import Exchange, converse
from ktt.messages.contract import Refused
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.conversation import ConversationStopped
from ktt.sender.client.helseid import HelseIdClient
from ktt.sender.client.key_change import new_key_file, read_new_key, take_into_use
from ktt.sender.keys.errors import HelseIdSilent, NoKeyYet
from ktt.sender.keys.make import write_key
from ktt.sender.settings import SenderSettings


@dataclass(frozen=True, slots=True)
class Rotation:
    """How far a change of key has come. `public` is the new key as it is registered at HelseID."""

    step: Literal["made", "waiting", "done"]
    public: Mapping[str, Any]
    reason: str | None = None


def rotate(
    settings: SenderSettings, clock: Clock, exchange: Exchange, make: Callable[[], Mapping[str, Any]]
) -> Rotation:
    """Begin a change of key, or go on with the one that was begun: then HelseID is asked whether it accepts the new key."""
    key_file = settings.helseid.key_file
    if not key_file.exists():
        raise NoKeyYet(path=key_file)
    read_client_key(key_file)
    new = read_new_key(key_file)
    if new is None:
        return Rotation("made", write_key(new_key_file(key_file), make()))
    client = HelseIdClient(settings.helseid, settings.unit.reporting_unit, new, clock)
    try:
        converse(client.token(), exchange)
    except ConversationStopped as stop:
        if isinstance(stop.outcome, Refused):
            return Rotation("waiting", new.public_jwk, stop.outcome.reason)
        raise HelseIdSilent(reason=stop.outcome.reason) from None
    take_into_use(key_file, new)
    return Rotation("done", new.public_jwk)
