"""What can be wrong when stored messages are read anew."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class ReprocessingUnexplained(KttError):
    """What becomes otherwise must say who did it and why, since it is kept."""

    code, exit_code = "KTT-REG-26", EXIT_USAGE
    what = Text(
        nb="Å vurdere meldinger på nytt krever både hvem som gjør det, og hvorfor.",
        en="Messages are reprocessed only when it is stated who does so, and why.",
    )
    remedy = Text(
        nb="Skriv hvorfor, for eksempel --reason «regelversjon 2026.2».",
        en="Write why, for example --reason “rules 2026.2”.",
    )
