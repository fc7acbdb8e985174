"""What every benchmark shares: measuring, the machine in one line, and a section of its own in RESULTS.md.

A figure is a rate (more is better) and always stands beside another that was measured in the same run: the bound that
no program on this machine can pass, or the rival that does the same work the usual way.
"""

from __future__ import annotations

import gc
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.backends.openssl import backend

RESULTS = Path(__file__).parent / "RESULTS.md"
_HEAD = """# Figures

Written by `make bench`; each section is one file here and is replaced when that file runs. A ratio compares two figures
of the same run on the same machine, so it travels better than the figures do.
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured rate beside its bound or rival."""

    what: str
    rate: float
    unit: str
    beside: str
    beside_rate: float
    target: str = ""

    @property
    def ratio(self) -> float:
        return self.rate / self.beside_rate

    @property
    def row(self) -> str:
        figures = (_number(self.rate), self.unit, self.beside, _number(self.beside_rate), f"{self.ratio:.2f}")
        return "| " + " | ".join((self.what, *figures, self.target)) + " |"


def seconds(work: Callable[[], object], *, repeat: int = 3) -> float:
    """The median time of `repeat` runs, garbage collected before each."""
    times = []
    for _ in range(repeat):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def machine() -> str:
    """Processor, cores, memory and the versions that decide."""
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory_gib()} GiB, {platform.system()},"
        f" CPython {platform.python_version()}, {backend.openssl_version_text().split(' ', 2)[0]}"
        f" {backend.openssl_version_text().split(' ', 2)[1]}"
    )


def publish(name: str, question: str, figures: Sequence[Figure], notes: Sequence[str] = ()) -> None:
    """Print the figures and replace the section `name` in RESULTS.md."""
    section = _section(name, question, figures, notes)
    print(section)
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else _HEAD
    RESULTS.write_text(replaced(text, name, section), encoding="utf-8")


def replaced(text: str, name: str, section: str) -> str:
    """The whole text with the section replaced, or put where its name belongs in alphabetical order."""
    head, *rest = re.split(r"(?m)^(?=## )", text)
    sections = {part.split("\n", 1)[0].removeprefix("## "): part.strip() for part in rest}
    sections[name] = section.strip()
    return "\n\n".join((head.strip(), *(sections[key] for key in sorted(sections)))) + "\n"


def _section(name: str, question: str, figures: Sequence[Figure], notes: Sequence[str]) -> str:
    table = ["| what | rate | unit | beside | its rate | ratio | target |", "|---|--:|---|---|--:|--:|---|"]
    table += [figure.row for figure in figures]
    lines = [f"## {name}", "", question.strip(), "", f"Machine: {machine()}.", "", *table]
    return "\n".join([*lines, *(["", *(f"- {note}" for note in notes)] if notes else [])]) + "\n"


def _number(rate: float) -> str:
    return f"{rate:,.0f}".replace(",", " ") if rate >= 100 else f"{rate:.3g}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (found := re.search(r"model name\s*: (.+)", cpuinfo.read_text(encoding="utf-8"))):
        return found.group(1).strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> int:
    if not hasattr(os, "sysconf"):
        return 0
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
