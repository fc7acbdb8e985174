"""What a store is bound to, and in which of it two differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from ktt.core.text import Text

WORDS = {
    "environment": Text(nb="miljø", en="environment"),
    "authority": Text(nb="HelseID", en="HelseID"),
    "client_id": Text(nb="klient i HelseID", en="client in HelseID"),
    "address": Text(nb="mottak", en="receiver"),
    "unit": Text(nb="enhet", en="unit"),
    "machine": Text(nb="maskin", en="machine"),
}
"""What each fact is called, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Where a unit's messages go, as whom, from which machine. `machine` is a keyed hash, None where it has no id."""

    environment: str
    authority: str
    client_id: str
    address: str
    unit: str
    machine: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact that is another in the settings than in the store."""

    name: str
    bound: str
    now: str

    @property
    def says(self) -> Text:
        """Both, in a few words; a machine is only said to be another, since its hash tells nobody anything."""
        form = Text(nb="{what} «{bound}», nå «{now}»", en="{what} “{bound}”, now “{now}”")
        if self.name == "machine":
            form = Text(nb="en annen {what}", en="another {what}")
        return form.format(what=WORDS[self.name], bound=self.bound, now=self.now)


def differences(bound: Facts, now: Facts) -> list[Difference]:
    """Every fact that differs. A machine without an id differs from none."""
    pairs = {one.name: (getattr(bound, one.name), getattr(now, one.name)) for one in fields(Facts)}
    return [Difference(name, old, new) for name, (old, new) in pairs.items() if old != new and None not in {old, new}]


def told(found: Sequence[Difference]) -> Text:
    """All of them as one text."""
    return Text(nb="; ".join(one.says.nb for one in found), en="; ".join(one.says.en for one in found))
