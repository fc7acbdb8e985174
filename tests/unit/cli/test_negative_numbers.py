"""A number below zero is an argument, wherever it stands; an option that does not exist is still told as one."""

import pytest
import typer
from typer.main import get_command

from ktt.cli.app import run
from ktt.cli.negative_numbers import NumberCommand

app = typer.Typer()


@app.command(cls=NumberCommand)
def turn(seconds: float, count: int = 1, *, json: bool = False) -> None:
    """A command for these tests."""
    typer.echo(f"{seconds} {count} {json}")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["-90"], "-90.0 1 False"),
        (["-1.5"], "-1.5 1 False"),
        (["--json", "-90"], "-90.0 1 True"),
        (["-90", "--json"], "-90.0 1 True"),
        (["--count", "3", "-90"], "-90.0 3 False"),
        (["--count", "-3", "90"], "90.0 -3 False"),
        (["--count=-3", "-90"], "-90.0 -3 False"),
        (["--", "-90"], "-90.0 1 False"),
        (["90"], "90.0 1 False"),
    ],
)
def test_a_number_may_be_below_zero(words, shown, capsys):
    get_command(app).main(words, standalone_mode=False)
    assert capsys.readouterr().out.strip() == shown


@pytest.mark.parametrize("words", [["-x"], ["--nosuch", "90"], ["-90x"], ["-90", "-91"], []])
def test_what_is_wrong_is_still_told(words):
    with pytest.raises(typer.TyperException):
        get_command(app).main(words, standalone_mode=False)


@pytest.mark.parametrize(
    "words",
    [
        ["sandbox", "clock", "-90", "--folder", "nowhere"],
        ["sandbox", "slow", "-1", "--folder", "nowhere"],
        ["outbox", "show", "-3", "--config", "nowhere.toml"],
        ["mottak", "access", "undo", "-3", "--reason", "x", "--config", "nowhere.toml"],
    ],
)
def test_no_command_takes_a_number_for_an_option(words, capsys):
    assert run(words) != 0
    said = capsys.readouterr().err
    assert "-9" not in said
    assert "valget" not in said.lower()
