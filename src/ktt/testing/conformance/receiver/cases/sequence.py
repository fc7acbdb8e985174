"""Several messages: order, receipts, resends, initial load, corrections and deletions (transport § 10)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup, Step, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, code, receipt
from ktt.testing.conformance.receiver.harness import ReceiverHarness, message, service
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.testing.conformance.receiver.submission import Submission
from ktt.wire import headers as names

GROUP = CaseGroup(Text("Rekkefølge og kvitteringer", "Order and receipts"), "transport § 10")


def _send(name: str, *unlike: str, nb: str = "", en: str = "") -> Step:
    """Send the content of that name. Its receipt differs from those in `unlike`; without any it may be the earlier one."""
    says = Text(nb or f"Send melding {name}.", en or f"Send message {name}.")
    return sends(receipt(name, *unlike), says, keep=name)


GROUP.case(
    "N700",
    "Svaret gikk tapt: samme innhold, kryptert på nytt, får samme kvittering",
    "The answer was lost: the same content, sealed anew, gets the same receipt",
    _send("A"),
    _send("A", nb="Send den igjen, kryptert på nytt.", en="Send it again, sealed anew."),
    _send("A", nb="Og en gang til.", en="And once more."),
    source="transport § 10.2",
)
GROUP.case(
    "N701",
    "Samme innhold lenger bak i rekken er en ny melding",
    "The same content further back in the queue is a new message",
    _send("A"),
    _send("B", "A"),
    sends(receipt("A again", "A", "B"), Text("Send melding A igjen.", "Send message A again."), keep="A"),
    source="transport § 10.2",
)
GROUP.case(
    "N702",
    "Samme innhold under en annen uttrekksdato er samme melding",
    "The same content under another extraction date is the same message",
    _send("A"),
    sends(
        receipt("A"),
        Text("Send den med en annen dato.", "Send it with another date."),
        keep="A",
        headers={names.EXTRACTED_ON: "01.01.2026"},
    ),
    source="transport § 10.2",
)
GROUP.case(
    "N703",
    "En avvist melding teller ikke: neste får ny kvittering, og den forrige er fortsatt den siste",
    "A rejected message does not count: the one before it is still the last",
    _send("A"),
    sends(code(2007), Text("Send noe som ikke er JSON.", "Send something that is not JSON."), content=lambda _: b"{"),
    _send("A", nb="Send melding A igjen.", en="Send message A again."),
    source="transport § 10.2",
)


def _both(harness: ReceiverHarness) -> RawResponse:
    """Send the content twice at the same time, each time encrypted and proven anew; returns the second answer."""
    submissions = [Submission(keep="A"), Submission(keep="A")]
    built = [harness.build(submission) for submission in submissions]
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(
            lambda pair: harness.send_built(pair[0], *pair[1]), zip(submissions, built, strict=True)
        )
    harness.remembered("receipt", "A", lambda: first.header(names.CORRELATION_ID))
    return second


GROUP.case(
    "N704",
    "To kopier samtidig lagres én gang",
    "Two copies at the same time are stored once",
    Step(
        Text("Send samme innhold to ganger samtidig.", "Send the same content twice at the same time."),
        _both,
        receipt("A"),
    ),
    source="transport § 10.2",
)


def _month(number: int) -> Callable[[ReceiverHarness], bytes]:
    """A month of history: three services that began in it."""
    return lambda harness: message(
        harness,
        [service(f"K-{uuid.uuid4().hex}", startDato=f"2017-{number:02}-{day:02}") for day in (1, 11, 21)],
    )


_LOAD = tuple(
    sends(
        receipt(f"month {number}", *(f"month {earlier}" for earlier in range(1, number))),
        Text(f"Send måned {number} av 2017.", f"Send month {number} of 2017."),
        content=_month(number),
    )
    for number in range(1, 7)
)
GROUP.case(
    "N710",
    "Initiell last: seks måneder på rad, eldste først",
    "Initial load: six months in a row, oldest first",
    *_LOAD,
    source="transport § 10 rule 9",
)


def _record(harness: ReceiverHarness) -> str:
    return harness.remembered("id", "record", lambda: f"K-{uuid.uuid4().hex}")


def _record_message(deleted: bool = False, **changes: Any) -> Callable[[ReceiverHarness], bytes]:  # noqa: FBT001, FBT002 - reads well below
    """A message about the case's own record."""

    def content(harness: ReceiverHarness) -> bytes:
        record = _record(harness)
        return message(harness, [], [record]) if deleted else message(harness, [service(record, **changes)])

    return content


def _step(name: str, nb: str, en: str, content: Callable[[ReceiverHarness], bytes], *unlike: str) -> Step:
    return sends(receipt(name, *unlike), Text(nb, en), content=content)


_NEW = _step("new", "Send en tjeneste.", "Send a service.", _record_message())
_ENDED = _step(
    "ended",
    "Send den igjen med sluttdato.",
    "Send it again with an end day.",
    _record_message(sluttDato="2026-02-20"),
    "new",
)
_GONE = _step("gone", "Slett den.", "Delete it.", _record_message(deleted=True), "new")
GROUP.case(
    "N711",
    "Rettelse: samme id med nytt innhold",
    "Correction: the same id with new content",
    _NEW,
    _ENDED,
    source="messages § 7.1",
)
GROUP.case("N712", "Sletting", "Deletion", _NEW, _GONE, source="messages § 7.2")
GROUP.case(
    "N713",
    "Sletting, og så tilbake",
    "Deletion, and then back again",
    _NEW,
    _GONE,
    _step("back", "Send den igjen.", "Send it again.", _record_message(), "gone"),
    source="messages § 7.2",
)
GROUP.case(
    "N714",
    "Sletting av noe som aldri er sendt, er ingen feil",
    "Deletion of what was never sent is no fault",
    sends(DELIVERED, Text("Slett en ukjent id.", "Delete an unknown id."), content=_record_message(deleted=True)),
    source="messages § 7.2",
)
GROUP.case(
    "F715",
    "Slettet og sendt i samme melding: meldingen avvises",
    "Deleted and sent in one message: the message is rejected",
    sends(
        code(2008),
        Text("Send begge deler i én melding.", "Send both in one message."),
        content=lambda harness: message(harness, [service(_record(harness))], [_record(harness)]),
    ),
    source="messages § 6 no. 1",
)
