"""What is wrong with the hours in which a load may send."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class HoursUnreadable(KttError):
    """The hours are not two different clock times."""

    code, exit_code = "KTT-SND-03", EXIT_USAGE
    what = Text(nb="«{given}» er ikke et tidsrom på døgnet.", en="“{given}” is no span of the day.")
    remedy = Text(
        nb="Skriv to klokkeslett i Norge med bindestrek mellom, som 22:00-06:00.",
        en="Write two clock times in Norway with a hyphen between them, such as 22:00-06:00.",
    )
