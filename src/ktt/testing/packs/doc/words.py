"""The words around the facts of a reference page, the same as text and as a web page."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.testing.packs.doc.pages import PackPages

TITLE = Text(nb="Meldingspakken {name}", en="The message pack {name}")
HEADS = (
    Text(nb="Felt", en="Field"),
    Text(nb="Type", en="Type"),
    Text(nb="Må være med", en="Required"),
    Text(nb="Grenser og koder", en="Limits and codes"),
    Text(nb="Kolonne", en="Column"),
    Text(nb="Betydning", en="Meaning"),
)
HEADS_WITHOUT_MAPPING = (*HEADS[:4], HEADS[5])
YES = Text(nb="ja", en="yes")
VERSION = Text(nb="versjon {version}", en="version {version}")
FIELDS = Text(nb="Felt", en="Fields")
DELETION = Text(nb="Sletting", en="Deletion")
EXAMPLE = Text(nb="Eksempel", en="Example")
_PUBLISHER = Text(nb="Utgiver: {publisher}.", en="Publisher: {publisher}.")
_FROM = Text(nb="Gjelder fra {day}.", en="Valid from {day}.")
_TO = Text(nb="Siste dag: {day}.", en="Last day: {day}.")


def about(pack: PackPages) -> list[Text]:
    """Who publishes the pack, and when it counts."""
    found = []
    if pack.publisher:
        found.append(_PUBLISHER.format(publisher=pack.publisher))
    if pack.valid_from:
        found.append(_FROM.format(day=pack.valid_from.isoformat()))
    if pack.valid_to:
        found.append(_TO.format(day=pack.valid_to.isoformat()))
    return found
