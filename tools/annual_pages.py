"""The annual message as a manual: an index, and one page an element with its fields and its rules, in both languages."""

from __future__ import annotations

from citations import linked

from ktt.messages.iplos_3_7.layout import XmlElement, XmlField, layout
from ktt.rules.annual.catalogue import annual_rules
from ktt.rules.annual.schema_rules import SCHEMA_RULES
from ktt.rules.reference_pages import as_markdown
from ktt.rules.rule import Rule


def pages() -> dict[str, str]:
    """Page name below docs/reference → its text."""
    elements = [one for one in layout().elements if one.parent is not None]
    made = {f"iplos/{one.name}.md": linked(_element(one), "../protocol") for one in elements}
    return {"iplos.md": _index(elements), "iplos/skjema.md": linked(_schema(), "../protocol"), **made}


def _index(elements: list[XmlElement]) -> str:
    rows = []
    for one in elements:
        count = len(_rules(one))
        rows.append(f"| [{one.name}](iplos/{one.name}.md) | {one.nb} · *{one.en}* | {len(one.fields)} | {count} |")
    rows.append(f"| [skjema](iplos/skjema.md) | XSD-en · *the schema* | | {len(SCHEMA_RULES)} |")
    table = ["| Element | | Felter · Fields | Regler · Rules |", "| --- | --- | --- | --- |", *rows]
    intro = (
        "Meldingen som ble sendt én gang i året for årene 2019–2025, slik `ktt validate` leser og kontrollerer den. "
        "*The message that was sent once a year for the years 2019–2025, as `ktt validate` reads and judges it.* "
        "Bryter den skjemaet, leses den ikke av registeret; ellers gjelder følgen som står ved hver regel. "
        "*If it breaks the schema the registry does not read it; otherwise each rule says what follows.*"
    )
    return "\n\n".join(["# Årsmeldingen IPLOS 3.7 · The annual message", intro, "\n".join(table)]) + "\n"


def _rules(element: XmlElement) -> list[Rule]:
    return [rule for rule in annual_rules() if rule.on.name == element.name]


def _element(element: XmlElement) -> str:
    head = "| Felt | | Type | Kodeverk |\n| --- | --- | --- | --- |"
    fields = "\n".join([head, *(_field(one) for one in element.fields)])
    legend = "(1): skjemaet krever feltet · *the schema demands the field* · @: attributt · *attribute*"
    rules = [as_markdown(rule, level=2) for rule in _rules(element)]
    return "\n\n".join([f"# {element.name} · {element.nb} · *{element.en}*", fields, legend, *rules]) + "\n"


def _field(one: XmlField) -> str:
    mark = "@" if one.attribute else ""
    must = " (1)" if one.required else ""
    return f"| `{mark}{one.name}`{must} | {one.nb} · *{one.en}* | {one.type} | {', '.join(one.lists)} |"


def _schema() -> str:
    rules = [as_markdown(rule, level=2) for rule in SCHEMA_RULES.values()]
    return "\n\n".join(["# Skjemaet · The schema", *rules]) + "\n"
