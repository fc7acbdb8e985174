"""Registrations of a person's situation: assessments, circumstances and diagnoses."""

from __future__ import annotations

import datetime as dt

from ktt.testing.synthetic.municipality.model import (
    Assessment,
    Circumstances,
    Diagnosis,
    Nutrition,
    Participation,
    Person,
    Score,
)
from ktt.testing.synthetic.municipality.municipality import Municipality
from ktt.testing.synthetic.municipality.profile import Need

YES, NO, NOT_RELEVANT = "1", "2", "9"
_DAY = dt.timedelta(1)
_SIGHT_HEARING = (13, 14)
_ADULT, _PENSION = 18, 67
_EARLIEST = dt.date(2005, 1, 1)  # IPLOS 3.7 takes no earlier day

# The distribution of the assistance scores by need (an assumption; from 3 on a person must help: domain § 4.2).
_SCORES: dict[Need, tuple[float, ...]] = {
    "some": (0.25, 0.42, 0.33, 0.0, 0.0),
    "medium": (0.08, 0.22, 0.45, 0.25, 0.0),
    "extensive": (0.0, 0.07, 0.23, 0.38, 0.32),
}
_SENSES = (0.55, 0.28, 0.11, 0.05, 0.01)
_VALUES = "12345"
_SCORE = [{value: Score(str(n), value) for value in _VALUES} for n in range(1, 19)]


def assess(municipality: Municipality, person: Person, on: dt.date, need: Need, today: dt.date) -> bool:
    """Add an assessment with all eighteen variables, one of them at least 3. False when there is one from that day on."""
    if any(a.assessed_on >= on for a in person.assessments):
        return False
    drawn = municipality.rng.choices(_VALUES, _SCORES[need], k=18)
    for variable in _SIGHT_HEARING:
        drawn[variable - 1] = municipality.rng.choices(_VALUES, _SENSES)[0]
    if not any(value in "345" for n, value in enumerate(drawn, 1) if n not in _SIGHT_HEARING):
        drawn[5] = "3"  # housework is what is needed first
    scores = [_SCORE[n][value] for n, value in enumerate(drawn)]
    person.assessments.append(
        Assessment(municipality.ids.next("F"), person.local_person_id, municipality.stamp(today), on, scores)
    )
    return True


def score(variable: str, value: str) -> Score:
    """A score. Equal ones are one object, which saves memory."""
    return _SCORE[int(variable) - 1][value]


def need_of(person: Person) -> Need:
    """The need by the latest assessment's mean score (the thresholds lie between the means of `_SCORES`)."""
    if not person.assessments:
        return "some"
    values = [int(s.score) for s in person.assessments[-1].scores]
    mean = sum(values[:12] + values[14:]) / 16
    return "some" if mean < 2.45 else "medium" if mean < 3.4 else "extensive"  # noqa: PLR2004


def renew(municipality: Municipality, person: Person, on: dt.date, today: dt.date) -> Circumstances:
    """Add a set of circumstances from a day on; the open one ends the day before."""
    close_circumstances(municipality, person, on - _DAY, today)
    entry = Circumstances(municipality.ids.next("O"), person.local_person_id, municipality.stamp(today), on)
    _household(municipality, person, entry)
    _plans(municipality, person, entry)
    _participation(municipality, person, entry)
    _health(municipality, person, entry)
    person.circumstances.append(entry)
    return entry


def close_circumstances(municipality: Municipality, person: Person, on: dt.date, today: dt.date) -> None:
    """End the open set of circumstances."""
    for entry in person.circumstances:
        if entry.ends_on is None:
            entry.ends_on, entry.recorded_at = max(on, entry.starts_on), municipality.stamp(today)


def _household(municipality: Municipality, person: Person, entry: Circumstances) -> None:
    rng, age = municipality.rng, person.age(entry.starts_on)
    entry.household = "3" if age < _ADULT else rng.choices("123", (0.6, 0.37, 0.06 if age < 30 else 0))[0]  # noqa: PLR2004
    entry.cares_for_children = YES if 20 < age < 60 and rng.random() < 0.2 else NO  # noqa: PLR2004
    entry.suitable_dwelling = YES if rng.random() < 0.85 else NO  # noqa: PLR2004
    entry.private_help = rng.choice("123456")
    entry.doctor_assessed_in = _recent_month(municipality, person, entry.starts_on, 0.75)
    entry.dentist_assessed_in = _recent_month(municipality, person, entry.starts_on, 0.5)


def _plans(municipality: Municipality, person: Person, entry: Circumstances) -> None:
    rng = municipality.rng
    entry.individual_plan = rng.choices("1234", (0.12, 0.38, 0.2, 0.3))[0]
    entry.coordinator = YES if entry.individual_plan == YES else rng.choices("1234", (0.1, 0.4, 0.2, 0.3))[0]
    entry.individual_plan_on = _recent_day(municipality, person, entry.starts_on)
    entry.coordinator_on = _recent_day(municipality, person, entry.starts_on)


def _participation(municipality: Municipality, person: Person, entry: Circumstances) -> None:
    rng, old = municipality.rng, person.age(entry.starts_on) >= _PENSION
    for kind in "1234":
        outside = old and kind in "12"  # work and education do not concern pensioners
        need = NOT_RELEVANT if outside else rng.choices((YES, NO, NOT_RELEVANT), (0.3, 0.6, 0.1))[0]
        receives = rng.choices("123", (0.6, 0.25, 0.15))[0] if need == YES else None
        entry.participation.append(Participation(kind, need, receives))


def _health(municipality: Municipality, person: Person, entry: Circumstances) -> None:
    rng, on = municipality.rng, entry.starts_on
    types = {s.service_type for s in person.running(on)}
    if "21" in types:  # reviews are for long-term stays (domain § 4.1), waiting lists for those without
        entry.medication_review = YES if rng.random() < 0.8 else NO  # noqa: PLR2004
        entry.medication_review_on = _recent_day(municipality, person, on) if entry.medication_review == YES else None
    elif person.age(on) >= _PENSION:
        entry.waiting_list = YES if rng.random() < 0.05 else NO  # noqa: PLR2004
        entry.waiting_list_from = _recent_day(municipality, person, on) if entry.waiting_list == YES else None
    if types & {"21", "29"} and rng.random() < 0.5:  # noqa: PLR2004
        entry.round_the_clock = YES
    if on.year >= 2019:  # noqa: PLR2004 (the field took over from service type 16 in 2019)
        entry.habilitation = YES if rng.random() < 0.06 else NO  # noqa: PLR2004
        entry.habilitation_on = _recent_day(municipality, person, on) if entry.habilitation == YES else None
    if rng.random() < 0.6:  # noqa: PLR2004
        _survey(municipality, person, entry)


def _survey(municipality: Municipality, person: Person, entry: Circumstances) -> None:
    # Surveyed; if so at risk or not; if at risk a plan or not.
    for kind, yes in (("1", 0.7), ("2", 0.3), ("3", 0.8)):
        result = YES if municipality.rng.random() < yes else NO
        on = _recent_day(municipality, person, entry.starts_on) if result == YES or kind == "2" else None
        entry.nutrition.append(Nutrition(kind, result, on))
        if result == NO:
            return


def _recent_day(municipality: Municipality, person: Person, on: dt.date, within: int = 180) -> dt.date:
    return max(on - dt.timedelta(int(municipality.rng.random() * within)), person.born_on, _EARLIEST)


def _recent_month(municipality: Municipality, person: Person, on: dt.date, known: float) -> str | None:
    # Filled when known and within twelve months (domain § 4.1).
    return f"{_recent_day(municipality, person, on, 330):%Y-%m}" if municipality.rng.random() < known else None


def diagnose(municipality: Municipality, person: Person, on: dt.date, today: dt.date) -> Diagnosis | None:
    """Add a diagnosis from a day on; None when the person already has the one that was drawn."""
    system = "ICPC-2" if municipality.rng.random() < municipality.profile.icpc else "ICD-10"
    code = municipality.rng.choice(municipality.profile.diagnosis[system])
    if any(d.code == code for d in person.diagnoses):
        return None
    on = max(on, person.born_on, _EARLIEST)
    diagnosis = Diagnosis(
        municipality.ids.next("D"), person.local_person_id, municipality.stamp(today), system, code, on
    )
    person.diagnoses.append(diagnosis)
    return diagnosis
