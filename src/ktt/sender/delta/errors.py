"""What stops a delta before anything of it is sent."""

from __future__ import annotations

from ktt.core.errors import EXIT_CONTENT, KttError
from ktt.core.text import Text


class RecordTooLarge(KttError):
    """One record alone is larger than the largest message."""

    code, exit_code = "KTT-DLT-02", EXIT_CONTENT
    what = Text(
        nb="Opplysningen {local_id} ({message_type}) er {size} byte alene; en melding kan ha {limit}.",
        en="The record {local_id} ({message_type}) is {size} bytes by itself; a message may have {limit}.",
    )
    remedy = Text(
        nb="Kontroller opplysningen i EPJ: den har trolig fått med noe som ikke hører til.",
        en="Look at the record in the record system: it probably holds something that does not belong there.",
    )
