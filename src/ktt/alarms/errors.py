"""What can be wrong when an alarm is told."""

from __future__ import annotations

from ktt.core.errors import EXIT_NETWORK, KttError
from ktt.core.text import Text


class AlarmNotDelivered(KttError):
    """A webhook or a mail server did not take the notices."""

    code, exit_code = "KTT-MON-02", EXIT_NETWORK
    what = Text(
        nb="{count:varsel|varsler} kunne ikke leveres ({channel}: {reason}).",
        en="{count:notice|notices} could not be delivered ({channel}: {reason}).",
    )
    remedy = Text(
        nb="Neste kjøring prøver igjen. Se «[alarms]» i innstillingene dersom det fortsetter.",
        en="The next run tries again. See `[alarms]` in the settings if it goes on.",
    )
