"""The words that no Norwegian text uses are found wherever a text can stand."""

from __future__ import annotations

import bokmal
import pytest


@pytest.fixture
def found(monkeypatch, tmp_path):
    """What is found in one file of the project."""
    monkeypatch.setattr(bokmal, "ROOT", tmp_path)

    def look(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return bokmal.bokmal_faults()

    return look


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("Rett det i fagsystemet.", "EPJ"),
        ("Et nytt fagsystem.", "EPJ"),
        ("Regelutgaven er ny.", "versjon"),
        ("Se at filen finnes.", "kontroller at"),
        ("Vent, og se at filen finnes.", "kontroller at"),
        ("Nok til å se at alt er likt.", None),
        ("Kilden er av slaget {kind}.", "typen"),
        ("Hva slags nøkkel som lages.", None),
        ("Mottaket slapp ikke enheten inn.", "avviste"),
        ("Enheten slipper ikke inn.", "avviste"),
        ("Uttrekket er ikke bevist helt.", "fullstendig"),
        ("Er lageret helt borte, er kopien svaret.", None),
        ("Filen holder to nøkler.", "inneholder"),
        ("Registeret holder enheten tilbake.", None),
        ("Søknaden er datert etter vedtaket.", "starter etter"),
        ("Tekst [må med]", "påkrevd"),
        ("Nummeret må med hver gang.", None),
        ("Dagen. Uten: i dag.", "standard"),
        ("Velg du.", "dere"),
        ("Enheten har alt sendt tre meldinger.", "allerede"),
        ("Enheten har alt som trengs.", None),
        ("Verdien er None.", "ingen"),
        ("Mottaket svarte med timeout.", "det norske ordet"),
        ("Sett «timeout» i `default`, med {folder} som før.", None),
    ],
)
def test_a_word_in_a_text_of_the_code(found, text, use):
    faults = found("src/ktt/part.py", f"what = Text(nb={text!r}, en='x')\n")
    assert ("src/ktt/part.py:1: “" in faults and use in faults) if use else faults == ""


@pytest.mark.parametrize(
    ("name", "text", "found_there"),
    [
        ("src/ktt/part.py", 'TEXTS = {"a": ("Den første utgaven.", "The first.")}', True),
        ("src/ktt/part.py", 'what = Text(nb=f"Den {x} utgaven.", en="x")', True),
        ("src/ktt/part.py", 'what = Text(nb="Den.", en="The default file is None.")', False),
        ("src/ktt/part.py", '"""The word utgave in a docstring."""', False),
        ("src/ktt/part.py", "x = 1  # utgave", False),
        ("src/ktt/registry/migrations/part.py", 'what = Text(nb="utgave", en="x")', False),
        ("src/ktt/page.html.jinja", "<p>Utgave</p>", True),
        ("src/ktt/words.toml", 'nb = "utgave"', True),
        ("src/ktt/letters/bokmaal/letter.txt", "Den nye utgaven.", True),
        ("src/ktt/messages/drafting/clues/vocabulary.toml", 'type = "utgave"', False),
        ("src/ktt/image.svg", "utgave", False),
        ("docs/how-to/noe.md", "# Noe\n\nDen nye utgaven.", True),
        ("docs/how-to/noe.md", "# Noe\n\n```console\n$ utgave\n```\n\nOg `utgave` «utgave».", False),
        ("tools/bundle/LESMEG.txt", "Den nye utgaven.", True),
        ("tools/bundle/install.sh", 'fail "Den nye utgaven."', True),
        ("docs/adr/0001.md", "utgave", False),
    ],
)
def test_where_it_is_looked_for(found, name, text, found_there):
    assert bool(found(name, text)) is found_there


def test_the_line_is_told(found):
    assert found("docs/how-to/noe.md", "# Noe\n\n```\nen\nto\n```\nDen nye utgaven.\n") == (
        "docs/how-to/noe.md:7: “utgaven”: versjon"
    )


def test_the_project_as_it_is():
    assert bokmal.bokmal_faults() == ""


def test_a_file_left_out_exists_and_has_a_reason():
    assert all((bokmal.ROOT / name).is_file() and reason for name, reason in bokmal.ELSEWHERE.items())
