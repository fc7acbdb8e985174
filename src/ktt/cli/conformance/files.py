"""The files that a run can write: a page, JUnit's XML, and the result with its signature."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ktt.cli.conformance.options import Outputs
from ktt.cli.show import note
from ktt.core.os_faults import os_reason
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.testing.conformance.case import Result
    from ktt.testing.conformance.report.about import About
    from ktt.testing.conformance.report.signature import SigningKey


def write_files(
    results: Sequence[Result],
    about: About,
    outputs: Outputs,
    *,
    key: SigningKey | None,
    document: dict[str, Any],
    expected: Collection[str],
) -> None:
    """Write what was asked for; PageUnwritable."""
    if outputs.html is not None:
        from ktt.testing.conformance.report.page import as_page

        _write(outputs.html, as_page(results, about))
        note(Text(nb=f"Rapporten er skrevet til {outputs.html}.", en=f"The report is written to {outputs.html}."))
    if outputs.junit is not None:
        from ktt.testing.conformance.report.junit import as_junit

        _write(outputs.junit, as_junit(results, about, expected))
    if outputs.out is not None:
        _write_result(outputs.out, document, about, key)


def _write_result(path: Path, document: dict[str, Any], about: About, key: SigningKey | None) -> None:
    from ktt.cli.show import as_json
    from ktt.testing.conformance.report.signature import beside, signature_of

    content = as_json(document).encode()
    _write(path, content)
    if key is not None:
        _write(beside(path), signature_of(content, key, about, document["counts"]).encode())


def _write(path: Path, content: bytes) -> None:
    from ktt.testing.conformance.errors import PageUnwritable

    try:
        path.write_bytes(content)
    except OSError as fault:
        raise PageUnwritable(file=path, reason=os_reason(fault)) from fault
