"""What a field is, in words, for messages about how it is mapped."""

from __future__ import annotations

from collections.abc import Mapping

from ktt.core.text import Text
from ktt.domain.schema import Kind

KIND_WORDS: Mapping[Kind, Text] = {
    "id": Text(nb="en id", en="an id"),
    "text": Text(nb="en tekst", en="a text"),
    "code": Text(nb="en kode", en="a code"),
    "day": Text(nb="en dag", en="a day"),
    "month": Text(nb="en måned", en="a month"),
    "instant": Text(nb="et tidspunkt", en="an instant"),
    "hours": Text(nb="et timetall", en="a number of hours"),
    "count": Text(nb="et helt tall", en="a whole number"),
    "organisation": Text(nb="et organisasjonsnummer", en="the number of an organisation"),
    "municipality": Text(nb="et kommunenummer", en="the number of a municipality"),
    "district": Text(nb="et bydelsnummer", en="the number of a district"),
    "person_number": Text(nb="et personnummer", en="a person's number"),
}
