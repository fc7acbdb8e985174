"""What can be wrong with what we are about to put on the wire."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class HeaderValueUnfit(KttError):
    """A value for an `x-*` header cannot travel: empty, too long, or not printable ASCII."""

    code, exit_code = "KTT-WIR-01", EXIT_USAGE
    what = Text(
        nb="Verdien for «{header}» kan ikke sendes: den er tom, lengre enn {limit} tegn eller har andre tegn enn vanlig ASCII (ikke æ, ø, å).",
        en="The value for “{header}” cannot be sent: it is empty, longer than {limit} characters, or has other characters than plain ASCII.",
    )
    remedy = Text(
        nb="Rett avsnittet «[software]» i innstillingsfilen, for eksempel «Oe» for «Ø».",
        en="Correct the section `[software]` in the settings file, for example “Oe” for “Ø”.",
    )
