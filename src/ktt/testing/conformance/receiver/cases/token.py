"""The access token: table A, row by row (helseid § 12)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import CaseGroup
from ktt.testing.conformance.receiver.expectation import DELIVERED, FORBIDDEN, UNAUTHORISED, Expectation
from ktt.testing.sandbox.faults.token_faults import TokenSpec
from ktt.wire import base64url, headers

GROUP = CaseGroup(Text("Tokenet", "The access token"), "helseid § 12")
single = GROUP.single


def _parts(token: str) -> list[str]:
    return token.split(".")


def _text(value: Mapping[str, Any]) -> str:
    return base64url.encode(orjson.dumps(value))


def _header(changes: Mapping[str, Any]) -> Callable[[str], str]:
    """The token with another header; its signature no longer fits."""

    def token_damage(token: str) -> str:
        head, payload, signature = _parts(token)
        members = orjson.loads(base64url.decode(head) or b"{}")
        return ".".join([_text({**members, **changes}), payload, signature])

    return token_damage


def _flipped(token: str) -> str:
    head, payload, signature = _parts(token)
    return ".".join([head, payload, ("B" if signature[0] == "A" else "A") + signature[1:]])


DAMAGED: tuple[tuple[str, str, str, str, Callable[[str], str]], ...] = (
    ("F100", "A1", "Token med to deler", "A token of two parts", lambda t: ".".join(_parts(t)[:2])),
    ("F101", "A1", "Token med fire deler", "A token of four parts", lambda t: f"{t}.AAAA"),
    ("F102", "A1", "Token med fem deler, som et kryptert", "A token of five parts, as an encrypted one", lambda t: f"{t}.AAAA.AAAA"),
    ("F103", "A1", "Base64 med utfylling", "Padded base64", lambda t: f"{t}=="),
    ("F104", "A1", "Token på over 8 kB", "A token above 8 kB", lambda t: f"{t}{'A' * 8192}"),
    ("F105", "A2", "«alg» er «none», uten signatur", "`alg` is `none`, unsigned", lambda t: f"{_header({'alg': 'none'})(t).rpartition('.')[0]}."),
    ("F106", "A2", "«alg» er «None»", "`alg` is `None`", _header({"alg": "None"})),
    ("F107", "A3", "Én bit i signaturen er snudd", "One bit of the signature is flipped", _flipped),
    ("F108", "A3", "Ukjent «kid»", "Unknown `kid`", _header({"kid": "0" * 40})),
    ("F109", "A3", "Tokenet bærer sin egen nøkkel i «jwk»", "The token brings its own key in `jwk`", _header({"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}})),
)  # fmt: skip
for name, row, nb, en, token_damage in DAMAGED:
    single(name, nb, en, UNAUTHORISED, source=f"helseid § 12 {row}; transport § 9 step 2", token_damage=token_damage)


def _spec(**changes: Any) -> TokenSpec:
    return TokenSpec(claims=changes)


def _without(*names: str) -> TokenSpec:
    return TokenSpec(without=frozenset(names))


def _head(**changes: Any) -> TokenSpec:
    return TokenSpec(header=changes)


_NOW = int(time.time())  # at import, so only for instants far from any limit; the receiver's own tests try the limits
_YEAR = 365 * 86_400
NO_ORGANISATION = Expectation(frozenset({400, 401, 403}), frozenset({2002}))
ORDERED: tuple[tuple[str, str, str, str, TokenSpec, Expectation], ...] = (
    ("F120", "12 A2", "HS256 med HelseIDs offentlige nøkkel som hemmelighet", "HS256 with HelseID's public key as the secret", TokenSpec(signed_by="hs256"), UNAUTHORISED),
    ("F121", "12 A2", "Usignert, med riktige krav", "Unsigned, with the right claims", TokenSpec(signed_by="none"), UNAUTHORISED),
    ("F122", "12 A3", "Signert av en ukjent nøkkel med HelseIDs «kid»", "Signed by a stranger under HelseID's `kid`", TokenSpec(signed_by="stranger"), UNAUTHORISED),
    ("F123", "12 A3", "Uten «kid»", "Without `kid`", _without("kid"), UNAUTHORISED),
    ("F124", "12 A4", "Ukjent utvidelse i «crit»", "An unknown extension in `crit`", _head(crit=["x"], x=1), UNAUTHORISED),
    ("F125", "12 A5", "«typ» er «dpop+jwt»", "`typ` is `dpop+jwt`", _head(typ="dpop+jwt"), UNAUTHORISED),
    ("F126", "12 A5", "«typ» er «client-authentication+jwt»", "`typ` is `client-authentication+jwt`", _head(typ="client-authentication+jwt"), UNAUTHORISED),
    ("F127", "12 A5", "Uten «typ»", "Without `typ`", _without("typ"), UNAUTHORISED),
    ("F128", "12 A6", "Utsteder med skråstrek til slutt", "Issuer with a trailing slash", _spec(iss="https://helseid-sts.nhn.no/"), UNAUTHORISED),
    ("F129", "12 A6", "Token fra produksjon", "A token of production", _spec(iss="https://helseid-sts.nhn.no"), UNAUTHORISED),
    ("F130", "12 A6", "Uten «iss»", "Without `iss`", _without("iss"), UNAUTHORISED),
    ("F131", "12 A7", "For en annen tjeneste", "For another service", _spec(aud="fhi:another.api"), UNAUTHORISED),
    ("F132", "12 A7", "For to tjenester", "For two services", _spec(aud=[headers.AUDIENCE, "fhi:another.api"]), UNAUTHORISED),
    ("F133", "12 A7", "Uten «aud»", "Without `aud`", _without("aud"), UNAUTHORISED),
    ("F134", "12 A8", "Utløpt", "Expired", _spec(exp=_NOW - _YEAR), UNAUTHORISED),
    ("F135", "12 A8", "Gjelder ikke ennå", "Not valid yet", _spec(nbf=_NOW + _YEAR, exp=_NOW + 2 * _YEAR), UNAUTHORISED),
    ("F136", "12 A8", "«exp» som tekst", "`exp` as text", _spec(exp=str(_NOW + _YEAR)), UNAUTHORISED),
    ("F137", "12 A8", "«exp» med brøk", "`exp` with a fraction", _spec(exp=_NOW + _YEAR + 0.5), UNAUTHORISED),
    ("F138", "12 A8", "Uten «exp»", "Without `exp`", _without("exp"), UNAUTHORISED),
    ("F139", "12 A9", "Scope som bare begynner likt", "A scope that only begins alike", _spec(scope=[f"{headers.SCOPE}x"]), FORBIDDEN),
    ("F140", "12 A9", "Uten scope", "Without a scope", _without("scope"), FORBIDDEN),
    ("F141", "12 A10", "Uten «cnf»: ikke bundet til noen nøkkel", "Without `cnf`: bound to no key", _without("cnf"), UNAUTHORISED),
    ("F142", "12 A10", "«cnf» med to måter å binde på", "`cnf` with two ways of binding", _spec(cnf={"jkt": "A" * 43, "x5t#S256": "A" * 43}), UNAUTHORISED),
    ("F143", "12 A10", "«cnf» er tekst", "`cnf` is text", _spec(cnf="A" * 43), UNAUTHORISED),
    ("F144", "12 A11", "Samme krav to ganger", "The same claim twice", TokenSpec(before='"aud":"fhi:another.api"'), UNAUTHORISED),
    ("F145", "12 A8", "«exp» er 1e99", "`exp` is 1e99", _spec(exp=1e99), UNAUTHORISED),
    ("F146", "7", "Uten organisasjonsnummer", "Without an organisation number", _without(headers.CLAIM_PARENT, headers.CLAIM_CHILD), NO_ORGANISATION),
    ("F147", "13 D8", "Bundet til en annen nøkkel", "Bound to another key", _spec(cnf={"jkt": "A" * 43}), UNAUTHORISED),
)  # fmt: skip
for name, row, nb, en, token_spec, expected in ORDERED:
    step = {"F146": 4, "F147": 3}.get(name, 2)
    single(name, nb, en, expected, source=f"helseid § {row}; transport § 9 step {step}", token_spec=token_spec)

GROUP.table(
    ("N100", "helseid § 7", "Scope som tekst i stedet for liste", "Scope as text instead of a list", DELIVERED,
     {"token_spec": _spec(scope=f"noe:annet {headers.SCOPE}")}),
    ("N101", "helseid § 12 A5", "«typ» er «JWT»", "`typ` is `JWT`", DELIVERED, {"token_spec": _head(typ="JWT")}),
    ("N102", "helseid § 12 A5", "«typ» er «application/at+jwt»", "`typ` is `application/at+jwt`", DELIVERED, {"token_spec": _head(typ="application/at+jwt")}),
    ("N103", "helseid § 7", "Ukjente krav i tokenet", "Unknown claims in the token", DELIVERED,
     {"token_spec": _spec(**{"nhn:sfm:journal-id": "1", "amr": ["pwd"]})}),
)  # fmt: skip

_A12 = "helseid § 12 A12; transport § 9 step 1"
GROUP.table(
    ("F150", _A12, "Uten «Authorization»", "Without `Authorization`", UNAUTHORISED, {"authorization": lambda _: ()}),
    ("F151", _A12, "Bundet token under «Bearer»", "A bound token under `Bearer`", UNAUTHORISED, {"authorization": lambda t: (f"Bearer {t}",)}),
    ("F152", _A12, "Både «DPoP» og «Bearer»", "Both `DPoP` and `Bearer`", UNAUTHORISED, {"authorization": lambda t: (f"DPoP {t}", f"Bearer {t}")}),
    ("F153", _A12, "Samme «Authorization» to ganger", "The same `Authorization` twice", UNAUTHORISED, {"authorization": lambda t: (f"DPoP {t}", f"DPoP {t}")}),
    ("F154", _A12, "Skjema uten token", "A scheme without a token", UNAUTHORISED, {"authorization": lambda _: ("DPoP",)}),
    ("F155", _A12, "To token i samme hode", "Two tokens in one header", UNAUTHORISED, {"authorization": lambda t: (f"DPoP {t} {t}",)}),
)  # fmt: skip
