"""`make check`: everything that can be checked without running the program. Runs all, counts failures."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import repository
from bokmal import bokmal_faults
from bootstrap import BIN, ROOT

Check = Callable[[], str]
"""Runs, and returns what is wrong; empty when all is well."""


def program(*command: str) -> Check:
    """A check that is a program's own: wrong when it ends with another code than 0."""

    def run() -> str:
        ended = subprocess.run(
            [str(BIN / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONUTF8": "1"},
        )  # fmt: skip
        return "" if ended.returncode == 0 else f"{ended.stdout}{ended.stderr}".strip() or "failed without a word"

    return run


CHECKS: dict[str, Check] = {
    "format": program("ruff", "format", "--check", "."),
    "lint": program("ruff", "check", "."),
    "types": program("mypy"),
    "imports": program("lint-imports"),
    "docs current": program("python", "tools/docs.py", "--check"),
    "lock current": repository.lock_faults,
    "words": lambda: "\n".join(filter(None, (repository.word_faults(), bokmal_faults()))),
}


def timed(check: Check) -> tuple[str, float]:
    """What is wrong, and the seconds it took to find out."""
    start = time.monotonic()
    return check(), time.monotonic() - start


def main() -> int:
    """Run every check, two at a time; 1 when any failed."""
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for name, result in zip(CHECKS, pool.map(timed, CHECKS.values()), strict=True):
            wrong, seconds = result
            failed += bool(wrong)
            print(f"{'✗' if wrong else '✓'} {name} ({seconds:.1f} s)", flush=True)
            if wrong:
                print("\n".join(f"    {line}" for line in wrong.splitlines()), flush=True)
    print(f"{len(CHECKS)} checks, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
