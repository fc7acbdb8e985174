"""The fingerprint: what counts in it, and that it stays the same for ever."""

import datetime as dt
import re
from decimal import Decimal

import polars as pl
import polars_hash as plh
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.domain.fingerprint import fingerprint
from ktt.domain.records import ALL_TYPES, CARE_SERVICE, CIRCUMSTANCES, DECISION, DIAGNOSIS, ROOTS
from ktt.domain.schema import Kind
from support import effort
from support.delta_records import KEY, RECORDED, decision, diagnosis, frame, line, people, records, service

BASE = {
    "care_service": [service("T1", decision_id="V1")],
    "provider_period": [
        {"service_id": "T1", "provider": "312000113", "starts_on": dt.date(2020, 1, 10)},
        {"service_id": "T1", "provider": "312000229", "starts_on": dt.date(2020, 2, 10)},
    ],
}


def one(frames, record_type=CARE_SERVICE, key=KEY):
    return fingerprint(frames, record_type, key)["fingerprint"].item()


def test_vectors_are_what_they_have_always_been():
    """Stored fingerprints are compared with these after every upgrade: a change here resends the whole registry."""
    assert one(records(**BASE)) == "5436e2938187cebab38bfefae2379ce1"
    assert one(records(diagnosis=[diagnosis("D;1\\")]), DIAGNOSIS) == "1789fc2e5ac9b4968116defcc7c98751"
    lines = [line("V1", hours_per_week=Decimal("3.50")), line("V1", "T2")]
    assert one(records(decision=[decision("V1")], decision_line=lines), DECISION) == "02cf88934087f9f90fed6ffdea7d67ba"


def test_the_canonical_text_is_the_one_in_the_documentation():
    text = (
        KEY.hex() + "decision_id=V1;local_person_id=P1;service_id=T1;service_type=15;starts_on=2020-01-10;"
        "person_number=08844110015;person_number_kind=national;"
        "provider_period[(provider=312000113;starts_on=2020-01-10;)(provider=312000229;starts_on=2020-02-10;)];"
    )
    assert one(records(**BASE)) == blake3(text)[:32]


def test_blake3_is_blake3():
    assert blake3("") == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"  # the published vector


def blake3(text):
    return pl.DataFrame({"x": [text]}).select(plh.col("x").chash.blake3()).item()


COUNTS = {
    "another id": {"care_service": [service("T2", decision_id="V1")], "provider_period": []},
    "another person": {"care_service": [service("T1", decision_id="V1", local_person_id="P2")]},
    "another decision": {"care_service": [service("T1", decision_id="V2")]},
    "no decision": {"care_service": [service("T1")]},
    "an end": {"care_service": [service("T1", decision_id="V1", ends_on=dt.date(2020, 5, 1))]},
    "a home": {"care_service": [service("T1", decision_id="V1", home_municipality="0301")]},
    "a part less": {"provider_period": BASE["provider_period"][:1]},
    "a part more": {"pause": [{"service_id": "T1", "pause_id": "P1", "starts_on": dt.date(2020, 3, 1)}]},
    "another part": {
        "provider_period": [BASE["provider_period"][0], {**BASE["provider_period"][1], "provider": "312000334"}]
    },
}
COUNTS_NOT = {
    "when it was recorded": {"care_service": [service("T1", decision_id="V1", recorded_at=RECORDED + dt.timedelta(days=1))]},
    "the order of parts": {"provider_period": BASE["provider_period"][::-1]},
    "parts of another record": {"pause": [{"service_id": "T9", "pause_id": "P1", "starts_on": dt.date(2020, 3, 1)}]},
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTS)
def test_what_counts(name):
    assert one(records(**{**BASE, **COUNTS[name]})) != one(records(**BASE))


@pytest.mark.parametrize("name", COUNTS_NOT)
def test_what_does_not_count(name):
    assert one(records(**{**BASE, **COUNTS_NOT[name]})) == one(records(**BASE))


def test_a_number_that_comes_late_counts_and_a_death_does_not():
    frames = records(**BASE)
    assert one({**frames, "recipient": people(died={"P1": dt.date(2026, 1, 1)})}) == one(frames)
    assert one({**frames, "recipient": people(numbers={"P1": None})}) != one(frames)
    assert one({**frames, "recipient": people(numbers={"P1": "23915820158"})}) != one(frames)


def test_the_key_counts():
    assert one(records(**BASE), key=bytes(32)) != one(records(**BASE))


def test_the_own_date_goes_along():
    frames = records(
        decision=[
            decision("V1", applied_on=dt.date(2019, 1, 1)),
            {**decision("V2"), "decided_on": None, "applied_on": dt.date(2019, 2, 2)},
        ]
    )
    found = fingerprint(frames, DECISION, KEY).sort("local_id")
    assert found["own_date"].to_list() == [dt.date(2020, 1, 1), dt.date(2019, 2, 2)]


def test_no_records_no_fingerprints():
    assert fingerprint({}, CIRCUMSTANCES, KEY).is_empty()


# --- the naive second implementation, one record at a time

texts = st.text(alphabet="ab;\\=()[]:\n\x1f\x00æ€", max_size=5)
days = st.dates(dt.date(2015, 1, 1), dt.date(2027, 1, 1))
VALUES: dict[Kind, st.SearchStrategy] = {
    "day": days,
    "instant": st.datetimes(timezones=st.just(dt.UTC)),
    "hours": st.decimals(0, 168, places=2),
    "count": st.integers(1, 9),
}


def fields(record_type, **fixed):
    named = {c.name: VALUES.get(c.kind, texts) for c in record_type.columns if c.name not in fixed}
    return st.fixed_dictionaries({name: st.none() | value for name, value in named.items()}).map(
        lambda row: row | fixed
    )


def parts(record_type, parent):
    return st.lists(fields(record_type, **{record_type.parent_key: parent}), max_size=3)


@st.composite
def any_records(draw):
    root = draw(st.sampled_from(ROOTS))
    ids = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
    persons = draw(st.lists(texts, min_size=1, max_size=2, unique=True))
    rows = {
        root.name: [
            draw(fields(root, **{root.key: i, "local_person_id": draw(st.sampled_from(persons))})) for i in ids
        ],
        "recipient": [draw(fields(ALL_TYPES["recipient"], local_person_id=p)) for p in persons],
    }
    for part in root.parts:
        rows[part.name] = [row for i in ids for row in draw(parts(part, i))]
    return root, rows


def shown(kind, value):
    if isinstance(value, str):
        return value.replace("\\", "\\\\").replace(";", "\\;")
    if kind == "hours":
        return f"{value:.2f}"
    return str(value)


def naive_text(columns, row):
    known = sorted((c for c in columns if c.content and row[c.name] is not None), key=lambda c: c.name)
    return "".join(f"{c.name}={shown(c.kind, row[c.name])};" for c in known)


def naive(root, rows, row):
    person = next(p for p in rows["recipient"] if p["local_person_id"] == row["local_person_id"])
    text = KEY.hex() + naive_text(root.columns, row) + naive_text(ALL_TYPES["recipient"].columns[1:], person)
    for part in root.parts:
        mine = [r for r in rows[part.name] if r[root.key] == row[root.key]]
        columns = [c for c in part.columns if c.name != root.key]
        mine.sort(key=lambda r: [_nulls_first(r[c]) for c in part.order] + [naive_text(columns, r)])
        if mine:
            text += f"{part.name}[" + "".join(f"({naive_text(columns, r)})" for r in mine) + "];"
    return text, blake3(text)[:32]


def _nulls_first(value):
    return (value is not None, value.encode() if isinstance(value, str) else value)


@settings(max_examples=effort.FINGERPRINTS)
@given(any_records())
def test_it_agrees_with_the_naive_one(drawn):
    root, rows = drawn
    frames = {name: frame(name, some) for name, some in rows.items()}
    found = dict(fingerprint(frames, root, KEY).select("local_id", "fingerprint").iter_rows())
    assert found == {row[root.key]: naive(root, rows, row)[1] for row in rows[root.name]}


FIELD = re.compile(r"(\w+)=((?:\\.|[^\\;])*);", re.DOTALL)
PART = re.compile(r"(\w+)\[")


def read_fields(text, at):
    found = {}
    while match := FIELD.match(text, at):
        found[match[1]] = re.sub(r"\\(.)", r"\1", match[2], flags=re.DOTALL)
        at = match.end()
    return found, at


def read_back(text):
    """The canonical text as the fields and parts it was made of; fails when it could be read in another way."""
    found, at = read_fields(text, len(KEY.hex()))
    while match := PART.match(text, at):
        found[match[1]], at = [], match.end()
        while text[at] == "(":
            row, at = read_fields(text, at + 1)
            assert text[at] == ")"
            found[match[1]].append(row)
            at += 1
        assert text[at : at + 2] == "];"
        at += 2
    assert at == len(text)
    return found


@settings(max_examples=effort.FINGERPRINTS)
@given(any_records())
def test_no_text_can_be_mistaken_for_another(drawn):
    """The canonical text can be read back, so two records have the same text only when they are the same."""
    root, rows = drawn
    for row in rows[root.name]:
        found = read_back(naive(root, rows, row)[0])
        assert {c.name for c in root.columns if c.content and row[c.name] is not None} <= set(found)
        for column in (c for c in root.columns if c.content and isinstance(row[c.name], str)):
            assert found[column.name] == row[column.name]
        for part in root.parts:
            assert len(found.get(part.name, [])) == sum(r[root.key] == row[root.key] for r in rows[part.name])
