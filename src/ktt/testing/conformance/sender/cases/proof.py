"""The proof in each message: every header member and claim of transport § 5, and table D of helseid § 13."""

from __future__ import annotations

from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup
from ktt.testing.conformance.sender.cases.scenarios import EVERYDAY
from ktt.testing.conformance.sender.checks import PROOF_ID, all_different, at, each_message
from ktt.testing.conformance.sender.drivers.driver import Ability
from ktt.testing.conformance.sender.harness import ReceiverAddress
from ktt.testing.conformance.sender.preparation import PreparationKind
from ktt.testing.conformance.sender.recorded import RecordedMessage, RecordedScenario
from ktt.testing.conformance.sender.scenario import RUNS, Scenario, prepares
from ktt.wire import base64url, dpop, headers, jwk, jws
from ktt.wire.envelope import decode_hash
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import BadJws

GROUP = CaseGroup(Text("Beviset i meldingen", "The proof in the message"), "transport § 5")
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
_AGE, _SKEW = 10, 5  # helseid § 13.3
_HASH = 43  # characters of 32 bytes in base64url without padding
_MOST_JTI = 128


def _one(name: str, purpose: tuple[str, str], expect: tuple[str, str], read: Any, holds: Any, **how: Any) -> None:
    GROUP.case(name, purpose, expect, EVERYDAY, each_message(read, holds), **how)


def _key(message: RecordedMessage) -> dict[str, Any]:
    shown = message.proof["header"].get("jwk")
    return shown if isinstance(shown, dict) else {}


def _verified(message: RecordedMessage) -> str | None:
    """What is wrong with key or signature; None when both hold."""
    try:
        read = jws.parse(message.request.header(headers.DPOP) or "")
        jws.verify(read, jwk.load_public(_key(message)), jws.ASYMMETRIC)
    except (BadJws, BadJwk) as fault:
        return fault.reason
    return None


def _thumbprint(message: RecordedMessage) -> str | None:
    try:
        return jwk.thumbprint(_key(message))
    except BadJwk:
        return None


_one(
    "N200",
    ("Ett bevis i hver melding", "One proof in each message"),
    ("Ett «DPoP»-hode med ett bevis.", "One `DPoP` header with one proof."),
    lambda message: [len(value.split(",")) for name, value in message.request.headers if name == "dpop"],
    lambda value, _message, _recorded: value == [1],
    source="helseid § 13 D1",
)
_one(
    "N201",
    ("Bevisets form", "The proof's form"),
    ("En kompakt JWS på høyst 8 kB, uten gjentatte felt.", "A compact JWS of at most 8 kB, no member twice."),
    lambda message: len(message.request.header(headers.DPOP) or ""),
    lambda value, message, _recorded: 0 < value <= jws.MAX_BYTES and bool(message.claims),
    source="helseid § 13 D2",
)
_one(
    "N202",
    ("Bevisets type", "The proof's type"),
    ("«dpop+jwt»", "`dpop+jwt`"),
    lambda message: message.proof["header"].get("typ"),
    lambda value, _message, _recorded: value == dpop.TYP,
    source="transport § 5; helseid § 13 D4",
)
_one(
    "N203",
    ("Bevisets algoritme", "The proof's algorithm"),
    ("RS, PS eller ES med 256, 384 eller 512", "RS, PS or ES with 256, 384 or 512"),
    lambda message: message.proof["header"].get("alg"),
    lambda value, _message, _recorded: value in jws.ASYMMETRIC,
    source="helseid § 13 D5",
)
_one(
    "N204",
    ("Beviset viser en brukbar nøkkel", "The proof shows a usable key"),
    ("RSA fra 2048 biter, eller P-256, P-384, P-521.", "RSA from 2048 bits, or P-256, P-384, P-521."),
    lambda message: _key(message).get("kty"),
    lambda _value, message, _recorded: (
        _thumbprint(message) is not None and _verified(message) not in {"modulus", "point", "kty"}
    ),
    source="helseid § 13 D6",
)
_one(
    "N205",
    ("Beviset viser bare den åpne nøkkelen", "The proof shows the public key only"),
    ("Ingen private deler i «jwk».", "No private parts in `jwk`."),
    lambda message: sorted(_PRIVATE & set(_key(message))),
    lambda value, message, _recorded: not value and bool(_key(message)),
    source="helseid § 13 D6",
)
_one(
    "N206",
    ("Bevisets signatur", "The proof's signature"),
    ("Den er gyldig med nøkkelen i «jwk».", "It holds with the key in `jwk`."),
    _verified,
    lambda value, _message, _recorded: value is None,
    source="helseid § 13 D7",
)
_one(
    "N207",
    ("Beviset er av nøkkelen som tokenet er bundet til", "The proof is by the key that the token is bound to"),
    ("Fingeravtrykket av «jwk» er tokenets «cnf.jkt».", "The thumbprint of `jwk` is the token's `cnf.jkt`."),
    _thumbprint,
    lambda value, message, _recorded: value is not None and message.token_claims.get("cnf") == {"jkt": value},
    source="helseid § 13 D8",
)
_one(
    "N208",
    ("Bevisets metode", "The proof's method"),
    ("«htm» er POST.", "`htm` is POST."),
    lambda message: message.claims.get("htm"),
    lambda value, _message, _recorded: value == "POST",
    source="helseid § 13 D9",
)


def _address(value: object, _message: RecordedMessage, recorded: RecordedScenario) -> bool:
    wanted = f"{recorded.base_url.rstrip('/')}/message"
    return isinstance(value, str) and dpop.normalise(value) == dpop.normalise(wanted)


def _htu(message: RecordedMessage) -> object:
    return message.claims.get("htu")


_one(
    "N209",
    ("Bevisets adresse", "The proof's address"),
    ("«htu» er mottakets adresse og /message.", "`htu` is the receiver's address and /message."),
    _htu,
    _address,
    source="helseid § 13 D10",
)
_one(
    "N210",
    ("Bevisets adresse er uten spørring", "The proof's address has no query"),
    ("Verken «?» eller «#» i «htu».", "Neither `?` nor `#` in `htu`."),
    _htu,
    lambda value, _message, _recorded: isinstance(value, str) and not set("?#") & set(value),
    source="RFC 9449 § 4.2",
)
_one(
    "N211",
    ("Bevisets tidspunkt", "The proof's instant"),
    ("«iat» er nå, som helt tall.", "`iat` is now, as a whole number."),
    lambda message: message.claims.get("iat"),
    lambda value, message, _recorded: type(value) is int and -_AGE - _SKEW <= value - message.request.at <= _SKEW,
    source="helseid § 13 D11",
)
_one(
    "N212",
    ("Beviset er bundet til tokenet", "The proof is bound to the token"),
    ("«ath» er SHA-256 av tokenet.", "`ath` is SHA-256 of the token."),
    lambda message: message.claims.get("ath"),
    lambda value, message, _recorded: bool(message.token) and value == dpop.token_hash(message.token),
    source="helseid § 13 D13",
)
_one(
    "N213",
    ("Bevisets «jti»", "The proof's `jti`"),
    ("1 til 128 synlige tegn.", "1 to 128 printable characters."),
    lambda message: message.claims.get("jti"),
    lambda value, _message, _recorded: isinstance(value, str) and 0 < len(value) <= _MOST_JTI and value.isprintable(),
    source="helseid § 13 D14",
)
GROUP.case(
    "N214",
    ("Hver melding har et nytt bevis", "Each message has a new proof"),
    ("Ingen «jti» kommer to ganger.", "No `jti` comes twice."),
    EVERYDAY,
    lambda recorded: all_different(
        PROOF_ID, ((message.number, message.claims.get("jti")) for message in recorded.messages)
    ),
    source="helseid § 13 D14",
)
_one(
    "N215",
    ("Ingen nonce som mottaket ikke har bedt om", "No nonce that the receiver has not asked for"),
    ("Ingen «nonce».", "No `nonce`."),
    lambda message: message.claims.get("nonce"),
    lambda value, _message, _recorded: value is None,
    level=Level.SHOULD,
)
for _name, _claim in (("N220", headers.CLAIM_TYPE), ("N221", headers.CLAIM_VERSION)):
    _one(
        _name,
        (f"Kravet «{_claim}»", f"The claim `{_claim}`"),
        ("En tekst.", "A text."),
        lambda message, claim=_claim: message.claims.get(claim),
        lambda value, _message, _recorded: isinstance(value, str) and bool(value),
        source="transport § 5; helseid § 13 D15",
    )
_one(
    "N222",
    ("Kravet «msg_hash»", "The claim `msg_hash`"),
    ("32 byte i base64 eller base64url.", "32 bytes in base64 or base64url."),
    lambda message: message.claims.get(headers.CLAIM_HASH),
    lambda value, _message, _recorded: isinstance(value, str) and decode_hash(value) is not None,
    source="transport § 4",
)
_one(
    "N223",
    ("«msg_hash» som FHIs klient skriver den", "`msg_hash` as FHI's client writes it"),
    ("43 tegn base64url uten utfylling.", "43 characters of base64url without padding."),
    lambda message: message.claims.get(headers.CLAIM_HASH),
    lambda value, _message, _recorded: (
        isinstance(value, str) and len(value) == _HASH and base64url.decode(value) is not None
    ),
    level=Level.SHOULD,
    source="transport § 11",
)
_one(
    "N224",
    ("Kravet «enc_sym_key»", "The claim `enc_sym_key`"),
    ("Like lang som mottakets nøkkel.", "As long as the receiver's key."),
    lambda message: len(str(message.claims.get(headers.CLAIM_KEY) or "")),
    lambda _value, message, _recorded: _wrapped_fits(message),
    source="transport § 4",
)
_one(
    "N225",
    ("«enc_sym_key» som FHIs klient skriver den", "`enc_sym_key` as FHI's client writes it"),
    ("base64url uten utfylling.", "base64url without padding."),
    lambda message: str(message.claims.get(headers.CLAIM_KEY) or "")[-8:],
    lambda _value, message, _recorded: base64url.decode(str(message.claims.get(headers.CLAIM_KEY) or "=")) is not None,
    level=Level.SHOULD,
    source="transport § 11",
)


def _wrapped_fits(message: RecordedMessage) -> bool:
    key = message.keys.find(str(message.claims.get(headers.CLAIM_KEY_ID)))
    raw = base64url.decode_either(str(message.claims.get(headers.CLAIM_KEY) or ""))
    return key is not None and raw is not None and len(raw) == key.modulus_bytes


_one(
    "N226",
    ("Kravet «enc_key_id»", "The claim `enc_key_id`"),
    ("En av mottakets nøkler.", "One of the receiver's keys."),
    lambda message: message.claims.get(headers.CLAIM_KEY_ID),
    lambda value, message, _recorded: isinstance(value, str) and message.keys.find(value) is not None,
)

_STARTS = frozenset({Ability.STARTS})


def _sent_to(path: str) -> Any:
    def check(recorded: RecordedScenario) -> list[Text]:
        wrong = each_message(_htu, _address)(recorded)
        strays = [message for message in recorded.messages if message.request.path != path]
        return [
            *wrong,
            *(
                at(message.number, f"sendt til {message.request.path}.", f"sent to {message.request.path}.")
                for message in strays
            ),
        ]

    return check


for _name, _written, _path, _nb, _en in (
    ("N230", ReceiverAddress(base_path="/slash"), "/slash/message", "har en sti", "has a path"),
    (
        "N231",
        ReceiverAddress(base_path="/slash", suffix="/"),
        "/slash/message",
        "har en sti og slutter med skråstrek",
        "has a path and ends with a slash",
    ),
    ("N232", ReceiverAddress(suffix="/"), "/message", "slutter med skråstrek", "ends with a slash"),
    (
        "N233",
        ReceiverAddress(host="LocalHost"),
        "/message",
        "er skrevet med store bokstaver",
        "is written in upper case",
    ),
):
    GROUP.case(
        _name,
        (f"Mottakets adresse i oppsettet {_nb}", f"The receiver's address in the set-up {_en}"),
        (
            f"Meldingen går til {_path}, og «htu» er samme adresse.",
            f"The message goes to {_path}, and `htu` is the same address.",
        ),
        Scenario(f"address-{_name}", (prepares(PreparationKind.NEW), RUNS), _STARTS, _written),
        _sent_to(_path),
        source="helseid § 13 D10; transport § 12.1; transport § 12.2",
    )
