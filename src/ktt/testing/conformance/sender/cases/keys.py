"""The receiver's keys: how they are fetched, chosen, changed, and refused when they are bad (transport § 3, § 14.4)."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from functools import cache

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup, Subject, requests
from ktt.testing.conformance.sender.cases.scenarios import EVERYDAY
from ktt.testing.conformance.sender.cases.token_failures import answers, followed
from ktt.testing.conformance.sender.checks import Check, all_of, at, delivered, nothing_sent, quoted
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.harness import SenderHarness
from ktt.testing.conformance.sender.interceptor import REDIRECT, CannedResponse
from ktt.testing.conformance.sender.preparation import PreparationKind
from ktt.testing.conformance.sender.recorded import RecordedScenario
from ktt.testing.conformance.sender.scenario import (
    CLEARS_FAULTS,
    RUNS,
    RUNS_AGAIN,
    Scenario,
    Step,
    does,
    injects,
    prepares,
)
from ktt.wire import headers
from ktt.wire.keys import BadKeys, parse_keys, write_keys

GROUP = CaseGroup(Text("Mottakets nøkler", "The receiver's keys"), "transport § 3")
_NEW = prepares(PreparationKind.NEW)
_PATH, _OK = "/keys", 200


def _asked(recorded: RecordedScenario) -> Sequence[object]:
    return recorded.key_requests


def _latest(body: bytes, at_: float) -> str | None:
    """The id of the key to choose from a list: of the unexpired ones the last to expire, of several the first listed."""
    try:
        listed = parse_keys(body).keys
    except BadKeys:
        return None
    usable = [key for key in listed if key.expires_at.timestamp() > at_]
    return max(usable, key=lambda key: key.expires_at).id if usable else None


def _chosen(recorded: RecordedScenario) -> list[Text]:
    """Each message is encrypted for the right key of the list that was fetched last before it."""
    found = []
    for message in recorded.messages:
        lists = [one for one in recorded.key_requests if one.number < message.number and one.status == _OK]
        wanted = _latest(lists[-1].answer, message.request.at) if lists else None
        given = str(message.claims.get(headers.CLAIM_KEY_ID))
        if wanted is not None and given.lower() != wanted.lower():
            found.append(at(message.number, f"nøkkel {quoted(given)}.", f"key {quoted(given)}."))
    return found


GROUP.case(
    "N500",
    ("Nøklene hentes uten legitimasjon", "The keys are fetched without credentials"),
    ("GET /keys uten token og bevis.", "GET /keys without token and proof."),
    EVERYDAY,
    lambda recorded: [
        at(request.number, "legitimasjon i hodet.", "credentials in the headers.")
        for request in recorded.key_requests
        if request.header("authorization") or request.header("dpop")
    ],
    subject=_asked,
    level=Level.SHOULD,
    source="transport § 2 no. 3; transport § 3.1",
)
GROUP.case(
    "N501",
    ("Nøkkelen med senest utløp brukes", "The key with the latest expiry is used"),
    ("«enc_key_id» er den fra listen som ble hentet sist.", "`enc_key_id` is that of the list fetched last."),
    EVERYDAY,
    _chosen,
    source="transport § 3.3",
)
GROUP.case(
    "N502",
    ("Nøklene gjenbrukes mens de varer", "The keys are kept while they last"),
    ("Én henting for meldingene i en kjøring.", "One fetch for the messages of a run."),
    EVERYDAY,
    lambda recorded: [
        Text(f"{len(fetched)} hentinger i én kjøring.", f"{len(fetched)} fetches in one run.")
        for run in range(len(recorded.runs))
        if len(fetched := [request for request in recorded.key_requests if recorded.run_of(request) == run]) > 1
    ],
    subject=lambda recorded: [message for message in recorded.messages if len(recorded.of_run(message.run)) > 1],
    level=Level.SHOULD,
    source="transport § 3.3",
)


@cache
def _pair(place: int) -> rsa.RSAPrivateKey:
    """A receiver key of the suite's own; each is generated once."""
    del place
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.public_bytes(*form).decode("ascii")


def _entry(public: str, days: float, *, key_id: str = "", expires: str = "", **more: object) -> dict[str, object]:
    end = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    return {
        "id": key_id or str(uuid.uuid4()),
        "expirationDate": expires or end.isoformat(),
        "publicKey": public,
        **more,
    }


def _known(harness: SenderHarness, place: int, *, key_id: str = "") -> tuple[str, str]:
    """A key that the receiver knows but does not list by itself: id and PEM."""
    private = _pair(place)
    key_id = key_id or str(uuid.uuid4())
    harness.control.keys.adopt(key_id, private, dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=2))
    return key_id, _pem(private.public_key())


def _lists(nb: str, en: str, entries: list[object]) -> Step:
    return answers(_PATH, CannedResponse(200, orjson.dumps(entries)), nb, en)


def _mixed(harness: SenderHarness) -> None:
    old, good, soon = _known(harness, 0), _known(harness, 1), _known(harness, 2)
    listed = [
        _entry(soon[1], 1, key_id=soon[0]),
        _entry(good[1], 900, key_id=good[0], isExpired=False, comment="an unknown member"),
        _entry(old[1], -1, key_id=old[0]),
    ]
    harness.interceptor.responses[_PATH] = CannedResponse(200, orjson.dumps(listed))


def _tie(harness: SenderHarness) -> None:
    end = "2099-01-01T00:00:00+01:00"
    pair = [_known(harness, place) for place in (0, 1)]
    listed = [_entry(pem, 0, key_id=key_id, expires=end) for key_id, pem in pair]
    harness.interceptor.responses[_PATH] = CannedResponse(200, orjson.dumps(listed))


def _thumbprint(harness: SenderHarness) -> None:
    key_id, pem = _known(harness, 0, key_id=secrets.token_hex(20).upper())
    harness.interceptor.responses[_PATH] = CannedResponse(200, orjson.dumps([_entry(pem, 90, key_id=key_id)]))


def _without_zone(harness: SenderHarness) -> None:
    soon, good = _known(harness, 0), _known(harness, 1)
    listed = [
        _entry(soon[1], 90, key_id=soon[0]),
        _entry(good[1].replace("\n", "\r\n"), 0, key_id=good[0], expires="9999-12-31T23:59:59.999"),
    ]
    harness.interceptor.responses[_PATH] = CannedResponse(200, orjson.dumps(listed))


for _name, _act, _nb, _en, _list_nb, _list_en in (
    (
        "N503",
        _mixed,
        "Flere nøkler i tilfeldig rekkefølge, en utløpt og en med ukjente felt",
        "Several keys in any order, one expired and one with unknown members",
        "Mottaket lister tre nøkler.",
        "The receiver lists three keys.",
    ),
    (
        "N504",
        _tie,
        "To nøkler med samme utløp: den første brukes",
        "Two keys with the same expiry: the first is used",
        "Mottaket lister to nøkler som utløper samtidig.",
        "The receiver lists two keys that expire together.",
    ),
    (
        "N505",
        _thumbprint,
        "En nøkkel-id på 40 heksadesimale tegn gjengis som den er",
        "A key id of 40 hexadecimal characters is given back as it is",
        "Mottaket lister en nøkkel med en slik id.",
        "The receiver lists a key with such an id.",
    ),
    (
        "N506",
        _without_zone,
        "Et utløp i år 9999, uten tidssone",
        "An expiry in the year 9999, without a zone",
        "Mottaket lister en slik nøkkel, og en til.",
        "The receiver lists such a key, and another.",
    ),
):
    GROUP.case(
        _name,
        (_nb, _en),
        ("Riktig nøkkel er valgt, og meldingen er levert.", "The right key is chosen, and the message delivered."),
        Scenario(f"keys-{_name}", (does(_list_nb, _list_en, _act), _NEW, RUNS, RUNS_AGAIN)),
        all_of(_chosen, delivered(1)),
        source="transport § 3.2; transport § 3.3",
    )


def _add_key(harness: SenderHarness) -> None:
    harness.control.rotate("mottak")


def _rotated(recorded: RecordedScenario) -> list[Text]:
    used = [str(message.claims.get(headers.CLAIM_KEY_ID)) for message in recorded.messages if message.confirmed]
    if len(set(used)) > 1:
        return _chosen(recorded)
    return [Text("Den nye nøkkelen ble ikke brukt.", "The new key was not used.")]


GROUP.case(
    "N507",
    ("Mottaket bytter nøkkel", "The receiver changes its key"),
    ("Den nye brukes når listen hentes på nytt.", "The new one is used when the list is fetched anew."),
    Scenario(
        "rotation",
        (
            _NEW,
            RUNS,
            does("Mottaket får en ny nøkkel.", "The receiver gets a new key.", _add_key),
            _NEW,
            RUNS,
        ),
        frozenset({Ability.STARTS}),
    ),
    _rotated,
)


def _refused(
    name: str, purpose: tuple[str, str], step: Step, level: Level = Level.MUST, **how: Check | Subject
) -> None:
    GROUP.case(
        name,
        purpose,
        ("Ingen melding sendes.", "No message is sent."),
        Scenario(f"keys-{name}", (step, _NEW, RUNS)),
        how.get("check", nothing_sent),  # type: ignore[arg-type]
        subject=requests,
        level=level,
        source="transport § 3.3; transport § 14.4",
    )


def _curve() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1()).public_key())


_refused("F500", ("Bare utløpte nøkler", "Nothing but expired keys"), injects("keys-expired", 20), Level.SHOULD)
_refused(
    "F501", ("Bare en nøkkel på 1024 biter", "Nothing but a key of 1024 bits"), injects("keys-weak", 20), Level.SHOULD
)
_refused("F502", ("Ingen nøkler", "No keys"), _lists("Listen er tom.", "The list is empty.", []))
_refused(
    "F503",
    ("«null» i stedet for en liste", "`null` instead of a list"),
    answers(_PATH, CannedResponse(200, b"null"), "Svar «null».", "Answer `null`."),
)
_refused("F504", ("/keys svarer 503", "/keys answers 503"), injects("keys-down", 50))
_refused(
    "F505",
    ("/keys svarer med en nettside", "/keys answers with a web page"),
    answers(
        _PATH, CannedResponse(200, b"<html></html>", (("Content-Type", "text/html"),)), "Svar med HTML.", "Answer HTML."
    ),
)
_refused(
    "F506",
    ("En nøkkel som ikke er RSA", "A key that is not RSA"),
    _lists("Listen har bare en P-256-nøkkel.", "The list has nothing but a P-256 key.", [_entry(_curve(), 90)]),
)
_refused(
    "F507",
    ("En nøkkel som ikke kan leses", "A key that cannot be read"),
    _lists(
        "Listen har ingen gyldig PEM.", "The list has no valid PEM.", [_entry("-----BEGIN PUBLIC KEY-----\nAAAA", 90)]
    ),
)
_refused(
    "F508",
    ("/keys omdirigerer", "/keys redirects"),
    answers(_PATH, REDIRECT, "/keys svarer 307.", "/keys answers 307."),
    check=all_of(followed, nothing_sent),
)
GROUP.case(
    "F509",
    ("Nøklene kommer tilbake", "The keys come back"),
    ("Meldingen blir levert.", "The message is delivered."),
    Scenario("keys-back", (injects("keys-down"), _NEW, RUNS, CLEARS_FAULTS, RUNS_AGAIN)),
    delivered(1),
    subject=requests,
)


def _with_status(harness: SenderHarness) -> None:
    harness.interceptor.responses[_PATH] = CannedResponse(503, write_keys(harness.control.keys.listed()))


_refused(
    "F510",
    ("/keys svarer 503, med en liste i kroppen", "/keys answers 503, with a list in its body"),
    does("/keys svarer 503 med nøkkellisten.", "/keys answers 503 with the list of keys.", _with_status),
    Level.SHOULD,
)
