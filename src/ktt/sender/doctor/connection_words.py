"""Why a server was not reached, what to do about it, and who does it."""

from __future__ import annotations

from ktt.core.errors import EXIT_ACCESS, EXIT_NETWORK
from ktt.core.http.exchange import TransportFault
from ktt.core.http.tls import Cause
from ktt.core.text import Text
from ktt.sender.doctor.line import Who, Wrong

_SAYS: dict[Cause, Text] = {
    "name": Text(nb="Maskinen finner ikke navnet {host}.", en="The name {host} does not exist, seen from here."),
    "refused": Text(nb="Ingen svarer på {host}.", en="Nobody answers at {host}."),
    "time": Text(nb="{host} svarte ikke i tide.", en="{host} did not answer in time."),
    "certificate": Text(
        nb="Sertifikatet til {host} er ikke utstedt av noen denne maskinen stoler på.",
        en="The certificate of {host} is not issued by anyone whom this machine trusts.",
    ),
    "expired": Text(nb="Sertifikatet til {host} er utløpt.", en="The certificate of {host} has expired."),
    "hostname": Text(nb="Sertifikatet er ikke utstedt til {host}.", en="The certificate is not issued to {host}."),
    "tls": Text(
        nb="TLS-forbindelsen til {host} kunne ikke opprettes.", en="The TLS connection to {host} did not come about."
    ),
    "proxy": Text(
        nb="Mellomtjeneren slipper ikke forespørselen fram til {host}.",
        en="The proxy does not let the request through to {host}.",
    ),
    "other": Text(
        nb="Forbindelsen til {host} kunne ikke opprettes.", en="The connection to {host} did not come about."
    ),
}
_NAME = Text(
    nb="Kontroller at adressen i innstillingene er riktig, og at maskinens navnetjener (DNS) kjenner den.",
    en="Check that the address in the settings is right, and that this machine's DNS server answers for it.",
)
_OPEN = Text(
    nb="Kontroller at adressen er riktig, og åpne for utgående trafikk til {host} på port 443. Går alt ut gjennom en mellomtjener, så skriv den i «network.proxy».",
    en="Check that the address is right, and allow outgoing traffic to {host} on port 443. If everything goes out through a proxy, write it in `network.proxy`.",
)
_INSPECTED = Text(
    nb="Hvis en brannmur eller mellomtjener bryter opp TLS, så unnta {host} fra det. Hvis ikke, legg den manglende rotutstederen i maskinens sertifikatlager.",
    en="If something on the way breaks TLS up, exempt {host} from it. Else put the missing root issuer into this machine's certificate store.",
)
_THEIRS = Text(
    nb="Kontroller at maskinens dato er riktig. Er den det, så meld fra til den som driver {host}.",
    en="Check that this machine's date is right. If it is, tell whoever runs {host}.",
)
_PROXY = Text(
    nb="La mellomtjeneren slippe fram {host}, og kontroller at brukernavn og passord i «network.proxy» er riktige.",
    en="Let the proxy pass {host}, and check that user name and password in `network.proxy` are right.",
)
_REMEDIES: dict[Cause, Text] = {
    "name": _NAME,
    "certificate": _INSPECTED,
    "expired": _THEIRS,
    "hostname": _INSPECTED,
    "tls": _INSPECTED,
    "proxy": _PROXY,
}
_NOT_NETWORK = frozenset({"certificate", "expired", "hostname", "tls"})


def not_reached(fault: TransportFault, host: str, owner: Who) -> Wrong:
    """The line of a fault on the way to a host; the owner acts only when its certificate has expired."""
    cause = fault.cause
    who: Who = owner if cause == "expired" else "municipality"
    remedy = _REMEDIES.get(cause, _OPEN).format(host=host)
    code = EXIT_ACCESS if cause in _NOT_NETWORK else EXIT_NETWORK
    return Wrong(_SAYS[cause].format(host=host), remedy, who=who, exit_code=code)
