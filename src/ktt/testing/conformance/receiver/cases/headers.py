"""The five `x-*` headers and the content type (transport § 6, § 9 step 7)."""

from __future__ import annotations

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup
from ktt.testing.conformance.receiver.expectation import DELIVERED, Expectation, code, status
from ktt.testing.conformance.receiver.harness import ReceiverHarness
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.wire import headers as names
from ktt.wire.answers import parse_answer

GROUP = CaseGroup(Text("Hoder", "Headers"), "transport § 6; transport § 8; transport § 9 step 7")
single = GROUP.single
_REFUSED = code(1002)

for place, header in enumerate(names.REQUIRED):
    single(f"F{300 + place}", f"Uten «{header}»", f"Without `{header}`", code(1001), headers={header: None})

VALUES = (
    ("F310", "Tom verdi", "An empty value", {names.SOFTWARE: ""}),
    ("F311", "Bare mellomrom", "Nothing but spaces", {names.SOFTWARE: "   "}),
    ("F312", "101 tegn", "101 characters", {names.VENDOR: "v" * 101}),
    ("F313", "Norske bokstaver i et hode", "Norwegian letters in a header", {names.VENDOR: "Prøve AS"}),
    ("F314", "Dato på ISO-form", "A date in ISO form", {names.EXTRACTED_ON: "2026-03-02"}),
    ("F315", "Dato uten ledende null", "A date without leading zeros", {names.EXTRACTED_ON: "2.3.2026"}),
    ("F316", "En dag som ikke finnes", "A day that does not exist", {names.EXTRACTED_ON: "31.02.2026"}),
    ("F317", "Dato med klokkeslett", "A date with a time of day", {names.EXTRACTED_ON: "02.03.2026 06:00"}),
    ("F318", "«Content-Type: application/json»", "`Content-Type: application/json`", {names.CONTENT_TYPE: "application/json"}),
    ("F319", "Et annet tegnsett", "Another charset", {names.CONTENT_TYPE: "text/plain; charset=iso-8859-1"}),
    ("F320", "Uten «Content-Type»", "Without `Content-Type`", {names.CONTENT_TYPE: None}),
)  # fmt: skip
for name, nb, en, changes in VALUES:
    single(name, nb, en, _REFUSED, headers=changes)

GROUP.table(
    ("F321", "", "Samme hode to ganger", "The same header twice", _REFUSED, {"more_headers": ((names.VENDOR, "en annen"),)}),
    ("N300", "", "100 tegn er ikke for mange", "100 characters are not too many", DELIVERED, {"headers": {names.VENDOR: "v" * 100}}),
    ("F322", "transport § 15", "Komprimert innhold", "Compressed content", status(415, 400), {"more_headers": (("Content-Encoding", "gzip"),)}),
)  # fmt: skip


def _all_at_once(_harness: ReceiverHarness, response: RawResponse) -> list[Text]:
    answer = parse_answer(response.body)
    count = len(answer.errors) if answer else 0
    return [] if count >= 2 else [Text(f"Bare {count} feil ble nevnt.", f"Only {count} error was named.")]  # noqa: PLR2004


GROUP.table(
    ("F323", "", "To feil på én gang: begge nevnes", "Two faults at once: both are named", Expectation(frozenset({400}), frozenset({1001})).also("begge feilene i svaret", "both faults in the answer", _all_at_once),
     {"headers": {names.VENDOR: None, names.EXTRACTED_ON: "i dag"}}),
)  # fmt: skip
