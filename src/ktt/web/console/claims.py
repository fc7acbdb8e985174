"""Token, proof and client assertion, member by member: its value, what is wanted, and whether it held.

Nothing is checked here. A request passes its checks in a fixed order, so what was refused for one member has told of the
others: what comes before held, and what comes after was not reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ktt.core.text import Text
from ktt.testing.conformance.report.evidence import hidden
from ktt.testing.sandbox.explanations.tables import ASSERTION, PROOF, TOKEN, Row
from ktt.wire import headers

_TOKEN = {"alg": "A2", "kid": "A3", "typ": "A5", "crit": "A4", "iss": "A6", "aud": "A7", "exp": "A8", "nbf": "A8"}
_TOKEN |= {"iat": "A8", "scope": "A9", "cnf": "A10", "jti": "carried"}
_TOKEN |= {headers.CLAIM_PARENT: "step 4", headers.CLAIM_SUPPLIER: "step 9"}
_PROOF = {"typ": "D4", "alg": "D5", "jwk": "D6", "htm": "D9", "htu": "D10", "iat": "D11", "nonce": "D12", "ath": "D13"}
_PROOF |= {"jti": "D14", **dict.fromkeys(headers.MESSAGE_CLAIMS, "D15")}
_ASSERTION = {"typ": "C6", "alg": "C6", "kid": "C5", "iss": "C1", "sub": "C1", "aud": "C2", "jti": "C4"}
_ASSERTION |= dict.fromkeys(("exp", "iat", "nbf"), "C3")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a header or of the claims. `held` is None when it was not checked."""

    name: str
    value: Any
    row: str
    wants: Text | None
    held: bool | None


@dataclass(frozen=True, slots=True)
class Part:
    """A token, a proof or a client assertion: its name, and its members in the order in which they stand."""

    key: str
    name: Text
    members: list[Member]

    @property
    def failed(self) -> bool:
        """Whether the request was refused for it."""
        return any(member.held is False for member in self.members)


_PARTS: tuple[tuple[str, str, Text, Mapping[str, Row], Mapping[str, str]], ...] = (
    ("assertion", "C", Text(nb="Klientpåstanden", en="The client assertion"), ASSERTION, _ASSERTION),
    ("token", "A", Text(nb="Tokenet", en="The token"), TOKEN, _TOKEN),
    ("proof", "D", Text(nb="Beviset", en="The proof"), PROOF, _PROOF),
)


def parts(view: Mapping[str, Any], *, checked: bool) -> list[Part]:
    """The parts that the request carried. `view` is the request as `request_view` shows it.

    `checked` is false for a request that met a fault before any check.
    """
    found = []
    explanation = view.get("explanation")
    blamed = _blamed(explanation)
    reached = checked
    for key, letter, name, rows, places in _PARTS:
        if (shown := view.get(key)) is not None:
            members = _members(shown, rows, places)
            failing = explanation if blamed == letter else None
            found.append(Part(key, name, _judged(members, failing, rows, reached=reached)))
        reached = reached and blamed != letter
    return found


def _blamed(explanation: Mapping[str, Any] | None) -> str:
    row = explanation["row"] if explanation else ""
    return "A" if row in TOKEN else row[:1]


def _members(shown: Mapping[str, Any], rows: Mapping[str, Row], places: Mapping[str, str]) -> list[Member]:
    pairs = [*shown["header"].items(), *shown["claims"].items()]
    return [
        Member(name, hidden({name: value})[name], row, rows[row].wants if row in rows else None, None)
        for name, value in pairs
        for row in [places.get(name, "")]
    ]


def _judged(
    members: list[Member], failing: Mapping[str, Any] | None, rows: Mapping[str, Row], *, reached: bool
) -> list[Member]:
    """The members with what is known of each; one that is missing is added when it was refused for that."""
    if failing is None:
        return [_with(one, held=True if reached and one.wants is not None else None) for one in members]
    row, name = failing["row"], failing["member"]
    hit = [one.name == name or (not name and one.row == row) for one in members]
    if not any(hit):
        wants = rows[row].wants if row in rows else None
        return [Member(name or row, None, row, wants, held=False), *members]
    return [_with(one, held=False if found else None) for one, found in zip(members, hit, strict=True)]


def _with(member: Member, *, held: bool | None) -> Member:
    return Member(member.name, member.value, member.row, member.wants, held)
