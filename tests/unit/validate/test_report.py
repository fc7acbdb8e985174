"""Every record that was read is accounted for, every finding belongs to a rule, and each rule to who must act."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from html.parser import HTMLParser

import pytest

from ktt.rules.rule import Cause, Consequence
from ktt.validate.document import Document, Totals
from ktt.validate.errors import FileEmpty
from ktt.validate.message import message_document
from ktt.validate.report.as_html import as_page
from ktt.validate.report.as_json import as_json
from ktt.validate.report.as_spreadsheet import COLUMNS, as_csv, as_workbook
from ktt.validate.report.as_text import as_text
from ktt.validate.report.report import Report, accounts
from ktt.validate.rule_selection import validation_request

NUMBERS = ("08844110015", "8844110015", "30893415269", "23915820158")


def service(record, **changed):
    """A record of the everyday message, changed."""
    return {**record, **changed}


@pytest.fixture
def spoilt(document):
    """Three services: one ends before it starts, one has a pause outside it, one is right."""
    message = document("KTT_Tjeneste")
    rows = message[0]["tjeneste"]
    rows[1]["sluttDato"] = "2026-01-01"
    rows[0]["midlertidigStopp"][0]["fraDato"] = "2020-01-01"
    return message


@pytest.fixture
def report(spoilt, validated, all_rules):
    return Report((validated(spoilt),), all_rules)


def count(report, **wanted):
    frame = report.findings
    for name, value in wanted.items():
        frame = frame.filter(frame[name] == value)
    return frame.height


def test_the_totals_reconcile(report):
    totals = report.totals
    assert totals.reconciles
    assert (totals.read, totals.judged, totals.dropped, totals.kept) == (3, 3, 1, 2)
    assert totals.findings == report.findings.height == sum(group.count for group in report.groups)
    assert totals.noted == count(report, consequence=Consequence.NOTE.value)


def test_the_findings_of_each_cause_add_up(report):
    assert sum(sum(group.count for group in report.of(cause)) for cause in Cause) == report.totals.findings


def test_a_rejected_message_takes_every_record_with_it(spoilt, validated):
    spoilt[0]["tjeneste"][1]["tjenesteId"] = spoilt[0]["tjeneste"][0]["tjenesteId"]
    found = validated(spoilt)
    assert (found.totals.rejected, found.totals.kept, found.totals.dropped, found.exit_code) == (3, 0, 0, 12)
    assert found.totals.reconciles


def test_one_unit_that_is_refused_takes_the_other_with_it(document, validated):
    message = document("KTT_Diagnose", "N08-two-units")
    message[0]["kommuneNr"] = 1601
    found = validated(message)
    assert found.worst is Consequence.REJECT_MESSAGE
    assert found.totals.rejected == found.totals.read == 2
    assert len(set(found.findings["unit"])) >= 1


def test_a_cleared_field_is_counted_once(document, validated):
    message = document("KTT_Tjeneste")
    message[0]["tjeneste"][1]["person"]["dodsDato"] = "2026-12-31"
    found = validated(message)
    assert found.totals.cleared == 1
    assert found.exit_code == 3


def test_a_message_that_breaks_its_schema_is_read_and_not_judged(spoilt, validated):
    del spoilt[0]["tjeneste"][0]["startDato"]
    spoilt[0]["tjeneste"][2]["tjenesteType"] = "15"
    found = validated(spoilt)
    assert (found.totals.read, found.totals.unjudged, found.totals.judged) == (3, 3, 0)
    rows = found.findings.select("rule", "pointer", "detail").rows()
    assert rows[0] == ("KTT-SKJEMA-01", "/0/tjeneste/0", "startDato")
    assert rows[1][:2] == ("KTT-SKJEMA-03", "/0/tjeneste/2/tjenesteType")
    assert found.exit_code == 12


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, 0), ({"startDato": "2026-12-31"}, 0), ({"sluttDato": "2020-01-01"}, 3), ({"tjenesteId": "T-10001"}, 12)],
    ids=["nothing", "noted", "left out", "rejected"],
)
def test_the_exit_code_is_that_of_the_worst(changes, code, document, validated):
    message = document("KTT_Tjeneste")
    message[0]["tjeneste"][2].update(changes)
    assert validated(message).exit_code == code


def test_several_documents_are_told_each_and_together(spoilt, document, validated, all_rules):
    empty = Document("tom.json", "unread", fault=FileEmpty(file="tom.json"))
    both = Report(
        (validated(spoilt, name="a.json"), validated(document("KTT_Vedtak"), name="b.json"), empty), all_rules
    )
    assert both.totals.read == 7
    assert both.totals.reconciles
    text = as_text(both, "nb")
    assert "I alt (3)" in text
    assert "KTT-VAL-04" in text
    assert both.exit_code == 12


def test_the_finding_says_what_where_and_what_to_do(report):
    text = as_text(report, "nb")
    assert "Tjenesten slutter før den starter." in text
    assert "Slik retter dere: Rett start- eller sluttdatoen på tjenesten." in text
    assert re.search(
        r"tjeneste T-09911 · startdato, sluttdato \(startDato, sluttDato\) · linje \d+ · /0/tjeneste/1/startDato", text
    )
    assert text.index("Registrering (saksbehandler") < text.index("KTT-TJENESTE-01")


def test_the_line_is_the_one_in_the_file(spoilt, validated):
    found = validated(spoilt).findings.filter(rule="KTT-TJENESTE-01")
    lines = json.dumps(spoilt, indent=1).splitlines()
    assert "startDato" in lines[found["line"][0] - 1]
    assert lines[found["line"][0] - 2].strip().startswith('"tjenesteType": 18')


def every_form(report):
    workbook = zipfile.ZipFile(io.BytesIO(as_workbook(report, "nb")))
    return {
        "nb": as_text(report, "nb"),
        "en": as_text(report, "en"),
        "json": as_json(report).decode(),
        "html": as_page(report).decode(),
        "csv": as_csv(report, "nb").decode("utf-8-sig"),
        "xlsx": "".join(workbook.read(name).decode() for name in workbook.namelist()),
    }


@pytest.mark.parametrize("values", [False, True], ids=["without values", "with values"])
def test_no_form_shows_a_persons_number(values, spoilt):
    all_rules = validation_request(ask_day(), values=values)
    rows = spoilt[0]["tjeneste"]
    rows[0]["person"]["personId"] = NUMBERS[0]  # an id that is a number is hidden as well
    rows[1]["person"]["fodselsNr"] = 30893415268
    rows[2]["tjenesteId"] = f"x-{NUMBERS[3]}"
    report = Report((message_document("m.json", json.dumps(spoilt).encode(), all_rules),), all_rules)
    assert {"KTT-ID-01", "KTT-ID-03", "KTT-PERSON-01"} <= set(report.findings["rule"])
    for form, text in every_form(report).items():
        assert not re.search("|".join((*NUMBERS, "30893415268")), text), form


def ask_day():
    import datetime as dt

    return dt.date(2026, 3, 2)


def test_values_only_when_asked_for(spoilt):
    for values in (False, True):
        all_rules = validation_request(ask_day(), values=values)
        report = Report((message_document("m.json", json.dumps(spoilt).encode(), all_rules),), all_rules)
        shown = report.findings.filter(rule="KTT-TJENESTE-01")["value"].to_list()
        assert shown == (["2026-01-03 · 2026-01-01"] if values else [None])
        assert ("= 2026-01-03" in as_text(report, "nb")) is values


class _Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.mains, self.outside = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        known = dict(attrs)
        self.outside += [value for name, value in known.items() if name in {"src", "href"} and value[0] != "#"]
        if tag == "main":
            self.mains.append(known["lang"])
        if tag == "th":
            assert known["scope"] in {"col", "row"}
        if tag not in {"meta", "br", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_in_both_languages_and_fetches_nothing(report):
    page = _Page(as_page(report).decode())
    assert page.open == []
    assert page.mains == ["nb", "en"]
    assert page.outside == []
    assert not {"script", "link", "img", "iframe"} & set(page.seen)
    assert {"h1", "h2", "h3", "caption", "details", "summary", "title", "nav"} <= set(page.seen)


def test_the_page_shows_no_markup_of_others(document, validated, all_rules):
    message = document("KTT_Tjeneste")
    message[0]["tjeneste"][0].update(tjenesteId="<script>alert(1)</script>", sluttDato="2020-01-01")
    page = as_page(Report((validated(message, name="<b>.json"),), all_rules)).decode()
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


def test_the_table_opens_in_a_norwegian_excel(document, validated, all_rules):
    message = document("KTT_Tjeneste")
    message[0]["tjeneste"][0].update(tjenesteId="=1+1", sluttDato="2020-01-01")
    report = Report((validated(message),), all_rules)
    table = as_csv(report, "nb")
    assert table.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == report.totals.findings
    assert {row["Lokal ID"] for row in rows if row["Regel"] == "KTT-TJENESTE-01"} == {"'=1+1"}


def test_the_workbook_has_every_finding_as_text(report):
    book = zipfile.ZipFile(io.BytesIO(as_workbook(report, "en")))
    sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    space = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    assert len(sheet.findall(".//x:row", space)) == report.totals.findings + 1
    assert not sheet.findall(".//x:f", space)
    assert all(column.en in book.read("xl/sharedStrings.xml").decode() for column in COLUMNS)


def test_the_data_has_everything_and_reconciles(report):
    data = json.loads(as_json(report))
    rules = [rule for cause in data["causes"] for rule in cause["rules"]]
    assert sum(rule["count"] for rule in rules) == data["totals"]["findings"]
    assert all(len(rule["findings"]) == rule["count"] for rule in rules)
    assert all({"nb", "en"} <= set(rule["says"]) for rule in rules)
    totals = data["totals"]
    outcomes = ("held", "excluded", "unjudged", "rejected", "dropped", "kept")
    assert totals["read"] == sum(totals[name] for name in outcomes)
    assert data["exit_code"] == 3


def test_many_findings_of_one_rule_are_told_in_few_lines(document, validated, all_rules):
    message = document("KTT_Tjeneste")
    good = message[0]["tjeneste"][2]
    message[0]["tjeneste"] = [service(good, tjenesteId=f"T-{n}", sluttDato="2020-01-01") for n in range(300)]
    report = Report((validated(message),), all_rules)
    assert "… og 290 til" in as_text(report, "nb")
    assert "De første 200 av 300." in as_page(report).decode()
    assert report.totals.dropped == 300


def test_the_account_names_only_what_there_is():
    words = accounts(Totals(read=3, kept=2, dropped=1, findings=1)).nb
    assert words == "Poster lest: 3 (ikke tatt med 1, tatt imot 2). Avvik: 1."
