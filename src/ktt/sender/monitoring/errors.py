"""What can be wrong when the sender is watched over."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class MetricsUnwritable(KttError):
    """The file for Prometheus cannot be written."""

    code, exit_code = "KTT-MON-01", EXIT_USAGE
    what = Text(
        nb="Filen «{path}» for Prometheus kan ikke skrives: {reason}.",
        en="The file “{path}” for Prometheus cannot be written: {reason}.",
    )
    remedy = Text(
        nb="Oppgi en fil i en mappe som brukeren kan skrive i.",
        en="Name a file in a folder that the user may write in.",
    )
