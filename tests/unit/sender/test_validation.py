"""Validation before sending: what each of the four consequences does to an extract, and what is recorded of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from ktt.domain.records import ALL_TYPES, DECISION, RECIPIENT, ROOTS
from ktt.messages.register import pack
from ktt.rules.catalogue import catalogue
from ktt.rules.examples import parse
from ktt.rules.rule import Consequence
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.finding_kinds import FINDING_KINDS
from ktt.sender.extract.findings import FindingCollector
from ktt.sender.findings.store import HISTORY_SCHEMA
from ktt.sender.validation import validate_extract
from support.outbox_queues import UNIT

DAY = dt.date(2026, 3, 2)
VERSIONS = pack("ktt_v1")
GOOD = {
    "recipient": """
        | local_person_id | person_number |
        | P-1             | 08844110015   |
        | P-2             | 23915820158   |
    """,
    "decision": """
        | decision_id | local_person_id | decided_on | applied_on |
        | V-1         | P-1             | 2026-01-05 | 2026-01-02 |
        | V-2         | P-2             | 2026-01-05 | 2026-01-02 |
    """,
    "decision_line": """
        | decision_id | service_id | service_type | outcome | hours_per_week |
        | V-1         | T-1        | 15           | 2       | 3              |
        | V-1         | T-3        | 15           | 2       | 3              |
        | V-2         | T-2        | 15           | 2       | 3              |
    """,
    "care_service": """
        | service_id | local_person_id | decision_id | service_type | starts_on  | ends_on    |
        | T-1        | P-1             | V-1         | 15           | 2026-01-12 |            |
        | T-2        | P-2             | V-2         | 15           | 2026-01-12 | 2026-02-01 |
    """,
    "provider_period": """
        | service_id | provider  | starts_on  |
        | T-1        | 312000113 | 2026-01-12 |
        | T-2        | 312000113 | 2026-01-12 |
    """,
    "circumstances": """
        | circumstances_id | local_person_id | starts_on  | household |
        | O-1              | P-1             | 2026-01-12 | 1         |
    """,
    "assessment": """
        | assessment_id | local_person_id | assessed_on |
        | F-1           | P-1             | 2026-01-12  |
    """,
    "score": """
        | assessment_id | variable | score |
        | F-1           | 1        | 3     |
        | F-1           | 2        | 3     |
    """,
}


def extract(*swaps, held=None, findings=(), held_records=None):
    """The good extract with some texts swapped for others: (record type, what, with what)."""
    texts = dict(GOOD)
    for name, before, after in swaps:
        assert before in texts[name]
        texts[name] = texts[name].replace(before, after, 1)
    read = {name: parse(text, ALL_TYPES[name]).records[name] for name, text in texts.items()}
    nothing = {root.name: pl.Series(dtype=pl.String) for root in (RECIPIENT, *ROOTS)}
    return Extract(
        unit=UNIT,
        records={name: kind.empty() for name, kind in ALL_TYPES.items()} | read,
        findings=reading(*findings),
        held=nothing | {name: pl.Series(ids) for name, ids in (held or {}).items()},
        excluded={},
        row_counts={},
        extracted_on=DAY,
        proofs=("count",),
        owned=True,
        held_records=held_records or {},
    )


def reading(*findings):
    """What the reading found: (code, record type, local id, field)."""
    collector = FindingCollector(UNIT)
    for code, record_type, local_id, column in findings:
        collector.add(FINDING_KINDS[code], record_type, pl.Series([local_id]), column)
    return collector.frame()


def validate(*swaps, environment="sandbox", **options):
    return validate_extract(extract(*swaps, **options), environment, VERSIONS)


def sent(result):
    """The ids that are sent, per root type with any."""
    frames = {root.name: result.extract.records[root.name][root.key].sort().to_list() for root in ROOTS}
    return {name: ids for name, ids in frames.items() if ids}


def held(result):
    return {name: ids.sort().to_list() for name, ids in result.extract.held.items() if len(ids)}


def acting(result):
    """What is found and has a consequence, as (rule, local id)."""
    severe = result.findings.filter(pl.col("consequence") != Consequence.NOTE.value)
    return sorted(severe.select("rule", "local_id").rows())


EVERYTHING = {
    "decision": ["V-1", "V-2"],
    "care_service": ["T-1", "T-2"],
    "circumstances": ["O-1"],
    "assessment": ["F-1"],
}


def test_what_has_no_fault_is_sent_as_it_is():
    result = validate()
    assert (sent(result), held(result), acting(result)) == (EVERYTHING, {}, [])
    assert (result.rejection, result.rule_set) == (None, "2026.1")


def test_a_dropped_record_is_held_and_the_others_are_sent():
    result = validate(("care_service", "2026-02-01", "2026-01-01"))
    assert held(result) == {"care_service": ["T-2"]}
    assert sent(result) == EVERYTHING | {"care_service": ["T-1"]}
    assert result.extract.records["provider_period"]["service_id"].to_list() == ["T-1"]
    assert acting(result) == [("KTT-TJENESTE-01", "T-2")]


def test_a_dropped_decision_takes_along_the_services_that_rest_on_it():
    result = validate(("decision", "P-1             | 2026-01-05", "P-1             | 2026-01-01"))
    assert held(result) == {"decision": ["V-1"], "care_service": ["T-1"]}
    assert ("KTT-SRC-F12", "T-1") in acting(result)


def test_a_dropped_person_takes_along_everything_about_the_person():
    result = validate(("recipient", "23915820158", "23915820159"))
    assert held(result) == {"recipient": ["P-2"], "decision": ["V-2"], "care_service": ["T-2"]}
    assert [rule for rule, _ in acting(result)] == ["KTT-PERSON-01", "KTT-SRC-F11", "KTT-SRC-F11", "KTT-SRC-F12"]


def test_a_dropped_part_goes_alone():
    result = validate(("provider_period", "T-1        | 312000113", "T-1        | 312000114"))
    assert (sent(result), held(result)) == (EVERYTHING, {})
    assert result.extract.records["provider_period"]["service_id"].to_list() == ["T-2"]
    assert acting(result) == [("KTT-UTFORER-01", "T-1")]


@pytest.mark.parametrize(("spoilt", "kept"), [(1, {}), (2, {"assessment": ["F-1"]})])
def test_a_record_that_its_message_cannot_be_without_every_part_of_is_held(spoilt, kept):
    swaps = [("score", f"{variable}        | 3", f"{variable}        | 7") for variable in range(1, spoilt + 1)]
    result = validate(*swaps)
    assert held(result) == kept
    assert [rule for rule, _ in acting(result)] == ["KTT-FUNKSJON-09"] * spoilt + ["KTT-SRC-F16"] * len(kept)


def test_a_decision_whose_only_line_is_dropped_is_held_with_its_service():
    result = validate(("decision_line", "V-2         | T-2        | 15 ", "V-2         | T-2        | 99 "))
    assert held(result) == {"decision": ["V-2"], "care_service": ["T-2"]}
    assert {("KTT-SRC-F16", "V-2"), ("KTT-SRC-F12", "T-2")} < set(acting(result))


def test_a_cleared_field_is_empty_in_what_is_sent():
    result = validate(("circumstances", "| 1         |", "| 99        |"))
    assert (sent(result), held(result)) == (EVERYTHING, {})
    assert result.extract.records["circumstances"]["household"].to_list() == [None]
    assert acting(result) == [("KTT-KODE-05", "O-1")]


def test_a_rejection_names_its_rules_and_leaves_the_others_consequences_to_see():
    result = validate(
        ("circumstances", "O-1 ", "08844110015"), ("care_service", "2026-02-01", "2026-01-01"), environment="sandbox"
    )
    assert "KTT-ID-04 (1)" in result.rejection.says().nb
    assert result.rejection.exit_code == 12
    assert held(result) == {"care_service": ["T-2"]}


def test_an_id_that_looks_like_a_number_is_hidden_in_the_finding():
    result = validate(("circumstances", "O-1 ", "08844110015"))
    (finding,) = result.findings.filter(rule="KTT-ID-04").iter_rows(named=True)
    assert finding["local_id"] == "•••"


def test_an_id_that_looks_like_a_number_is_hidden_in_what_it_takes_along():
    result = validate(
        ("decision", "P-1             | 2026-01-05", "P-1             | 2026-01-01"),
        ("care_service", "T-1  ", "08844110019"),
    )
    (along,) = result.findings.filter(rule="KTT-SRC-F12").iter_rows(named=True)
    assert along["local_id"] == "•••"


@pytest.mark.parametrize(
    ("environment", "number", "rule"),
    [("qa", "08044110010", "KTT-PERSON-05"), ("production", "08844110015", "KTT-PERSON-04")],
)
def test_a_number_of_the_other_environment_stops_everything(environment, number, rule):
    result = validate(("recipient", "08844110015", number), environment=environment)
    assert f"{rule} (" in result.rejection.says().en


def test_a_real_person_that_reading_found_in_a_test_environment_stops_everything():
    person = ("recipient", "P-9", "person_number")
    assert "KTT-SRC-F05 (1)" in validate(findings=[("KTT-SRC-F05", *person)]).rejection.says().nb
    assert validate(findings=[("KTT-SRC-F06", *person)]).rejection is None


def test_held_records_are_there_for_the_rules_that_look_at_other_records():
    no_assessment = (
        "care_service",
        "15           | 2026-01-12 |            ",
        "2            | 2026-01-12 |            ",
    )
    gone = {"assessment": "P-1", "score": "F-1"}
    whole = extract(no_assessment)
    alone = validate_extract(whole, "sandbox", VERSIONS)
    held_records = {name: whole.records[name] for name in gone}
    left = {name: ALL_TYPES[name].empty() for name in gone}
    without = replace(whole, records=whole.records | left)
    beside = replace(without, held_records=held_records)

    def missing(one):
        return validate_extract(one, "sandbox", VERSIONS).findings.filter(rule="KTT-TJENESTE-10").height

    assert alone.findings.filter(rule="KTT-TJENESTE-10").height == missing(beside) == 0
    assert missing(without) == 1


def test_a_rule_that_did_not_see_a_record_closes_nothing():
    def history(number, rule, record_type, local_id):
        row = dict.fromkeys(HISTORY_SCHEMA) | {"number": number, "rule": rule, "record_type": record_type}
        return row | {"local_id": local_id, "fields": ["starts_on"], "consequence": 2, "cause": "registration"}

    histories = [
        history(1, "KTT-TJENESTE-01", "care_service", "T-7"),  # held by the reading, so the rules did not see it
        history(2, "KTT-STOPP-01", "pause", "T-7"),  # a part of it
        history(3, "KTT-SRC-F02", "care_service", "T-7"),  # the reading itself sees every record
        history(4, "KTT-TJENESTE-01", "care_service", "T-8"),  # gone, or corrected
    ]
    diff = validate(held={"care_service": ["T-7"]}).diff(pl.DataFrame(histories, schema=HISTORY_SCHEMA))
    assert diff.not_validated["number"].to_list() == [1, 2]
    assert diff.closed["number"].to_list() == [3, 4]


def test_no_rule_clears_a_field_that_its_message_or_its_place_in_time_needs():
    """Then clearing can never make a record that is refused, or that has no place in time."""
    for rule in catalogue():
        if rule.consequence is Consequence.CLEAR_FIELD:
            roots = [root for root in ROOTS if rule.on in (root, *root.parts)]
            needed = {column.name for column in rule.on.columns if column.required}
            assert rule.concerns[0] not in needed | {
                name for root in roots for name in root.own_date if rule.on is root
            }


def test_only_lines_and_scores_are_parts_that_a_message_needs():
    """They are what KTT-SRC-F16 is about."""
    needed = {part.name for version in VERSIONS for _, part in version.needed_parts}
    assert needed == {"decision_line", "score"}
    assert DECISION.parts[0].name in needed
