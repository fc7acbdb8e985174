"""Client keys made here and taken from a PKCS#12 file."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_pem_x509_certificate

from ktt.sender.client.client_key import read_client_key
from ktt.sender.keys.errors import KeyThere, StoreUnreadable
from ktt.sender.keys.make import KINDS, imported_key, made_key, write_key
from ktt.wire import jwk
from support.self_signed_certificate import self_signed

NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
YEAR = NOW + dt.timedelta(days=365)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "RSA-4096"])  # which takes seconds to make
def test_a_key_is_made_written_and_used(tmp_path, kind):
    path = tmp_path / "folder" / "client.jwk"
    made = made_key(kind, NOW, YEAR)
    public = write_key(path, made)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_client_key(path).thumbprint == jwk.thumbprint(public) == public["kid"]
    assert public.keys().isdisjoint({"d", "p", "q", "dp", "dq", "qi", "iat", "exp"})
    assert json.loads(path.read_bytes())["exp"] == int(YEAR.timestamp())


def test_a_key_is_never_written_over(tmp_path):
    path = tmp_path / "client.jwk"
    path.write_text("kept")
    with pytest.raises(KeyThere):
        write_key(path, made_key("P-256", NOW, YEAR))
    assert path.read_text() == "kept"


def packed(folder, key, password, certificate=None):
    path = folder / "client.p12"
    secret = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"ktt", key, certificate, None, secret))
    return path


@pytest.mark.parametrize("password", [b"hemmelig", None])
@pytest.mark.parametrize(
    "key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())], ids=["RSA", "EC"]
)
def test_a_key_is_imported(tmp_path, key, password):
    made = imported_key(packed(tmp_path, key, password), password, NOW, None)
    write_key(tmp_path / "client.jwk", made)
    assert read_client_key(tmp_path / "client.jwk").thumbprint == made["kid"]
    assert made["exp"] == int(YEAR.timestamp())


def test_a_certificate_says_until_when(tmp_path):
    pem = self_signed(tmp_path).read_bytes()
    key, certificate = serialization.load_pem_private_key(pem, None), load_pem_x509_certificate(pem)
    ends = certificate.not_valid_after_utc
    path = packed(tmp_path, key, b"x", certificate)
    assert imported_key(path, b"x", NOW, None)["exp"] == int(ends.timestamp())
    earlier = ends - dt.timedelta(hours=1)
    assert imported_key(path, b"x", NOW, earlier)["exp"] == int(earlier.timestamp())


@pytest.mark.parametrize(
    ("make", "password", "reason"),
    [
        (lambda folder: packed(folder, ec.generate_private_key(ec.SECP256R1()), b"x"), b"y", "password is wrong"),
        (lambda folder: packed(folder, ec.generate_private_key(ec.SECP256R1()), b"x"), None, "password is wrong"),
        (lambda folder: packed(folder, ed25519.Ed25519PrivateKey.generate(), b"x"), b"x", "neither RSA"),
        (lambda folder: packed(folder, rsa.generate_private_key(65537, 1024), b"x"), b"x", "neither RSA"),
        (lambda folder: packed(folder, ec.generate_private_key(ec.SECP256K1()), b"x"), b"x", "neither RSA"),
        (lambda folder: folder / "none.p12", b"x", "it is not there"),
    ],
)
def test_a_file_that_cannot_be_imported(tmp_path, make, password, reason):
    with pytest.raises(StoreUnreadable) as fault:
        imported_key(make(tmp_path), password, NOW, None)
    assert reason in fault.value.says().en
