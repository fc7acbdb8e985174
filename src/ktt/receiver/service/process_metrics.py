"""The numbers of several processes in one folder, so that whichever is asked for `/metrics` answers for all.

prometheus_client looks at the environment when it is first imported: the parent says where before it starts a child.
"""

from __future__ import annotations

import os
from pathlib import Path

COUNTED = "numbers"
"""The folder's name, beside the keys."""


def shared_numbers(folder: Path) -> None:
    """Begin to count from nothing in this folder, in every process that is started from here on."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left_over in folder.glob("*.db"):
        left_over.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder.absolute())


def forget_process(pid: int) -> None:
    """What a process that has ended said of the present (requests under way) is no longer so; its counts stay."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    for of_the_present in folder.glob(f"gauge_live*_{pid}.db"):
        of_the_present.unlink(missing_ok=True)
