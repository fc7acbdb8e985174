"""Every code that the flow can give (transport § 8, § 9), each from its own step and with its own status."""

from __future__ import annotations

import datetime as dt
import json

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import text

from ktt.domain.identifiers import parse_person_number
from ktt.wire import base64url, headers
from ktt.wire.answers import AnswerCode
from ktt.wire.envelope import ReceiverKey, seal
from support.receiver_harness import (
    LEFT_OUT,
    OTHER_UNIT,
    STRANGER,
    UNIT,
    VENDOR,
    Post,
    ReceiverHarness,
    digest,
    key,
    message,
)

HST = {"message_type": "HST_Konsultasjon"}


def swap_unit(payload: bytes, unit) -> bytes:
    """The same message about another unit."""
    items = orjson.loads(payload)
    items[0]["orgNr"], items[0]["kommuneNr"] = int(unit.organisation), int(unit.municipality)
    items[0].pop("bydelNr", None)
    if unit.district:
        items[0]["bydelNr"] = unit.district
    return orjson.dumps(items)


def two_units(*units) -> bytes:
    return orjson.dumps([orjson.loads(swap_unit(message(), unit))[0] for unit in units])


ANSWERS = [
    # what is wrong, what is answered
    ({"headers": {headers.VENDOR: LEFT_OUT}}, 400, 1001),
    ({"headers": {headers.SOFTWARE: LEFT_OUT}}, 400, 1001),
    ({"headers": {headers.SOFTWARE_VERSION: LEFT_OUT}}, 400, 1001),
    ({"headers": {headers.EXPORT_VERSION: LEFT_OUT}}, 400, 1001),
    ({"headers": {headers.EXTRACTED_ON: LEFT_OUT}}, 400, 1001),
    ({"proof_claims": {"msg_type": LEFT_OUT}}, 400, 1001),
    ({"proof_claims": {"msg_hash": LEFT_OUT, "msh_hash": digest(message())}}, 400, 1001),  # the README's slip
    ({"proof_claims": {"enc_sym_key": 7}}, 400, 1001),
    ({"headers": {headers.VENDOR: ""}}, 400, 1002),
    ({"headers": {headers.VENDOR: "x" * 101}}, 400, 1002),
    ({"headers": {headers.VENDOR: "Røros AS"}}, 400, 1002),
    ({"headers": {headers.SOFTWARE: "a\tb"}}, 400, 1002),
    ({"more_headers": ((headers.VENDOR, "Other AS"),)}, 400, 1002),
    ({"headers": {headers.EXTRACTED_ON: "2026-03-02"}}, 400, 1002),
    ({"headers": {headers.EXTRACTED_ON: "31.02.2026"}}, 400, 1002),
    ({"headers": {"Content-Type": "application/json"}}, 400, 1002),
    ({"headers": {"Content-Type": LEFT_OUT}}, 400, 1002),
    ({"headers": {"Content-Type": "text/plain; charset=latin-1"}}, 400, 1002),
    ({"message_type": "KTT_Ukjent"}, 400, 1003),
    ({"message_type": "KTT Vedtak"}, 400, 1003),
    ({"proof_claims": {"msg_version": "2"}}, 400, 1003),
    ({"proof_claims": {"enc_key_id": "00000000-0000-0000-0000-000000000000"}}, 400, 1004),
    ({"proof_claims": {"enc_key_id": "../../etc/passwd"}}, 400, 1004),
    ({"proof_claims": {"enc_key_id": ""}}, 400, 1004),
    ({"proof_claims": {"msg_hash": "x" * 42}}, 400, 1005),
    ({"proof_claims": {"msg_hash": base64url.encode(b"0" * 31)}}, 400, 1005),
    ({"proof_claims": {"msg_hash": base64url.encode(b"0" * 32)[:-1] + "B"}}, 400, 1005),  # not canonical
    ({"token_claims": {headers.CLAIM_PARENT: STRANGER}}, 400, 2001),
    ({"token_claims": {headers.CLAIM_SUPPLIER: STRANGER}}, 400, 2001),
    ({"token_claims": {headers.CLAIM_PARENT: OTHER_UNIT.organisation}}, 400, 2001),  # the message is UNIT's
    ({"token_claims": {headers.CLAIM_PARENT: LEFT_OUT, headers.CLAIM_CHILD: UNIT.organisation}}, 400, 2001),
    ({"payload": swap_unit(message(), OTHER_UNIT)}, 400, 2001),
    ({"payload": two_units(UNIT, OTHER_UNIT)}, 400, 2001),
    ({"token_claims": {headers.CLAIM_PARENT: LEFT_OUT}}, 401, 2002),
    ({**HST, "payload": b"[]"}, 400, 2006),
    ({**HST, "payload": b"[}"}, 400, 2007),
    ({"payload": b"{}"}, 400, 2007),
    ({"payload": b"[1, 2"}, 400, 2007),
    ({"payload": b"\xef\xbb\xbf[]"}, 400, 2007),
    ({"payload": b'[{"a":1,"a":1}]'}, 400, 2007),
    ({"payload": b"[NaN]"}, 400, 2007),
    ({"payload": b"[" * 70 + b"]" * 70}, 400, 2007),
    ({"payload": '["æ"]'.encode("latin-1")}, 400, 2007),
    ({"payload": b"[]"}, 400, 2008),
    ({"payload": b"[{}]"}, 400, 2008),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "status", "code"), ANSWERS)
def test_a_code_for_each_fault(receiver: ReceiverHarness, wrong: dict, status: int, code: int):
    answer = receiver.post(**wrong)
    assert (answer.status, answer.codes) == (status, [code])
    assert answer.json["errors"][0]["errorMessage"].startswith(f"Error: {AnswerCode(code).label} | ")
    assert receiver.inbox.after(0, 1) == []


def test_every_header_fault_is_told_at_once(receiver: ReceiverHarness):
    answer = receiver.post(headers={headers.VENDOR: LEFT_OUT, headers.EXTRACTED_ON: "soon", "Content-Type": "x/y"})
    assert [(error["errorCode"], error["propertyName"]) for error in answer.json["errors"]] == [
        (1001, headers.VENDOR),
        (1002, headers.EXTRACTED_ON),
        (1002, "Content-Type"),
    ]


def test_1007_a_key_that_has_expired(fresh: ReceiverHarness):
    old = fresh.keys.add(dt.timedelta(seconds=30))
    sealed = seal(message(), old)
    fresh.clock.advance(dt.timedelta(seconds=31))
    assert fresh.post(sealed=sealed).codes == [1007]
    fresh.clock.advance(dt.timedelta(hours=2))
    fresh.keys.destroy_expired()
    assert fresh.post(sealed=sealed).codes == [1007], "also when its private part is gone"


def test_2008_says_where_in_json_within_a_string(receiver: ReceiverHarness):
    broken = orjson.loads(message())
    broken[0]["ukjent"] = 1
    details = receiver.post(orjson.dumps(broken)).json["errors"][0]["errorDetails"]
    assert isinstance(details, str)
    (found,) = json.loads(details)
    assert found["Location"] == "/0" or found["Location"].startswith("/0/")
    assert isinstance(found["Errors"][0]["Value"], str)


NOBODY = "31120012345"
"""In the series of real persons, but its check digits are wrong: it can be no one's."""


def test_2008_a_person_who_is_not_synthetic_is_refused_and_not_named(receiver: ReceiverHarness):
    assert not parse_person_number(NOBODY).valid
    items = orjson.loads(message())
    records = [record for records in items[0].values() if isinstance(records, list) for record in records]
    next(record["person"] for record in records if "fodselsNr" in record.get("person", {}))["fodselsNr"] = int(NOBODY)
    answer = receiver.post(orjson.dumps(items))
    assert answer.codes == [2008]
    assert NOBODY.encode() not in answer.body
    assert "1 person numbers are not synthetic" in answer.json["errors"][0]["errorDetails"]


def test_production_refuses_synthetic_persons(make_receiver):
    answer = make_receiver(environment="production").post()
    assert answer.codes == [2008]
    assert "synthetic" in answer.json["errors"][0]["errorDetails"]


@pytest.mark.parametrize("step", ["jti", "ledger", "store"])
def test_2010_when_the_database_cannot_be_written_to(make_receiver, step: str):
    """At any of the three writes: 503, nothing stored, and the same message is welcome later."""
    tables = {"jti": "receiver_jti", "ledger": "receiver_wrapped_key", "store": "receiver_inbox"}
    receiver = make_receiver()
    with receiver.database.transaction() as connection:
        connection.execute(text(f"ALTER TABLE {tables[step]} RENAME TO away"))
    answer = receiver.post()
    assert (answer.status, answer.codes) == (503, [2010])
    with receiver.database.transaction() as connection:
        connection.execute(text(f"ALTER TABLE away RENAME TO {tables[step]}"))
    assert receiver.inbox.after(0, 10) == []
    assert receiver.post().status == 200


def test_503_while_helseid_has_never_been_reached(fresh: ReceiverHarness):
    fresh.issuer.down = True
    answer = fresh.post()
    assert (answer.status, answer.codes) == (503, [None])
    assert answer.header("Retry-After") == "60"


ACCEPTED = [
    {"token_claims": {headers.CLAIM_SUPPLIER: VENDOR}},
    {"token_claims": {headers.CLAIM_CHILD: "314000021"}},  # a child narrows what the token may say, here to the parent
    {"token_claims": {headers.CLAIM_PARENT: OTHER_UNIT.organisation}, "payload": swap_unit(message(), OTHER_UNIT)},
    {"headers": {"Content-Type": "text/plain"}},
    {"headers": {"Content-Type": 'Text/Plain;charset="UTF-8"'}},
    {"headers": {headers.EXTRACTED_ON: "01.01.2017"}},
    {"headers": {"X-Correlation-ID": "not-ours"}},
]


@pytest.mark.parametrize("right", ACCEPTED)
def test_what_is_accepted(fresh: ReceiverHarness, right: dict):
    answer = fresh.post(**right)
    assert (answer.status, answer.body) == (200, b'{"delivered":true,"errors":[]}')
    assert answer.correlation_id != "not-ours"
    assert len(fresh.inbox.after(0, 10)) == 1


@pytest.mark.parametrize("form", ["base64", "base64 without padding", "base64url"])
def test_both_alphabets_of_the_claims(fresh: ReceiverHarness, form: str):
    """FHI's README shows one, its client sends the other (transport § 11)."""
    sealed = seal(message(), fresh.keys.listed()[0])
    claims = {name: _in(form, getattr(sealed, name)) for name in ("msg_hash", "enc_sym_key")}
    assert fresh.post(sealed=sealed, proof_claims=claims).status == 200


def _in(form: str, value: str) -> str:
    standard = value.translate(str.maketrans("-_", "+/"))
    padded = standard + "=" * (-len(standard) % 4)
    return {"base64": padded, "base64 without padding": standard, "base64url": value}[form]


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_key_ids_of_guid_shape_are_compared_without_case(fresh: ReceiverHarness, change):
    listed = fresh.keys.listed()[0]
    assert fresh.post(proof_claims={"enc_key_id": change(listed.id)}).status == 200


def test_a_message_without_units_belongs_to_all_that_the_organisation_has(make_receiver):
    """No version of ours allows `[]`, but the protocol does (transport § 4)."""

    class Empty:
        fast_check = staticmethod(lambda _message, _persons: None)
        check = staticmethod(lambda _message, at_most: [])
        check_local_ids = staticmethod(lambda _message, at_most: [])
        summarise = staticmethod(lambda _message: [])
        is_mapped = True
        beginnings = frozenset({b"["})

    receiver = make_receiver(find=lambda _type, _version: Empty)
    assert receiver.post(b"[]").status == 200
    assert receiver.inbox.after(0, 1)[0].unit == UNIT


def test_a_key_of_ours_is_of_no_use_to_a_sender_of_another_size(fresh: ReceiverHarness):
    """A wrapped key made for another modulus is closed before any decryption."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    listed = fresh.keys.listed()[0]
    sealed = seal(message(), ReceiverKey(listed.id, other, listed.expires_at))
    assert fresh.post(sealed=sealed).codes == [1009]


def test_the_sender_may_use_another_key_for_proofs(fresh: ReceiverHarness):
    assert fresh.post(proof_key=key("ES256", "ec")).status == 200
    assert fresh.send(*fresh.request(Post(fresh.clock.now(), proof_key=key(name="other")))).status == 200


@pytest.mark.parametrize("written", ["08844110015", "088441 10015", "P-0884.4110015", "8844110015"])
def test_2008_a_number_in_a_local_id_is_told_by_its_place(receiver: ReceiverHarness, written: str):
    items = orjson.loads(message())
    name = next(name for name, rows in items[0].items() if isinstance(rows, list) and "person" in rows[0])
    items[0][name][0]["person"]["personId"] = written
    answer = receiver.post(orjson.dumps(items))
    assert answer.codes == [2008]
    assert f"/0/{name}/0/person/personId" in answer.json["errors"][0]["errorDetails"]
    assert written.encode() not in answer.body
    assert receiver.inbox.after(0, 1) == []


def test_2008_a_unit_that_stands_twice(receiver: ReceiverHarness):
    assert receiver.post(two_units(UNIT, UNIT)).codes == [2008]


@pytest.mark.parametrize("written", [" 1001", "1001 ", "10\u200b01", "\u202e1001", "10\u03781001"], ids=ascii)
def test_2008_an_id_that_nobody_can_read(receiver: ReceiverHarness, written: str):
    items = orjson.loads(message())
    name = next(name for name, rows in items[0].items() if isinstance(rows, list) and "person" in rows[0])
    items[0][name][0]["person"]["personId"] = written
    answer = receiver.post(orjson.dumps(items))
    assert answer.codes == [2008]
    assert f"/0/{name}/0/person/personId" in answer.json["errors"][0]["errorDetails"]


def test_2008_an_id_among_records_and_deletions(receiver: ReceiverHarness):
    items = orjson.loads(message())
    name = next(name for name, rows in items[0].items() if isinstance(rows, list) and "person" in rows[0])
    key = next(key for key in items[0][name][0] if key.endswith("Id"))
    items[0][f"slett{name.capitalize()}"] = [{key: items[0][name][0][key], "erSlettet": True}]
    answer = receiver.post(orjson.dumps(items))
    assert answer.codes == [2008]
    assert f"/0/slett{name.capitalize()}/0/{key}" in answer.json["errors"][0]["errorDetails"]


def test_another_shape_of_the_message_hides_no_number(receiver: ReceiverHarness):
    """Explicit nulls, escapes and blanks lead past the fast pass to the full check, which asks the same."""
    written = message().replace(b'"personId"', rb'"person\u0049d"', 1)
    items = orjson.loads(written)
    name = next(name for name, rows in items[0].items() if isinstance(rows, list) and "person" in rows[0])
    person = items[0][name][0]["person"]["personId"].encode()
    answer = receiver.post(written.replace(b'"' + person + b'"', rb'"\u00308844110015"', 1))
    assert answer.codes == [2008]
