"""The two clocks as they are defined, with no regard to speed: every answer is worked out anew from all that was told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

Content = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """A message, received at an instant, said this of a record; None: that it is deleted."""

    unit: str
    record_type: str
    name: str
    received: dt.datetime
    content: Content | None


@dataclass(frozen=True)
class Version:
    """What was known of a record in [since, until), for ever when `until` is None."""

    name: str
    number: int
    content: Content | None
    since: dt.datetime
    until: dt.datetime | None

    def known_at(self, instant):
        """Half-open: at the instant of the next version this one is known no longer."""
        if instant is None:
            return self.until is None
        return self.since <= instant and (self.until is None or instant < self.until)


@dataclass
class NaiveClocks:
    """`tell` is told of messages in the order in which each unit's were accepted; of a message, deletions first."""

    told: list[Told] = field(default_factory=list)

    def tell(self, *said):
        self.told.append(Told(*said))

    def versions(self, unit, record_type):
        names = sorted({one.name for one in self.told if (one.unit, one.record_type) == (unit, record_type)})
        return [version for name in names for version in self._versions(unit, record_type, name)]

    def as_of(self, unit, record_type, day, instant):
        """Name → content of what held that day, as known at that instant."""
        known = [v for v in self.versions(unit, record_type) if v.content is not None and v.known_at(instant)]
        contents = {version.name: version.content for version in known}
        if day is None:
            return contents
        return {name: one for name, one in contents.items() if _holds(record_type, one, day, contents.values())}

    def _versions(self, unit, record_type, name):
        changes = []
        for one in self.told:
            if (one.unit, one.record_type, one.name) != (unit, record_type, name):
                continue
            if one.content == (changes[-1][1] if changes else None):
                continue
            since = max([one.received, *(at for at, _ in changes)])  # never known before what it follows
            changes.append((since, one.content))
        ends = [*(at for at, _ in changes[1:]), None][: len(changes)]
        return [
            Version(name, number, content, since, until)
            for number, ((since, content), until) in enumerate(zip(changes, ends, strict=True), 1)
        ]


def _holds(record_type, one, day, all_known):
    """Both days inside; an assessment until the person's next; a decision, once made, for good; a recipient always."""
    if record_type == "recipient":
        return True
    begins = _begins(one)
    if begins is None or begins > day:
        return False
    if record_type == "assessment":
        of_person = (other for other in all_known if other["local_person_id"] == one["local_person_id"])
        return not any(begins < _begins(other) <= day for other in of_person)
    ends = one.get("ends_on")
    return ends is None or day <= ends


def _begins(one):
    for name in ("starts_on", "assessed_on", "decided_on", "applied_on"):
        if one.get(name) is not None:
            return one[name]
    return None
