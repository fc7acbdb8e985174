"""Sizes around the limit (transport § 10 rule 8, § 9 step 0 and 11)."""

from __future__ import annotations

from collections.abc import Callable

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup
from ktt.testing.conformance.receiver.expectation import DELIVERED, Expectation
from ktt.testing.conformance.receiver.harness import ReceiverHarness, everyday
from ktt.wire.envelope import body_size

GROUP = CaseGroup(Text("Størrelser", "Sizes"), "transport § 10 rule 8")

_NARROW = 15_000_000  # bytes of body: 15 MB read in the narrowest way, which a careful sender stays below
_WIDE = 15 * 2**20  # bytes of body: 15 MB read in the widest way; every receiver refuses more
_TOO_LARGE = Expectation(frozenset({400, 413}), frozenset({2009}))


def _filled(body: int) -> Callable[[ReceiverHarness], bytes]:
    """An everyday message, filled with white space until its body is as large as it can be without being larger."""

    def content(harness: ReceiverHarness) -> bytes:
        text = everyday(harness)
        size = body // 4 * 3 - 16 - 1  # of the base64: three bytes in four; then the IV and at least a byte of padding
        while body_size(size) > body:
            size -= 1
        return text + b" " * (size - len(text))

    return content


GROUP.table(
    ("N600", "transport § 10 rule 8d", "2 MB, som FHI råder til", "2 MB, as FHI advises", DELIVERED, {"content": _filled(2_000_000)}),
    ("N601", "transport § 10 rule 8c", "Så vidt under 15 000 000 byte", "Just below 15 000 000 bytes", DELIVERED, {"content": _filled(_NARROW - 1)}),
    ("F600", "transport § 10 rule 8c; transport § 8", "Så vidt over 15 MiB", "Just above 15 MiB", _TOO_LARGE, {"content": _filled(_WIDE + 64)}),
    ("F601", "transport § 9 step 11", "Over 15 MiB i biter, uten oppgitt lengde", "Above 15 MiB in chunks, with no length given", _TOO_LARGE,
     {"content": _filled(_WIDE + 64), "chunked": True}),
    ("F602", "transport § 9 step 0", "For stor, men spør først («Expect: 100-continue»): svar uten at noe er sendt", "Too large, but asks first (`Expect: 100-continue`): answered before anything is sent", _TOO_LARGE,
     {"content": _filled(_WIDE + 64), "more_headers": (("Expect", "100-continue"),), "wait": True}),
)  # fmt: skip
