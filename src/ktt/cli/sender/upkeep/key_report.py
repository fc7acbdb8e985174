"""How `ktt key status` is shown."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from ktt.cli.show import language, table
from ktt.core.clock import norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.keys.status import ClientKey, KeyStatus

_COLUMNS = (
    Text(nb="Nøkkel", en="Key"),
    Text(nb="kid", en="kid"),
    Text(nb="Type", en="Kind"),
    Text(nb="Laget", en="Made"),
    Text(nb="Utløper", en="Expires"),
    Text(nb="Dager igjen", en="Days left"),
)
_IN_USE, _WAITS = Text(nb="i bruk", en="in use"), Text(nb="venter på HelseID", en="waits for HelseID")


def status_shown(found: KeyStatus, now: dt.datetime) -> RenderableType:
    """One line that says how it stands, what to do, and the keys."""
    from rich.console import Group

    spoken = language()
    mark = "✓" if found.level == "good" else "✗"
    words = [f"{mark} {found.says.in_(spoken)}", f"  {found.remedy.in_(spoken)}"]
    keys = [(_IN_USE, found.current), *([(_WAITS, found.new)] if found.new else [])]
    return Group(*words, table(_COLUMNS, [_row(state, key, now) for state, key in keys]))


def _row(state: Text, key: ClientKey, now: dt.datetime) -> list[object]:
    return [state.in_(language()), key.kid, key.kind, _day(key.made_at), _day(key.expires_at), key.days_left(now)]


def _day(at: dt.datetime | None) -> str | None:
    return None if at is None else norwegian_day(at).isoformat()
