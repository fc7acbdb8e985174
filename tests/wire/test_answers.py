"""The answer of the receiver: written as FHI writes it, read whatever its origin."""

from __future__ import annotations

import json

import pytest

from ktt.wire.answers import Answer, AnswerCode, AnswerError, answer, parse_answer, schema_details

NAMES = """
1001 HttpHeaderMissing
1002 HttpHeaderValidation
1003 InvalidMessageTypeVersion
1004 InvalidKeyId
1005 InvalidDigest
1006 PayloadHashMismatch
1007 ExpiredKey
1008 DecryptionErrorForAsymmetricalKey
1009 DecryptionErrorForSymmetricalKey
2001 ShouldNotReceiveMessageForGivenOrganizationAndMessageType
2002 MissingOrganizationNumberClaimFromHelseIdToken
2003 MissingSignatureClaimFromHelseIdToken
2004 BadSignatureClaimFromHelseIdToken
2005 HelseIdSignatureDoesNotMatchHeaderValues
2006 SchemaNotFound
2007 InvalidJsonMessage
2008 SchemaValidationFailed
2009 PayloadSizeLimitExceeded
2010 StorageError
"""


def test_the_codes_have_the_names_that_fhi_gives_them():
    assert [f"{code:d} {code.label}" for code in AnswerCode] == NAMES.split("\n")[1:-1]
    assert all(AnswerCode.from_label(code.label) is code for code in AnswerCode)


def test_an_answer_in_the_form_of_fhi():
    details = schema_details([("/0", "first"), ("/0/x", "second"), ("/0", "third")])
    fault = AnswerError.of(AnswerCode.SCHEMA_VALIDATION_FAILED, "Schema validation failed", details=details)
    assert json.loads(answer(delivered=False, errors=[fault])) == {
        "delivered": False,
        "errors": [
            {
                "errorCode": 2008,
                "propertyName": None,
                "errorMessage": "Error: SchemaValidationFailed | Schema validation failed",
                "errorDetails": '[{"Location":"/0","Errors":[{"Value":"first"},{"Value":"third"}]},'
                '{"Location":"/0/x","Errors":[{"Value":"second"}]}]',
            }
        ],
    }


def test_the_good_answer_is_the_one_in_the_readme():
    assert answer(delivered=True) == b'{"delivered":true,"errors":[]}'


def test_what_is_written_is_read_back():
    fault = AnswerError.of(AnswerCode.INVALID_KEY_ID, "Unknown key", property_name="enc_key_id", details={"a": 1})
    assert parse_answer(answer(delivered=False, errors=[fault])) == Answer(False, (fault,))


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"delivered":true,"errors":[]}', Answer(True)),
        (b'{"delivered":true,"errors":null}', Answer(True)),
        (b'{"delivered":true}', Answer(True)),
        (b'{"delivered":true,"ruleId":"x","links":[],"errors":[]}', Answer(True)),
        (b'{"Delivered":true,"Errors":[]}', Answer(False)),
        (b'{"delivered":"true"}', Answer(False)),
        (b'{"delivered":1}', Answer(False)),
        (b"{}", Answer(False)),
        (b'{"delivered":false,"errors":["text",null]}', Answer(False)),
        (b'{"delivered":false,"errors":{"errorCode":2008}}', Answer(False)),
        (b"", None),
        (b"[]", None),
        (b'"delivered"', None),
        (b"<html>502 Bad Gateway</html>", None),
        (b'{"delivered":true', None),
        (b"\xff\xfe", None),
    ],
)
def test_bodies_of_every_kind(body, read):
    assert parse_answer(body) == read


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        ({"errorCode": 2008, "errorMessage": "Error: SchemaValidationFailed | x"}, AnswerCode.SCHEMA_VALIDATION_FAILED),
        ({"errorCode": 2006, "errorMessage": "Error: SchemaValidationFailed | x"}, AnswerCode.SCHEMA_VALIDATION_FAILED),
        ({"errorCode": 2006, "errorMessage": "Error: SchemaNotFound | x"}, AnswerCode.SCHEMA_NOT_FOUND),
        ({"errorCode": 2006, "errorMessage": "something else"}, AnswerCode.SCHEMA_NOT_FOUND),
        ({"errorCode": "2009"}, AnswerCode.PAYLOAD_SIZE_LIMIT_EXCEEDED),
        ({"errorCode": None, "errorMessage": "Error: StorageError | x"}, AnswerCode.STORAGE_ERROR),
        ({"errorCode": None}, None),
        ({"errorCode": 9999}, None),
        ({"errorCode": True}, None),
        ({"errorCode": 2008.0}, None),
        ({}, None),
    ],
)
def test_a_fault_is_known_by_its_name_first(item, kind):
    read = parse_answer(json.dumps({"errors": [item]}).encode())
    assert read is not None
    assert read.errors[0].kind is kind


@pytest.mark.parametrize(
    ("details", "places"),
    [
        ('[{"Location":"/0","Errors":[{"Value":"a"},{"Value":"b"}]}]', [("/0", "a"), ("/0", "b")]),
        ([{"Location": "/0", "Errors": [{"Value": "a"}]}], [("/0", "a")]),
        ("plain text", [("", "plain text")]),
        ('{"Location":"/0"}', [("", '{"Location":"/0"}')]),
        ("[1]", [("", "[1]")]),
        (None, []),
    ],
)
def test_where_a_schema_error_stands(details, places):
    read = parse_answer(json.dumps({"errors": [{"errorDetails": details}]}).encode())
    assert read is not None
    assert read.errors[0].places() == places
