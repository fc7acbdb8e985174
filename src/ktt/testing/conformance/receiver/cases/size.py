"""Sizes around the limit (transport § 10 rule 8, § 9 step 0 and 11)."""

from __future__ import annotations

from collections.abc import Callable

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import Group
from ktt.testing.conformance.receiver.expectation import DELIVERED, Expect
from ktt.testing.conformance.receiver.harness import Bench, everyday
from ktt.wire.envelope import body_size

GROUP = Group(Text("Størrelser", "Sizes"), "transport § 10 rule 8")
one = GROUP.one
_NARROW = 15_000_000  # bytes of body; 15 MB read in the narrowest way, which is what a careful sender keeps below
_WIDE = 15 * 2**20  # read in the widest way: beyond it every reading says no
_TOO_LARGE = Expect(frozenset({400, 413}), frozenset({2009}))


def _filled(body: int) -> Callable[[Bench], bytes]:
    """An everyday message filled with white space until its body is the largest that is no longer than this."""

    def content(bench: Bench) -> bytes:
        text = everyday(bench)
        size = body // 4 * 3 - 16 - 1  # of the base64: three bytes in four; then the IV and at least a byte of padding
        while body_size(size) > body:
            size -= 1
        return text + b" " * (size - len(text))

    return content


one("N600", "2 MB, som FHI råder til", "2 MB, as FHI advises", DELIVERED, source="8d", content=_filled(2_000_000))
one(
    "N601",
    "Så vidt under 15 000 000 byte",
    "Just below 15 000 000 bytes",
    DELIVERED,
    source="8c",
    content=_filled(_NARROW - 1),
)
one("F600", "Så vidt over 15 MiB", "Just above 15 MiB", _TOO_LARGE, source="8, 2009", content=_filled(_WIDE + 64))
one(
    "F601",
    "Over 15 MiB i biter, uten oppgitt lengde",
    "Above 15 MiB in chunks, with no length given",
    _TOO_LARGE,
    source="§ 9 step 11",
    content=_filled(_WIDE + 64),
    chunked=True,
)
one(
    "F602",
    "For stor, men spør først («Expect: 100-continue»): svar uten at noe er sendt",
    "Too large, but asks first (`Expect: 100-continue`): answered before anything is sent",
    _TOO_LARGE,
    source="§ 9 step 0",
    content=_filled(_WIDE + 64),
    more=(("Expect", "100-continue"),),
    wait=True,
)
