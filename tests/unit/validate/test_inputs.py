"""A file, a folder, standard input: each message is a document, and a bad file in a folder does not hide the rest."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from ktt.messages.iplos_3_7.errors import NamespaceOther
from ktt.messages.register import find
from ktt.validate import errors, inputs
from ktt.validate.inputs import validate_path

GOOD = find("KTT_Diagnose", "1").examples()["N01-everyday"]
PERSON = "08844110015"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.json").write_bytes(GOOD)
    (tmp_path / "inner" / "b.JSON").write_bytes(GOOD)
    (tmp_path / "c.json").write_bytes(b"[")
    (tmp_path / "d.xml").write_bytes(b"<IPLOS/>")
    (tmp_path / "readme.txt").write_bytes(b"not a message")
    return tmp_path


def test_a_folder_is_validated_file_by_file(folder, all_rules):
    documents = validate_path(str(folder), all_rules)
    assert [(one.name.replace("\\", "/"), one.kind, one.exit_code) for one in documents] == [
        ("a.json", "message", 0),
        ("c.json", "unread", 12),
        ("d.xml", "unread", 12),
        ("inner/b.JSON", "message", 0),
    ]
    assert isinstance(documents[2].fault, NamespaceOther)


def test_a_single_file_that_cannot_be_read_is_a_fault(folder, all_rules):
    with pytest.raises(errors.NotJson):
        validate_path(str(folder / "c.json"), all_rules)


def test_what_is_not_there(tmp_path, all_rules):
    with pytest.raises(errors.FileUnreadable, match="not there"):
        validate_path(str(tmp_path / "nowhere.json"), all_rules)
    with pytest.raises(errors.FolderWithoutMessages):
        validate_path(str(tmp_path), all_rules)


def test_standard_input(monkeypatch, all_rules):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(GOOD)))
    (document,) = validate_path("-", all_rules)
    assert document.name == "-"
    assert document.totals.read > 0


def test_a_file_of_a_size_that_no_message_has(monkeypatch, folder, all_rules):
    monkeypatch.setattr(inputs, "LARGEST", 10)
    with pytest.raises(errors.FileTooLarge):
        validate_path(str(folder / "a.json"), all_rules)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(GOOD)))
    with pytest.raises(errors.FileTooLarge):
        validate_path("-", all_rules)


def test_a_file_named_after_a_person_does_not_tell(tmp_path, all_rules):
    (tmp_path / f"{PERSON}.json").write_bytes(GOOD)
    (document,) = validate_path(str(tmp_path / f"{PERSON}.json"), all_rules)
    assert document.name == "•••.json"
    (tmp_path / f"{PERSON}.json").write_bytes(b"")
    with pytest.raises(errors.FileEmpty) as fault:
        validate_path(str(tmp_path / f"{PERSON}.json"), all_rules)
    assert PERSON not in fault.value.says().nb
    (only,) = validate_path(str(tmp_path), all_rules)
    assert PERSON not in only.name
