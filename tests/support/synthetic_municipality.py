"""A synthetic municipality as models, and a plain second implementation of what must hold for each person in it."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from random import Random

from ktt.testing.synthetic.municipality.model import Decision, Pause, Person, ProviderPeriod
from ktt.testing.synthetic.municipality.municipality import Ids, Municipality, create_municipality
from ktt.testing.synthetic.municipality.population import Population
from ktt.testing.synthetic.municipality.profile import load_profile
from ktt.testing.synthetic.record_system.reader import load

TODAY = dt.date(2026, 3, 2)
OPENING = dt.date(2017, 1, 1)
START = OPENING
DAY = dt.timedelta(1)

# Domain § 5 once more: what each service type requires.
WITH_DECISION = {"1", "2", "3", "4", "5", "7", "8", "9", "11", "15", "17", "18", "19", "20", "21", "22", "29"}
WITHOUT_DECISION = {"6", "12", "13", "16", "25", "26", "27", "28"}
WITH_HOURS = {"1", "2", "3", "4", "7", "9", "11", "15", "17", "22"}
WITH_PROVIDER = {"1", "2", "3", "4", "8", "15", "17", "18", "19", "20", "21", "22", "25"}
NO_PROVIDER = {"12", "13", "26", "29"}
UNTIL_2018 = {"12", "13", "16"}
FROM_2019 = {"27", "28", "29"}


def generate(
    recipients: int, seed: str, start: dt.date = START, until: dt.date = TODAY
) -> tuple[Municipality, list[Person]]:
    """The people that `write_epj` would write with the same seed."""
    municipality = create_municipality("1114", recipients, Random(seed), load_profile(), Ids())
    return municipality, list(Population(municipality, until, 0.003).people(recipients, start))


def people_of(folder: Path) -> Iterator[Person]:
    """Everybody in a folder's database."""
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        for (number,) in connection.execute("SELECT bruker_nr FROM bruker ORDER BY 1").fetchall():
            yield load(connection, str(number))


def faults(person: Person, today: dt.date) -> list[str]:
    """Everything about a person's records that breaks domain § 5, § 6 or § 7.10."""
    checks = (_decisions, _services, _periods, _circumstances, _assessments, _days, _death, _residences)
    return [f"{person.local_person_id}: {fault}" for check in checks for fault in check(person, today)]


def _decisions(person: Person, today: dt.date) -> Iterator[str]:
    known = {d.decision_id: d for d in person.decisions}
    for d in person.decisions:
        days = [d.applied_on, d.decided_on, *(day for a in d.appeals for day in (a.received_on, a.answered_on))]
        if not _rising([day for day in days if day]) or not d.applied_on:
            yield f"{d.decision_id} order of days"
        if not d.lines or any(line.service_type not in WITH_DECISION for line in d.lines):
            yield f"{d.decision_id} lines"
        if (d.decision_number > 1) != (d.original_decision_id in known):
            yield f"{d.decision_id} chain"
        if d.decided_on is None and (today - (d.applied_on or today)).days > 90:
            yield f"{d.decision_id} has waited too long"
        yield from _lines(d)


def _lines(d: Decision) -> Iterator[str]:
    for line in d.lines:
        granted = line.outcome == "2"
        if (d.decided_on is None) != (line.outcome is None):
            yield f"{line.service_id} outcome"
        if (granted and line.service_type in WITH_HOURS) != (line.hours_per_week is not None):
            yield f"{line.service_id} hours"
        if line.hours_per_week is not None and not 0 < line.hours_per_week <= 168:
            yield f"{line.service_id} hours outside the week"
        if (line.service_type == "8") != (line.rotating is not None):
            yield f"{line.service_id} rotating"
        if not granted and (line.starts_on or line.ends_on):
            yield f"{line.service_id} refused with days"
        if line.service_type in FROM_2019 and d.decided_on and d.decided_on.year < 2019:
            yield f"{line.service_id} type before its time"


def _services(person: Person, today: dt.date) -> Iterator[str]:
    known = {d.decision_id: {line.service_id: line for line in d.lines} for d in person.decisions}
    for s in person.services:
        if (s.service_type in WITH_DECISION) != (s.decision_id is not None):
            yield f"{s.service_id} decision"
        if s.decision_id is not None:
            line = known.get(s.decision_id, {}).get(s.service_id)
            if not line or line.outcome != "2" or line.service_type != s.service_type:
                yield f"{s.service_id} has no granted line"
        if s.starts_on and s.service_type in UNTIL_2018 and (s.starts_on.year > 2018 or s.runs(dt.date(2019, 1, 1))):
            yield f"{s.service_id} type after its time"
        if s.starts_on and s.service_type in FROM_2019 and s.starts_on.year < 2019:
            yield f"{s.service_id} type before its time"
    for code in {s.service_type for s in person.services}:
        same = [(s.starts_on, s.ends_on) for s in person.services if s.service_type == code and s.starts_on]
        if not _apart(same):
            yield f"type {code} overlaps"


def _periods(person: Person, today: dt.date) -> Iterator[str]:
    for s in person.services:
        if s.starts_on is None:
            if s.providers or s.pauses or s.ends_on:
                yield f"{s.service_id} waits and yet runs"
            continue
        if (s.service_type in WITH_PROVIDER and not s.providers) or (s.service_type in NO_PROVIDER and s.providers):
            yield f"{s.service_id} provider"
        if s.providers and not _covers(s.providers, s.starts_on, s.ends_on):
            yield f"{s.service_id} provider periods"
        inside = all(
            p.starts_on >= s.starts_on and (p.ends_on or dt.date.max) <= (s.ends_on or dt.date.max) for p in s.pauses
        )
        if not inside or not _apart([(p.starts_on, p.ends_on) for p in s.pauses]):
            yield f"{s.service_id} pauses"


def _covers(periods: Sequence[ProviderPeriod | Pause], starts: dt.date, ends: dt.date | None) -> bool:
    seams = [(a.ends_on, b.starts_on) for a, b in pairwise(periods)]
    whole = periods[0].starts_on == starts and periods[-1].ends_on == ends
    return whole and all(a is not None and a + DAY == b for a, b in seams)


def _circumstances(person: Person, today: dt.date) -> Iterator[str]:
    if not _apart([(c.starts_on, c.ends_on) for c in person.circumstances]):
        yield "sets overlap"
    for c in person.circumstances:
        if any((p.need == "1") != (p.receives is not None) for p in c.participation):
            yield f"{c.circumstances_id} receives without need"
        in_stay = any(s.service_type == "21" and s.runs(c.starts_on) for s in person.services)
        if c.medication_review and not in_stay:
            yield f"{c.circumstances_id} review without long-term stay"
        months = [m for m in (c.doctor_assessed_in, c.dentist_assessed_in) if m]
        if any(not f"{c.starts_on - 365 * DAY:%Y-%m}" <= m <= f"{c.starts_on:%Y-%m}" for m in months):
            yield f"{c.circumstances_id} assessed long ago"


def _assessments(person: Person, today: dt.date) -> Iterator[str]:
    days = [a.assessed_on for a in person.assessments]
    if len(set(days)) != len(days):
        yield "two assessments on one day"
    for a in person.assessments:
        if {s.variable for s in a.scores} != {str(n) for n in range(1, 19)}:
            yield f"{a.assessment_id} variables"
        if not any(s.score in "345" for s in a.scores if s.variable not in {"13", "14"}):
            yield f"{a.assessment_id} needs nothing"
    recent = [s for s in person.running(today) if s.service_type in WITH_DECISION]
    if recent and not days:
        yield "services without assessment"


def _days(person: Person, today: dt.date) -> Iterator[str]:
    held = [
        *[(d.applied_on, d.decided_on) for d in person.decisions],
        *[(s.starts_on, s.ends_on) for s in person.services],
        *[(c.starts_on, c.ends_on) for c in person.circumstances],
        *[(a.assessed_on, None) for a in person.assessments],
        *[(d.starts_on, d.ends_on) for d in person.diagnoses],
    ]
    earliest = max(person.born_on, dt.date(2005, 1, 1))
    for first, last in held:
        if any(day and not earliest <= day <= today for day in (first, last)) or (first and last and last < first):
            yield f"days {first} {last}"


def _death(person: Person, today: dt.date) -> Iterator[str]:
    died = person.died_on
    if died is None:
        return
    ends = [x.ends_on for x in (*person.services, *person.circumstances, *person.diagnoses)]
    ends += [p.ends_on for s in person.services for p in (*s.providers, *s.pauses)]
    if any(end is None or end > died for end in ends):
        yield "open after death"


def _residences(person: Person, today: dt.date) -> Iterator[str]:
    if not _covers(person.residences, person.residences[0].starts_on, person.died_on):  # type: ignore[arg-type]
        yield "residences leave a gap"
    first = min((d.applied_on for d in person.decisions if d.applied_on), default=today)
    if person.residences[0].starts_on > first:
        yield "applied before living anywhere"


def _rising(days: Sequence[dt.date]) -> bool:
    return all(a <= b for a, b in pairwise(days))


def _apart(periods: Sequence[tuple[dt.date | None, dt.date | None]]) -> bool:
    ordered = sorted((a or dt.date.min, b or dt.date.max) for a, b in periods)
    return all(a[1] < b[0] for a, b in pairwise(ordered))
