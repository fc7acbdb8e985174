"""`ktt`, and `python -m ktt`."""

from __future__ import annotations

import gc
import sys

_COLLECT_EVERY = 20_000
"""New objects between two collections; Python's 700 has the collector go through the imports again and again, 0.07 s a command."""


def main() -> int:
    """Run the command line as given; the exit code by class of fault is in `ktt.core.errors`."""
    gc.set_threshold(_COLLECT_EVERY)
    from ktt.cli.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
