"""Make `.venv` from nothing but a Python: `python3 tools/bootstrap.py`, on Windows `py tools\\bootstrap.py`.

Standard library only, and neither pip nor ensurepip is taken for granted (Debian splits both from Python). Does nothing
when nothing has changed since last time. See docs/adr/0003-the-front-door.md.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "ktt-setup"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")


class CannotSetUp(Exception):
    """One line that says what to install or set."""


def main() -> int:
    """Set up when needed; 1 with one line on stderr when it cannot be done."""
    try:
        ensure_python()
        if not (PYTHON.exists() and STAMP.exists() and STAMP.read_text() == stamp()):
            set_up()
    except CannotSetUp as fault:
        print(f"✗ {fault}" if _speaks_utf8() else str(fault), file=sys.stderr)
        return 1
    return 0


def ensure_python() -> None:
    """Go on in a newer Python of this machine when this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            sys.exit(subprocess.call([found, *sys.argv]))
    raise CannotSetUp("Python 3.11 or newer is needed: install it, or point to it with `make PYTHON=/path/to/python3`.")


def stamp() -> str:
    """What the environment was made from: the lock, the project file, the interpreter and the place."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def set_up() -> None:
    """Make the environment, fetch uv, install the lock, then the project itself."""
    print("Setting up .venv from requirements.lock (once) …", file=sys.stderr, flush=True)
    make_venv()
    uv = fetch_uv()
    run(uv, "pip", "sync", "--require-hashes", "--strict", LOCK)
    run(uv, "pip", "install", "--no-deps", "--no-build-isolation", "--offline", "--editable", ROOT)
    STAMP.write_text(stamp())


def make_venv() -> None:
    """An empty virtual environment. Without pip in it, so that Debian's python3-venv is not needed."""
    try:
        import venv

        venv.EnvBuilder(clear=True, symlinks=os.name != "nt").create(VENV)
    except ImportError as fault:
        raise CannotSetUp("Python's venv module is missing: `sudo apt install python3-venv`.") from fault
    except OSError as fault:
        raise CannotSetUp(f"{VENV} cannot be made: {fault.strerror}.") from fault


def run(uv: Path, *arguments: object) -> None:
    """Run uv on the new environment, with pip's settings passed on."""
    from package_index import pip_settings, uv_environment

    command = [str(uv), *map(str, arguments), "--quiet", "--python", str(PYTHON)]
    ended = subprocess.run(command, check=False, cwd=ROOT, env=uv_environment(pip_settings()), stdin=subprocess.DEVNULL)
    if ended.returncode:
        raise CannotSetUp("The packages could not be installed (see above); the index is the one pip is set up with.")


def fetch_uv() -> Path:
    """The uv of the lock, taken from its wheel after its hash was found in the lock."""
    from package_index import wheel_of

    version, hashes = locked("uv")
    folder = VENV / "bootstrap"
    folder.mkdir(exist_ok=True)
    wheel = wheel_of("uv", version, folder, hashes, (sys.executable, str(PYTHON)))
    if wheel is None:
        raise CannotSetUp(
            "uv cannot be fetched: no package index answers. Install pip (Debian: `sudo apt install python3-pip`)"
            " or set PIP_INDEX_URL to your index."
        )
    return unpack(wheel, folder)


def locked(name: str) -> tuple[str, frozenset[str]]:
    """Version and SHA-256 sums of one package in the lock."""
    head = f"{name}=="
    entries = LOCK.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    words = next(line for line in entries if line.startswith(head)).split()
    return words[0][len(head) :], frozenset(word[len("--hash=sha256:") :] for word in words if "sha256:" in word)


def unpack(wheel: Path, folder: Path) -> Path:
    """Take the program out of the wheel."""
    name = "uv.exe" if os.name == "nt" else "uv"
    with zipfile.ZipFile(wheel) as archive:
        inside = next(entry for entry in archive.namelist() if entry.endswith(f"/scripts/{name}"))
        (folder / name).write_bytes(archive.read(inside))
    (folder / name).chmod(0o755)
    wheel.unlink()
    return folder / name


def _speaks_utf8() -> bool:
    return (sys.stderr.encoding or "").lower().replace("-", "") == "utf8"


if __name__ == "__main__":
    sys.exit(main())
