"""ajv, a JSON Schema validator in another language, as a process that is asked message by message."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

_SOURCE = Path(__file__).with_name("ajv")
_FOLDER = Path(sys.prefix) / "ajv"  # in the virtual environment, with all else that is installed for the tests
_INSTALL = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


class AjvValidator:
    """Validates messages against named schemas. It counts numbers in binary, as JavaScript does."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, line: Any) -> Any:
        """The answer to one line."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "ajv ended; what it wrote is above"
        return json.loads(answer)

    def places(self, name: str, text: bytes) -> set[str]:
        """JSON pointers of what breaks the schema of that name."""
        return set(self.ask({"name": name, "text": text.decode()}))


@contextmanager
def running_ajv(schemas: Mapping[str, Any]) -> Iterator[AjvValidator]:
    """ajv with these schemas. CI must have Node and npm; elsewhere the tests that need them are skipped without."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        assert not os.environ.get("CI"), "CI asks ajv for a third opinion: install nodejs and npm"
        pytest.skip("no Node and npm on this machine")
    _install()
    process = subprocess.Popen(
        ["node", "validate.mjs"], cwd=_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        validator = AjvValidator(process)
        assert validator.ask(dict(schemas)) == "ready"
        yield validator
        process.terminate()


def _install() -> None:
    """What the lock file names, once for each version of it, whichever of the test processes comes first."""
    with FileLock(f"{_FOLDER}.lock"):
        wanted, done = (_SOURCE / "package-lock.json").read_bytes(), _FOLDER / ".installed"
        shutil.copytree(_SOURCE, _FOLDER, dirs_exist_ok=True)
        if not done.exists() or done.read_bytes() != wanted:
            subprocess.run(_INSTALL, cwd=_FOLDER, check=True, timeout=300)
            done.write_bytes(wanted)
