"""Planted faults: every rule is broken somewhere, and exactly what was planted is found, wherever it was planted."""

from __future__ import annotations

import datetime as dt
import json

import polars as pl
import pytest

from ktt.domain.records import ALL_TYPES
from ktt.rules.catalogue import catalogue
from ktt.sender.extract.extract import canonical_extract
from ktt.sender.extract.finding_kinds import FINDING_KINDS, NO_IDENTITY
from ktt.sender.extract.mapping.file import read_mapping
from ktt.sender.extract.rows.counts import RowCounts
from ktt.sender.extract.rows.row_filter import KeptRows
from ktt.testing.synthetic.advance import advance_day
from ktt.testing.synthetic.create import write_epj
from ktt.testing.synthetic.errors import WrongMeasure
from ktt.testing.synthetic.faults.definitions import DEFINITIONS, Origin, fault_of
from ktt.testing.synthetic.faults.frames import records_of
from ktt.testing.synthetic.faults.person_case import FIRST_DAY, clean_case
from ktt.testing.synthetic.faults.planting import UNIT_FAULTS, definitions_of, faulty_records
from ktt.testing.synthetic.record_system.mapping import write_mapping
from support.synthetic_faults import (
    MUNICIPALITY,
    REAL_UNIT,
    UNIT,
    as_text,
    create,
    found_in,
    in_short,
    read_folder,
)

EVERYDAY = dt.date(2026, 3, 2)
DAYS = {
    "an everyday": EVERYDAY,
    "New Year's Eve": dt.date(2026, 12, 31),
    "New Year's Day": dt.date(2026, 1, 1),
    "a leap day": dt.date(2024, 2, 29),
    "the first day there can be faults": FIRST_DAY,
}


def _write(folder, faults, *, day=EVERYDAY, seed=1, municipality=MUNICIPALITY):
    start = dt.date(day.year - 4, 1, 1)
    return write_epj(folder, recipients=15, municipality=municipality, start=start, seed=seed, until=day, faults=faults)


def _found(folder, answers):
    """What the program finds: database, mapping, extract, rules."""
    read = read_folder(folder, answers)
    assert set(read.findings["rule"]) <= {NO_IDENTITY.code}
    assert not any(read.excluded.get(name, {}).get("unreadable") for name in ALL_TYPES)
    return in_short(found_in(read.records, read.extracted_on, unit=_unit(answers)))


def _unit(answers):
    return type(UNIT)(**answers["unit"])


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A record system with one fault of each rule, and its answers."""
    folder = tmp_path_factory.mktemp("faulty") / "epj"
    return folder, _write(folder, 1)


# -- every rule ---------------------------------------------------------------------------------------------------


def test_every_rule_has_its_fault():
    planted = [definition.rule for origin in Origin for definition in definitions_of(origin)]
    assert sorted([*planted, *UNIT_FAULTS]) == [rule.id for rule in catalogue()]


def test_a_rule_has_one_fault():
    with pytest.raises(ValueError, match="twice"):
        fault_of(definitions_of(Origin.RECORD_SYSTEM)[0].rule)(lambda case: case.person.local_person_id)


def test_the_key_accounts_for_every_rule(faulty):
    _, answers = faulty
    summary = answers["faults"]
    assert not summary["rules"].keys() & summary["planted_elsewhere"].keys()
    assert sorted([*summary["rules"], *summary["planted_elsewhere"]]) == [rule.id for rule in catalogue()]
    assert summary["findings"] == sum(each["findings"] for each in summary["rules"].values())
    assert set(summary["planted_elsewhere"].values()) <= {*FINDING_KINDS, "production", "unit"}


# -- in a record system -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "seed", "faults", "municipality"),
    [
        ("an everyday", 1, 3, "1114"),
        ("New Year's Eve", 2, 3, "1114"),
        ("New Year's Day", 3, 1, "0301"),
        ("a leap day", 4, 1, "4601"),
        ("the first day there can be faults", 5, 1, "1114"),
    ],
)
def test_exactly_what_was_planted_is_found(tmp_path, day, seed, faults, municipality):
    answers = _write(tmp_path / "epj", faults, day=DAYS[day], seed=seed, municipality=municipality)
    assert {definition.rule for definition in definitions_of(Origin.RECORD_SYSTEM)} == answers["faults"]["rules"].keys()
    assert _found(tmp_path / "epj", answers) == answers["faults"]["rules"]


@pytest.mark.parametrize(("day", "seed"), [(day, seed) for seed, day in enumerate(DAYS)])
def test_a_clean_record_system_has_nothing_but_persons_without_a_number(tmp_path, day, seed):
    answers = write_epj(
        tmp_path / "epj",
        recipients=40,
        municipality=("1114", "0301", "4601")[seed % 3],
        start=dt.date(2017, 1, 1),
        seed=seed,
        until=DAYS[day],
        unidentified=0.1,
    )
    assert answers["faults"]["rules"].keys() == {"KTT-PERSON-02"}
    assert "planted_elsewhere" not in answers["faults"]
    assert _found(tmp_path / "epj", answers) == answers["faults"]["rules"]


def test_the_comparison_notices_a_rule_that_sleeps_and_one_that_cries_wolf(faulty):
    folder, answers = faulty
    records, want = read_folder(folder, answers).records, answers["faults"]["rules"]
    awake = [rule for rule in catalogue() if rule.id != "KTT-DOD-04"]
    found = in_short(found_in(records, EVERYDAY, unit=_unit(answers), rules=awake))
    assert {rule for rule in want if found.get(rule) != want[rule]} == {"KTT-DOD-04"}
    late = in_short(found_in(records, EVERYDAY + dt.timedelta(100), unit=_unit(answers)))
    assert "KTT-VEDTAK-10" in {rule for rule in late if late[rule] != want.get(rule)}


def test_the_key_follows_the_day(faulty, tmp_path):
    folder = tmp_path / "epj"
    first = _write(folder, 1, day=DAYS["New Year's Eve"], seed=6)
    for days in (1, 7, 55):
        answers = advance_day(folder, days=days)
        assert _found(folder, answers) == answers["faults"]["rules"]
        assert answers == json.loads((folder / "answers.json").read_text("utf-8"))
    assert "KTT-TJENESTE-14" in first["faults"]["rules"]
    assert "KTT-TJENESTE-14" not in answers["faults"]["rules"]  # what was to come has come
    waits = "KTT-VEDTAK-10"  # and what waited has waited too long
    assert answers["faults"]["rules"][waits]["findings"] > first["faults"]["rules"][waits]["findings"]


def test_nothing_happens_to_a_person_with_a_fault(faulty, tmp_path):
    folder = tmp_path / "epj"
    first = _write(folder, 1, seed=7)
    after = advance_day(folder, days=8)
    touched = {record for day in after["days"] for done in day["done"] for record in done["records"]}
    assert touched
    assert not touched & {record for each in first["faults"]["rules"].values() for record in each["records"]}


# -- elsewhere ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", [1, 3])
@pytest.mark.parametrize("day", DAYS)
def test_what_the_reading_would_stop_is_found_in_records(day, faults):
    municipality = create(f"{day}{faults}")
    clean = records_of([clean_case(municipality, DAYS[day]).person for _ in range(20)])
    records, key = faulty_records(clean, municipality, DAYS[day], faults, Origin.RECORDS)
    assert {definition.rule for definition in definitions_of(Origin.RECORDS)} <= key.on(DAYS[day]).keys()
    assert found_in(records, DAYS[day]) == key.on(DAYS[day])


@pytest.mark.parametrize("definition", definitions_of(Origin.RECORDS), ids=lambda definition: definition.rule)
def test_the_reading_stops_it_with_the_finding_that_is_named(definition, tmp_path_factory):
    case = clean_case(create(definition.rule), EVERYDAY)
    local_id = definition.plant(case)
    tables = {
        name: KeptRows(frame, RowCounts(frame.height), pl.Series())
        for name, frame in as_text([case.person, *case.others]).items()
    }
    read = canonical_extract(_mapping(tmp_path_factory), tables, UNIT, EVERYDAY, "sandbox", owned=True, stale={})
    assert (definition.stopped_by, local_id) in set(read.findings.select("rule", "local_id").iter_rows())
    assert definition.rule not in found_in(read.records, EVERYDAY)


def _mapping(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mapping")
    write_mapping(folder)
    return read_mapping(folder / "mapping.toml")


@pytest.mark.parametrize("faults", [1, 3])
@pytest.mark.parametrize("day", DAYS)
def test_test_data_in_production_is_found(day, faults):
    records, key = faulty_records({}, create(day), DAYS[day], faults, Origin.PRODUCTION)
    assert key.on(DAYS[day])
    assert found_in(records, DAYS[day], unit=REAL_UNIT, production=True) == key.on(DAYS[day])


@pytest.mark.parametrize("rule", UNIT_FAULTS)
def test_a_fault_of_the_unit_itself(rule):
    production = rule == "KTT-ENHET-02"
    found = found_in({}, EVERYDAY, unit=UNIT_FAULTS[rule], production=production)
    assert found == {rule: [UNIT_FAULTS[rule].organisation]}


# -- the persons --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS)
def test_before_the_fault_the_person_is_clean_and_stays_clean(day):
    municipality = create(day)
    records = records_of([clean_case(municipality, DAYS[day]).person for _ in range(5)])
    for later in (0, 1, 100, 1000):
        assert found_in(records, DAYS[day] + dt.timedelta(later)) == {}


def test_there_are_numbers_for_many_persons_with_the_same_fault():
    municipality = create("many")
    for rule in ("KTT-VEDTAK-13", "KTT-PERSON-10", "KTT-PERSON-03", "KTT-PERSON-05"):
        people = []
        for _ in range(300):
            case = clean_case(municipality, EVERYDAY)
            DEFINITIONS[rule].plant(case)
            people.append(case.person)
        assert len({person.person_number for person in people}) == 300


# -- asking -------------------------------------------------------------------------------------------------------


def test_the_same_arguments_give_the_same_faults_and_the_others_are_the_same_without(faulty, tmp_path):
    _, answers = faulty
    assert _write(tmp_path / "again", 1) == answers
    without = _write(tmp_path / "without", 0)
    assert all(without["counts"][name] < count for name, count in answers["counts"].items())


@pytest.mark.parametrize(("faults", "day"), [(-1, EVERYDAY), (1001, EVERYDAY), (1, FIRST_DAY - dt.timedelta(1))])
def test_what_cannot_be_planted_is_refused_and_nothing_is_written(tmp_path, faults, day):
    with pytest.raises(WrongMeasure):
        _write(tmp_path / "epj", faults, day=day)
    assert list(tmp_path.iterdir()) == []
