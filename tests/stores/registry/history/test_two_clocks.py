"""What held on a day, as the registry knew it at an instant, on SQLite and PostgreSQL: what others got wrong, and any
history at all against the definition.
"""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages.register import find
from ktt.registry import AsOf, state
from ktt.registry.tables import LAYOUTS
from ktt.registry.verification import Verifier
from ktt.storage.vault import Vault
from support import effort
from support.naive_clocks import NaiveClocks
from support.registry_content import empty
from support.registry_inbox import (
    NUMBERS,
    OTHER,
    START,
    UNIT,
    ListInbox,
    frames,
    lines,
    message,
    minute,
    recipient,
    service,
    services,
    spoiled,
)
from support.settable_clock import SettableClock
from support.told_records import KEYS, by_reference, facts_of, pseudonyms_of, score, sent, tell

JANUARY, FEBRUARY, MARCH, APRIL = (dt.date(2026, month, 1) for month in (1, 2, 3, 4))


def day(text):
    return dt.date.fromisoformat(text)


class TestAService:
    """From 1 February; corrected at 2 to 1 January, back in time; ended at 3; deleted at 4; sent again at 5."""

    @pytest.fixture
    def registry(self, registry):
        said = [
            services(service("T-1", starts_on=FEBRUARY)),
            services(service("T-1", starts_on=JANUARY)),
            services(service("T-1", starts_on=JANUARY, ends_on=MARCH)),
            None,
            services(service("T-1", starts_on=JANUARY, ends_on=MARCH)),
        ]
        inbox = [message(n, one, [] if one else ["T-1"]) for n, one in enumerate(said, 1)]
        registry.ingest(ListInbox(*inbox))
        return registry

    @pytest.mark.parametrize(
        ("on", "known_at", "holds"),
        [
            pytest.param("2026-02-01", 0, False, id="not known yet"),
            pytest.param("2026-02-01", 1, True, id="its first day is inside"),
            pytest.param("2026-01-31", 1, False, id="the day before is not"),
            pytest.param("2026-01-31", 2, True, id="a correction back in time holds from when it is known"),
            pytest.param("2026-01-01", 2, True, id="on its first day after the correction"),
            pytest.param("2030-01-01", 2, True, id="without an end it holds for ever"),
            pytest.param("2026-03-01", 3, True, id="its last day is inside"),
            pytest.param("2026-03-02", 3, False, id="the day after is not"),
            pytest.param("2026-02-15", 4, False, id="a deletion is known from its own instant on"),
            pytest.param("2026-02-15", 5, True, id="what comes back is known again"),
            pytest.param("2026-03-02", None, False, id="now"),
            pytest.param(None, 4, False, id="any day, deleted"),
            pytest.param(None, None, True, id="any day, now"),
        ],
    )
    def test_holds(self, registry, on, known_at, holds):
        as_of = AsOf(on and day(on), None if known_at is None else minute(known_at))
        assert registry.as_of(UNIT, "care_service", as_of)["service_id"].to_list() == (["T-1"] if holds else [])

    def test_an_instant_before_the_next_version_is_still_the_former(self, registry):
        before = AsOf(day("2026-01-31"), minute(2) - dt.timedelta(microseconds=1))
        assert registry.as_of(UNIT, "care_service", before).is_empty()


def test_of_two_versions_received_at_one_instant_the_last_is_known_and_both_are_found(registry):
    registry.ingest(
        ListInbox(
            message(1, services(service("T-1", service_type="15"))),
            message(2, services(service("T-1", service_type="18")), at=minute(2)),
            message(3, services(service("T-1", service_type="6")), at=minute(2)),
        )
    )
    assert lines(registry) == [("T-1", 1, "15", 1, 2), ("T-1", 2, "18", 2, 2), ("T-1", 3, "6", 2, None)]
    assert registry.as_of(UNIT, "care_service", AsOf(known_at=minute(2)))["service_type"].to_list() == ["6"]


def test_a_clock_that_was_put_back_gives_one_version_at_every_instant(registry):
    types = {4: "15", 1: "18", 6: "6", 2: "1"}
    inbox = [
        message(n, services(service("T-1", service_type=kind)), at=minute(at))
        for n, (at, kind) in enumerate(types.items(), 1)
    ]
    registry.ingest(ListInbox(*inbox))
    known = [registry.as_of(UNIT, "care_service", AsOf(known_at=minute(n))) for n in range(8)]
    assert [frame["service_type"].to_list() for frame in known] == [[]] * 4 + [["18"]] * 2 + [["1"]] * 2


def assessment(name, person, on):
    return {"assessment_id": name, "local_person_id": person, "assessed_on": on, "recorded_at": START}


def test_an_assessment_holds_until_the_persons_next_one(registry):
    given = [("A-1", "1", JANUARY), ("A-2", "1", MARCH), ("A-3", "2", FEBRUARY), ("A-4", "1", MARCH)]
    records = frames(
        recipient=[recipient("1"), recipient("2")],
        assessment=[assessment(*one) for one in given],
        score=[score(name) for name, *_ in given],
    )
    registry.ingest(ListInbox(message(1, records, record_type="assessment")))
    expected = {"2025-12-31": [], "2026-02-28": ["A-1", "A-3"], "2026-03-01": ["A-2", "A-3", "A-4"]}
    for on, names in expected.items():
        assert registry.as_of(UNIT, "assessment", AsOf(day(on)))["assessment_id"].to_list() == names
    held = registry.records(UNIT, AsOf(day("2026-02-28")))
    assert held["score"]["assessment_id"].to_list() == ["A-1", "A-3"], "parts follow their record"


def test_a_decision_holds_from_its_own_date_on(registry):
    common = {"local_person_id": "1", "decision_number": 1, "recorded_at": START}
    dates = {"V-1": (JANUARY, FEBRUARY), "V-2": (MARCH, None)}
    decisions = [
        {**common, "decision_id": name, "applied_on": applied, "decided_on": decided}
        for name, (applied, decided) in dates.items()
    ]
    lines_ = [{"decision_id": name, "service_id": "T-1", "service_type": "15"} for name in dates]
    records = frames(recipient=[recipient("1")], decision=decisions, decision_line=lines_)
    registry.ingest(ListInbox(message(1, records, record_type="decision")))
    expected = {"2026-01-31": [], "2026-02-01": ["V-1"], "2026-03-01": ["V-1", "V-2"]}
    for on, names in expected.items():
        assert registry.as_of(UNIT, "decision", AsOf(day(on)))["decision_id"].to_list() == names


def test_the_views_have_every_column_of_the_tables(registry):
    with registry._database.reading() as connection:
        look = sa.inspect(connection)
        for layout in LAYOUTS.values():
            found = {column["name"] for column in look.get_columns(layout.known.name)}
            assert found == {column["name"] for column in look.get_columns(layout.history.name)} | {"newest"}
            assert found == set(layout.known_schema)


# ── any history at all ──────────────────────────────────────────────────────────────────────────────────────────────
DAYS = st.sampled_from([JANUARY, FEBRUARY, MARCH, APRIL])
PEOPLE = {"1": [NUMBERS["1"], NUMBERS["3"], None], "2": [NUMBERS["2"], None]}  # a corrected number, a late one
PERSONS = st.sampled_from([(name, number) for name, numbers in PEOPLE.items() for number in numbers])
RECORD = st.tuples(st.sampled_from(["1", "2"]), DAYS, st.none() | DAYS, st.sampled_from(["15", "18"]))
ABOUT_UNIT = st.tuples(
    st.dictionaries(st.sampled_from(["R-1", "R-2", "R-3"]), RECORD, max_size=2),
    st.sets(st.sampled_from(["R-1", "R-2", "R-3"]), max_size=2),
).filter(any)
MESSAGE = st.tuples(
    st.sampled_from(sorted(KEYS)),
    st.dictionaries(st.sampled_from([UNIT, OTHER]), ABOUT_UNIT, min_size=1),
    st.integers(0, 6),  # received at: a clock that goes, stands and is put back
    st.fixed_dictionaries({name: st.sampled_from(numbers) for name, numbers in PEOPLE.items()}),
    st.sampled_from([True, True, True, False]),  # whether it can be read at first
)
QUESTION = st.tuples(st.none() | DAYS, st.none() | st.integers(-1, 7))


@pytest.fixture
def pseudonyms(registry):
    """Identity → person key."""
    return pseudonyms_of(registry, (UNIT, OTHER), PEOPLE)


def test_any_history_is_known_and_holds_as_defined(registry, pseudonyms, tmp_path):
    keys = (Vault.from_file(tmp_path / name) for name in ("key", "identity.key"))
    verifier = Verifier(registry._database, *keys, SettableClock(START), find)

    @settings(max_examples=effort.TWO_CLOCKS)
    @given(st.lists(MESSAGE, min_size=1, max_size=8), st.integers(1, 4), st.lists(QUESTION, min_size=3, max_size=3))
    def agrees(messages, page, questions):
        empty(registry)
        naive, inbox, readable = NaiveClocks(), ListInbox(), []
        for position, (*said, can_be_read) in enumerate(messages, 1):
            readable.append(sent(position, *said))
            inbox.messages.append(readable[-1] if can_be_read else spoiled(readable[-1]))
            tell(naive, *said)
        while registry.ingest(inbox, page).messages:
            pass
        inbox.messages[:] = readable
        while held := registry.held():
            registry._held.release([held[-1].unit], "Ingrid", "mended")
            registry.ingest(inbox)
        compare(registry, naive, pseudonyms, questions)
        assert verifier.run().holds, "and it hangs together"

    agrees()


def compare(registry, naive, pseudonyms, questions):
    for record_type, key in {"recipient": "local_person_id", **KEYS}.items():
        for unit in (UNIT, OTHER):
            found = registry.versions(unit, record_type)
            told = naive.versions(unit.key, record_type)
            assert found.select(key, "version", "known_from", "known_to", "deleted").rows() == [
                (one.name, one.number, one.since, one.until, one.content is None) for one in told
            ]
            for on, at in questions:
                as_of = AsOf(on, None if at is None else minute(at))
                with registry._database.reading() as connection:
                    rows = state.rows(connection, unit, LAYOUTS[record_type], as_of).to_dicts()
                contents = naive.as_of(unit.key, record_type, as_of.day, as_of.known_at)
                facts = facts_of(record_type)
                assert {row[key]: [row[fact] for fact in facts] for row in rows} == by_reference(
                    record_type, contents, pseudonyms
                )
