"""A draft against the true mapping of record systems that it does not know: how many fields are right, and that it can be read."""

from __future__ import annotations

import datetime as dt
import sqlite3
import tomllib

import pytest

from ktt.sender.extract.drafting.draft import draft_mapping
from ktt.sender.extract.drafting.written import write_draft
from ktt.sender.extract.mapping import errors
from ktt.sender.extract.mapping.file import examined, read_mapping
from ktt.sender.extract.profiling.errors import OutputUnwritable
from ktt.sender.extract.profiling.scan import scan_source
from ktt.testing.synthetic.create import write_epj
from ktt.testing.synthetic.invented_source import InventedSource
from support.log_epj import LogEpj, write_files
from support.plain_epj import PlainEpj

ON = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    made = LogEpj(tmp_path_factory.mktemp("logs"), persons=40)
    made.log(ON)
    return made


def right_fields(mapping, draft):
    """For each field (and each absent type) of the true mapping, whether the draft says the same."""
    for name, record in mapping.records.items():
        match = draft.records.get(name)
        if record.table is None:
            yield name, match is None
            continue
        fields = {one.name: one.value for one in draft.fields.get(name, [])}
        table = (mapping.tables[record.table].relation or (record.table,))[-1]
        for field, source in record.fields.items():
            got = fields.get(field)
            said = got if isinstance(got, dict) else {"column": got}
            same = (
                "absent" in said
                if source.absent
                else said.get("constant", said.get("column")) == (source.constant or source.column)
            )
            yield f"{name}.{field}", bool(match and match.table.name == table and same)


def share(mapping_file, url):
    found = list(right_fields(read_mapping(mapping_file), draft_mapping(scan_source(url, ON, 5), "utkast")))
    return sum(right for _, right in found) / len(found), [name for name, right in found if not right]


def test_nearly_all_fields_of_the_synthetic_record_system_are_right(synthetic_epj):
    right, wrong = share(synthetic_epj / "mapping.toml", f"sqlite:///{synthetic_epj / 'epj.sqlite'}")
    assert right >= 0.95, wrong


def test_nearly_all_fields_of_the_record_system_of_logs_are_right(logs):
    right, wrong = share(logs.mapping, logs.url)
    assert right >= 0.9, wrong


def test_logs_marks_and_wide_rows_are_seen(logs):
    drafted = tomllib.loads(draft_mapping(scan_source(logs.url, ON, 5), "utkast").text)
    assert drafted["table"]["VEDTAK_LOGG"]["latest"] == {
        "of": ["VEDTAK_NR"],
        "by": "VERSJON",
        "among": {"STATUS": ["FATTET"]},
    }
    assert drafted["table"]["KUNDE"]["where"] == {"SLETTET": ["", "N"]}
    assert drafted["record"]["score"]["columns"] == {"pattern": "F{n}", "n": "1..18", "skip": ["", "0"]}
    assert drafted["record"]["diagnosis"]["fields"]["code"] == {"column": "KODE", "strip": "."}
    assert drafted["record"]["decision"]["fields"]["decided_on"]["date"] == ["%Y%m%d", "%d.%m.%Y"]
    assert drafted["source"]["unit"]["query"] == 'SELECT "ORGNR", "KOMMUNENR" FROM "INSTALLASJON"'


def test_a_draft_of_files_reads_files(logs, tmp_path):
    write_files(logs, tmp_path / "files", ON)
    drafted = draft_mapping(scan_source(f"files:///{tmp_path / 'files'}", ON, 5), "utkast")
    write_draft(drafted, tmp_path / "files.toml")
    parsed = tomllib.loads(drafted.text)
    assert parsed["source"] | {"unit": None} == {
        "kind": "files",
        "read_only": True,
        "charset": "windows-1252",
        "separator": ";",
        "unit": None,
    }
    assert parsed["table"]["TJENESTE"]["file"] == "TJENESTE_%Y%m%d.csv"


def test_what_is_missing_is_said_by_the_check_and_nothing_else(logs, tmp_path):
    """The file can be read as it is: what is wrong are codes and fields that only a person knows."""
    drafted = draft_mapping(scan_source(logs.url, ON, 5), "utkast")
    write_draft(drafted, tmp_path / "utkast.toml")
    _, faults = examined(tmp_path / "utkast.toml")
    assert {type(one) for one in faults} <= {errors.FieldUnmapped, errors.CodeRowWrong, errors.CodesUnreadable}
    assert len([one for one in faults if isinstance(one, errors.CodeRowWrong)]) == sum(drafted.unanswered.values())


def test_nothing_that_is_there_is_written_over(logs, tmp_path):
    drafted = draft_mapping(scan_source(logs.url, ON, 5), "utkast")
    write_draft(drafted, tmp_path / "utkast.toml")
    with pytest.raises(OutputUnwritable):
        write_draft(drafted, tmp_path / "utkast.toml")
    write_draft(drafted, tmp_path / "utkast.toml", replace=True)


@pytest.mark.parametrize("name", ['a"b', "a'b", "a b.c", "å\\t", "[x]", "both\"and'", "tab\there"])
def test_names_of_any_kind_give_toml(tmp_path, name):
    """Whatever the columns are called, a draft can be read."""
    quoted = name.replace('"', '""')
    with sqlite3.connect(tmp_path / "x.sqlite") as connection:
        connection.execute(f'CREATE TABLE "bruker {quoted}" ("bruker_nr" TEXT, "fnr {quoted}" TEXT, "{quoted}" TEXT)')
        connection.executemany(
            f'INSERT INTO "bruker {quoted}" VALUES (?, ?, ?)', [(str(n), "01814012345", "x") for n in range(9)]
        )
    connection.close()
    profile = scan_source(f"sqlite:///{tmp_path / 'x.sqlite'}", ON, 5)
    assert tomllib.loads(draft_mapping(profile, name).text)["name"] == name


@pytest.fixture(scope="module")
def synthetic_epj(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic") / "epj"
    write_epj(folder, recipients=120, municipality="1114", start=dt.date(2017, 1, 1), seed=7, until=ON)
    return folder


@pytest.mark.parametrize("files", [False, True], ids=["database", "files"])
def test_of_a_third_record_system_the_draft_sees_what_its_mapping_says(tmp_path, files):
    address, _mapping = PlainEpj(40).write(tmp_path / "one", files=files)
    drafted = tomllib.loads(draft_mapping(scan_source(address, ON, 5), "utkast").text)

    def place(table):
        return table.lower() if files else table

    record = drafted["record"]
    assert record["diagnosis"]["fields"]["recorded_at"] == {"column": "ENDRET", "instant": "unix_ms"}
    services = [record["care_service"], *record["care_service"]["also"]]
    assert {one["from"] for one in services} == {
        place(f"TJ_{name}") for name in ("STOTTEKONTAKT", "HJEMMESYKEPLEIE", "OPPHOLD")
    }
    assert "absent" in record["pause"]
    assert record["assessment"]["distinct"] is True
    assert record["assessment"]["fields"]["assessment_id"] == "SKJEMA_ID" == record["score"]["fields"]["assessment_id"]
    assert record["score"]["skip"] == {"SVAR": [""]}
    assert record["provider_period"]["fields"]["provider"] == "ORGNR"
    assert drafted["table"][place("TJ_OPPHOLD")]["where"] == {"SLETTET": [""]}
    if files:
        assert drafted["source"]["unit"] == {"file": "kommuneinfo.csv", "columns": ["ORGNUMMER", "KOMMUNE"]}
        assert drafted["complete"]["count"] == {
            "file": "eksportstatus.csv",
            "table": "TABELL",
            "rows": "RADER",
            "day": "KJORT",
        }
    else:
        assert "KOMMUNEINFO" in drafted["source"]["unit"]["query"]


def test_the_code_system_is_proposed_as_the_registry_has_it(tmp_path):
    address, _mapping = PlainEpj(40).write(tmp_path / "one", files=True)
    files = draft_mapping(scan_source(address, ON, 5), "utkast").files
    lines = files["koder/kodeverk.csv"].splitlines()[1:]
    assert [line.split(";")[:2] for line in lines] == [["ICD10", "ICD-10"], ["ICPC2", "ICPC-2"]]


def test_an_invented_copy_has_the_same_kinds_of_values(tmp_path):
    address, _mapping = PlainEpj(40).write(tmp_path / "one", files=False)
    profile = scan_source(address, ON, 5)
    InventedSource(profile, 200, 1).write(tmp_path / "copy.sqlite", ON)
    copy = {one.name: one for one in scan_source(f"sqlite:///{tmp_path / 'copy.sqlite'}", ON, 5).tables}
    stamps = {one.name: one for one in copy["VEDTAK_HODE"].columns}
    assert (stamps["SIST_ENDRET"].kind, list(stamps["SIST_ENDRET"].formats)) == ("instant", ["unix_ms"])
