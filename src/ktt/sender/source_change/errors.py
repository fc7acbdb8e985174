"""What a person must decide before a change of record system."""

from __future__ import annotations

from ktt.core.errors import EXIT_MAPPING, EXIT_QUESTION, KttError
from ktt.core.text import Text


class OpenServicesLeft(KttError):
    """Services without an end are in the old record system and not in the new."""

    code, exit_code = "KTT-SRC-80", EXIT_QUESTION
    what = Text(
        nb="{count:tjeneste|tjenester} uten sluttdato finnes i den gamle EPJ-en og ikke i den nye: {ids}.",
        en="{count:care service|care services} without an end are in the old record system and not in the new: {ids}.",
    )
    remedy = Text(
        nb="Avslutt dem i den gamle EPJ-en og kjør «ktt daily» mot den, eller registrer dem i den nye. Skal de slettes i "
        "registeret, oppgi «--open withdraw»; skal de bli stående som løpende, «--open keep». Ingenting er endret.",
        en="End them in the old record system and run `ktt daily` with it, or enter them in the new one. If the registry is to "
        "delete them, give `--open withdraw`; if they are to stay as running, `--open keep`. Nothing was changed.",
    )


class IdsReused(KttError):
    """The same ids are other records in the new record system."""

    code, exit_code = "KTT-SRC-81", EXIT_MAPPING
    what = Text(
        nb="{count:ID|ID-er} i den nye EPJ-en er i bruk om andre poster i den gamle: {ids}.",
        en="{count:id|ids} of the new record system are those of other records in the old one: {ids}.",
    )
    remedy = Text(
        nb="Registeret ville få de nye postene i stedet for de gamle. Sett noe foran ID-ene i den nye koblingsfilen, som "
        "«NY-{{ID}}» for kolonnen ID, overalt der de brukes. Ingenting er endret.",
        en="The registry would get the new records in place of the old. Put something before the ids in the new mapping file, "
        "such as `NY-{{ID}}` for the column ID, wherever they are used. Nothing was changed.",
    )
