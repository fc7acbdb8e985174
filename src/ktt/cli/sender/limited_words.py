"""What is said of limited history, wherever it is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.extract.mapping.model import LimitedHistory

_LIMITED = Text(
    nb="Begrenset historikk: {what} fra {since} ({reason}). Meldingene har ikke noe felt for det, så registeret får ikke vite "
    "det herfra.",
    en="Limited history: {what} from {since} ({reason}). The messages have no field for it, so the registry is not told from "
    "here.",
)


def limited_words(limited: Sequence[LimitedHistory]) -> Iterator[Text]:
    """A sentence for each record type with limited history."""
    for one in limited:
        from ktt.validate.report.words import record_word  # rules and sources come with it, and most have no such limit

        what = Text(nb=record_word(one.record_type, "nb"), en=record_word(one.record_type, "en"))
        yield _LIMITED.format(what=what, since=one.since.isoformat(), reason=one.reason)
