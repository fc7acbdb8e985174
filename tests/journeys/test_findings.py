"""What is wrong in the morning and corrected by the evening: `ktt daily` and `ktt findings`, against the sandbox."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from ktt.cli.app import run
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from support.registry_inbox import forget
from support.sender_epj import Epj
from support.sender_municipality import MONDAY


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(SandboxSettings(folder=folder, helseid_port=0, mottak_port=0)) as running:
        yield running


class Desk:
    """Someone who runs the day, reads what is wrong, and has it corrected."""

    def __init__(self, folder, sandbox, capsys):
        self.capsys = capsys
        self.epj = Epj(folder, persons=3)
        self.config = sandbox.write_sender(folder, epj=folder)

    def run(self, *words):
        """Exit code, standard out and standard error."""
        code = run([*words, "--config", str(self.config)])
        return code, *self.capsys.readouterr()

    def day(self, number, command="daily"):
        on = MONDAY + dt.timedelta(days=number)
        self.epj.log(on)
        return self.run(command, "--on", on.isoformat())

    def data(self, *words):
        return json.loads(self.run("findings", *words, "--json")[1])

    def wrong(self):
        """(rule, local id) of all that is open and has a consequence."""
        groups = [group for group in self.data()["groups"] if group["consequence"] != "note"]
        return [(group["rule"], one["local_id"]) for group in groups for one in group["findings"]]


@pytest.fixture
def desk(tmp_path, sandbox, capsys):
    forget(sandbox.registry)
    return Desk(tmp_path, sandbox, capsys)


def test_before_the_first_run_nothing_is_known(desk):
    code, out, err = desk.run("findings")
    assert (code, err) == (0, "")
    assert "ingen kjøring har kontrollert uttrekket ennå" in out
    assert (desk.data()["run"], desk.data()["groups"]) == (None, [])


def test_a_wrong_registration_from_the_day_it_is_made_to_the_day_it_is_corrected(desk):
    assert desk.day(0, "load")[0] == 0
    desk.epj.service("T8", "P0", MONDAY)
    desk.epj.service("T9", "P1", MONDAY)
    desk.epj.run("UPDATE tjeneste SET slutt = '2026-02-01' WHERE id = 'T9'")
    code, out, _ = desk.day(1)
    first, second = out.splitlines()[:2]
    assert (code, first) == (0, "2026-03-03: 1 endring, 1 melding levert.")
    assert second.endswith("«ktt findings» viser dem.")

    code, out, _ = desk.run("findings", "--rule", "ktt-tjeneste-01")
    assert code == 3
    for said in (
        "Registrering (saksbehandler retter i EPJ): 1",
        "KTT-TJENESTE-01 · 1 · opplysningen tas ikke med · siden 2026-03-03",
        "Tjenesten slutter før den starter.",
        "Slik retter dere: Rett start- eller sluttdatoen på tjenesten.",
        "tjeneste T9 · startdato, sluttdato · nytt",
    ):
        assert said in out

    desk.day(2)
    assert "tjeneste T9 · startdato, sluttdato · siden 2026-03-03" in desk.run("findings")[1]
    desk.epj.run("UPDATE tjeneste SET slutt = '2026-03-20' WHERE id = 'T9'")
    code, out, _ = desk.day(3)
    assert (code, out.splitlines()[0]) == (0, "✓ 2026-03-05: 1 endring, 1 melding levert.")
    assert "1 lukket." in out
    assert desk.wrong() == []
    out = desk.run("findings", "--since", "2026-03-05")[1]
    assert "tjeneste T9 · startdato, sluttdato · åpnet 2026-03-03, lukket 2026-03-05" in out
    assert "Lukket siden 2026-03-06: 0" in desk.run("findings", "--since", "2026-03-06")[1]


def test_what_makes_the_extract_unfit_stops_all_and_says_where(desk):
    desk.day(0, "load")
    desk.epj.run("UPDATE diagnose SET id = '08844110019' WHERE id = 'D2'")
    code, out, err = desk.day(1)
    assert (code, err.splitlines()[0].split(":")[0]) == (12, "KTT-SND-02")
    assert out.startswith("✗ 0 meldinger levert, 0 står i køen.")
    assert "08844110019" not in out + err
    code, out, _ = desk.run("findings")
    assert code == 12
    assert "diagnose ••• · diagnose-ID" in out
    desk.epj.run("UPDATE diagnose SET id = 'D2' WHERE id = '08844110019'")
    assert desk.day(2)[0] == 0
    assert desk.wrong() == []


def test_what_follows_from_another_finding_is_one_line_until_it_is_asked_for(desk):
    desk.day(0, "load")
    desk.epj.run("UPDATE person SET fnr = '08844110018' WHERE id = 'P0'")
    desk.day(1)
    out = desk.run("findings")[1]
    assert "avvik følger av disse, og lukkes når de er rettet: tjeneste 2, diagnose 1 holdt tilbake." in out
    assert "KTT-SRC-F11" not in out
    assert {group["rule"] for group in desk.data()["groups"] if group["follows"]} == {"KTT-SRC-F11"}
    out = desk.run("findings", "--rule", "KTT-SRC-F11")[1]
    assert all(f"{name} · lokal person-ID · nytt" in out for name in ("T0a", "T0b", "D0"))


def test_a_rule_that_does_not_exist_is_a_misspelling(desk):
    code, _, err = desk.run("findings", "--rule", "KTT-TJENSTE-01")
    assert (code, "KTT-TJENESTE-01" in err) == (2, True)


def test_data_for_a_script_has_every_finding_and_totals_that_agree(desk):
    desk.day(0, "load")
    desk.epj.run("UPDATE tjeneste SET start = 'i fjor' WHERE id = 'T1a'")
    desk.day(1)
    data = desk.data()
    assert data["open"] == sum(group["count"] for group in data["groups"])
    assert all(group["count"] == len(group["findings"]) for group in data["groups"])
    assert (data["run"]["kind"], data["run"]["rule_set"], data["exit_code"]) == ("daily", "2026.1", 3)
    (group,) = [group for group in data["groups"] if group["rule"] == "KTT-SRC-F02"]
    (finding,) = group["findings"]
    assert (group["cause"], group["since"], finding["local_id"]) == ("registration", "2026-03-03", "T1a")
    assert group["says"].keys() == group["remedy"].keys() == {"nb", "en"}
