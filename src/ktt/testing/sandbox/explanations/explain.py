"""From a refused request to the row that failed, what it wanted, what stood there, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from ktt.core.text import Text
from ktt.receiver.http.refusal import Refusal
from ktt.receiver.http.responses import REFUSAL
from ktt.receiver.settings import ReceiverSettings
from ktt.testing.sandbox.explanations.tables import ASSERTION, PROOF, REQUEST, TOKEN, Row
from ktt.testing.sandbox.explanations.values import Against, expected, shown, timing
from ktt.testing.sandbox.faults.recorder import RecordedRequest
from ktt.testing.sandbox.helseid.app import OAUTH_REFUSAL
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.testing.sandbox.helseid.refusals import OAuthRefusal
from ktt.wire import headers, jwk, jws
from ktt.wire.jwk import BadJwk
from ktt.wire.jws import BadJws

Part = Mapping[str, Any]
_ROWS: Mapping[str, Row] = {**TOKEN, **PROOF, **ASSERTION}
_FORM = frozenset({"size", "parts", "base64url"})
_JSON = frozenset({"json", "object", "duplicate"})
_OF_FORM: Mapping[str, Mapping[str, str]] = {  # what a JWS is refused for → its row, for token, proof and assertion
    "token": {**dict.fromkeys(_FORM, "A1"), **dict.fromkeys(_JSON, "A11"), "crit": "A4", "alg": "A2", "key": "A2"}
    | {"signature": "A3"},
    "proof": {**dict.fromkeys(_FORM | _JSON, "D2"), "crit": "D2", "alg": "D5", "key": "D5", "signature": "D7"},
    "assertion": {**dict.fromkeys(_FORM | _JSON, "C6"), "crit": "C6", "alg": "C6", "key": "C6", "signature": "C5"}
    | {"iss": "C1", "sub": "C1", "aud": "C2", "exp": "C3", "iat": "C3", "nbf": "C3", "jti": "C4", "typ": "C6"},
}
_WHY_OF = {  # what HelseID describes in a sentence
    "a nonce in the DPoP proof is required": "D12 nonce",
    "exactly one DPoP header": "D1 one proof",
    "the proof was used before": "D14 replay",
    "the client assertion was used before": "C4 replay",
    "unknown client, or no client assertion": "sub",
}
_SUBJECT = {
    "token": Text(nb="Tokenet", en="The token"),
    "proof": Text(nb="Beviset", en="The proof"),
    "assertion": Text(nb="Klientpåstanden", en="The client assertion"),
    "request": Text(nb="Forespørselen", en="The request"),
}
_WANTS = Text(nb="{subject} må ha {wants}.", en="{subject} must have {wants}.")
_MISSING = Text(nb="`{member}` mangler.", en="`{member}` is missing.")
_SEEN = Text(nb="`{member}` var {seen}.", en="`{member}` was {seen}.")
_COMPARED = Text(nb="`{member}`: ventet {expected}, fikk {seen}.", en="`{member}`: expected {expected}, got {seen}.")
_TIMED = Text(nb="`{member}` {timing}.", en="`{member}` {timing}.")
_USED = Text(nb="`jti` er brukt før.", en="`jti` was used before.")
_BROKEN = Text(nb="Formen er ikke gyldig ({reason}).", en="Its form is not valid ({reason}).")
_HEADERS = Text(nb="Det kom {n:hode|hoder} `{name}`.", en="There came {n:header|headers} `{name}`.")
_ANSWERED = Text(nb="HelseID svarte «{description}».", en="HelseID answered “{description}”.")
_NO_TEXT = Text(nb="Ikke tekst, eller ikke der: {members}.", en="No text, or not there: {members}.")
_UNSIGNED = Text(nb="Signaturen stemmer ikke med nøkkelen.", en="The signature does not fit the key.")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a request was refused: the row, the member that failed (empty for the whole), sentence and remedy."""

    row: str
    member: str
    says: Text
    remedy: Text

    def as_data(self) -> dict[str, Any]:
        """As JSON."""
        told = {"says": self.says.both(), "remedy": self.remedy.both()}
        return {"row": self.row, "member": self.member, **told}


def explain(request: RecordedRequest, settings: ReceiverSettings, kids: tuple[str, ...]) -> Explanation | None:
    """The explanation of a refused token, proof or assertion; None when the request was not refused for one of them.

    `kids` are the ids of HelseID's signing keys.
    """
    refusal = request.state.get(OAUTH_REFUSAL)
    if isinstance(refusal, OAuthRefusal) and refusal.error in REQUEST:
        return _of_request(refusal)
    found = _from_receiver(request) if refusal is None else _from_helseid(refusal)
    if found is None:
        return None
    part, why = found
    row, member = _row(part, why)
    if row not in _ROWS:
        return None
    members, against = _members(part, request), _against(part, request, settings, kids)
    says = _of_headers(row, request) or _of_whole(row, why, members) or _of_member(row, member, members, against)
    return Explanation(row, member, _sentence(part, _ROWS[row], says), _ROWS[row].remedy)


def _sentence(part: str, row: Row, seen: Text) -> Text:
    wants = _WANTS.format(subject=_SUBJECT[part], wants=row.wants)
    return Text(nb=f"{seen.nb} {wants.nb}", en=f"{seen.en} {wants.en}")


def _from_receiver(request: RecordedRequest) -> tuple[str, str] | None:
    """Which part failed, and what the receiver's log says of it."""
    refusal = request.state.get(REFUSAL)
    if not isinstance(refusal, Refusal) or request.fault is not None:
        return None  # a fault that was asked for explains itself
    challenge = dict(refusal.headers).get("WWW-Authenticate", "")
    if "invalid_token" in challenge:
        return "token", refusal.why
    proof = "dpop" in challenge or refusal.why == "D15 claims"
    return ("proof", refusal.why) if proof else None


def _from_helseid(refusal: OAuthRefusal) -> tuple[str, str]:
    why = _WHY_OF.get(refusal.description, refusal.description.removeprefix("client_assertion: "))
    return "assertion" if refusal.error == "invalid_client" else "proof", why


def _of_request(refusal: OAuthRefusal) -> Explanation:
    row = REQUEST[refusal.error]
    seen = _ANSWERED.format(description=refusal.description)
    return Explanation(row.number, "", _sentence("request", row, seen), row.remedy)


def _row(part: str, why: str) -> tuple[str, str]:
    """The row of what is said, and the member that it is about."""
    if why in _OF_FORM[part]:
        row = _OF_FORM[part][why]
        return row, why if why in {"alg", "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "typ"} else ""
    if why == "no organisation":
        return "step 4", headers.CLAIM_PARENT
    step, _, rest = why.partition(" ")
    if step == "step":
        number, _, rest = rest.partition(" ")
        step = f"step {number}"
    member = {"replay": "jti", "nonce": "nonce"}.get(rest, rest)
    return step, "jwk" if step == "D6" else member


def _members(part: str, request: RecordedRequest) -> dict[str, Any]:
    """Header and claims of the part, together; empty when it cannot be read."""
    try:
        read = jws.parse(_text(part, request))
    except BadJws:
        return {}
    return {**read.payload, **read.header}


def _text(part: str, request: RecordedRequest) -> str:
    if part == "assertion":
        return _form(request).get("client_assertion", "")
    return request.bearer if part == "token" else request.header(headers.DPOP) or ""


def _form(request: RecordedRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("ascii", "replace")))


def _against(part: str, request: RecordedRequest, settings: ReceiverSettings, kids: tuple[str, ...]) -> Against:
    if part == "assertion":
        return Against(request.at, urls=(settings.issuer,), client_id=_form(request).get("client_id", ""))
    if request.address == TOKEN_PATH:
        return Against(request.at, request.method, (settings.issuer + TOKEN_PATH,))
    bound = _members("token", request).get("cnf")
    jkt = str(bound.get("jkt", "")) if isinstance(bound, dict) else ""
    urls = tuple(sorted(settings.urls(request.address)))
    return Against(request.at, request.method, urls, settings, kids, request.bearer, jkt)


def _of_headers(row: str, request: RecordedRequest) -> Text | None:
    """For the rows about the headers themselves: how many there were, and under which scheme."""
    name = {"A12": headers.AUTHORIZATION, "D1": headers.DPOP}.get(row)
    if name is None:
        return None
    values = [value for key, value in request.headers if key == name.lower()]
    schemes = ", ".join(sorted({value.partition(" ")[0] for value in values})) if row == "A12" else ""
    return _HEADERS.format(n=len(values), name=f"{name}: {schemes}" if schemes else name)


def _of_whole(row: str, why: str, members: Mapping[str, Any]) -> Text | None:
    """For what is wrong with more than one member: form, signature, a second use, several claims."""
    if why.endswith("replay"):
        return _USED
    if why == "signature":
        return _UNSIGNED
    if row == "D15":
        lacking = sorted(name for name in headers.MESSAGE_CLAIMS if not isinstance(members.get(name), str))
        return _NO_TEXT.format(members=", ".join(f"`{name}`" for name in lacking))
    return None if members and why not in _FORM | _JSON | {"crit"} else _BROKEN.format(reason=why)


def _of_member(row: str, member: str, members: Mapping[str, Any], against: Against) -> Text:
    value = _value(row, member, members)
    if value is None and member not in members:
        return _MISSING.format(member=member)
    off = timing(member, value, against)
    if off is not None:
        return _TIMED.format(member=member, timing=off)
    wanted, seen = expected(row, member, against), shown(value)
    return (_COMPARED if wanted else _SEEN).format(member=member, expected=wanted, seen=seen)


def _value(row: str, member: str, members: Mapping[str, Any]) -> Any:
    """The value to show. Of a key its thumbprint or the names of its members: what is private in it is not repeated."""
    value = members.get(member)
    if row == "D6" and isinstance(value, dict):
        return " ".join(sorted(value))
    if row != "D8":
        return value
    try:
        return jwk.thumbprint(members["jwk"])
    except (BadJwk, KeyError):
        return None
