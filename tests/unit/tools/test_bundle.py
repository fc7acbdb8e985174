"""The bundle for servers without a network: what is in it, its scripts, and the container that is made of it.

`make bundle` downloads, and tries the Linux half in a namespace without a network; here is what needs no network.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys

import bootstrap
import bundle
import pytest

LINUX, WINDOWS = bundle.TARGETS


@pytest.fixture(scope="module")
def names():
    return bundle.runtime_names()


@pytest.fixture
def wheel(tmp_path):
    path = tmp_path / "ktt-1.2.3-py3-none-any.whl"
    path.write_bytes(b"wheel")
    return path


def test_what_runs_is_in_it_and_what_only_develops_is_not(names):
    assert {"polars", "polars-runtime-32", "psycopg-binary", "uvloop", "tzdata", "mako"} <= names
    assert not names & {"pytest", "mypy", "ruff", "uv", "playwright", "hypothesis", "hatchling"}


def test_all_of_it_is_in_the_lock(names):
    assert names <= {pin.name for pin in bundle.pins()}


@pytest.mark.parametrize(
    ("name", "target", "python", "needed"),
    [
        ("uvloop", LINUX, "3.11", True),
        ("uvloop", WINDOWS, "3.11", False),
        ("tzdata", LINUX, "3.11", False),
        ("tzdata", WINDOWS, "3.11", True),
        ("backports-zstd", LINUX, "3.13", True),
        ("backports-zstd", LINUX, "3.14", False),
        ("polars", WINDOWS, "3.14", True),
    ],
)
def test_a_package_is_where_it_is_needed(name, target, python, needed):
    (pin,) = [pin for pin in bundle.pins() if pin.name == name]
    assert pin.needed(target, python) is needed


@pytest.mark.parametrize("target", bundle.TARGETS, ids=lambda target: target.name)
def test_every_line_is_pinned_and_has_a_hash(target, wheel, names):
    text = bundle.requirements(target, ["3.11"], wheel).replace(" \\\n", " ")
    lines = text.splitlines()
    assert len(lines) > 40
    assert all(re.fullmatch(r"[a-z0-9-]+==\S+(\s+--hash=sha256:[0-9a-f]{64})+", line) for line in lines)
    ours = hashlib.sha256(b"wheel").hexdigest()
    assert re.fullmatch(rf"ktt==1\.2\.3\s+--hash=sha256:{ours}", lines[-1])


def test_what_the_lock_lacks_is_told(wheel, monkeypatch):
    monkeypatch.setattr(bundle, "runtime_names", lambda: {"polars", "away"})
    with pytest.raises(bootstrap.CannotSetUp, match="lacks away"):
        bundle.requirements(LINUX, ["3.11"], wheel)


@pytest.fixture
def written(tmp_path):
    folder = tmp_path / "a bundle"
    (folder / "wheels").mkdir(parents=True)
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    bundle.write_scripts(folder, [this], "1.2.3")
    (folder / "wheels" / "x.whl").write_bytes(b"x")
    bundle.write_sums(folder)
    return folder


def test_nothing_is_left_to_fill_in(written):
    for path in written.iterdir():
        if path.is_file():
            assert not re.search("@[A-Z]+@", path.read_text(encoding="utf-8")), path.name


def test_powershell_reads_the_letters(written):
    content = (written / "install.ps1").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") > 40


def test_neither_script_asks_a_network(written):
    for name in ("install.sh", "install.ps1"):
        text = (written / name).read_text(encoding="utf-8-sig")
        assert {"--no-index", "--require-hashes", "--no-deps", "--only-binary"} <= set(re.findall(r"--[a-z-]+", text))
        assert "http" not in text


@pytest.mark.skipif(sys.platform != "linux", reason="the script is for Linux")
@pytest.mark.parametrize("spoil", ["wheels/x.whl", "install.ps1"])
def test_a_spoiled_file_is_refused_before_anything_is_made(written, tmp_path, spoil):
    (written / spoil).write_bytes(b"y")
    place = tmp_path / "place"
    ended = subprocess.run([written / "install.sh", place], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Ingenting er installert" in ended.stderr
    assert not place.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the script is for Linux")
def test_another_python_is_refused(written, tmp_path):
    bundle.write_scripts(written, ["3.99"], "1.2.3")
    (written / "SHA256SUMS").unlink()
    bundle.write_sums(written)
    command = ["env", f"PYTHON={sys.executable}", written / "install.sh", tmp_path / "place"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, "laget for 3.99" in ended.stderr) == (1, True)
    assert not (tmp_path / "place").exists()


def test_a_half_that_cannot_be_tried_here_is_not_called_tried(written):
    assert bundle.try_linux(written, "3.99") == "- the Linux half was NOT tried: it takes unshare and python3.99"


def lines_of(file):
    text = (bootstrap.ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


CONTAINER = lines_of("Containerfile")
SANDBOX = lines_of("Containerfile.sandbox")


@pytest.mark.parametrize(
    ("lines", "brought"), [(CONTAINER, ["dist/ktt-*-bundle"]), (SANDBOX, ["dist/ktt-*.whl", "dist/constraints.txt"])]
)
def test_a_container_runs_as_nobody_special_and_holds_no_secret(lines, brought):
    words = [line.partition(" ")[0] for line in lines]
    last = lines[len(words) - words[::-1].index("FROM") - 1 :]
    assert "USER 10001" in last
    assert last.index("USER 10001") < last.index('ENTRYPOINT ["/opt/ktt/bin/ktt"]')
    assert "ADD" not in words
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY")]
    assert copied == [brought, ["--from=build", "/opt/ktt"]]
    assert not re.search(r"(?i)password|secret|\.jwk|\.key", " ".join(lines))


def test_the_container_is_stopped_as_the_agent_expects_and_has_one_place_to_keep_things():
    for lines, command in ((CONTAINER, 'CMD ["agent", "run",'), (SANDBOX, 'CMD ["sandbox", "up",')):
        assert {"STOPSIGNAL SIGTERM", "VOLUME /var/lib/ktt", "WORKDIR /var/lib/ktt"} <= set(lines)
        assert lines[-1].startswith(command)
        assert lines[0].startswith("ARG BASE=")
        assert [line for line in lines if line.startswith("FROM")] == ["FROM ${BASE} AS build", "FROM ${BASE}"]
