"""Why no mapping can be proposed."""

from __future__ import annotations

from ktt.core.errors import EXIT_USAGE, KttError
from ktt.core.text import Text


class FieldListUnread(KttError):
    """A documentation list has no column of names, or nothing beside it."""

    code, exit_code = "KTT-DRFT-01", EXIT_USAGE
    what = Text(
        nb="«{file}» kan ikke leses som en feltliste: første linje må navngi kolonnene.",
        en="“{file}” cannot be read as a list of fields: its first line has to name the columns.",
    )
    remedy = Text(
        nb="Gi kolonnene navn som «navn;type;påkrevd;kodeverk;beskrivelse», og skill dem med semikolon eller komma.",
        en="Name the columns as “name;type;required;codes;description”, with semicolons or commas between them.",
    )


class FolderNotEmpty(KttError):
    """The folder for the pack has files already."""

    code, exit_code = "KTT-DRFT-02", EXIT_USAGE
    what = Text(nb="Mappen «{folder}» finnes og er ikke tom.", en="The folder “{folder}” exists and is not empty.")
    remedy = Text(
        nb="Oppgi en ny mappe med --out. Ingenting er skrevet.", en="Name a new folder with --out. Nothing is written."
    )


class SchemaNamesTwice(KttError):
    """Two files of the same name cannot stand side by side in the pack."""

    code, exit_code = "KTT-DRFT-03", EXIT_USAGE
    what = Text(nb="To av filene heter «{file}».", en="Two of the files are called “{file}”.")
    remedy = Text(nb="Gi den ene et annet navn.", en="Give one of them another name.")


class FolderUnwritable(KttError):
    """The pack cannot be written where it should be."""

    code, exit_code = "KTT-DRFT-04", EXIT_USAGE
    what = Text(
        nb="Pakken kan ikke skrives til «{folder}»: {reason}.", en="The pack cannot be written to “{folder}”: {reason}."
    )
    remedy = Text(nb="Oppgi en mappe der dere kan skrive.", en="Name a folder in which you may write.")
