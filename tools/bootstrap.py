"""Make `.venv` from a Python with pip: `python3 tools/bootstrap.py`, on Windows `py tools\\bootstrap.py`.

Standard library only. No index is named here: pip knows the one this machine is set up with, and uv is told of it. Does
nothing when nothing has changed since last time. See docs/adr/0003-setup-and-commands.md.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import shutil
import ssl
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
# pip's setting → uv's, and what stands between several values there
_PASSED_ON = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "no-index": ("UV_NO_INDEX", " "),
    "cert": ("SSL_CERT_FILE", " "),
}


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
    command = [str(uv), *map(str, arguments), "--quiet", "--python", str(PYTHON)]
    ended = subprocess.run(command, check=False, cwd=ROOT, env=uv_environment(pip_settings()), stdin=subprocess.DEVNULL)
    if ended.returncode:
        raise CannotSetUp("The packages could not be installed (see above); the index is the one pip is set up with.")


def fetch_uv() -> Path:
    """The uv of the lock, downloaded by pip, which checks its hash."""
    folder = VENV / "bootstrap"
    folder.mkdir(exist_ok=True)
    (folder / "uv.txt").write_text(locked("uv"), encoding="utf-8")
    options = ("--require-hashes", "--no-deps", "--only-binary=:all:")
    ended = pip("download", *options, "--quiet", "--dest", str(folder), "--requirement", str(folder / "uv.txt"))
    if ended.returncode:
        sys.stderr.write(ended.stderr)
        raise CannotSetUp("pip could not fetch uv (see above): set PIP_INDEX_URL to a package index that answers.")
    return unpack(next(folder.glob("uv-*.whl")), folder)


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the pip of this Python; CannotSetUp when it has none."""
    if importlib.util.find_spec("pip") is None:
        raise CannotSetUp(f"pip is missing: `sudo apt install python3-pip`, or `{sys.executable} -m ensurepip`.")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def pip_settings() -> dict[str, str]:
    """What pip is set up with: its configuration files, then PIP_… in the environment, the later winning."""
    found = {}
    places = ("global.", "install.", ":env:.")
    listed = [line.partition("=") for line in pip("config", "list").stdout.splitlines()]
    for place in places:
        found |= {name[len(place) :]: ast.literal_eval(value) for name, _, value in listed if name.startswith(place)}
    return found


def uv_environment(settings: dict[str, str]) -> dict[str, str]:
    """The environment in which uv uses pip's index. What uv itself is already told stands."""
    passed = {
        name: between.join(settings[setting].split())
        for setting, (name, between) in _PASSED_ON.items()
        if settings.get(setting)
    }
    if _system_certificates():  # as pip does: a mirror's certificate is often the organisation's own
        passed["UV_SYSTEM_CERTS"] = "true"
    # Every wheel must have a hash from the lock, so it does not matter which of several indexes it comes from.
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **passed, **os.environ}


def _system_certificates() -> bool:
    """Whether this machine has a certificate store; a bare Debian may lack it, and then uv's own serves."""
    paths = ssl.get_default_verify_paths()
    folder = Path(paths.capath) if paths.capath else None
    return os.name == "nt" or sys.platform == "darwin" or bool(paths.cafile or (folder and any(folder.iterdir())))


def locked(name: str) -> str:
    """One package's entry in the lock, with its hashes: a line that pip can be given."""
    entries = LOCK.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return next(line for line in entries if line.startswith(f"{name}=="))


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
