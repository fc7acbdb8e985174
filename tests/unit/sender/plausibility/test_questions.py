"""What is asked, on both sides of every limit."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.sender.plausibility import limits
from ktt.sender.plausibility.figures import Figures
from ktt.sender.plausibility.questions import ask, ask_tables
from support import effort
from support.ordinary_months import ordinary_month

MONDAY = dt.date(2026, 3, 2)
NOON = dt.datetime(2026, 3, 2, 11, 0, tzinfo=dt.UTC)
A_DAY = dt.timedelta(days=1)
ORDINARY = Figures(
    kind="daily",
    day=MONDAY,
    services={"15": 100, "2": 10},
    records={"care_service": 110, "diagnosis": 890},
    recipients=100,
    unidentified=2,
    newest=(NOON, NOON - A_DAY, NOON - 2 * A_DAY),
    changed=10,
)


def days(*runs: Figures) -> list[Figures]:
    """The runs on days that follow each other, the first of them a load."""
    return [replace(run, kind="daily" if n else "load", day=MONDAY + n * A_DAY) for n, run in enumerate(runs)]


def asked(now: Figures, before: list[Figures], after: int = 1) -> list[str]:
    day = before[-1].day + after * A_DAY
    return [one.name for one in ask(replace(now, day=day), before, day)]


WEEK = days(*[ORDINARY] * 8)

# what the run saw otherwise than the runs before it | what is asked
SERVICES = [
    ({"15": 80, "2": 10}, []),
    ({"15": 79, "2": 10}, ["fall:15"]),
    ({"15": 100, "2": 8}, []),  # of a small number, two may always go
    ({"15": 100, "2": 7}, ["fall:2"]),
    ({"15": 100}, ["fall:2"]),
    ({}, ["fall:15", "fall:2"]),
    ({"15": 150, "2": 10}, []),
    ({"15": 151, "2": 10}, ["jump:15"]),
    ({"15": 100, "2": 20}, []),  # ten more of a small number are ordinary
    ({"15": 100, "2": 21}, ["jump:2"]),
    ({"15": 100, "2": 10, "4": 10}, []),
    ({"15": 100, "2": 10, "4": 11}, ["jump:4"]),
    ({"15": 12, "2": 98}, ["fall:15", "jump:2"]),
]


@pytest.mark.parametrize(("services", "names"), SERVICES)
@pytest.mark.parametrize("before", [WEEK, WEEK[:1]])
def test_services_that_fall_or_jump(services, names, before):
    assert asked(replace(ORDINARY, services=services), before) == names


def test_two_services_of_a_type_may_go_and_three_may_not():
    for count, names in ((2, []), (3, ["fall:2"])):
        before = days(replace(ORDINARY, services={"15": 100, "2": count}))
        assert asked(replace(ORDINARY, services={"15": 100}), before) == names


def test_a_type_that_always_swings_may_swing():
    swinging = days(*(replace(ORDINARY, services={"15": 100 + 40 * (n % 2)}) for n in range(9)))
    assert asked(replace(ORDINARY, services={"15": 61}), swinging) == []
    assert asked(replace(ORDINARY, services={"15": 30}), swinging) == ["fall:15"]


IDENTITIES = [
    # recipients, without a number | what is asked
    (100, 5, []),
    (100, 6, ["identity"]),
    (200, 7, []),  # four of them as before, and three more
    (50, 5, ["identity"]),
    (100, 0, []),
]


@pytest.mark.parametrize(("recipients", "unidentified", "names"), IDENTITIES)
def test_recipients_who_have_lost_their_number(recipients, unidentified, names):
    assert asked(replace(ORDINARY, recipients=recipients, unidentified=unidentified), WEEK) == names


CHANGES = [
    # before | days since | differences of 1000 records | what is asked
    (WEEK, 1, 50, []),
    (WEEK, 1, 51, ["changes"]),
    (WEEK, 3, 150, []),
    (WEEK, 3, 151, ["changes"]),
    (WEEK, 60, 351, ["changes"]),  # a long pause does not make everything ordinary
    (WEEK[:3], 1, 200, []),  # before the unit's own rate is known
    (WEEK[:3], 1, 201, ["changes"]),
    (WEEK[:3], 9, 501, ["changes"]),
    (days(*(replace(ORDINARY, changed=90 + n) for n in range(8))), 1, 98, []),
    (days(*(replace(ORDINARY, changed=90 + n) for n in range(8))), 1, 200, ["changes"]),
]


@pytest.mark.parametrize(("before", "after", "differing", "names"), CHANGES)
def test_far_more_changes_than_before(before, after, differing, names):
    assert asked(replace(ORDINARY, changed=differing), before, after) == names
    assert asked(replace(ORDINARY, changed=differing, kind="load"), before, after) == []


def test_one_odd_day_that_was_accepted_does_not_make_the_next_one_ordinary():
    odd = days(*[ORDINARY] * 6, replace(ORDINARY, changed=900), ORDINARY)
    assert asked(replace(ORDINARY, changed=900), odd) == ["changes"]


NEWEST = [
    # the newest registration | what is asked
    (NOON + A_DAY, []),
    (NOON, []),
    (NOON - A_DAY, []),  # the newest one was deleted
    (NOON - 2 * A_DAY, []),  # the two newest were
    (NOON - 3 * A_DAY, ["older"]),
]


@pytest.mark.parametrize(("newest", "names"), NEWEST)
def test_a_record_system_that_is_older_than_in_the_last_run(newest, names):
    assert asked(replace(ORDINARY, newest=(newest,)), WEEK) == names
    assert asked(replace(ORDINARY, newest=(newest,)), days(replace(ORDINARY, newest=()))) == []


@pytest.mark.parametrize(
    ("after", "today", "names"), [(1, 1, []), (0, 0, []), (1, 2, []), (-1, 0, ["day"]), (1, 0, ["day"])]
)
def test_a_day_in_the_future_or_before_the_last(after, today, names):
    now = replace(ORDINARY, day=WEEK[-1].day + after * A_DAY)
    assert [one.name for one in ask(now, WEEK, WEEK[-1].day + today * A_DAY)] == names


def test_a_future_day_needs_no_history():
    assert [one.name for one in ask(ORDINARY, [], MONDAY - A_DAY)] == ["day"]
    assert list(ask(ORDINARY, [], MONDAY)) == []


DROPS = [
    # before, now | asked
    (100, 80, False),
    (100, 79, True),
    (10, 8, False),
    (4, 2, False),  # in a small table, two may always go
    (4, 1, True),
    (1, 0, True),  # an emptied table is always asked about
    (0, 0, False),
    (5, 50, False),
]


@pytest.mark.parametrize(("before", "now", "is_asked"), DROPS)
def test_a_table_that_shrinks(before, now, is_asked):
    names = [one.name for one in ask_tables({"tjeneste": before}, {"tjeneste": now}, {"tjeneste": 0.2})]
    assert names == (["table:tjeneste"] if is_asked else [])


def test_the_share_is_that_of_the_mapping():
    assert list(ask_tables({"tjeneste": 100}, {"tjeneste": 90}, {"tjeneste": 0.05}))
    assert not list(ask_tables({"tjeneste": 100}, {"tjeneste": 90}, {"tjeneste": 0.2}))


counts = st.dictionaries(st.sampled_from(["15", "2", "4", "29"]), st.integers(0, 400))
figures = st.builds(
    replace,
    st.just(ORDINARY),
    services=counts,
    recipients=st.integers(100, 300),
    unidentified=st.integers(0, 100),
    changed=st.integers(0, 2000),
)


@given(st.lists(figures, max_size=12), figures)
def test_every_question_has_a_name_of_its_own_and_all_its_words(before, now):
    history = days(*before)
    day = MONDAY + len(history) * A_DAY
    questions = list(ask(replace(now, day=day), history, day))
    names = [one.name for one in questions]
    assert len(set(names)) == len(names)
    for one in questions:
        assert not re.search(r"[{}]|None", one.says.nb + one.says.en)
        assert re.fullmatch(r"(fall|jump):\d+|identity|changes|older|day", one.name)


@given(figures)
def test_what_is_the_same_as_in_the_last_run_is_never_asked_about(one):
    quiet = replace(one, changed=0, new=0, gone=0)
    assert asked(quiet, days(quiet)) == []


@given(st.lists(figures, min_size=1, max_size=12), st.integers(1, 300))
def test_more_that_is_gone_is_never_less_odd(before, fewer):
    history = days(*(replace(run, services={"15": 300}) for run in before))

    def falls(now: int) -> bool:
        return "fall:15" in asked(replace(history[-1], services={"15": now}), history)

    assert not falls(300 - fewer) or falls(max(0, 300 - fewer - 1))


@pytest.mark.parametrize("seed", range(effort.ORDINARY_MONTHS))
def test_an_ordinary_month_asks_nothing(tmp_path, seed):
    days_asked = effort.ORDINARY_DAYS
    asked_about = {
        str(on): [one.name for one in asked] for on, asked, _ in ordinary_month(tmp_path / "epj", seed, days_asked)
    }
    assert {on: names for on, names in asked_about.items() if names} == {}


GUIDE = Path(__file__).parents[4] / "docs" / "how-to" / "naar-ktt-spor.md"


def test_the_guide_has_the_limits_of_the_program():
    """Its table says `limits` in words, so the numbers must be the same."""
    text = GUIDE.read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip().strip("`"): row for row in text.splitlines() if row.startswith("| `")}
    for name, limit in (
        ("fall:15", limits.FALL),
        ("jump:15", limits.JUMP),
        ("identity", limits.UNIDENTIFIED),
        ("changes", limits.CHANGES),
    ):
        assert f" {limit.few} " in rows[name].replace(",", " ")
        assert f" {limit.share:.0%}".replace("%", " %") in rows[name]
    assert f"{limits.CHANGES_FIRST.share:.0%}".replace("%", " %") in rows["changes"]
    assert f"{limits.RUNS} kjøringer" in text
    assert set(rows) >= {"fall:15", "jump:15", "identity", "changes", "older", "day", "drop:decision", "table:vedtak"}
