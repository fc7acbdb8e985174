"""Every fault that can be asked for has words, and can be asked for by the name that the page sends."""

from __future__ import annotations

from ktt.testing.sandbox.faults.faults import FAULT_KINDS, read_fault
from ktt.web.console.fault_words import fault_groups, fault_words

OFFERED = [one for _, faults in fault_groups() for one in faults]


def test_every_fault_that_is_offered_can_be_made():
    assert [name for name, _ in OFFERED if read_fault(name) is None] == []
    assert len({name for name, _ in OFFERED}) == len(OFFERED)


def test_every_kind_is_offered_but_those_that_need_a_number():
    assert set(FAULT_KINDS) - {name for name, _ in OFFERED} == {"code", "status"}


def test_words_are_words():
    for name, says in OFFERED:
        assert len(says.nb.split()) > 1, name
        assert len(says.en.split()) > 1, name
        assert says == fault_words(name)
