"""The wheel of ktt in an environment of its own, with the packages that a user gets and no others.

Those packages are linked from the environment that the tests run in, whose versions and hashes are the lock's; nothing
is fetched, and a package that only developers have is not there.
"""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import venv
from importlib.util import cache_from_source
from pathlib import Path

import bundle

WATCH = """
import sys

def refuse(event, arguments):
    if event in {"open", "os.listdir", "os.scandir"} and str(arguments[0]).startswith(%r):
        sys.stderr.write(f"READ IN THE CHECKOUT: {arguments[0]}\\n")
        sys.exit(99)

sys.addaudithook(refuse)
"""
"""Run first by every process of the environment: none may read the checkout, whatever it finds its way to."""


def runtime_files():
    """Every file of the packages that ktt needs when it runs: where it is, and its place among packages."""
    for name in sorted(bundle.runtime_names()):
        try:
            found = importlib.metadata.distribution(name).files or []
        except importlib.metadata.PackageNotFoundError:  # of another system
            continue
        for file in found:
            if ".." not in file.parts:  # not the commands
                yield Path(str(file.locate())), Path(file)


def environment(folder, wheel):
    """A virtual environment with the wheel, as `pip install` leaves it; the folder of its packages beside it."""
    venv.EnvBuilder(symlinks=True).create(folder)
    python = folder / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--no-index", "--offline", "--python", python, wheel]
    subprocess.run(command, check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for source, place in runtime_files():
        _link(source, packages / place)
    (packages / "sitecustomize.py").write_text(WATCH % f"{bundle.ROOT / 'src'}/")
    return packages


def _link(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(source)
    if source.suffix == ".py" and (compiled := Path(cache_from_source(str(source)))).exists():
        made = Path(cache_from_source(str(target)))
        made.parent.mkdir(exist_ok=True)
        if not made.is_symlink():
            made.symlink_to(compiled)
