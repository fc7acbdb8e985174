"""Every spelling of `assertion_details` (helseid § 6), as an array and as a bare object."""

from __future__ import annotations

import pytest

from ktt.wire import headers
from support.receiver_harness import NOW
from support.sandbox_parts import CHILD, CLIENT, MULTI, OTHER_PARENT, PARENT, VENDOR, TokenWorld
from support.settable_clock import SettableClock

NAMED = "urn:oid:1.0.6523"
CHILD_101, CHILD_SAMPLES = "urn:oid:2.16.578.1.12.4.1.4.101", "urn:oid:2.16.578.1.12.4.1.2.101"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> TokenWorld:
    return TokenWorld(tmp_path_factory.mktemp("helseid"), SettableClock(NOW), require_nonce=False)


def details(system: str, value: str) -> dict:
    identifier = {"system": system, "type": "ENH", "value": value}
    return {"type": "helseid_authorization", "practitioner_role": {"organization": {"identifier": identifier}}}


GIVEN = [
    # client, what it claims                               → parent, child, supplier
    (CLIENT, None, (PARENT, None, None)),
    (CLIENT, details(CHILD_101, CHILD), (PARENT, CHILD, None)),
    (CLIENT, details(CHILD_SAMPLES, CHILD), (PARENT, CHILD, None)),
    (CLIENT, details(NAMED, f"NO:ORGNR:{PARENT}:{CHILD}"), (PARENT, CHILD, None)),
    (MULTI, details(NAMED, f"NO:ORGNR:{PARENT}"), (PARENT, None, VENDOR)),
    (MULTI, details(NAMED, f"NO:ORGNR:{PARENT}:"), (PARENT, None, VENDOR)),
    (MULTI, details(NAMED, f"NO:ORGNR:{PARENT}:{CHILD}"), (PARENT, CHILD, VENDOR)),
]


FORMS = {
    "array": lambda claimed: {"assertion_details": [claimed]},
    "object": lambda claimed: {"assertion_details": claimed},
    "array, older name": lambda claimed: {"authorization_details": [claimed]},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("client", "claimed", "expected"), GIVEN)
def test_whom_the_token_speaks_for(world: TokenWorld, client: str, claimed, expected, form: str):
    claims = {} if claimed is None else FORMS[form](claimed)
    token = world.token(client=client, claims=claims)
    assert (
        tuple(token.get(claim) for claim in (headers.CLAIM_PARENT, headers.CLAIM_CHILD, headers.CLAIM_SUPPLIER))
        == expected
    )
    assert token[headers.CLAIM_TENANCY] == ("multi-tenant" if client == MULTI else "single-tenant")


REFUSED = [
    (MULTI, None, "invalid_request"),  # the structure is mandatory
    (MULTI, details(CHILD_101, PARENT), "invalid_request"),
    (MULTI, details(NAMED, f"NO:ORGNR:{OTHER_PARENT}"), "invalid_grant"),  # not delegated in Altinn
    (CLIENT, details(NAMED, f"NO:ORGNR:{OTHER_PARENT}:{CHILD}"), "invalid_request"),
    (CLIENT, details("urn:oid:1.2.3", CHILD), "invalid_request"),
    (CLIENT, details(CHILD_101, "314000022"), "invalid_request"),  # modulus 11
    (CLIENT, details(CHILD_101, "31400002"), "invalid_request"),
    (MULTI, details(NAMED, PARENT), "invalid_request"),
    (MULTI, details(NAMED, f"NO:ORGNR:{PARENT}:{CHILD}:"), "invalid_request"),
    (MULTI, {"type": "other"}, "invalid_request"),
    (MULTI, {"type": "helseid_authorization"}, "invalid_request"),
    (MULTI, {**details(NAMED, f"NO:ORGNR:{PARENT}"), "practitioner_role": []}, "invalid_request"),
    (MULTI, "text", "invalid_request"),
    (MULTI, [], "invalid_request"),
    (MULTI, [details(NAMED, f"NO:ORGNR:{PARENT}")] * 2, "invalid_request"),
]


@pytest.mark.parametrize(("client", "claimed", "error"), REFUSED)
def test_what_is_refused(world: TokenWorld, client: str, claimed, error: str):
    claims = {} if claimed is None else {"assertion_details": claimed}
    assert world.error(client=client, claims=claims) == (400, error)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("client", "claimed", "expected"), GIVEN)
def test_for_whom_a_token_is_asked_is_told_before_it_is_given(world: TokenWorld, client: str, claimed, expected, form):
    asked = world.form(client=client, claims={} if claimed is None else FORMS[form](claimed))
    assert world.helseid.organisation(asked) == expected[0]


@pytest.mark.parametrize("form", [b"", b"nonsense", b"client_id=nobody", b"\xff", b"a=1&a=2"])
def test_what_is_no_request_is_for_nobody(world: TokenWorld, form: bytes):
    assert world.helseid.organisation(form) is None
    assert world.helseid.organisation(world.form(assertion="a.b.c")) is None
