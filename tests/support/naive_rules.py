"""A second opinion: rules written again row by row, in plain Python, by somebody who only read their sentences.

Slow and simple on purpose. A rule here is a function of one row (a dict) and the world around it; it answers True
when the row is right, False when it breaks the rule, None when the rule does not apply. Parents are looked up in
dicts, neighbours by going through the list.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from ktt.domain.identifiers import NEW_RULE, OLD_RULE, organisation_valid, parse_person_number

Row = Mapping[str, Any]
FAR = dt.date(9999, 12, 31)
OSLO = ZoneInfo("Europe/Oslo")


@dataclass
class World:
    """All rows of all types, whose they are, and the day."""

    rows: Mapping[str, list[Row]]
    today: dt.date
    production: bool = False
    tables: dict[tuple[str, str], dict[Any, list[Row]]] = field(default_factory=dict)
    counts: dict[tuple[str, tuple[str, ...]], Counter[tuple[Any, ...]]] = field(default_factory=dict)

    def all(self, kind: str, **wanted: Any) -> list[Row]:
        """The rows of a type where one column has a value; each table is made once."""
        ((column, value),) = wanted.items()
        if (kind, column) not in self.tables:
            table: dict[Any, list[Row]] = {}
            for row in self.rows.get(kind, []):
                table.setdefault(row[column], []).append(row)
            self.tables[kind, column] = table
        return self.tables[kind, column].get(value, []) if value is not None else []

    def many(self, kind: str, row: Row, columns: tuple[str, ...]) -> int:
        """How many rows of a type have the same values in these columns as this one, itself counted."""
        if (kind, columns) not in self.counts:
            rows = self.rows.get(kind, [])
            self.counts[kind, columns] = Counter(tuple(one[name] for name in columns) for one in rows)
        return self.counts[kind, columns][tuple(row[name] for name in columns)]

    def first(self, kind: str, **wanted: Any) -> Row | None:
        found = self.all(kind, **wanted)
        return found[0] if found else None

    @cached_property
    def remainders(self) -> frozenset[int]:
        return OLD_RULE if self.production and self.today < dt.date(2032, 1, 1) else NEW_RULE

    def born_on(self, row: Row) -> dt.date | None:
        person = self.first("recipient", local_person_id=row["local_person_id"])
        if person is None or person["person_number"] is None:
            return None
        return parse_person_number(person["person_number"], self.remainders).born_on

    def died_on(self, row: Row) -> dt.date | None:
        person = self.first("recipient", local_person_id=row["local_person_id"])
        return person["died_on"] if person else None


Check = Callable[[Row, World], bool | None]
NAIVE: dict[str, tuple[str, Check]] = {}
"""Rule id → record type and second opinion."""


def naive(kind: str, *ids: str) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        for one in ids:
            NAIVE[one] = (kind, check)
        return check

    return keep


def broken(world: World, rule_id: str) -> list[int]:
    """The places of the rows that break the rule."""
    kind, check = NAIVE[rule_id]
    return [place for place, row in enumerate(world.rows.get(kind, [])) if check(row, world) is False]


def _in_order(first: Any, second: Any) -> bool | None:
    return None if first is None or second is None else first <= second


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


# --- one row by itself ------------------------------------------------------------------------------------------------


def _dates(kind: str, rule_id: str, first: str, second: str) -> None:
    naive(kind, rule_id)(lambda row, _world: _in_order(row[first], row[second]))


_dates("decision", "KTT-VEDTAK-02", "applied_on", "decided_on")
_dates("appeal", "KTT-KLAGE-02", "received_on", "answered_on")
_dates("care_service", "KTT-TJENESTE-01", "starts_on", "ends_on")
_dates("circumstances", "KTT-PERSONOPPL-01", "starts_on", "ends_on")
_dates("circumstances", "KTT-PERSONOPPL-07", "waiting_list_from", "waiting_list_to")
_dates("diagnosis", "KTT-DIAGNOSE-01", "starts_on", "ends_on")
_dates("decision_line", "KTT-LINJE-06", "starts_on", "ends_on")
_dates("provider_period", "KTT-UTFORER-02", "starts_on", "ends_on")
_dates("pause", "KTT-STOPP-01", "starts_on", "ends_on")


def _range(kind: str, rule_id: str, column: str) -> None:
    def check(row: Row, world: World) -> bool | None:
        day = row[column]
        return None if day is None else dt.date(2005, 1, 1) <= day <= dt.date(world.today.year, 12, 31)

    naive(kind, rule_id)(check)


_range("decision", "KTT-DATO-01", "applied_on")
_range("decision", "KTT-DATO-02", "decided_on")
_range("care_service", "KTT-DATO-03", "starts_on")
_range("appeal", "KTT-DATO-04", "received_on")
_range("circumstances", "KTT-DATO-05", "starts_on")
_range("nutrition", "KTT-DATO-07", "surveyed_on")
_range("assessment", "KTT-DATO-08", "assessed_on")
_range("pause", "KTT-DATO-09", "starts_on")


def _not_future(kind: str, rule_id: str, column: str) -> None:
    naive(kind, rule_id)(lambda row, world: _in_order(row[column], world.today))


_not_future("assessment", "KTT-FUNKSJON-06", "assessed_on")
_not_future("diagnosis", "KTT-DIAGNOSE-07", "starts_on")
_not_future("decision", "KTT-DATO-12", "decided_on")
_not_future("care_service", "KTT-TJENESTE-14", "starts_on")
_not_future("recipient", "KTT-PERSON-08", "died_on")


@naive("decision", "KTT-VEDTAK-01")
def decision_has_a_day(row: Row, _world: World) -> bool:
    return bool(row["applied_on"] or row["decided_on"])


@naive("decision", "KTT-VEDTAK-04")
def not_its_own_original(row: Row, _world: World) -> bool | None:
    original = row["original_decision_id"]
    return None if original is None else original != row["decision_id"]


@naive("decision", "KTT-VEDTAK-10")
def waits_at_most_ninety_days(row: Row, world: World) -> bool | None:
    if row["decided_on"]:
        return True
    return None if row["applied_on"] is None else (world.today - row["applied_on"]).days <= 90


@naive("decision_line", "KTT-OMFANG-01")
def at_most_a_whole_week(row: Row, _world: World) -> bool | None:
    hours = row["hours_per_week"]
    return None if hours is None else hours <= Decimal(168)


@naive("decision_line", "KTT-OMFANG-02")
def more_than_nothing(row: Row, _world: World) -> bool | None:
    hours = row["hours_per_week"]
    return None if hours is None else hours > 0


@naive("decision_line", "KTT-OMFANG-03")
def staff_hours_cover_hours(row: Row, _world: World) -> bool | None:
    return _in_order(row["hours_per_week"], row["staff_hours_per_week"])


@naive("decision_line", "KTT-OMFANG-05")
def a_refusal_gives_no_hours(row: Row, _world: World) -> bool:
    return row["outcome"] != "1" or row["hours_per_week"] is None


@naive("decision_line", "KTT-OMFANG-06")
def a_decision_gives_at_most_two_weeks(row: Row, world: World) -> bool:
    lines = world.all("decision_line", decision_id=row["decision_id"])
    return sum((line["hours_per_week"] or Decimal(0) for line in lines), Decimal(0)) <= 336


@naive("decision_line", "KTT-LINJE-05")
def rotating_only_for_respite(row: Row, _world: World) -> bool | None:
    if row["service_type"] is None:
        return True if row["rotating"] is None else None
    return row["service_type"] == "8" or row["rotating"] is None


@naive("decision_line", "KTT-LINJE-07")
def a_refusal_has_no_period(row: Row, _world: World) -> bool:
    return row["outcome"] != "1" or (row["starts_on"] is None and row["ends_on"] is None)


@naive("provider_period", "KTT-UTFORER-01")
def the_provider_exists(row: Row, _world: World) -> bool | None:
    return None if row["provider"] is None else organisation_valid(row["provider"])


@naive("participation", "KTT-DELTAKELSE-01")
def receives_only_what_is_needed(row: Row, _world: World) -> bool | None:
    if row["receives"] is None:
        return True
    return None if row["need"] is None else row["need"] == "1"


@naive("participation", "KTT-DELTAKELSE-02")
def a_need_is_answered(row: Row, _world: World) -> bool:
    return row["need"] != "1" or row["receives"] is not None


@naive("nutrition", "KTT-ERNAERING-03")
def a_survey_has_a_day(row: Row, _world: World) -> bool:
    return row["result"] != "1" or row["surveyed_on"] is not None


@naive("circumstances", "KTT-PERSONOPPL-08")
def who_waits_has_not_left(row: Row, _world: World) -> bool:
    return not (row["waiting_list"] == "1" and row["waiting_list_to"] is not None)


@naive("circumstances", "KTT-PERSONOPPL-09")
def who_waits_came_some_day(row: Row, _world: World) -> bool:
    return not (row["waiting_list"] == "1" and row["waiting_list_from"] is None)


@naive("circumstances", "KTT-PERSONOPPL-10")
def who_has_a_plan_has_a_coordinator(row: Row, _world: World) -> bool:
    return not (row["individual_plan"] == "1" and row["coordinator"] in {"2", "4"})


@naive("circumstances", "KTT-PERSONOPPL-16")
def a_day_on_the_list_needs_a_status(row: Row, _world: World) -> bool:
    return row["waiting_list_from"] is None or row["waiting_list"] is not None


@naive("circumstances", "KTT-PERSONOPPL-20")
def the_coordinator_came_before_the_record(row: Row, _world: World) -> bool | None:
    if row["coordinator_on"] is None or row["recorded_at"] is None:
        return None
    return row["coordinator_on"] <= row["recorded_at"].astimezone(OSLO).date()


@naive("circumstances", "KTT-LEGE-01")
def the_month_is_a_month(row: Row, _world: World) -> bool | None:
    month = row["doctor_assessed_in"]
    return None if month is None else re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) is not None


def _first_of(month: str | None) -> dt.date | None:
    found = re.fullmatch(r"(\d{4})-(\d{2})", month or "")
    return dt.date(int(found[1]), int(found[2]), 1) if found and 1 <= int(found[2]) <= 12 else None


@naive("circumstances", "KTT-LEGE-02")
def the_doctor_came_before_today(row: Row, world: World) -> bool | None:
    return _in_order(_first_of(row["doctor_assessed_in"]), world.today)


@naive("circumstances", "KTT-LEGE-03")
def the_doctor_came_this_year(row: Row, _world: World) -> bool | None:
    assessed, starts = _first_of(row["doctor_assessed_in"]), row["starts_on"]
    return None if assessed is None or starts is None else _in_order(_years_before(starts.replace(day=1), 1), assessed)


@naive("pause", "KTT-STOPP-05")
def a_pause_ends_within_a_year(row: Row, world: World) -> bool | None:
    if row["ends_on"]:
        return True
    return None if row["starts_on"] is None else row["starts_on"] >= _years_before(world.today, 1)


@naive("diagnosis", "KTT-DIAGNOSE-03")
def icpc_has_its_form(row: Row, _world: World) -> bool | None:
    if row["code_system"] is None or row["code"] is None:
        return None
    return row["code_system"] != "ICPC-2" or re.fullmatch(r"[A-Z]\d{2}", row["code"]) is not None


def _scale(rule_id: str, wanted: Callable[[str], bool]) -> None:
    def check(row: Row, _world: World) -> bool | None:
        if row["variable"] is None:
            return None
        return not wanted(row["variable"]) or (None if row["score"] is None else row["score"] in set("123459"))

    naive("score", rule_id)(check)


_scale("KTT-FUNKSJON-09", lambda variable: variable not in {"13", "14"})
_scale("KTT-FUNKSJON-10", lambda variable: variable == "13")
_scale("KTT-FUNKSJON-11", lambda variable: variable == "14")
