"""What a run says of its proof: which records are missing and why they are not deleted, and a proof that is weak."""

from __future__ import annotations

from collections.abc import Iterator

from ktt.cli.show import language
from ktt.core.text import Text
from ktt.sender.extract.extract import Unproved
from ktt.sender.report import RunReport
from ktt.validate.report.words import record_word

_WEAK = ("self_count",)
_WHY: dict[Unproved, Text] = {
    "no proof": Text(
        nb="koblingsfilen har ikke noe bevis for at uttrekket er fullstendig ([complete])",
        en="the mapping has no proof that the extract is whole ([complete])",
    ),
    "no owner": Text(
        nb="koblingsfilen beviser ikke at databasen er enhetens (source.unit)",
        en="the mapping does not prove that the database is the unit's (source.unit)",
    ),
    "no id": Text(
        nb="en rad av typen mangler id, og kan være hvilken som helst av dem",
        en="a row of the type has no id, and may be any of them",
    ),
}
_NOTHING_DELETED = Text(nb="Ingenting blir slettet, fordi {why}.", en="Nothing is deleted, because {why}.")
_MISSING = Text(
    nb="{record}: {n} mangler i uttrekket og slettes ikke, fordi {why}.",
    en="{record}: {n} are missing from the extract and are not deleted, because {why}.",
)
_WEAK_PROOF = Text(
    nb="Svakt bevis: bare vår egen telling sier at uttrekket er fullstendig. Den oppdager ikke en eksport som bare er halvferdig.",
    en="Weak proof: only our own count says that the extract is whole. It does not see an export that is only half.",
)


def proof_words(report: RunReport) -> Iterator[Text]:
    """A sentence for each record type with missing records, or one for all that have no proof; and of a weak proof."""
    unproved = {count.unproved for count in report.types.values()} - {None}
    for why in sorted(unproved & {"no proof", "no owner"}, key=str):
        if why is not None and not report.missing:
            yield _NOTHING_DELETED.format(why=_WHY[why])
    for name, count in report.types.items():
        if count.missing and count.unproved is not None:
            word = record_word(name, language()).capitalize()
            yield _MISSING.format(record=word, n=count.missing, why=_WHY[count.unproved])
    if report.proofs and set(report.proofs) <= set(_WEAK):
        yield _WEAK_PROOF
