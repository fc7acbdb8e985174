"""`/receipts` and `/units/…/outstanding`: who may see what, and what is answered."""

from __future__ import annotations

import datetime as dt

import pytest

from ktt.core.text import Text
from ktt.messages.follow_ups import FollowUp
from ktt.wire import headers
from support.receiver_api import decisions, lookup, sent
from support.receiver_harness import BASE, LEFT_OUT, OTHER_UNIT, VENDOR, ReceiverHarness, message

OWNER = {headers.CLAIM_PARENT: OTHER_UNIT.organisation}


# ── receipts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_receipt_says_what_was_accepted(fresh: ReceiverHarness):
    correlation = sent(fresh, message())
    answer = lookup(fresh, f"/receipts/{correlation}")
    assert answer.status == 200
    told = answer.json
    assert (told["unit"], told["message_type"], told["version"]) == ("312000008-1114", "KTT_Vedtak", "1")
    assert (told["received_at"], told["extracted_on"]) == ("2026-03-02T06:00:00+00:00", "2026-03-02")
    assert (told["position"], told["last_of_unit"], told["resent"]) == (1, True, 0)
    assert told["judging"] == {"state": "waiting", "code": None, "standing": 0, "later": None}


def test_a_resend_is_told(fresh: ReceiverHarness):
    first, again, third = (sent(fresh, message()) for _ in range(3))
    assert first == again == third
    told = lookup(fresh, f"/receipts/{first}").json
    assert (told["resent"], told["resent_last_at"]) == (2, "2026-03-02T06:00:00+00:00")
    sent(fresh, decisions(("V-9", {})))
    assert lookup(fresh, f"/receipts/{first}").json["last_of_unit"] is False


REFUSED = {
    "no such receipt": lambda receiver, correlation: lookup(receiver, f"/receipts/{'0' * 8}-{correlation[9:]}"),
    "no such form": lambda receiver, correlation: lookup(receiver, "/receipts/1"),
    "another's": lambda receiver, correlation: lookup(receiver, f"/receipts/{correlation}", claims=OWNER),
    "a vendor without leave": lambda receiver, correlation: lookup(
        receiver, f"/receipts/{correlation}", claims={headers.CLAIM_SUPPLIER: "314000013"}
    ),
    "no organisation with rights": lambda receiver, correlation: lookup(
        receiver, f"/receipts/{correlation}", claims={headers.CLAIM_PARENT: LEFT_OUT, headers.CLAIM_CHILD: "312000008"}
    ),
    "another's unit": lambda receiver, _: lookup(receiver, "/units/312000563/outstanding"),
    "no unit": lambda receiver, _: lookup(receiver, "/units/999999999/outstanding"),
    "no organisation number": lambda receiver, _: lookup(receiver, "/units/x/outstanding"),
}


def test_what_is_not_ones_own_is_not_there(receiver: ReceiverHarness):
    """One answer for what does not exist and what is another's."""
    correlation = sent(receiver, message())
    answers = [ask(receiver, correlation) for ask in REFUSED.values()]
    assert {one.status for one in answers} == {404}
    bodies = {one.body.replace(one.correlation_id.encode(), b"") for one in answers}
    assert len(bodies) == 1


def test_the_vendor_sees_what_it_sends_for(receiver: ReceiverHarness):
    correlation = sent(receiver, message())
    assert lookup(receiver, f"/receipts/{correlation}", claims={headers.CLAIM_SUPPLIER: VENDOR}).status == 200


LIES = {
    "method": {"htm": "POST"},
    "address": {"htu": f"{BASE}/message"},
    "another receipt": {"htu": f"{BASE}/receipts/1"},
    "no binding": {"ath": LEFT_OUT},
    "old": {"iat": 0},
    "no id": {"jti": LEFT_OUT},
}


@pytest.mark.parametrize("lie", LIES)
def test_the_proof_is_for_this_method_and_address(receiver: ReceiverHarness, lie: str):
    answer = lookup(receiver, "/units/312000008/outstanding", proof=LIES[lie])
    assert answer.status == 401
    assert "invalid_dpop_proof" in answer.header("WWW-Authenticate")
    assert answer.header("Content-Type") == "application/problem+json"


def test_a_proof_is_spent(receiver: ReceiverHarness):
    once = {"jti": "looked-up-once"}
    assert lookup(receiver, "/units/312000008/outstanding", proof=once).status == 200
    assert lookup(receiver, "/units/312000008/outstanding", proof=once).status == 401


def test_the_query_is_no_part_of_the_address(receiver: ReceiverHarness):
    assert lookup(receiver, "/units/312000008/outstanding?limit=1").status == 200


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after=1", "after=-1.0", "limt=1", "limit=1&limit=1", "as=x"]
)
def test_a_query_that_cannot_be_read_is_told(receiver: ReceiverHarness, query: str):
    answer = lookup(receiver, f"/units/312000008/outstanding?{query}")
    assert answer.status == 400
    assert answer.json["errors"][0]["propertyName"] in {"limit", "after", "as", "?"}


def test_a_database_that_is_gone_is_503(fresh: ReceiverHarness):
    with fresh.database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE receiver_standing")
    answer = lookup(fresh, "/units/312000008/outstanding")
    assert (answer.status, answer.codes) == (503, [2010])


# ── what the registry waits for ───────────────────────────────────────────────────────────────────────────────────────

_DAY = dt.date(2026, 3, 16)


def waited_for(number, unit):
    says, remedy = Text(nb="Stille.", en="Silent."), Text(nb="Send.", en="Send.")
    return FollowUp(number, unit, "silence", _DAY, _DAY + dt.timedelta(days=7), says, remedy)


def test_what_the_registry_waits_for_is_told_to_the_unit_alone(fresh: ReceiverHarness):
    fresh.follow_ups.told = [waited_for(12, "312000008-1114"), waited_for(13, OTHER_UNIT.key)]
    (told,) = lookup(fresh, "/units/312000008/outstanding").json["follow_ups"]
    assert told == {
        "number": 12,
        "unit": "312000008-1114",
        "cause": "silence",
        "since": "2026-03-16",
        "deadline": "2026-03-23",
        "says": {"nb": "Stille.", "en": "Silent."},
        "remedy": {"nb": "Send.", "en": "Send."},
    }


def test_a_registry_that_is_away_keeps_nothing_else_back(fresh: ReceiverHarness):
    fresh.follow_ups.away = True
    answer = lookup(fresh, "/units/312000008/outstanding")
    assert (answer.status, answer.json["follow_ups"], answer.json["standing"]) == (200, None, 0)


def test_a_summary_has_no_findings(fresh: ReceiverHarness):
    fresh.follow_ups.told = [waited_for(12, "312000008-1114")]
    sent(fresh, message())
    whole, summary = (lookup(fresh, f"/units/312000008/outstanding?as={form}").json for form in ("findings", "summary"))
    assert summary == whole | {"findings": [], "rules": [], "next": None}
    assert summary["follow_ups"]
