"""The cases of both suites as a catalogue: named, explained in both languages, with a source."""

from __future__ import annotations

import pytest

from ktt.testing.conformance.case import NAME, Level, chosen
from ktt.testing.conformance.errors import NoSuchCase
from ktt.testing.conformance.receiver.cases import RECEIVER_CASES
from ktt.testing.conformance.sender.cases import SENDER_CASES
from ktt.wire.answers import AnswerCode


@pytest.mark.parametrize(("cases", "least"), [(RECEIVER_CASES, 80), (SENDER_CASES, 40)], ids=["receiver", "sender"])
def test_there_are_many_and_no_name_twice(cases, least):
    names = [case.name for case in cases]
    assert len(names) == len(set(names)) >= least
    assert all(NAME.fullmatch(name) for name in names)


@pytest.mark.parametrize("case", SENDER_CASES, ids=lambda case: case.name)
def test_a_case_explains_itself(case):
    texts = [case.group, case.purpose, *case.steps_say(), *case.expects()]
    assert all(text.nb.strip() and text.en.strip() for text in texts)
    assert case.source
    assert case.steps_say()


def test_every_published_code_has_a_case():
    said = " ".join(case.purpose.en for case in SENDER_CASES)
    assert [int(code) for code in AnswerCode if str(int(code)) not in said] == []


def test_a_scene_has_one_name():
    scenes = {}
    for case in SENDER_CASES:
        if case.scene is not None:
            assert scenes.setdefault(case.scene.name, case.scene).steps is not None
            assert {step.says for step in scenes[case.scene.name].steps} == {step.says for step in case.scene.steps}


def test_good_practice_is_told_from_the_protocol():
    levels = [case.level for case in SENDER_CASES]
    assert levels.count(Level.MUST) > 2 * levels.count(Level.SHOULD) > 0


def test_cases_are_chosen_by_name_in_the_order_of_the_suite():
    assert [case.name for case in chosen(SENDER_CASES, "f800, n100")] == ["N100", "F800"]
    with pytest.raises(NoSuchCase):
        chosen(SENDER_CASES, "N100,N99")
