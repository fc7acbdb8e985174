"""Person and organisation numbers: published test numbers, one rule at a time, and the column against the value."""

from __future__ import annotations

import copy
import datetime as dt
import logging
import pickle
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.no import fodselsnummer

from ktt.domain.identifiers import (
    NEW_RULE,
    OLD_RULE,
    PersonNumber,
    compose_synthetic,
    individual_numbers,
    normalise_number,
    normalised,
    organisation_synthetic,
    organisation_valid,
    organisation_valid_column,
    parse_person_number,
    person_number_checks,
    remainders_allowed,
)
from support import effort

TENOR = "08844110015"


@pytest.mark.parametrize(
    ("number", "old", "new"),
    [  # published by Skatteetaten as test numbers for the 2032 rule
        ("02013299997", True, True),
        ("30108299920", True, True),
        ("30108299939", False, True),
    ],
)
def test_the_rule_of_2032(number, old, new):
    assert parse_person_number(number, OLD_RULE).valid is old
    assert parse_person_number(number, NEW_RULE).valid is new


def test_a_number_of_the_new_rule_tells_no_birth_date():
    assert parse_person_number("30108299939", NEW_RULE).born_on is None
    assert parse_person_number("30108299920", NEW_RULE).born_on == dt.date(1982, 10, 30)


@pytest.mark.parametrize(
    ("production", "on", "allowed"),
    [
        (True, dt.date(2031, 12, 31), {0}),
        (True, dt.date(2032, 1, 1), {0, 1, 2, 3}),
        (False, dt.date(2026, 1, 1), {0, 1, 2, 3}),
    ],
)
def test_which_remainders_are_allowed(production, on, allowed):
    assert remainders_allowed(on, production=production) == allowed


def numbered(nine):
    """The nine digits with check digits, or another individual number near it where there are none."""
    for step in range(20):
        digits = f"{nine[:6]}{int(nine[6:]) + step:03}"
        first = -sum(w * int(d) for w, d in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), digits, strict=True)) % 11
        ten = f"{digits}{first}"
        second = -sum(w * int(d) for w, d in zip((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), ten, strict=False)) % 11
        if 10 not in (first, second):
            return f"{ten}{second}"
    raise AssertionError


KINDS = {
    "national, Tenor": ("088441100", "national", True, dt.date(1941, 4, 8)),
    "D-number, Tenor": ("558387032", "d", True, dt.date(1987, 3, 15)),
    "national, SyntPop": ("086941100", "national", True, dt.date(1941, 4, 8)),
    "D-number, SyntPop": ("486941100", "d", True, dt.date(1941, 4, 8)),
    "H-number, or Dolly": ("084441100", "h", None, dt.date(1941, 4, 8)),
    "FH-number": ("800000000", "fh", None, None),
    "FH-number, last": ("999999000", "fh", None, None),
}


@pytest.mark.parametrize(("nine", "kind", "synthetic", "born_on"), KINDS.values(), ids=KINDS)
def test_the_kind_is_found_by_rule(nine, kind, synthetic, born_on):
    number = parse_person_number(numbered(nine))
    assert (number.kind, number.valid, number.synthetic, number.born_on) == (kind, True, synthetic, born_on)


@pytest.mark.parametrize("nine", ["084441100", "800000000", "088441100"])
def test_a_wrong_check_digit_is_not_valid(nine):
    right = numbered(nine)
    wrong = right[:10] + str((int(right[10]) + 1) % 10)
    assert parse_person_number(right).kind == parse_person_number(wrong).kind
    assert not parse_person_number(wrong).valid


def test_a_number_outside_the_synthetic_series_is_a_real_persons():
    assert parse_person_number("02013299997").synthetic is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0884411001",
        "088441100150000",
        "0884411OO15",
        "32814110015",
        "00814110015",
        "30824110015",
        "08134110015",
    ],
)
def test_other_texts_are_other_and_never_raise(text):
    number = parse_person_number(text)
    assert not number.valid


@pytest.mark.parametrize(
    ("text", "kind", "valid"),
    [("202300004711", "duf", True), ("198000000000", "duf", True), ("197912345678", "duf", False)],
)
def test_duf_numbers_are_judged_by_length_and_year(text, kind, valid):
    number = parse_person_number(text)
    assert (number.kind, number.valid, number.synthetic) == (kind, valid, None)


@pytest.mark.parametrize(
    "text",
    [
        "8844110015", " 088441 10015 ", "08844110015\n", "088441-10015", "088441 – 10015", "088441.10015", "'08844110015",
        "08.84.41.10015", "08844110015.0", "8844110015.0", "8844110015,00", "088441-10015.0", "\u200b08844110015\ufeff",
        "0884\u00ad4110015", "088441\u00a010015", "088441\u202f10015", "\u202d08844110015\u202c", '="08844110015"',
        "０８８４４１１００１５", "08844110015;", "088441/10015", "088441_10015",
    ],
)  # fmt: skip
def test_what_people_and_spreadsheets_write_into_a_number_is_taken_away(text):
    assert parse_person_number(text).reveal() == TENOR
    assert pl.select(normalised(pl.lit(text))).item() == TENOR


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("N1234567", "N1234567"), ("FNR 08844110015", "FNR08844110015"), ("08844110015.05", "0884411001505"),
        ("8.844110015E+9", "8844110015E9"), ("", ""), ("-", ""), ("884411001", "884411001"), ("0884411001.0", "00884411001"),
    ],
)  # fmt: skip
def test_nothing_else_becomes_a_number(text, read):
    assert normalise_number(text) == read
    assert pl.select(normalised(pl.lit(text))).item() == read


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8", categories=["Nd", "Zs", "Pd", "Po", "Cf", "Lu", "Sc"]), max_size=20))
def test_a_column_is_normalised_as_each_of_its_texts(text):
    assert pl.select(normalised(pl.lit(text))).item() == normalise_number(text)


@pytest.mark.parametrize(
    ("individual", "year", "born"),
    [
        (0, 0, 1900), (499, 99, 1999), (500, 54, 1854), (749, 99, 1899), (750, 99, None), (500, 53, None),
        (500, 0, 2000), (999, 39, 2039), (899, 40, None), (900, 40, 1940), (999, 99, 1999),
    ],
)  # fmt: skip
def test_the_century_is_in_the_individual_number(individual, year, born):
    for near in (individual, individual + 1, individual - 1):
        try:
            digits = numbered(f"0184{year:02}{near:03}")
        except ValueError:
            continue
        if digits[6:9] == f"{individual:03}":
            found = parse_person_number(digits).born_on
            assert (found.year if found else None) == born


def test_individual_numbers_of_a_year():
    assert individual_numbers(1860) == (range(500, 750),)
    assert individual_numbers(1920) == (range(500),)
    assert individual_numbers(1950) == (range(500), range(900, 1000))
    assert individual_numbers(2012) == (range(500, 1000),)
    assert individual_numbers(2045) == ()


@settings(max_examples=effort.NUMBERS)
@given(born=st.dates(dt.date(1854, 1, 1), dt.date(2039, 12, 31)), data=st.data())
def test_what_we_compose_is_synthetic_valid_and_of_that_day(born, data):
    choices = [n for span in individual_numbers(born.year) for n in (span.start, span.stop - 1)]
    text = compose_synthetic(born, data.draw(st.sampled_from(choices))) if choices else None
    if text is not None:
        number = parse_person_number(text)
        assert (number.kind, number.valid, number.synthetic, number.born_on) == ("national", True, True, born)


def test_about_one_in_six_numbers_has_no_check_digits():
    born = dt.date(1941, 4, 8)
    made = [compose_synthetic(born, individual) for individual in range(500)]
    assert 0.1 < sum(text is None for text in made) / 500 < 0.25
    assert len({text for text in made if text}) == sum(text is not None for text in made)


def test_stdnum_agrees_on_the_check_digits():
    rng = random.Random(7)
    for _ in range(1000):
        born, individual = dt.date(1941, 1, 1) + dt.timedelta(days=rng.randrange(20_000)), rng.randrange(500)
        nine = f"{born.day:02}{born.month + 80}{born:%y}{individual:03}"
        first = fodselsnummer.calc_check_digit1(nine)
        second = fodselsnummer.calc_check_digit2(nine + first) if first != "10" else "10"
        assert compose_synthetic(born, individual) == (None if second == "10" else nine + first + second)


def test_a_person_number_shows_nothing(caplog):
    number = parse_person_number(TENOR)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r", number, number)
    shown = [repr(number), str(number), f"{number}", f"{number:>20}", f"{[number]}", str((number,)), caplog.text]
    assert all("8844" not in text for text in shown)
    assert number.reveal() == TENOR


def test_a_person_number_is_a_value():
    number = parse_person_number(TENOR)
    assert number == parse_person_number(TENOR)
    assert len({number, parse_person_number(TENOR)}) == 1
    assert copy.copy(number) == pickle.loads(pickle.dumps(number)) == number
    with pytest.raises(AttributeError):
        number.kind = "d"
    assert isinstance(number, PersonNumber)


def _texts(rng, count):
    """Numbers of every kind and fault, and none that a living person may have: a plain month comes with a birth year
    still ahead, or with a check digit that is wrong under every rule."""
    odd = [None, "", "abc", "+1234567890", "202312345678", "197912345678", "12345678901234", "３０１０８２９９９２０"]
    for _ in range(count):
        day, individual = rng.randrange(80), rng.randrange(970)
        choice = rng.random()
        if choice < 0.4:
            series = rng.choice([40, 65, 80])
            yield numbered(f"{day:02}{series + rng.randrange(14):02}{rng.randrange(100):02}{individual:03}")
        elif choice < 0.6:
            right = numbered(f"{day:02}{rng.randrange(14):02}{rng.randrange(100):02}{individual:03}")
            yield right[:10] + str((int(right[10]) + 1) % 10)
        elif choice < 0.7:
            yield numbered(f"{day:02}{rng.randrange(14):02}{rng.randrange(30, 40)}{500 + individual // 3:03}")
        elif choice < 0.9:
            yield f"{day:02}{rng.choice([81, 92, 66, 13, 64, 79, 93])}{rng.randrange(10**7):07}"
        elif choice < 0.95:
            yield numbered(f"{rng.randrange(80, 100)}{rng.randrange(10**7):07}")
        else:
            yield rng.choice(odd)


@pytest.mark.parametrize("remainders", [OLD_RULE, NEW_RULE], ids=["old", "new"])
def test_a_column_is_judged_as_each_of_its_values(remainders):
    texts = list(_texts(random.Random(3), 3000))
    given = pl.DataFrame({"number": texts}).select(normalised(pl.col("number")))
    checked = person_number_checks(given, "number", remainders)
    for text, kind, valid, synthetic, born_on in checked.rows():
        one = parse_person_number(text, remainders) if text is not None else None
        expected = (one.kind, one.valid, one.synthetic, one.born_on) if one else (None,) * 4
        assert (kind, valid, synthetic, born_on) == expected


def test_a_column_of_no_rows_and_one_of_only_nothing():
    empty = pl.DataFrame({"id": [], "number": []}, schema={"id": pl.Int64, "number": pl.String})
    assert person_number_checks(empty, "number").columns == ["id", "number", "kind", "valid", "synthetic", "born_on"]
    nothing = pl.DataFrame({"number": [None, None]}, schema={"number": pl.String})
    assert person_number_checks(nothing, "number").null_count().row(0) == (2, 2, 2, 2, 2)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("312000008", True),
        ("974760673", True),  # Brønnøysundregistrene's own
        ("312000009", False),
        ("31200000", False),
        ("3120000080", False),
        ("312 000 008", False),
        ("NO312000008", False),
        ("", False),
    ],
)
def test_organisation_numbers(text, valid):
    assert organisation_valid(text) is valid
    assert pl.select(organisation_valid_column(pl.lit(text))).item() is valid


def test_the_column_agrees_with_stdnum_on_every_last_digit():
    texts = [f"{n:09}" for n in range(312_000_000, 312_003_000)]
    column = pl.DataFrame({"o": texts}).select(organisation_valid_column(pl.col("o")))["o"].to_list()
    assert column == [organisation_valid(text) for text in texts]
    assert sum(column) > 200


def test_synthetic_organisations():
    assert organisation_synthetic("312000008")
    assert organisation_synthetic("213000008")
    assert not organisation_synthetic("974760673")
