"""What can keep the daily run from being written into the operating system."""

from __future__ import annotations

from ktt.core.errors import EXIT_ACCESS, EXIT_NOT_MET, EXIT_USAGE, KttError
from ktt.core.text import Text


class NoScheduler(KttError):
    """The operating system has no scheduler that we know."""

    code, exit_code = "KTT-AGT-01", EXIT_USAGE
    what = Text(
        nb="Dette systemet har verken systemd eller Oppgaveplanlegging i Windows.",
        en="This system has neither systemd nor the Task Scheduler of Windows.",
    )
    remedy = Text(
        nb="La «ktt agent run» gå hele tiden i stedet, eller kjør «ktt daily» fra det systemet dere har.",
        en="Let `ktt agent run` run all the time instead, or run `ktt daily` from the system that you have.",
    )


class NotAllowed(KttError):
    """A file of the scheduler cannot be written or removed."""

    code, exit_code = "KTT-AGT-02", EXIT_ACCESS
    what = Text(nb="«{path}» kan ikke endres: {reason}.", en="“{path}” cannot be changed: {reason}.")
    remedy = Text(
        nb="Kjør kommandoen som administrator (sudo). Med «--dry-run» vises alt uten at noe endres.",
        en="Run the command as an administrator (sudo). With `--dry-run` all is shown and nothing is changed.",
    )


class CommandRefused(KttError):
    """The scheduler did not carry out a command."""

    code, exit_code = "KTT-AGT-03", EXIT_NOT_MET
    what = Text(
        nb="«{command}» svarte med kode {code_given}: {said}", en="`{command}` answered with code {code_given}: {said}"
    )
    remedy = Text(
        nb="Rett det som er nevnt, og kjør «ktt agent install» på nytt. Den kan trygt kjøres flere ganger.",
        en="Correct what is named, and run `ktt agent install` again. It is safe to run several times.",
    )


class NotAsAsked(KttError):
    """The scheduler has something else than what was written, or nothing."""

    code, exit_code = "KTT-AGT-04", EXIT_NOT_MET
    what = Text(
        nb="Den daglige kjøringen for enhet {unit} er ikke satt opp slik den skal: {differences}.",
        en="The daily run of unit {unit} is not set up as it should be: {differences}.",
    )
    remedy = Text(
        nb="Kjør «ktt agent install» på nytt. Er det endret med vilje, så endre det tilbake eller la det være.",
        en="Run `ktt agent install` again. If it was changed on purpose, change it back or leave it.",
    )


class NoSuchAccount(KttError):
    """The account that the run is to have does not exist on this machine."""

    code, exit_code = "KTT-AGT-05", EXIT_USAGE
    what = Text(nb="Kontoen «{account}» finnes ikke på denne maskinen.", en="There is no account “{account}” here.")
    remedy = Text(
        nb="Opprett den: «useradd --system --home-dir /var/lib/ktt --shell /usr/sbin/nologin {account}». Eller velg en annen med «--account».",
        en="Make it: `useradd --system --home-dir /var/lib/ktt --shell /usr/sbin/nologin {account}`. Or choose another with `--account`.",
    )


class TooMighty(KttError):
    """The account that was chosen may do everything."""

    code, exit_code = "KTT-AGT-06", EXIT_USAGE
    what = Text(
        nb="Kontoen «{account}» kan gjøre alt på maskinen, og skal ikke sende helseopplysninger.",
        en="The account “{account}” may do everything on the machine, and must not send health data.",
    )
    remedy = Text(
        nb="Velg en egen konto uten andre rettigheter med «--account».",
        en="Choose an account of its own without other rights with `--account`.",
    )


class AccountNeeded(KttError):
    """Windows needs to be told whose the run is."""

    code, exit_code = "KTT-AGT-07", EXIT_USAGE
    what = Text(nb="På Windows må kontoen som kjører, oppgis.", en="On Windows the account that runs must be given.")
    remedy = Text(
        nb="Oppgi den med «--account DOMENE\\konto», helst en gruppestyrt tjenestekonto (gMSA) som «DOMENE\\ktt$».",
        en="Give it with `--account DOMAIN\\account`, best a group managed service account (gMSA) such as `DOMAIN\\ktt$`.",
    )
