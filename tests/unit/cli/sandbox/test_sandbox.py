"""`ktt sandbox up`: wrong use is told in plain words with an exit code. That it starts and stops in order is seen in
`tests/journeys/test_foreign_client.py`, which runs the command itself.
"""

from __future__ import annotations

import socket

import pytest

from ktt.cli.app import run


@pytest.mark.parametrize("unit", ["123", "312000008", "312000009-1114", "312000008-114", "312000008-1114-1", "a-b"])
def test_a_unit_that_is_none(unit: str, capsys: pytest.CaptureFixture[str]):
    assert run(["sandbox", "up", "--unit", unit]) == 2
    assert "--unit ORGNR-KOMMUNENR[-BYDELNR]" in capsys.readouterr().err


def test_a_busy_port(tmp_path, capsys: pytest.CaptureFixture[str]):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        options = ["--folder", str(tmp_path / "s"), "--mottak-port", "0", "--helseid-port", port]
        assert run(["sandbox", "up", *options]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "KTT-SBX-01" in said.err
    assert port in said.err
    assert "--helseid-port 0" in said.err


def test_help_is_quick_and_says_what_it_is(capsys: pytest.CaptureFixture[str]):
    assert run(["sandbox", "up", "--help"]) == 0
    assert "--config-out" in capsys.readouterr().out
