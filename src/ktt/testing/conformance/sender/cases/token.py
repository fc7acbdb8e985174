"""The requests to HelseID: discovery, the nonce, the client assertion and the token (helseid § 1 to § 5)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.case import Level
from ktt.testing.conformance.sender.case import CaseGroup, messages, requests, token_requests
from ktt.testing.conformance.sender.cases.scenarios import EVERYDAY
from ktt.testing.conformance.sender.checks import (
    ASSERTION_ID,
    PROOF_ID,
    Check,
    all_different,
    at,
    each_token_request,
    quoted,
)
from ktt.testing.conformance.sender.recorded import RecordedScenario, TokenRequest
from ktt.testing.sandbox.helseid.issuer import TOKEN_PATH
from ktt.wire import dpop, headers, jws

GROUP = CaseGroup(Text("Samtalen med HelseID", "The conversation with HelseID"), "helseid § 4")
_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_AHEAD, _SKEW = 60, 5  # seconds: how far ahead `exp` may be (NHN page 541982723), and how much clocks may differ
_PROOF_AGE = 10  # helseid § 13.3
_UNIQUE = 22  # characters of 128 random bits in base64url
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})


def _asked(name: str, purpose: tuple[str, str], expect: tuple[str, str], check: Check, **how: Any) -> None:
    GROUP.case(name, purpose, expect, EVERYDAY, check, subject=token_requests, **how)


def _instant(value: object) -> float:
    """Seconds, also when written as a string; NaN, which fails every comparison, for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if type(value) is int else float("nan")


def _discovered(recorded: RecordedScenario) -> list[Text]:
    if recorded.discoveries:
        return []
    return [Text("Oppdagelsesdokumentet ble aldri hentet.", "The discovery document was never fetched.")]


def _discovered_once(recorded: RecordedScenario) -> list[Text]:
    runs = [recorded.run_of(request) for request in recorded.discoveries]
    return [
        Text(f"Hentet {runs.count(run)} ganger i én kjøring.", f"Fetched {runs.count(run)} times in one run.")
        for run in sorted(set(runs))
        if runs.count(run) > 1
    ]


def _nonce_followed(recorded: RecordedScenario) -> list[Text]:
    found, asked = [], recorded.token_requests
    for first, second in pairwise(asked):
        nonce = first.request.answer_header(headers.DPOP_NONCE)
        if first.answer.get("error") == "use_dpop_nonce" and first.run == second.run:
            given = second.proof["claims"].get("nonce")
            if given != nonce:
                found.append(at(second.number, f"nonce er {quoted(given)}.", f"nonce is {quoted(given)}."))
    return found


_asked(
    "N100",
    ("Adressen til tokenendepunktet hentes fra HelseID", "The token endpoint is looked up at HelseID"),
    ("Oppdagelsesdokumentet er hentet.", "The discovery document was fetched."),
    _discovered,
    level=Level.SHOULD,
    source="transport § 2 no. 1; helseid § 2 FK2",
)
_asked(
    "N101",
    ("Oppdagelsesdokumentet gjenbrukes i et døgn", "The discovery document is kept for a day"),
    ("Høyst én henting i en kjøring.", "At most one fetch in a run."),
    _discovered_once,
    level=Level.SHOULD,
    source="helseid § 2 FK2",
)
_asked(
    "N102",
    ("Svaret «use_dpop_nonce» følges", "The answer `use_dpop_nonce` is followed"),
    ("Neste bevis bærer den nonce som ble gitt.", "The next proof carries the nonce that was given."),
    _nonce_followed,
    source="transport § 2 no. 4; helseid § 4 step 1; helseid § 4 step 2; RFC 9449 § 8",
)
_asked(
    "N103",
    ("Hver forespørsel har en ny klientpåstand", "Each request has a new client assertion"),
    ("Ingen «jti» kommer to ganger.", "No `jti` comes twice."),
    lambda recorded: all_different(
        ASSERTION_ID, ((one.number, one.assertion["claims"].get("jti")) for one in recorded.token_requests)
    ),
    source="helseid § 4 step 2; helseid § 14 no. 4",
)
_asked(
    "N104",
    ("Hver forespørsel har et nytt bevis", "Each request has a new proof"),
    ("Ingen «jti» kommer to ganger.", "No `jti` comes twice."),
    lambda recorded: all_different(
        PROOF_ID, ((one.number, one.proof["claims"].get("jti")) for one in recorded.token_requests)
    ),
    source="transport § 2 no. 5; helseid § 4 step 5",
)

for _name, _field, _value in (
    ("N105", "grant_type", "client_credentials"),
    ("N106", "client_assertion_type", _TYPE),
):
    _asked(
        _name,
        (f"Skjemaet: «{_field}»", f"The form: `{_field}`"),
        (f"«{_value}»", f"`{_value}`"),
        each_token_request(
            lambda one, field=_field: one.fields.get(field),  # type: ignore[misc]
            lambda value, _one, _recorded, wanted=_value: value == wanted,  # type: ignore[misc]
        ),
    )
_asked(
    "N107",
    ("Skjemaet: «client_id»", "The form: `client_id`"),
    ("Klienten fra oppsettet.", "The client of the set-up."),
    each_token_request(
        lambda one: one.fields.get("client_id"), lambda value, _one, recorded: value == recorded.client_id
    ),
)
_asked(
    "N108",
    ("Ingen delt hemmelighet", "No shared secret"),
    ("Verken «client_secret» eller «password» i skjemaet.", "Neither `client_secret` nor `password` in the form."),
    each_token_request(
        lambda one: sorted({"client_secret", "password"} & set(one.fields)), lambda value, _one, _recorded: not value
    ),
    source="helseid § 3",
)
_asked(
    "N109",
    ("Skjemaets innholdstype", "The form's content type"),
    ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
    each_token_request(
        lambda one: one.request.header("content-type"),
        lambda value, _one, _recorded: (
            str(value).partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"
        ),
    ),
)
_asked(
    "N110",
    ("Ingen parameter to ganger", "No parameter twice"),
    ("Hver parameter står én gang.", "Each parameter stands once."),
    each_token_request(
        lambda one: sorted(name for name, _ in one.form), lambda names, _one, _recorded: len(names) == len(set(names))
    ),
    source="RFC 6749 § 3.2",
)
_asked(
    "N111",
    ("Ingenting om klienten i adressen", "Nothing about the client in the address"),
    (f"Adressen er {TOKEN_PATH} uten spørring.", f"The address is {TOKEN_PATH} without a query."),
    each_token_request(lambda one: one.request.path, lambda path, _one, _recorded: path == TOKEN_PATH),
    source="RFC 6749 § 2.3.1",
)


def _assertion(name: str, purpose: tuple[str, str], expect: tuple[str, str], read: Any, holds: Any, **how: Any) -> None:
    _asked(name, purpose, expect, each_token_request(read, holds), **{"source": "helseid § 5", **how})


_assertion(
    "N120",
    ("Klientpåstandens type", "The assertion's type"),
    ("«client-authentication+jwt» eller «JWT»", "`client-authentication+jwt` or `JWT`"),
    lambda one: one.assertion["header"].get("typ"),
    lambda value, _one, _recorded: str(value).lower() in {"jwt", "client-authentication+jwt"},
)
_assertion(
    "N121",
    ("Klientpåstandens type, i den nye formen", "The assertion's type, in the new form"),
    ("«client-authentication+jwt»", "`client-authentication+jwt`"),
    lambda one: one.assertion["header"].get("typ"),
    lambda value, _one, _recorded: value == "client-authentication+jwt",
    level=Level.SHOULD,
)
_assertion(
    "N122",
    ("Klientpåstandens algoritme", "The assertion's algorithm"),
    ("RS, PS eller ES med 256, 384 eller 512", "RS, PS or ES with 256, 384 or 512"),
    lambda one: one.assertion["header"].get("alg"),
    lambda value, _one, _recorded: value in jws.ASYMMETRIC,
    source="helseid § 3; helseid § 14 no. 6",
)
_assertion(
    "N123",
    ("Klientpåstanden sier hvilken nøkkel", "The assertion says which key"),
    ("«kid» står i hodet.", "`kid` stands in the header."),
    lambda one: one.assertion["header"].get("kid"),
    lambda value, _one, _recorded: isinstance(value, str) and bool(value),
    level=Level.SHOULD,
)
_assertion(
    "N124",
    ("Klientpåstanden er klientens egen", "The assertion is the client's own"),
    ("«iss» og «sub» er klientens id.", "`iss` and `sub` are the client's id."),
    lambda one: [one.assertion["claims"].get(name) for name in ("iss", "sub")],
    lambda value, _one, recorded: value == [recorded.client_id, recorded.client_id],
    source="helseid § 14 no. 1",
)
_assertion(
    "N125",
    ("Klientpåstanden er til HelseID", "The assertion is for HelseID"),
    ("«aud» er utstederen, eller tokenendepunktet.", "`aud` is the issuer, or the token endpoint."),
    lambda one: one.assertion["claims"].get("aud"),
    lambda value, _one, recorded: (
        value in {recorded.helseid, f"{recorded.helseid}/", f"{recorded.helseid}{TOKEN_PATH}"}
    ),
    source="helseid § 5; helseid § 14 no. 2",
)
_assertion(
    "N126",
    ("Klientpåstanden er til HelseID alene", "The assertion is for HelseID alone"),
    ("«aud» er utstederen, uten skråstrek.", "`aud` is the issuer, without a slash."),
    lambda one: one.assertion["claims"].get("aud"),
    lambda value, _one, recorded: value == recorded.helseid,
    level=Level.SHOULD,
)


def _lives(one: TokenRequest) -> object:
    exp = one.assertion["claims"].get("exp")
    return None if type(exp) is not int else round(exp - one.request.at)


_assertion(
    "N127",
    ("Klientpåstanden lever kort", "The assertion lives shortly"),
    ("«exp» er høyst 60 sekunder fram.", "`exp` is at most 60 seconds ahead."),
    _lives,
    lambda value, _one, _recorded: value is not None and 0 < value <= _AHEAD + _SKEW,
    source="helseid § 14 no. 3",
)
_assertion(
    "N128",
    ("Klientpåstandens tidspunkt", "The assertion's instant"),
    ("«iat» er nå.", "`iat` is now."),
    lambda one: one.assertion["claims"].get("iat"),
    lambda value, one, _recorded: abs(_instant(value) - one.request.at) <= _PROOF_AGE,
)
_assertion(
    "N129",
    ("Klientpåstandens tidspunkt er et tall", "The assertion's instant is a number"),
    ("«iat» er et JSON-tall.", "`iat` is a JSON number."),
    lambda one: one.assertion["claims"].get("iat"),
    lambda value, _one, _recorded: type(value) is int,
    level=Level.SHOULD,
)
_assertion(
    "N130",
    ("Klientpåstandens «jti» kan ikke gjettes", "The assertion's `jti` cannot be guessed"),
    ("Minst 22 tegn.", "At least 22 characters."),
    lambda one: one.assertion["claims"].get("jti"),
    lambda value, _one, _recorded: isinstance(value, str) and len(value) >= _UNIQUE,
    level=Level.SHOULD,
)


def _proof(name: str, purpose: tuple[str, str], expect: tuple[str, str], read: Any, holds: Any, **how: Any) -> None:
    _asked(name, purpose, expect, each_token_request(read, holds), **{"source": "RFC 9449 § 4.2", **how})


_proof(
    "N140",
    ("Beviset til HelseID: type", "The proof to HelseID: type"),
    ("«dpop+jwt»", "`dpop+jwt`"),
    lambda one: one.proof["header"].get("typ"),
    lambda value, _one, _recorded: value == dpop.TYP,
)
_proof(
    "N141",
    ("Beviset til HelseID: metode", "The proof to HelseID: method"),
    ("«htm» er POST.", "`htm` is POST."),
    lambda one: one.proof["claims"].get("htm"),
    lambda value, _one, _recorded: value == "POST",
)
_proof(
    "N142",
    ("Beviset til HelseID: adresse", "The proof to HelseID: address"),
    ("«htu» er tokenendepunktet.", "`htu` is the token endpoint."),
    lambda one: one.proof["claims"].get("htu"),
    lambda value, _one, recorded: dpop.normalise(str(value)) == dpop.normalise(f"{recorded.helseid}{TOKEN_PATH}"),
)
_proof(
    "N143",
    ("Beviset til HelseID: tidspunkt", "The proof to HelseID: instant"),
    ("«iat» er nå, som tall.", "`iat` is now, as a number."),
    lambda one: one.proof["claims"].get("iat"),
    lambda value, one, _recorded: type(value) is int and abs(value - one.request.at) <= _PROOF_AGE,
)
_proof(
    "N144",
    ("Beviset til HelseID er ikke bundet til et token", "The proof to HelseID is not bound to a token"),
    ("Ingen «ath».", "No `ath`."),
    lambda one: one.proof["claims"].get("ath"),
    lambda value, _one, _recorded: value is None,
    level=Level.SHOULD,
)
_proof(
    "N145",
    ("Beviset til HelseID viser bare den åpne nøkkelen", "The proof to HelseID shows the public key only"),
    ("Ingen private deler i «jwk».", "No private parts in `jwk`."),
    lambda one: sorted(_PRIVATE & set(one.proof["header"].get("jwk") or {})),
    lambda value, one, _recorded: not value and bool(one.proof["header"].get("jwk")),
)
_proof(
    "N146",
    ("Ett bevis i hver forespørsel", "One proof in each request"),
    ("Ett «DPoP»-hode.", "One `DPoP` header."),
    lambda one: sum(name == "dpop" for name, _ in one.request.headers),
    lambda value, _one, _recorded: value == 1,
)


def _as_given(recorded: RecordedScenario) -> list[Text]:
    given = {one.answer["access_token"] for one in recorded.token_requests if one.granted}
    return [
        at(message.number, "et token som HelseID ikke ga.", "a token that HelseID did not give.")
        for message in recorded.messages
        if message.token not in given
    ]


def _reused(recorded: RecordedScenario) -> list[Text]:
    found = []
    for run in range(len(recorded.runs)):
        several = len(recorded.of_run(run)) > 1
        given = sum(one.granted for one in recorded.token_requests if one.run == run)
        if several and given > 1:
            found.append(Text(f"{given} tokener i én kjøring.", f"{given} tokens in one run."))
    return found


def _together(recorded: RecordedScenario) -> list[object]:
    """The messages in runs with more than one."""
    return [message for message in recorded.messages if len(recorded.of_run(message.run)) > 1]


GROUP.case(
    "N150",
    ("Tokenet brukes som det ble gitt", "The token is used as it was given"),
    ("Hver melding bærer et token fra HelseID.", "Each message carries a token from HelseID."),
    EVERYDAY,
    _as_given,
    subject=messages,
    source="transport § 2",
)
GROUP.case(
    "N151",
    ("Et token brukes så lenge det lever", "A token is used while it lives"),
    ("Ett token for meldingene i en kjøring.", "One token for the messages of a run."),
    EVERYDAY,
    _reused,
    subject=_together,
    level=Level.SHOULD,
    source="helseid § 2 FK3",
)
GROUP.case(
    "N152",
    ("Ingenting annet spørres HelseID om", "HelseID is asked nothing else"),
    (
        "Bare oppdagelse, nøkler og token.",
        "Discovery, keys and token only.",
    ),
    EVERYDAY,
    lambda recorded: [
        at(request.number, f"{request.method} {quoted(request.address)}", f"{request.method} {quoted(request.address)}")
        for request in recorded.requests
        if request.service == "helseid" and request.status in {404, 405}
    ],
    subject=requests,
    source="helseid § 1",
)
