"""Findings that close themselves: which are new, still there, closed; and a naive second opinion on all of it."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.domain.records import CARE_SERVICE, ROOT_OF
from ktt.domain.unit import ReportingUnit
from ktt.rules.examples import parse
from ktt.rules.findings import FINDING_SCHEMA
from ktt.rules.open_findings import IDENTITY, RECORD, diff_findings, validated_records

OPEN_SCHEMA = {name: FINDING_SCHEMA[name] for name in (*IDENTITY, "consequence")} | {"opened": pl.String()}


FILLED = {"part_id": None, "row": 0, "fields": ("starts_on",), "consequence": 2, "cause": "registration"}


def finding(rule, record_type, local_id, *rest):
    """A finding as a row: its identity in order, then its consequence; what is left out is filled."""
    given = dict(zip(("part_id", "fields", "consequence"), rest, strict=False))
    return {"rule": rule, "record_type": record_type, "local_id": local_id} | FILLED | given


def run(*found):
    return pl.DataFrame([finding(*one) for one in found], schema=FINDING_SCHEMA)


def before(*found, opened="Monday"):
    rows = [finding(*one) | {"opened": opened} for one in found]
    return pl.DataFrame([{name: row[name] for name in OPEN_SCHEMA} for row in rows], schema=OPEN_SCHEMA)


A, B, C = (
    ("KTT-DATO-03", "care_service", "T-1"),
    ("KTT-DATO-03", "care_service", "T-2"),
    ("KTT-ID-02", "decision", "V-1"),
)


def ids(frame):
    return frame["local_id"].to_list()


def test_a_fault_that_was_corrected_closes_by_itself():
    diff = diff_findings(before(A, B), run(B, C))
    assert (ids(diff.opened), ids(diff.seen_again), ids(diff.closed)) == (["V-1"], ["T-2"], ["T-1"])
    assert diff.not_validated.is_empty()
    assert diff.open_count == 2


def test_a_finding_that_is_seen_again_keeps_when_it_was_opened_and_takes_its_consequence_from_the_run():
    seen_again = diff_findings(before((*A, None, ("starts_on",), 2)), run((*A, None, ("starts_on",), 9))).seen_again
    assert seen_again.select("opened", "consequence").rows() == [("Monday", 9)]


@pytest.mark.parametrize(
    "other",
    [
        ("KTT-DATO-99", "care_service", "T-1"),
        ("KTT-DATO-03", "decision", "T-1"),
        ("KTT-DATO-03", "care_service", None),
        ("KTT-DATO-03", "care_service", "T-1", "2026-01-12"),
        ("KTT-DATO-03", "care_service", "T-1", None, ("starts_on", "ends_on")),
        ("KTT-DATO-03", "care_service", "T-1", None, None),
    ],
)
def test_another_rule_type_id_part_or_field_is_another_finding(other):
    diff = diff_findings(before(A), run(other))
    assert (diff.opened.height, diff.seen_again.height, diff.closed.height) == (1, 0, 1)
    assert diff_findings(before(other), run(other)).seen_again.height == 1


def test_the_same_finding_twice_in_a_run_is_one():
    assert diff_findings(before(), run(A, A)).opened.height == 1
    assert diff_findings(before(A), run(A, A)).seen_again.height == 1


def test_a_message_closes_only_findings_of_its_own_records_and_of_those_it_withdraws():
    services = """
        | service_id | local_person_id |
        | T-1        | P-1             |
        recipient
        | local_person_id |
        | P-1             |
    """
    records = parse(services, CARE_SERVICE).records
    unit = ReportingUnit("312000008", "1114")
    validated = validated_records(unit, records, {"care_service": ["T-8"]})
    mine = [
        ("KTT-STOPP-02", "pause", "T-1", "S-1"),  # a part is validated with its record
        ("KTT-TJENESTE-01", "care_service", "T-8"),
        ("KTT-PERSON-01", "recipient", "P-1"),
        ("KTT-ENHET-03", "unit", unit.organisation),
    ]
    others = [("KTT-DATO-03", "care_service", "T-2"), ("KTT-DATO-01", "decision", "T-1"), ("R", "care_service", None)]
    diff = diff_findings(before(*mine, *others), run(), validated)
    assert ids(diff.closed) == [one[2] for one in mine]
    assert ids(diff.not_validated) == [one[2] for one in others]
    assert diff.open_count == 3


identities = st.tuples(
    st.sampled_from(["R-1", "R-2"]),
    st.sampled_from(["care_service", "pause", "recipient", "unit"]),
    st.sampled_from(["X-1", "X-2", None]),
    st.sampled_from(["1", None]),
    st.sampled_from([("a",), ("a", "b"), (), None]),
)
scopes = st.none() | st.sets(st.tuples(st.sampled_from(["care_service", "recipient"]), st.sampled_from(["X-1", "X-2"])))


def naive(was, now, validated):
    """What becomes of every finding, row by row."""
    opened = [one for place, one in enumerate(now) if one not in was and one not in now[:place]]
    again = [one for one in was if one in now]
    left = [one for one in was if one not in now]
    closed = [one for one in left if validated is None or (ROOT_OF.get(one[1], one[1]), one[2]) in validated]
    return opened, again, [one for one in left if one not in closed], closed


def rows(frame):
    return [(*row[:-1], None if row[-1] is None else tuple(row[-1])) for row in frame.select(IDENTITY).iter_rows()]


@given(st.lists(identities, unique=True, max_size=12), st.lists(identities, max_size=12), scopes)
def test_each_finding_is_in_one_of_the_four_frames_and_a_plain_loop_puts_it_in_the_same(was, now, validated):
    schema = dict.fromkeys(RECORD, pl.String)
    scope = None if validated is None else pl.DataFrame(list(validated), schema, orient="row")
    diff = diff_findings(before(*was), run(*now), scope)
    parts = (diff.opened, diff.seen_again, diff.not_validated, diff.closed)
    assert tuple(map(rows, parts)) == naive(was, now, validated)
    assert diff.opened.columns == list(FINDING_SCHEMA)
    assert diff.closed.columns == diff.not_validated.columns == list(OPEN_SCHEMA)
    assert set(diff.seen_again.columns) == {*FINDING_SCHEMA, "opened"}
