"""The claims about the message, and who may send what for whom (transport § 9 steps 8, 9 and 18)."""

from __future__ import annotations

import json
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import Group, Need, asks
from ktt.testing.conformance.receiver.expectation import DELIVERED, code
from ktt.testing.conformance.receiver.harness import Bench, everyday
from ktt.testing.conformance.receiver.http import Heard
from ktt.testing.conformance.receiver.submission import Post, Scene
from ktt.testing.sandbox.faults.token_faults import TokenOrder
from ktt.wire import headers as names

GROUP = Group(Text("Kravene om meldingen, og tilgang", "Claims about the message, and access"), "transport § 8, § 9")
one = GROUP.one
_VENDOR = "314000005"  # acts for every unit of the sandbox
_STRANGER = "314000013"  # a synthetic organisation that is registered for nothing

for place, claim in enumerate(names.MESSAGE_CLAIMS):
    one(
        f"F{350 + place}", f"Uten «{claim}»", f"Without `{claim}`", code(1001), source="D15", without=frozenset({claim})
    )

one(
    "F355",
    "«msh_hash», som i README-ens løpende tekst",
    "`msh_hash`, as in the README's prose",
    code(1001),
    source="§ 11",
    without=frozenset({names.CLAIM_HASH}),
    claims={"msh_hash": lambda scene: scene.sealed.msg_hash},
)
one(
    "F356",
    "Versjonen er et tall",
    "The version is a number",
    code(1001, 1003),
    source="D15",
    claims={names.CLAIM_VERSION: 1},
)
one("F357", "Ukjent meldingstype", "Unknown message type", code(1003), message_type="KTT_Ukjent")
one("F358", "Ukjent versjon", "Unknown version", code(1003), version="99")
one("F359", "Meldingstype med skråstreker", "A message type with slashes", code(1003), message_type="../KTT_Tjeneste")
one("F360", "Tom meldingstype", "An empty message type", code(1001, 1003), claims={names.CLAIM_TYPE: ""})


def _digest(change: Any) -> dict[str, Any]:
    return {names.CLAIM_HASH: change}


def _halved(scene: Scene) -> str:
    return scene.sealed.msg_hash[:22]


one("F361", "«msg_hash» på 16 byte", "`msg_hash` of 16 bytes", code(1005), claims=_digest(_halved))
one("F362", "«msg_hash» som heksadesimaler", "`msg_hash` in hexadecimal", code(1005), claims=_digest("ab" * 32))
one(
    "F363",
    "«msg_hash» med tegn utenfor base64",
    "`msg_hash` with characters outside base64",
    code(1005),
    claims=_digest("!" * 43),
)
one("F364", "Tom «msg_hash»", "Empty `msg_hash`", code(1001, 1005), claims=_digest(""))


def _for_another(bench: Bench) -> bytes:
    """An everyday message of an organisation that the token does not speak for."""
    root = json.loads(everyday(bench))
    return json.dumps([{**item, "orgNr": int(_STRANGER)} for item in root]).encode()


def _for_two(bench: Bench) -> bytes:
    root = json.loads(everyday(bench))
    return json.dumps([*root, *({**item, "orgNr": int(_STRANGER)} for item in root)]).encode()


def _elsewhere(bench: Bench) -> bytes:
    """The right organisation, but another municipality."""
    root = json.loads(everyday(bench))
    return json.dumps([{**item, "kommuneNr": 301} for item in root]).encode()


one(
    "F370",
    "Meldingen gjelder en annen organisasjon",
    "The message is of another organisation",
    code(2001),
    source="step 18",
    needs=[Need.PACK],
    content=_for_another,
)
one(
    "F371",
    "Meldingen gjelder også en annen organisasjon",
    "The message is of another organisation too",
    code(2001),
    source="step 18",
    needs=[Need.PACK],
    content=_for_two,
)
one(
    "F372",
    "Riktig organisasjon, men en annen kommune",
    "The right organisation, but another municipality",
    code(2001),
    source="step 18",
    needs=[Need.PACK],
    content=_elsewhere,
)
one(
    "F373",
    "Organisasjonen er ikke registrert for noe",
    "The organisation is registered for nothing",
    code(2001),
    source="step 9",
    order=TokenOrder({names.CLAIM_PARENT: _STRANGER}),
)
one(
    "F374",
    "Leverandøren har ingen fullmakt",
    "The vendor has no authority",
    code(2001),
    source="step 9",
    order=TokenOrder({names.CLAIM_SUPPLIER: _STRANGER}),
)
one(
    "F375",
    "Underenheten snevrer inn: den har ingen tilgang selv",
    "A child unit alone holds no right",
    code(2001),
    source="helseid § 7",
    order=TokenOrder({names.CLAIM_CHILD: _STRANGER}, without=frozenset({names.CLAIM_PARENT})),
)
one(
    "N350",
    "Leverandør med fullmakt",
    "A vendor with authority",
    DELIVERED,
    source="§ 1",
    order=TokenOrder({names.CLAIM_SUPPLIER: _VENDOR, names.CLAIM_TENANCY: "multi-tenant"}),
)


def _announced(bench: Bench) -> Heard:
    assert bench.target.announced is not None, "such a case is skipped without one"
    message_type, version = bench.target.announced
    return bench.send(Post(message_type=message_type, version=version))


GROUP.case(
    "F376",
    "Kjent meldingstype uten skjema",
    "A known message type without a schema",
    asks(code(2006), "Send en melding av den typen.", "Send a message of that type.", _announced),
    needs=[Need.ANNOUNCED],
)
