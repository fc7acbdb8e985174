"""A plan is what the load then sends: to the message, the byte and the record; and it changes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ktt.messages.contract import NotSent
from ktt.sender.delta.batches import Limits
from ktt.sender.load_plan.estimate import ASSUMED_ANSWER, ENOUGH, estimate
from ktt.sender.load_plan.plan import plan_load
from ktt.sender.outbox.errors import QueuePaused
from ktt.sender.outbox.message import State
from ktt.sender.status import describe
from support.sender_epj import UNIT

MAPPING_SINCE = '[table.tjeneste]\nsince = "2017-04-01"\nreason = "bytte av EPJ"\n'


def plan(town, day=0):
    town.morning(day)
    return plan_load(town.sender, town.day(day))


def sent(town, after=0):
    """What each period got, from the queue itself."""
    periods = {}
    for message in town.store.messages(UNIT):
        if message.sequence > after and message.state is not State.SUPERSEDED:
            one = periods.setdefault(message.period, [0, 0, 0])
            for place, more in enumerate((1, message.payload_bytes, message.upserts)):
                one[place] += more
    return periods


def planned(found):
    return {one.period: [one.messages, one.payload_bytes, sum(one.records.values())] for one in found.periods}


@pytest.mark.parametrize("limits", [Limits(), Limits(target=900, maximum=2_000)], ids=["whole", "in parts"])
def test_what_is_planned_is_exactly_what_is_sent(town, limits):
    town.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    town.epj.run("UPDATE tjeneste SET slutt = '2016-05-05', start = '2016-01-01' WHERE id = 'T2a'")
    town.limits(limits)
    found = plan(town)
    report = town.load()
    assert planned(found) == sent(town)
    assert (found.messages, found.records) == (report.messages, report.changes)
    assert found.types == report.types
    assert found.findings == report.findings
    assert (found.types["care_service"].held, found.types["care_service"].excluded) == (1, {"ended before 2017": 1})
    assert [one.period for one in found.months] == [one.period for one in found.periods]


def test_of_a_load_that_was_stopped_only_the_rest_is_planned_and_what_changed_since_as_a_day(town):
    town.registry.answers += [None, None, None, NotSent("no network")]
    town.load()
    delivered = town.store.queue(UNIT).delivered
    town.store.rebuild(UNIT, "ola", "prøve")
    town.epj.run("UPDATE tjeneste SET slutt = '2026-02-01' WHERE id = 'T0a'")
    found = plan(town, 1)
    assert found.periods[-1].period == town.day(1).isoformat()
    town.load(1).check()
    assert planned(found) == sent(town, delivered)
    assert found.messages


def test_what_waits_in_the_queue_is_told_and_not_planned_again(town):
    town.registry.answers.append(NotSent("no network"))
    town.load()
    found = plan(town)
    assert (found.queued, found.messages, found.load.finished_at) == (11, 0, None)
    assert found.estimate.send_seconds == pytest.approx(11 * ASSUMED_ANSWER, abs=0.1)


def test_a_plan_changes_nothing(town):
    before = town.store.queue(UNIT), town.sender.history.latest(UNIT, 10), list(town.sender.outcomes.newest())
    plan(town)
    assert before == (town.store.queue(UNIT), town.sender.history.latest(UNIT, 10), list(town.sender.outcomes.newest()))
    assert town.registry.state() == {}
    assert town.sender.findings.still_open(UNIT).is_empty()


def test_it_says_what_would_stop_the_load(loaded):
    loaded.epj.run("DELETE FROM diagnose")
    found = plan(loaded, 1)
    assert (found.stopped.code, found.exit_code) == ("KTT-ASK-01", 5)
    assert "KTT-ASK-01" not in str(found.as_data()["rejection"])


def test_limited_history_is_told_with_its_reason(town):
    text = town.epj.mapping.read_text(encoding="utf-8")
    assert "[table.tjeneste]\n" in text
    town.use_mapping(text.replace("[table.tjeneste]\n", MAPPING_SINCE))
    (limited,) = plan(town).limited
    assert (limited.record_type, limited.since, limited.reason) == (
        "care_service",
        dt.date(2017, 4, 1),
        "bytte av EPJ",
    )


def messages(town, count, seconds):
    """So many delivered messages, of which each took these seconds for its size."""
    (one,) = [*town.store.messages(UNIT)][:1]
    sizes = [1_000 * (number % 7 + 1) for number in range(count)]
    at = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    return [
        replace(one, payload_bytes=size, sent_at=at, settled_at=at + dt.timedelta(seconds=seconds(size)))
        for size in sizes
    ]


def test_the_time_is_reckoned_from_what_own_messages_took(loaded):
    took = messages(loaded, ENOUGH, lambda size: 0.05 + size * 2e-6)
    found = estimate((100, 10_000_000), took, dt.timedelta(seconds=3), b"x" * 1_000)
    assert (found.basis, found.samples) == ("measured", ENOUGH)
    assert found.send_seconds == pytest.approx(100 * 0.05 + 10_000_000 * 2e-6, rel=0.01)
    assert found.span == dt.timedelta(seconds=3 + found.send_seconds)


def test_messages_of_one_size_or_slower_when_smaller_tell_their_mean(loaded):
    for seconds in (lambda _size: 0.2, lambda size: 1.0 - size * 1e-4):
        took = messages(loaded, ENOUGH, seconds)
        mean = sum(seconds(one.payload_bytes) for one in took) / len(took)
        assert estimate((10, 10_000), took, dt.timedelta(), b"x").send_seconds == pytest.approx(10 * mean, abs=0.1)


def test_before_enough_is_sent_the_answer_is_assumed_and_the_sealing_measured(loaded):
    took = messages(loaded, ENOUGH - 1, lambda _size: 9.0)
    found = estimate((100, 1_000_000_000), took, dt.timedelta(seconds=1), b"x" * 100_000)
    assert (found.basis, found.samples, found.seconds_a_message) == ("assumed", 0, ASSUMED_ANSWER)
    assert found.send_seconds == pytest.approx(100 * ASSUMED_ANSWER + found.seconds_a_megabyte * 1_000, abs=0.1)
    assert found.seconds_a_megabyte > 0
    assert estimate((0, 0), [], dt.timedelta(), b"").send_seconds == 0


def test_a_pause_that_comes_during_a_load_ends_it_behind_the_message_under_way(town):
    def pause(message):
        if message.sequence == 3:
            town.store.pause(UNIT, by="kari", reason="EPJ oppgraderes")

    town.sender = replace(town.sender, options=replace(town.sender.options, on_delivered=pause))
    stopped = town.load()
    assert isinstance(stopped.stopped, QueuePaused)
    assert stopped.messages == town.store.queue(UNIT).delivered
    assert 3 <= stopped.messages <= 4  # the fourth was marked as under way when the third was written down
    assert "EPJ oppgraderes" in describe(town.store.queue(UNIT)).nb
    town.store.resume(UNIT, by="kari", reason="ferdig")
    town.load().check()
    assert [one.period for one in town.store.messages(UNIT)][-1] == "2017-07"
    assert len(town.registry.state()["care_service"]) == 8
