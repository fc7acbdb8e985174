"""Names taken apart, values recognised, and the best match."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ktt.messages.drafting.assignment import best_match
from ktt.messages.drafting.clues.codes import fit
from ktt.messages.drafting.clues.kinds import kind_of
from ktt.messages.drafting.clues.outline import Leaf, outline
from ktt.messages.drafting.clues.words import vocabulary, words_of


@pytest.mark.parametrize(
    ("name", "meanings"),
    [
        ("tjenestestart", ["service", "start"]),
        ("service_start", ["service", "start"]),
        ("tjenesteSlutt", ["service", "end"]),
        ("vedtaks-dato", ["decision", "date"]),
        ("VEDTAKSDATO", ["decision", "date"]),
        ("bokommune", ["home", "municipality"]),
        ("fødselsNr", ["national"]),
        ("foedselsnummer", ["national"]),
        ("dNr", ["d_number"]),
        ("gyldigFra", ["start"]),
    ],
)
def test_a_name_is_its_words(name, meanings):
    found = words_of(name)
    assert len(found) == len(meanings)
    assert all(meaning in word.meanings for word, meaning in zip(found, meanings, strict=True)), found


def test_a_name_of_unknown_words_has_no_meaning():
    assert [word.meanings for word in words_of("kvalitetsmerke")] == [frozenset()]


def test_every_meaning_that_a_phrase_uses_has_words():
    tables = vocabulary()
    phrases = [phrase for table in tables["columns"].values() for phrases in table.values() for phrase in phrases]
    phrases += [phrase for phrases in tables["roles"].values() for phrase in phrases]
    used = {meaning for phrase in phrases for meaning in phrase.split()}
    used |= {meaning for meanings in tables["neutral"].values() for meaning in meanings}
    assert used - set(tables["words"]) - {"info"} == set()


CODES = [
    (["1", "2"], "1101", {}),
    (["J", "N"], "1101", {"J": "1", "N": "2"}),
    (["ja", "nei"], "1101", {"ja": "1", "nei": "2"}),
    (["JA", "NEI", "IKKE_RELEVANT"], "1110", {"JA": "1", "NEI": "2", "IKKE_RELEVANT": "9"}),
    (
        ["Bor alene", "Bor sammen med andre", "Bor sammen med foreldre"],
        "9335",
        {"Bor alene": "1", "Bor sammen med andre": "2", "Bor sammen med foreldre": "3"},
    ),
    (["INNV", "AVSL"], "9171", {"INNV": "2", "AVSL": "1"}),
]


@pytest.mark.parametrize(("values", "list_id", "codes"), CODES)
def test_values_that_are_a_list_s_codes_or_stand_for_them(values, list_id, codes):
    found = fit(values, list_id)
    assert found.share >= 0.5
    assert dict(found.codes or {}) == codes


def test_values_of_another_list_are_not_taken_for_it():
    assert fit(["ROD", "GRONN"], "1101").share == 0
    assert fit(["1", "2", "7"], "1101").share == 0


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "format": "date-time"}, "instant"),
        ({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}, "month"),
        ({"type": "integer", "minimum": 190001, "maximum": 210012}, "month"),
        ({"type": "string", "pattern": "^[0-9]{1,3},[0-9]{2}$"}, "number"),
        ({"type": "string", "pattern": "^[0-9]{9}$"}, "digits"),
        ({"type": "boolean"}, "boolean"),
        ({"enum": ["A", "B"]}, "codes"),
        ({"type": "string", "maxLength": 10}, "text"),
        ({"type": "number"}, "number"),
    ],
)
def test_the_kind_of_a_value_by_what_the_schema_takes(schema, kind):
    leaf = Leaf(("x",), "x", (schema,), frozenset([schema.get("type", "string")]), False, tuple(schema.get("enum", ())))
    assert kind_of(leaf).name == kind


_SQUARES = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=1, max_size=5)
)


@given(_SQUARES)
def test_no_other_match_has_a_higher_sum(scores):
    found = best_match(scores)
    total = sum(scores[row][column] for row, column in enumerate(found) if column is not None)
    taken = [column for column in found if column is not None]
    assert len(taken) == len(set(taken))
    wide = [[*row, *([0] * len(scores))] for row in scores]
    best = max(
        sum(wide[row][column] for row, column in enumerate(way)) for way in permutations(range(len(wide[0])), len(wide))
    )
    assert total == best


def test_numbered_members_are_a_group_of_their_own():
    text = {"type": "string"}
    names = ["navn", "stopp1Fra", "stopp1Til", "stopp2Fra", "stopp2Til"]
    whole = outline({"type": "object", "properties": dict.fromkeys(names, text)})
    assert [leaf.place for leaf in whole.leaves] == ["navn"]
    (group,) = whole.groups
    assert group.number == 2
    assert [leaf.place for leaf in group.leaves] == ["stopp{n}Fra", "stopp{n}Til"]


def test_a_number_that_stands_alone_is_part_of_the_name():
    whole = outline({"type": "object", "properties": {"icd10": {"type": "string"}, "linje2": {"type": "string"}}})
    assert whole.groups == []
