"""What can go wrong with code lists."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class CodeListUnknown(KttError):
    """There is no list of that id."""

    code, exit_code = "KTT-COD-01", EXIT_USAGE
    what = Text(nb="Kodeverket «{list_id}» finnes ikke.", en="There is no code list “{list_id}”.")
    remedy = Text(
        nb="Bruk nummeret fra Volven, for eksempel 9151.", en="Use the list's Volven number, for example 9151."
    )
