"""One thing wrong in a mapping file, one clear error that names the file and the key."""

import pytest

from ktt.core.errors import EXIT_MAPPING
from ktt.sender.extract.mapping import errors

DAY_FORM = '{ column = "fra", date = "%d.%m.%Y", empty = ["00.00.0000", "31.12.9999"] }'

# what is changed in the file, to what | the error | the key it names (or the whole of it, where no key is meant)
WRONG = {
    "not TOML": ('name     = "lite-epj"', "name = lite", errors.MappingUnreadable, None),
    "another version": ('"ktt/1"', '"ktt/2"', errors.ValueWrong, "mapping"),
    "no name": ('name     = "lite-epj"', "", errors.KeyMissing, "name"),
    "no such zone": ("Europe/Oslo", "Europe/Olso", errors.ValueWrong, "timezone"),
    "unknown key": ("[source]", "[source]\nreadonly = true", errors.NameUnknown, "source.readonly"),
    "another kind of source": ('kind      = "sql"', 'kind = "excel"', errors.ValueWrong, "source.kind"),
    "may write": ("read_only = true", "read_only = false", errors.ValueWrong, "source.read_only"),
    "query missing": ('{ query = "SELECT orgnr, kommunenr FROM installasjon" }', "{}", errors.KeyMissing, "source.unit.query"),
    "table without key": ('key = ["nr"]', "key = []", errors.ValueWrong, "table.bruker.key"),
    "key not a list": ('key = ["nr"]', 'key = "nr"', errors.ValueWrong, "table.bruker.key"),
    "drop as number": ("[table.klage]", "[table.klage]\nexpect = { drop_max = 20 }", errors.ValueWrong, "table.klage.expect.drop_max"),
    "drop above all": ("[table.klage]", '[table.klage]\nexpect = { drop_max = "120%" }', errors.ValueWrong, "table.klage.expect.drop_max"),
    "rows below none": ("[table.klage]", "[table.klage]\nexpect = { rows_min = -1 }", errors.ValueWrong, "table.klage.expect.rows_min"),
    "age without unit": ("[table.klage]", '[table.klage]\nfresh = { column = "endret", warn_after = "26" }', errors.ValueWrong, "table.klage.fresh.warn_after"),
    "since no day": ("[table.klage]", '[table.klage]\nsince = "2019"\nreason = "nytt"', errors.ValueWrong, "table.klage.since"),
    "since without reason": ("[table.klage]", '[table.klage]\nsince = "2019-03-01"', errors.KeyMissing, "table.klage.reason"),
    "unknown record type": ("[record.pause]", "[record.pausee]", errors.NameUnknown, "record.pausee"),
    "record type left out": ('[record.nutrition]\nabsent = "registreres ikke"', "", errors.RecordUnmapped, None),
    "mapped and absent": ('[record.pause]\nfrom = "stopp"', '[record.pause]\nfrom = "stopp"\nabsent = "nei"', errors.RecordTangled, "record.pause.absent"),
    "unknown table": ('from = "stopp"', 'from = "stop"', errors.NameUnknown, "record.pause.from = stop"),
    "unknown field": ('pause_id = "id"', 'pauseid = "id"', errors.NameUnknown, "record.pause.fields.pauseid"),
    "field left out": ('pause_id = "id"', "", errors.FieldUnmapped, "record.pause.fields.pause_id"),
    "derived field": ('assessment_id = "id"', 'assessment_id = "id"\nhome_municipality = "kommune"', errors.FieldDerived, "record.assessment.fields.home_municipality"),
    "kind of number": ('person_number = "ident"', 'person_number = "ident"\nperson_number_kind = "slag"', errors.FieldDerived, "record.recipient.fields.person_number_kind"),
    "required but absent": ('pause_id = "id"', 'pause_id = { absent = "nei" }', errors.RequiredAbsent, "record.pause.fields.pause_id"),
    "absent without reason": ('case_id = { absent = "saker finnes ikke" }', 'case_id = { absent = "" }', errors.ValueWrong, "record.decision.fields.case_id.absent"),
    "field of no form": ('pause_id = "id"', "pause_id = 7", errors.ValueWrong, "record.pause.fields.pause_id"),
    "column missing": ('pause_id = "id"', 'pause_id = { empty = ["0"] }', errors.KeyMissing, "record.pause.fields.pause_id.column"),
    "unknown form": ('pause_id = "id"', 'pause_id = { column = "id", kode = "x" }', errors.NameUnknown, "record.pause.fields.pause_id.kode"),
    "date on an id": ('pause_id = "id"', 'pause_id = { column = "id", date = "%d.%m.%Y" }', errors.FormWrong, "record.pause.fields.pause_id"),
    "codes on a day": (DAY_FORM, '{ column = "fra", codes = "koder/type.csv" }', errors.FormWrong, "record.residence.fields.starts_on"),
    "decimal mark": ('decimal = ","', 'decimal = ";"', errors.ValueWrong, "record.decision_line.fields.hours_per_week.decimal"),
    "unknown directive": (DAY_FORM, '{ column = "fra", date = "%d.%b.%Y" }', errors.FormatWrong, "record.residence.fields.starts_on"),
    "day lacks its year": (DAY_FORM, '{ column = "fra", date = "%d.%m" }', errors.FormatWrong, "record.residence.fields.starts_on"),
    "day has two months": (DAY_FORM, '{ column = "fra", date = "%m.%m.%d.%Y" }', errors.FormatWrong, "record.residence.fields.starts_on"),
    "month has a clock": ('month = "%m.%Y"', 'month = "%m.%Y %H"', errors.FormatWrong, "record.circumstances.fields.doctor_assessed_in"),
    "decimals without point": ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%f", errors.FormatWrong, "record.care_service.fields.recorded_at"),
    "constant no day": (DAY_FORM, '{ constant = "01.01.2020" }', errors.ConstantWrong, "record.residence.fields.starts_on"),
    "constant no code": ('{ constant = "2" }', '{ constant = "22" }', errors.ConstantWrong, "record.circumstances.fields.private_help"),
    "looks up nowhere": ("[table.klage]", '[table.klage]\nlookup = { vedtk = { id = "vedtak" } }', errors.NameUnknown, "table.klage.lookup.vedtk"),
    "looks up by nothing": ("[table.klage]", "[table.klage]\nlookup = { vedtak = {} }", errors.ValueWrong, "table.klage.lookup.vedtak"),
    "distinct but not": ("[record.pause]", "[record.pause]\ndistinct = false", errors.ValueWrong, "record.pause.distinct"),
    "upper but not": ('decimal = ","', "upper = true", errors.FormWrong, "record.decision_line.fields.hours_per_week"),
    "a factor of nought": ('decimal = ","', "divide = 0", errors.ValueWrong, "record.decision_line.fields.hours_per_week.divide"),
    "no code file": ('codes = "koder/husstand.csv"', 'codes = "koder/hustand.csv"', errors.CodesUnreadable, "record.circumstances.fields.household.codes"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_mapping_has_its_own_error(epj, name):
    old, new, error, key = WRONG[name]
    epj.edit(old, new)
    with pytest.raises(error) as caught:
        epj.source()
    fault = caught.value
    assert type(fault) is error
    assert fault.facts.get("key") == key
    assert str(epj.mapping) in fault.says().nb
    assert fault.exit_code == EXIT_MAPPING
    assert fault.advises().nb
    assert fault.advises().en


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ("[record.pause]", "[record.pausee]", "pause"),
        ('pause_id = "id"', 'pauseid = "id"', "pause_id"),
        ('from = "stopp"', 'from = "stop"', "stopp"),
        ("[source]", "[source]\nreadonly = true", "read_only"),
    ],
)
def test_the_nearest_right_name_is_named(epj, old, new, near):
    epj.edit(old, new)
    with pytest.raises(errors.NameUnknown) as caught:
        epj.source()
    assert f"«{near}»" in caught.value.advises().nb
    assert f"“{near}”" in caught.value.advises().en


def test_a_missing_mapping_file(tmp_path, epj):
    epj.mapping.rename(tmp_path / "elsewhere.toml")
    with pytest.raises(errors.MappingUnreadable):
        epj.source()


def test_a_part_cannot_be_read_without_its_record(epj):
    text = epj.mapping.read_text(encoding="utf-8")
    start, end = text.index("[record.assessment]"), text.index("[record.score]")
    epj.mapping.write_text(text[:start] + '[record.assessment]\nabsent = "nei"\n' + text[end:], encoding="utf-8")
    with pytest.raises(errors.RecordTangled) as caught:
        epj.source()
    assert caught.value.facts["key"] == "record.score"


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("HJ;15;;;\n;7;;;\n", 2),  # no local code
        ("HJ;;;;\n", 1),  # no official code
        ("HJ;15;2020-02-30;;\n", 1),  # no such day
        ("HJ;15;01.01.2020;;\n", 1),  # not ISO
        ("HJ;15;;;\nHJ;16;;;\n", 2),  # the same code twice at a time
        ("HJ;15;;2020-01-01;\nHJ;16;2020-01-01;;\n", 2),  # both valid on one day
        ("HJ;15;;;\nDAG;777;;;\n", 2),  # not in the official list
    ],
)
def test_a_wrong_line_of_a_code_file_is_named(epj, lines, line):
    (epj.folder / "koder" / "type.csv").write_text(lines, encoding="utf-8")
    with pytest.raises(errors.CodeRowWrong) as caught:
        epj.source()
    assert caught.value.facts["line"] == line
    assert caught.value.says().nb.count("type.csv") == 1


@pytest.mark.parametrize("content", [b"HJ;\xff;;;\n", b"", b"lokal kode;Volven-kode\n"])
def test_a_code_file_that_holds_no_codes(epj, content):
    (epj.folder / "koder" / "type.csv").write_bytes(content)
    with pytest.raises(errors.CodesUnreadable):
        epj.source()


@pytest.mark.parametrize(
    "lines",
    [
        "HJ;15\nDAG;7\n",
        "\ufefflokal;kode\nHJ;15;;;\nDAG;7;;;\n",
        "Local code;Official code;From;To;Note\nHJ;15;;;\n\nDAG;7;;2019-12-31;\nDAG;18;2020-01-01;;fra 2020\n",
        "HJ;15;;;\n DAG ; 7 ;;;\n",
    ],
)
def test_a_code_file_may_have_a_heading_a_mark_and_blanks(epj, lines):
    (epj.folder / "koder" / "type.csv").write_text(lines, encoding="utf-8")
    assert set(epj.read().records["care_service"]["service_type"]) == {"15", "7"}


def test_what_is_said_of_a_wrong_line_ends_as_sentences_do(epj):
    (epj.folder / "koder" / "type.csv").write_text("HJ;155;;;\n", encoding="utf-8")
    with pytest.raises(errors.CodeRowWrong) as caught:
        epj.source()
    said = caught.value.says().nb
    assert "?." not in said
    assert said.endswith("Mente dere «15»?")


def test_a_form_that_does_not_suit_names_those_that_do(epj):
    epj.edit('pause_id = "id"', 'pause_id = { column = "id", date = "%d.%m.%Y" }')
    with pytest.raises(errors.FormWrong) as caught:
        epj.source()
    assert "er en id, og" in caught.value.says().nb
    assert caught.value.advises().nb == "Skriv «column», «or», «empty», «where», «strip»."
