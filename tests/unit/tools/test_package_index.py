"""Fetching uv before there is a package manager: from whatever index pip is set up with, and only by its hash."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import package_index
import pytest

WHEEL = b"a wheel"
GOOD = frozenset({hashlib.sha256(WHEEL).hexdigest()})


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """A machine with no settings of its own: only what a test says."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")) or name == "SSL_CERT_FILE":
            monkeypatch.delenv(name)
    monkeypatch.setattr(package_index, "_configuration_files", lambda: [tmp_path / "pip.conf"])
    monkeypatch.setattr(package_index, "_pips", lambda _pythons: iter(()))
    return tmp_path


@pytest.fixture
def name(monkeypatch):
    """The wheel of this machine, whatever the machine is."""
    monkeypatch.setattr(package_index.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(package_index.platform, "libc_ver", lambda: ("glibc", "2.36"))
    monkeypatch.setattr(sys, "platform", "linux")
    return "uv-1.0-py3-none-manylinux_2_17_x86_64.whl"


@pytest.fixture
def index(name):
    """A package index on loopback that wants a password; yields its address and what was asked."""
    asked = []

    class Index(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Authorization")))
            found = self.path in {"/simple/uv/", f"/files/{name}"}
            self.send_response(200 if found else 404)
            self.end_headers()
            others = ["uv-0.9-py3-none-manylinux_2_17_x86_64.whl", "uv-1.0-py3-none-win_amd64.whl", "uv-1.0.tar.gz"]
            page = "".join(f'<a href="../../files/{one}#sha256=0">{one}</a>' for one in [*others, name])
            self.wfile.write(WHEEL if self.path.endswith(".whl") else page.encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Index) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}/simple", asked
        server.shutdown()
        thread.join()


def fetched(folder, hashes=GOOD):
    return package_index.wheel_of("uv", "1.0", folder, hashes, (sys.executable,))


def test_the_wheel_of_this_machine_is_taken_from_pips_index(index, name, bare):
    address, asked = index
    (bare / "pip.conf").write_text(f"[global]\nindex-url = http://{address}/\n")
    assert fetched(bare).read_bytes() == WHEEL
    assert [path for path, _ in asked] == ["/simple/uv/", f"/files/{name}"]


def test_the_environment_wins_over_the_file(index, bare, monkeypatch):
    (bare / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:9/nobody\n")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{index[0]}")
    assert fetched(bare).read_bytes() == WHEEL


def test_a_password_in_the_address_is_sent_and_not_shown(index, bare, monkeypatch, capsys):
    address, asked = index
    monkeypatch.setenv("PIP_INDEX_URL", f"http://ola:p%40ss@{address}")
    assert fetched(bare)
    assert {sent for path, sent in asked if path == "/simple/uv/"} == {
        "Basic " + base64.b64encode(b"ola:p@ss").decode()
    }
    assert "p%40ss" not in capsys.readouterr().err


def test_a_wheel_with_another_hash_is_thrown_away(index, bare, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{index[0]}")
    assert fetched(bare, frozenset({"0" * 64})) is None
    assert list(bare.glob("*.whl")) == []


def test_an_index_in_a_folder_will_do(name, bare, monkeypatch):
    (bare / "simple" / "uv").mkdir(parents=True)
    (bare / "simple" / "uv" / "index.html").write_text(f'<a href="{name}">uv</a>')
    (bare / "simple" / "uv" / name).write_bytes(WHEEL)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", f"file://{bare}/empty file://{bare}/simple")
    (bare / "into").mkdir()
    assert fetched(bare / "into").read_bytes() == WHEEL


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/simple", "nonsense", "file:///nosuch"])
def test_an_index_that_does_not_answer_is_no_answer(address, bare, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", address)
    assert fetched(bare) is None


@pytest.mark.parametrize(
    ("machine", "tag", "fits"),
    [
        (("linux", "x86_64", "glibc"), "manylinux_2_17_x86_64.manylinux2014_x86_64", True),
        (("linux", "x86_64", ""), "manylinux_2_17_x86_64.manylinux2014_x86_64", False),
        (("linux", "x86_64", ""), "musllinux_1_1_x86_64", True),
        (("linux", "aarch64", "glibc"), "manylinux_2_17_x86_64.manylinux2014_x86_64", False),
        (("linux", "aarch64", "glibc"), "manylinux_2_17_aarch64.manylinux2014_aarch64", True),
        (("darwin", "arm64", ""), "macosx_11_0_arm64", True),
        (("darwin", "x86_64", ""), "macosx_11_0_arm64", False),
        (("win32", "AMD64", ""), "win_amd64", True),
        (("win32", "ARM64", ""), "win_amd64", False),
    ],
)
def test_which_wheel_fits(machine, tag, fits, monkeypatch):
    system, processor, libc = machine
    monkeypatch.setattr(package_index.platform, "machine", lambda: processor)
    monkeypatch.setattr(package_index.platform, "libc_ver", lambda: (libc, ""))
    monkeypatch.setattr(sys, "platform", system)
    assert package_index.fits(f"uv-1.0-py3-none-{tag}.whl") == fits


def test_uv_is_told_what_pip_knows_and_keeps_what_it_was_told(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://mirror/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/a /b")
    monkeypatch.setenv("PIP_TRUSTED_HOST", "mirror")
    monkeypatch.setenv("UV_INSECURE_HOST", "other")
    told = package_index.uv_environment(package_index.pip_settings())
    assert told["UV_DEFAULT_INDEX"] == "http://mirror/simple"
    assert told["UV_FIND_LINKS"] == "/a,/b"
    assert told["UV_INSECURE_HOST"] == "other"
