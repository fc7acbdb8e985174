"""A run's findings can be read on a narrow screen and on a wide one."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from rich.console import Console

from ktt.cli.sender.run_report import shown
from ktt.domain.unit import ReportingUnit
from ktt.sender.registry_comparison import RegistryComparison, TypeComparison
from ktt.sender.report import FindingCount, RunReport

IDS = [f"T-00002{number}" for number in range(10)]


def finding(code, count, **said):
    facts = {"cause": "registration", "record_type": "care_service", "field": None, "detail": None, "consequence": 2}
    return FindingCount(**facts | said, code=code, held=True, count=count, local_ids=IDS[:count])


FINDINGS = [
    finding("KTT-SRC-F01", 14, cause="code mapping", field="service_type", detail="UKJENT"),
    finding("KTT-SRC-F12", 5, field="decision_id"),
    finding("KTT-SRC-F11", 7, record_type="decision", field="local_person_id"),
    finding(
        "KTT-SRC-F18",
        2,
        record_type="decision_line",
        field="hours_per_week",
        detail="vedtak[].tjenester[].timerUke: maximum 168",
    ),
]


def drawn(findings, width, **more):
    unit, day = ReportingUnit("312000008", "1114"), dt.date(2026, 3, 2)
    report = RunReport("daily", unit, day, 1, 0, None, read=True, findings=findings, **more)
    console = Console(file=io.StringIO(), width=width)
    console.print(shown(report), highlight=False, markup=False)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_word_is_cut_at_any_width(width):
    text = drawn(FINDINGS, width)
    assert max(map(len, text.splitlines())) <= width
    words = text.split()
    for whole in ("KTT-SRC-F01", "KTT-SRC-F18", "UKJENT", "vedtak[].tjenester[].timerUke:", "tjenestetype"):
        assert whole in words
    assert [word.strip(",") for word in words if word.startswith("T-")] == [*IDS[:2], *IDS]
    assert f"{IDS[9]} …" in text


def test_those_who_must_act_come_with_their_number_and_the_rest_is_one_line():
    text = " ".join(drawn(FINDINGS, 80).split())
    assert "Registrering (saksbehandler retter i EPJ): 2 2 Tallet er mindre" in text
    assert "Kodekobling (systemansvarlig retter koblingen): 14 14 Den lokale koden" in text
    assert text.endswith("12 avvik følger av disse, og lukkes når de er rettet: tjeneste 5, vedtak 7 holdt tilbake.")
    assert "KTT-SRC-F12" not in text


def test_nothing_follows_where_nothing_does():
    assert "følger av" not in drawn(FINDINGS[:1], 80)


@pytest.mark.parametrize(
    ("comparison", "right", "words"),
    [
        (None, True, ""),
        (RegistryComparison("equal"), True, "Registeret har det samme som EPJ."),
        (RegistryComparison("equal", types={"diagnosis": TypeComparison(3, held=1)}), False, "bortsett fra 1 post"),
        (
            RegistryComparison("equal", types={"diagnosis": TypeComparison(3, unproved=2)}),
            False,
            "bortsett fra 2 poster",
        ),
        (RegistryComparison("not_offered"), True, ""),
        (RegistryComparison("different"), False, "Rett det med «ktt reconcile --mend»."),
        (RegistryComparison("held", pending=1), False, "holder 1 melding tilbake"),
        (RegistryComparison("not_ingested", pending=2), False, "har ikke lest inn 2 meldinger ennå"),
        (RegistryComparison("not_answered", reason="HelseID: no connection"), False, "(HelseID: ingen forbindelse)"),
    ],
)
def test_a_run_is_called_right_only_when_nothing_is_left_to_find_out(comparison, right, words):
    text = " ".join(drawn([], 200, comparison=comparison).split())
    assert text.startswith("✓") is right
    assert ("✓" in text) is right
    assert words in text
