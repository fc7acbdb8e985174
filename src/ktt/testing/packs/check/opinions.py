"""Messages and examples before an independent validator: does it say what the receiver says?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ktt.core.text import Text
from ktt.messages import hundredths
from ktt.messages.errors import MessageNotJson
from ktt.messages.mapping.places import JsonSchema
from ktt.messages.packs.message import PackedMessage
from ktt.testing.packs.check.independent import INSTALLED, second_opinion
from ktt.testing.packs.check.lines import Line, failed, name_of, note, ok

_CHECK = "independent validator"
_AGREES = Text(
    nb="«jsonschema» gir samme svar for {count:melding|meldinger}.",
    en="`jsonschema` agrees about {count:message|messages}.",
)
_MISSING = Text(
    nb="«jsonschema» er ikke installert, så ingen uavhengig kontroll er gjort (pip install jsonschema).",
    en="`jsonschema` is not installed, so there was no independent check (pip install jsonschema).",
)
_NOTHING = Text(
    nb="Ingen meldinger kan kontrolleres med «jsonschema».", en="There are no messages to ask `jsonschema` about."
)
_DISAGREES = Text(
    nb="«jsonschema» sier at {what} {verdict_nb}; mottaket sier det motsatte.",
    en="`jsonschema` says that {what} {verdict_en}; the receiver says the opposite.",
)
_REPORT = Text(
    nb="Spør den som gir ut skjemaet hva som er ment, og meld forskjellen til prosjektet.",
    en="Ask the schema's publisher what is meant, and report the difference to the project.",
)
_MESSAGE = Text(nb="en melding fra den syntetiske kommunen", en="a message of the synthetic municipality")
_FITS = Text(nb="passer", en="fits")
_BREAKS = Text(nb="bryter skjemaet", en="breaks the schema")


def check_opinions(version: PackedMessage, schema: JsonSchema, messages: Iterable[bytes]) -> Iterator[Line]:
    """One line when it agrees about all, else one for each disagreement."""
    message = name_of(version)
    if not INSTALLED:
        yield note(_CHECK, _MISSING, message)
        return
    fits = second_opinion(schema)
    examples = version.examples()
    subjects = [(Text(nb=name, en=name), text) for name, text in examples.items()]
    subjects += [(_MESSAGE, text) for text in messages]
    told: list[Line] = []
    judged = [(what, text, ours) for what, text in subjects if (ours := _ours(version, text)) is not None]
    for what, text, ours in judged:
        if (theirs := fits(text)) != ours:
            verdict = _FITS if theirs else _BREAKS
            says = _DISAGREES.format(what=what, verdict_nb=verdict.nb, verdict_en=verdict.en)
            told.append(failed(_CHECK, says, _REPORT, message, (what.en,)))
    yield from told
    if not judged:
        yield note(_CHECK, _NOTHING, message)
    elif not told:
        yield ok(_CHECK, _AGREES.format(count=len(judged)), message)


def _ours(version: PackedMessage, text: bytes) -> bool | None:
    """Whether it fits by our engine; None for what is no strict JSON, and for a demand that no schema has a keyword for."""
    try:
        faults = version.check(text, at_most=1)
    except MessageNotJson:
        return None
    return None if faults and faults[0].keyword == hundredths.KEYWORD else not faults
