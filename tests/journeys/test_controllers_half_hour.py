"""The controller's half hour: from `ktt registry` alone she finds each of the things that are planted in a small nation."""

from __future__ import annotations

import pytest

from support.registry_commands import ask
from support.small_nation import (
    BROKEN,
    DAY,
    JUMPED,
    LIMITED,
    MERGED,
    NO_CHANGES,
    SILENT,
    UNITS,
    UNREADABLE,
    WRONG,
    make_nation,
)

ON = ("--day", DAY)


@pytest.fixture(scope="module")
def nation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nation")
    make_nation(folder)
    return folder


@pytest.fixture
def told(nation, capfd):
    capfd.readouterr()
    return lambda *words, code=0, data=True: ask(
        capfd, *words, "--config", nation / "mottak.toml", code=code, data=data
    )


def test_who_is_silent_and_who_stands(told):
    found = told("silent", *ON, code=4)
    states = {one["unit"]: one["state"] for one in found["units"]}
    assert states == {SILENT.key: "silent", **{unit.key: "rejected" for unit in BROKEN}}
    (silent,) = (one for one in found["units"] if one["state"] == "silent")
    assert (silent["heard_on"], silent["overdue_since"], silent["missed"]) == ("2026-03-13", "2026-03-16", 4)
    assert found["counts"]["never"] == 357 - len(UNITS)


def test_who_has_no_changes_and_who_is_merged_are_not_silent(told):
    found = {one["unit"]: one for one in told("silent", "--all", *ON, code=4)["units"]}
    assert (found[NO_CHANGES.key]["state"], found[NO_CHANGES.key]["days"]) == ("heard", 1)
    assert found[NO_CHANGES.key]["accepted_at"].startswith("2026-03-13")
    assert found[MERGED.key]["state"] == "ended"


def test_the_broken_version(told):
    worst, *_ = told("acceptance", "--by", "version", "--since", "2026-03-01")
    assert (worst["vendor"], worst["version"], worst["standing"], worst["tries"], worst["code"]) == (
        *("Prove AS", "5.0"),
        *(3, 12, "2008"),
    )
    assert worst["share"] < 1


def test_the_message_that_cannot_be_read(told):
    (held,) = told("held")
    assert (held["unit"], held["messages"]) == (UNREADABLE.key, 3)


def test_the_months_that_are_missing_until_they_are_declared(told):
    def years():
        (one,) = (one for one in told("coverage", *ON)["units"] if one["unit"] == LIMITED.key)
        return {one["year"]: (one["complete"], one["none"], one["declared"]) for one in one["years"]}

    assert {year for year, found in years().items() if found == (0, 12, 0)} == {str(year) for year in range(2017, 2023)}
    assert years()["2023"] == (12, 0, 0)
    told("declare", LIMITED.key, "--from", "2017-01", "--to", "2022-12", "--reason", "byttet EPJ i januar 2023")
    assert years()["2019"] == (0, 0, 12)
    others = [one for one in told("coverage", *ON)["units"] if one["unit"] != LIMITED.key]
    assert MERGED.key not in {one["unit"] for one in others}
    assert {one["complete"] for one in others} == {110}


def test_the_jump(told):
    found = told("outliers", *ON)
    assert [(one["unit"], one["service_type"], one["before"], one["after"]) for one in found] == [
        (JUMPED.key, "3", 10, 30)
    ]
    assert told("outliers", "--day", "2026-03-15") == []


def test_what_came_against_what_was_expected(told):
    odd = [(one["unit"], one["day"], one["records"], one["odd"]) for one in told("received", "--days", "5", *ON)]
    assert odd == [
        (JUMPED.key, "2026-03-17", 21, "high"),
        (WRONG.key, "2026-03-16", 13, "high"),
    ]


def test_the_broken_rule(told):
    (rule,) = (one for one in told("rules", *ON) if one["units"] == 1)
    assert (rule["findings"], rule["opened"], rule["change_before"]) == (12, 12, 0)
    assert rule["rule"] in {one["rule"] for one in told("rules", "--unit", WRONG.key, *ON)}
    assert {one["version"] for one in told("rules", "--by", "version", *ON) if one["rule"] == rule["rule"]} == {"4.9"}


def test_the_annual_control_and_the_quality_of_a_unit(told):
    found = told("annual-control", "--unit", JUMPED.key, *ON)
    users = {one["service_type"]: (one["in_year"], one["in_year_before"]) for one in found["users"]}
    assert users == {"3": (1, 1), "15": (1, 1)}
    shares = {(one["group"], one["field"]): one["share"] for one in found["filled"]}
    assert shares["home_dwelling", "household"] == 0.0
    variables = {(one["record_type"], one["variable"]): one for one in told("quality", "--unit", WRONG.key)}
    assert variables["care_service", "starts_on"]["completeness"] == 1.0
    assert variables["care_service", "provider_period"]["completeness"] == 0.0


ASKED_OF_A_UNIT = (
    *("units", "held", "silent", "coverage", "received", "acceptance", "declarations"),
    *("outliers", "rules", "quality", "annual-control", "reprocess", "cases", "cases open --plan", "cases check"),
)


@pytest.mark.parametrize("command", ASKED_OF_A_UNIT)
def test_a_unit_that_is_written_wrong_is_not_answered_with_nothing(told, command):
    assert told(*command.split(), "--unit", "312000999-1103", code=2)["code"] == "KTT-COV-04"


def test_cases_of_one_unit_alone(told):
    every = told("cases", "open", "--plan", *ON)
    assert {one["unit"] for one in every} > {SILENT.key}
    only = told("cases", "open", "--plan", "--unit", SILENT.key, *ON)
    assert only == [one for one in every if one["unit"] == SILENT.key]


def test_everything_is_said_in_words(told):
    for words in (
        ("coverage", *ON),
        ("outliers", *ON),
        ("rules", *ON),
        ("annual-control", "--unit", JUMPED.key, *ON),
        ("quality",),
    ):
        assert "Enhet" in told(*words, data=False) or "Tjeneste" in told(*words, data=False)
