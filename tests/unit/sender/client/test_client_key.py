"""The client's key file: one clear error for each thing that can be wrong with it."""

from __future__ import annotations

import json
import sys

import pytest

from ktt.sender.client.client_key import read_client_key
from ktt.sender.client.errors import ClientKeyUnfit, ClientKeyUnreadable
from ktt.storage.errors import KeyFileTooOpen
from ktt.wire import jwk
from support.wire_keys import private_jwk


@pytest.fixture
def written(tmp_path):
    def write(content: object, mode: int = 0o600):
        path = tmp_path / "client.jwk.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        path.chmod(mode)
        return path

    return write


@pytest.mark.parametrize("kind", ["RSA-2048", "ES256"])
def test_a_private_jwk_is_loaded(written, kind):
    key = private_jwk(kind)
    assert read_client_key(written(key)).thumbprint == jwk.thumbprint(key)


def test_a_missing_file(tmp_path):
    with pytest.raises(ClientKeyUnreadable, match="it is not there"):
        read_client_key(tmp_path / "none.json")


@pytest.mark.skipif(sys.platform == "win32", reason="the folder's rights decide on Windows")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read(written, mode):
    with pytest.raises(KeyFileTooOpen, match="mode"):
        read_client_key(written(private_jwk("ES256"), mode))


def test_a_folder_is_no_file(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(ClientKeyUnreadable):
        read_client_key(tmp_path)


def changed(kind, **changes):
    members = {**private_jwk(kind), **changes}
    return {name: value for name, value in members.items() if value is not None}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "not JSON"),
        ("-----BEGIN PRIVATE KEY-----", "not JSON"),
        ("[]", "not a JSON object"),
        (json.dumps(json.dumps({"kty": "RSA"})), "not a JSON object"),
        (jwk.public_part(private_jwk("ES256")), "private part is missing"),
        (changed("RSA-2048", kty="oct"), "neither RSA nor EC"),
        (changed("RSA-2048", n="AQAB"), "size of the RSA key"),
        (changed("RSA-2048", d="AQAB"), "inconsistent"),
        (changed("RSA-2048", n=None), "encoding"),
        (changed("ES256", alg="RS256"), "alg and key do not fit"),
        (changed("ES256", alg="HS256"), "alg"),
    ],
)
def test_a_file_without_a_usable_key(written, content, reason):
    with pytest.raises(ClientKeyUnfit) as fault:
        read_client_key(written(content))
    assert reason in fault.value.says().en
    assert private_jwk("RSA-2048")["d"] not in str(fault.value)
