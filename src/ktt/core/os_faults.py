"""Why the operating system refused something, in words of our own: its own are in one language, and not always in ours."""

from __future__ import annotations

import errno

from ktt.core.text import Text

_WORDS = {
    errno.ENOENT: Text(nb="den finnes ikke", en="it is not there"),
    errno.EACCES: Text(nb="tilgang mangler", en="access is missing"),
    errno.EPERM: Text(nb="tilgang mangler", en="access is missing"),
    errno.EISDIR: Text(nb="den er en mappe", en="it is a folder"),
    errno.ENOTDIR: Text(nb="en del av stien er ikke en mappe", en="a part of the path is no folder"),
    errno.EEXIST: Text(nb="den finnes fra før", en="it is there already"),
    errno.ENOTEMPTY: Text(nb="mappen er ikke tom", en="the folder is not empty"),
    errno.ENOSPC: Text(nb="disken er full", en="the disk is full"),
    errno.EDQUOT: Text(nb="den tildelte plassen er brukt opp", en="the space that was granted is used up"),
    errno.EROFS: Text(nb="disken kan bare leses", en="the disk can only be read"),
    errno.EFBIG: Text(nb="filen blir for stor", en="the file becomes too large"),
    errno.EIO: Text(nb="disken svarer med feil", en="the disk answers with faults"),
    errno.ENAMETOOLONG: Text(nb="navnet er for langt", en="the name is too long"),
    errno.EINVAL: Text(nb="navnet eller verdien kan ikke brukes", en="the name or value cannot be used"),
    errno.ELOOP: Text(nb="lenkene viser til hverandre i ring", en="the links lead in a circle"),
    errno.EMFILE: Text(nb="for mange filer er åpne", en="too many files are open"),
    errno.ENFILE: Text(nb="for mange filer er åpne", en="too many files are open"),
    errno.ENOMEM: Text(nb="minnet er fullt", en="the memory is full"),
    errno.ENOEXEC: Text(nb="den er ikke et program", en="it is no program"),
    errno.ETXTBSY: Text(nb="den er i bruk", en="it is in use"),
    errno.EBUSY: Text(nb="den er i bruk", en="it is in use"),
    errno.EADDRINUSE: Text(nb="porten er i bruk", en="the port is in use"),
    errno.EADDRNOTAVAIL: Text(nb="adressen er ikke denne maskinens", en="the address is not this machine's"),
    errno.ECONNREFUSED: Text(nb="ingen svarer der", en="nobody answers there"),
    errno.ECONNRESET: Text(nb="forbindelsen ble brutt", en="the connection was broken"),
    errno.EPIPE: Text(nb="forbindelsen ble brutt", en="the connection was broken"),
    errno.ETIMEDOUT: Text(nb="svaret kom ikke i tide", en="no answer came in time"),
    errno.EHOSTUNREACH: Text(nb="maskinen kan ikke nås", en="the machine cannot be reached"),
    errno.ENETUNREACH: Text(nb="nettet kan ikke nås", en="the network cannot be reached"),
}
_UNKNOWN = Text(nb="operativsystemet svarte «{name}»", en="the operating system answered `{name}`")


def os_reason(fault: OSError) -> Text:
    """Why, in both languages; a cause without words of ours by its name, such as `EXDEV`."""
    known = _WORDS.get(fault.errno or 0)
    name = errno.errorcode.get(fault.errno or 0, type(fault).__name__)
    return known or _UNKNOWN.format(name=name)
