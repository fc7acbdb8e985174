"""The examples of the rules that are made from the table: rows that keep a rule and rows that break it, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ktt.messages.iplos_3_7.layout import FaultKind, XmlField
from ktt.rules.annual.record_types import PARENT_KEY

YEAR = 2025
"""The report year of every example."""

Row = tuple[Sequence[str], bool]


def table(header: Sequence[str], rows: Iterable[Row]) -> str:
    """A table with the verdict in its last column. “–” is a field that is there and empty."""
    lines = [(*header, "breaks"), *((*cells, "yes" if broken else "") for cells, broken in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def of(field: XmlField, fault: FaultKind, codes: list[str]) -> str:
    """The examples of one field and kind of fault."""
    if fault == "form":
        return of_values(field, *_forms(field))
    if fault == "missing":
        return _missing(field)
    if fault == "code":
        return _codes(field, codes)
    return of_values(field, *_ranges(field))


def of_values(field: XmlField, right: Iterable[str], wrong: Iterable[str]) -> str:
    """One column: the values that keep the rule, then those that break it."""
    verdicts = [*((value, False) for value in right), *((value, True) for value in wrong)]
    return table((field.name,), [((value,), broken) for value, broken in verdicts])


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


def _forms(field: XmlField) -> tuple[list[str], list[str]]:
    return _WRITTEN.get(field.type) or _WRITTEN[field.form or ""]


def _missing(field: XmlField) -> str:
    if not field.required_for:
        return of_values(field, [_filled(field)], ["–"])
    kind = "tjTjenType"
    obligatory, free = field.required_for[0], "25"
    rows: list[Row] = [((obligatory, _filled(field)), False), ((free, ""), False), ((obligatory, ""), True)]
    if "pending" not in field.waived:
        return table((kind, field.name), rows)
    columns = ("tjSoknadDato", "tjVedtDato", "tjVedtak", "tjFraDato")
    header = (kind, field.name, *(name for name in columns if name != field.name))
    return table(header, _waived(field, header, obligatory))


def _waived(field: XmlField, header: Sequence[str], obligatory: str) -> list[Row]:
    """A service that is granted, one that is not yet decided, and one that is refused."""
    dates = {"tjSoknadDato": "20250102", "tjVedtDato": "20250110", "tjVedtak": "2", "tjFraDato": "20250112"}
    pending = {"tjSoknadDato": "20250102"}
    refused = {"tjSoknadDato": "20250102", "tjVedtDato": "20250110", "tjVedtak": "1"}
    rows = [
        (dates | {field.name: _filled(field)}, False),
        ({name: value for name, value in dates.items() if name != field.name}, True),
        (pending, False),
    ]
    if "refused" in field.waived:
        rows.append((refused, False))
    return [
        ([obligatory if name == "tjTjenType" else cells.get(name, "") for name in header], broken)
        for cells, broken in rows
    ]


def _filled(field: XmlField) -> str:
    known = {"tjVedtak": "2", "fnFunkVerdi": "3", "iiInnhType": "P", "diKodeVersjon": "ICPC-2", "diDiagKode": "P70"}
    by_type = {"date": "20250110", "decimal": "3.50", "code": "1"}
    return known.get(field.name) or by_type.get(field.type, "EPJX")


def _codes(field: XmlField, codes: list[str]) -> str:
    if field.forms_by:
        cells = (("ICPC-2", "P70", False), ("ICPC-2", "G350", True), ("ICD-10", "G35", False), ("ICD-10", "35", True))
        return table(
            (field.forms_by["field"], field.name), [((system, code), broken) for system, code, broken in cells]
        )
    if field.lists_by:
        cells = (("1", "3", False), ("13", "9", False), ("14", "6", True), ("1", "0", True))
        return table((field.lists_by["field"], field.name), [((kind, value), broken) for kind, value, broken in cells])
    if field.valid_on:
        rows = (
            ("15", "20250112", False), ("10", "20250112", True), ("12", "20180301", False), ("12", "20190101", True),
            ("16", "", True), ("29", "20170101", False),
        )  # fmt: skip
        return table((field.name, field.valid_on[0]), [((code, day), broken) for code, day, broken in rows])
    return of_values(field, [*codes[:2], ""], ["0", "88" if field.xsd else "X"])


def _ranges(field: XmlField) -> tuple[list[str], list[str]]:
    if field.type == "decimal":
        return ["0.01", "168", ""], ["0.00", "168.01"]
    if field.type == "month":
        return ["200501", f"{YEAR}12", ""], ["200412", f"{YEAR + 1}01"]
    if field.first == field.last:
        day, other = ("0101", "0102") if field.first == "year_start" else ("1231", "1230")
        return [f"{YEAR}{day}"], [f"{YEAR}{other}", f"{YEAR - 1}{day}"]
    return ["20050101", f"{YEAR}1231", ""], ["20041231", f"{YEAR + 1}0101", "99991231"]


def order(first: str, then: str) -> str:
    """Two days of which the first must not come after the second."""
    cells = (("20250110", "20250110"), ("20250110", "99991231"), ("20250110", ""), ("20250110", "20250109"))
    return table((first, then), [(pair, pair[1] == "20250109") for pair in cells])


def only_when(name: str, when: str, value: str) -> str:
    """A field that may be filled in only when another has a certain value."""
    cells = ((value, "1", False), ("2", "", False), ("2", "1", True))
    return table((when, name), [((other, filled), broken) for other, filled, broken in cells])


def keys(key: Sequence[str]) -> str:
    """Rows that must have a key each: inside one person, or the persons themselves."""
    header = tuple(dict.fromkeys(key))
    lead = ("1001",) if len(header) > 1 else ()
    return table(header, [((*lead, "1"), False), ((*lead, "2"), False), ((*lead, "1"), True)])


def owner(name: str) -> str:
    """A row that must name the person around it."""
    return table((name, PARENT_KEY), [(("1001", "1001"), False), (("1002", "1001"), True)])
