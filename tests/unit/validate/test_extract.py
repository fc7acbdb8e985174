"""A record system is validated as the sender would read it: what is held back, what is outside, what the rules find."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktt.domain.records import ROOTS
from ktt.messages.register import pack
from ktt.sender.delta.batches import DEFAULT_LIMITS
from ktt.sender.delta.encoding import encode
from ktt.sender.extract.errors import WrongOwner
from ktt.sender.validation import validate_extract
from ktt.validate.errors import MappingNeeded, UnitUnclear
from ktt.validate.extract import Source
from ktt.validate.inputs import find_source, read_unit, validate_path
from ktt.validate.rule_selection import validation_request
from support.sources_epj import DAY, UNIT, Epj

VERSIONS = pack("ktt_v1")


@pytest.fixture
def epj(tmp_path):
    return Epj(tmp_path)


def document(epj, **asked):
    (found,) = validate_path(str(epj.folder), validation_request(DAY, **asked), Source(epj.url, epj.mapping, UNIT))
    return found


def test_every_record_is_accounted_for(epj):
    found = document(epj)
    extract = epj.read()
    outside = sum(sum(reasons.values()) for reasons in extract.excluded.values())
    assert found.totals.reconciles
    assert (found.totals.excluded, found.totals.held) == (outside, 0)
    assert found.totals.read == outside + sum(
        extract.records[name].height
        for name in ("decision", "care_service", "circumstances", "assessment", "diagnosis")
    )
    assert found.totals.findings == found.findings.height


def test_what_reading_holds_back_is_told_beside_what_the_rules_find(epj):
    epj.sql("UPDATE tjeneste SET kode = 'XX' WHERE id = 'T1'; UPDATE vedtak SET sokt = '01.02.2018' WHERE id = 'V1'")
    found = document(epj)
    by_rule = {
        rule: (local_id, detail) for rule, local_id, detail in found.findings["rule", "local_id", "detail"].rows()
    }
    assert by_rule["KTT-SRC-F01"] == ("T1", "XX")
    assert by_rule["KTT-VEDTAK-02"] == ("V1", None)
    assert found.totals.held == 1
    assert found.totals.reconciles
    assert found.exit_code == 3


FAULTS = {
    "none": ("", set()),
    "a decision": (
        "UPDATE vedtak SET sokt = '01.02.2018' WHERE id = 'V1'",
        {"KTT-SRC-F12"},
    ),
    "hours that the schema refuses": (
        "UPDATE linje SET timer = '900,0' WHERE vedtak = 'V1'",
        {"KTT-SRC-F12", "KTT-SRC-F18"},
    ),
    "both, and a code": (
        "UPDATE linje SET timer = '900,0' WHERE vedtak = 'V1';UPDATE tjeneste SET kode = 'XX' WHERE id = 'T1'",
        {"KTT-SRC-F18"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_totals_are_what_the_sender_does(epj, fault):
    statement, along = FAULTS[fault]
    epj.sql(statement)
    found, extract = document(epj), epj.read()
    sender = validate_extract(extract, "sandbox", VERSIONS)
    sendable = sender.hold_unsendable(encode(sender.extract.records, VERSIONS, UNIT, DEFAULT_LIMITS))
    assert found.totals.kept == sum(sendable.extract.records[root.name].height for root in ROOTS)
    assert found.totals.held + found.totals.dropped == sum(len(sendable.extract.held[root.name]) for root in ROOTS)
    assert found.totals.reconciles
    assert sorted(found.findings["rule"]) == sorted(sendable.findings["rule"])
    assert along <= set(found.findings["rule"])
    assert (found.totals.along > 0) == bool(along)


def test_the_extract_is_the_whole_picture(epj):
    epj.sql("UPDATE tjeneste SET vedtak = 'V99' WHERE id = 'T1'")
    assert "KTT-TJENESTE-03" in set(document(epj).findings["rule"])


def test_a_person_without_a_number_is_told_once(epj):
    rules = document(epj).findings.filter(local_id="3")["rule"].to_list()
    assert [rule for rule in rules if rule in {"KTT-SRC-F15", "KTT-PERSON-02"}] == ["KTT-PERSON-02"]


def test_only_some_rules_also_chooses_among_what_reading_finds(epj):
    epj.sql("UPDATE tjeneste SET kode = 'XX' WHERE id = 'T1'; UPDATE vedtak SET sokt = '01.02.2018' WHERE id = 'V1'")
    assert set(document(epj, choices=["code-mapping"]).findings["rule"]) == {"KTT-SRC-F01"}
    assert set(document(epj, choices=["ktt-src-f01"]).findings["rule"]) == {"KTT-SRC-F01"}
    assert set(document(epj, choices=["KTT-VEDTAK-02"]).findings["rule"]) == {"KTT-VEDTAK-02"}


def test_another_units_record_system_is_refused(epj):
    with pytest.raises(WrongOwner):
        validate_path(
            str(epj.folder), validation_request(DAY), Source(epj.url, epj.mapping, read_unit("312000563-0301-03"))
        )


def test_a_folder_needs_only_the_unit_when_the_rest_lies_in_it(epj):
    source = find_source(str(epj.folder), None, None, UNIT.key)
    assert source is not None
    assert (source.mapping, source.unit) == (epj.mapping, UNIT)
    assert find_source(str(epj.folder / "epj.sqlite"), None, None, UNIT.key) == source


def test_a_database_without_the_rest_says_what_is_missing(epj, tmp_path):
    with pytest.raises(MappingNeeded, match="--unit"):
        find_source(str(epj.folder / "epj.sqlite"), None, None, None)
    with pytest.raises(MappingNeeded, match="--source, --unit"):
        find_source(str(tmp_path / "nowhere"), Path("mapping.toml"), None, None)


def test_a_message_needs_no_source(tmp_path):
    (tmp_path / "m.json").write_text("[]")
    assert find_source(str(tmp_path / "m.json"), None, None, None) is None
    assert find_source("-", None, None, None) is None


@pytest.mark.parametrize("text", ["312000008", "312000009-1114", "312000008-111", "312000008-1114-1", "x-1114", ""])
def test_a_unit_that_is_none(text):
    with pytest.raises(UnitUnclear):
        read_unit(text)
