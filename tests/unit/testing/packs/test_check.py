"""`ktt pack check`: a pack that holds, and one line with the place for each way in which one does not."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest

from ktt.cli.app import run
from ktt.core.text import Text
from ktt.messages.packs.message import PackedMessage
from ktt.messages.register import folder_of
from ktt.testing.packs.check import independent, opinions, proof
from ktt.testing.packs.check.lines import Verdict
from ktt.testing.packs.check.municipality import synthetic_records
from ktt.testing.packs.check.proof import check_pack
from support.packs import DECISIONS, KTT_V1, SERVICES, PackCopy

LINE = "[].vedtak[].tjenester[]"


@pytest.fixture(scope="module")
def synthetic():
    return synthetic_records(25)


@pytest.fixture
def pack(tmp_path):
    return PackCopy(tmp_path / "mine").only_decisions_and_services()


@pytest.fixture
def checked(synthetic):
    def check(folder):
        return check_pack(folder, synthetic=synthetic, seconds=0)

    return check


def failures(report):
    return [line for line in report.lines if line.verdict is Verdict.FAILED]


def told(line):
    return f"{line.says.nb} {' '.join(line.places)} {line.message}"


def test_our_own_pack_holds_in_every_line(checked):
    report = checked(KTT_V1)
    assert {line.verdict for line in report.lines} == {Verdict.OK, Verdict.NOTE}
    assert report.holds
    checks = {line.check for line in report.lines}
    assert checks == {
        "pack", "schema", "mapping", "columns", "members", "examples", "round trip", "independent validator",
        "deletions", "speed",
    }  # fmt: skip
    deleted = [line.message for line in report.lines if line.check == "deletions"]
    assert len(deleted) == 5
    rates = [line.says.en for line in report.lines if "MB/s" in line.says.en]
    assert len(rates) == 10, "of both checks of five messages"


def test_the_two_messages_of_the_other_tests_hold_too(pack, checked):
    assert [told(line) for line in checked(pack.folder).lines if line.verdict in {Verdict.FAILED, Verdict.ADVICE}] == []


def _example(pack, name, content, *, message=DECISIONS):
    (pack.folder / "examples" / message / name).write_text(json.dumps(content), encoding="utf-8")


def _without_member(line, message=DECISIONS):
    return lambda pack: pack.member(line, "", of=message)


def _days_swapped(first, last, message):
    def change(pack):
        pack.member(f'startDato = "{first}"', 'startDato = "_"', of=message)
        pack.member(f'sluttDato = "{last}"', f'sluttDato = "{first}"', of=message)
        pack.member('startDato = "_"', f'startDato = "{last}"', of=message)

    return change


def _an_example_that_fits_as_one_that_fails(pack):
    folder = pack.folder / "examples" / DECISIONS
    shutil.copy(folder / "N01-everyday.json", folder / "F02-no-id.json")


def _without_deletions(pack):
    pack.member(
        '[[messages.KTT_Vedtak.deletions]]\nat = "[].slettVedtak[]"\nof = "decision"\n'
        'members = { vedtakId = "decision_id" }\nwhere = { erSlettet = true }\n',
        "",
    )


def _coded(codes):
    return lambda pack: pack.member('resultat = "outcome"', f'resultat = {{ column = "outcome", codes = {codes} }}')


def _reference_outside(schema):
    schema["items"]["properties"]["orgNr"] = {"$ref": "https://example.com/other.json"}


def _exploding(schema):
    schema["items"]["properties"]["bydelNr"]["pattern"] = "^(a+)+$"


DEFECTS = {
    "a column that is neither carried nor dropped": (
        _without_member('sakId = "case_id"\n'), "columns", "decision.case_id"),
    "a record type that no message carries": (
        lambda pack: pack.replace("mapping.toml", '"diagnosis" = "not here"\n', ""), "columns", "opplysningstypen «diagnosis»"),
    "an unknown column under dropped": (
        lambda pack: pack.drop(decision__nosuch="why"), "columns", "dropped.decision.nosuch"),
    "dropped without a reason": (
        lambda pack: pack.member('sakId = "case_id"\n', "").drop(decision__case_id=" "), "columns", "dropped.decision.case_id"),
    "dropped and carried": (
        lambda pack: pack.drop(decision__case_id="why"), "columns", "dropped.decision.case_id"),
    "a district that is lost": (
        _without_member('bydelNr = "district"\n'), "round trip", "312000563-0301"),
    "a required member that nothing fills": (
        _without_member('registrertTid = "recorded_at"\n', SERVICES), "members", "[].tjeneste[].registrertTid"),
    "a required member that nothing fills, in records": (
        _without_member('registrertTid = "recorded_at"\n', SERVICES), "round trip", "tjeneste[].registrertTid: required"),
    "an example that is to fit and does not": (
        lambda pack: _example(pack, "N01-everyday.json", [{"orgNr": "312000008"}]), "examples", "N01-everyday"),
    "an example that is to break and does not": (
        _an_example_that_fits_as_one_that_fails, "examples", "F02-no-id"),
    "an example that breaks something else": (
        lambda pack: _example(pack, "F02-no-id.expects.json", {"pointer": "/0", "keyword": "type"}), "examples", "F02-no-id"),
    "an example without what fails": (
        lambda pack: (pack.folder / "examples" / DECISIONS / "F02-no-id.expects.json").unlink(), "examples", "F02-no-id"),
    "what fails without an example": (
        lambda pack: (pack.folder / "examples" / DECISIONS / "F02-no-id.json").unlink(), "examples", "F02-no-id"),
    "an example of neither kind": (
        lambda pack: _example(pack, "X1.json", []), "examples", "X1"),
    "swapped days that the schema sees": (
        _days_swapped("starts_on", "ends_on", SERVICES), "round trip", "tjeneste[].startDato"),
    "swapped days that only the examples tell": (
        _days_swapped("starts_on", "ends_on", DECISIONS), "examples", f"{LINE}.sluttDato {LINE}.startDato"),
    "codes that lose a code": (
        _coded('{ 2 = "2" }'), "codes", f"«1» ved «{LINE}.resultat»"),
    "codes that lose a code, in records": (
        _coded('{ 2 = "2" }'), "round trip", "decision_line.outcome"),
    "codes that the schema does not take": (
        _coded('{ 1 = "1", 2 = "2", 3 = "2" }'), "mapping", f"{LINE}.resultat» (outcome: codes: '3' ∉ schema)"),
    "codes that are not of the list": (
        _coded('{ 1 = "1", 2 = "77" }'), "mapping", "codes: '77' ∉ 9171"),
    "a kind of person number without a place": (
        _without_member('"person.dufNr" = { column = "recipient.person_number", identity = "duf", digits = 12 }\n'),
        "codes", "recipient.person_number.duf"),
    "records that cannot be deleted": (
        _without_deletions, "deletions", "decision"),
    "a deletion that breaks the schema": (
        lambda pack: pack.member("where = { erSlettet = true }", 'where = { erSlettet = "ja" }'), "deletions", "[].slettVedtak[]"),
    "a column at a place of another type": (
        lambda pack: pack.member('timerUke = "hours_per_week"', 'timerUke = "starts_on"'), "mapping", f"{LINE}.timerUke"),
    "an unknown column": (
        lambda pack: pack.member('sakId = "case_id"', 'sakId = "nosuch"'), "mapping", "[].vedtak[].sakId"),
    "a place that the schema does not have": (
        lambda pack: pack.member('sakId = "case_id"', 'sakIdd = "case_id"'), "mapping", "[].vedtak[].sakIdd"),
    "a message that is not in the pack": (
        lambda pack: pack.replace("mapping.toml", "messages.KTT_Tjeneste.", "messages.KTT_Tenest."), "mapping", "messages.KTT_Tenest"),
    "a unit without its municipality": (
        _without_member('kommuneNr = "municipality"\n'), "mapping", "members: municipality"),
    "a mapping that is no TOML": (
        lambda pack: pack.replace("mapping.toml", "[dropped]", "[dropped"), "mapping", "mapping.toml"),
    "a form that loses seconds": (
        lambda pack: pack.member('registrertTid = "recorded_at"',
                                 'registrertTid = { column = "recorded_at", instant = "%Y-%m-%dT%H:%M:00%:z" }', of=SERVICES),
        "round trip", "care_service.recorded_at"),
    "two parts of a record at one place": (
        lambda pack: pack.member('fraDato = "starts_on"\ntilDato = "ends_on"\n',
                                 'fraDato = "starts_on"\ntilDato = "starts_on"\n', of=SERVICES),
        "mapping", "starts_on: twice"),
    "an example that a receiver refuses for its ids": (
        lambda pack: pack.replace(f"examples/{DECISIONS}/N02-only-deletions.json", "X-1", " "), "examples", "N02-only-deletions"),
    "a list that is shorter than what is sent": (
        lambda pack: pack.schema(DECISIONS, lambda schema: schema["items"]["properties"]["vedtak"].update(maxItems=90)),
        "round trip", "/0/vedtak"),
    "a reference out of the folder": (
        lambda pack: pack.schema(DECISIONS, _reference_outside), "schema", "example.com"),
    "a pattern that explodes": (
        lambda pack: pack.schema(DECISIONS, _exploding), "schema", "bydelNr/pattern"),
    "a schema that is no JSON": (
        lambda pack: (pack.folder / "schema" / "KTT_Vedtak.1.json").write_text("{"), "schema", "KTT_Vedtak.1.json"),
    "no such schema file": (
        lambda pack: (pack.folder / "schema" / "KTT_Vedtak.1.json").unlink(), "pack", "KTT_Vedtak.1.json"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "check", "place"), DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_told_with_its_place(change, check, place, pack, checked):
    change(pack)
    report = checked(pack.folder)
    assert not report.holds
    mine = [line for line in failures(report) if line.check == check and place in told(line)]
    assert mine, [told(line) for line in failures(report)]
    assert all(line.remedy for line in failures(report))
    assert not [line for line in report.lines if line.check == "unforeseen"]


def test_a_lone_defect_is_the_only_line_that_fails(pack, checked):
    pack.member('sakId = "case_id"\n', "")
    assert [line.places for line in failures(checked(pack.folder))] == [("decision.case_id",)]


def test_a_folder_that_is_not_there_is_one_line(checked, tmp_path):
    (line,) = checked(tmp_path / "nowhere").lines
    assert (line.check, line.verdict) == ("pack", Verdict.FAILED)


def test_a_number_kind_without_a_place_may_be_dropped_with_a_reason(pack, checked):
    member = '"person.dufNr" = { column = "recipient.person_number", identity = "duf", digits = 12 }\n'
    pack.member(member, "").member(member, "", of=SERVICES).drop(
        recipient__person_number__duf="the schema has no place"
    )
    assert [told(line) for line in failures(checked(pack.folder)) if line.check in {"codes", "columns"}] == []


def test_a_pack_without_a_mapping_is_judged_by_its_schema(pack, checked):
    (pack.folder / "mapping.toml").unlink()
    for path in (pack.folder / "examples" / DECISIONS).glob("F25-*"):
        path.unlink()  # of a demand that the mapping adds to the schema
    report = checked(pack.folder)
    assert report.holds
    assert {line.check for line in report.lines} == {
        "pack", "schema", "mapping", "examples", "independent validator", "speed",
    }  # fmt: skip
    assert [line.verdict for line in report.lines if line.check == "mapping"] == [Verdict.ADVICE]


def test_a_schema_file_alone_can_be_checked(checked, tmp_path):
    shutil.copy(KTT_V1 / "schema" / "KTT_Diagnose.1.json", tmp_path)
    report = checked(tmp_path)
    assert [(line.check, line.verdict) for line in report.lines] == [
        ("pack", Verdict.OK), ("mapping", Verdict.ADVICE), ("schema", Verdict.OK), ("examples", Verdict.ADVICE),
        ("independent validator", Verdict.NOTE), ("speed", Verdict.NOTE),
    ]  # fmt: skip


def test_a_message_without_a_mapping_is_named(pack, checked):
    path = pack.folder / "mapping.toml"
    text = path.read_text()
    path.write_text(text[: text.index("[[messages.KTT_Tjeneste.objects]]")])
    pack.drop(care_service="later")
    (line,) = [line for line in checked(pack.folder).lines if line.verdict is Verdict.ADVICE]
    assert (line.check, line.message) == ("mapping", "KTT_Tjeneste 1")


def test_a_schema_that_no_automaton_expresses_is_told_with_the_reason(pack, checked):
    def unique(schema):
        schema["items"]["properties"]["vedtak"]["uniqueItems"] = True

    pack.schema(DECISIONS, unique)
    report = checked(pack.folder)
    assert report.holds
    (line,) = [line for line in report.lines if line.verdict is Verdict.ADVICE]
    assert (line.check, line.message) == ("speed", "KTT_Vedtak 1")
    assert "[].vedtak" in line.says.en


def test_a_required_member_that_a_record_may_lack_is_advice(pack, checked):
    def demand(schema):
        decision = schema["items"]["properties"]["vedtak"]["items"]
        decision["required"].append("opprinneligVedtakId")
        decision["properties"]["opprinneligVedtakId"]["type"] = "string"

    pack.schema(DECISIONS, demand)
    advised = [line for line in checked(pack.folder).lines if line.verdict is Verdict.ADVICE]
    assert [(line.check, line.places) for line in advised] == [("members", ("[].vedtak[].opprinneligVedtakId",))]


def test_a_required_member_that_may_be_null_is_filled(pack, checked):
    def demand(schema):
        schema["items"]["properties"]["vedtak"]["items"]["required"].append("opprinneligVedtakId")

    pack.schema(DECISIONS, demand)
    lines = [line for line in checked(pack.folder).lines if line.check in {"members", "round trip"}]
    assert {line.verdict for line in lines} == {Verdict.OK}


def test_each_version_of_a_type_carries_every_column(pack, checked):
    schema = pack.folder / "schema"
    shutil.copy(schema / "KTT_Vedtak.1.json", schema / "KTT_Vedtak.2.json")
    row = '[[messages]]\ntype = "KTT_Vedtak"\nversion = "{n}"\nschema = "schema/KTT_Vedtak.{n}.json"\n'
    pack.replace("pack.toml", row.format(n=1), row.format(n=1) + row.format(n=2))
    path = pack.folder / "mapping.toml"
    text = path.read_text()
    section = text[text.index("[[messages.KTT_Vedtak.objects]]") : text.index("[[messages.KTT_Tjeneste.objects]]")]
    second = section.replace("KTT_Vedtak.", '"KTT_Vedtak/2".').replace('sakId = "case_id"\n', "")
    path.write_text(text + second)
    assert [line.places for line in failures(checked(pack.folder))] == [("decision.case_id",)]


def test_a_fast_check_that_leaves_our_own_messages_open_is_told(pack, checked, monkeypatch):
    monkeypatch.setattr(PackedMessage, "fast_check", lambda *_: None)
    advised = [line for line in checked(pack.folder).lines if line.verdict is Verdict.ADVICE]
    assert [line.check for line in advised] == ["speed", "speed"]


def test_a_fault_that_nobody_foresaw_stops_one_check_only(pack, checked, monkeypatch):
    def fails(*_arguments, **_names):
        raise IndexError("8844110015")

    monkeypatch.setattr(proof, "check_speed", fails)
    report = checked(pack.folder)
    assert [line.check for line in failures(report)] == ["unforeseen", "unforeseen"]
    assert "8844110015" not in json.dumps(report.as_data())
    assert [line.check for line in report.lines][-1] == "deletions"


def _with_services_inside(pack):
    """Services in a list of their decision, with neither person nor decision of their own."""
    path = pack.folder / "schema" / "KTT_Tjeneste.1.json"
    service = json.loads(path.read_text())["items"]["properties"]["tjeneste"]["items"]

    def inside(schema):
        decision = schema["items"]["properties"]["vedtak"]["items"]
        for name in ("person", "vedtakId", "utforer", "midlertidigStopp"):
            del service["properties"][name]
        service["required"].remove("person")
        decision["properties"]["levert"] = {"type": "array", "items": service}

    pack.schema(DECISIONS, inside)
    mapping = pack.folder / "mapping.toml"
    text = mapping.read_text()
    start = text.index('[[messages.KTT_Tjeneste.objects]]\nat = "[].tjeneste[]"')
    end = text.index('[[messages.KTT_Tjeneste.objects]]\nat = "[].tjeneste[].utforer[]"')
    moved = text[start:end].replace("KTT_Tjeneste", DECISIONS).replace("[].tjeneste[]", "[].vedtak[].levert[]")
    moved = "".join(line for line in moved.splitlines(keepends=True) if not line.startswith(('"person.', "vedtakId =")))
    mapping.write_text(text[: text.index("[[messages.KTT_Tjeneste.objects]]")] + moved)
    row = '[[messages]]\ntype = "KTT_Tjeneste"\nversion = "1"\nschema = "schema/KTT_Tjeneste.1.json"\n'
    pack.replace("pack.toml", row, "")
    return pack.drop(provider_period="no place", pause="no place")


HOMES = {f"care_service__home_{name}": "said on the decision's date" for name in ("municipality", "district")}


def test_what_is_taken_from_the_record_around_and_was_otherwise_is_told(pack, checked):
    found = failures(checked(_with_services_inside(pack).folder))
    assert any("home_municipality" in told(line) for line in found), list(map(told, found))


def test_records_inside_others_are_read_back_and_those_without_a_place_are_counted(pack, checked, synthetic):
    report = checked(_with_services_inside(pack).drop(**HOMES).folder)
    services, decisions = synthetic.records["care_service"], synthetic.records["decision"]
    count = services.join(decisions, on="decision_id", how="anti").height
    assert count > 0
    (alone,) = failures(report)
    assert alone.says.en.split()[0] == str(count)
    assert "care_service.decision_id" in told(alone)
    deleted = [line.says.en for line in report.lines if line.check == "deletions"]
    assert "not standing in its decision" in " ".join(deleted)


def test_records_that_stand_alone_go_to_their_own_list(pack, checked):
    """A service in its decision where there is one, else in a list of services."""
    path = pack.folder / "schema" / "KTT_Tjeneste.1.json"
    service = json.loads(path.read_text())["items"]["properties"]["tjeneste"]["items"]

    def beside(schema):
        schema["items"].pop("allOf")  # that the message has something in its own lists
        schema["items"]["properties"]["alene"] = {"type": "array", "items": service}

    mapping = pack.folder / "mapping.toml"
    text = mapping.read_text()
    start = text.index('[[messages.KTT_Tjeneste.objects]]\nat = "[].tjeneste[]"')
    alone = text[start : text.index('[[messages.KTT_Tjeneste.objects]]\nat = "[].tjeneste[].utforer[]"')]
    _with_services_inside(pack).drop(**HOMES).schema(DECISIONS, beside)
    alone = alone.replace("KTT_Tjeneste", DECISIONS).replace("[].tjeneste[]", "[].alene[]")
    home = [line for line in alone.splitlines(keepends=True) if not line.startswith('"person.bosted')]
    mapping.write_text(mapping.read_text() + "".join(home))
    report = checked(pack.folder)
    said = [
        line for line in report.lines if line.verdict in {Verdict.FAILED, Verdict.ADVICE} and line.check != "examples"
    ]
    assert [told(line) for line in said] == []


def test_a_list_inside_that_is_not_complete_cannot_delete(pack, checked):
    _with_services_inside(pack).drop(**HOMES).replace(
        "mapping.toml", 'holds = "care_service"', 'holds = "care_service"\ncomplete = false'
    )
    (line,) = [one for one in failures(checked(pack.folder)) if one.check == "deletions"]
    assert line.places[0] == "care_service"


def test_an_independent_validator_that_disagrees_is_told(pack, checked, monkeypatch):
    monkeypatch.setattr(opinions, "second_opinion", lambda _schema: lambda text: b"fodselsNr" in text)
    said = [line for line in failures(checked(pack.folder)) if line.check == "independent validator"]
    assert any("N02-only-deletions" in line.places for line in said)


def test_it_is_told_when_there_is_no_independent_validator(pack, checked, monkeypatch):
    monkeypatch.setattr(opinions, "INSTALLED", False)
    said = [line for line in checked(pack.folder).lines if line.check == "independent validator"]
    assert {line.verdict for line in said} == {Verdict.NOTE}


def test_the_independent_validator_demands_days_and_instants():
    fits = independent.second_opinion({"type": "array", "items": {"format": "date"}})
    assert fits(b'["2026-01-31", 1]')
    assert not fits(b'["2026-02-30"]')


def test_no_value_of_a_person_is_shown(pack, checked, synthetic):
    _days_swapped("starts_on", "ends_on", SERVICES)(pack)
    shown = json.dumps(checked(pack.folder).as_data())
    numbers = synthetic.records["recipient"]["person_number"].drop_nulls()
    ids = synthetic.records["care_service"]["service_id"]
    assert not [
        text for text in (*numbers, *ids) if f'"{text}"' in shown or f"«{text}»" in shown or f" {text} " in shown
    ]


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_command_tells_every_line_and_ends_with_three_when_one_fails(pack, capsys, monkeypatch, language):
    monkeypatch.setenv("KTT_LANG", language)
    pack.member('sakId = "case_id"\n', "")
    assert run(["pack", "check", str(pack.folder)]) == 3
    shown = capsys.readouterr().out
    words = Text(nb="Kolonnen «decision.case_id» er verken", en="The column “decision.case_id” is neither")
    assert f"✗ {words.in_(language)}" in shown
    assert "✓ KTT_Vedtak 1:" in shown


def test_our_own_pack_is_checked_in_twenty_seconds(capsys):
    start = time.monotonic()
    assert run(["pack", "check", str(KTT_V1), "--json"]) == 0
    assert time.monotonic() - start < 60, "20 s on a quiet machine"
    report = json.loads(capsys.readouterr().out)
    assert report["holds"]
    assert {tuple(line) for line in report["lines"]} == {("check", "verdict", "message", "says", "remedy", "places")}


def test_the_pack_that_the_program_brings_is_known_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert (folder_of(Path("ktt_v1")) / "pack.toml").is_file()
    assert folder_of(Path("diff")) == Path("diff")  # a module beside the packs is none
    (tmp_path / "ktt_v1").mkdir()
    assert folder_of(Path("ktt_v1")) == Path("ktt_v1")  # a folder of that name comes first
