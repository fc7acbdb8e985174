"""A client that shares no code with ours sends to the sandbox, knowing only the file that `--config-out` wrote and the
published protocol. Everything the client needs stands in this file: `http.client`, `json`, `hashlib` and `cryptography`.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ktt.testing.sandbox.registration import running_folders

EXAMPLES = Path(__file__).parents[2] / "src" / "ktt" / "messages" / "packs" / "ktt_v1" / "examples"


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


class ForeignClient:
    """Somebody else's client."""

    def __init__(self, config: dict) -> None:
        self.config, self.jwk = config, config["helseid"]["private_jwk"]
        public = rsa.RSAPublicNumbers(number(self.jwk["e"]), number(self.jwk["n"]))
        p, q, d = (number(self.jwk[name]) for name in "pqd")
        self.key = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()

    def jwt(self, header: dict, claims: dict) -> str:
        parts = [b64url(json.dumps(part).encode()) for part in ({"alg": "RS256", **header}, claims)]
        signature = self.key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
        return ".".join([*parts, b64url(signature)])

    def proof(self, method: str, url: str, **claims: str) -> str:
        header = {"typ": "dpop+jwt", "jwk": {name: self.jwk[name] for name in ("kty", "n", "e")}}
        return self.jwt(
            header, {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time()), **claims}
        )

    def ask(
        self, method: str, url: str, body: bytes = b"", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        parts = urlsplit(url)
        line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        try:
            line.request(method, parts.path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def token(self) -> str:
        authority, client_id = self.config["helseid"]["authority"], self.config["helseid"]["client_id"]
        status, _, body = self.ask("GET", f"{authority}/.well-known/openid-configuration")
        endpoint = json.loads(body)["token_endpoint"]
        assert (status, endpoint) == (200, self.config["helseid"]["token_endpoint"])
        nonce: dict[str, str] = {}
        for _ in range(2):
            now = int(time.time())
            who = {"iss": client_id, "sub": client_id, "aud": authority, "jti": str(uuid.uuid4())}
            assertion = self.jwt(
                {"typ": "client-authentication+jwt", "kid": self.jwk["kid"]},
                {**who, "iat": now, "nbf": now, "exp": now + 30},
            )
            form = {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
                "scope": self.config["helseid"]["scope"],
            }
            status, headers, body = self.ask(
                "POST",
                endpoint,
                urlencode(form).encode(),
                Content_Type="application/x-www-form-urlencoded",
                DPoP=self.proof("POST", endpoint, **nonce),
            )
            if status == 200:
                return json.loads(body)["access_token"]
            assert json.loads(body)["error"] == "use_dpop_nonce"
            nonce = {"nonce": headers["DPoP-Nonce"]}
        raise AssertionError(body)

    def send(self, message_type: str, plaintext: bytes) -> tuple[int, str, dict]:
        base = self.config["mottak"]["base_url"]
        listed = json.loads(self.ask("GET", f"{base}/keys")[2])
        chosen = max(listed, key=lambda entry: entry["expirationDate"])
        public = serialization.load_pem_public_key(chosen["publicKey"].encode())
        symmetric, iv = os.urandom(32), os.urandom(16)
        filled = plaintext + bytes([16 - len(plaintext) % 16]) * (16 - len(plaintext) % 16)
        encryptor = Cipher(algorithms.AES(symmetric), modes.CBC(iv)).encryptor()
        body = base64.b64encode(iv + encryptor.update(filled) + encryptor.finalize())
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        token = self.token()
        proof = self.proof(
            "POST",
            f"{base}/message",
            msg_type=message_type,
            msg_version="1",
            msg_hash=b64url(hashlib.sha256(plaintext).digest()),
            enc_sym_key=b64url(public.encrypt(symmetric, oaep)),
            enc_key_id=chosen["id"],
            ath=b64url(hashlib.sha256(token.encode()).digest()),
        )
        status, headers, answer = self.ask(
            "POST",
            f"{base}/message",
            body,
            Authorization=f"DPoP {token}",
            DPoP=proof,
            Content_Type="text/plain; charset=utf-8",
            x_vendor_name="Fremmed AS",
            x_software_name="FremmedEPJ",
            x_software_version="1",
            x_export_software_version="1",
            x_data_extraction_date=datetime.now(UTC).strftime("%d.%m.%Y"),
        )
        return status, headers["X-Correlation-ID"], json.loads(answer)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict]:
    """The command itself, in a process of its own; all that comes back is the file."""
    folder = tmp_path_factory.mktemp("foreign")
    out = folder / "client.json"
    command = [sys.executable, "-m", "ktt", "sandbox", "up", "--helseid-port", "0", "--mottak-port", "0", "--json"]
    options = ["--folder", str(folder / "sandbox"), "--config-out", str(out)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        shown = b""
        while not shown.rstrip().endswith(b"}"):
            line = running.stdout.readline()
            assert line, "the sandbox did not start"
            shown += line
        assert json.loads(shown)["config_out"] == str(out)
        assert out.stat().st_mode & 0o777 == 0o600
        yield json.loads(out.read_text())
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0, "Ctrl-C stops it in order"


def example(message_type: str) -> bytes:
    return next(
        path for path in sorted((EXAMPLES / message_type).glob("N*.json")) if ".expects" not in path.name
    ).read_bytes()


def test_the_file_holds_what_is_promised(config: dict):
    assert set(config) == {"helseid", "mottak", "unit", "sandbox"}
    assert set(config["helseid"]) == {"authority", "token_endpoint", "client_id", "scope", "private_jwk"}
    assert set(config["mottak"]) == {"base_url"}
    assert config["unit"] == {"orgnr": "312000008", "kommunenr": "1114", "bydelnr": None}
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", config["helseid"]["client_id"])


def test_other_commands_find_it(config: dict):
    assert Path(config["sandbox"]["folder"]) in running_folders()


def test_a_foreign_client_delivers(config: dict):
    client = ForeignClient(config)
    status, correlation, answer = client.send("KTT_Vedtak", example("KTT_Vedtak"))
    assert (status, answer) == (200, {"delivered": True, "errors": []})
    assert uuid.UUID(correlation)
    assert client.send("KTT_Vedtak", example("KTT_Vedtak"))[1] == correlation, "sent again: the first receipt"


def test_a_foreign_client_is_told_what_is_wrong(config: dict):
    status, _, answer = ForeignClient(config).send("KTT_Vedtak", b'[{"orgNr": 1}]')
    assert (status, answer["delivered"], answer["errors"][0]["errorCode"]) == (400, False, 2008)
    assert isinstance(json.loads(answer["errors"][0]["errorDetails"]), list)


def test_another_client_is_not_let_in(config: dict):
    own = {**config["helseid"]["private_jwk"]}
    stranger = ForeignClient({**config, "helseid": {**config["helseid"], "private_jwk": own}})
    stranger.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises((AssertionError, KeyError)):
        stranger.token()
