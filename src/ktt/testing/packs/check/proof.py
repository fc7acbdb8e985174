"""The whole check of a pack, from its folder to the speed at a receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from ktt.core.text import Text
from ktt.messages.packs.message import PackedMessage
from ktt.testing.packs.check.carried import check_columns
from ktt.testing.packs.check.codes import check_codes
from ktt.testing.packs.check.deletions import check_deletions
from ktt.testing.packs.check.examples import check_examples
from ktt.testing.packs.check.lines import Line, PackReport, failed, name_of
from ktt.testing.packs.check.members import check_members
from ktt.testing.packs.check.municipality import NO_RECORDS, SyntheticRecords, synthetic_records
from ktt.testing.packs.check.opening import Opened, opened
from ktt.testing.packs.check.opinions import check_opinions
from ktt.testing.packs.check.round_trip import RoundTrip, round_trip
from ktt.testing.packs.check.speed import SECONDS, check_speed

_UNFORESEEN = Text(
    nb="Programmet feiler på denne koblingen ({kind}).", en="The program fails on this mapping ({kind})."
)
_REPORT = Text(
    nb="Meld feilen med pakken. Den kan ikke brukes til å sende før den er rettet.",
    en="Report the fault with the pack. It cannot be used for sending before that is mended.",
)
Progress = Callable[[Text], None]


def _silent(_step: Text) -> None:
    """Nobody is looking."""


def check_pack(
    folder: Path,
    progress: Progress = _silent,
    *,
    synthetic: SyntheticRecords | None = None,
    seconds: float = SECONDS,
) -> PackReport:
    """Every line about the pack in the folder. `synthetic` spares the making of a municipality.

    `seconds` is how long each rate is measured.
    """
    progress(Text(nb="Leser pakken", en="Reading the pack"))
    found = opened(folder)
    report = PackReport(found.pack.name if found.pack else folder.name, [*found.lines])
    if found.pack is None:
        return report
    report.lines.extend(_static(found))
    if not found.mapped:
        synthetic = NO_RECORDS
    elif synthetic is None:
        progress(Text(nb="Lager en syntetisk kommune", en="Making a synthetic municipality"))
        synthetic = synthetic_records()
    for version in found.whole:
        name = name_of(version)
        progress(Text(nb=f"Skriver, leser og måler {name}", en=f"Writing, reading and measuring {name}"))
        report.lines.extend(_tried(version, found, synthetic, seconds))
    report.lines.extend(_guarded("", partial(check_deletions, found.mapped, synthetic)))
    return report


def _static(found: Opened) -> Iterator[Line]:
    """What is told by schema, mapping and examples alone."""
    mapping = found.pack.mapping if found.pack else None
    if mapping is not None and found.mapped:
        yield from check_columns(found.mapped, mapping.dropped)
    for version in found.whole:
        if version in found.mapped and mapping is not None and version.entry is not None:
            yield from check_members(version, found.schemas[version])
            yield from check_codes(version, version.entry, found.schemas[version], mapping.dropped)
        yield from _guarded(name_of(version), partial(check_examples, version, is_mapped=version in found.mapped))


def _tried(version: PackedMessage, found: Opened, synthetic: SyntheticRecords, seconds: float) -> Iterator[Line]:
    """What is told by messages of a synthetic municipality, or by the examples where no mapping makes messages."""
    mapping = found.pack.mapping if found.pack else None
    tried = RoundTrip()
    if version in found.mapped and mapping is not None:
        yield from _guarded(name_of(version), partial(round_trip, version, synthetic, mapping.dropped, tried))
    yield from _guarded(name_of(version), partial(check_opinions, version, found.contents[version], tried.messages))
    yield from _guarded(name_of(version), partial(check_speed, version, synthetic.unit, tried.encoded, seconds))


def _guarded(message: str, check: Callable[[], Iterable[Line]]) -> Iterator[Line]:
    """What nobody foresaw in one check is told as such, and the others go on."""
    try:
        yield from check()
    except Exception as fault:  # noqa: BLE001 - any mapping may come; its values are not told
        yield failed("unforeseen", _UNFORESEEN.format(kind=type(fault).__name__), _REPORT, message)
