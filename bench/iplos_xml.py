"""How many megabytes a second of an annual message are read and judged, and does memory stay flat?

`python -m bench.iplos_xml` measures on one core and writes its section of RESULTS.md.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"  # one core, and it must be said before Polars is imported

import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from bench.harness import Figure, publish
from ktt.messages.iplos_3_7.reader import read
from ktt.messages.iplos_3_7.stream import BLOCK
from ktt.rules.annual.catalogue import annual_rules
from ktt.rules.annual.validation_run import AnnualValidation, validate_batches
from ktt.testing.synthetic import annual_message
from support.naive_annual import Naive

YEAR = 2025
SIZES = (10, 100)  # megabytes
PERSON = 7_220  # bytes, about
QUESTION = """How many megabytes a second of an annual message (IPLOS 3.7) are read and judged by all its rules, on one core?

Synthetic persons, indented as systems write it; nothing is wrong with them. Processor time of one process that does
nothing else. The rival does the same rules row by row: ElementTree, plain Python, and it agrees on every finding.
"""


def write(path: Path, megabytes: int) -> None:
    """A message of about that size, of persons who are all different."""
    with path.open("w", encoding="utf-8") as file:
        for piece in annual_message.message(annual_message.people(megabytes * 1_000_000 // PERSON, YEAR), YEAR):
            file.write(piece)


def ours(path: Path) -> int:
    validation = AnnualValidation(annual_rules())
    with path.open("rb") as file:
        assert validate_batches(read(path.name, iter(partial(file.read, BLOCK), b"")), validation).is_empty()
    return validation.counts.read


def loop(path: Path) -> int:
    with path.open("rb") as file:
        opinion = Naive().read(file)
    assert not opinion.found
    return opinion.records


def parsed(path: Path) -> int:
    parser = expat.ParserCreate(namespace_separator="}")
    with path.open("rb") as file:
        parser.ParseFile(file)
    return 0


def alone(way: str, path: Path) -> None:
    """Do it once in this process; print seconds of processor time and megabytes of memory."""
    start = time.process_time()
    {"ours": ours, "loop": loop, "parsed": parsed}[way](path)
    print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def measured(way: str, path: Path, *, repeat: int = 3) -> tuple[float, int]:
    """Megabytes a second and peak megabytes: the best of some processes, as others share the machine."""
    found = []
    for _ in range(repeat):
        words = [sys.executable, "-m", "bench.iplos_xml", way, str(path)]
        seconds, peak = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
        found.append((path.stat().st_size / 1e6 / float(seconds), int(peak)))
    return max(found)


def main() -> None:
    figures, notes = [], []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = Path(folder) / f"iplos-{size}.xml"
            write(path, size)
            repeat = 3 if size == SIZES[0] else 2
            (mine, peak), (rival, other) = measured("ours", path, repeat=repeat), measured("loop", path, repeat=1)
            bound, _ = measured("parsed", path, repeat=repeat)
            rules = len(annual_rules())
            what = f"{path.stat().st_size / 1e6:.0f} MB, read and judged by {rules} rules"
            target = "≥ 35 MB/s, flat memory" if size == SIZES[-1] else ""
            figures.append(Figure(what, mine, "MB/s", "ElementTree, row by row", rival, target))
            figures.append(
                Figure(f"{path.stat().st_size / 1e6:.0f} MB", mine, "MB/s", "expat alone, nothing kept", bound)
            )
            notes.append(f"{path.stat().st_size / 1e6:.0f} MB: peak memory {peak} MB; row by row {other} MB.")
    publish("iplos_xml", QUESTION, figures, notes)


if __name__ == "__main__":
    if sys.argv[1:]:
        alone(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
