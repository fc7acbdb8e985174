"""Which claims held: what comes before the refused one did, and what comes after was not reached."""

from __future__ import annotations

import pytest

from ktt.testing.sandbox.explanations.tables import ASSERTION, PROOF, TOKEN
from ktt.web.console import claims
from ktt.web.console.claims import parts

TOKEN_SHOWN = {"header": {"typ": "at+jwt", "alg": "RS256"}, "claims": {"exp": 1, "aud": "x", "extra": 1}}
PROOF_SHOWN = {"header": {"typ": "dpop+jwt"}, "claims": {"htm": "POST", "jti": "j"}}


def held(explanation, *, checked=True):
    view = {"token": TOKEN_SHOWN, "proof": PROOF_SHOWN, "explanation": explanation}
    return {part.key: {one.name: one.held for one in part.members} for part in parts(view, checked=checked)}


def refused(row: str, member: str):
    return {"row": row, "member": member}


def test_of_an_accepted_request_all_held_that_has_a_demand():
    assert held(None) == {
        "token": {"typ": True, "alg": True, "exp": True, "aud": True, "extra": None},
        "proof": {"typ": True, "htm": True, "jti": True},
    }


def test_of_a_request_that_met_a_fault_nothing_was_checked():
    found = held(None, checked=False)
    assert {one for part in found.values() for one in part.values()} == {None}


@pytest.mark.parametrize("row", ["A8", "step 4", "carried"])
def test_what_comes_after_a_refused_token_was_not_reached(row: str):
    found = held(refused(row, "exp"))
    assert found["token"]["exp"] is False
    assert {value for name, value in found["token"].items() if name != "exp"} == {None}
    assert set(found["proof"].values()) == {None}


def test_the_token_held_when_the_proof_is_refused():
    found = held(refused("D9", "htm"))
    assert found["token"]["aud"] is True
    assert found["proof"] == {"typ": None, "htm": False, "jti": None}


def test_a_member_that_is_missing_is_in_the_table():
    found = held(refused("D13", "ath"))
    assert found["proof"]["ath"] is False
    assert len(found["proof"]) == 4


def test_every_row_that_a_member_leads_to_exists():
    for places, rows in ((claims._TOKEN, TOKEN), (claims._PROOF, PROOF), (claims._ASSERTION, ASSERTION)):
        assert set(places.values()) <= set(rows)
