"""How many care services a second are compared with what the registry holds, from rows in SQLite to new, changed, gone?

The work is in delta_million; the rival reads the same rows into dictionaries, hashes and compares them one by one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.harness import Figure, publish

SCRIPT = Path(__file__).with_name("delta_million.py")


def main() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT)], check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    rows, ours, rival = found["rows_n"], found["ours"], found["rival"]
    whole = [rows / (times["read"] + times["delta"]) for times in (ours, rival)]
    figures = [
        Figure(
            "fingerprint + compare",
            rows / ours["delta"],
            "rows/s",
            "dictionaries",
            rows / rival["delta"],
            "≥ 10 ×, < 1 s",
        ),
        Figure("with the read from SQLite", whole[0], "rows/s", "dictionaries", whole[1], "< 3 s"),
    ]
    seconds = f"{rows:,} rows: {ours['delta']:.2f} s, with the read {ours['read'] + ours['delta']:.2f} s"
    publish("delta", __doc__ or "", figures, [f"{seconds}; peak {ours['peak_mb']:.0f} MB (target < 1 GB)."])


if __name__ == "__main__":
    main()
