"""The second opinion on rules where rows, or types, meet: see `naive_rules`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from ktt.domain.codes import code_list
from ktt.domain.identifiers import parse_person_number
from ktt.domain.local_ids import holds_national_number
from ktt.domain.places import municipality
from support.naive_rules import FAR, OSLO, Row, World, naive

ASSESSED_TYPES = {1, 2, 3, 4, 7, 8, 9, 11, 15, 17, 18, 19, 20, 21, 22}
APPLICATION_TYPES = {1, 2, 3, 4, 5, 7, 8, 9, 11, 15, 17, 18, 19, 20, 21, 22, 29}
OUTCOME_TYPES = {1, 2, 3, 4, 5, 7, 8, 9, 11, 14, 15, 17, 18, 19, 20, 21, 22, 23, 29}
HOURS_TYPES = {1, 2, 3, 4, 7, 9, 11, 15, 17, 22}
NOTHING_TYPES = {6, 25, 26, 27, 28}
"""The obligation matrix, copied by hand from domain § 5 and § 4.2."""


def _type(row: Row) -> int:
    return int(row["service_type"] or 0)


def _decision(row: Row, world: World) -> Row | None:
    return world.first("decision", decision_id=row["decision_id"])


def _service(row: Row, world: World) -> Row | None:
    return world.first("care_service", service_id=row["service_id"])


# --- how many there are -----------------------------------------------------------------------------------------------


def _single(kind: str, rule_id: str, *columns: str) -> None:
    naive(kind, rule_id)(lambda row, world: world.many(kind, row, columns) == 1)


_single("decision", "KTT-VEDTAK-11", "decision_id")
_single("care_service", "KTT-TJENESTE-07", "service_id")
_single("circumstances", "KTT-PERSONOPPL-03", "circumstances_id")
_single("assessment", "KTT-FUNKSJON-02", "assessment_id")
_single("assessment", "KTT-FUNKSJON-01", "local_person_id", "assessed_on")
_single("decision_line", "KTT-LINJE-10", "decision_id", "service_id")
_single("score", "KTT-FUNKSJON-08", "assessment_id", "variable")
_single("pause", "KTT-STOPP-04", "service_id", "pause_id")
_single("participation", "KTT-DELTAKELSE-03", "circumstances_id", "participation_type")
_single("recipient", "KTT-PERSON-07", "local_person_id")
_single("diagnosis", "KTT-DIAGNOSE-08", "local_person_id", "code_system", "code", "starts_on")


@naive("recipient", "KTT-PERSON-06")
def one_person_a_number(row: Row, world: World) -> bool | None:
    number = row["person_number"]
    return None if number is None else len(world.all("recipient", person_number=number)) == 1


@naive("score", "KTT-FUNKSJON-12")
def not_all_irrelevant(row: Row, world: World) -> bool:
    scores = [other["score"] for other in world.all("score", assessment_id=row["assessment_id"])]
    return any(score != "9" for score in scores)


@naive("assessment", "KTT-FUNKSJON-04")
def all_variables_are_scored(row: Row, world: World) -> bool | None:
    scores = world.all("score", assessment_id=row["assessment_id"])
    return None if not scores else len({score["variable"] for score in scores}) >= 18


@naive("decision", "KTT-VEDTAK-06")
def a_decision_is_about_something(row: Row, world: World) -> bool:
    return bool(world.all("decision_line", decision_id=row["decision_id"]))


# --- codes, numbers and places ----------------------------------------------------------------------------------------


def _coded(kind: str, rule_id: str, column: str, list_id: str, day: Callable[[Row, World], dt.date | None]) -> None:
    def check(row: Row, world: World) -> bool | None:
        if row[column] is None:
            return None
        known = code_list(list_id).get(row[column])
        on = day(row, world)
        return known is not None and (on is None or known.valid_on(on))

    naive(kind, rule_id)(check)


def _own_day(row: Row, world: World) -> dt.date | None:
    decision = _decision(row, world)
    return (decision["decided_on"] or decision["applied_on"]) if decision else None


def _starts(row: Row, _world: World) -> dt.date | None:
    return row["starts_on"]


def _never(_row: Row, _world: World) -> None:
    return None


_coded("care_service", "KTT-KODE-01", "service_type", "9151", _never)
_coded("decision_line", "KTT-KODE-03", "outcome", "9171", _own_day)
_coded("circumstances", "KTT-KODE-05", "household", "9335", _starts)
_coded("circumstances", "KTT-KODE-08", "private_help", "9168", _starts)
_coded("circumstances", "KTT-KODE-10", "coordinator", "9188", _starts)


@naive("care_service", "KTT-KODE-21")
def old_types_are_old(row: Row, _world: World) -> bool | None:
    if row["service_type"] is None or row["starts_on"] is None:
        return None
    return _type(row) not in {12, 13, 16} or row["starts_on"] <= dt.date(2018, 12, 31)


@naive("recipient", "KTT-PERSON-01")
def check_digits(row: Row, world: World) -> bool:
    if row["person_number"] is None:
        return True
    number = parse_person_number(row["person_number"], world.remainders)
    return number.valid or number.kind == "duf"


@naive("recipient", "KTT-PERSON-03")
def a_reportable_number(row: Row, world: World) -> bool:
    number = row["person_number"]
    return number is None or parse_person_number(number, world.remainders).kind in {"national", "d", "duf"}


@naive("recipient", "KTT-PERSON-05")
def nobody_real(row: Row, world: World) -> bool:
    if row["person_number"] is None:
        return True
    number = parse_person_number(row["person_number"], world.remainders)
    return number.kind not in {"national", "d"} or number.synthetic is True


@naive("recipient", "KTT-PERSON-09")
def born_before_death(row: Row, world: World) -> bool | None:
    if row["person_number"] is None or row["died_on"] is None:
        return None
    born = parse_person_number(row["person_number"], world.remainders).born_on
    return None if born is None else born <= row["died_on"]


@naive("recipient", "KTT-ID-01")
def no_number_in_the_id(row: Row, _world: World) -> bool:
    return not holds_national_number(row["local_person_id"])


@naive("care_service", "KTT-BOSTED-02")
def the_home_existed(row: Row, _world: World) -> bool | None:
    home = row["home_municipality"]
    if home is None:
        return True
    return row["starts_on"] is not None and municipality(home, row["starts_on"]) is not None


# --- a record and its person ------------------------------------------------------------------------------------------


def _after_birth(kind: str, rule_id: str, column: str) -> None:
    def check(row: Row, world: World) -> bool | None:
        born = world.born_on(row)
        return None if born is None or row[column] is None else row[column] >= born

    naive(kind, rule_id)(check)


_after_birth("care_service", "KTT-TJENESTE-06", "starts_on")
_after_birth("assessment", "KTT-FUNKSJON-07", "assessed_on")
_after_birth("circumstances", "KTT-PERSONOPPL-11", "starts_on")
_after_birth("diagnosis", "KTT-DIAGNOSE-06", "starts_on")
_after_birth("decision", "KTT-VEDTAK-13", "applied_on")


def _ends_by_death(kind: str, rule_id: str) -> None:
    def check(row: Row, world: World) -> bool:
        died = world.died_on(row)
        return died is None or (row["ends_on"] is not None and row["ends_on"] <= died)

    naive(kind, rule_id)(check)


_ends_by_death("care_service", "KTT-DOD-01")
_ends_by_death("circumstances", "KTT-DOD-02")
_ends_by_death("diagnosis", "KTT-DOD-03")


def _begins_by_death(kind: str, rule_id: str, column: str) -> None:
    def check(row: Row, world: World) -> bool | None:
        died = world.died_on(row)
        return died is None or (None if row[column] is None else row[column] <= died)

    naive(kind, rule_id)(check)


_begins_by_death("care_service", "KTT-DOD-04", "starts_on")
_begins_by_death("assessment", "KTT-DOD-05", "assessed_on")
_begins_by_death("decision", "KTT-DOD-07", "decided_on")


# --- decisions, lines, services ---------------------------------------------------------------------------------------


@naive("decision", "KTT-VEDTAK-08")
def an_application_has_a_day(row: Row, world: World) -> bool:
    lines = world.all("decision_line", decision_id=row["decision_id"])
    return row["applied_on"] is not None or not any(_type(line) in APPLICATION_TYPES for line in lines)


@naive("appeal", "KTT-KLAGE-01")
def appealed_after_the_decision(row: Row, world: World) -> bool | None:
    decision = _decision(row, world)
    if decision is None or decision["decided_on"] is None or row["received_on"] is None:
        return None
    return row["received_on"] >= decision["decided_on"]


@naive("appeal", "KTT-KLAGE-04")
def appealed_against_something(row: Row, world: World) -> bool | None:
    decision = _decision(row, world)
    return None if decision is None else decision["decided_on"] is not None


@naive("decision_line", "KTT-LINJE-01")
def a_decided_line_has_an_outcome(row: Row, world: World) -> bool:
    decision = _decision(row, world)
    decided = decision is not None and decision["decided_on"] is not None
    return not (decided and _type(row) in OUTCOME_TYPES) or row["outcome"] is not None


@naive("decision_line", "KTT-LINJE-02")
def an_outcome_has_a_day(row: Row, world: World) -> bool | None:
    decision = _decision(row, world)
    return None if decision is None else decision["decided_on"] is not None or row["outcome"] is None


@naive("decision_line", "KTT-LINJE-03")
def granted_hours_are_told(row: Row, _world: World) -> bool:
    return not (_type(row) in HOURS_TYPES and row["outcome"] == "2") or row["hours_per_week"] is not None


@naive("decision_line", "KTT-LINJE-08")
def what_is_refused_is_not_started(row: Row, world: World) -> bool:
    return not (row["outcome"] == "1" and _service(row, world) is not None)


@naive("decision_line", "KTT-LINJE-09")
def line_and_service_are_of_one_type(row: Row, world: World) -> bool | None:
    service = _service(row, world)
    if service is None or None in {service["service_type"], row["service_type"]}:
        return None
    return service["service_type"] == row["service_type"]


@naive("decision_line", "KTT-LINJE-11")
def the_type_asks_for_a_decision(row: Row, _world: World) -> bool:
    return _type(row) not in NOTHING_TYPES


@naive("decision_line", "KTT-LINJE-12")
def what_is_granted_is_started(row: Row, world: World) -> bool | None:
    if row["outcome"] != "2" or _service(row, world) is not None:
        return True
    decision = _decision(row, world)
    if decision is None or decision["decided_on"] is None:
        return None
    decided = decision["decided_on"]
    return decided < dt.date(2017, 1, 1) or (world.today - decided).days <= 60


@naive("care_service", "KTT-TJENESTE-03")
def the_decision_is_there(row: Row, world: World) -> bool:
    return row["decision_id"] is None or _decision(row, world) is not None


@naive("care_service", "KTT-TJENESTE-04")
def decision_and_service_are_of_one_person(row: Row, world: World) -> bool | None:
    decision = _decision(row, world)
    return None if decision is None else decision["local_person_id"] == row["local_person_id"]


@naive("care_service", "KTT-TJENESTE-05")
def started_after_the_decision(row: Row, world: World) -> bool | None:
    decision = _decision(row, world)
    if decision is None or decision["decision_number"] is None:
        return None
    if decision["decision_number"] > 1:
        return True
    if row["starts_on"] is None or decision["decided_on"] is None:
        return None
    return row["starts_on"] >= decision["decided_on"]


@naive("care_service", "KTT-TJENESTE-09")
def not_at_home_and_away(row: Row, world: World) -> bool:
    stays = [
        other
        for other in world.all("care_service", local_person_id=row["local_person_id"])
        if other["service_type"] == "21" and other["ends_on"] is None
    ]
    return not (stays and row["service_type"] in {"1", "2", "15"} and row["ends_on"] is None)


@naive("care_service", "KTT-TJENESTE-10")
def who_is_helped_is_assessed(row: Row, world: World) -> bool:
    if _type(row) not in ASSESSED_TYPES or row["ends_on"] is not None:
        return True
    mine = world.all("assessment", local_person_id=row["local_person_id"])
    return any(assessment["assessed_on"] is not None for assessment in mine)


@naive("care_service", "KTT-TJENESTE-15")
def not_on_a_refusal(row: Row, world: World) -> bool:
    lines = world.all("decision_line", service_id=row["service_id"])
    return not lines or lines[-1]["outcome"] != "1"


@naive("care_service", "KTT-TJENESTE-08")
def one_of_a_type_at_a_time(row: Row, world: World) -> bool | None:
    mine = world.all("care_service", local_person_id=row["local_person_id"])
    same = [one for one in mine if one["service_type"] == row["service_type"]]
    return _begins_after_the_others(row, same, "service_id")


@naive("circumstances", "KTT-PERSONOPPL-02")
def one_set_at_a_time(row: Row, world: World) -> bool | None:
    return _begins_after_the_others(
        row, world.all("circumstances", local_person_id=row["local_person_id"]), "circumstances_id"
    )


@naive("pause", "KTT-STOPP-03")
def one_pause_at_a_time(row: Row, world: World) -> bool | None:
    return _begins_after_the_others(row, world.all("pause", service_id=row["service_id"]), None)


def _begins_after_the_others(row: Row, group: list[Row], second: str | None) -> bool | None:
    """Whether no period that begins earlier (on the same day: with an earlier id, or earlier in the list) is running."""
    if row["starts_on"] is None:
        return None

    def place(one: Row) -> tuple[dt.date, str, int]:
        order = next(at for at, same in enumerate(group) if same is one)
        return (one["starts_on"] or dt.date.min, one[second] if second else "", order)

    earlier = [one for one in group if place(one) < place(row)]
    return all((one["ends_on"] or FAR) < row["starts_on"] for one in earlier)


def _inside(kind: str, rule_id: str) -> None:
    def check(row: Row, world: World) -> bool | None:
        service = _service(row, world)
        if service is None:
            return None
        ends_well = (row["ends_on"] or FAR) <= (service["ends_on"] or FAR)
        if row["starts_on"] is None or service["starts_on"] is None:
            return None if ends_well else False
        return row["starts_on"] >= service["starts_on"] and ends_well

    naive(kind, rule_id)(check)


_inside("provider_period", "KTT-UTFORER-05")
_inside("pause", "KTT-STOPP-02")


@naive("nutrition", "KTT-ERNAERING-04")
def surveyed_before_recorded(row: Row, world: World) -> bool | None:
    holder = world.first("circumstances", circumstances_id=row["circumstances_id"])
    if holder is None or holder["recorded_at"] is None or row["surveyed_on"] is None:
        return None
    return row["surveyed_on"] <= holder["recorded_at"].astimezone(OSLO).date()
