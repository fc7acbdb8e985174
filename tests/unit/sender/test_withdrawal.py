"""Withdrawing one unit: in what order, in how large messages, and what stops it."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.messages.contract import Accepted, NotSent, Rejected, TooLarge, Unknown
from ktt.messages.register import pack
from ktt.rules.open_findings import diff_findings
from ktt.sender.client.lookups import Found, NotOffered
from ktt.sender.findings.store import ValidationRun
from ktt.sender.outbox.dispatch import SendOptions
from ktt.sender.outbox.errors import OutcomeUncertain, QueueHeld, QueuePaused, ReceiverNotReached
from ktt.sender.outbox.retry_policy import NO_RETRIES
from ktt.sender.unit_changes.errors import NotAllWithdrawn, RegistryHoldsMore, RegistryNotChecked
from ktt.sender.unit_changes.registry_rest import Way
from ktt.sender.unit_changes.withdrawal import UnitStores, Withdrawal, told
from support.finding_histories import finding, found
from support.memory_findings import MemoryFindings
from support.memory_outbox import MemoryOutbox
from support.outbox_queues import deliver, message
from support.unit_changes import MemoryUnitChanges

UNIT = ReportingUnit("312000008", "1114")
DAY = dt.date(2026, 3, 2)
DECISIONS, SERVICES, DIAGNOSES = "KTT_Vedtak", "KTT_Tjeneste", "KTT_Diagnose"


class Leaving:
    """A unit that the registry was told of, and what it sends when it is withdrawn. `answers` come first."""

    def __init__(self, clock, **counts):
        stores = MemoryOutbox(clock), MemoryFindings(clock), MemoryUnitChanges()
        self.stores = UnitStores(UNIT, "sandbox", *stores, pack("ktt_v1"))
        self.sent, self.answers, self.told, self.asked, self.slept = [], [], [], [], []
        for kind, count in counts.items():
            self.tell(kind, count)

    def tell(self, kind, count):
        ids = {f"{kind}-{nth}": "f" for nth in range(count)}
        self.stores.outbox.enqueue(UNIT, [message("load", kind, **ids)])
        deliver(self.stores.outbox, UNIT)

    def send(self, outgoing):
        answer = self.answers.pop(0) if self.answers else Accepted("c")
        if isinstance(answer, Accepted):
            ((_, deleted),) = [item for item in json.loads(outgoing.payload)[0].items() if item[0].startswith("slett")]
            self.sent.append((outgoing.message_type, len(deleted), outgoing.extracted_on))
        return answer

    def run(self):
        options = SendOptions(NO_RETRIES, sleep=self.slept.append)
        self.report = Withdrawal(self.stores, DAY, Way(self.send, self.look_up), options).run("kari", "slutt")
        return self.report.sent

    def look_up(self, path):
        """What the registry says; after the answers that were put here, that it does not tell."""
        self.asked.append(path)
        return self.told.pop(0) if self.told else NotOffered()

    @property
    def outbox(self):
        return self.stores.outbox


def test_children_go_before_the_parents_that_they_refer_to(clock):
    leaving = Leaving(clock, decision=2, care_service=3, diagnosis=1)
    report = leaving.run()
    assert (report.delivered, report.undelivered, report.stopped) == (3, 0, None)
    assert leaving.sent == [(SERVICES, 3, DAY), (DECISIONS, 2, DAY), (DIAGNOSES, 1, DAY)]
    assert told(leaving.stores) == {}


def test_a_unit_that_has_told_nothing_is_withdrawn_at_once(clock):
    leaving = Leaving(clock)
    assert leaving.run().stopped is None
    assert (leaving.sent, leaving.outbox.notes(UNIT)) == ([], [])


def test_a_message_that_is_too_large_is_sent_in_smaller_ones(clock):
    leaving = Leaving(clock, care_service=40)
    leaving.answers += [TooLarge(413), TooLarge(413)]
    assert leaving.run().stopped is None
    assert [kind for kind, _, _ in leaving.sent] == [SERVICES] * len(leaving.sent)
    assert len(leaving.sent) > 3
    assert sum(count for _, count, _ in leaving.sent) == 40


def test_one_record_that_is_too_large_stops(clock):
    leaving = Leaving(clock, care_service=1)
    leaving.answers.append(TooLarge(413))
    assert isinstance(leaving.run().stopped, QueueHeld)


@pytest.mark.parametrize(
    ("answer", "stopped"),
    [
        (NotSent("no network"), ReceiverNotReached),
        (Unknown("no answer"), OutcomeUncertain),
        (Rejected(400, 2008, "SchemaValidationFailed", ""), QueueHeld),
    ],
)
def test_what_stopped_it_is_overcome_by_running_it_again(clock, answer, stopped):
    leaving = Leaving(clock, decision=2, care_service=3)
    leaving.answers += [Accepted("c"), answer]
    report = leaving.run()
    assert isinstance(report.stopped, stopped)
    assert report.delivered == 1
    assert told(leaving.stores) == {"decision": 2}
    again = leaving.run()
    assert (again.stopped, again.undelivered, told(leaving.stores)) == (None, 0, {})
    assert [kind for kind, _, _ in leaving.sent] == [SERVICES, DECISIONS]


def test_a_message_still_without_an_outcome_stops_it_before_anything_is_taken_out(clock):
    leaving = Leaving(clock, care_service=1)
    leaving.answers += [Unknown("no answer"), Unknown("no answer")]
    leaving.run()
    assert isinstance(leaving.run().stopped, OutcomeUncertain)
    assert [one.state.value for one in leaving.outbox.messages(UNIT)] == ["delivered", "uncertain"]


@pytest.mark.parametrize("uncertain", [False, True])
def test_a_pause_stops_it(clock, uncertain):
    leaving = Leaving(clock, care_service=1)
    if uncertain:
        leaving.answers.append(Unknown("no answer"))
        leaving.run()
    leaving.outbox.pause(UNIT, by="ola", reason="bytter EPJ")
    assert isinstance(leaving.run().stopped, QueuePaused)
    assert told(leaving.stores) == {"care_service": 1}
    leaving.outbox.resume(UNIT, by="ola", reason="ferdig")
    assert leaving.run().stopped is None


def test_what_the_pack_in_use_cannot_delete_is_told(clock):
    leaving = Leaving(clock, care_service=1, diagnosis=2)
    leaving.stores = replace(leaving.stores, versions=pack("ktt_v1")[:2])
    stopped = leaving.run().stopped
    assert isinstance(stopped, NotAllWithdrawn)
    assert "diagnosis 2" in stopped.says().en
    assert [kind for kind, _, _ in leaving.sent] == [SERVICES]


def test_nothing_is_wrong_any_more_with_a_unit_of_which_there_is_nothing(clock):
    leaving = Leaving(clock, care_service=1)
    findings = leaving.stores.findings
    run = ValidationRun("daily", DAY, "2026.1")
    findings.record(UNIT, run, diff_findings(findings.still_open(UNIT), found(finding("KTT-DATO-03"))))
    leaving.run()
    assert findings.still_open(UNIT).is_empty()
    assert findings.closed(UNIT, DAY).height == 1


def inventory(*, pending=0, held=0, following=None, **ids):
    """A page of what the registry holds."""
    records = [{"record_type": name, "local_ids": some, "hashes": []} for name, some in ids.items()]
    return Found({"pending": pending, "held": held, "records": records, "next": following})


def test_the_registry_is_asked_whether_anything_is_left(clock):
    leaving = Leaving(clock, care_service=1)
    leaving.told += [inventory(pending=1), inventory()]
    assert (leaving.run().stopped, leaving.report.checked, len(leaving.slept)) == (None, True, 1)
    assert leaving.asked[0] == "/units/312000008/inventory?municipality=1114&as=records&limit=4000"


def test_where_it_does_not_tell_the_receipts_must_do(clock):
    leaving = Leaving(clock, care_service=1)
    assert (leaving.run().stopped, leaving.report.checked) == (None, False)


def test_what_it_has_that_the_store_did_not_know_is_deleted_too(clock):
    leaving = Leaving(clock, care_service=1)
    known = (
        inventory(following="n", recipient=["P1"], care_service=["S8"]),
        inventory(decision=["V9"], care_service=["S9"]),
    )
    leaving.told += [*known, inventory(recipient=[])]
    assert (leaving.run().stopped, leaving.report.checked) == (None, True)
    assert leaving.report.surplus == {"care_service": 2, "decision": 1}
    assert leaving.sent == [(SERVICES, 1, DAY), (SERVICES, 2, DAY), (DECISIONS, 1, DAY)]


@pytest.mark.parametrize(
    ("answers", "fault", "words"),
    [
        ([NotSent("no network")], RegistryNotChecked, "did not answer (no network)"),
        ([inventory(pending=2)] * 200, RegistryNotChecked, "2 accepted messages are not ingested yet"),
        ([inventory(pending=2, held=2)], RegistryNotChecked, "2 accepted messages wait until"),
        ([inventory(care_service=["S9"])] * 2, RegistryHoldsMore, "care_service 1"),
    ],
)
def test_it_is_not_withdrawn_while_the_registry_does_not_say_so(clock, answers, fault, words):
    leaving = Leaving(clock, care_service=1)
    leaving.told += answers
    stopped = leaving.run().stopped
    assert isinstance(stopped, fault)
    assert words in stopped.says().en
    leaving.told = [inventory()]
    assert leaving.run().stopped is None
