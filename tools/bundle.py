"""`make bundle`: a folder from which ktt is installed on a server without a network.

In it are the wheels of ktt and of what it needs, for Linux and Windows (x86-64) and the Python versions that are asked for,
each with its hash from requirements.lock; a script for each system; and the sums of every file. No index is named: pip
knows the one of this machine. The Linux half is tried at once, in a namespace that has no network.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap import LOCK, ROOT, CannotSetUp
from make_wheel import build_wheel
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TEMPLATES = ROOT / "tools" / "bundle"
DIST = ROOT / "dist"
_PYTHONS = ("3.11", "3.12", "3.13", "3.14")
_OLDEST_GLIBC, _NEWEST_GLIBC = 5, 28  # 2.28 is that of RHEL 8 and Debian 10


@dataclass(frozen=True)
class Target:
    """An operating system: what pip calls its platforms, and what markers say of it."""

    name: str
    platforms: tuple[str, ...]
    markers: dict[str, str]

    def environment(self, python: str) -> dict[str, str]:
        """What the markers of a requirement are judged by."""
        fixed = {"implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}
        return {**fixed, **self.markers, "python_version": python, "python_full_version": f"{python}.0"}


TARGETS = (
    Target(
        "linux",
        (*(f"manylinux_2_{n}_x86_64" for n in range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1)), "manylinux2014_x86_64"),
        {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    ),
    Target(
        "windows",
        ("win_amd64",),
        {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
)


@dataclass(frozen=True)
class Pin:
    """One package of the lock, with the hashes of its files and where it is needed."""

    name: str
    version: str
    marker: Marker | None
    hashes: tuple[str, ...]

    def needed(self, target: Target, python: str) -> bool:
        """Whether it is needed there."""
        return self.marker is None or self.marker.evaluate(target.environment(python))

    def line(self) -> str:
        """As pip reads it, for a place where it is needed."""
        return " \\\n    ".join([f"{self.name}=={self.version}", *(f"--hash={one}" for one in self.hashes)])


def pins() -> list[Pin]:
    """All that is in the lock."""
    lines = LOCK.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return [_pin(line) for line in lines if line and not line.startswith("#")]


def _pin(line: str) -> Pin:
    asked, *hashes = line.split(" --hash=")
    requirement = Requirement(asked.strip())
    (version,) = requirement.specifier
    return Pin(
        canonicalize_name(requirement.name), version.version, requirement.marker, tuple(one.strip() for one in hashes)
    )


def runtime_names() -> set[str]:
    """What ktt needs when it runs, and what that needs: the lock has also what only developers use."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting, seen = [Requirement(line) for line in project["dependencies"]], set()
    while waiting:
        requirement = waiting.pop()
        this = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if this not in seen:
            seen.add(this)
            waiting += _needs(*this)
    return {name for name, _ in seen}


def _needs(name: str, extras: Iterable[str]) -> Iterator[Requirement]:
    """What a package needs on any target. One that is not installed here is for another system, and needs nothing."""
    try:
        lines = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return
    places = [
        target.environment(python) | {"extra": extra}
        for target in TARGETS
        for python in _PYTHONS
        for extra in ("", *extras)
    ]
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        if marker is None or any(marker.evaluate(place) for place in places):
            yield requirement


def requirements(target: Target, pythons: Sequence[str], wheel: Path) -> str:
    """What is installed on a target: the pins, and ktt itself."""
    names = runtime_names()
    wanted = [pin for pin in pins() if pin.name in names and any(pin.needed(target, python) for python in pythons)]
    missing = names - {pin.name for pin in pins()}
    if missing:
        raise CannotSetUp(f"requirements.lock lacks {', '.join(sorted(missing))}: run `make lock`.")
    ours = Pin("ktt", wheel.name.split("-")[1], None, (f"sha256:{_sum(wheel)}",))
    return "\n".join(pin.line() for pin in [*wanted, ours]) + "\n"


def download(target: Target, python: str, folder: Path) -> None:
    """The wheels of a target for a Python; CannotSetUp when one has none, since a server has no compiler."""
    names = runtime_names()
    with tempfile.TemporaryDirectory() as scratch:
        listed = Path(scratch) / "wanted.txt"
        wanted = [pin.line() for pin in pins() if pin.name in names and pin.needed(target, python)]
        listed.write_text("\n".join(wanted), encoding="utf-8")
        platforms = [part for platform in target.platforms for part in ("--platform", platform)]
        ended = pip(
            "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", str(folder),
            "--implementation", "cp", "--python-version", python, *platforms, "--requirement", str(listed),
        )  # fmt: skip
    if ended.returncode:
        sys.stderr.write(ended.stderr)
        raise CannotSetUp(f"There is no wheel of everything for {target.name} and Python {python} (see above).")


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The pip of the Python that the environment was made from: the environment itself has none."""
    base = Path(sys.base_prefix)
    program = (
        base / "python.exe" if os.name == "nt" else base / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    )
    command = [str(program), "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def write_scripts(folder: Path, pythons: Sequence[str], version: str) -> None:
    """The scripts and what to do, with the versions filled in."""
    for template in sorted(TEMPLATES.iterdir()):
        text = template.read_text(encoding="utf-8")
        text = text.replace("@PYTHONS@", " ".join(pythons)).replace("@VERSION@", version)
        windows = template.suffix == ".ps1"
        # Windows PowerShell reads a script without a mark as the console's old page, and would spoil every ø in it.
        (folder / template.name).write_text(
            text, encoding="utf-8-sig" if windows else "utf-8", newline="\r\n" if windows else "\n"
        )
    (folder / "install.sh").chmod(0o755)


def write_sums(folder: Path) -> None:
    """SHA256SUMS of every file, in the form of sha256sum."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sum(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def try_linux(folder: Path, python: str) -> str:
    """Install it with a Python into an empty place, in a namespace without a network, and try it there (`installed.py`)."""
    program = _python(python)
    if shutil.which("unshare") is None or program is None:
        return f"- the Linux half was NOT tried: it takes unshare and python{python}"
    with tempfile.TemporaryDirectory() as scratch:
        own = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": scratch,
            "PYTHON": program,
            "PIP_CONFIG_FILE": os.devnull,
        }
        alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
        place = Path(scratch) / "ktt"
        tried = [program, ROOT / "tools" / "installed.py", "--loopback", place / "bin" / "ktt"]
        for command in ([folder / "install.sh", place], tried):
            ended = subprocess.run(
                [*alone, *map(str, command)], check=False, cwd=scratch, env=own, capture_output=True, text=True
            )
            if ended.returncode:
                raise CannotSetUp(f"{command[0]} failed without a network:\n{ended.stdout}{ended.stderr}")
    return f"✓ installed with Python {python}, and its sandbox used, without a network"


def _python(version: str) -> str | None:
    """A Python of that version that runs here."""
    found = shutil.which(f"python{version}")
    runs = found is not None and subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0
    return found if runs else None


def main() -> int:
    """Make the bundle anew in dist/, and say what was tried."""
    arguments = argparse.ArgumentParser(description="Make a bundle that installs ktt without a network.")
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    arguments.add_argument(
        "--python", action="append", metavar="3.12", help=f"for this Python; again for more [{this}]"
    )
    pythons = sorted(set(arguments.parse_args().python or [this]))
    try:
        for line in make(pythons):
            print(line, flush=True)
    except CannotSetUp as fault:
        print(f"✗ {fault}", file=sys.stderr)
        return 1
    return 0


def make(pythons: Sequence[str]) -> Iterator[str]:
    """Make it, telling of each step."""
    with tempfile.TemporaryDirectory() as scratch:
        wheel = build_wheel(Path(scratch))
        version = wheel.name.split("-")[1]
        folder = DIST / f"ktt-{version}-bundle"
        shutil.rmtree(folder, ignore_errors=True)
        wheels = folder / "wheels"
        wheels.mkdir(parents=True)
        shutil.copy2(wheel, wheels)
    for target in TARGETS:
        for python in pythons:
            download(target, python, wheels)
            yield f"✓ wheels for {target.name}, Python {python}"
        listed = requirements(target, pythons, wheels / wheel.name)
        (folder / f"requirements-{target.name}.txt").write_text(listed, encoding="utf-8", newline="\n")
    write_scripts(folder, pythons, version)
    write_sums(folder)
    archive = Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
    yield from (try_linux(folder, python) for python in pythons)
    yield "- the Windows half was NOT run: there is no Windows here"
    yield f"{archive.relative_to(ROOT)}: {archive.stat().st_size / 1e6:.0f} MB, sha256 {_sum(archive)}"


if __name__ == "__main__":
    sys.exit(main())
