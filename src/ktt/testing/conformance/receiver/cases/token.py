"""The access token: table A, row by row (helseid § 12)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from ktt.core.text import Text
from ktt.testing.conformance.receiver.case import Group
from ktt.testing.conformance.receiver.expectation import DELIVERED, FORBIDDEN, UNAUTHORISED, Expect
from ktt.testing.sandbox.faults.token_faults import TokenOrder
from ktt.wire import base64url, headers

GROUP = Group(Text("Tokenet", "The access token"), "helseid")
one = GROUP.one


def _parts(token: str) -> list[str]:
    return token.split(".")


def _text(value: Mapping[str, Any]) -> str:
    return base64url.encode(orjson.dumps(value))


def _header(changes: Mapping[str, Any]) -> Callable[[str], str]:
    """The token with another header; its signature no longer fits."""

    def damage(token: str) -> str:
        head, payload, signature = _parts(token)
        members = orjson.loads(base64url.decode(head) or b"{}")
        return ".".join([_text({**members, **changes}), payload, signature])

    return damage


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
for name, row, nb, en, damage in DAMAGED:
    one(name, nb, en, UNAUTHORISED, source=f"§ 12 {row}", damage=damage)


def _order(**changes: Any) -> TokenOrder:
    return TokenOrder(claims=changes)


def _without(*names: str) -> TokenOrder:
    return TokenOrder(without=frozenset(names))


def _head(**changes: Any) -> TokenOrder:
    return TokenOrder(header=changes)


_NOW = int(time.time())  # far-off instants only: what is seconds from a limit is tried by the receiver's own tests
_YEAR = 365 * 86_400
NO_ORGANISATION = Expect(frozenset({400, 401, 403}), frozenset({2002}))
ORDERED: tuple[tuple[str, str, str, str, TokenOrder, Expect], ...] = (
    ("F120", "A2", "HS256 med HelseIDs offentlige nøkkel som hemmelighet", "HS256 with HelseID's public key as the secret", TokenOrder(signed_by="hs256"), UNAUTHORISED),
    ("F121", "A2", "Usignert, med rette krav", "Unsigned, with the right claims", TokenOrder(signed_by="none"), UNAUTHORISED),
    ("F122", "A3", "Signert av en fremmed under HelseIDs «kid»", "Signed by a stranger under HelseID's `kid`", TokenOrder(signed_by="stranger"), UNAUTHORISED),
    ("F123", "A3", "Uten «kid»", "Without `kid`", _without("kid"), UNAUTHORISED),
    ("F124", "A4", "Ukjent utvidelse i «crit»", "An unknown extension in `crit`", _head(crit=["x"], x=1), UNAUTHORISED),
    ("F125", "A5", "«typ» er «dpop+jwt»", "`typ` is `dpop+jwt`", _head(typ="dpop+jwt"), UNAUTHORISED),
    ("F126", "A5", "«typ» er «client-authentication+jwt»", "`typ` is `client-authentication+jwt`", _head(typ="client-authentication+jwt"), UNAUTHORISED),
    ("F127", "A5", "Uten «typ»", "Without `typ`", _without("typ"), UNAUTHORISED),
    ("F128", "A6", "Utsteder med skråstrek til slutt", "Issuer with a trailing slash", _order(iss="https://helseid-sts.nhn.no/"), UNAUTHORISED),
    ("F129", "A6", "Token fra produksjon", "A token of production", _order(iss="https://helseid-sts.nhn.no"), UNAUTHORISED),
    ("F130", "A6", "Uten «iss»", "Without `iss`", _without("iss"), UNAUTHORISED),
    ("F131", "A7", "For en annen tjeneste", "For another service", _order(aud="fhi:another.api"), UNAUTHORISED),
    ("F132", "A7", "For to tjenester", "For two services", _order(aud=[headers.AUDIENCE, "fhi:another.api"]), UNAUTHORISED),
    ("F133", "A7", "Uten «aud»", "Without `aud`", _without("aud"), UNAUTHORISED),
    ("F134", "A8", "Utløpt", "Expired", _order(exp=_NOW - _YEAR), UNAUTHORISED),
    ("F135", "A8", "Gjelder ikke ennå", "Not valid yet", _order(nbf=_NOW + _YEAR, exp=_NOW + 2 * _YEAR), UNAUTHORISED),
    ("F136", "A8", "«exp» som tekst", "`exp` as text", _order(exp=str(_NOW + _YEAR)), UNAUTHORISED),
    ("F137", "A8", "«exp» med brøk", "`exp` with a fraction", _order(exp=_NOW + _YEAR + 0.5), UNAUTHORISED),
    ("F138", "A8", "Uten «exp»", "Without `exp`", _without("exp"), UNAUTHORISED),
    ("F139", "A9", "Scope som bare begynner likt", "A scope that only begins alike", _order(scope=[f"{headers.SCOPE}x"]), FORBIDDEN),
    ("F140", "A9", "Uten scope", "Without a scope", _without("scope"), FORBIDDEN),
    ("F141", "A10", "Uten «cnf»: ikke bundet til noen nøkkel", "Without `cnf`: bound to no key", _without("cnf"), UNAUTHORISED),
    ("F142", "A10", "«cnf» med to måter å binde på", "`cnf` with two ways of binding", _order(cnf={"jkt": "A" * 43, "x5t#S256": "A" * 43}), UNAUTHORISED),
    ("F143", "A10", "«cnf» er tekst", "`cnf` is text", _order(cnf="A" * 43), UNAUTHORISED),
    ("F144", "A11", "Samme krav to ganger", "The same claim twice", TokenOrder(before='"aud":"fhi:another.api"'), UNAUTHORISED),
    ("F145", "A8", "«exp» er 1e99", "`exp` is 1e99", _order(exp=1e99), UNAUTHORISED),
    ("F146", "§ 7", "Uten organisasjonsnummer", "Without an organisation number", _without(headers.CLAIM_PARENT, headers.CLAIM_CHILD), NO_ORGANISATION),
    ("F147", "§ 13 D8", "Bundet til en annen nøkkel", "Bound to another key", _order(cnf={"jkt": "A" * 43}), UNAUTHORISED),
)  # fmt: skip
for name, row, nb, en, order, expected in ORDERED:
    one(name, nb, en, expected, source=row if row.startswith("§") else f"§ 12 {row}", order=order)

one(
    "N100",
    "Scope som tekst i stedet for liste",
    "Scope as text instead of a list",
    DELIVERED,
    source="§ 7",
    order=_order(scope=f"noe:annet {headers.SCOPE}"),
)
one("N101", "«typ» er «JWT»", "`typ` is `JWT`", DELIVERED, source="§ 12 A5", order=_head(typ="JWT"))
one(
    "N102",
    "«typ» er «application/at+jwt»",
    "`typ` is `application/at+jwt`",
    DELIVERED,
    source="§ 12 A5",
    order=_head(typ="application/at+jwt"),
)
one(
    "N103",
    "Ukjente krav i tokenet",
    "Unknown claims in the token",
    DELIVERED,
    source="§ 7",
    order=_order(**{"nhn:sfm:journal-id": "1", "amr": ["pwd"]}),
)

A12 = "§ 12 A12"
one("F150", "Uten «Authorization»", "Without `Authorization`", UNAUTHORISED, source=A12, authorization=lambda _: ())
one(
    "F151",
    "Bundet token under «Bearer»",
    "A bound token under `Bearer`",
    UNAUTHORISED,
    source=A12,
    authorization=lambda t: (f"Bearer {t}",),
)
one(
    "F152",
    "Både «DPoP» og «Bearer»",
    "Both `DPoP` and `Bearer`",
    UNAUTHORISED,
    source=A12,
    authorization=lambda t: (f"DPoP {t}", f"Bearer {t}"),
)
one(
    "F153",
    "Samme «Authorization» to ganger",
    "The same `Authorization` twice",
    UNAUTHORISED,
    source=A12,
    authorization=lambda t: (f"DPoP {t}", f"DPoP {t}"),
)
one(
    "F154", "Skjema uten token", "A scheme without a token", UNAUTHORISED, source=A12, authorization=lambda _: ("DPoP",)
)
one(
    "F155",
    "To token i samme hode",
    "Two tokens in one header",
    UNAUTHORISED,
    source=A12,
    authorization=lambda t: (f"DPoP {t} {t}",),
)
