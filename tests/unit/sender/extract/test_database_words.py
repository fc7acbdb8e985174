"""What a database says of a query or a connection is told in the reader's language, and never with a password."""

import pytest

from ktt.sender.extract.errors import QueryRefused, SourceUnavailable
from support.sources_epj import Epj

QUERIES = {
    "SELECT * FROM stopper": "tabellen «stopper» finnes ikke",
    "SELECT stoppet FROM stopp": "kolonnen «stoppet» finnes ikke",
    "SELECT * FORM stopp": "den er ikke SQL ved «",
    "SELECT * FROM stopp WHERE (1": "",
    "SELECT * FROM stopp; SELECT 1": "den er ",
    "SELECT finnes_ikke(1) FROM stopp": "funksjonen «finnes_ikke",
}


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_query_that_is_refused(epj, request, tmp_path, kind, query):
    if kind == "postgresql":
        (tmp_path / "pg").mkdir()
        epj = Epj(tmp_path / "pg", request.getfixturevalue("postgres_url"))
    epj.edit("SELECT * FROM stopp", query)
    with pytest.raises(QueryRefused) as caught:
        epj.read()
    said = caught.value.says()
    assert QUERIES[query] in said.nb
    assert not [word for word in ("no such", "does not exist", "syntax error", "near") if word in said.nb]
    assert said.nb != said.en


@pytest.mark.postgres
def test_a_user_without_access(tmp_path, postgres_url):
    epj = Epj(tmp_path, postgres_url).sql("DROP ROLE IF EXISTS leser; CREATE ROLE leser LOGIN PASSWORD 'hemmelig'")
    epj.url = postgres_url.replace("postgres:@", "leser:hemmelig@").replace("postgres@", "leser:hemmelig@")
    assert "leser" in epj.url
    with pytest.raises(QueryRefused) as caught:
        epj.read()
    assert "lesebrukeren mangler tilgang til «" in caught.value.says().nb


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("ktt:hemmelig@127.0.0.1:1/epj", "ingen svarer der"),
        ("ktt:hemmelig@nowhere.invalid/epj", "«nowhere.invalid» er ikke kjent"),
    ],
)
def test_a_server_that_cannot_be_reached(epj, place, told):
    epj.url = f"postgresql://{place}"
    with pytest.raises(SourceUnavailable) as caught:
        epj.read()
    assert told in caught.value.says().nb
    assert "hemmelig" not in caught.value.says().nb + caught.value.says().en


@pytest.mark.postgres
def test_a_database_that_does_not_exist(epj, postgres_url):
    epj.url = postgres_url.replace("/ktt_", "/nei_")
    with pytest.raises(SourceUnavailable) as caught:
        epj.read()
    assert "databasen «nei_" in caught.value.says().nb
