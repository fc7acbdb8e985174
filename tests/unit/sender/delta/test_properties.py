"""Properties of the delta: what is planned, and nothing else, makes the registry hold what is present.

Whatever the registry held before, whatever is present now, whatever is kept back: once the planned messages are
accepted, the expected state is the present one (kept-back records as they were), and there is nothing more to plan.
"""

import json

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.domain.records import ROOTS
from ktt.messages.register import pack
from ktt.sender.delta.batches import Limits
from ktt.sender.delta.compare import compare
from support import effort
from support.delta_records import DAY, changes, decision, diagnosis, line, only, plan, records, service, state

VERSIONS = pack("ktt_v1")
BY_TYPE = {version.message_type: version for version in VERSIONS}
TYPES = [root.name for root in ROOTS]

ids = st.sampled_from([f"X{n}" for n in range(6)])
dates = st.dates(min_value=DAY.replace(year=2015), max_value=DAY).map(str)
persons = st.sampled_from(["P1", "P2", "P3"])


@st.composite
def states(draw):
    """Records of three types under few ids, so that two states share some of them."""
    some = st.dictionaries(ids, st.tuples(dates, persons), max_size=6)
    decided, served, ill = draw(some), draw(some), draw(some)
    rests_on = draw(st.dictionaries(ids, ids))
    return records(
        decision=[decision(i, day, local_person_id=who) for i, (day, who) in decided.items()],
        decision_line=[line(i) for i in decided],
        care_service=[
            service(i, day, local_person_id=who, decision_id=rests_on.get(i)) for i, (day, who) in served.items()
        ],
        diagnosis=[diagnosis(i, day, local_person_id=who) for i, (day, who) in ill.items()],
    )


holds = st.dictionaries(st.sampled_from(TYPES), st.lists(ids, max_size=3, unique=True))


def holding(expected):
    return {name: dict(frame.select("local_id", "fingerprint").iter_rows()) for name, frame in expected.items()}


def accept(expected, messages):
    """The registry's state after these messages, one by one; refuses a message that contradicts itself."""
    held = holding(expected)
    for message in messages:
        record_type, sent, deletions = only(message)
        of_type = held[record_type]
        assert sent or deletions
        assert not set(deletions) & set(sent)
        for gone in deletions:
            del of_type[gone]  # KeyError if it was never accepted
        of_type |= sent
        (unit,) = json.loads(message.payload)
        version = BY_TYPE[message.message_type]
        (batch,) = version.read(message.payload)
        assert batch.deletions.get(record_type, ()) == deletions
        assert set(batch.records[record_type][version.carriers[0].key]) == set(sent)
        assert unit["kommuneNr"] == 1114
    return held


@settings(max_examples=effort.CHANGES)
@given(before=states(), now=states(), held=holds, grouping=st.sampled_from(["day", "months"]), small=st.booleans())
def test_what_is_planned_makes_the_registry_hold_what_is_present(before, now, held, grouping, small):
    expected = state(before)
    present = {
        **now,
        **{r.name: now[r.name].filter(~pl.col(r.key).is_in(held.get(r.name, []))) for r in ROOTS if r.name in now},
    }
    found = changes(present, expected, **held)
    limits = Limits(target=700) if small else Limits()
    messages = list(plan(present, found, grouping=grouping, limits=limits))
    after = accept(expected, messages)
    wanted = holding(state(present))
    kept = {name: {i: was[i] for i in held.get(name, []) if i in was} for name, was in holding(expected).items()}
    assert after == {name: wanted[name] | kept[name] for name in wanted}
    again = changes(
        present,
        {
            name: pl.DataFrame(
                list(rows.items()), schema={"local_id": pl.String, "fingerprint": pl.String}, orient="row"
            )
            for name, rows in after.items()
        },
        **held,
    )
    assert all(change.is_empty for change in again.values())


@settings(max_examples=effort.CHANGES)
@given(before=states(), now=states(), grouping=st.sampled_from(["day", "months"]))
def test_parents_are_there_first_and_children_are_gone_first(before, now, grouping):
    expected, present = holding(state(before)), holding(state(now))
    there = {name: set(rows) for name, rows in expected.items()}
    rests_on = dict(now["care_service"].select("service_id", "decision_id").iter_rows())
    found = changes(now, state(before))
    for message in plan(now, found, grouping=grouping):
        record_type, upserts, deletions = only(message)
        if record_type == "care_service":
            parents = {rests_on[local_id] for local_id in upserts}
            assert parents & set(present["decision"]) <= there["decision"]
        if record_type == "decision" and deletions:
            assert there["care_service"] <= set(present["care_service"])
        there[record_type] -= set(deletions)
        there[record_type] |= set(upserts)


@settings(max_examples=effort.CHANGES)
@given(before=states(), now=states())
def test_without_proof_nothing_is_ever_deleted(before, now):
    expected = state(before)
    found = {
        name: compare(frame, expected[name].select("local_id", "fingerprint"), absence_proved=False)
        for name, frame in state(now).items()
    }
    assert not any(message.deletions for message in plan(now, found))
