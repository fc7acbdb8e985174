"""One fault in the record system, one finding, and what is kept back because of it."""

import datetime as dt

import polars as pl
import pytest

from ktt.rules.findings import HIDDEN
from ktt.sender.extract.finding_kinds import FINDING_KINDS
from ktt.sender.extract.held_records import holding
from ktt.sender.report import finding_counts
from support.sources_epj import ADA, BO, REAL_LOOKING, Epj

# what is wrong | the finding: code, type, id, field, detail | what is kept back
FAULTS = {
    "unmapped code": ("UPDATE tjeneste SET kode = 'XX' WHERE id = 'T1'", ("F01", "care_service", "T1", "service_type", "XX"), {"care_service": {"T1"}}),
    "a code of long ago is no fault": ("UPDATE tjeneste SET kode = 'DAG', fra = '01.01.2000' WHERE id = 'T1'", None, {}),
    "unmapped code in a part": ("UPDATE linje SET utfall = 'Z' WHERE vedtak = 'V3'", ("F01", "decision_line", "V3", "outcome", "Z"), {"decision": {"V3"}}),
    "code without mapping that is not official": ("UPDATE skaar SET verdi = 7 WHERE vurdering = 'F3'", ("F01", "score", "F3", "score", "7"), {"assessment": {"F3"}}),
    "unreadable day": ("UPDATE tjeneste SET til = '31.02.2020' WHERE id = 'T1'", ("F02", "care_service", "T1", "ends_on", None), {"care_service": {"T1"}}),
    "a year of long ago": ("UPDATE stopp SET til = '09.02.0019'", ("F02", "pause", "T1", "ends_on", None), {"care_service": {"T1"}}),
    "unreadable start": ("UPDATE tjeneste SET fra = 'snart' WHERE id = 'T3'", ("F02", "care_service", "T3", "starts_on", None), {"care_service": {"T3"}}),
    "unreadable number": ("UPDATE linje SET timer = '3.5' WHERE vedtak = 'V1'", ("F02", "decision_line", "V1", "hours_per_week", None), {"decision": {"V1"}, "care_service": {"T1"}}),
    "unreadable organisation": ("UPDATE utforer SET orgnr = '31200011'", ("F02", "provider_period", "T1", "provider", None), {"care_service": {"T1"}}),
    "unreadable instant": ("UPDATE opplysning SET endret = '2025-03-30 25:30:00'", ("F02", "circumstances", "O1", "recorded_at", None), {"circumstances": {"O1"}}),
    "id too long": ("UPDATE stopp SET id = '" + "P" * 101 + "'", ("F02", "pause", "T1", "pause_id", None), {"care_service": {"T1"}}),
    "missing value": ("UPDATE vurdering SET endret = ' ' WHERE id = 'F3'", ("F03", "assessment", "F3", "recorded_at", None), {"assessment": {"F3"}}),
    "decision without any date": ("UPDATE vedtak SET sokt = '' WHERE id = 'V3'", ("F03", "decision", "V3", "decided_on", None), {"decision": {"V3"}, "care_service": set()}),
    "wrong check digit": ("UPDATE bruker SET ident = '23915820159' WHERE nr = 2", ("F04", "recipient", "2", "person_number", None), {"recipient": {"2"}, "decision": {"V2"}, "care_service": {"T2"}}),
    "wrong length": ("UPDATE bruker SET ident = '239158201' WHERE nr = 2", ("F04", "recipient", "2", "person_number", None), {"recipient": {"2"}, "decision": {"V2"}, "care_service": {"T2"}}),
    "real person in a test": (f"UPDATE bruker SET ident = '{REAL_LOOKING}' WHERE nr = 2", ("F05", "recipient", "2", "person_number", None), {"recipient": {"2"}, "decision": {"V2"}, "care_service": {"T2"}}),
    "same key twice": ("INSERT INTO opplysning SELECT * FROM opplysning", ("F07", "circumstances", "O1", None, None), {"circumstances": {"O1"}}),
    "same key twice in a part": ("INSERT INTO stopp SELECT * FROM stopp", ("F07", "pause", "T1", None, None), {"care_service": {"T1"}}),
    "part without parent": ("DELETE FROM tjeneste WHERE id = 'T1'", ("F08", "pause", "T1", "service_id", None), {"care_service": {"T1"}}),
    "record without person": ("UPDATE opplysning SET nr = 9", ("F09", "circumstances", "O1", "local_person_id", None), {"circumstances": {"O1"}}),
    "national number in an id": (f"UPDATE vurdering SET id = 'F-{ADA}' WHERE id = 'F3'; UPDATE skaar SET vurdering = 'F-{ADA}' WHERE vurdering = 'F3'", ("F10", "assessment", HIDDEN, "assessment_id", None), {"assessment": {f"F-{ADA}"}}),
    "national number in an id, with a dash": (f"UPDATE vurdering SET id = 'F{ADA[:6]}-{ADA[6:]}' WHERE id = 'F3'; UPDATE skaar SET vurdering = 'F{ADA[:6]}-{ADA[6:]}' WHERE vurdering = 'F3'", ("F10", "assessment", HIDDEN, "assessment_id", None), {"assessment": {f"F{ADA[:6]}-{ADA[6:]}"}}),
    "national number in a stop's id": (f"UPDATE stopp SET id = '{ADA[:2]}.{ADA[2:4]}.{ADA[4:6]} {ADA[6:]}'", ("F10", "pause", "T1", "pause_id", None), {"care_service": {"T1"}}),
    "an id that cannot be seen through": ("UPDATE stopp SET id = 'P' || char(12644) || '1'", ("F02", "pause", "T1", "pause_id", None), {"care_service": {"T1"}}),
    "passport number": ("UPDATE bruker SET ident = 'N1234567' WHERE nr = 2", ("F14", "recipient", "2", "person_number", None), {}),
    "number among letters": (f"UPDATE bruker SET ident = 'FNR {BO}' WHERE nr = 2", ("F20", "recipient", "2", "person_number", None), {"recipient": {"2"}, "decision": {"V2"}, "care_service": {"T2"}}),
    "number with a mark behind": (f"UPDATE bruker SET ident = '{BO}X' WHERE nr = 2", ("F20", "recipient", "2", "person_number", None), {"recipient": {"2"}, "decision": {"V2"}, "care_service": {"T2"}}),
    "number shortened by a spreadsheet": ("UPDATE bruker SET ident = '1,58152E+10' WHERE nr = 2", ("F20", "recipient", "2", "person_number", None), {"recipient": {"2"}, "decision": {"V2"}, "care_service": {"T2"}}),
    "number with a dash": (f"UPDATE bruker SET ident = '{BO[:6]}-{BO[6:]}' WHERE nr = 2", None, {}),
    "number of a spreadsheet": (f"UPDATE bruker SET ident = '{BO}.0' WHERE nr = 2", None, {}),
    "the hour that is skipped": ("UPDATE opplysning SET endret = '2025-03-30 02:30:00'", ("F22", "circumstances", "O1", "recorded_at", None), {}),
    "the hour that comes twice": ("UPDATE opplysning SET endret = '2025-10-26 02:30:00'", ("F13", "circumstances", "O1", "recorded_at", None), {}),
}  # fmt: skip


def found(extract):
    columns = ["rule", "record_type", "local_id", pl.col("fields").list.first(), "detail"]
    return {tuple(row) for row in extract.findings.select(columns).iter_rows()} - {
        ("KTT-SRC-F15", "recipient", "3", "person_number", None)
    }


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_keeps_back_what_hangs_on_it(epj, name):
    change, finding, held = FAULTS[name]
    extract = epj.sql(change, log=True).read()
    if finding is not None:
        assert (f"KTT-SRC-{finding[0]}", *finding[1:]) in found(extract)
    assert {root: set(ids) for root, ids in extract.held.items() if len(ids)} == {
        r: ids for r, ids in held.items() if ids
    }
    named = [row for row in found(extract) if row[0] not in {"KTT-SRC-F11", "KTT-SRC-F12"}]
    assert bool(named) == (finding is not None)
    assert len(named) == len({row[1:4] for row in named})  # told once, by one name
    for root, ids in held.items():
        key = extract.records[root].columns[0]
        assert not ids & set(extract.records[root][key])


def test_the_first_of_the_two_autumn_hours_is_taken(epj):
    epj.sql("UPDATE opplysning SET endret = '2025-10-26 02:30:00'", log=True)
    assert epj.read().records["circumstances"]["recorded_at"].item() == dt.datetime(2025, 10, 26, 0, 30, tzinfo=dt.UTC)


def test_an_instant_that_tells_its_zone_is_not_doubtful(epj):
    epj.edit(
        'recorded_at = "endret"\n\n[record.decision_line]',
        'recorded_at = { column = "endret", instant = "%Y-%m-%dT%H:%M:%S.%f%z" }\n\n[record.decision_line]',
    )
    epj.sql("UPDATE vedtak SET endret = '2025-10-26T02:30:00.250000+01:00'", log=True)
    extract = epj.read()
    assert extract.findings["rule"].to_list() == ["KTT-SRC-F15"]
    assert set(extract.records["decision"]["recorded_at"]) == {
        dt.datetime(2025, 10, 26, 1, 30, 0, 250000, tzinfo=dt.UTC)
    }


def test_a_code_follows_its_validity_on_the_records_own_date(epj):
    epj.sql("UPDATE tjeneste SET kode = 'DAG'; UPDATE linje SET kode = 'DAG' WHERE vedtak = 'V1'", log=True)
    epj.sql("UPDATE tjeneste SET fra = '01.01.2020', til = '' WHERE id = 'T1'", log=True)
    records = epj.read().records
    assert dict(records["care_service"].select("service_id", "service_type").iter_rows()) == {"T1": "18", "T2": "7"}
    # V1 was decided in 2018, whenever its lines begin
    assert dict(records["decision_line"].select("decision_id", "service_type").iter_rows())["V1"] == "7"


def test_a_code_outside_its_validity_is_unmapped(epj):
    codes = epj.folder / "koder" / "type.csv"
    codes.write_text("HJ;15;2018-01-10;;\nDAG;7;;;\n", encoding="utf-8")
    extract = epj.read()
    assert ("KTT-SRC-F01", "decision_line", "V1", "service_type", "HJ") in found(extract)  # decided the day before
    assert ("KTT-SRC-F12", "care_service", "T1", "decision_id", None) in found(extract)


def test_a_local_code_that_could_be_a_person_is_not_shown(epj):
    epj.edit(
        'service_type = { column = "kode", codes = "koder/type.csv" }\nstarts_on',
        'service_type = { column = "id", codes = "koder/type.csv" }\nstarts_on',
    )
    epj.sql(f"UPDATE tjeneste SET id = '{BO[:9]}' WHERE id = 'T2'", log=True)
    details = epj.read().findings.filter(rule="KTT-SRC-F01", record_type="care_service")["detail"].to_list()
    assert sorted(details) == ["T1", HIDDEN]


def test_findings_on_what_is_not_sent_are_not_findings(epj):
    epj.sql(
        "UPDATE tjeneste SET kode = 'XX' WHERE id IN ('T3', 'T4'); UPDATE vurdering SET endret = '' WHERE id = 'F1'",
        log=True,
    )
    assert found(epj.read()) == set()


def test_a_test_person_does_not_reach_production(epj):
    extract = epj.read(environment="production")
    assert set(extract.held["recipient"]) == {"1", "2"}
    assert set(extract.records["decision"]["decision_id"]) == {"V3"}
    assert extract.findings.filter(rule="KTT-SRC-F06").height == 2


def test_a_real_person_reaches_production_only(epj):
    epj.sql(f"UPDATE bruker SET ident = '{REAL_LOOKING}'", log=True)
    assert holding(epj.read(environment="production").findings).is_empty()
    assert epj.read(environment="qa").findings.filter(rule="KTT-SRC-F05").height == 3


def test_a_row_without_id_may_be_any_record_so_nothing_of_its_type_is_deleted(epj):
    extract = epj.sql("UPDATE vurdering SET id = '' WHERE id = 'F3'", log=True).read()
    assert not extract.proves_absence("assessment")
    assert extract.proves_absence("care_service")


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ("INSERT INTO opplysning SELECT * FROM opplysning", [("circumstances", "O1")]),
        ("INSERT INTO stopp SELECT * FROM stopp", [("pause", "T1")]),
        ("INSERT INTO bruker SELECT * FROM bruker WHERE nr = 1", [("recipient", "1")]),
        (
            "INSERT INTO vurdering SELECT * FROM vurdering; INSERT INTO vurdering SELECT * FROM vurdering",
            [("assessment", "F2"), ("assessment", "F3")],
        ),
    ],
)
def test_a_key_is_one_finding_however_many_rows_it_has(epj, change, keys):
    found = epj.sql(change, log=True).read().findings.filter(rule="KTT-SRC-F07")
    assert found.select("record_type", "local_id").rows() == keys


def test_the_counts_and_the_findings_agree(epj):
    extract = epj.sql("UPDATE tjeneste SET kode = 'XX'; UPDATE linje SET kode = 'XX'", log=True).read()
    counted = finding_counts(extract.findings)
    assert sum(one.count for one in counted) == extract.findings.height
    assert counted[0].detail == "XX"


def test_no_number_is_in_what_is_shown(tmp_path):
    epj = Epj(tmp_path)
    epj.sql(
        f"UPDATE bruker SET ident = '{BO[:10]}0' WHERE nr = 2; UPDATE tjeneste SET kode = '{ADA}', id = '{ADA}' WHERE id = 'T1'",
        log=True,
    )
    extract = epj.read()
    shown = repr(extract) + repr(epj.source()) + repr(extract.findings.rows()) + repr(finding_counts(extract.findings))
    assert ADA not in shown
    assert BO[:10] not in shown


def test_every_kind_of_finding_speaks_both_languages():
    for kind in FINDING_KINDS.values():
        assert all((kind.says.nb, kind.says.en, kind.remedy.nb, kind.remedy.en))
    assert len({kind.says.nb for kind in FINDING_KINDS.values()}) == len(FINDING_KINDS)


@pytest.mark.parametrize(
    "written",
    [f"{BO[:6]}-{BO[6:]}", f"{BO}.0", f"{BO[:6]}.{BO[6:]}", f"''{BO}", f"{BO}\u200b\ufeff", f"{BO[:6]} {BO[6:]}"],
)
def test_a_number_is_the_same_person_however_it_is_written(epj, written):
    epj.sql(f"UPDATE bruker SET ident = '{written}' WHERE nr = 2")
    persons = epj.read().records["recipient"].filter(pl.col("local_person_id") == "2")
    assert persons["person_number"].to_list() == [BO]
