"""What is said of a column: the kind of its values, their forms, how many are different, and which may be shown."""

import datetime as dt

import polars as pl
import pytest

from ktt.domain.identifiers import compose_synthetic
from ktt.sender.extract.profiling.column import ColumnProfiler
from ktt.sender.extract.profiling.disclosure import shown_values

DAYS = [dt.date(1950, 1, 1) + dt.timedelta(days=37 * n) for n in range(100)]
NUMBERS = [number for day in DAYS if (number := compose_synthetic(day, 300))]


def profiled(name, values, at_least=5, blocks=3):
    profiler = ColumnProfiler(name)
    for start in range(blocks):
        profiler.add(pl.Series(values[start::blocks], dtype=pl.String()))
    return profiler.profile(at_least)


# what is in the column | its kind | the forms of its days or times
KINDS = {
    "days": ([f"{d:%d.%m.%Y}" for d in DAYS], "day", ["%d.%m.%Y"]),
    "days as digits": ([f"{d:%Y%m%d}" for d in DAYS], "day", ["%Y%m%d"]),
    "days the other way": ([f"{d:%d%m%Y}" for d in DAYS], "day", ["%d%m%Y"]),
    "two forms": ([f"{d:%d.%m.%Y}" if d.day % 3 else f"{d:%Y%m%d}" for d in DAYS], "day", ["%d.%m.%Y", "%Y%m%d"]),
    "months": ([f"{d:%m.%Y}" for d in DAYS], "month", ["%m.%Y"]),
    "instants": ([f"{d} 08:15:00" for d in DAYS], "instant", ["%Y-%m-%d %H:%M:%S"]),
    "instants with fractions": ([f"{d} 08:15:00.123" for d in DAYS], "instant", ["%Y-%m-%d %H:%M:%S"]),
    "instants with their zone": ([f"{d}T08:15:00+01:00" for d in DAYS], "zoned_instant", ["%Y-%m-%dT%H:%M:%S"]),
    "national numbers": (NUMBERS, "person_number", []),
    "numbers without their nought": ([n.lstrip("0") for n in NUMBERS], "person_number", []),
    "numbers in groups": ([f"{n[:6]} {n[6:]}" for n in NUMBERS], "person_number", []),
    "organisations": (["974707152", "974589095"] * 50, "organisation", []),
    "whole numbers": ([str(1000 + n * 7) for n in range(100)], "whole_number", []),
    "decimals": ([f"{n},5" for n in range(100)], "decimal", []),
    "diagnoses": ([f"{'ABF'[n % 3]}{n % 90:02}.{n % 9}" for n in range(100)], "diagnosis", []),
    "yes and no": (["J", "N"] * 50, "yes_no", []),
    "codes": (["HJSP", "BPA", "AVL"] * 30, "code", []),
    "free text": ([f"Ringte datter {n} ganger" for n in range(100)], "text", []),
    "nothing": ([" ", None] * 10, "empty", []),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_the_kind_and_the_forms_of_a_column(name):
    values, kind, formats = KINDS[name]
    found = profiled("kolonne", values)
    assert (found.kind, list(found.formats)) == (kind, formats)


def test_an_open_end_is_told_and_no_other_day():
    found = profiled("til", [f"{d:%d.%m.%Y}" for d in DAYS] + ["31.12.9999"] * 60)
    assert (found.kind, found.open_ends, dict(found.shown.values)) == ("day", {"31.12.9999": 60}, {})


@pytest.mark.parametrize(
    ("name", "counts", "shown"),
    [
        ("tjkode", {"HJSP": 50, "BPA": 5, "X": 4}, {"HJSP": 50, "BPA": 5}),
        ("tjkode", {"HJSP": 5, "A": 4, "B": 4}, {}),  # most rows have a value that few have
        ("tjkode", {f"K{n}": 9 for n in range(61)}, {}),  # too many to be codes
        ("kommentar", {"HJSP": 50}, {}),
        ("fornavn", {"Kari": 50, "Ola": 50}, {}),
        ("utfort_av", {"Kari Nordmann": 50, "Ola Hansen": 50}, {}),
        ("utfort_av", {"Nordmann, Kari": 50, "Hansen, Ola": 50}, {}),
        ("gruppe", {"19500317": 50, "19500318": 60}, {}),  # days are nobody's codes
        ("gruppe", {"kari@kommune.no": 50}, {}),
        ("utforer", {"974707152": 50}, {"974707152": 50}),
    ],
)
def test_values_are_shown_of_codes_alone(name, counts, shown):
    assert dict(shown_values(name, counts, 5).values) == shown


def test_what_few_rows_have_is_counted_and_not_named():
    found = shown_values("tjkode", {"A": 100, "B": 3, "C": 2}, 5)
    assert (found.hidden_values, found.hidden_rows) == (2, 5)


def test_distinct_values_are_counted_without_being_kept():
    many = [str(n) for n in range(100_000)]
    found = profiled("id", many + many[:50_000])
    assert not found.exact
    assert found.distinct == pytest.approx(100_000, rel=0.06)
    assert profiled("id", many[:4000]).distinct == 4000
