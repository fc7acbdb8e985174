"""The receiver's keys: fetched, chosen, changed, and refused when they are bad (transport § 3, § 14.4)."""

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
from ktt.testing.conformance.sender.assertions import at, both, delivered, nothing_sent, shown
from ktt.testing.conformance.sender.case import (
    AGAIN,
    CALM,
    RUNS,
    Group,
    Judge,
    Scene,
    Step,
    Subject,
    arms,
    does,
    requests,
    wants,
)
from ktt.testing.conformance.sender.cases.scenes import EVERYDAY
from ktt.testing.conformance.sender.cases.token_trouble import followed, instead
from ktt.testing.conformance.sender.driver import Ability
from ktt.testing.conformance.sender.harness import Stage
from ktt.testing.conformance.sender.interceptor import REDIRECT, Said
from ktt.testing.conformance.sender.recorded import Seen
from ktt.testing.conformance.sender.request import Kind
from ktt.wire import headers
from ktt.wire.keys import BadKeys, parse_keys, write_keys

GROUP = Group(Text("Mottakets nøkler", "The receiver's keys"), "transport § 3")
_NEW = wants(Kind.NEW)
_PATH = "/keys"


def _asked(seen: Seen) -> Sequence[object]:
    return seen.key_requests


def _latest(body: bytes, at_: float) -> str | None:
    """The id of the key that is to be chosen from a list: unexpired, latest expiry, the first on a tie."""
    try:
        listed = parse_keys(body).keys
    except BadKeys:
        return None
    usable = [key for key in listed if key.expires_at.timestamp() > at_]
    return max(usable, key=lambda key: key.expires_at).id if usable else None


def _chosen(seen: Seen) -> list[Text]:
    """Each message is sealed for the key that the list fetched last asks for."""
    found = []
    for post in seen.posts:
        lists = [note for note in seen.key_requests if note.number < post.number and note.status == 200]  # noqa: PLR2004
        wanted = _latest(lists[-1].answer, post.note.at) if lists else None
        given = str(post.claims.get(headers.CLAIM_KEY_ID))
        if wanted is not None and given.lower() != wanted.lower():
            found.append(at(post.number, f"nøkkel {shown(given)}.", f"key {shown(given)}."))
    return found


GROUP.case(
    "N500",
    ("Nøklene hentes uten legitimasjon", "The keys are fetched without credentials"),
    ("GET /keys uten token og bevis.", "GET /keys without token and proof."),
    EVERYDAY,
    lambda seen: [
        at(note.number, "legitimasjon i hodet.", "credentials in the headers.")
        for note in seen.key_requests
        if note.header("authorization") or note.header("dpop")
    ],
    subject=_asked,
    level=Level.SHOULD,
    source="transport § 3.1",
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
    lambda seen: [
        Text(f"{len(fetched)} hentinger i én kjøring.", f"{len(fetched)} fetches in one run.")
        for run in range(len(seen.runs))
        if len(fetched := [note for note in seen.key_requests if seen.run_of(note) == run]) > 1
    ],
    subject=lambda seen: [post for post in seen.posts if len(seen.of_run(post.run)) > 1],
    level=Level.SHOULD,
    source="transport § 3.3",
)


@cache
def _pair(place: int) -> rsa.RSAPrivateKey:
    """A receiver key of the suite's own, made once."""
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


def _known(stage: Stage, place: int, *, key_id: str = "") -> tuple[str, str]:
    """A key that the receiver knows but does not list by itself: id and PEM."""
    private = _pair(place)
    key_id = key_id or str(uuid.uuid4())
    stage.desk.keys.adopt(key_id, private, dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(days=2))
    return key_id, _pem(private.public_key())


def _lists(nb: str, en: str, entries: list[object]) -> Step:
    return instead(_PATH, Said(200, orjson.dumps(entries)), nb, en)


def _mixed(stage: Stage) -> None:
    old, good, soon = _known(stage, 0), _known(stage, 1), _known(stage, 2)
    listed = [
        _entry(soon[1], 1, key_id=soon[0]),
        _entry(good[1], 900, key_id=good[0], isExpired=False, comment="an unknown member"),
        _entry(old[1], -1, key_id=old[0]),
    ]
    stage.door.instead[_PATH] = Said(200, orjson.dumps(listed))


def _tie(stage: Stage) -> None:
    end = "2099-01-01T00:00:00+01:00"
    pair = [_known(stage, place) for place in (0, 1)]
    listed = [_entry(pem, 0, key_id=key_id, expires=end) for key_id, pem in pair]
    stage.door.instead[_PATH] = Said(200, orjson.dumps(listed))


def _thumbprint(stage: Stage) -> None:
    key_id, pem = _known(stage, 0, key_id=secrets.token_hex(20).upper())
    stage.door.instead[_PATH] = Said(200, orjson.dumps([_entry(pem, 90, key_id=key_id)]))


def _without_zone(stage: Stage) -> None:
    soon, good = _known(stage, 0), _known(stage, 1)
    listed = [
        _entry(soon[1], 90, key_id=soon[0]),
        _entry(good[1].replace("\n", "\r\n"), 0, key_id=good[0], expires="9999-12-31T23:59:59.999"),
    ]
    stage.door.instead[_PATH] = Said(200, orjson.dumps(listed))


for _name, _act, _nb, _en, _list_nb, _list_en in (
    (
        "N503",
        _mixed,
        "Flere nøkler i hulter til bulter, en utløpt og en med ukjente felt",
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
        ("Rett nøkkel er valgt, og meldingen er levert.", "The right key is chosen, and the message delivered."),
        Scene(f"keys-{_name}", (does(_list_nb, _list_en, _act), _NEW, RUNS, AGAIN)),
        both(_chosen, delivered(1)),
        source="transport § 3.2, § 3.3",
    )


def _add_key(stage: Stage) -> None:
    stage.desk.rotate("mottak")


def _rotated(seen: Seen) -> list[Text]:
    used = [str(post.claims.get(headers.CLAIM_KEY_ID)) for post in seen.posts if post.told]
    if len(set(used)) > 1:
        return _chosen(seen)
    return [Text("Den nye nøkkelen ble ikke brukt.", "The new key was not used.")]


GROUP.case(
    "N507",
    ("Mottaket bytter nøkkel", "The receiver changes its key"),
    ("Den nye brukes når listen hentes på nytt.", "The new one is used when the list is fetched anew."),
    Scene(
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
    name: str, purpose: tuple[str, str], step: Step, level: Level = Level.MUST, **how: Judge | Subject
) -> None:
    GROUP.case(
        name,
        purpose,
        ("Ingen melding sendes.", "No message is sent."),
        Scene(f"keys-{name}", (step, _NEW, RUNS)),
        how.get("judge", nothing_sent),  # type: ignore[arg-type]
        subject=requests,
        level=level,
        source="transport § 3.3, § 14.4",
    )


def _curve() -> str:
    return _pem(ec.generate_private_key(ec.SECP256R1()).public_key())


_refused("F500", ("Bare utløpte nøkler", "Nothing but expired keys"), arms("keys-expired", 20), Level.SHOULD)
_refused(
    "F501", ("Bare en nøkkel på 1024 biter", "Nothing but a key of 1024 bits"), arms("keys-weak", 20), Level.SHOULD
)
_refused("F502", ("Ingen nøkler", "No keys"), _lists("Listen er tom.", "The list is empty.", []))
_refused(
    "F503",
    ("«null» i stedet for en liste", "`null` instead of a list"),
    instead(_PATH, Said(200, b"null"), "Svar «null».", "Answer `null`."),
)
_refused("F504", ("/keys svarer 503", "/keys answers 503"), arms("keys-down", 50))
_refused(
    "F505",
    ("/keys svarer med en nettside", "/keys answers with a web page"),
    instead(_PATH, Said(200, b"<html></html>", (("Content-Type", "text/html"),)), "Svar med HTML.", "Answer HTML."),
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
    instead(_PATH, REDIRECT, "/keys svarer 307.", "/keys answers 307."),
    judge=both(followed, nothing_sent),
)
GROUP.case(
    "F509",
    ("Nøklene kommer tilbake", "The keys come back"),
    ("Meldingen blir levert.", "The message is delivered."),
    Scene("keys-back", (arms("keys-down"), _NEW, RUNS, CALM, AGAIN)),
    delivered(1),
    subject=requests,
)


def _with_status(stage: Stage) -> None:
    stage.door.instead[_PATH] = Said(503, write_keys(stage.desk.keys.listed()))


_refused(
    "F510",
    ("/keys svarer 503, med en liste i kroppen", "/keys answers 503, with a list in its body"),
    does("/keys svarer 503 med nøkkellisten.", "/keys answers 503 with the list of keys.", _with_status),
    Level.SHOULD,
)
