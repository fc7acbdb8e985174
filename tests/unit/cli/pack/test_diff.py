"""`ktt pack diff`: as text, as JSON and as a page."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from ktt.cli.app import run

_KTT_V1 = Path(str(files("ktt.messages"))) / "packs" / "ktt_v1"


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(_KTT_V1, folder)
    path = folder / "mapping.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('sakId = "case_id"\n', ""), encoding="utf-8")
    return folder


def test_the_change_is_told_in_a_table_and_counted(copy, capsys):
    assert run(["pack", "diff", "ktt_v1", str(copy)]) == 0
    shown = capsys.readouterr().out
    assert "[].vedtak[].sakId" in shown
    assert "1 endring, av dem 0 som kan føre til at meldinger avvises." in shown


def test_json_has_every_change_in_both_languages(copy, capsys):
    assert run(["pack", "diff", "ktt_v1", str(copy), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["breaking"] == 0
    (change,) = answer["changes"]
    assert (change["kind"], change["subject"], change["message_type"]) == ("removed", "mapping", "KTT_Vedtak")
    assert set(change["consequence"]) == {"nb", "en"}


def test_two_packs_that_are_alike_say_so(capsys):
    assert run(["pack", "diff", "ktt_v1", "ktt_v1"]) == 0
    assert capsys.readouterr().out == "Ingen forskjell.\n"


def test_the_page_has_both_languages_and_escapes_what_it_shows(copy, tmp_path, capsys):
    path = copy / "pack.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("The KTT project", "<script>"), encoding="utf-8")
    page = tmp_path / "diff.html"
    assert run(["pack", "diff", "ktt_v1", str(copy), "--html", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert 'lang="nb"' in text
    assert 'lang="en"' in text
    assert "[].vedtak[].sakId" in text
    assert "&lt;script&gt;" in text
    assert "<script" not in text


def test_a_pack_that_is_not_there_is_named(capsys):
    assert run(["pack", "diff", "ktt_v1", "nosuch"]) == 2
    assert capsys.readouterr().err.startswith("KTT-MSG-02")


def test_a_page_that_cannot_be_written_is_an_error(copy, tmp_path, capsys):
    assert run(["pack", "diff", "ktt_v1", str(copy), "--html", str(tmp_path / "no" / "diff.html")]) == 2
    assert capsys.readouterr().err.startswith("KTT-CNF-07")
