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
from ktt.rules.open_findings import IDENTITY, RECORD, judged_in, stand

OPEN_SCHEMA = {name: FINDING_SCHEMA[name] for name in (*IDENTITY, "consequence")} | {"opened": pl.String()}


FILLED = {"part_id": None, "row": 0, "fields": ("starts_on",), "consequence": 2, "cause": "registration"}


def finding(rule, record_type, local_id, *rest):
    """A finding as a row: its identity in order, then its consequence; what is left out is filled."""
    told = dict(zip(("part_id", "fields", "consequence"), rest, strict=False))
    return {"rule": rule, "record_type": record_type, "local_id": local_id} | FILLED | told


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
    standing = stand(before(A, B), run(B, C))
    assert (ids(standing.opened), ids(standing.again), ids(standing.closed)) == (["V-1"], ["T-2"], ["T-1"])
    assert standing.unjudged.is_empty()
    assert standing.open_count == 2


def test_a_finding_that_stands_keeps_when_it_was_opened_and_takes_its_consequence_from_the_run():
    again = stand(before((*A, None, ("starts_on",), 2)), run((*A, None, ("starts_on",), 9))).again
    assert again.select("opened", "consequence").rows() == [("Monday", 9)]


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
    standing = stand(before(A), run(other))
    assert (standing.opened.height, standing.again.height, standing.closed.height) == (1, 0, 1)
    assert stand(before(other), run(other)).again.height == 1


def test_the_same_finding_twice_in_a_run_is_one():
    assert stand(before(), run(A, A)).opened.height == 1
    assert stand(before(A), run(A, A)).again.height == 1


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
    judged = judged_in(unit, records, {"care_service": ["T-8"]})
    mine = [
        ("KTT-STOPP-02", "pause", "T-1", "S-1"),  # a part is judged with its record
        ("KTT-TJENESTE-01", "care_service", "T-8"),
        ("KTT-PERSON-01", "recipient", "P-1"),
        ("KTT-ENHET-03", "unit", unit.organisation),
    ]
    others = [("KTT-DATO-03", "care_service", "T-2"), ("KTT-DATO-01", "decision", "T-1"), ("R", "care_service", None)]
    standing = stand(before(*mine, *others), run(), judged)
    assert ids(standing.closed) == [one[2] for one in mine]
    assert ids(standing.unjudged) == [one[2] for one in others]
    assert standing.open_count == 3


identities = st.tuples(
    st.sampled_from(["R-1", "R-2"]),
    st.sampled_from(["care_service", "pause", "recipient", "unit"]),
    st.sampled_from(["X-1", "X-2", None]),
    st.sampled_from(["1", None]),
    st.sampled_from([("a",), ("a", "b"), (), None]),
)
scopes = st.none() | st.sets(st.tuples(st.sampled_from(["care_service", "recipient"]), st.sampled_from(["X-1", "X-2"])))


def naive(was, now, judged):
    """Row by row: name every finding's fate."""
    opened = [one for place, one in enumerate(now) if one not in was and one not in now[:place]]
    again = [one for one in was if one in now]
    left = [one for one in was if one not in now]
    closed = [one for one in left if judged is None or (ROOT_OF.get(one[1], one[1]), one[2]) in judged]
    return opened, again, [one for one in left if one not in closed], closed


def rows(frame):
    return [(*row[:-1], None if row[-1] is None else tuple(row[-1])) for row in frame.select(IDENTITY).iter_rows()]


@given(st.lists(identities, unique=True, max_size=12), st.lists(identities, max_size=12), scopes)
def test_each_finding_has_one_fate_and_a_plain_loop_gives_it_the_same(was, now, judged):
    scope = judged if judged is None else pl.DataFrame(list(judged), dict.fromkeys(RECORD, pl.String), orient="row")
    standing = stand(before(*was), run(*now), scope)
    parts = (standing.opened, standing.again, standing.unjudged, standing.closed)
    assert tuple(map(rows, parts)) == naive(was, now, judged)
    assert standing.opened.columns == list(FINDING_SCHEMA)
    assert standing.closed.columns == standing.unjudged.columns == list(OPEN_SCHEMA)
    assert set(standing.again.columns) == {*FINDING_SCHEMA, "opened"}
