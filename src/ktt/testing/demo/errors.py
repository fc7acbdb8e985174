"""How the demonstration can fail."""

from __future__ import annotations

from ktt.core.errors import EXIT_NOT_MET, KttError
from ktt.core.text import Text


class ContentDiffers(KttError):
    """The registry does not hold what the record system holds."""

    code, exit_code = "KTT-DEM-01", EXIT_NOT_MET
    what = Text(
        nb="Registeret er ikke likt EPJ for: {types}.",
        en="The registry does not equal the record system for: {types}.",
    )
    remedy = Text(
        nb="Kjør «ktt demo --keep» og sammenlign. Feilen ligger på veien mellom EPJ og register. Meld den.",
        en="Run `ktt demo --keep` and compare. The fault lies between the two, and should be reported.",
    )
