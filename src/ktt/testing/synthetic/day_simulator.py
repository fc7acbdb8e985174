"""Simulates one day: which changes happen to which persons, and the log of what was done."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from ktt.testing.synthetic.municipality import casework, changes
from ktt.testing.synthetic.municipality.changes import LONG_STAY, Change, Ids
from ktt.testing.synthetic.municipality.model import CareService, Person
from ktt.testing.synthetic.municipality.municipality import Municipality
from ktt.testing.synthetic.municipality.population import Population
from ktt.testing.synthetic.record_system import database as store
from ktt.testing.synthetic.record_system.formats import FOREVER
from ktt.testing.synthetic.record_system.reader import Unreadable, load
from ktt.testing.synthetic.record_system.tables import TYPES

_ACTIVE = f"SELECT DISTINCT bruker_nr FROM omsorg_tjeneste WHERE startdato <> '' AND sluttdato = '{FOREVER}'"  # noqa: S608
_PLANNED = (
    "SELECT DISTINCT bruker_nr FROM omsorg_tjeneste WHERE startdato = ''"  # noqa: S608
    f" OR (sluttdato = '{FOREVER}' AND tjkode IN (SELECT value FROM json_each(:short)))"
)
_PENDING = "SELECT DISTINCT bruker_nr FROM sak_vedtak WHERE vedtatt = ''"
_PAUSED = (
    "SELECT DISTINCT t.bruker_nr FROM tjeneste_stopp s JOIN omsorg_tjeneste t USING (tjeneste_id)"  # noqa: S608
    f" WHERE s.tom = '{FOREVER}'"
)
_REFUSED = (
    "SELECT DISTINCT bruker_nr FROM sak_vedtak v JOIN vedtak_linje l USING (vedtak_id)"
    " LEFT JOIN klage k USING (vedtak_id) WHERE utfall = 'AVSL' AND k.mottatt IS NULL"
    " AND substr(vedtatt, 7) || substr(vedtatt, 4, 2) || substr(vedtatt, 1, 2) BETWEEN :since AND :before"
    " AND NOT EXISTS (SELECT 1 FROM vedtak_linje o WHERE o.vedtak_id = v.vedtak_id AND o.utfall <> 'AVSL')"
)
_APPEALS = "SELECT DISTINCT bruker_nr FROM sak_vedtak JOIN klage USING (vedtak_id) WHERE besvart = ''"
_D_NUMBER = (
    f"SELECT bruker_nr FROM bruker WHERE length(ident) = 11 AND ident GLOB '[4-7]*' AND bruker_nr IN ({_ACTIVE})"  # noqa: S608
)

KINDS: dict[str, tuple[Change, str]] = {
    "new service": (changes.new_service, _ACTIVE),
    "new service without decision": (changes.technology, _ACTIVE),
    "service registered late": (changes.late_registration, _ACTIVE),
    "extension": (changes.extension, _ACTIVE),
    "change of provider": (changes.provider_change, _ACTIVE),
    "ending": (changes.ending, _ACTIVE),
    "pause": (changes.pause, _ACTIVE),
    "end of pause": (changes.resumption, _PAUSED),
    "new circumstances": (changes.review, _ACTIVE),
    "new diagnosis": (changes.diagnosis, _ACTIVE),
    "application": (changes.application, _ACTIVE),
    "decision on application": (changes.decided, _PENDING),
    "refusal": (changes.refusal, _ACTIVE),
    "appeal": (changes.appeal, _REFUSED),
    "answer to appeal": (changes.answer, _APPEALS),
    "correction of hours": (changes.correction_of_hours, _ACTIVE),
    "correction of start": (changes.correction_of_start, _ACTIVE),
    "correction of score": (changes.correction_of_score, _ACTIVE),
    "deletion of service": (changes.deletion_of_service, _ACTIVE),
    "deletion of decision": (changes.deletion_of_decision, _ACTIVE),
    "death": (changes.death, _ACTIVE),
    "moved away": (changes.moving_away, _ACTIVE),
    "new home municipality": (changes.moving, _ACTIVE),
    "permanent number": (changes.permanent_number, _D_NUMBER),
}
"""The changes by name: the function, and the query for the persons. Two more are methods of `DaySimulator`."""

NEW_RECIPIENT, MOVED_RECORD, AS_PLANNED = "new recipient", "record moved to another person", "as planned"
ALL_KINDS = (NEW_RECIPIENT, MOVED_RECORD, *KINDS)
"""What is chosen among for a day."""
DIARY_KINDS = (*ALL_KINDS, AS_PLANNED)
"""What a day's diary can name: also what becomes due by itself."""

_TRIES = 60  # persons that are tried before a change is put off to the next day
_D_NUMBERS_WANTED = 3
_LONGEST_WAIT, _LONGEST_PAUSE, _LONGEST_ACUTE = 45, 25, 4  # days


@dataclass(slots=True)
class DaySimulator:
    """Makes one day's changes in the open database. A person is changed at most once a day.

    A person with a cell that cannot be read is not changed: somebody has put that fault there to see it found.
    """

    connection: sqlite3.Connection
    municipality: Municipality
    today: dt.date
    changed: set[str] = field(default_factory=set)

    def do(self, kind: str) -> bool:
        """Make one change of a kind; False when it can happen to nobody."""
        if kind == NEW_RECIPIENT:
            return self._new_recipient()
        if kind == MOVED_RECORD:
            return self._move_record()
        change, among = KINDS[kind]
        return any(self._try(kind, change, number) for number in self._some(among))

    def prepare(self) -> None:
        """Make the changes that others presuppose, so that every kind can happen within any week."""
        for among, first in (
            (_D_NUMBER, NEW_RECIPIENT),
            (_PENDING, "application"),
            (_PAUSED, "pause"),
            (_REFUSED, "refusal"),
            (_APPEALS, "appeal"),
        ):
            if not self._numbers(among):
                self.do(first)

    def due(self) -> None:
        """Make the changes that are due: planned starts and ends, and answers that have been waited for long enough."""
        services = self.municipality.services.items()
        short = [TYPES.write(code) for code, s in services if s.manner in {"stay", "acute"} or s.last]
        for number in self._numbers(_PLANNED, {"short": json.dumps(short)}):
            self._try(AS_PLANNED, self._as_planned, number)
        for among, kind, wait in (
            (_PENDING, "decision on application", _LONGEST_WAIT),
            (_APPEALS, "answer to appeal", _LONGEST_WAIT),
            (_PAUSED, "end of pause", _LONGEST_PAUSE),
        ):
            for number in self._numbers(among):
                if self._waited(number, kind, wait):
                    self._try(kind, KINDS[kind][0], number)

    def _waited(self, number: str, kind: str, days: int) -> bool:
        person, before = self._person(number), self.today - dt.timedelta(days)
        if person is None:
            return False
        since: dict[str, list[dt.date | None]] = {
            "decision on application": [d.applied_on for d in person.decisions if d.decided_on is None],
            "answer to appeal": [a.received_on for d in person.decisions for a in d.appeals if a.answered_on is None],
            "end of pause": [p.starts_on for s in person.services for p in s.pauses if p.ends_on is None],
        }
        return any(day is not None and day <= before for day in since[kind])

    def _as_planned(self, municipality: Municipality, person: Person, today: dt.date) -> Ids:
        lines = {line.service_id: line for d in person.decisions for line in d.lines}
        done = []
        for service in person.services:
            line = lines.get(service.service_id)
            if service.starts_on is None and line and line.starts_on and line.starts_on <= today:
                casework.start(municipality, service, line.starts_on, today)
                done.append(service.service_id)
                if service.service_type == LONG_STAY:
                    done += casework.leave_home(municipality, person, service, line.starts_on - dt.timedelta(1), today)
            elif (
                service.starts_on
                and service.ends_on is None
                and (last := self._last(service, line.ends_on if line else None))
            ):
                casework.end(municipality, service, last, today)
                done.append(service.service_id)
        return done

    def _last(self, service: CareService, planned: dt.date | None) -> dt.date | None:
        kind = self.municipality.services[service.service_type]
        acute = (
            service.starts_on + dt.timedelta(_LONGEST_ACUTE) if kind.manner == "acute" and service.starts_on else None
        )
        last = min((day for day in (planned, acute, kind.last) if day), default=None)
        return last if last and last <= self.today else None

    # -- the persons ----------------------------------------------------------------------------------------------

    def _numbers(self, query: str, given: Mapping[str, object] | None = None) -> list[str]:
        days = {
            name: f"{self.today - dt.timedelta(ago):%Y%m%d}"
            for name, ago in (("since", changes.APPEAL_WITHIN), ("before", 1))
        }
        found = sorted(number for (number,) in self.connection.execute(query, {**days, **(given or {})}))
        return [str(number) for number in found if str(number) not in self.changed]

    def _some(self, query: str) -> list[str]:
        found = self._numbers(query)
        return self.municipality.rng.sample(found, min(_TRIES, len(found)))

    def _try(self, kind: str, change: Change, number: str) -> bool:
        if number in self.changed:
            return False
        person = self._person(number)
        touched = change(self.municipality, person, self.today) if person else []
        if person and touched:
            self._save(person)
            self._log(kind, touched)
        return bool(touched)

    def _person(self, number: str) -> Person | None:
        try:
            return load(self.connection, number)
        except Unreadable:
            self.changed.add(number)
            return None

    def _save(self, person: Person) -> None:
        store.replace(self.connection, person)
        self.changed.add(person.local_person_id)

    def _log(self, kind: str, records: Ids) -> None:
        """Log a change with local ids only, never with a national number."""
        self.connection.execute(
            "INSERT INTO _dagbok (dato, art, poster) VALUES (?, ?, ?)",
            (self.today.isoformat(), kind, json.dumps(records)),
        )

    def _new_recipient(self) -> bool:
        municipality, rng = self.municipality, self.municipality.rng
        kind = "d" if len(self._numbers(_D_NUMBER)) < _D_NUMBERS_WANTED else None
        group = rng.choices(municipality.profile.age, [g.users / g.years for g in municipality.profile.age])[0]
        leaves = self.today + dt.timedelta(int(group.years * 365))
        person = Population(municipality, self.today, 0).newcomer(group, self.today, leaves, kind)
        touched = changes.new_recipient(municipality, person, self.today)
        self._save(person)
        self._log(NEW_RECIPIENT, touched)
        return True

    def _move_record(self) -> bool:
        """Move a diagnosis that was registered on the wrong person."""
        for wrong, right in zip(self._some(_ACTIVE), self._some(_ACTIVE), strict=False):
            if wrong == right:
                continue
            giver, taker = self._person(wrong), self._person(right)
            if giver is None or taker is None:
                continue
            have = {d.code for d in taker.diagnoses}
            fit = [d for d in giver.diagnoses if d.code not in have and d.starts_on >= taker.residences[0].starts_on]
            if not fit:
                continue
            moved = fit[0]
            giver.diagnoses.remove(moved)
            moved.local_person_id, moved.recorded_at = taker.local_person_id, self.municipality.stamp(self.today)
            taker.diagnoses.append(moved)
            self._save(giver)
            self._save(taker)
            self._log(MOVED_RECORD, [moved.diagnosis_id, wrong, right])
            return True
        return False
