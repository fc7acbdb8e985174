"""The results as JUnit's XML, which build servers show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from xml.etree import ElementTree as ET

from ktt.testing.conformance.case import Result, Verdict, counts
from ktt.testing.conformance.report.about import About
from ktt.testing.conformance.report.remedies import links, remedy


def as_junit(results: Sequence[Result], about: About, expected: Collection[str] = ()) -> bytes:
    """One test for each case. A failure that was expected is shown as skipped, an advice as what the test said."""
    found = counts(results)
    failed = sum(one.verdict is Verdict.FAILED and one.case.name not in expected for one in results)
    suite = ET.Element(
        "testsuite",
        name=f"ktt conformance {about.end}",
        timestamp=about.at.isoformat(),
        tests=str(len(results)),
        failures=str(failed),
        skipped=str(found["skipped"] + found["failed"] - failed),
        time=f"{sum(one.seconds for one in results):.3f}",
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("whom", about.whom), ("versions", str(about.versions))):
        ET.SubElement(properties, "property", name=name, value=value)
    for one in results:
        _add(suite, one, about.end, expected=one.case.name in expected)
    ET.indent(suite)
    made: bytes = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return made


def _add(suite: ET.Element, one: Result, end: str, *, expected: bool) -> None:
    name, group = f"{one.case.name} {one.case.purpose.en}", f"{end}.{one.case.group.en}"
    made = ET.SubElement(suite, "testcase", name=name, classname=group, time=f"{one.seconds:.3f}")
    reasons = " ".join(reason.en for reason in one.reasons)
    wanted = " ".join(text.en for text in one.case.describe_expectations())
    told = "\n".join([reasons, remedy(end, one.case).en, f"Expected: {wanted}", one.case.source, *links(one.case)])
    if one.verdict is Verdict.SKIPPED or (one.verdict is Verdict.FAILED and expected):
        ET.SubElement(made, "skipped", message=f"expected: {reasons}" if expected else reasons)
    elif one.verdict is Verdict.FAILED:
        ET.SubElement(made, "failure", message=reasons).text = told
    elif one.verdict is Verdict.ADVICE:
        ET.SubElement(made, "system-out").text = told
