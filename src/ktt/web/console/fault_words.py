"""The faults that the sandbox can make, in words, in groups by the place where they happen."""

from __future__ import annotations

from http import HTTPStatus

from ktt.core.text import Text
from ktt.receiver.api.problem_texts import TEXTS
from ktt.testing.sandbox.faults.faults import FAULT_KINDS
from ktt.wire.answers import AnswerCode

_PLACES = {
    "message": Text(nb="Når en melding kommer til mottaket", en="When a message comes to the receiver"),
    "keys": Text(nb="Når noen henter nøklene", en="When somebody fetches the keys"),
    "token": Text(nb="Når noen henter et token hos HelseID", en="When somebody gets a token from HelseID"),
}
_CODES = Text(nb="Mottaket avviser med en av FHIs koder", en="The receiver refuses with one of FHI's codes")
_STATUSES = Text(nb="Mottaket svarer med en HTTP-status", en="The receiver answers with an HTTP status")
_STATUS = Text(nb="Svar med HTTP {number}.", en="Answer with HTTP {number}.")
_OFFERED = ("401", "403", "404", "408", "429", "500", "502", "503", "504")
_WITH_NUMBER = frozenset({"code", "status"})


def fault_words(name: str) -> Text:
    """What the fault of that name is, in a sentence; the name itself when nothing is known of it."""
    if name in FAULT_KINDS:
        return FAULT_KINDS[name].description
    if name.isdecimal() and int(name) in {int(code) for code in AnswerCode}:
        label = AnswerCode(int(name)).label
        says = TEXTS[label][0] if label in TEXTS else Text(label, label)
        return Text(f"{name}: {says.nb}", f"{name}: {says.en}")
    if name.isdecimal():
        return _STATUS.format(number=f"{name} {_phrase(int(name))}".strip())
    return Text(name, name)


def fault_groups() -> list[tuple[Text, list[tuple[str, Text]]]]:
    """Every fault that can be asked for: the group, and in it name and sentence."""
    kinds = {
        place: [(name, kind.description) for name, kind in FAULT_KINDS.items() if kind.place == place]
        for place in _PLACES
    }
    groups = [(_PLACES[place], [one for one in found if one[0] not in _WITH_NUMBER]) for place, found in kinds.items()]
    codes = [(str(int(code)), fault_words(str(int(code)))) for code in AnswerCode]
    return [*groups, (_CODES, codes), (_STATUSES, [(status, fault_words(status)) for status in _OFFERED])]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
