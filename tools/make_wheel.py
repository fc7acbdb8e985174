"""`make wheel`: the wheel of ktt in dist/, and `constraints.txt` beside it: the versions that it was tried with."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bootstrap import ROOT

DIST = ROOT / "dist"


def build_wheel(folder: Path) -> Path:
    """The wheel of ktt itself; the same bytes from the same files."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
    return next(folder.glob("ktt-*.whl"))


def constraints() -> str:
    """The versions of requirements.lock that a user gets, for pip's `--constraint` and uv's `--constraints`."""
    from bundle import pins, runtime_names

    names = runtime_names()
    wanted = [pin for pin in pins() if pin.name in names]
    return "".join(f"{pin.name}=={pin.version}{f' ; {pin.marker}' if pin.marker else ''}\n" for pin in wanted)


def main() -> int:
    """Make both anew, and say how the wheel is used."""
    DIST.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DIST) as scratch:
        made = build_wheel(Path(scratch))
        wheel = made.replace(DIST / made.name)
    (DIST / "constraints.txt").write_text(constraints(), encoding="utf-8", newline="\n")
    shown = wheel.relative_to(ROOT).as_posix()
    print(f"{shown}: {wheel.stat().st_size / 1e6:.1f} MB")
    print(f"  pipx install --pip-args='--constraint dist/constraints.txt' {shown}")
    print(f"  uvx --constraints dist/constraints.txt --from {shown} ktt sandbox up")
    return 0


if __name__ == "__main__":
    sys.exit(main())
