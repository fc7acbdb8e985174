"""Why an annual message cannot be read at all. `file` is its name, made safe to show; nothing of the content is shown."""

from __future__ import annotations

from ktt.core.errors import EXIT_CONTENT, KttError
from ktt.core.text import Text

_WHOLE = Text(
    nb="Lag filen på nytt, og kontroller at programmet som skriver den, får skrive ferdig.",
    en="Make the file anew, and see that the program that writes it may finish.",
)
_WRITER = Text(
    nb="Rett programmet som skriver filen. Et XML-bibliotek skriver slikt riktig av seg selv.",
    en="Correct the program that writes the file. An XML library writes such things rightly by itself.",
)


class XmlMalformed(KttError):
    """The text breaks the grammar of XML; `why` says how, where that is known."""

    code, exit_code = "KTT-XML-01", EXIT_CONTENT
    what = Text(
        nb="«{file}» er ikke gyldig XML: {why_nb} (linje {line}, tegn {column}).",
        en="“{file}” is not valid XML: {why_en} (line {line}, character {column}).",
    )
    remedy = _WRITER


class XmlTruncated(KttError):
    """The file ends before the message does."""

    code, exit_code = "KTT-XML-02", EXIT_CONTENT
    what = Text(
        nb="«{file}» slutter midt i meldingen (linje {line}).", en="“{file}” ends inside the message (line {line})."
    )
    remedy = _WHOLE


class XmlEncoding(KttError):
    """The file is not UTF-8, or says that it is not; `encoding` is what it is or seems to be."""

    code, exit_code = "KTT-XML-03", EXIT_CONTENT
    what = Text(
        nb="«{file}» er ikke i UTF-8, men i {encoding} (linje {line}).",
        en="“{file}” is not in UTF-8 but in {encoding} (line {line}).",
    )
    remedy = Text(
        nb='Skriv filen i UTF-8, og la første linje si det: <?xml version="1.0" encoding="UTF-8"?>.',
        en='Write the file in UTF-8, and let its first line say so: <?xml version="1.0" encoding="UTF-8"?>.',
    )


class XmlCharacter(KttError):
    """A character that no XML can hold, such as NUL."""

    code, exit_code = "KTT-XML-04", EXIT_CONTENT
    what = Text(
        nb="«{file}» har et tegn som ikke er tillatt i XML (linje {line}, tegn {column}).",
        en="“{file}” has a character that XML does not allow (line {line}, character {column}).",
    )
    remedy = Text(
        nb="Fjern NUL og andre styretegn fra teksten i EPJ eller uttrekket.",
        en="Remove NUL and other control characters from the text in the EPJ or the export.",
    )


class XmlDoctype(KttError):
    """A document type declaration: it can make a small file endless or fetch other files, and no message has one."""

    code, exit_code = "KTT-XML-05", EXIT_CONTENT
    what = Text(
        nb="«{file}» har en DOCTYPE-erklæring (linje {line}). Den leses ikke, av hensyn til sikkerheten.",
        en="“{file}” has a DOCTYPE declaration (line {line}). For safety it is not read.",
    )
    remedy = Text(
        nb="Fjern erklæringen. En IPLOS-melding har ingen DTD og ingen egne entiteter.",
        en="Remove the declaration. An IPLOS message has no DTD and no entities of its own.",
    )


class XmlTooDeep(KttError):
    """More elements inside each other than any message has."""

    code, exit_code = "KTT-XML-06", EXIT_CONTENT
    what = Text(
        nb="«{file}» har elementer i mer enn {most:nivå|nivåer} (linje {line}).",
        en="“{file}” has elements in more than {most} levels (line {line}).",
    )
    remedy = Text(
        nb="En IPLOS-melding har fire nivåer. Rett programmet som skriver filen.",
        en="An IPLOS message has four levels. Correct the program that writes the file.",
    )


class XmlTooLong(KttError):
    """One value, name or comment is longer than any field."""

    code, exit_code = "KTT-XML-07", EXIT_CONTENT
    what = Text(
        nb="«{file}» har en verdi på mer enn {most} tegn (linje {line}).",
        en="“{file}” has a value of more than {most} characters (line {line}).",
    )
    remedy = Text(
        nb="Ingen felt er så lange. Rett programmet som skriver filen.",
        en="No field is that long. Correct the program that writes the file.",
    )


class NamespaceOther(KttError):
    """The root is IPLOS, but in another namespace: another version, or none said."""

    code, exit_code = "KTT-XML-08", EXIT_CONTENT
    what = Text(
        nb="«{file}» er ikke i navnerommet til IPLOS 3.7, men i {found_nb}.",
        en="“{file}” is not in the namespace of IPLOS 3.7 but in {found_en}.",
    )
    remedy = Text(
        nb='Rotelementet skal være <IPLOS xmlns="{namespace}" versjon="3.7">.',
        en='The root element must be <IPLOS xmlns="{namespace}" versjon="3.7">.',
    )


class VersionOther(KttError):
    """The namespace is right, but the message says another version, or none."""

    code, exit_code = "KTT-XML-09", EXIT_CONTENT
    what = Text(
        nb="«{file}» oppgir ikke at den er versjon 3.7: attributtet «versjon» {found_nb}.",
        en="“{file}” does not say that it is version 3.7: the attribute “versjon” {found_en}.",
    )
    remedy = Text(
        nb='Rotelementet skal ha versjon="3.7". Andre versjoner leses ikke.',
        en='The root element must have versjon="3.7". Other versions are not read.',
    )


class NotAnnual(KttError):
    """XML of another kind."""

    code, exit_code = "KTT-XML-10", EXIT_CONTENT
    what = Text(
        nb="«{file}» er XML, men ikke en årlig IPLOS-melding.", en="“{file}” is XML but not an annual IPLOS message."
    )
    remedy = Text(
        nb="Velg filen der rotelementet er <IPLOS>, uten hodemelding rundt.",
        en="Choose the file whose root element is <IPLOS>, without a head message around it.",
    )
