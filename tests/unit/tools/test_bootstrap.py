"""Setting up from pip: its settings are read and passed on, and what is missing is told in one line."""

from __future__ import annotations

import os
import subprocess
import zipfile

import bootstrap
import pytest


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No settings of this machine's own for uv."""
    for name in list(os.environ):
        if name.startswith("UV_") or name == "SSL_CERT_FILE":
            monkeypatch.delenv(name)


@pytest.fixture
def answering(monkeypatch):
    """A pip that answers with these lines and this code; returns what it was asked."""

    def put(stdout="", code=0, stderr=""):
        asked = []

        def pip(*arguments):
            asked.append(arguments)
            return subprocess.CompletedProcess(arguments, code, stdout, stderr)

        monkeypatch.setattr(bootstrap, "pip", pip)
        return asked

    return put


def test_the_environment_wins_over_the_command_and_that_over_the_file(answering):
    answering(
        ":env:.index-url='http://mirror/simple'\n"
        "global.index-url='http://other/simple'\n"
        "global.cert='/a'\ninstall.cert='/b'\n"
    )
    assert bootstrap.pip_settings() == {"index-url": "http://mirror/simple", "cert": "/b"}


def test_uv_is_told_what_pip_knows_and_keeps_what_it_was_told(monkeypatch):
    monkeypatch.setenv("UV_INSECURE_HOST", "other")
    settings = {"index-url": "http://mirror/simple", "find-links": "/a /b", "trusted-host": "mirror", "cert": ""}
    told = bootstrap.uv_environment(settings)
    assert told["UV_DEFAULT_INDEX"] == "http://mirror/simple"
    assert told["UV_FIND_LINKS"] == "/a,/b"
    assert told["UV_INSECURE_HOST"] == "other"
    assert "SSL_CERT_FILE" not in told


def test_uv_comes_with_the_hashes_of_the_lock():
    entry = bootstrap.locked("uv")
    assert entry.startswith("uv==")
    assert entry.count("--hash=sha256:") > 5
    assert "\\" not in entry


def test_without_pip_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(bootstrap.CannotSetUp, match=r"pip is missing: .*python3-pip.*ensurepip"):
        bootstrap.pip("--version")


def test_an_index_that_does_not_answer_is_told_in_pips_own_words_and_ours(answering, monkeypatch, tmp_path, capsys):
    asked = answering(code=1, stderr="ERROR: nobody there\n")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    with pytest.raises(bootstrap.CannotSetUp, match="PIP_INDEX_URL"):
        bootstrap.fetch_uv()
    assert capsys.readouterr().err == "ERROR: nobody there\n"
    assert "--require-hashes" in asked[0]


def test_the_program_is_taken_out_of_the_wheel_that_pip_brings(monkeypatch, tmp_path):
    entry = bootstrap.locked("uv")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    (tmp_path / "bootstrap").mkdir()
    wheel = tmp_path / "bootstrap" / f"uv-{entry.split()[0][4:]}-py3-none-any.whl"
    asked = []

    def pip(*arguments):
        asked.append(arguments)
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("uv.data/scripts/uv.exe" if os.name == "nt" else "uv.data/scripts/uv", b"program")
        return subprocess.CompletedProcess(arguments, 0, "", "")

    monkeypatch.setattr(bootstrap, "pip", pip)
    assert bootstrap.fetch_uv().read_bytes() == b"program"
    assert (tmp_path / "bootstrap" / "uv.txt").read_text() == entry
    assert not wheel.exists()
