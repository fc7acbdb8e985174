"""Each thing that can happen in a synthetic municipality has its words."""

from __future__ import annotations

from ktt.cli.synthetic.words import event_word
from ktt.testing.synthetic.day_simulator import DIARY_KINDS


def test_every_kind_has_words_of_its_own():
    assert len({event_word(kind, "nb") for kind in DIARY_KINDS}) == len(DIARY_KINDS)
    assert [event_word(kind, "en") for kind in DIARY_KINDS] == list(DIARY_KINDS)
