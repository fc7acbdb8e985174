"""Why a run of the sender does not begin."""

from __future__ import annotations

from ktt.errors import EXIT_LINE, KttError
from ktt.text import Text


class LoadNotFinished(KttError):
    """A daily run before all of the initial load is accepted."""

    code, exit_code = "KTT-SND-01", EXIT_LINE
    what = Text(
        nb="Enhet {unit} kan ikke sende daglig ennå: initiell last er ikke ferdig.",
        en="Unit {unit} cannot report daily yet: its initial load is not finished.",
    )
    remedy = Text(
        nb="Kjør «ktt load» til den melder at initiell last er ferdig. Ingenting er sendt.",
        en="Run `ktt load` until it says that the initial load is finished. Nothing was sent.",
    )
