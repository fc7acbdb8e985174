"""The changes in a synthetic municipality in bokmål."""

from __future__ import annotations

from ktt.core.text import Language

_BOKMAL = {
    "new recipient": "ny mottaker",
    "record moved to another person": "opplysning flyttet til en annen person",
    "as planned": "som planlagt",
    "new service": "ny tjeneste",
    "new service without decision": "ny tjeneste uten vedtak",
    "service registered late": "tjeneste registrert for sent",
    "extension": "forlengelse",
    "change of provider": "ny utfører",
    "ending": "avslutning",
    "pause": "midlertidig stopp",
    "end of pause": "slutt på midlertidig stopp",
    "new circumstances": "nye personopplysninger",
    "new diagnosis": "ny diagnose",
    "application": "søknad",
    "decision on application": "vedtak om søknad",
    "refusal": "avslag",
    "appeal": "klage",
    "answer to appeal": "svar på klage",
    "correction of hours": "rettet timetall",
    "correction of start": "rettet startdato",
    "correction of score": "rettet skår",
    "deletion of service": "sletting av tjeneste",
    "deletion of decision": "sletting av vedtak",
    "death": "død",
    "moved away": "flyttet ut",
    "new home municipality": "ny bostedskommune",
    "permanent number": "fødselsnummer i stedet for D-nummer",
}
"""By the English names in `ktt.testing.synthetic.day_simulator.DIARY_KINDS`."""


def event_word(kind: str, language: Language) -> str:
    """The kind of change in the language."""
    return _BOKMAL[kind] if language == "nb" else kind
