"""How it stands with the client's key: which it is, since when, until when, and how urgent the next one is."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from ktt.core.clock import norwegian_day
from ktt.core.errors import EXIT_ACCESS, EXIT_NOT_MET
from ktt.core.text import Text
from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.key_change import new_key_file
from ktt.storage.vault import replace_secret

Level = Literal["good", "unknown", "notice", "warning", "urgent", "expired"]
_ALARMS: tuple[tuple[int, Level], ...] = ((0, "expired"), (7, "urgent"), (30, "warning"), (60, "notice"))
"""Days left at most, and the level; the first that fits."""

_EXIT: dict[Level, int] = {"good": 0, "urgent": EXIT_ACCESS, "expired": EXIT_ACCESS}
_SAYS: dict[Level, Text] = {
    "good": Text(
        nb="Nøkkelen varer til {day} ({days:dag|dager} igjen).", en="The key lasts until {day} ({days:day|days} left)."
    ),
    "unknown": Text(
        nb="Nøkkelfilen sier ikke når nøkkelen utløper.", en="The key file does not say when the key expires."
    ),
    "notice": Text(
        nb="Nøkkelen utløper {day}, om {days:dag|dager}.", en="The key expires on {day}, in {days:day|days}."
    ),
    "warning": Text(
        nb="Nøkkelen utløper snart: {day}, om {days:dag|dager}.",
        en="The key expires soon: on {day}, in {days:day|days}.",
    ),
    "urgent": Text(
        nb="Det haster: nøkkelen utløper {day}, om {days:dag|dager}. Da stanser sendingen.",
        en="It is urgent: the key expires on {day}, in {days:day|days}. Then sending stops.",
    ),
    "expired": Text(nb="Nøkkelen utløp {day}.", en="The key expired on {day}."),
}
_ROTATE = Text(
    nb="Lag den neste med «ktt key rotate», og registrer den i HelseID Selvbetjening.",
    en="Make the next one with `ktt key rotate`, and register it in HelseID Selvbetjening.",
)
_REGISTER = Text(
    nb="Den neste er laget. Registrer den i HelseID Selvbetjening; den tas i bruk av seg selv.",
    en="The next one is made. Register it in HelseID Selvbetjening; it is taken into use by itself.",
)
_TELL = Text(
    nb="Finn datoen i HelseID Selvbetjening, og før den inn med «ktt key expiry ÅÅÅÅ-MM-DD».",
    en="Look the date up in HelseID Selvbetjening, and enter it with `ktt key expiry YYYY-MM-DD`.",
)
_NOTHING = Text(nb="Ingenting å gjøre.", en="Nothing to do.")


@dataclass(frozen=True, slots=True)
class ClientKey:
    """What may be shown of a client key. Instants that the file does not tell are None."""

    file: Path
    kid: str
    kind: str
    made_at: dt.datetime | None
    expires_at: dt.datetime | None

    def days_left(self, now: dt.datetime) -> int | None:
        """Whole days until it expires: 0 on the last one, negative afterwards; None when nobody has said."""
        return None if self.expires_at is None else math.floor((self.expires_at - now) / dt.timedelta(days=1))

    def as_data(self, now: dt.datetime) -> dict[str, Any]:
        """The key as plain data."""
        return {
            "file": self.file,
            "kid": self.kid,
            "kind": self.kind,
            "made_at": self.made_at,
            "expires_at": self.expires_at,
            "days_left": self.days_left(now),
        }


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """The key in use, the one that is to take over if a change is going on, and what that amounts to."""

    current: ClientKey
    new: ClientKey | None
    level: Level
    says: Text
    remedy: Text

    @property
    def exit_code(self) -> int:
        """0 while nothing has to be done; the class of refusals when it is urgent."""
        return _EXIT.get(self.level, EXIT_NOT_MET)

    def as_data(self, now: dt.datetime) -> dict[str, Any]:
        """The status as plain data."""
        return {
            "level": self.level,
            "what": self.says,
            "remedy": self.remedy,
            "current": self.current.as_data(now),
            "new": self.new and self.new.as_data(now),
        }


def key_status(key_file: Path, now: dt.datetime) -> KeyStatus:
    """How it stands with the key in the file. Needs no network; the faults of `read_client_key` when it cannot be read."""
    current, waiting = _read(key_file), new_key_file(key_file)
    new = _read(waiting) if waiting.exists() else None
    level = _level(current, now)
    day = "" if current.expires_at is None else norwegian_day(current.expires_at).isoformat()
    says = _SAYS[level].format(day=day, days=current.days_left(now) or 0)
    return KeyStatus(current, new, level, says, _remedy(level, new))


def set_expiry(key_file: Path, until: dt.datetime) -> None:
    """Write in the key file until when the key is good; the key itself is as it was."""
    read_client_key(key_file)
    replace_secret(key_file, orjson.dumps({**_members(key_file), "exp": int(until.timestamp())}))


def _level(key: ClientKey, now: dt.datetime) -> Level:
    if key.expires_at is None:
        return "unknown"
    if key.expires_at <= now:
        return "expired"
    left = key.expires_at - now
    return next((level for days, level in _ALARMS if left <= dt.timedelta(days=days)), "good")


def _remedy(level: Level, new: ClientKey | None) -> Text:
    if new is not None:
        return _REGISTER
    return _NOTHING if level == "good" else _TELL if level == "unknown" else _ROTATE


def _read(path: Path) -> ClientKey:
    key = read_client_key(path)
    members = _members(path)
    public = key.public_jwk
    kind = str(public["crv"]) if public["kty"] == "EC" else f"RSA-{len(_octets(str(public['n']))) * 8}"
    return ClientKey(
        path, str(public.get("kid", key.thumbprint)), kind, _instant(members, "iat"), _instant(members, "exp")
    )


def _octets(text: str) -> bytes:
    from ktt.wire import base64url

    return base64url.decode(text) or b""


def _members(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def _instant(members: dict[str, Any], name: str) -> dt.datetime | None:
    seconds = members.get(name)
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return None
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, OSError, ValueError):
        return None
