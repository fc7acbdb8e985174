"""The list at `/keys`: FHI's forms read, ours written so that no reader has to guess."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ktt.wire.keys import BadKeys, parse_keys, same_id, write_keys
from support.wire_keys import receiver_key, receiver_private_key


def pem(key) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


GOOD = {
    "id": "7b67c573-150e-47e5-bd9e-04f8c34fbca4",
    "expirationDate": "9999-12-31T23:59:59.999",
    "publicKey": pem(receiver_private_key().public_key()),
}


def listed(**changes):
    return parse_keys(json.dumps([{**GOOD, **changes}]).encode())


def test_what_is_written_is_read_back():
    written = write_keys([receiver_key(), receiver_key(3072, "other")])
    assert parse_keys(written).keys == (receiver_key(), receiver_key(3072, "other"))
    assert json.loads(written)[0]["expirationDate"] == "2030-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2030-01-01T00:00:00", dt.datetime(2030, 1, 1, tzinfo=dt.UTC)),
        ("2030-01-01T00:00:00Z", dt.datetime(2030, 1, 1, tzinfo=dt.UTC)),
        ("2030-01-01T01:00:00+01:00", dt.datetime(2030, 1, 1, tzinfo=dt.UTC)),
        ("2030-01-01T01:00:00.1234567+01:00", dt.datetime(2030, 1, 1, microsecond=123456, tzinfo=dt.UTC)),
        ("9999-12-31T23:59:59.999", dt.datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=dt.UTC)),
        ("9999-12-31T23:59:59-05:00", dt.datetime.max.replace(tzinfo=dt.UTC)),
    ],
)
def test_an_expiry_without_zone_is_utc(text, instant):
    assert listed(expirationDate=text).keys[0].expires_at == instant


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_either_line_end_is_read(line_end):
    assert listed(publicKey=GOOD["publicKey"].replace("\n", line_end)).unusable == ()


@pytest.mark.parametrize("key_id", ["AC39844BF1257C29C82A7845F9C0F3C936183104", "7B67C573-150E-47E5-BD9E-04F8C34FBCA4"])
def test_an_id_is_kept_as_it_is_written(key_id):
    assert listed(id=key_id).keys[0].id == key_id


def test_members_we_do_not_know_are_ignored():
    assert listed(isExpired=False, comment="x").keys[0].id == GOOD["id"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "no usable id"),
        ({"id": "with space"}, "no usable id"),
        ({"id": "x" * 65}, "no usable id"),
        ({"expirationDate": "soon"}, "no usable expirationDate"),
        ({"expirationDate": 1}, "no usable expirationDate"),
        ({"publicKey": "-----BEGIN PUBLIC KEY-----"}, "not a public key in PEM"),
        ({"publicKey": None}, "not a public key in PEM"),
        ({"publicKey": pem(ec.generate_private_key(ec.SECP256R1()).public_key())}, "not RSA"),
        ({"publicKey": pem(rsa.generate_private_key(65537, 1024).public_key())}, "1024 bits"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_and_the_others_are_kept(changes, reason):
    read = parse_keys(json.dumps([{**GOOD, **changes}, GOOD]).encode())
    assert [key.id for key in read.keys] == [GOOD["id"]]
    assert [why for _, why in read.unusable] == [reason]


@pytest.mark.parametrize("body", [b"", b"null", b"{}", b"<html>", b'"x"'])
def test_an_answer_that_is_no_list(body):
    with pytest.raises(BadKeys):
        parse_keys(body)


def test_an_empty_list_has_no_keys():
    assert parse_keys(b"[]").keys == ()


def test_entries_that_are_no_objects_are_named():
    assert parse_keys(b'[1, null, "x"]').unusable == (("?", "no usable id"),) * 3


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("7B67C573-150E-47E5-BD9E-04F8C34FBCA4", "7b67c573-150e-47e5-bd9e-04f8c34fbca4", True),
        ("AC39844BF1257C29C82A7845F9C0F3C936183104", "ac39844bf1257c29c82a7845f9c0f3c936183104", False),
        ("key-1", "key-1", True),
    ],
)
def test_guids_are_compared_without_regard_to_case(one, other, same):
    assert (same_id(one) == same_id(other)) == same


@pytest.mark.parametrize("text", ["", "a b", "a/b", "é", "x" * 65, "a\n"])
def test_what_is_no_id(text):
    assert same_id(text) is None
