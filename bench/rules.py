"""How long do all the rules take, for a message of 14 MB and for a million rows, and does the time grow with the size?

`python -m bench.rules` measures on one core and writes its section of RESULTS.md.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"  # one core, and it must be said before Polars is imported

import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from bench._material import DAY, TYPE, VERSION, services, units
from bench.harness import Figure, publish
from ktt.domain.records import CARE_SERVICE, DECISION, DECISION_LINE, PAUSE, Records
from ktt.messages.register import find
from ktt.rules.catalogue import catalogue
from ktt.rules.catalogue import find as rule
from ktt.rules.context import ValidationScope
from ktt.rules.engine import validate_records
from ktt.rules.message_validation import validate_message
from support import naive_pairs
from support.naive_rules import NAIVE, World, broken

assert naive_pairs  # its rules are in NAIVE once it is imported

UNIT = units(1)[0]
HERE = ValidationScope(UNIT, DAY, other_records={})
RECORDS, PAUSES = 25_000, 4
KINDS = ("5", "6", "28")  # the first asks for a decision, none for an assessment
SIZES = (10_000, 100_000, 1_000_000)
QUESTION = """How many records a second are judged by all the rules, on one core?

Processor time of one thread. The million services stand with their periods, pauses, decisions, lines and people: 3.3
million rows in all, and nothing is wrong with them."""


def seconds(work: Callable[[], object], *, repeat: int = 3) -> float:
    """The median processor time of `repeat` runs: with one thread it is the time on a core that nobody else uses."""
    times = []
    for _ in range(repeat):
        gc.collect()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def whole_picture(count: int) -> Records:
    """So many care services as an extract has them: three kinds a person, one of them decided. Nothing is wrong."""
    records = dict(services(0, count))
    nth = pl.int_range(pl.len()) % len(KINDS)
    found = records["care_service"].with_columns(
        service_type=nth.cast(pl.String).replace_strict({str(n): kind for n, kind in enumerate(KINDS)}),
        decision_id=pl.when(nth == 0).then("decision_id"),
    )
    decided = found.filter(pl.col("decision_id").is_not_null())
    day = pl.lit(DAY)
    decisions = decided.select(
        "decision_id", "local_person_id", "recorded_at", decision_number=1, applied_on=day, decided_on=day
    )
    lines = decided.select("decision_id", "service_id", "service_type", outcome=pl.lit("2"), starts_on=day)
    made = ((CARE_SERVICE, found), (DECISION, decisions), (DECISION_LINE, lines))
    return records | {kind.name: kind.conform(frame) for kind, frame in made}


def long_services(count: int) -> Records:
    """Care services with several pauses each, so that 25 000 of them make a message of 14 MB."""
    records = dict(services(0, count))
    ids = records["care_service"].select("service_id", "starts_on")
    each = pl.DataFrame({"n": range(PAUSES)})
    pauses = ids.join(each, how="cross").select(
        "service_id",
        pause_id=pl.format("S-{}", "n"),
        starts_on=pl.col("starts_on") + pl.duration(days=3 * pl.col("n")),
        ends_on=pl.col("starts_on") + pl.duration(days=3 * pl.col("n") + 1),
    )
    return records | {PAUSE.name: PAUSE.conform(pauses)}


def long_message() -> bytes:
    version = find(TYPE, VERSION)
    return version.assemble(UNIT, {}, version.encode(UNIT, long_services(RECORDS)))


def by_message() -> tuple[Figure, str]:
    version, message = find(TYPE, VERSION), long_message()
    rules = catalogue()
    judged = seconds(lambda: validate_message(version, message, rules, DAY))
    read = seconds(lambda: (version.check(message), version.read(message)))
    figure = Figure(
        f"a message of {len(message) / 1e6:.1f} MB, read and judged by {len(rules)} rules",
        RECORDS / judged,
        "records/s",
        "the same, read and checked by its schema only",
        RECORDS / read,
        "under 1 s, under 500 MB",
    )
    return (
        figure,
        f"{judged:.2f} s for the message of {RECORDS:,} records; {_alone()} MB at the most in a process of its own.",
    )


def by_loop() -> Figure:
    records = long_services(RECORDS)
    rules = [rule(name) for name in sorted(NAIVE)]
    rows = {name: frame.to_dicts() for name, frame in records.items()}
    frames = seconds(lambda: validate_records(records, rules, HERE))
    loop = seconds(lambda: [broken(World(rows, DAY), name) for name in NAIVE], repeat=1)
    what = f"{len(rules)} rules over frames"
    return Figure(what, RECORDS / frames, "records/s", "the same rules in a plain Python loop", RECORDS / loop)


def by_size() -> tuple[list[Figure], str]:
    rules, times = catalogue(), {}
    for size in SIZES:
        records = whole_picture(size)
        assert validate_records(records, rules, HERE).is_empty()
        times[size] = seconds(lambda found=records: validate_records(found, rules, HERE))
    least = SIZES[0] / times[SIZES[0]]
    figures = [
        Figure(
            f"{size:,} care services, all rules", size / times[size], "records/s", f"{SIZES[0]:,} of them", least,
            "under 5 s" if size == SIZES[-1] else "",
        )
        for size in SIZES[1:]
    ]  # fmt: skip
    each = " · ".join(f"{size:,}: {times[size] * 1e6 / size:.1f}" for size in SIZES)
    return figures, f"{times[SIZES[-1]]:.2f} s for a million; microseconds a record {each}."


def _alone() -> int:
    """The most memory, in megabytes, that a process takes which does nothing but read the file and judge it."""
    done = subprocess.run([sys.executable, "-m", "bench.rules", "alone"], capture_output=True, text=True, check=True)
    return int(done.stdout)


def alone() -> None:
    """Make the message in one process, judge it in another, and print what the other took."""
    if len(sys.argv) == 2:
        done = subprocess.run(
            [sys.executable, "-m", "bench.rules", "alone", "judge"],
            input=long_message(),
            capture_output=True,
            check=True,
        )
        print(done.stdout.decode())
        return
    validate_message(find(TYPE, VERSION), sys.stdin.buffer.read(), catalogue(), DAY)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    message, first = by_message()
    sizes, second = by_size()
    publish("rules", QUESTION, [message, by_loop(), *sizes], [first, second])


if __name__ == "__main__":
    alone() if sys.argv[1:2] == ["alone"] else main()
