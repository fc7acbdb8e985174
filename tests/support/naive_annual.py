"""A second opinion on annual messages: ElementTree and plain Python, one element and one field at a time.

It reads the same table of fields, and shares nothing else with the program: days are days of `datetime`, numbers are
numbers of Python, order is looked up, keys are kept in sets. Slow and simple on purpose.
"""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections import Counter
from decimal import Decimal, InvalidOperation

from ktt.domain.codes import code_list
from ktt.domain.identifiers import organisation_valid
from ktt.domain.places import district, municipality
from ktt.messages.iplos_3_7.layout import layout
from ktt.rules.annual.schema_rules import SCHEMA_RULES

TABLE = layout()
SPACE = f"{{{TABLE.namespace}}}"
RECORDS = {"PERSON", "PERSONOPPL", "FUNKSJON", "TJENESTE", "DIAGNOSE", "DOGNTILBUD"}


class Naive:
    """Everything found in one message: (rule id, path of the element) and how often."""

    def __init__(self):
        self.found = Counter()
        self.records = 0
        self.keys = set()
        self.year = TABLE.years[1]
        self.persons = 0
        self.heads = 0

    def add(self, rule, path):
        self.found[rule, path] += 1

    def schema(self, kind, path):
        self.add(SCHEMA_RULES[kind].id, path)

    def read(self, stream):
        last = 0
        events = ET.iterparse(stream, events=("start", "end"))
        _, root = next(events)
        depth = 1
        for event, node in events:
            depth += 1 if event == "start" else -1
            if event == "start" or depth != 1:
                continue
            if node is root:
                break
            last = self.child(node, last)
            root.remove(node)
        for count in (self.heads, self.persons):
            if not count:
                self.schema("too_few", "/IPLOS")
        return self

    def child(self, node, last):
        name = local(node)
        if name not in {"INNHINFO", "PERSON"}:
            self.schema("unknown", "/IPLOS")
            return last
        at = TABLE.by_name[name].at
        if at < last:
            self.schema("order", "/IPLOS")
        elif at == last == 1:
            self.schema("repeated", "/IPLOS")
        if name == "PERSON":
            self.persons += 1
            self.element(node, f"/IPLOS/PERSON[{self.persons}]", None)
        else:
            self.heads += 1
            self.set_year(node)
            self.element(node, "/IPLOS/INNHINFO", None)
        return at

    def set_year(self, head):
        for name in ("iiFraDato", "iiTilDato"):
            text = head.findtext(SPACE + name)
            if text and re.fullmatch("[0-9]{8}", text) and int(text[:4]):
                self.year = int(text[:4])
                return

    def element(self, node, path, parent):
        described = TABLE.by_name[local(node)]
        fields = {}
        self.attributes(node, described, fields, path)
        self.children(node, described, fields, path)
        for one in described.fields:
            value = fields.get(one.name)
            if value is None:
                if one.required:
                    self.schema("missing", path)
            elif not schema_takes(one, value):
                self.schema("value", path)
            elif one.fixed and value not in {"", one.fixed}:
                self.schema("fixed", path)
        if described.name in RECORDS:
            self.records += 1
        rules(self, described, fields, path, parent)
        return fields

    def attributes(self, node, described, fields, path):
        known = {one.name for one in described.fields if one.attribute}
        for name, value in node.attrib.items():
            if name in known:
                fields[name] = value
            else:
                self.schema("attribute", path)

    def children(self, node, described, fields, path):
        inner = {one.name: one for one in described.fields if not one.attribute}
        elements = {one.name: one for one in TABLE.elements if one.parent == described.name}
        seen, later, last = Counter(), [], 0
        for child in node:
            name = local(child)
            if name not in inner and name not in elements:
                self.schema("withdrawn" if name in TABLE.withdrawn else "unknown", path)
                continue
            at = (inner.get(name) or elements[name]).at
            several = name in elements and elements[name].most != 1
            if at < last:
                self.schema("order", path)
            elif at == last and not several:
                self.schema("repeated", path)
            last = at
            seen[name] += 1
            if name in elements:
                later.append((child, f"{path}/{name}[{seen[name]}]"))
            else:
                fields.setdefault(name, child.text or "")
                for _ in child:
                    self.schema("unknown", path)
        for child, inside in later:
            self.element(child, inside, fields)
        if described.name == "INNHINFO" and seen["iiKontakt"] < 2:
            self.schema("too_few", path)


def local(node):
    return node.tag.removeprefix(SPACE)


def schema_takes(one, value):
    if one.type == "date":
        return re.fullmatch(r"[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])", value) is not None
    if one.xsd == "decimal":
        if re.fullmatch(r"[ \t\n]*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[ \t\n]*", value) is None:
            return False
        whole, _, part = value.strip().lstrip("+-").partition(".")
        whole, part = whole.lstrip("0"), part.rstrip("0")
        return len(part) <= 2 and len(whole) + len(part) <= 5
    if one.xsd:
        if re.fullmatch(r"[ \t\n]*[+-]?[0-9]+[ \t\n]*", value) is None:
            return False
        bits = {"short": 15, "int": 31, "long": 63}[one.xsd]
        return -(2**bits) <= int(value) < 2**bits
    return one.length is None or one.length[0] <= len(value) <= one.length[1]


def day(text):
    if text == "99991231":
        return dt.date.max
    try:
        found = dt.datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007
    except (ValueError, TypeError):
        return None
    return found if re.fullmatch("(19|20)[0-9]{6}", text) else None


def month(text):
    return re.fullmatch("(19|20)[0-9]{4}", text) is not None and 1 <= int(text[4:]) <= 12


CROSS_STEMS = {"iiKontakt": "KONTAKT-"}


def rules(opinion, described, fields, path, parent):
    for one in described.fields:
        value = fields.get(one.name)
        rule = f"IPLOS-{CROSS_STEMS.get(described.name, '')}{one.name.upper()}-"
        missing(opinion, one, fields, rule, path)
        if value is None or not schema_takes(one, value):
            continue
        form(opinion, one, value, rule, path)
        code(opinion, one, fields, rule, path)
        within(opinion, one, value, rule, path)
        if value in one.noted:
            opinion.add(rule + "UTGATT", path)
    for first, then in described.orders:
        a, b = day(fields.get(first)), day(fields.get(then))
        if a and b and a > b:
            opinion.add(f"IPLOS-{then.upper()}-REKKE", path)
    for name, when, value in described.only_when:
        if name in fields and fields.get(when) != value:
            opinion.add(f"IPLOS-{name.upper()}-HVIS", path)
    keys(opinion, described, fields, path, parent)
    CROSS.get(described.name, lambda *_: None)(opinion, fields, path)


PUBLISHED = {"9341": False}


def missing(opinion, one, fields, rule, path):
    value = fields.get(one.name)
    if one.required_for:
        if fields.get("tjTjenType") not in one.required_for:
            return
        pending = "tjSoknadDato" in fields and not {"tjVedtDato", "tjVedtak", "tjFraDato", "tjTilDato"} & set(fields)
        refused = fields.get("tjVedtak") == "1"
        if (pending and "pending" in one.waived) or (refused and "refused" in one.waived):
            return
        if value is None or (value == "" and one.name in {"tjVedtak", "tjRullerende"}):
            opinion.add(rule + "MANGLER", path)
    elif one.required and value == "" and one.type != "date" and not one.xsd and not (one.length and one.length[0]):
        opinion.add(rule + "MANGLER", path)


def form(opinion, one, value, rule, path):
    listed = any(code_list(name).codes for name in one.lists) or one.also
    if one.type == "date":
        wrong = day(value) is None
    elif one.type == "month":
        wrong = value != "" and not month(value)
    elif one.form and not one.fixed and one.name not in {"iiSysID", "iiSysVersjon", "diDiagKode"}:
        wrong = value != "" and re.fullmatch(one.form, value, re.ASCII) is None
        wrong = wrong and (not listed or one.name == "tjTjenType")
    else:
        wrong = False
    if wrong:
        opinion.add(rule + "FORM", path)


def code(opinion, one, fields, rule, path):
    value = fields[one.name]
    if value == "":
        return
    if one.name == "diDiagKode":
        pattern = {"ICPC-2": "[A-Z][0-9]{2}", "ICD-10": r"[A-Z][0-9]{2}(\.?[0-9A-Z]{1,2})?"}.get(
            fields.get("diKodeVersjon")
        )
        right = pattern is None or re.fullmatch(pattern, value) is not None
    elif one.name == "fnFunkVerdi":
        name = {"13": "9166", "14": "9167"}.get(fields.get("fnFunkType"), "9165")
        right = value in code_list(name)
    elif one.name == "tjTjenType":
        right = re.fullmatch("[0-9]{1,2}", value) is None or service_type_valid(opinion, fields)
    elif one.also or any(code_list(name).codes for name in one.lists):
        right = value in one.also or any(value in code_list(name) for name in one.lists)
    else:
        return
    if not right:
        opinion.add(rule + "KODE", path)


def service_type_valid(opinion, fields):
    known = code_list("9151").get(fields["tjTjenType"])
    if known is None:
        return False
    own = next((fields[name] for name in ("tjFraDato", "tjVedtDato", "tjSoknadDato") if name in fields), None)
    start = f"{opinion.year:04}0101"
    when = min(own, start) if own is not None else start
    return known.valid_from.year <= opinion.year and when <= f"{known.valid_to.year:04}1231"


def within(opinion, one, value, rule, path):
    if one.first is None or one.last is None:
        return
    if one.type == "decimal":
        try:
            wrong = not Decimal(one.first) <= Decimal(value.strip()) <= Decimal(one.last)
        except InvalidOperation:
            wrong = False
    elif one.type == "month":
        wrong = month(value) and not "200501" <= value <= f"{opinion.year:04}12"
    else:
        limits = {
            "year_start": f"{opinion.year:04}0101",
            "year_end": f"{opinion.year:04}1231",
            "2005-01-01": "20050101",
        }
        wrong = not limits[one.first] <= value <= limits[one.last]
        wrong = wrong and (one.first != one.last or day(value) is not None)
    if wrong:
        opinion.add(rule + "GRENSE", path)


def keys(opinion, described, fields, path, parent):
    if not described.key:
        return
    own = fields.get(described.key[-1])
    if described.name == "PERSON":
        key = ("PERSON", own) if own is not None else None
    else:
        owner = fields.get(described.key[0])
        if owner is not None and re.fullmatch("[0-9]{1,10}", owner) and parent.get("pePeID") not in {None, owner}:
            opinion.add(f"IPLOS-{described.name}-EIER", path)
        person = path.rsplit("/", 1)[0]
        fit = own is not None and re.fullmatch(r"\+?[0-9]+", own) and int(own) < 2**34
        key = (described.name, person, int(own)) if fit else None
    if key is not None:
        if key in opinion.keys:
            opinion.add(f"IPLOS-{described.name}-NOKKEL", path)
        opinion.keys.add(key)


def head(opinion, fields, path):
    first = fields.get("iiFraDato")
    if first and re.fullmatch("[0-9]{8}", first) and not 2019 <= int(first[:4]) <= 2025:
        opinion.add("IPLOS-IIFRADATO-AR", path)
    places(opinion, fields, path, "iiKomnr", "iiBydelsnr")


def places(opinion, fields, path, place, part):
    start = dt.date(opinion.year, 1, 1)
    number, inside = fields.get(place), fields.get(part)
    if number and re.fullmatch("[0-9]{4}", number) and municipality(number, start) is None:
        opinion.add(f"IPLOS-{place.upper()}-GYLDIG", path)
    coded = inside and re.fullmatch("[0-9]{2}", inside) and inside != "00" and number is not None
    if coded and district(number, inside, start) is None:
        opinion.add(f"IPLOS-{part.upper()}-GYLDIG", path)


def organisation(opinion, fields, path, name):
    value = fields.get(name)
    if value and re.fullmatch("[0-9]{9}0?", value) and not organisation_valid(value[:9]):
        opinion.add(f"IPLOS-{name.upper()}-SIFFER", path)


PROVIDER = {code.code: code.properties["provider"] for code in code_list("9151").codes}


def service(opinion, fields, path):
    organisation(opinion, fields, path, "tjInstOrgnr")
    rule = PROVIDER.get(fields.get("tjTjenType"))
    if rule == "required" and "tjFraDato" in fields and not fields.get("tjInstOrgnr"):
        opinion.add("IPLOS-TJINSTORGNR-MANGLER", path)
    if rule == "forbidden" and "tjInstOrgnr" in fields:
        opinion.add("IPLOS-TJINSTORGNR-UTEN", path)
    if fields.get("tjVedtak") == "1" and "tjFraDato" in fields:
        opinion.add("IPLOS-TJENESTE-AVSLAG", path)
    if "tjVeNrID" in fields and ("tjVeID" not in fields or fields["tjVeNrID"] == "0"):
        opinion.add("IPLOS-TJVENRID-UTEN", path)


CROSS = {
    "INNHINFO": head,
    "PERSON": lambda opinion, fields, path: places(opinion, fields, path, "peKomnr", "peBydelsnr"),
    "TJENESTE": service,
    "DOGNTILBUD": lambda opinion, fields, path: organisation(opinion, fields, path, "dgInstOrgnr"),
}
