"""On which line a key stands: in a table, an array of tables, an inline table and after a text of several lines."""

import pytest

from ktt.sender.extract.mapping.lines import KeyLines

TEXT = '''mapping = "ktt/1"
[source]
unit = { query = "SELECT 1" }
[table."omsorg tj"]
query = """
SELECT a = 1
FROM x"""
key = ["id"]

[record.care_service.fields]
starts_on = { column = "fra" }
[[record.care_service.also]]
from = "A"
[record.care_service.also.fields]
starts_on = "a"
[[record.care_service.also]]
from = "B"
[record.care_service.also.fields]
starts_on = "b"
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("mapping", 1),
        ("source.unit.query", 3),
        ("table.omsorg tj.key", 8),
        ("record.care_service.fields.starts_on.date", 11),
        ("record.care_service.fields.ends_on", 10),
        ("record.care_service.also[1].from = A", 13),
        ("record.care_service.also[2].fields.starts_on", 19),
        ("nothing.of.it", None),
    ],
)
def test_the_line_of_a_key(key, line):
    assert KeyLines(TEXT).line_of(key) == line
