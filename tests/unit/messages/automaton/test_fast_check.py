"""The fast check says yes only where the schema says yes, and says it of everything that we and FHI's client write."""

from __future__ import annotations

import copy
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.domain.identifiers import number_is_synthetic
from ktt.domain.unit import ReportingUnit
from ktt.messages import automaton
from ktt.messages.automaton.fast_check import UnitPlaces, fast_check, obstacle
from ktt.messages.errors import MessageNotJson
from ktt.messages.register import pack
from support import effort
from support.contract_table import table_of, walk

VERSIONS = {version.message_type: version for version in pack("ktt_v1")}
EXAMPLES = [(name, example, body) for name, version in VERSIONS.items() for example, body in version.examples().items()]


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("name", "example", "body"), EXAMPLES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_examples(name: str, example: str, body: bytes):
    version = VERSIONS[name]
    fits = version.fast_check(body) is not None
    assert not fits or version.check(body) == []
    if example.startswith("N") and example != "N08-two-units":
        assert fits, "a message of the usual kind takes the fast way"


@pytest.mark.parametrize("checked", [0, 10**9], ids=["little is checked", "much is checked"])
@pytest.mark.parametrize(
    ("name", "example", "body"), EXAMPLES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_whether_it_fits_is_as_the_schema_says(name: str, example: str, body: bytes, checked: int, monkeypatch):
    version = VERSIONS[name]
    monkeypatch.setattr(version, "_bytes_checked", checked)
    if checked == 0:
        monkeypatch.setattr(version, "fast_check", lambda _message: pytest.fail("an automaton is made for little"))
    try:
        fits = version.check(body) == []
    except MessageNotJson:
        fits = False
    assert version.fits(body) is fits


ODD = [
    "", " ", "x", "2026-02-29", "2026-13-01", "0999-01-01", "2026-01-20T25:00:00Z", "2026-01-20T12:02:60Z", "20260120",
    "2026-01-20T12:02:11", "2026-01-20t12:02:11z", "2026-01-20T12:02:11+24:00", "2026-01", "2026-00", "ÆØÅ", "a\u0080b", "a\u007fb",
    "a\nb", "a:b", "F.00", "٣٤", "x" * 101, -1, 0, 1, 2, 15, 15.0, 0.005, 167.99, 1e3, 10**11, 2**63, None, True, [], {}, [None],
]  # fmt: skip


def places(value: object, path: tuple = ()):
    """Every place in a JSON value, the containers too."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def changed(value, path: tuple, how: str, odd: object):
    value = copy.deepcopy(value)
    if not path:
        return odd
    inside = value
    for step in path[:-1]:
        inside = inside[step]
    if how == "remove":
        del inside[path[-1]]
    elif how == "twice" and isinstance(inside, list):
        inside.append(inside[path[-1]])
    elif how == "add" and isinstance(inside, dict):
        inside["annet"] = odd
    else:
        inside[path[-1]] = odd
    return value


@st.composite
def mutated(draw: st.DrawFn):
    name, _, body = draw(st.sampled_from(EXAMPLES))
    try:
        value = json.loads(body)
    except ValueError:
        value = []
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(list(places(value))))
        value = changed(
            value, where, draw(st.sampled_from(["set", "set", "remove", "twice", "add"])), draw(st.sampled_from(ODD))
        )
    return name, value


@given(mutated())
@settings(max_examples=effort.FAST_CHECK)
def test_a_yes_of_the_fast_check_is_a_yes_of_the_schema(case):
    name, value = case
    body = written(value)
    if VERSIONS[name].fast_check(body) is not None:
        assert VERSIONS[name].check(body) == []


@pytest.mark.parametrize("name", VERSIONS)
def test_a_member_twice_does_not_pass(name: str):
    body = next(body for which, example, body in EXAMPLES if which == name and example.startswith("N"))
    compact = json.dumps(json.loads(body), separators=(",", ":")).encode()
    first = compact.index(b'"orgNr":')
    member = compact[first : compact.index(b",", first) + 1]
    assert VERSIONS[name].fast_check(compact[:first] + member + compact[first:]) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-1],
        lambda body: body + b"x",
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.decode().encode("utf-16"),
        lambda body: body.replace(b'"', b"'"),
        lambda body: b"",
        lambda body: b"[]",
        lambda body: b"{}",
        lambda body: b"[" * 5000,
        lambda body: re.sub(rb"(Id\": *\")", lambda found: found[1] + b"\xff", body, count=1),
    ],
)
@pytest.mark.parametrize("name", VERSIONS)
def test_what_is_no_such_message_does_not_pass(name: str, spoil):
    body = next(body for which, example, body in EXAMPLES if which == name and example.startswith("N"))
    assert VERSIONS[name].fast_check(spoil(body.rstrip())) is None


def many(name: str, member: str, count: int) -> bytes:
    """A message whose first list of that name has so many items."""
    value = json.loads(VERSIONS[name].examples()["N03-every-field"])
    table = table_of(VERSIONS[name])
    record = value[0][table.list_name][0]
    record[member] = record[member][:1] * count
    return written(value)


@pytest.mark.parametrize(
    ("name", "member", "most"),
    [
        (name, field.path, field.limits["items"][1])
        for name, version in VERSIONS.items()
        for _, field in walk(table_of(version).body)
        if field.part is not None
    ],
)
def test_lists_may_be_as_long_as_the_schema_says_and_no_longer(name: str, member: str, most: int):
    for count in (1, most):
        assert VERSIONS[name].fast_check(many(name, member, count)) is not None
        assert VERSIONS[name].check(many(name, member, count)) == []
    assert VERSIONS[name].fast_check(many(name, member, most + 1)) is None
    assert VERSIONS[name].check(many(name, member, most + 1))


def test_brackets_in_a_text_hide_no_long_list():
    value = json.loads(many("KTT_Tjeneste", "midlertidigStopp", 501))
    for pause in value[0]["tjeneste"][0]["midlertidigStopp"]:
        pause["midlertidigStoppId"] = '}],{"a":['.replace('"', "'")
    assert VERSIONS["KTT_Tjeneste"].fast_check(written(value)) is None


@pytest.mark.parametrize("persons", ["real", "synthetic"])
def test_person_numbers_of_the_wrong_kind_do_not_pass(persons):
    version = VERSIONS["KTT_Diagnose"]
    example = json.loads(VERSIONS["KTT_Diagnose"].examples()["N01-everyday"])
    record = next(iter(example[0][table_of(version).list_name]))
    unwanted = persons == "real"
    for start in range(0, 10_000, 7):
        number = f"{start:04}1234567"
        place = "dNr" if "4" <= number[0] <= "7" else "fodselsNr"
        record["person"] = {"personId": "P1", place: int(number)}
        example[0][table_of(version).list_name] = [record]
        taken = version.fast_check(written(example), persons) is not None
        assert taken is (number_is_synthetic(number) is not unwanted), start
        assert version.fast_check(written(example)) is not None


def test_the_unit_is_told_with_its_zeros():
    table = table_of(VERSIONS["KTT_Diagnose"])
    gone = [{table.id_field.path: "D1", table.deleted: True}]
    for unit, expected in (
        ({"orgNr": 312000008, "kommuneNr": 301}, ReportingUnit("312000008", "0301")),
        ({"orgNr": 312000008, "kommuneNr": 301, "bydelNr": None}, ReportingUnit("312000008", "0301")),
        ({"orgNr": 312000008, "kommuneNr": 4601, "bydelNr": "03"}, ReportingUnit("312000008", "4601", "03")),
    ):
        assert VERSIONS["KTT_Diagnose"].fast_check(written([unit | {table.delete_list: gone}])) == expected


def test_other_orders_are_left_to_the_schema():
    value = json.loads(VERSIONS["KTT_Tjeneste"].examples()["N01-everyday"])
    turned = [dict(reversed(list(item.items()))) for item in value]
    assert VERSIONS["KTT_Tjeneste"].fast_check(written(turned)) is None
    assert VERSIONS["KTT_Tjeneste"].check(written(turned)) == []


def test_a_version_that_no_automaton_can_express_has_no_fast_check():
    schema = json.loads(VERSIONS["KTT_Diagnose"].schema)
    unit = UnitPlaces("[].orgNr", "[].kommuneNr", "[].bydelNr")
    asks_of_text = {"if": {"properties": {"kode": {"pattern": "^P"}}}, "then": {"required": ["tilDato"]}}
    odd = copy.deepcopy(schema)
    odd["items"]["properties"]["diagnose"]["items"]["allOf"] = [asks_of_text]
    assert fast_check(schema, unit) is not None
    assert fast_check(odd, unit) is None


def test_the_rest_of_the_program_uses_one_module_of_the_automaton():
    own = Path(automaton.__file__).parent
    lines = {
        line
        for file in own.parents[1].rglob("*.py")
        if own not in file.parents
        for line in file.read_text(encoding="utf-8").splitlines()
        if "messages.automaton" in line
    }
    assert lines == {"from ktt.messages.automaton.fast_check import FastCheck, UnitPlaces, fast_check, obstacle"}


def test_hostile_texts_do_not_slow_the_automaton_down():
    """Every length and kind of character in every text: the automaton grows once, and then reads as fast as ever."""
    version = VERSIONS["KTT_Tjeneste"]
    example = json.loads(version.examples()["N03-every-field"])
    (record, *_) = example[0]["tjeneste"]
    texts = [mark * length for length in range(1, 101) for mark in ("x", "ø", "€", "😀")]
    example[0]["tjeneste"] = [record | {"tjenesteId": text, "vedtakId": text} for text in texts]
    hostile, plain = written(example), many("KTT_Tjeneste", "utforer", 150)
    version.fast_check(hostile)
    assert pace(version, hostile) < 20 * pace(version, plain)


def pace(version, message: bytes) -> float:
    """Seconds a byte, the best of some."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        assert version.fast_check(message) is not None
        times.append(time.perf_counter() - begun)
    return min(times) / len(message)


def test_what_keeps_a_schema_from_a_fast_check_is_named():
    unit = {"properties": {"o": {"type": "string"}, "m": {"type": "string"}}, "required": ["o", "m"]}
    schema = {"type": "object", "additionalProperties": False} | unit
    assert obstacle(schema, UnitPlaces("o", "m")) is None
    schema["properties"]["a"] = {"type": "array", "uniqueItems": True, "items": {"type": "integer"}}
    assert fast_check(schema, UnitPlaces("o", "m")) is None
    assert obstacle(schema, UnitPlaces("o", "m")).startswith("a:")
