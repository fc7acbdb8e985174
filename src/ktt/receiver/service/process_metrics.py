"""The metrics of several processes in one folder, so that whichever is asked for `/metrics` answers for all.

prometheus_client looks at the environment when it is first imported: the parent says where before it starts a child.
"""

from __future__ import annotations

import os
from pathlib import Path

METRICS_FOLDER = "numbers"
"""The folder's name, beside the keys."""


def share_metrics(folder: Path) -> None:
    """Let every process that is started from here on write its metrics to this folder, which is emptied."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left_over in folder.glob("*.db"):
        left_over.unlink()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder.absolute())


def forget_process(pid: int) -> None:
    """Remove the gauges of a process that has ended (its requests under way); its counters stay."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    for gauge in folder.glob(f"gauge_live*_{pid}.db"):
        gauge.unlink(missing_ok=True)
