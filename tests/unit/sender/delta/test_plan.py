"""Which changes travel in which messages, and in what order."""

import datetime as dt
import json

import pytest

from ktt.messages.register import pack
from ktt.sender.delta.batches import Limits
from ktt.sender.delta.errors import RecordTooLarge
from support.delta_records import DAY, changes, decision, diagnosis, line, only, plan, records, service, state

VERSIONS = pack("ktt_v1")


def planned(present, before=None, *, grouping="day", **more):
    expected = state(before) if before is not None else None
    return list(plan(present, changes(present, expected), grouping=grouping, **more))


def summary(messages):
    """One line a message: period, type, -deleted +sent."""
    return [
        " ".join([m.period, m.message_type, *(f"-{i}" for i in only(m)[2]), *(f"+{i}" for i in only(m)[1])])
        for m in messages
    ]


def whole(*ids):
    """A decision with its line, service and diagnosis for each number."""
    return records(
        decision=[decision(f"V{i}") for i in ids],
        decision_line=[line(f"V{i}", f"T{i}") for i in ids],
        care_service=[service(f"T{i}", decision_id=f"V{i}") for i in ids],
        diagnosis=[diagnosis(f"D{i}") for i in ids],
    )


def test_a_day_travels_type_by_type():
    assert summary(planned(whole(1, 2))) == [
        "2026-03-02 KTT_Vedtak +V1 +V2",
        "2026-03-02 KTT_Tjeneste +T1 +T2",
        "2026-03-02 KTT_Diagnose +D1 +D2",
    ]


def test_nothing_new_no_message():
    assert planned(whole(1, 2), whole(1, 2)) == []
    assert planned(records()) == []


def test_only_what_changed_is_sent():
    changed = {
        **whole(1, 2),
        "diagnosis": records(diagnosis=[diagnosis("D1", ends_on=DAY), diagnosis("D2")])["diagnosis"],
    }
    assert summary(planned(changed, whole(1, 2))) == ["2026-03-02 KTT_Diagnose +D1"]


def test_deletes_and_records_share_a_message():
    now = records(diagnosis=[diagnosis("D2"), diagnosis("D3")])
    assert summary(planned(now, records(diagnosis=[diagnosis("D1"), diagnosis("D2")]))) == [
        "2026-03-02 KTT_Diagnose -D1 +D3"
    ]


def test_services_are_deleted_before_their_decisions():
    assert summary(planned(whole(2, 3), whole(1, 2))) == [
        "2026-03-02 KTT_Tjeneste -T1",
        "2026-03-02 KTT_Vedtak -V1 +V3",
        "2026-03-02 KTT_Tjeneste +T3",
        "2026-03-02 KTT_Diagnose -D1 +D3",
    ]


def test_a_service_alone_is_deleted_in_its_own_place():
    now = {**whole(1, 2), "care_service": whole(1)["care_service"]}
    assert summary(planned(now, whole(1, 2))) == ["2026-03-02 KTT_Tjeneste -T2"]


def test_the_load_travels_month_by_month():
    present = records(
        decision=[decision("V1", "2018-02-01"), decision("V2", "2017-11-30")],
        decision_line=[line("V1"), line("V2")],
        care_service=[service("T1", "2018-02-10", decision_id="V1")],
        diagnosis=[diagnosis("D1", "2017-11-01"), diagnosis("D2", "2026-03-01")],
    )
    assert summary(planned(present, grouping="months")) == [
        "2017-11 KTT_Vedtak +V2",
        "2017-11 KTT_Diagnose +D1",
        "2018-02 KTT_Vedtak +V1",
        "2018-02 KTT_Tjeneste +T1",
        "2026-03 KTT_Diagnose +D2",
    ]


def test_what_was_in_force_on_the_opening_day_travels_in_its_month():
    present = records(diagnosis=[diagnosis("D2", "2017-01-15"), diagnosis("D1", "2009-05-01")])
    assert summary(planned(present, grouping="months")) == ["2017-01 KTT_Diagnose +D1 +D2"]


def test_a_decision_travels_no_later_than_its_service():
    present = records(
        decision=[decision("V1", "2018-02-01"), decision("V2", "2020-01-01")],
        decision_line=[line("V1"), line("V2", "T2")],
        care_service=[service("T1", "2017-12-10", decision_id="V1"), service("T2", "2016-06-01", decision_id="V2")],
    )
    assert summary(planned(present, grouping="months")) == [
        "2017-01 KTT_Vedtak +V2",
        "2017-01 KTT_Tjeneste +T2",
        "2017-12 KTT_Vedtak +V1",
        "2017-12 KTT_Tjeneste +T1",
    ]


def test_changes_during_the_load_travel_as_the_day_after_it():
    before = records(diagnosis=[diagnosis("D1", "2018-01-01"), diagnosis("D2", "2018-01-02")])
    now = records(diagnosis=[diagnosis("D1", "2018-01-01", code="P71"), diagnosis("D3", "2018-05-01")])
    assert summary(planned(now, before, grouping="months")) == [
        "2018-05 KTT_Diagnose +D3",
        "2026-03-02 KTT_Diagnose -D2 +D1",
    ]


def test_a_list_is_in_order_of_date_then_id():
    present = records(
        diagnosis=[diagnosis("D3", "2020-01-01"), diagnosis("D2", "2020-01-02"), diagnosis("D1", "2020-01-02")]
    )
    (message,) = planned(present)
    assert [item["diagnoseId"] for item in json.loads(message.payload)[0]["diagnose"]] == ["D3", "D1", "D2"]
    assert list(only(message)[1]) == ["D3", "D1", "D2"]


def many(count):
    return records(diagnosis=[diagnosis(f"D{i:04}") for i in range(count)])


def test_a_long_list_is_cut_between_records_and_all_parts_go_before_the_next_type():
    present = {**many(100), "care_service": records(care_service=[service("T1")])["care_service"]}
    messages = planned(present, limits=Limits(target=3_000))
    parts = [m for m in messages if m.message_type == "KTT_Diagnose"]
    assert messages[0].message_type == "KTT_Tjeneste"
    assert messages[1:] == parts
    assert len(parts) > 5
    assert all(len(m.payload) <= 3_000 for m in parts)
    assert [i for m in parts for i in only(m)[1]] == [f"D{i:04}" for i in range(100)]
    assert all(json.loads(m.payload)[0]["orgNr"] == 312000008 for m in parts)


def test_a_long_delete_list_is_cut_too_and_goes_first():
    messages = planned(records(diagnosis=[diagnosis("E1")]), many(100), limits=Limits(target=3_000))
    assert [i for m in messages for i in only(m)[2]] == [f"D{i:04}" for i in range(100)]
    assert all(len(m.payload) <= 3_000 for m in messages)
    assert [len(only(m)[1]) for m in messages] == [0] * (len(messages) - 1) + [1]


def test_the_same_input_gives_the_same_messages():
    first, second = (planned(many(60), limits=Limits(target=3_000)) for _ in range(2))
    assert [m.payload for m in first] == [m.payload for m in second]


def test_blocks_make_no_difference(monkeypatch):
    whole_plan = [m.payload for m in planned(many(60), grouping="months")]
    monkeypatch.setattr("ktt.messages.schema_violations._ENCODED_TOGETHER", 7)
    assert [m.payload for m in planned(many(60), grouping="months")] == whole_plan


def test_a_record_that_is_too_large_is_named():
    with pytest.raises(RecordTooLarge) as caught:
        planned(many(1), limits=Limits(target=100, maximum=500))
    assert caught.value.facts["local_id"] == "D0000"


GONE = [
    # expected, gone, stops
    (100, 20, False),
    (100, 21, True),
    (6, 2, False),
    (6, 3, True),
    (1, 1, True),  # all of a type is never believed unasked
    (2, 2, True),
]


def test_a_repr_shows_no_number():
    (message,) = planned(records(diagnosis=[diagnosis("D1")]))
    assert "08844110015" not in repr(message)
    assert "8844110015" not in repr(message)


def test_messages_fit_their_schema():
    by_type = {v.message_type: v for v in VERSIONS}
    for message in planned(whole(1, 2, 3), whole(3, 4), grouping="months"):
        assert by_type[message.message_type].check(message.payload) == []
        assert (message.version, message.pack) == ("1", "ktt_v1")


def test_a_period_is_a_month_or_a_day():
    periods = {m.period for m in planned(whole(1), whole(9), grouping="months")}
    assert periods == {"2020-01", str(dt.date(2026, 3, 2))}
