"""The examples of the rules that are made from the table: rows that keep a rule and rows that break it, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ktt.messages.iplos_3_7.layout import FaultKind, XmlField
from ktt.rules.annual.record_types import PARENT_KEY

YEAR = 2025
"""The report year of every example."""

Row = tuple[Sequence[str], bool]


def table(header: Sequence[str], rows: Iterable[Row]) -> str:
    """A table with the verdict in its last column. “–” stands for a field that is there and empty."""
    lines = [(*header, "breaks"), *((*cells, "yes" if broken else "") for cells, broken in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of(one: XmlField, fault: FaultKind, codes: list[str]) -> str:
    """The examples of one field and kind of fault."""
    if fault == "form":
        return of_values(one, *_forms(one))
    if fault == "missing":
        return _missing(one)
    if fault == "code":
        return _codes(one, codes)
    return of_values(one, *_ranges(one))


def of_values(one: XmlField, right: Iterable[str], wrong: Iterable[str]) -> str:
    """One column: the values that keep the rule, then those that break it."""
    verdicts = [*((value, False) for value in right), *((value, True) for value in wrong)]
    return table((one.name,), [((value,), broken) for value, broken in verdicts])


_WRITTEN: dict[str, tuple[list[str], list[str]]] = {
    "date": (["20250228", "20240229", "99991231", ""], ["20250229", "20250431", "18991231", "21000101"]),
    "month": (["202506", ""], ["2025", "202513", "25-06"]),
    "decimal": (["3.50", "168.0", ""], ["3", ".5", "1234.5"]),
    r"\d{1,10}": (["1", "1234567890"], ["12345678901", "-1", "+1"]),
    r"\d+": (["1", "1234567890123"], ["-1", "+1"]),
    r"\d{4}": (["0301"], ["03O1", "-301"]),
    r"\d{2}": (["00", "03"], ["0A", "-1"]),
    r"\d{1}": (["1"], ["A", "12"]),
    r"\d{1,2}": (["1", "15"], ["015", "-1"]),
    r"\d{9}0?": (["312000113", "3120001130", ""], ["31200011", "3120001131", "312 000 113"]),
}


def _forms(one: XmlField) -> tuple[list[str], list[str]]:
    return _WRITTEN.get(one.type) or _WRITTEN[one.form or ""]


def _missing(one: XmlField) -> str:
    if not one.required_for:
        return of_values(one, [_filled(one)], ["–"])
    kind = "tjTjenType"
    asked, free = one.required_for[0], "25"
    rows: list[Row] = [((asked, _filled(one)), False), ((free, ""), False), ((asked, ""), True)]
    if "pending" not in one.waived:
        return table((kind, one.name), rows)
    told = ("tjSoknadDato", "tjVedtDato", "tjVedtak", "tjFraDato")
    header = (kind, one.name, *(name for name in told if name != one.name))
    return table(header, _waived(one, header, asked))


def _waived(one: XmlField, header: Sequence[str], asked: str) -> list[Row]:
    """Granted, not yet decided, and refused."""
    dates = {"tjSoknadDato": "20250102", "tjVedtDato": "20250110", "tjVedtak": "2", "tjFraDato": "20250112"}
    pending = {"tjSoknadDato": "20250102"}
    refused = {"tjSoknadDato": "20250102", "tjVedtDato": "20250110", "tjVedtak": "1"}
    rows = [
        (dates | {one.name: _filled(one)}, False),
        ({name: value for name, value in dates.items() if name != one.name}, True),
        (pending, False),
    ]
    if "refused" in one.waived:
        rows.append((refused, False))
    return [
        ([asked if name == "tjTjenType" else cells.get(name, "") for name in header], broken) for cells, broken in rows
    ]


def _filled(one: XmlField) -> str:
    known = {"tjVedtak": "2", "fnFunkVerdi": "3", "iiInnhType": "P", "diKodeVersjon": "ICPC-2", "diDiagKode": "P70"}
    by_type = {"date": "20250110", "decimal": "3.50", "code": "1"}
    return known.get(one.name) or by_type.get(one.type, "EPJX")


def _codes(one: XmlField, codes: list[str]) -> str:
    if one.forms_by:
        cells = (("ICPC-2", "P70", False), ("ICPC-2", "G350", True), ("ICD-10", "G35", False), ("ICD-10", "35", True))
        return table((one.forms_by["field"], one.name), [((system, code), broken) for system, code, broken in cells])
    if one.lists_by:
        cells = (("1", "3", False), ("13", "9", False), ("14", "6", True), ("1", "0", True))
        return table((one.lists_by["field"], one.name), [((kind, value), broken) for kind, value, broken in cells])
    if one.valid_on:
        rows = (
            ("15", "20250112", False), ("10", "20250112", True), ("12", "20180301", False), ("12", "20190101", True),
            ("16", "", True), ("29", "20170101", False),
        )  # fmt: skip
        return table((one.name, one.valid_on[0]), [((code, day), broken) for code, day, broken in rows])
    return of_values(one, [*codes[:2], ""], ["0", "88" if one.xsd else "X"])


def _ranges(one: XmlField) -> tuple[list[str], list[str]]:
    if one.type == "decimal":
        return ["0.01", "168", ""], ["0.00", "168.01"]
    if one.type == "month":
        return ["200501", f"{YEAR}12", ""], ["200412", f"{YEAR + 1}01"]
    if one.first == one.last:
        day, other = ("0101", "0102") if one.first == "year_start" else ("1231", "1230")
        return [f"{YEAR}{day}"], [f"{YEAR}{other}", f"{YEAR - 1}{day}"]
    return ["20050101", f"{YEAR}1231", ""], ["20041231", f"{YEAR + 1}0101", "99991231"]


def order(first: str, then: str) -> str:
    """Two days."""
    cells = (("20250110", "20250110"), ("20250110", "99991231"), ("20250110", ""), ("20250110", "20250109"))
    return table((first, then), [(pair, pair[1] == "20250109") for pair in cells])


def only_when(name: str, when: str, value: str) -> str:
    """A field that another allows."""
    cells = ((value, "1", False), ("2", "", False), ("2", "1", True))
    return table((when, name), [((said, filled), broken) for said, filled, broken in cells])


def keys(key: Sequence[str]) -> str:
    """Rows inside one person, or persons."""
    header = tuple(dict.fromkeys(key))
    lead = ("1001",) if len(header) > 1 else ()
    return table(header, [((*lead, "1"), False), ((*lead, "2"), False), ((*lead, "1"), True)])


def owner(name: str) -> str:
    """A row and the person around it."""
    return table((name, PARENT_KEY), [(("1001", "1001"), False), (("1002", "1001"), True)])
