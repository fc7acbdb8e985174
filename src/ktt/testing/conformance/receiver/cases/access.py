"""The message claims, and which organisation may send which message for which unit (transport § 9 steps 8, 9 and 18)."""

from __future__ import annotations

import json
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup, Need, does
from ktt.testing.conformance.receiver.expectation import DELIVERED, code
from ktt.testing.conformance.receiver.harness import ReceiverHarness, everyday
from ktt.testing.conformance.receiver.http import RawResponse
from ktt.testing.conformance.receiver.submission import ClaimContext, Submission
from ktt.testing.sandbox.faults.token_faults import TokenSpec
from ktt.wire import headers as names

GROUP = CaseGroup(
    Text("Kravene om meldingen, og tilgang", "Claims about the message, and access"),
    "transport § 8; transport § 9 step 8",
)
single = GROUP.single
_VENDOR = "314000005"  # acts for every unit of the sandbox
_STRANGER = "314000013"  # a synthetic organisation that is registered for nothing

for place, claim in enumerate(names.MESSAGE_CLAIMS):
    single(
        f"F{350 + place}",
        f"Uten «{claim}»",
        f"Without `{claim}`",
        code(1001),
        source="helseid § 13 D15",
        without=frozenset({claim}),
    )

GROUP.table(
    ("F355", "transport § 11", "«msh_hash», som i README-ens løpende tekst", "`msh_hash`, as in the README's prose", code(1001),
     {"without": frozenset({names.CLAIM_HASH}), "claims": {"msh_hash": lambda context: context.sealed.msg_hash}}),
    ("F356", "helseid § 13 D15", "Versjonen er et tall", "The version is a number", code(1001, 1003), {"claims": {names.CLAIM_VERSION: 1}}),
    ("F357", "", "Ukjent meldingstype", "Unknown message type", code(1003), {"message_type": "KTT_Ukjent"}),
    ("F358", "", "Ukjent versjon", "Unknown version", code(1003), {"version": "99"}),
    ("F359", "", "Meldingstype med skråstreker", "A message type with slashes", code(1003), {"message_type": "../KTT_Tjeneste"}),
    ("F360", "", "Tom meldingstype", "An empty message type", code(1001, 1003), {"claims": {names.CLAIM_TYPE: ""}}),
)  # fmt: skip


def _digest(change: Any) -> dict[str, Any]:
    return {names.CLAIM_HASH: change}


def _halved(context: ClaimContext) -> str:
    return context.sealed.msg_hash[:22]


GROUP.table(
    ("F361", "", "«msg_hash» på 16 byte", "`msg_hash` of 16 bytes", code(1005), {"claims": _digest(_halved)}),
    ("F362", "", "«msg_hash» som heksadesimaler", "`msg_hash` in hexadecimal", code(1005), {"claims": _digest("ab" * 32)}),
    ("F363", "", "«msg_hash» med tegn utenfor base64", "`msg_hash` with characters outside base64", code(1005), {"claims": _digest("!" * 43)}),
    ("F364", "", "Tom «msg_hash»", "Empty `msg_hash`", code(1001, 1005), {"claims": _digest("")}),
)  # fmt: skip


def _for_another(harness: ReceiverHarness) -> bytes:
    """An everyday message of an organisation that the token does not speak for."""
    root = json.loads(everyday(harness))
    return json.dumps([{**item, "orgNr": int(_STRANGER)} for item in root]).encode()


def _for_two(harness: ReceiverHarness) -> bytes:
    root = json.loads(everyday(harness))
    return json.dumps([*root, *({**item, "orgNr": int(_STRANGER)} for item in root)]).encode()


def _elsewhere(harness: ReceiverHarness) -> bytes:
    """The right organisation, but another municipality."""
    root = json.loads(everyday(harness))
    return json.dumps([{**item, "kommuneNr": 301} for item in root]).encode()


GROUP.table(
    ("F370", "transport § 9 step 18", "Meldingen gjelder en annen organisasjon", "The message is of another organisation", code(2001),
     {"content": _for_another}),
    ("F371", "transport § 9 step 18", "Meldingen gjelder også en annen organisasjon", "The message is of another organisation too", code(2001),
     {"content": _for_two}),
    ("F372", "transport § 9 step 18", "Riktig organisasjon, men en annen kommune", "The right organisation, but another municipality", code(2001),
     {"content": _elsewhere}),
    ("F373", "transport § 9 step 9", "Organisasjonen er ikke registrert for noe", "The organisation is registered for nothing", code(2001),
     {"token_spec": TokenSpec({names.CLAIM_PARENT: _STRANGER})}),
    ("F374", "transport § 9 step 9", "Leverandøren har ingen fullmakt", "The vendor has no authority", code(2001),
     {"token_spec": TokenSpec({names.CLAIM_SUPPLIER: _STRANGER})}),
    ("F375", "helseid § 7; transport § 9 step 9", "Underenheten snevrer inn: den har ingen tilgang selv", "A child unit alone holds no right", code(2001),
     {"token_spec": TokenSpec({names.CLAIM_CHILD: _STRANGER}, without=frozenset({names.CLAIM_PARENT}))}),
    ("N350", "transport § 1; transport § 9 step 9", "Leverandør med fullmakt", "A vendor with authority", DELIVERED,
     {"token_spec": TokenSpec({names.CLAIM_SUPPLIER: _VENDOR, names.CLAIM_TENANCY: "multi-tenant"})}),
)  # fmt: skip


def _announced(harness: ReceiverHarness) -> RawResponse:
    assert harness.target.announced is not None, "such a case is skipped without one"
    message_type, version = harness.target.announced
    return harness.send(Submission(message_type=message_type, version=version))


GROUP.case(
    "F376",
    "Kjent meldingstype uten skjema",
    "A known message type without a schema",
    does(code(2006), "Send en melding av den typen.", "Send a message of that type.", _announced),
    needs=[Need.ANNOUNCED],
)
