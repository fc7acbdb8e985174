"""`ktt`, and `python -m ktt`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line as given; the exit code by class of fault is in `ktt.core.errors`."""
    from ktt.cli.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
