"""What cannot be read at all gives one clear fault: what, where, and what to do; never what stood there."""

from __future__ import annotations

import gzip
import json
import time

import pytest

from ktt.core.errors import KttError
from ktt.messages import strict_json
from ktt.messages.errors import MessageNotJson
from ktt.messages.iplos_3_7 import errors as xml
from ktt.messages.register import find
from ktt.validate import errors
from ktt.validate.message import message_document

GOOD = find("KTT_Diagnose", "1").examples()["N01-everyday"].decode()
NUMBER = "8844110015"


def changed(old, new):
    assert old in GOOD
    return GOOD.replace(old, new, 1).encode()


REFUSED = {
    "nothing": (b"", errors.FileEmpty, None),
    "only blanks": (b" \r\n\t", errors.FileEmpty, None),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), errors.ByteOrderMark, None),
    "UTF-16 with its mark": (GOOD.encode("utf-16"), errors.WrongEncoding, (1, 1)),
    "UTF-16 without it": (GOOD.encode("utf-16-le"), errors.WrongEncoding, (1, 1)),
    "UTF-16 the other way": (GOOD.encode("utf-16-be"), errors.WrongEncoding, (1, 1)),
    "Windows-1252": ('[\n{"sakId": "Bjørn"}]'.encode("cp1252"), errors.WrongEncoding, (2, 14)),
    "half a message": (b'[{"diagnose": [', errors.NotJson, (1, 16)),
    "a comma too many": (b'[\n {"diagnose": [],\n }\n]', errors.NotJson, (3, 2)),
    "two messages": (b'[{"diagnose": []}]\n[{}]', errors.NotJson, (2, 1)),
    "single quotes": (b"[{'diagnose': []}]", errors.NotJson, (1, 3)),
    "a control character": (b'[{"diagnose": "\x01"}]', errors.NotJson, (1, 16)),
    "a field twice": (b'[{"diagnose": [],\n  "diagnose": []}]', errors.FieldTwice, (2, 3)),
    "a field twice, once escaped": (b'[{"diagnose": [], "\\u0064iagnose": []}]', errors.FieldTwice, (1, 19)),
    "a field twice, deep": (b'[{"diagnose": [{"a": {"b": 1,\n"b": 2}}]}]', errors.FieldTwice, (2, 1)),
    "NaN": (b'[{"orgNr": NaN, "diagnose": []}]', errors.NumberUnusable, (1, 12)),
    "infinity": (b'[{"diagnose": [],\n"orgNr": -Infinity}]', errors.NumberUnusable, (2, 10)),
    "a huge number": (changed("312000008", "9" * 400), errors.NumberUnusable, (3, 12)),
    "beyond 64 bits": (changed("312000008", "9223372036854775808"), errors.NumberUnusable, (3, 12)),
    "a number without end": (changed("312000008", "1e999"), errors.NumberUnusable, (3, 12)),
    "too deep": (b'[{"diagnose": ' + b"[" * 70 + b"]" * 70 + b"}]", errors.NestedTooDeep, (1, 76)),
    "far too deep": (b"[" * 100_000, errors.NestedTooDeep, (1, 64)),
    "NUL": (b'[{"diagnose": "a\\u0000"}]', errors.CharacterUnusable, (1, 15)),
    "half a surrogate pair": (b'[{"diagnose": [],\n"x": "\\ud83e"}]', errors.CharacterUnusable, (2, 6)),
    "an annual message without namespace": (b'<?xml version="1.0"?>\n<IPLOS versjon="3.7"/>', xml.NamespaceOther, None),
    "an annual message of another kind": (b"<!-- x --><n:IPLOS xmlns:n='u'/>", xml.NamespaceOther, None),
    "an annual message in UTF-16": ("<IPLOS/>".encode("utf-16"), xml.XmlEncoding, None),
    "other XML": (b"<Melding/>", xml.NotAnnual, None),
    "a web page": (b"<!DOCTYPE html>\n<html><body>Bad gateway", errors.NotWhatItSays, None),
    "a database": (b"SQLite format 3\0" + bytes(100), errors.NotWhatItSays, None),
    "a workbook": (b"PK\x03\x04" + bytes(100), errors.NotWhatItSays, None),
    "a packed file": (gzip.compress(GOOD.encode()), errors.NotWhatItSays, None),
    "a PDF": (b"%PDF-1.7\n", errors.NotWhatItSays, None),
    "a sealed message": (b"eyJhbGciOiJQUzI1NiJ9.e30.c2ln", errors.NotWhatItSays, None),
    "a table": (b"id;navn\n1;x\n", errors.NotWhatItSays, None),
    "other JSON": (b'{"hello": "world"}', errors.MessageTypeUnclear, None),
    "only a number": (b"42", errors.MessageTypeUnclear, None),
}


@pytest.mark.parametrize(("data", "fault", "place"), REFUSED.values(), ids=REFUSED)
def test_one_fault_with_its_place(data, fault, place, all_rules):
    with pytest.raises(fault) as raised:
        message_document("melding.json", data, all_rules)
    if place:
        assert (raised.value.facts["line"], raised.value.facts["column"]) == place
    for text in (raised.value.says(), raised.value.advises()):
        assert "{" not in text.nb + text.en
        assert text.nb != text.en
        assert NUMBER not in text.nb + text.en


def test_json_in_a_file_that_says_it_is_xml(all_rules):
    with pytest.raises(errors.NotWhatItSays, match=r"a\.xml"):
        message_document("a.xml", GOOD.encode(), all_rules)


def test_the_fault_does_not_hold_on_to_what_stood_there(all_rules):
    data = changed('"fodselsNr"', f'"{NUMBER}": 1, "{NUMBER}": 2, "fodselsNr"')
    with pytest.raises(errors.FieldTwice) as raised:
        message_document("m.json", data, all_rules)
    assert NUMBER not in repr(raised.value) + json.dumps(raised.value.facts)
    assert raised.value.__cause__ is None


def test_a_message_that_is_named_otherwise_is_still_a_message(all_rules):
    assert message_document("-", GOOD.encode(), all_rules).totals.read > 0
    assert message_document("melding.txt", GOOD.encode(), all_rules).totals.read > 0


MANY = 200_000
LATE = {
    "a field twice": (b'["' + b'","' * MANY + b'",{},{"a":1,"a":2}]', errors.FieldTwice),
    "objects before a field twice": (b"[" + b"{}," * MANY + b'{"a":1,"a":2}]', errors.FieldTwice),
    "a number": (b"[" + b"1e5," * MANY + b"1e999]", errors.NumberUnusable),
    "texts before a number": (b"[" + b'"1e999",' * MANY + b"1e999]", errors.NumberUnusable),
    "NUL": (b"[" + b'"",' * MANY + b'"\\u0000"]', errors.CharacterUnusable),
    "escapes before NUL": (b'["' + b'\\"' * MANY + b'","\\u0000"]', errors.CharacterUnusable),
    "brackets": (b"[" + b"[]," * MANY + b"[" * 70 + b"]" * 71, errors.NestedTooDeep),
    "an escape that begins nothing": (b'["' + b'\\"' * MANY, errors.NotJson),
}


@pytest.mark.parametrize(("data", "fault"), LATE.values(), ids=LATE)
def test_the_place_is_found_in_little_more_time_than_reading_takes(data, fault, all_rules):
    def seconds(work) -> float:
        began = time.process_time()
        with pytest.raises((KttError, MessageNotJson)) as raised:
            work()
        kinds.append(type(raised.value))
        return time.process_time() - began

    kinds: list[type] = []
    reading = min(seconds(lambda: strict_json.examine(data)) for _ in range(3))
    placing = min(seconds(lambda: message_document("melding.json", data, all_rules)) for _ in range(3))
    assert kinds[-1] is fault
    assert placing < 20 * reading + 0.05


def test_a_number_with_many_digits_before_its_point_can_be_used(all_rules):
    data = b'[{"diagnose": [12345678901234567890.5,\n1e999]}]'
    with pytest.raises(errors.NumberUnusable) as raised:
        message_document("melding.json", data, all_rules)
    assert (raised.value.facts["line"], raised.value.facts["column"]) == (2, 1)
