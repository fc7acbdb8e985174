"""Checks of the repository itself: that the lock answers pyproject.toml, and that no file speaks of a machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

from bootstrap import LOCK, ROOT
from lock import asked, first_line
from packaging.requirements import Requirement

# Written as patterns, so that this file does not itself hold what it looks for.
FORBIDDEN = {
    "a package host": re.compile(rb"pypi[.]org|pythonhosted[.]org|registry[.]npmjs|anaconda[.]org"),
    "a path on one machine": re.compile(rb"(?<![\w.\-/])/(?:work|root|Users|opt/pypi[\w-]*|home/\w+)/[\w.]"),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}"),
}


def lock_faults() -> str:
    """What in requirements.lock is not an answer to what pyproject.toml asks. Needs no network."""
    lines = LOCK.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    faults = (
        [] if lines[0] == first_line() else ["pyproject.toml asks for something else than the lock: run `make lock`"]
    )
    pins = [line for line in lines[1:] if line]
    faults += [f"{pin.split()[0]} has no hash" for pin in pins if "--hash=sha256:" not in pin]
    return "\n".join([*faults, *_unanswered([Requirement(pin.split(" --hash")[0]) for pin in pins])])


def _unanswered(pins: list[Requirement]) -> Iterator[str]:
    for wanted in map(Requirement, asked()):
        answers = [pin for pin in pins if pin.name == wanted.name]
        if not any(wanted.specifier.contains(next(iter(pin.specifier)).version) for pin in answers):
            yield f"no pin answers {wanted}"


def word_faults() -> str:
    """Every tracked file and line that names a package host, a machine's path or a private key."""
    return "\n".join(sorted(fault for name in tracked() for fault in _words_in(name)))


def tracked() -> list[str]:
    """The files under version control."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name]


def _words_in(name: str) -> Iterator[str]:
    path = ROOT / name
    if not path.is_file():
        return
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        for what, pattern in FORBIDDEN.items():
            if pattern.search(line):
                yield f"{name}:{number}: {what}"
