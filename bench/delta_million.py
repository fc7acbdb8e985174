"""The delta of a million care services: how long from the record system's rows to “these changed, these are gone”?

Measured beside a plain-dictionary rival in the same run, each in a process of its own, from the same SQLite file:
`python bench/delta_million.py [ROWS]` prints a small table and one line of JSON.

Targets (2 cores): fingerprint and comparison under 1 s once read, under 3 s with the read, under 1 GB, and at least ten
times faster than dictionaries.
"""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

MILLION = 1_000_000
DAY = dt.date(2026, 3, 2)
KEY = bytes(range(32))
PER_PERSON = 4
CHANGED_EVERY, GONE, NEW = 100, 500, 500
"""One record in a hundred is changed, five hundred are gone and five hundred new: a day's work, and then some."""

MAPPING = """
mapping  = "ktt/1"
name     = "bench"
timezone = "Europe/Oslo"
[source]
kind = "sql"
read_only = true
unit = { query = "SELECT '312000008', '1114'" }

[complete]
count = { query = "SELECT 'tjeneste', count(*) FROM tjeneste UNION ALL SELECT 'bruker', count(*) FROM bruker" }
[table.bruker]
query = "SELECT nr, ident FROM bruker"
key = ["nr"]
[table.tjeneste]
query = "SELECT id, nr, vedtak, kode, fra, til, endret FROM tjeneste"
key = ["id"]
[record.recipient]
from = "bruker"
[record.recipient.fields]
local_person_id = "nr"
person_number = "ident"
died_on = { absent = "bench" }
[record.care_service]
from = "tjeneste"
[record.care_service.fields]
service_id = "id"
local_person_id = "nr"
decision_id = "vedtak"
service_type = { column = "kode", codes = "koder.csv" }
starts_on = { column = "fra", date = "%d.%m.%Y" }
ends_on = { column = "til", date = "%d.%m.%Y", empty = ["", "31.12.9999"] }
recorded_at = { column = "endret", instant = "%Y-%m-%d %H:%M:%S" }
"""


def make(folder: Path, rows: int) -> None:
    """Write the record system: `rows` services of a quarter as many persons, and its mapping."""
    from ktt.domain.identifiers import compose_synthetic
    from ktt.domain.records import ALL_TYPES

    absent = [name for name in ALL_TYPES if name not in {"recipient", "care_service"}]
    declared = "".join(f'[record.{name}]\nabsent = "bench"\n' for name in absent)
    (folder / "mapping.toml").write_text(MAPPING + declared, encoding="utf-8")
    (folder / "koder.csv").write_text("".join(f"K{n};{n}\n" for n in (1, 2, 15, 16, 18)), encoding="utf-8")
    born = dt.date(1930, 1, 1)
    numbers = [compose_synthetic(born + dt.timedelta(days=n), 100 + n % 300) for n in range(5_000)]
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        connection.execute("CREATE TABLE bruker (nr INTEGER PRIMARY KEY, ident TEXT)")
        connection.execute("CREATE TABLE tjeneste (id, nr, vedtak, kode TEXT, fra TEXT, til TEXT, endret TEXT)")
        people = ((n, numbers[n % len(numbers)]) for n in range(rows // PER_PERSON + 1))
        connection.executemany("INSERT INTO bruker VALUES (?, ?)", people)
        connection.executemany("INSERT INTO tjeneste VALUES (?, ?, ?, ?, ?, ?, ?)", map(service, range(rows)))
        connection.commit()


def service(n: int) -> tuple[object, ...]:
    start = dt.date(2017, 1, 1) + dt.timedelta(days=n % 3_000)
    end = f"{start + dt.timedelta(days=90):%d.%m.%Y}" if n % 3 else "31.12.9999"
    changed = f"2026-{n % 12 + 1:02}-{n % 28 + 1:02} 10:{n % 60:02}:00"
    return f"T-{n}", n // PER_PERSON, f"V-{n // 2}", f"K{(1, 2, 15, 16, 18)[n % 5]}", f"{start:%d.%m.%Y}", end, changed


def ours(folder: Path) -> dict[str, float]:
    import polars as pl

    from ktt.domain.fingerprint import fingerprint
    from ktt.domain.records import CARE_SERVICE
    from ktt.domain.unit import ReportingUnit
    from ktt.sender.delta.compare import compare
    from ktt.sender.extract.sources.sql import open_source
    from ktt.sender.extract.sources.sqlite import open_sqlite

    columns = ["id", "nr", "vedtak", "kode", "fra", "til", "endret"]
    start = time.perf_counter()
    with open_sqlite(folder / "epj.sqlite", {}) as reader:
        reader.frame("tjeneste", "SELECT * FROM tjeneste", columns)
    rows_read = time.perf_counter() - start

    start = time.perf_counter()
    source = open_source(f"sqlite:///{folder / 'epj.sqlite'}", folder / "mapping.toml")
    extract = source.read(ReportingUnit("312000008", "1114"), DAY, "sandbox")
    read = time.perf_counter() - start

    known = fingerprint(extract.records, CARE_SERVICE, KEY).select("local_id", "fingerprint")
    number = pl.col("local_id").str.slice(2).cast(pl.Int64)
    expected = known.filter(number >= NEW).with_columns(
        fingerprint=pl.when(number % CHANGED_EVERY == 0).then(pl.lit("0" * 32)).otherwise("fingerprint")
    )
    gone = pl.DataFrame({"local_id": [f"G-{n}" for n in range(GONE)], "fingerprint": ["0" * 32] * GONE})
    expected = pl.concat([expected, gone]).sample(fraction=1, shuffle=True, seed=1)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found = compare(fingerprint(extract.records, CARE_SERVICE, KEY), expected, extract.held["care_service"])
        times.append(time.perf_counter() - start)
    delta = sorted(times)[1]
    told = {"new": found.new.height, "changed": found.changed.height, "gone": len(found.gone)}
    return {"rows": rows_read, "read": read, "delta": delta, "peak_mb": peak(), **told}


def rival(folder: Path) -> dict[str, float]:
    """What is written first: a dictionary a row, a hash a row, two dictionaries compared."""
    with closing(sqlite3.connect(folder / "epj.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        start = time.perf_counter()
        people = {row["nr"]: row["ident"] for row in connection.execute("SELECT nr, ident FROM bruker")}
        rows = [dict(row) for row in connection.execute("SELECT id, nr, vedtak, kode, fra, til FROM tjeneste")]
        read = time.perf_counter() - start
    known = fingerprints(rows, people)
    expected = {i: "0" if int(i[2:]) % CHANGED_EVERY == 0 else h for i, h in known.items() if int(i[2:]) >= NEW}
    expected |= {f"G-{n}": "0" for n in range(GONE)}
    gc.collect()
    start = time.perf_counter()
    present = fingerprints(rows, people)
    new = [i for i in present if i not in expected]
    changed = [i for i, h in present.items() if i in expected and expected[i] != h]
    gone = [i for i in expected if i not in present]
    delta = time.perf_counter() - start
    return {
        "read": read,
        "delta": delta,
        "peak_mb": peak(),
        "new": len(new),
        "changed": len(changed),
        "gone": len(gone),
    }


def fingerprints(rows: list[dict[str, object]], people: dict[object, object]) -> dict[str, str]:
    found = {}
    for row in rows:
        content = row | {"person_number": people[row["nr"]]}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
        found[str(row["id"])] = hashlib.blake2b(text, key=KEY, digest_size=16).hexdigest()
    return found


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measured(part: str, folder: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, __file__, part, str(folder)], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        make(Path(name), rows)
        mine, theirs = measured("ours", Path(name)), measured("rival", Path(name))
    alike = all(mine[what] == theirs[what] for what in ("new", "changed", "gone"))
    print(f"{rows} care services, SQLite     ours     dictionaries")
    print(f"rows as text, s             {mine['rows']:8.2f}")
    print(f"read as records, s          {mine['read']:8.2f} {theirs['read']:12.2f}")
    print(f"fingerprint + compare, s    {mine['delta']:8.2f} {theirs['delta']:12.2f}")
    print(f"read + delta, s             {total(mine):8.2f} {total(theirs):12.2f}")
    print(f"peak memory, MB             {mine['peak_mb']:8.0f} {theirs['peak_mb']:12.0f}")
    print(f"the same changes found      {'yes' if alike else 'NO'}")
    ratio = theirs["delta"] / mine["delta"]
    print(json.dumps({"bench": "delta_million", "rows": rows, "ratio": ratio, "ours": mine, "rival": theirs}))
    if not alike:
        raise SystemExit(1)
    if rows == MILLION:
        tell(mine, theirs)


def total(figures: dict[str, float]) -> float:
    return figures["read"] + figures["delta"]


def tell(mine: dict[str, float], theirs: dict[str, float]) -> None:
    """Put the figures among the others'."""
    sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, the folder above is not on the path
    from bench.harness import Figure, publish

    rows = [
        ("fingerprint and compare", mine["delta"], theirs["delta"], "10 × · under 1 s"),
        ("read from SQLite, fingerprint and compare", total(mine), total(theirs), "under 3 s"),
    ]
    figures = [
        Figure(what, MILLION / ours, "records/s", "dictionaries", MILLION / rival, target)
        for what, ours, rival, target in rows
    ]
    notes = [
        f"{mine['delta']:.2f} s for the delta of a million, {total(mine):.2f} s with the read.",
        f"Peak memory {mine['peak_mb']:.0f} MB (target under 1000); dictionaries {theirs['peak_mb']:.0f} MB.",
    ]
    publish("delta_million", "How long does the delta of a million care services take?", figures, notes)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps({"ours": ours, "rival": rival}[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else MILLION)
