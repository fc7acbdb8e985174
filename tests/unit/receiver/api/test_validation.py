"""`/validate` with the authentication of `/message`, `/check` open to anybody: the same verdict, nothing stored."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from ktt.receiver.access.claim_checks import PROOF_BINDING, PROOF_CLAIMS, PROOF_HEADER, TOKEN_CLAIMS
from ktt.receiver.api.check import RateLimit
from ktt.receiver.errors import ForbiddenOpenCheck
from ktt.receiver.pipeline.real_person_numbers import contains_real_person_number
from ktt.receiver.settings import ReceiverSettings
from ktt.receiver.store import tables
from ktt.wire import headers
from support.receiver_api import ask, changed, check, validate
from support.receiver_harness import BASE, LEFT_OUT, OTHER_UNIT, VENDOR, ReceiverHarness, message

SUSPECT, MISTYPED = b"17054512346", b"17054512347"
"""Eleven digits with a possible day: nobody's that we know, and refused because they could be somebody's."""


def stored(receiver: ReceiverHarness) -> dict[str, int]:
    """Rows in each table that could hold something of a message."""
    kept = (
        tables.RECEIPT,
        tables.INBOX,
        tables.LAST_ACCEPTED,
        tables.OPEN_FINDING,
        tables.SET_ASIDE,
        tables.SPENT_PROOF,
        tables.WRAPPED_KEY,
    )
    with receiver.database.reading() as connection:
        count = sa.func.count()
        return {one.name: connection.scalar(sa.select(count).select_from(one)) for one in kept}


def test_the_client_changes_only_the_address(fresh: ReceiverHarness):
    validated, sent = validate(fresh), fresh.post()
    assert (validated.status, sent.status) == (200, 200)
    assert validated.json["outcome"] == "accepted"
    assert validated.json["units"] == ["312000008-1114"]
    assert validated.json["delivered"] is False, "FHI's client must not take it for delivered"


def test_nothing_of_the_content_is_stored(fresh: ReceiverHarness):
    before = stored(fresh)
    assert validate(fresh).status == 200
    after = stored(fresh)
    assert {name for name in after if after[name] != before[name]} == {"receiver_jti", "receiver_wrapped_key"}
    assert fresh.accepted == 0
    assert fresh.post().json == {"delivered": True, "errors": []}, "it is no resend of what was only validated"
    assert fresh.accepted == 1


def test_all_that_is_wrong_is_told_at_once(receiver: ReceiverHarness):
    payload = changed(message(), vedtakDato="2031-01-01")
    told = validate(receiver, payload).json
    rules = {one["rule"]: one for one in told["rules"]}
    assert rules, "a decision five years ahead is worth a word"
    for finding in told["findings"]:
        rule = rules[finding["rule"]]
        assert (finding["consequence"], finding["cause"]) == (rule["consequence"], rule["cause"])
        assert all(rule[member][language] for member in ("says", "remedy", "does", "who") for language in ("nb", "en"))
        assert finding["pointer"].startswith("/0/")
    assert told["rule_set"] == "2026.1"
    assert told["judged_on"] == "2026-03-02"


def reconciles(told: dict) -> None:
    totals = told["totals"]
    parts = ("held", "excluded", "unjudged", "rejected", "dropped", "kept")
    assert totals["read"] == sum(totals[name] for name in parts)
    assert totals["findings"] == sum(one["count"] for one in told["rules"])
    assert totals["findings"] == sum(one["findings"] for one in told["consequences"])
    assert totals["findings"] == sum(one["findings"] for one in told["causes"])
    assert sum(one["shown"] for one in told["rules"]) == len(told["findings"])


@pytest.mark.parametrize("values", [{}, {"vedtakDato": "2031-01-01"}, {"vedtakDato": 7}, {"ukjent": 1}])
def test_the_totals_reconcile_and_both_addresses_say_the_same(receiver: ReceiverHarness, values: dict):
    payload = changed(message(), **values)
    validated, checked = validate(receiver, payload), check(receiver, payload)
    assert (validated.status, checked.status) == (200, 200)
    assert validated.json == checked.json
    reconciles(checked.json)


def test_a_broken_schema_is_a_verdict_with_places(receiver: ReceiverHarness):
    told = validate(receiver, b'[{"orgNr": 312000008}]').json
    assert (told["outcome"], told["fits_schema"]) == ("rejected", False)
    assert {one["rule"] for one in told["rules"]} == {"KTT-SKJEMA-01", "KTT-SKJEMA-99"}
    assert told["consequences"][0]["does"]["nb"] == "meldingen følger ikke skjemaet"


@pytest.mark.parametrize("payload", [b"[{", b'{"a": 1}', b"", b"\xef\xbb\xbf[]", b'[{"a":1,"a":2}]', b"[\xff]"])
def test_what_is_no_message_is_a_problem_with_a_place(receiver: ReceiverHarness, payload: bytes):
    answer = validate(receiver, payload)
    assert (answer.status, answer.codes) == (400, [2007])
    assert answer.header("Content-Type") == "application/problem+json"


def test_the_problem_says_what_ktt_validate_would(receiver: ReceiverHarness):
    told = validate(receiver, b"[{").json
    assert told["code"] == "KTT-VAL-07"
    assert "linje 1, tegn 3" in told["title"]
    assert told["title_en"]
    assert told["detail"]


# ── authentication as at /message ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("row", [*PROOF_CLAIMS, *PROOF_BINDING], ids=lambda row: f"{row.check} {row.name}")
def test_every_claim_of_the_proof_is_demanded(receiver: ReceiverHarness, row):
    assert validate(receiver, proof_claims={row.name: LEFT_OUT}).status == 401


@pytest.mark.parametrize(
    "row", [row for row in PROOF_HEADER if row.name != "alg"], ids=lambda row: f"{row.check} {row.name}"
)
def test_every_member_of_the_proofs_header_is_demanded(receiver: ReceiverHarness, row):
    assert validate(receiver, proof_header={row.name: LEFT_OUT}).status == 401


@pytest.mark.parametrize(
    "row", [row for row in TOKEN_CLAIMS if row.required], ids=lambda row: f"{row.check} {row.name}"
)
def test_every_claim_of_the_token_is_demanded(receiver: ReceiverHarness, row):
    assert validate(receiver, token_claims={row.name: LEFT_OUT}).status == 401


def test_a_proof_is_for_one_address(receiver: ReceiverHarness):
    assert validate(receiver, proof_claims={"htu": f"{BASE}/message"}).status == 401
    assert receiver.post(proof_claims={"htu": f"{BASE}/validate"}).status == 401


def test_a_proof_is_spent_at_either_address(receiver: ReceiverHarness):
    assert validate(receiver, proof_claims={"jti": "once-and-no-more"}).status == 200
    assert validate(receiver, proof_claims={"jti": "once-and-no-more"}).status == 401


def test_a_message_about_a_foreign_unit_is_refused_here_too(receiver: ReceiverHarness):
    stranger = {headers.CLAIM_PARENT: "312000563"}
    assert validate(receiver, token_claims=stranger).codes == [2001]
    assert validate(receiver, token_claims={headers.CLAIM_SUPPLIER: "314000013"}).codes == [2001]
    assert validate(receiver, token_claims={headers.CLAIM_SUPPLIER: VENDOR}).status == 200


def test_another_name_of_message_is_another_name_of_validate(make_receiver):
    behind = make_receiver(extra_htu=("https://gateway.example/slash/message",))
    assert validate(behind, proof_claims={"htu": "https://gateway.example/slash/validate"}).status == 200
    assert validate(behind, proof_claims={"htu": "https://elsewhere.example/validate"}).status == 401


def test_a_resource_without_an_envelope_is_refused_as_at_message(receiver: ReceiverHarness):
    assert validate(receiver, body=b"!").codes == [1009]
    assert validate(receiver, headers={headers.VENDOR: LEFT_OUT}).codes == [1001]
    assert validate(receiver, message_type="KTT_Ukjent").codes == [1003]
    assert validate(receiver, message_type="HST_Konsultasjon").codes == [2006]


# ── the open check ────────────────────────────────────────────────────────────────────────────────────────────────────


REAL_PLACES = {
    "in a text": b'["' + SUSPECT + b'"]',
    "as a number": b"[" + SUSPECT + b"]",
    "mistyped": b'["' + MISTYPED + b'"]',
    "with a blank": b'["170545 12346"]',
    "with a point": b'["170545.12346"]',
    "escaped": b'["\\u0031\\u0037054512346"]',
    "in what is no JSON": b"17054512346",
    "in half JSON with escapes": b'["\\u0031\\u0037054512346',
    "as a field's name": b'[{"17054512346": 1}]',
}


@pytest.mark.parametrize("place", REAL_PLACES)
def test_a_real_persons_number_is_refused_wherever_it_is(receiver: ReceiverHarness, place: str, caplog):
    answer = check(receiver, REAL_PLACES[place])
    assert (answer.status, answer.json["code"]) == (400, "RealPersonNumber")
    digits = answer.body.decode().replace(answer.correlation_id, "") + caplog.text
    assert "12346" not in digits, "no echo"
    assert "12347" not in digits


def test_the_refusal_is_uniform(receiver: ReceiverHarness):
    told = [check(receiver, body) for body in REAL_PLACES.values()]
    assert len({(one.status, one.body.replace(one.correlation_id.encode(), b"")) for one in told}) == 1


def test_nothing_is_stored_by_an_open_check(receiver: ReceiverHarness):
    before = stored(receiver)
    assert check(receiver).status == 200
    assert check(receiver, b"[17054512346]").status == 400
    assert stored(receiver) == before


def test_synthetic_persons_and_serial_numbers_pass():
    assert not contains_real_person_number(message())
    assert not contains_real_person_number(b'["08844110015", "20260302060000123", 312000008, "V-2026-0001"]')


def test_every_example_that_we_hand_out_can_be_checked(receiver: ReceiverHarness):
    examples = {kind: message(kind) for kind in ("KTT_Vedtak", "KTT_Tjeneste", "KTT_Personopplysninger")}
    for kind, body in examples.items():
        answer = check(receiver, body, f"type={kind}")
        assert (answer.status, answer.json["message_type"], answer.json["outcome"]) == (200, kind, "accepted")


@pytest.mark.parametrize(
    ("query", "fields", "status"),
    [
        ("", None, 400),
        ("type=KTT_Vedtak&type=KTT_Tjeneste", None, 400),
        ("type=KTT_Ukjent", None, 400),
        ("type=", None, 400),
        ("type=KTT_Vedtak&version=9", None, 400),
        ("type=KTT_Vedtak", [], 415),
        ("type=KTT_Vedtak", [("Content-Type", "text/plain")], 415),
        ("type=KTT_Vedtak", [("Content-Type", "application/json"), ("Content-Encoding", "gzip")], 415),
        ("type=KTT_Vedtak", [("Content-Type", "application/json; charset=utf-8")], 200),
    ],
)
def test_what_the_open_check_demands(receiver: ReceiverHarness, query: str, fields, status: int):
    given = [("Content-Type", "application/json")] if fields is None else fields
    answer = check(receiver, None, query, given)
    assert answer.status == status
    assert answer.header("Content-Type").startswith("application/" + ("json" if status == 200 else "problem+json"))


def test_the_size_is_bounded(make_receiver):
    small = make_receiver(open_check_limit=1000)
    assert check(small, b"[" + b" " * 1000 + b"]").codes == [2009]
    chunked = ask(small, "POST", "/check?type=KTT_Vedtak", [("Content-Type", "application/json")], b" " * 2000)
    assert chunked.codes == [2009], "also when no length is declared"


def test_requests_of_one_address_are_limited(make_receiver):
    hasty = make_receiver(open_checks_per_minute=3)
    answers = [check(hasty, b"[]") for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert int(answers[-1].header("Retry-After")) > 0


def test_the_allowance_grows_back():
    pace = RateLimit(per_minute=2)
    assert [pace.wait("a", at) for at in (0.0, 0.0, 0.0)] == [0, 0, 31]
    assert pace.wait("b", 0.0) == 0, "another address has its own"
    assert pace.wait("a", 31.0) == 0


@pytest.mark.parametrize(
    ("environment", "there"), [("sandbox", True), ("et", True), ("qa", False), ("production", False)]
)
def test_the_open_check_is_there_where_nobody_is_real(make_receiver, environment: str, there: bool):
    receiver = make_receiver(environment=environment)
    assert check(receiver).status == (200 if there else 404)


def test_the_open_check_cannot_be_opened_in_production():
    with pytest.raises(ForbiddenOpenCheck):
        ReceiverSettings(environment="production", base_url=BASE, issuer=BASE, open_check=True)


def test_it_can_be_closed_anywhere(make_receiver):
    assert check(make_receiver(open_check=False)).status == 404


def test_a_database_that_is_gone_is_503_at_validate_and_nothing_at_check(fresh: ReceiverHarness):
    with fresh.database.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE receiver_jti")
    assert (validate(fresh).status, validate(fresh).codes) == (503, [2010])
    assert check(fresh).status == 200


def test_another_unit_than_ones_own_can_be_checked_openly(receiver: ReceiverHarness):
    """Content alone is asked about there: whose it is, is a question of access."""
    assert check(receiver, message("KTT_Funksjonsvurdering"), "type=KTT_Funksjonsvurdering").json["units"] == [
        OTHER_UNIT.key
    ]


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize("depth", [65, 255, 1_000, 2_000])
def test_what_is_nested_too_deep_is_no_message_at_any_address(receiver: ReceiverHarness, depth: int):
    assert receiver.post(nested(depth)).codes == [2007]
    assert validate(receiver, nested(depth)).status == 400
    assert check(receiver, nested(depth)).status == 400


@pytest.mark.parametrize("body", [b"[" + b"{}," * 500_000 + b"{}]", b"[" + b"{}," * 100_000 + b"{}]"])
def test_many_small_faults_are_answered_at_every_address(receiver: ReceiverHarness, body: bytes):
    assert receiver.post(body).codes == [2008]
    assert validate(receiver, body).json["outcome"] == "rejected"
    assert check(receiver, body).json["outcome"] == "rejected"


def from_behind(receiver: ReceiverHarness, caller: str) -> int:
    fields = (("Content-Type", "application/json"), ("X-Forwarded-For", caller))
    return check(receiver, b"[]", fields=fields).status


@pytest.mark.parametrize(("gateways", "expected"), [(["127.0.0.1"], [200, 200, 429, 429]), ([], [200, 429, 429, 429])])
def test_an_open_check_is_limited_by_the_caller_behind_our_gateway(make_receiver, gateways, expected):
    receiver = make_receiver(open_checks_per_minute=1, gateways=gateways)
    callers = ["198.51.100.7", "198.51.100.8", "198.51.100.7", "203.0.113.9, 198.51.100.8"]
    assert [from_behind(receiver, caller) for caller in callers] == expected


def test_so_many_open_checks_are_under_way_at_a_time(make_receiver):
    receiver = make_receiver(open_checks_per_minute=1_000)

    async def one(go_on: asyncio.Event) -> int:
        """A check whose body comes when it may."""
        statuses: list[int] = []

        async def receive() -> dict[str, object]:
            await go_on.wait()
            return {"type": "http.request", "body": b"[]", "more_body": False}

        async def send(event: dict[str, Any]) -> None:
            statuses.append(event.get("status", 0))

        await receiver.app(open_check_scope(), receive, send)
        return statuses[0]

    async def crowd() -> tuple[int, set[int], int]:
        go_on = asyncio.Event()
        waiting = [asyncio.create_task(one(go_on)) for _ in range(32)]
        await asyncio.sleep(0.05)
        late = await one(go_on)
        go_on.set()
        return late, set(await asyncio.gather(*waiting)), await one(go_on)

    assert receiver._loop.run(crowd()) == (429, {200}, 200)


def open_check_scope() -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/check",
        "raw_path": b"/check",
        "root_path": "",
        "query_string": b"type=KTT_Vedtak&version=1",
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
        "client": ("127.0.0.1", 50_000),
    }
