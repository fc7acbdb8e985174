"""What a receiver learns of a message by one parse is what the reader says of it."""

from __future__ import annotations

import pytest

from ktt.messages.register import pack

EXAMPLES = [(version, name) for version in pack("ktt_v1") for name in version.examples()]


@pytest.mark.parametrize(("version", "name"), [e for e in EXAMPLES if e[1].startswith("N")], ids=str)
def test_the_survey_agrees_with_the_reader(version, name):
    message = version.examples()[name]
    survey, batches = version.survey(message), version.read(message)
    assert survey.faults == ()
    assert [head.unit for head in survey.units] == [batch.unit for batch in batches]
    for head, batch in zip(survey.units, batches, strict=True):
        assert set(head.person_numbers) == set(batch.records["recipient"]["person_number"].drop_nulls())


@pytest.mark.parametrize("version", pack("ktt_v1"), ids=str)
def test_faults_are_those_of_the_check(version):
    for name, message in version.examples().items():
        if name.startswith(("F01", "F02", "F12", "F14")):
            survey = version.survey(message)
            assert list(survey.faults) == version.check(message) != []
            assert survey.units == ()


def test_a_survey_shows_no_number():
    version = pack("ktt_v1")[1]
    survey = version.survey(version.examples()["N01-everyday"])
    assert survey.units[0].person_numbers
    assert not any(number in repr(survey) for number in survey.units[0].person_numbers)
