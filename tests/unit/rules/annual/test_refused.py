"""What cannot be read as an annual message gives one clear fault, in both languages, and never what stood there."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files

import pytest

from ktt.core.errors import KttError
from ktt.messages.iplos_3_7 import errors as xml
from ktt.testing.synthetic import annual_message
from ktt.validate import errors
from ktt.validate.message import message_document
from ktt.validate.rule_selection import validation_request
from support.annual_messages import written

GOOD = written(annual_message.people(3, 2025)).decode()
HEAD, _, BODY = GOOD.partition("\n")
DATED = dt.date(2026, 1, 10)
BOMB = '<!DOCTYPE IPLOS [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE IPLOS [<!ENTITY a SYSTEM "file:///etc/hostname">]>\n'


def changed(old, new, count=1):
    assert old in GOOD
    return GOOD.replace(old, new, count).encode()


def at(text):
    """The line on which it first occurs."""
    return GOOD.count("\n", 0, GOOD.index(text)) + 1


SYSTEM, PERSON, AGE = at("EPJX"), at("<PERSON "), at("<peAlder>")

REFUSED = {
    "nothing": (b"", errors.FileEmpty, None),
    "only blanks": (b" \r\n\t", errors.FileEmpty, None),
    "half the file": (GOOD[: len(GOOD) // 2].encode(), xml.XmlTruncated, None),
    "only the declaration": (HEAD.encode(), xml.XmlTruncated, None),
    "cut in a tag": (GOOD[: GOOD.rindex("</PERSON>") + 4].encode(), xml.XmlTruncated, None),
    "more after the end": ((GOOD + "<PERSON/>").encode(), xml.XmlMalformed, GOOD.count("\n") + 1),
    "a tag that does not fit": (changed("</peAlder>", "</peKjonn>"), xml.XmlMalformed, AGE),
    "a bare ampersand": (changed("EPJX", "A & B"), xml.XmlMalformed, SYSTEM),
    "an unknown entity": (changed("EPJX", "A&nbsp;B"), xml.XmlMalformed, SYSTEM),
    "an attribute twice": (changed('pePeID="100001"', 'pePeID="1" pePeID="1"'), xml.XmlMalformed, PERSON),
    "an attribute without quotes": (changed('pePeID="100001"', "pePeID=100001"), xml.XmlMalformed, PERSON),
    "a prefix of no namespace": (changed("<PERSON ", "<x:PERSON "), xml.XmlMalformed, PERSON),
    "Windows-1252, not declared": (
        changed("Kontakt 1", "Bjørn").decode().encode("cp1252"),
        xml.XmlEncoding,
        at("Kontakt 1"),
    ),
    "Windows-1252, declared": (changed('"UTF-8"', '"windows-1252"'), xml.XmlEncoding, 1),
    "an encoding that nobody knows": (changed('"UTF-8"', '"utf-88"'), xml.XmlEncoding, 1),
    "Latin 1, declared": (changed('"UTF-8"', '"ISO-8859-1"'), xml.XmlEncoding, 1),
    "UTF-16 with its mark": (GOOD.encode("utf-16"), xml.XmlEncoding, 1),
    "UTF-16 without it": (GOOD.encode("utf-16-le"), xml.XmlEncoding, 1),
    "NUL": (changed("EPJX", "EP\0X"), xml.XmlCharacter, SYSTEM),
    "a control character": (changed("EPJX", "EP\x07X"), xml.XmlCharacter, SYSTEM),
    "a reference to NUL": (changed("EPJX", "EP&#0;X"), xml.XmlMalformed, SYSTEM),
    "an entity bomb": (f"{HEAD}\n{BOMB}{BODY}".encode(), xml.XmlDoctype, 2),
    "an external entity": (f"{HEAD}\n{OUTSIDE}{BODY}".encode(), xml.XmlDoctype, 2),
    "a DTD": (f'{HEAD}\n<!DOCTYPE IPLOS SYSTEM "iplos.dtd">{BODY}'.encode(), xml.XmlDoctype, 2),
    "nested deep": (changed("<peAlder>", "<a>" * 200 + "</a>" * 200 + "<peAlder>"), xml.XmlTooDeep, AGE),
    "nested without end": ((GOOD[: GOOD.index("<peAlder>")] + "<a>" * 200_000).encode(), xml.XmlTooDeep, AGE),
    "an attribute of 1 MB": (changed('pePeID="100001"', f'pePeID="{"1" * 1_000_000}"'), xml.XmlTooLong, None),
    "an attribute of 20 kB": (changed('pePeID="100001"', f'pePeID="{"1" * 20_000}"'), xml.XmlTooLong, PERSON),
    "a value of 1 MB": (changed("EPJX", "x" * 1_000_000), xml.XmlTooLong, SYSTEM),
    "a comment of 1 MB": (changed("<PERSON ", f"<!-- {'x' * 1_000_000} --><PERSON "), xml.XmlTooLong, None),
    "another namespace": (changed("/iplos/2019", "/iplos/2031"), xml.NamespaceOther, None),
    "the namespace of an older version": (changed("/iplos/2019", "/iplos/2018"), xml.NamespaceOther, None),
    "no namespace": (changed(' xmlns="http://www.npr.no/xmlstds/iplos/2019"', ""), xml.NamespaceOther, None),
    "another version": (changed('versjon="3.7"', 'versjon="3.6"'), xml.VersionOther, None),
    "no version": (changed(' versjon="3.7"', ""), xml.VersionOther, None),
    "the identity message": (b'<Melding xmlns="http://www.npr.no/xmlstds/53_1_3_ide"/>', xml.NotAnnual, None),
    "a message in its head message": (f"<MsgHead>{BODY}</MsgHead>".encode(), xml.NotAnnual, None),
    "JSON": (b'{"diagnose": []}', errors.NotWhatItSays, None),
    "a workbook": (b"PK\x03\x04" + bytes(100), errors.NotWhatItSays, None),
}


@pytest.mark.parametrize(("data", "fault", "line"), REFUSED.values(), ids=REFUSED)
def test_one_fault_with_its_line(data, fault, line):
    with pytest.raises(KttError) as raised:
        message_document("iplos.xml", data, validation_request(DATED))
    assert type(raised.value) is fault
    if line:
        assert raised.value.facts["line"] == line
    for text in (raised.value.says(), raised.value.advises()):
        assert "{" not in text.nb + text.en
        assert text.nb != text.en
    assert "iplos.xml" in raised.value.says().nb


def test_an_older_version_is_named():
    with pytest.raises(xml.NamespaceOther, match=r"3\.5 / 3\.6"):
        message_document("iplos.xml", changed("/iplos/2019", "/iplos/2018"), validation_request(DATED))


def test_nothing_is_fetched_and_no_entity_is_known(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hemmelig", encoding="utf-8")
    evil = f'{HEAD}\n<!DOCTYPE IPLOS [<!ENTITY a SYSTEM "{secret.as_uri()}">]>{BODY}'.replace("EPJX", "&a;")
    with pytest.raises(xml.XmlDoctype) as raised:
        message_document("iplos.xml", evil.encode(), validation_request(DATED))
    assert "hemmelig" not in str(raised.value)


def test_the_project_holds_no_schema_that_could_be_fetched():
    assert (files("ktt.messages.iplos_3_7") / "fields.toml").is_file()


@pytest.mark.parametrize("name", ["utf8", "UTF8", "Utf-8", "UTF_8", "us-ascii", "ASCII", "cp65001"])
def test_utf_8_may_be_spelt_as_platforms_spell_it(name):
    document = message_document("iplos.xml", changed('"UTF-8"', f'"{name}"'), validation_request(DATED))
    assert document.totals.read == message_document("iplos.xml", GOOD.encode(), validation_request(DATED)).totals.read
