"""The letters: each cause in both forms, filled, and without a person."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from ktt.registry.cases.case import Case
from ktt.registry.cases.causes import Cause
from ktt.registry.cases.letters import Form, letter
from ktt.registry.cases.missing_months import periods
from ktt.registry.cases.words import remedy, sentence

TODAY = dt.date(2026, 3, 20)
PROGRAM = {"vendor": "Prove AS", "system": "ProveEPJ", "version": "5.0"}
FIGURES = {
    Cause.SILENCE: {"heard_on": "2026-03-13", "days": 7},
    Cause.REJECTED: {"times": 4, "code": "2008", **PROGRAM},
    Cause.HELD: {"message_type": "KTT_Tjeneste", "correlation_id": "c-1", "messages": 3, "code": "KTT-REG-01"},
    Cause.VERSION: {**PROGRAM, "units": 3, "share": 0.625, "code": "2008"},
    Cause.VOLUME: {
        "types": [{"service_type": "3", "week_to": "2026-03-17", "before": 10, "after": 30, "limit": 5.0}],
    },
    Cause.RULES: {"rules": [{"rule": "KTT-DATO-03", "findings": 12}]},
    Cause.COVERAGE: {"complete": 38, "months": 110, "periods": [["2017-01", "2022-12"]]},
    Cause.MISSING: {"complete": 108, "months": 110, "periods": [["2019-03", "2019-03"], ["2020-01", "2020-01"]]},
}
SAYS = {
    Cause.SILENCE: ["13. mars 2026", "7 døgn"],
    Cause.REJECTED: ["forsøk: 4", "kode 2008", "Prove AS ProveEPJ 5.0"],
    Cause.HELD: ["KTT_Tjeneste", "c-1", "KTT-REG-01"],
    Cause.VERSION: ["62,5 prosent", "ProveEPJ 5.0"],
    Cause.VOLUME: ["10", "30", "17. mars 2026"],
    Cause.RULES: ["KTT-DATO-03: 12"],
    Cause.COVERAGE: ["Av 110", "38", "januar 2017 til og med desember 2022"],
    Cause.MISSING: ["108", "– mars 2019\n", "– januar 2020\n"],
}
NOT_NYNORSK = (
    r"\b(ikke|dere|noe|hvis|hvem|hva|hvordan|fra|siden|også|måneder|opplysninger|enheter|meldinger|hver|bare|selv)\b"
)
NOT_BOKMAAL = r"\b(ikkje|dykk|noko|kven|kva|frå|sidan|òg|månader|opplysningar|einingar|meldingar|kvar|berre|sjølv)\b"


def case(cause):
    when = {"since": dt.date(2026, 3, 16), "latest": TODAY, "deadline": dt.date(2026, 3, 27)}
    opened = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)
    return Case(12, "312000008-1114", cause, **when, figures=FIGURES[cause], opened_at=opened)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("cause", Cause)
def test_a_letter(cause, form):
    text = letter(case(cause), form, place="Bjerkreim", today=TODAY, contact="kpr@example.no")
    assert "{" not in text
    assert "None" not in text
    for words in ("Til Bjerkreim (312000008-1114)", "Sak 12: ", "Svarfrist: 27. mars 2026", "Svar til kpr@example.no,"):
        assert words in text
    for words in SAYS[cause]:
        assert words in text
    assert max(map(len, text.splitlines())) <= 160
    own_words = re.sub(r"KTT-DATO-03.*", "", text)  # a rule's sentence is in bokmål
    assert re.findall(NOT_NYNORSK if form is Form.NYNORSK else NOT_BOKMAAL, own_words) == []


@pytest.mark.parametrize("cause", Cause)
def test_both_forms_say_the_same(cause):
    both = [letter(case(cause), form, place="Sola", today=TODAY) for form in Form]
    shapes = [[bool(line.strip()) for line in text.splitlines()] for text in both]
    assert shapes[0] == shapes[1]
    steps = [re.findall(r"(?m)^  [0-9]\.", text) for text in both]
    assert steps[0] == steps[1]
    assert len(steps[0]) >= 2
    commands = [re.findall("«ktt [^»]*»", text) for text in both]
    assert commands[0] == commands[1]


def test_many_lines_are_cut():
    many = {**FIGURES[Cause.MISSING], "periods": [[f"20{n}-01", f"20{n}-01"] for n in range(10, 30)]}
    text = letter(
        Case(
            1,
            "312000008-1114",
            Cause.MISSING,
            TODAY,
            TODAY,
            TODAY,
            many,
            dt.datetime(2026, 3, 20, tzinfo=dt.UTC),
        ),
        Form.BOKMAAL,
        place="Sola",
        today=TODAY,
    )
    assert "– og 8 til" in text


@pytest.mark.parametrize("cause", Cause)
def test_a_sentence_for_the_unit(cause):
    for text in (sentence(case(cause)), remedy(case(cause)), cause.words):
        assert "{" not in text.nb + text.en
        assert text.nb != text.en


def test_months_as_periods():
    assert periods(["2017-11", "2017-12", "2018-01", "2019-03"]) == [["2017-11", "2018-01"], ["2019-03", "2019-03"]]
