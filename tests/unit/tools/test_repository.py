"""The checks of the repository itself can fail."""

from __future__ import annotations

import bootstrap
import pytest
import repository


@pytest.fixture
def lock(monkeypatch, tmp_path):
    """Put another lock in the lock's place."""

    def put(text):
        path = tmp_path / "requirements.lock"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(repository, "LOCK", path)

    return put


REAL = bootstrap.LOCK.read_text(encoding="utf-8")


def test_the_lock_as_it_is(lock):
    lock(REAL)
    assert repository.lock_faults() == ""


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda text: text.split("\n", 1)[1], "make lock"),
        (lambda text: text.replace("of pyproject.toml ", "of pyproject.toml 0"), "make lock"),
        (lambda text: text.replace("\npolars==", "\nnopolars=="), "no pin answers polars"),
        (lambda text: text.replace("\npolars==", "\npolars==0."), "no pin answers polars"),
        (lambda text: text + "nohash==1.0\n", "nohash==1.0 has no hash"),
    ],
)
def test_a_lock_that_is_not_of_the_project(lock, change, fault):
    lock(change(REAL))
    assert fault in repository.lock_faults()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("see https://py" + "pi.org/simple", "a package host"),
        ("files.python" + "hosted.org", "a package host"),
        ("/ro" + "ot/.config", "a path on one machine"),
        ("in /ho" + "me/kari/x", "a path on one machine"),
        ("src/work/x and ./home/kari/x", None),
        ("an ordinary line", None),
    ],
)
def test_words_that_speak_of_a_machine(line, found, monkeypatch, tmp_path):
    (tmp_path / "file.md").write_text(f"one\n{line}\n")
    monkeypatch.setattr(repository, "ROOT", tmp_path)
    monkeypatch.setattr(repository, "tracked", lambda: ["file.md"])
    assert repository.word_faults() == (f"file.md:2: {found}" if found else "")
