"""What a check costs is bounded by the message, whatever it holds: time and memory of many faults are those of a few."""

from __future__ import annotations

import json
import time
import tracemalloc

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ktt.messages.errors import MessageNotJson
from ktt.messages.register import find, pack
from support.fault_places import places_of

VERSION = find("KTT_Vedtak", "1")
UNIT = '[{"orgNr":312000008,"kommuneNr":1114,"vedtak":['
MEBIBYTE = 2**20


def repeated(before: str, item: str, after: str, size: int) -> bytes:
    return (before + ",".join([item] * (size // (len(item) + 1))) + after).encode()


def bodies(size: int) -> dict[str, bytes]:
    return {
        "empty objects": repeated("[", "{}", "]", size),
        "empty lists": repeated("[", "[]", "]", size),
        "numbers": repeated("[", "1", "]", size),
        "empty records": repeated(UNIT, "{}", "]}]", size),
        "empty lines of one record": repeated(UNIT + '{"tjenester":[', "{}", "]}]}]", size),
        "records with an unknown member": repeated(UNIT, '{"abcdefghijklmnop":"abcdefghij"}', "]}]", size),
        "many unknown members": ("[{" + ",".join(f'"x{n}":{n}' for n in range(size // 14)) + "}]").encode(),
        "one long text": ('[{"orgNr":"' + "x" * size + '"}]').encode(),
        "a long text in a record": (UNIT + '{"vedtakId":"' + "x" * size + '"}]}]').encode(),
        "an unknown member that is large": repeated('[{"x":[', "{}", "]}]", size),
        "texts that are wrong": repeated("[", '"abcdefgh"', "]", size),
    }


@pytest.mark.parametrize("name", bodies(100))
def test_many_faults_cost_what_the_message_costs(name):
    body = bodies(MEBIBYTE)[name]
    VERSION.check(b"[{}]")
    began = time.process_time()
    faults = VERSION.check(body)
    seconds = time.process_time() - began
    assert 1 <= len(faults) <= 100
    assert seconds < 2.0  # on a loaded machine; it takes a fifth of it


@pytest.mark.parametrize("name", ["empty objects", "empty records", "empty lines of one record"])
def test_a_large_dense_body_is_refused_without_making_its_values(name):
    body = bodies(8 * MEBIBYTE)[name]
    tracemalloc.start()
    try:
        (fault,) = VERSION.check(body)
        assert tracemalloc.get_traced_memory()[1] < 32 * MEBIBYTE
    finally:
        tracemalloc.stop()
    assert fault.pointer == ""
    with pytest.raises(MessageNotJson):
        VERSION.check(body[:-1])


@pytest.mark.parametrize("depth", [65, 200, 254, 255, 256, 1_000, 1_023, 1_024, 1_025, 100_000])
@pytest.mark.parametrize("shape", ["@", UNIT + "@]}]", '[{"x":@}]', "[@,1]"])
def test_what_is_nested_too_deep_is_not_json(depth, shape):
    with pytest.raises(MessageNotJson) as caught:
        VERSION.check(shape.replace("@", "[" * depth + "]" * depth).encode())
    assert caught.value.facts["reason"] in {"depth", "syntax"}


def densest(schema, size: int) -> float:
    """The most that `size` times the values of a text of this schema can be above its bytes; endless when no bound is."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "array" in kinds:
        gain = densest(schema["items"], size) + size - 1
        return size - 2 + (gain * schema.get("maxItems", float("inf")) if gain > 0 else 0)
    if "object" in kinds:
        members = {
            name: densest(inner, size) + size - len(name) - 4 for name, inner in schema["properties"].items()
        }  # quotes, colon and comma
        return size - 2 + sum(gain for name, gain in members.items() if gain > 0 or name in schema["required"])
    if "null" in kinds:
        return -1
    return -2 - schema.get("minLength", 0) if "string" in kinds else -len(str(schema.get("minimum", 1)))


@pytest.mark.parametrize("version", pack("ktt_v1"), ids=lambda version: version.message_type)
def test_no_message_that_fits_is_too_dense(version):
    assert densest(json.loads(version.schema), 6) <= 6


def test_ids_of_brackets_and_commas_are_text():
    record = json.loads(VERSION.examples()["N04-d-number"])
    (row,) = record[0]["vedtak"]
    record[0]["vedtak"] = [{**row, "vedtakId": f"{n:06}" + "{" * 40 + '\\",[' * 13} for n in range(4_000)]
    body = json.dumps(record).encode()
    assert len(body) > MEBIBYTE
    assert VERSION.check(body) == []


@settings(max_examples=60, deadline=None)
@given(
    wrong=st.lists(
        st.tuples(st.integers(0, 299), st.sampled_from(["x", "gone", "text", "lines", "long"])), max_size=40
    ),
    at_most=st.sampled_from([1, 7, 100, 10_000]),
)
def test_the_faults_are_those_of_the_whole_message_in_its_order(wrong, at_most):
    message = json.loads(VERSION.examples()["N04-d-number"])
    (row,) = message[0]["vedtak"]
    rows = [json.loads(json.dumps({**row, "vedtakId": f"V-{n:04}-" + "y" * 80})) for n in range(300)]
    for place, how in wrong:
        spoil(rows[place], how)
    message[0]["vedtak"] = rows
    message.append({"vedtak": rows[:3]})
    body = json.dumps(message).encode()
    assert len(body) > 64 * 1024, "as large as what is not asked about as a whole"
    validator = jsonschema_rs.Draft202012Validator(json.loads(VERSION.schema), validate_formats=True)
    whole = [place for error in validator.iter_errors(message) for place in places_of(error)]
    assert list(dict.fromkeys(fault.pointer for fault in VERSION.check(body, at_most=10_000))) == list(
        dict.fromkeys(whole)
    )
    assert VERSION.check(body, at_most=at_most) == VERSION.check(body, at_most=10_000)[:at_most]


def spoil(row, how):
    if how == "x":
        row |= {"x": 1, "y": [[]] * 50}
    elif how == "gone":
        row.pop("vedtakId", None)
    elif how == "text":
        row["vedtakId"] = ""
    elif how == "lines":
        row["tjenester"] = [{}] + row["tjenester"][:1] * 60 + [{"z": 1}]
    else:
        row["vedtakId"] = "z" * 5_000
