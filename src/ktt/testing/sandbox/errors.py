"""What can keep a sandbox from starting, or from being controlled."""

from __future__ import annotations

from ktt.core.errors import EXIT_NETWORK, EXIT_STORE, EXIT_USAGE, KttError
from ktt.core.text import Text


class PortBusy(KttError):
    """Another program listens on the port."""

    code, exit_code = "KTT-SBX-01", EXIT_USAGE
    what = Text(nb="Port {port} på 127.0.0.1 er opptatt ({reason}).", en="Port {port} on 127.0.0.1 is busy ({reason}).")
    remedy = Text(
        nb="Stopp programmet som bruker den, eller velg en annen port («--{option} 0» tar en ledig).",
        en="Stop the program that uses it, or choose another port (`--{option} 0` takes a free one).",
    )


class FolderInUse(KttError):
    """Another sandbox works in the folder."""

    code, exit_code = "KTT-SBX-02", EXIT_STORE
    what = Text(nb="En annen sandkasse bruker mappen «{folder}».", en="Another sandbox is using the folder “{folder}”.")
    remedy = Text(nb="Stopp den, eller velg en annen mappe.", en="Stop it, or choose another folder.")


class StateUnreadable(KttError):
    """A file that the sandbox wrote earlier is not what it wrote."""

    code, exit_code = "KTT-SBX-03", EXIT_STORE
    what = Text(nb="Sandkassens fil «{path}» kan ikke leses.", en="The sandbox's file “{path}” cannot be read.")
    remedy = Text(
        nb="Slett mappen og start på nytt; alt i den er laget av sandkassen.",
        en="Delete the folder and start again; everything in it was made by the sandbox.",
    )


class SandboxDidNotStart(KttError):
    """The servers stopped before they listened."""

    code, exit_code = "KTT-SBX-04", EXIT_STORE
    what = Text(nb="Sandkassen startet ikke ({reason}).", en="The sandbox did not start ({reason}).")
    remedy = Text(
        nb="Se i loggen, og meld feilen med koden.", en="Look in the log, and report the fault with its code."
    )


class SandboxNotFound(KttError):
    """No sandbox is running in the folder."""

    code, exit_code = "KTT-SBX-06", EXIT_USAGE
    what = Text(nb="Ingen sandkasse kjører i «{folder}».", en="No sandbox is running in “{folder}”.")
    remedy = Text(
        nb="Start den med «ktt sandbox up», eller pek på mappen dens med «--folder».",
        en="Start it with `ktt sandbox up`, or point to its folder with `--folder`.",
    )


class ControlRefused(KttError):
    """The sandbox cannot do what was asked."""

    code, exit_code = "KTT-SBX-07", EXIT_USAGE
    what = Text(nb="Sandkassen kan ikke gjøre det ({reason}).", en="The sandbox does not do that ({reason}).")
    remedy = Text(nb="Se «ktt sandbox fail --help».", en="See `ktt sandbox fail --help`.")


class SandboxBusy(KttError):
    """The sandbox was reached and did not answer."""

    code, exit_code = "KTT-SBX-08", EXIT_NETWORK
    what = Text(nb="Sandkassen i «{folder}» svarte ikke.", en="The sandbox in “{folder}” did not answer.")
    remedy = Text(
        nb="Den er opptatt, eller ble nettopp stoppet. Prøv igjen om litt.",
        en="It is busy, or was stopped just now. Try again in a while.",
    )


class NoSandboxRuns(KttError):
    """No folder was named, and no sandbox runs on this machine."""

    code, exit_code = "KTT-SBX-09", EXIT_USAGE
    what = Text(nb="Ingen sandkasse kjører på denne maskinen.", en="No sandbox is running on this machine.")
    remedy = Text(nb="Start en med «ktt sandbox up».", en="Start one with `ktt sandbox up`.")


class SeveralSandboxes(KttError):
    """No folder was named, and more than one sandbox runs."""

    code, exit_code = "KTT-SBX-10", EXIT_USAGE
    what = Text(nb="Flere sandkasser kjører: {folders}.", en="Several sandboxes are running: {folders}.")
    remedy = Text(
        nb="Velg en av dem med «--folder». Filen fra «--config-out» nevner sin egen i «sandbox.folder».",
        en="Choose one of them with `--folder`. The file of `--config-out` names its own in `sandbox.folder`.",
    )


class NoSuchState(KttError):
    """No state was saved under that name."""

    code, exit_code = "KTT-SBX-11", EXIT_USAGE
    what = Text(
        nb="Ingen tilstand er lagret som «{name}». Lagret er: {known}.",
        en="No state is saved as “{name}”. Saved are: {known}.",
    )
    remedy = Text(nb="Se dem med «ktt sandbox states».", en="See them with `ktt sandbox states`.")


class StateNameUnfit(KttError):
    """A state's name is a file's name too."""

    code, exit_code = "KTT-SBX-12", EXIT_USAGE
    what = Text(nb="En tilstand kan ikke hete «{name}».", en="A state cannot be called “{name}”.")
    remedy = Text(
        nb="Bruk opptil 64 bokstaver (a–z), sifre, bindestrek, punktum og understrek.",
        en="Use up to 64 letters (a–z), digits, hyphens, full stops and underscores.",
    )


class RequestsUnderWay(KttError):
    """A request has not been answered yet, so the databases cannot be exchanged."""

    code, exit_code = "KTT-SBX-13", EXIT_USAGE
    what = Text(
        nb="Mottaket holder på med en forespørsel, så innholdet er ikke byttet ut.",
        en="The receiver is busy with a request, so its content was not exchanged.",
    )
    remedy = Text(
        nb="Vent til den er besvart (en feil kan holde den tilbake), og prøv igjen.",
        en="Wait until it is answered (a fault may hold it back), and try again.",
    )
