"""What a municipality's sender does, day by day."""

from __future__ import annotations

import datetime as dt
import json

import orjson
import polars as pl
import pytest

from ktt.cli.sender.proof_report import proof_words
from ktt.core.errors import EXIT_HELD_BACK, KttError
from ktt.messages.contract import NotSent, Rejected, TooLarge, Unknown
from ktt.messages.register import find
from ktt.rules.rule import Consequence
from ktt.sender.correction import find_correction
from ktt.sender.daily import run_daily
from ktt.sender.delta.batches import Limits
from ktt.sender.errors import ExtractRejected, LoadNotFinished
from ktt.sender.extract.errors import ProofMissing
from ktt.sender.outbox.dispatch import locked
from ktt.sender.outbox.errors import (
    CorrectionMustWait,
    OutcomeUncertain,
    QueueBusy,
    QueueHeld,
    QueuePaused,
    ReceiverNotReached,
)
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.outbox.message import State
from ktt.sender.status import alarm, describe
from support.sender_epj import UNIT
from support.sender_municipality import MONDAY

EVERYTHING = {
    "care_service": {f"T{number}{part}" for number in range(4) for part in "ab"},
    "diagnosis": {f"D{number}" for number in range(4)},
}
REJECTED = Rejected(400, 2008, "SchemaValidationFailed", "/0 required")


def status(town):
    return describe(town.store.queue(UNIT)).nb


def test_the_load_sends_history_month_by_month_in_sending_order(town):
    report = town.load()
    messages = town.store.messages(UNIT)
    assert town.registry.state() == EVERYTHING
    assert [(m.period, m.message_type) for m in messages] == [
        ("2017-01", "KTT_Tjeneste"),
        ("2017-01", "KTT_Diagnose"),
        ("2017-02", "KTT_Tjeneste"),
        ("2017-02", "KTT_Diagnose"),
        ("2017-03", "KTT_Tjeneste"),
        ("2017-03", "KTT_Diagnose"),
        ("2017-04", "KTT_Tjeneste"),
        ("2017-04", "KTT_Diagnose"),
        ("2017-05", "KTT_Tjeneste"),
        ("2017-06", "KTT_Tjeneste"),
        ("2017-07", "KTT_Tjeneste"),
    ]
    assert (report.messages, report.changes, report.undelivered, report.exit_code) == (11, 12, 0, 0)
    assert report.types["care_service"].new == 8
    assert report.load.finished_at is not None
    assert status(town) == "Alt er levert."


def test_a_finished_load_is_not_sent_again(loaded):
    posts = loaded.registry.posts
    report = loaded.load(1)
    assert (report.messages, report.read, report.exit_code, loaded.registry.posts) == (0, False, 0, posts)
    assert report.load.finished_at is not None


def test_a_load_that_was_stopped_goes_on_where_it_stopped(town):
    town.registry.answers = [None, None, NotSent("no connection")]
    report = town.load()
    assert type(report.stopped) is ReceiverNotReached
    assert (report.messages, report.load.finished_at, report.exit_code) == (2, None, 14)
    report = town.load()
    assert (report.messages, report.stopped) == (9, None)
    assert report.types["care_service"].new == 0  # all of it was in the queue already
    assert town.registry.posts == 11
    assert town.registry.state() == EVERYTHING


def test_no_daily_run_before_the_load_is_finished(town):
    with pytest.raises(LoadNotFinished, match="initial load") as refused:
        town.daily()
    assert "ktt load" in refused.value.advises().nb
    town.registry.answers = [None, NotSent("no connection")]
    town.load()
    with pytest.raises(LoadNotFinished):
        town.daily()
    assert town.registry.posts == 1


def test_a_day_sends_what_is_new_changed_and_gone(loaded):
    loaded.epj.service("T9", "P0", dt.date(2026, 3, 2))
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.epj.run("DELETE FROM tjeneste WHERE id = 'T1a'")
    report = loaded.daily()
    assert loaded.registry.state()["care_service"] == EVERYTHING["care_service"] - {"T1a"} | {"T9"}
    services, diagnoses = report.types["care_service"], report.types["diagnosis"]
    assert (services.new, services.changed, services.gone, services.unchanged) == (1, 0, 1, 7)
    assert (diagnoses.new, diagnoses.changed, diagnoses.gone, diagnoses.unchanged) == (0, 1, 0, 3)
    assert (report.messages, report.changes) == (2, 3)
    assert json.loads(loaded.registry.accepted()[-1][1])[0]["diagnose"][0]["kode"] == "A05"


def test_a_day_without_change_is_an_answer_too(loaded):
    report = loaded.daily()
    assert (report.read, report.messages, report.changes, report.exit_code) == (True, 0, 0, 0)
    assert report.types["care_service"].unchanged == 8


def test_the_day_of_the_week_does_not_matter_only_the_difference_does(loaded):
    for number in (1, 2, 3):
        loaded.epj.run("UPDATE diagnose SET kode = ? WHERE id = 'D2'", f"A0{number}")
    report = loaded.daily(9)
    assert (report.messages, report.changes) == (1, 1)


def test_nothing_is_planned_behind_a_held_queue(loaded):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.registry.answers = [REJECTED]
    assert type(loaded.daily().stopped) is QueueHeld
    loaded.epj.service("T9", "P0", dt.date(2026, 3, 3))
    report = loaded.daily(2)
    assert (type(report.stopped), report.read, report.exit_code) == (QueueHeld, False, 13)
    assert len(loaded.store.messages(UNIT)) == 12
    assert status(loaded).startswith("Melding 12 fra enhet 312000008-1114 ble avvist (HTTP 400 2008")
    loaded.store.rebuild(UNIT, by="ola", reason="rettet")
    assert loaded.daily(2).changes == 2
    assert "T9" in loaded.registry.state()["care_service"]


def test_a_rejected_message_whose_record_is_corrected_is_made_anew_by_the_next_run(loaded):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.registry.answers = [REJECTED]
    loaded.daily(1)
    loaded.epj.run("UPDATE diagnose SET kode = 'A06' WHERE id = 'D2'")
    report = loaded.daily(2)
    assert (report.stopped, report.rebuilt, report.messages, report.undelivered) == (None, 12, 1, 0)
    assert json.loads(loaded.registry.accepted()[-1][1])[0]["diagnose"][0]["kode"] == "A06"
    assert [note.by for note in loaded.store.notes(UNIT)] == ["ktt"]


@pytest.mark.parametrize(
    ("rejected", "corrected"),
    [
        (
            "INSERT INTO tjeneste SELECT 'T9', person, type, start, slutt, endret FROM tjeneste WHERE id = 'T0a'",
            "DELETE FROM tjeneste WHERE id = 'T9'",
        ),
        (
            "DELETE FROM diagnose WHERE id = 'D2'",
            "INSERT INTO diagnose VALUES ('D2', 'P2', 'A04', '2017-03-02', '2026-02-01 08:00:00')",
        ),
        ("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'", "UPDATE diagnose SET kode = 'A04' WHERE id = 'D2'"),
        ("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'", "UPDATE diagnose SET fra = 'i fjor' WHERE id = 'D2'"),
    ],
    ids=["new, then gone", "gone, then back", "changed, then changed back", "changed, then held"],
)
def test_what_is_undone_or_held_in_the_record_system_leaves_the_queue(loaded, rejected, corrected):
    loaded.epj.run(rejected)
    loaded.registry.answers = [REJECTED]
    assert type(loaded.daily(1).stopped) is QueueHeld
    loaded.epj.run(corrected)
    report = loaded.daily(2)
    assert (report.stopped, report.rebuilt, report.messages) == (None, 12, 0)
    assert loaded.registry.state() == EVERYTHING


def test_a_message_that_is_rejected_again_after_its_correction_holds_the_queue(loaded):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.registry.answers = [REJECTED]
    loaded.daily(1)
    loaded.epj.run("UPDATE diagnose SET kode = 'A06' WHERE id = 'D2'")
    loaded.registry.answers = [REJECTED]
    report = loaded.daily(2)
    assert (type(report.stopped), report.rebuilt, report.undelivered) == (QueueHeld, 12, 1)
    posts, report = loaded.registry.posts, loaded.daily(3)
    assert (type(report.stopped), report.rebuilt, loaded.registry.posts) == (QueueHeld, None, posts)


def test_a_load_with_a_rejected_message_is_made_anew_and_finished(town):
    town.registry.answers = [None, REJECTED]
    assert type(town.load().stopped) is QueueHeld
    town.epj.run("UPDATE diagnose SET kode = 'A06'")
    report = town.load()
    assert (report.stopped, report.rebuilt) == (None, 2)
    assert report.load.finished_at is not None
    assert town.registry.state() == EVERYTHING


def test_a_receiver_that_is_down_for_two_days_gets_everything_in_order_and_the_alarm_begins_and_ends(loaded, clock):
    def rings():
        return alarm(loaded.store.queue(UNIT), clock.now())

    for day, code in enumerate(("A05", "A06"), 1):
        loaded.epj.run("UPDATE diagnose SET kode = ? WHERE id = 'D2'", code)
        loaded.registry.answers = [NotSent("no connection")]
        assert type(loaded.daily(day).stopped) is ReceiverNotReached
        assert rings() is None
        clock.advance(dt.timedelta(days=1))
    clock.advance(dt.timedelta(seconds=1))
    late = rings()
    assert (late.since, late.exit_code) == (clock.now() - dt.timedelta(days=2, seconds=1), 14)
    assert "2 døgn" in late.says.says().nb
    assert "Kontroller at nettet og adressene stemmer" in late.says.advises().nb
    assert loaded.daily(3).stopped is None
    codes = [json.loads(payload)[0]["diagnose"][0]["kode"] for _, payload in loaded.registry.accepted()[-2:]]
    assert (codes, rings()) == (["A05", "A06"], None)


def test_the_alarm_is_not_silenced_by_a_queue_that_is_made_anew_every_day(loaded, clock):
    for day in (1, 2, 3):
        loaded.epj.run("UPDATE diagnose SET kode = ? WHERE id = 'D2'", f"A0{day + 4}")
        loaded.registry.answers = [REJECTED]
        loaded.daily(day)
        clock.advance(dt.timedelta(hours=23))
    late = alarm(loaded.store.queue(UNIT), clock.now())
    assert (clock.now() - late.since, late.exit_code) == (dt.timedelta(hours=69), 13)


def test_the_alarm_of_a_paused_queue_says_how_to_go_on(loaded, clock):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.store.pause(UNIT, by="ola", reason="bytter EPJ")
    loaded.daily()
    clock.advance(dt.timedelta(days=2))
    late = alarm(loaded.store.queue(UNIT), clock.now())
    assert "ktt outbox resume" in late.says.advises().nb


def ended(town, *services):
    """These services end, so they are changed."""
    for one in services:
        town.epj.run("UPDATE tjeneste SET slutt = '2026-03-01' WHERE id = ?", one)


def ends(town):
    """The services whose end the registry has, as last told."""
    told = {}
    for kind, payload in town.registry.accepted():
        for person in json.loads(payload) if kind == "KTT_Tjeneste" else ():
            told |= {one["tjenesteId"]: "sluttDato" in one for one in person.get("tjeneste", ())}
    return {local_id for local_id, has_ended in told.items() if has_ended}


def test_what_is_parked_waits_and_everything_else_goes_on_until_it_is_unparked(loaded, clock):
    ended(loaded, "T0a")
    loaded.epj.service("T9", "P0", dt.date(2026, 2, 2))
    loaded.epj.run("DELETE FROM tjeneste WHERE id = 'T1a'")
    loaded.registry.answers = [REJECTED]
    assert type(loaded.daily(1).stopped) is QueueHeld
    parked_at = clock.now()
    assert loaded.store.park(UNIT, by="ola", reason="mottaket avviser den") == 3
    ended(loaded, "T2a", "T9")
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    report = loaded.daily(2)
    assert (report.stopped, report.messages, report.changes, report.strict_exit_code) == (None, 2, 2, 3)
    assert (report.parked.records, report.parked.dependents, report.parked.since) == (3, 0, parked_at)
    assert report.types["care_service"].held == 3
    assert (loaded.registry.state(), ends(loaded)) == (EVERYTHING, {"T2a"})
    assert loaded.daily(3).changes == 0
    loaded.store.unpark(UNIT, by="ola", reason="rettet")
    report = loaded.daily(4)
    services = report.types["care_service"]
    assert (services.new, services.changed, services.gone, report.parked, report.exit_code) == (1, 1, 1, None, 0)
    assert loaded.registry.state()["care_service"] == EVERYTHING["care_service"] - {"T1a"} | {"T9"}
    assert ends(loaded) == {"T0a", "T2a", "T9"}


def test_a_held_queue_tells_what_was_parked_before(loaded):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.registry.answers = [REJECTED]
    loaded.daily(1)
    loaded.store.park(UNIT, by="ola", reason="mottaket avviser den")
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D1'")
    loaded.registry.answers = [REJECTED]
    report = loaded.daily(2)
    assert (type(report.stopped), report.parked.records) == (QueueHeld, 1)
    assert loaded.daily(3).parked.records == 1, "also when nothing is planned"
    assert json.loads(orjson.dumps(report.as_data(), default=str))["parked"]["records"] == 1


@pytest.mark.parametrize(
    ("wanted", "counts"),
    [
        (Resend(), {"care_service": 8, "diagnosis": 4}),
        (Resend(ids={"diagnosis": ["D1", "D3"]}), {"care_service": 0, "diagnosis": 2}),
        (Resend(period="2017-02"), {"care_service": 1, "diagnosis": 1}),
        (Resend(day=MONDAY), {"care_service": 8, "diagnosis": 4}),
    ],
    ids=["everything", "two ids", "a month of the load", "the day of the load"],
)
def test_what_is_asked_for_again_is_sent_again_once(loaded, wanted, counts):
    before = loaded.registry.state()
    loaded.store.resend(UNIT, wanted, by="ola", reason="FHI har mistet noe")
    report = loaded.daily(1)
    assert {name: one.changed for name, one in report.types.items() if name in counts} == counts
    assert (report.changes, loaded.registry.state()) == (sum(counts.values()), before)
    assert loaded.daily(2).changes == 0


def test_what_is_asked_for_again_survives_a_stop_and_is_deleted_when_it_is_gone(loaded):
    loaded.store.resend(UNIT, Resend(ids={"diagnosis": ["D1", "D2"]}), by="ola", reason="FHI har mistet noe")
    loaded.epj.run("DELETE FROM diagnose WHERE id = 'D1'")
    loaded.registry.answers = [NotSent("no connection")]
    report = loaded.daily(1)
    assert (report.types["diagnosis"].changed, report.types["diagnosis"].gone, report.undelivered) == (1, 1, 1)
    report = loaded.daily(2)
    assert (report.messages, report.changes) == (1, 0)
    assert loaded.registry.state()["diagnosis"] == {"D0", "D2", "D3"}


def corrected(town, day, *persons, **ids):
    """Ask for a correction as `ktt correct` does; what was found."""
    town.epj.log(town.day(day))
    found = find_correction(town.sender, town.day(day), persons, ids)
    town.store.resend(UNIT, Resend(found.ids, delete_first=True), by="ola", reason="feil person")
    return found


def told_of(town, since, local_id):
    """What the registry was told of a record after so many messages: deleted, sent, or the one and then the other."""
    told = []
    for _, payload in town.registry.accepted()[since:]:
        for batch in find("KTT_Tjeneste", "1").read(payload) if b'"tjeneste' in payload else ():
            told += ["deleted"] * (local_id in batch.deletions.get("care_service", ()))
            told += ["sent"] * (local_id in batch.records["care_service"]["service_id"])
    return told


def test_what_was_sent_of_the_wrong_person_is_deleted_and_then_sent_as_it_is_now(loaded):
    loaded.epj.run("UPDATE tjeneste SET person = 'P1' WHERE id = 'T0a'")
    loaded.epj.run("DELETE FROM diagnose WHERE id = 'D0'")
    found = corrected(loaded, 1, "P0", care_service=["T0a"], diagnosis=["D0"])
    assert (found.ids, found.count) == ({"care_service": ["T0a", "T0b"], "diagnosis": ["D0"]}, 3)
    assert {name: count for name, count in found.present.items() if count} == {"care_service": 2}
    since = len(loaded.registry.accepted())
    report = loaded.daily(1)
    services = report.types["care_service"]
    assert (report.stopped, services.new, services.changed, services.gone) == (None, 2, 0, 2)
    assert report.types["diagnosis"].gone == 1
    assert (told_of(loaded, since, "T0a"), told_of(loaded, since, "T1a")) == (["deleted", "sent"], [])
    assert loaded.registry.state()["care_service"] == EVERYTHING["care_service"]
    assert loaded.registry.state()["diagnosis"] == EVERYTHING["diagnosis"] - {"D0"}
    assert loaded.daily(2).changes == 0


def test_a_correction_deletes_also_what_is_held(loaded):
    loaded.epj.run("UPDATE tjeneste SET slutt = '2017-01-01' WHERE id = 'T0a'")
    assert corrected(loaded, 1, "P0").present["care_service"] == 2, (
        "what the rules hold is known only when they have run"
    )
    report = loaded.daily(1)
    assert (report.types["care_service"].gone, report.types["care_service"].new, report.strict_exit_code) == (2, 1, 3)
    assert "T0a" not in loaded.registry.state()["care_service"]


def test_a_correction_that_is_stopped_and_rejected_is_planned_again_as_a_correction(loaded):
    corrected(loaded, 1, "P0")
    loaded.registry.answers = [REJECTED]
    assert type(loaded.daily(1).stopped) is QueueHeld
    loaded.store.rebuild(UNIT, by="ola", reason="igjen")
    since = len(loaded.registry.accepted())
    assert loaded.daily(2).stopped is None
    assert told_of(loaded, since, "T0a") == ["deleted", "sent"]


def test_a_correction_waits_for_what_is_undelivered(loaded):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D0'")
    loaded.registry.answers = [NotSent("no connection")]
    loaded.daily(1)
    with pytest.raises(CorrectionMustWait):
        corrected(loaded, 1, "P0")
    assert loaded.store.notes(UNIT) == []


def test_a_lost_answer_is_settled_by_the_same_message_before_anything_new(loaded):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    real, loaded.registry.answers = loaded.registry.posts, [Unknown("no answer")]
    assert type(loaded.daily().stopped) is OutcomeUncertain
    loaded.epj.run("UPDATE diagnose SET kode = 'A06' WHERE id = 'D2'")
    report = loaded.daily(2)
    assert (report.messages, report.changes) == (2, 1)
    codes = [json.loads(payload)[0]["diagnose"][0]["kode"] for _, payload in loaded.registry.accepted()[real:]]
    assert codes == ["A05", "A06"]


def test_a_message_that_is_too_large_is_split_and_sent_in_parts(town):
    town.registry.answers = [TooLarge(413)]
    report = town.load()
    assert (report.stopped, report.undelivered) == (None, 0)
    assert town.registry.state() == EVERYTHING
    first = town.store.messages(UNIT)[0]
    assert first.state is State.SUPERSEDED
    assert max(m.payload_bytes for m in town.store.messages(UNIT)[1:]) < first.payload_bytes


def test_a_message_of_one_record_that_is_too_large_holds_the_queue(loaded):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.registry.answers = [TooLarge(413)]
    assert type(loaded.daily().stopped) is QueueHeld


def test_a_record_larger_than_a_message_may_be_is_held_alone(town):
    town.epj.run("UPDATE diagnose SET id = ? WHERE id = 'D2'", "D" * 100)
    town.limits(Limits(target=500, maximum=620))
    report = town.load()
    assert (report.stopped, report.types["diagnosis"].held, report.strict_exit_code) == (None, 1, 3)
    assert town.registry.state() == EVERYTHING | {"diagnosis": {"D0", "D1", "D3"}}
    assert still_wrong(town) == [("KTT-SRC-F17", "D" * 100, town.day(0))]
    town.epj.run("UPDATE diagnose SET id = 'D2' WHERE id LIKE 'DD%'")
    assert (town.daily(1).changes, still_wrong(town)) == (1, [])
    assert town.registry.state() == EVERYTHING


def test_an_extract_without_proof_stops_before_anything_is_compared(loaded):
    loaded.epj.run("DELETE FROM tjeneste")
    loaded.epj.log(loaded.day(1))
    loaded.epj.run("DELETE FROM eksport")
    with pytest.raises(ProofMissing):
        run_daily(loaded.sender, loaded.day(1))
    assert loaded.registry.state() == EVERYTHING


UNPROVED = [
    # what is taken out of the mapping | why nothing is deleted | in words
    ("\n[complete]\ncount = { query", "no proof", "koblingsfilen har ikke noe bevis for at uttrekket er fullstendig"),
    ("\nunit = { query", "no owner", "koblingsfilen beviser ikke at databasen er enhetens"),
]


@pytest.mark.parametrize(("proof", "why", "words"), UNPROVED)
def test_without_proof_what_is_missing_is_told_every_day_and_not_deleted(loaded, proof, why, words):
    mapping = loaded.epj.mapping.read_text(encoding="utf-8")
    start = mapping.index(proof)
    loaded.use_mapping(mapping[:start] + mapping[mapping.index("\n", start + len(proof)) :])
    loaded.epj.run("DELETE FROM tjeneste WHERE id IN ('T1a', 'T2a')")
    loaded.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T3a'")  # held, so it is there
    for day in (1, 2):
        report = loaded.daily(day)
        services = report.types["care_service"]
        assert (services.missing, services.unproved, services.gone) == (2, why, 0)
        assert (report.missing, report.as_data()["missing"], report.exit_code) == (2, 2, EXIT_HELD_BACK)
        (told,) = (text.nb for text in proof_words(report))
        assert told.startswith("Tjeneste: 2 mangler i uttrekket og slettes ikke, fordi ")
        assert words in told
    assert loaded.registry.state() == EVERYTHING


def test_a_proof_that_is_weak_is_told(loaded):
    mapping = loaded.epj.mapping.read_text(encoding="utf-8")
    start = mapping.index("count = { query")
    loaded.use_mapping(mapping[:start] + "self_count = true" + mapping[mapping.index("\n", start) :])
    report = loaded.daily()
    assert (report.proofs, report.exit_code) == (("self_count",), 0)
    assert [text.nb.split(":")[0] for text in proof_words(report)] == ["Svakt bevis"]


def test_a_proof_that_is_strong_needs_no_words(loaded):
    report = loaded.daily()
    assert (report.proofs, list(proof_words(report))) == (("count",), [])


def test_a_record_with_a_fault_is_held_back_and_counted_never_deleted(loaded):
    loaded.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    loaded.epj.run("UPDATE tjeneste SET slutt = '2026-03-01' WHERE id = 'T2a'")
    report = loaded.daily()
    services = report.types["care_service"]
    assert (services.held, services.changed, services.gone) == (1, 1, 0)
    assert (report.exit_code, report.strict_exit_code) == (0, 3)
    (finding,) = [finding for finding in report.findings if finding.held]
    assert (finding.code, finding.cause, finding.field) == ("KTT-SRC-F02", "registration", "starts_on")
    assert (finding.count, finding.consequence, finding.local_ids) == (1, 2, ["T1a"])
    assert loaded.registry.state() == EVERYTHING


def still_wrong(town):
    """What is open and keeps something back."""
    findings = town.sender.findings.still_open(UNIT).filter(pl.col("consequence") < Consequence.NOTE.value)
    return findings.select("rule", "local_id", "opened_on").rows()


def test_a_wrong_registration_is_found_and_held_and_when_it_is_corrected_it_is_sent(loaded):
    loaded.epj.service("T9", "P0", dt.date(2026, 3, 2))
    loaded.epj.run("UPDATE tjeneste SET slutt = '2026-02-01' WHERE id = 'T9'")
    loaded.epj.service("T8", "P1", dt.date(2026, 3, 2))
    report = loaded.daily(1)
    services = report.types["care_service"]
    assert (services.new, services.held, report.exit_code, report.strict_exit_code) == (1, 1, 0, 3)
    assert loaded.registry.state()["care_service"] == EVERYTHING["care_service"] | {"T8"}
    assert still_wrong(loaded) == [("KTT-TJENESTE-01", "T9", loaded.day(1))]
    assert loaded.daily(2).changes == 0
    assert still_wrong(loaded) == [("KTT-TJENESTE-01", "T9", loaded.day(1))]
    loaded.epj.run("UPDATE tjeneste SET slutt = '2026-03-10' WHERE id = 'T9'")
    report = loaded.daily(3)
    assert (report.types["care_service"].new, report.finding_diff.closed, still_wrong(loaded)) == (1, 1, [])
    assert "T9" in loaded.registry.state()["care_service"]
    (closed,) = loaded.sender.findings.closed(UNIT, loaded.day(3)).iter_rows(named=True)
    assert (closed["rule"], closed["closed_on"]) == ("KTT-TJENESTE-01", loaded.day(3))


def test_a_record_that_was_sent_and_goes_wrong_is_held_and_the_registry_keeps_the_older_version(loaded):
    loaded.epj.run("UPDATE tjeneste SET slutt = '2017-01-01' WHERE id = 'T0a'")
    report = loaded.daily(1)
    services = report.types["care_service"]
    assert (services.changed, services.gone, services.held, report.changes) == (0, 0, 1, 0)
    assert loaded.registry.state() == EVERYTHING
    loaded.epj.run("DELETE FROM tjeneste WHERE id = 'T0a'")
    report = loaded.daily(2)
    assert (report.types["care_service"].gone, still_wrong(loaded)) == (1, [])  # deleted, so no longer wrong


def test_a_rejection_sends_nothing_and_says_why_and_the_next_day_goes_on(loaded):
    loaded.epj.service("T9", "P0", dt.date(2026, 3, 2))
    loaded.epj.run("UPDATE diagnose SET id = '08844110019' WHERE id = 'D2'")
    report = loaded.daily(1)
    assert (type(report.stopped), report.messages, report.exit_code) == (ExtractRejected, 0, 12)
    assert "KTT-ID-06 (1)" in report.stopped.says().nb
    assert loaded.registry.state() == EVERYTHING
    assert still_wrong(loaded) == [("KTT-ID-06", "•••", loaded.day(1))]
    loaded.epj.run("UPDATE diagnose SET id = 'D2' WHERE id = '08844110019'")
    report = loaded.daily(2)
    assert (report.stopped, report.changes, report.finding_diff.closed, still_wrong(loaded)) == (None, 1, 1, [])


def test_a_load_that_is_rejected_is_not_finished(town):
    town.epj.run("UPDATE diagnose SET id = '08844110019' WHERE id = 'D2'")
    report = town.load()
    assert (type(report.stopped), report.messages, report.load.finished_at) == (ExtractRejected, 0, None)
    town.epj.run("UPDATE diagnose SET id = 'D2' WHERE id = '08844110019'")
    assert town.load().load.finished_at is not None
    assert town.registry.state() == EVERYTHING


def test_what_reading_could_not_read_closes_when_it_can(loaded):
    loaded.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    loaded.daily(1)
    assert still_wrong(loaded) == [("KTT-SRC-F02", "T1a", loaded.day(1))]
    loaded.epj.run("UPDATE tjeneste SET start = '2017-02-10' WHERE id = 'T1a'")
    loaded.daily(2)
    assert still_wrong(loaded) == []
    assert "KTT-SRC-F02" in loaded.sender.findings.closed(UNIT, loaded.day(2))["rule"].to_list()


def test_the_same_extract_judged_twice_opens_nothing_and_sends_nothing(loaded):
    loaded.epj.run("UPDATE tjeneste SET slutt = '2017-01-01' WHERE id = 'T0a'")
    first, second = loaded.daily(1), loaded.daily(1)
    assert (second.finding_diff.opened, second.finding_diff.closed, second.changes) == (0, 0, 0)
    assert second.finding_diff.still_open == first.finding_diff.opened + first.finding_diff.still_open
    assert second.findings == first.findings


def test_a_corrected_number_makes_all_of_the_persons_records_new_versions(loaded):
    number = "(SELECT substr(fnr, 1, 0) || fnr FROM person WHERE id = 'P3')"
    loaded.epj.run("DELETE FROM diagnose WHERE id = 'D3'")
    loaded.epj.run(f"UPDATE person SET fnr = {number} WHERE id = 'P0'")
    report = loaded.daily()
    assert report.types["care_service"].changed == 2
    assert (report.types["diagnosis"].changed, report.types["diagnosis"].gone) == (1, 1)


def test_a_paused_line_stops_the_run_before_it_reads(loaded):
    loaded.epj.run("UPDATE diagnose SET kode = 'A05' WHERE id = 'D2'")
    loaded.registry.answers = [NotSent("no connection")]
    loaded.daily()
    loaded.store.pause(UNIT, by="ola", reason="bytter EPJ")
    report = loaded.daily(2)
    assert (type(report.stopped), report.read) == (QueuePaused, False)
    assert status(loaded) == "Satt på pause av ola: bytter EPJ."


def test_two_runs_at_once_are_one_run_and_one_refusal(loaded):
    with locked(loaded.store, UNIT), pytest.raises(QueueBusy):
        loaded.daily()


def test_a_report_is_data(loaded):
    loaded.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    data = loaded.daily().as_data()
    assert (data["unit"], data["kind"], data["held"], data["changes"]) == ("312000008-1114", "daily", 1, 0)
    assert data["exit_code"] == 0
    assert data["types"]["care_service"]["held"] == 1
    assert data["stopped"] is None


def test_how_a_line_stands_in_plain_words(town):
    assert status(town) == "Initiell last er ikke startet."
    town.registry.answers = [None, NotSent("ingen forbindelse")]
    town.load()
    assert "kom ikke fram (ingen forbindelse) og venter" in status(town)
    head = town.store.first_undelivered(UNIT)
    town.store.mark_sending(UNIT, head.sequence)
    assert status(town).startswith("Sendingen av melding 2 ble avbrutt.")
    town.store.settle(UNIT, head.sequence, Unknown("HTTP 503"))
    assert "ikke kjent om den ble lagret (HTTP 503)" in status(town)


def outcomes(town):
    """The run outcomes of the unit, without when."""
    return [one.outcome for one in town.sender.outcomes.latest(9).get(UNIT, [])]


def test_however_a_run_ends_its_outcome_is_recorded(town):
    with pytest.raises(LoadNotFinished):
        town.daily(0)
    town.load()
    town.registry.answers = [NotSent("no connection")]
    town.epj.service("T9", "P0", dt.date(2026, 3, 2))
    town.daily(1)
    town.daily(2)
    town.use_mapping(town.epj.mapping.read_text(encoding="utf-8").replace("FROM tjeneste", "FROM borte"))
    with pytest.raises(KttError):
        town.daily(3)
    found = outcomes(town)
    assert [(one.kind, one.exit_code, one.code, one.read, one.messages > 0, one.changes) for one in found] == [
        ("daily", 13, "KTT-SND-01", False, False, 0),
        ("load", 0, None, True, True, 12),
        ("daily", 14, "KTT-OUT-06", False, False, 1),
        ("daily", 0, None, True, True, 0),
        ("daily", 10, "KTT-SRC-03", False, False, 0),
    ]


def test_a_run_beside_another_is_no_run(loaded):
    with locked(loaded.store, UNIT), pytest.raises(QueueBusy):
        loaded.daily()
    assert len(outcomes(loaded)) == 1
