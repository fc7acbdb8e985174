"""A line of messages: order, receipts, resends, initial load, corrections and deletions (transport § 10)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import Group, Need, Step, sends
from ktt.testing.conformance.receiver.expectation import DELIVERED, code, receipt
from ktt.testing.conformance.receiver.harness import Bench, message, service
from ktt.testing.conformance.receiver.http import Heard
from ktt.testing.conformance.receiver.submission import Post
from ktt.wire import headers as names

GROUP = Group(Text("Rekkefølge og kvitteringer", "Order and receipts"), "transport § 10")
_PACK = (Need.PACK,)


def _send(name: str, *unlike: str, nb: str = "", en: str = "") -> Step:
    """Send the content of that name; its receipt is new, or the same as when it was sent right before."""
    says = Text(nb or f"Send melding {name}.", en or f"Send message {name}.")
    return sends(receipt(name, *unlike), says, keep=name)


GROUP.case(
    "N700",
    "Svaret gikk tapt: samme innhold, kryptert på nytt, får samme kvittering",
    "The answer was lost: the same content, sealed anew, gets the same receipt",
    _send("A"),
    _send("A", nb="Send den igjen, kryptert på nytt.", en="Send it again, sealed anew."),
    _send("A", nb="Og en gang til.", en="And once more."),
    source="§ 10.2",
)
GROUP.case(
    "N701",
    "Samme innhold lenger bak i rekken er en ny melding",
    "The same content further back in the line is a new message",
    _send("A"),
    _send("B", "A"),
    sends(receipt("A again", "A", "B"), Text("Send melding A igjen.", "Send message A again."), keep="A"),
    source="§ 10.2",
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
    source="§ 10.2",
)
GROUP.case(
    "N703",
    "En avvist melding teller ikke: neste får ny kvittering, og den forrige er fortsatt den siste",
    "A rejected message does not count: the one before it is still the last",
    _send("A"),
    sends(code(2007), Text("Send noe som ikke er JSON.", "Send something that is not JSON."), content=lambda _: b"{"),
    _send("A", nb="Send melding A igjen.", en="Send message A again."),
    source="§ 10 rule 2",
)


def _both(bench: Bench) -> Heard:
    """Two copies of the content at once, each sealed and proven by itself; the second answer."""
    posts = [Post(keep="A"), Post(keep="A")]
    built = [bench.build(post) for post in posts]
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda pair: bench.send_built(pair[0], *pair[1]), zip(posts, built, strict=True))
    bench.kept("receipt", "A", lambda: first.header(names.CORRELATION_ID))
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
    source="§ 10.2",
)


def _month(number: int) -> Callable[[Bench], bytes]:
    """A month of history: three services that began in it."""
    return lambda bench: message(
        bench,
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
    source="rule 9",
    needs=_PACK,
)


def _record(bench: Bench) -> str:
    return bench.kept("id", "record", lambda: f"K-{uuid.uuid4().hex}")


def _about(deleted: bool = False, **changes: Any) -> Callable[[Bench], bytes]:  # noqa: FBT001, FBT002 - reads well below
    """A message about the case's own record."""

    def content(bench: Bench) -> bytes:
        record = _record(bench)
        return message(bench, [], [record]) if deleted else message(bench, [service(record, **changes)])

    return content


def _told(name: str, nb: str, en: str, content: Callable[[Bench], bytes], *unlike: str) -> Step:
    return sends(receipt(name, *unlike), Text(nb, en), content=content)


_NEW = _told("new", "Send en tjeneste.", "Send a service.", _about())
_ENDED = _told(
    "ended", "Send den igjen med sluttdato.", "Send it again with an end day.", _about(sluttDato="2026-02-20"), "new"
)
_GONE = _told("gone", "Slett den.", "Delete it.", _about(deleted=True), "new")
GROUP.case(
    "N711",
    "Rettelse: samme id med nytt innhold",
    "Correction: the same id with new content",
    _NEW,
    _ENDED,
    source="messages § 7",
    needs=_PACK,
)
GROUP.case("N712", "Sletting", "Deletion", _NEW, _GONE, source="messages § 7", needs=_PACK)
GROUP.case(
    "N713",
    "Sletting, og så tilbake",
    "Deletion, and then back again",
    _NEW,
    _GONE,
    _told("back", "Send den igjen.", "Send it again.", _about(), "gone"),
    source="messages § 7",
    needs=_PACK,
)
GROUP.case(
    "N714",
    "Sletting av noe som aldri er sendt, er ingen feil",
    "Deletion of what was never sent is no fault",
    sends(DELIVERED, Text("Slett en ukjent id.", "Delete an unknown id."), content=_about(deleted=True)),
    source="messages § 7",
    needs=_PACK,
)
GROUP.case(
    "N715",
    "Slettet og sendt i samme melding: slettingen virker først",
    "Deleted and sent in one message: the deletion takes effect first",
    sends(
        DELIVERED,
        Text("Send begge deler i én melding.", "Send both in one message."),
        content=lambda bench: message(bench, [service(_record(bench))], [_record(bench)]),
    ),
    source="messages § 7",
    needs=_PACK,
)
