"""Write requirements.lock: every package, for every platform, with hashes. Names no package host.

Its first line carries a sum of what pyproject.toml asks for, so that `make check` can tell, offline, that the lock is of
the same asking.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from bootstrap import BIN, LOCK, ROOT, pip_settings, uv_environment

OPTIONS = ("--universal", "--generate-hashes", "--python-version=3.11", "--quiet")
SILENT = ("--no-emit-index-url", "--no-annotate", "--no-header")  # nothing about the machine that made it


def asked() -> list[str]:
    """Everything pyproject.toml asks for, as requirement lines."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    return sorted([*project["project"]["dependencies"], *(line for name in sorted(groups) for line in groups[name])])


def first_line() -> str:
    """The line that says what the lock is of."""
    digest = hashlib.sha256(json.dumps(asked()).encode()).hexdigest()
    return f"# Made by `make lock`; of pyproject.toml {digest[:16]}."


def main() -> int:
    """Resolve anew, keeping what still fits; with `--upgrade`, the newest of everything."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    # Only the main index: a folder of a few wheels beside it would leave the other platforms' hashes out of the lock.
    settings = {name: value for name, value in pip_settings().items() if name not in {"extra-index-url", "find-links"}}
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "requirements.lock"
        if LOCK.exists():
            written.write_bytes(LOCK.read_bytes())
        command = [BIN / "uv", "pip", "compile", "pyproject.toml", *OPTIONS, *SILENT, "-o", written, *sys.argv[1:]]
        command += [part for name in sorted(groups) for part in ("--group", name)]
        code = subprocess.run(command, check=False, cwd=ROOT, env=uv_environment(settings)).returncode
        if code == 0:
            LOCK.write_text(f"{first_line()}\n{written.read_text(encoding='utf-8')}", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
