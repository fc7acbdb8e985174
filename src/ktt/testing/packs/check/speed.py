"""How fast a receiver takes the messages: by the fast check where there is one, and by the schema engine alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from ktt.core.text import Text
from ktt.domain.unit import ReportingUnit
from ktt.messages.packs.message import PackedMessage
from ktt.messages.version import EncodedRecord
from ktt.testing.packs.check.lines import Line, advice, name_of, note, ok

_CHECK = "speed"
_SMALL, _LARGE = 2_000, 2_000_000
SECONDS = 0.15
"""How long each rate is measured."""

_MADE = Text(nb="Hurtigkontrollen er laget av skjemaet.", en="The fast check is made from the schema.")
_NOT_MADE = Text(
    nb="Hurtigkontrollen kan ikke lages av skjemaet ({why}): skjemamotoren alene avgjør.",
    en="No fast check can be made from the schema ({why}): the schema engine alone decides.",
)
_NO_MAPPING = Text(
    nb="Uten kobling er det ingen hurtigkontroll: skjemamotoren alene avgjør.",
    en="Without a mapping there is no fast check: the schema engine alone decides.",
)
_UNSURE = Text(
    nb="Hurtigkontrollen kjenner ikke igjen våre egne meldinger, så skjemamotoren avgjør.",
    en="The fast check does not know our own messages, so the schema engine decides.",
)
_SLOWER = Text(
    nb="Det er like sikkert, bare langsommere. Mottaket klarer vanligvis det.",
    en="It is just as safe, only slower. A receiver bears it in everyday use.",
)
_RATE = Text(
    nb="{what}: {small} meldinger/s på {small_kb} kB, {large} MB/s på {large_kb} kB.",
    en="{what}: {small} messages/s of {small_kb} kB, {large} MB/s of {large_kb} kB.",
)
_FAST = Text(nb="Hurtigkontroll", en="Fast check")
_ENGINE = Text(nb="Skjemamotor", en="Schema engine")


def check_speed(
    version: PackedMessage, unit: ReportingUnit, encoded: Sequence[EncodedRecord], seconds: float
) -> Iterator[Line]:
    """The rates of both checks, of messages that fit; of the examples where nothing could be encoded."""
    message = name_of(version)
    sizes = _of_records(version, unit, encoded) if encoded else _of_examples(version)
    if not version.is_mapped:
        yield note(_CHECK, _NO_MAPPING, message)
    elif (why := version.fast_check_obstacle()) is not None:
        yield advice(_CHECK, _NOT_MADE.format(why=why[:120]), _SLOWER, message)
    elif sizes and version.fast_check(sizes[0]) is None:
        yield advice(_CHECK, _UNSURE, _SLOWER, message)
    else:
        yield ok(_CHECK, _MADE, message)
        if sizes:
            yield _rate(message, _FAST, sizes, version.fast_check, seconds)
    if sizes:
        yield _rate(message, _ENGINE, sizes, lambda text: version.check(text, at_most=1), seconds)


def _of_records(
    version: PackedMessage, unit: ReportingUnit, encoded: Sequence[EncodedRecord]
) -> tuple[bytes, bytes] | None:
    """A message of some 2 kB and a large one; that is as long as the schema allows a list to be."""
    count = max(1, _SMALL * len(encoded) // sum(len(one.json) for one in encoded))
    small = version.assemble(unit, {}, encoded[:count])
    times = _LARGE // sum(len(one.json) for one in encoded) + 1
    for many in ([*encoded] * times, encoded, encoded[:count]):
        large = version.assemble(unit, {}, many)
        if not version.check(large, at_most=1):
            return small, large
    return None


def _of_examples(version: PackedMessage) -> tuple[bytes, bytes] | None:
    fitting = [
        text for name, text in version.examples().items() if name[:1] == "N" and not version.check(text, at_most=1)
    ]
    return (min(fitting, key=lambda text: abs(len(text) - _SMALL)), max(fitting, key=len)) if fitting else None


def _rate(
    message: str, what: Text, sizes: tuple[bytes, bytes], check: Callable[[bytes], object], seconds: float
) -> Line:
    small, large = (_times_a_second(check, text, seconds) for text in sizes)
    says = _RATE.format(
        what=what,
        small=f"{small:.0f}",
        small_kb=f"{len(sizes[0]) / 1000:.1f}",
        large=f"{large * len(sizes[1]) / 1e6:.0f}",
        large_kb=f"{len(sizes[1]) / 1000:.0f}",
    )
    return note(_CHECK, says, message)


def _times_a_second(check: Callable[[bytes], object], text: bytes, seconds: float) -> float:
    count, start = 0, time.perf_counter()
    while True:
        check(text)
        count += 1
        if (passed := time.perf_counter() - start) >= seconds:
            return count / passed
