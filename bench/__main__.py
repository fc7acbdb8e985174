"""`python -m bench [NAME …]`: run every benchmark, or those named, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
SHARED = {"harness"}


def main() -> int:
    """Run them one after another; 1 when any of them failed."""
    names = sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("*.py") if _a_question(path.stem))
    failed = [name for name in names if _run(name)]
    for name in failed:
        print(f"✗ bench.{name}", file=sys.stderr)
    return 1 if failed else 0


def _a_question(stem: str) -> bool:
    return not stem.startswith("_") and stem not in SHARED


def _run(name: str) -> int:
    return subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=FOLDER.parent, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
