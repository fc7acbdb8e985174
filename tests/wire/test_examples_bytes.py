"""How the clients in C# and PowerShell lay out their bytes, read from their source and tried on FHI's recorded bytes.

A source is searched for each choice that decides a byte: lengths, order, cipher, padding, hashes, alphabets, what is
signed. The recordings must open, and their signatures and hashes hold, with just those choices. The client in C# is run
besides (`tests/journeys/test_examples.py`): it shows that the reading is right. The one in PowerShell is not.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ktt.testing.conformance.golden import NAMES, golden_recording, plaintexts
from ktt.wire import jws
from support.wire_rules import number

EXAMPLES = Path(__file__).parents[2] / "examples"
SOURCES = {"csharp": "csharp/Send.cs", "powershell": "powershell/send.ps1"}
RECORDINGS = {name: golden_recording(name) for name in NAMES}
READ = {
    "csharp": (
        r"byte\[\] secret = RandomNumberGenerator\.GetBytes\((?P<secret>\d+)\), iv = RandomNumberGenerator\.GetBytes\((?P<iv>\d+)\)",
        r"aes\.Key = (?P<key>\w+);",
        r"body = Convert\.(?P<body>\w+)\(\[\.\. (?P<first>\w+), \.\. aes\.Encrypt(?P<mode>\w+)\(message\.Content, iv, PaddingMode\.(?P<padding>\w+)\)\]\)",
        r'\["enc_sym_key"\] = Its\.(?P<wrapped>\w+)\(key\.PublicKey\.Encrypt\(secret, RSAEncryptionPadding\.(?P<oaep>\w+)\)\)',
        r'\["ath"\] = Its\.(?P<ath>\w+)\(Encoding\.ASCII\.GetBytes\(token\)\)',
        r"var content = .*\? raw\[(?P<mark>\d+)\.\.\] : raw;",
        r"new Message\(Path\.GetFileName\(file\), content, Its\.(?P<hash>\w+)\(content\), type, version, date\)",
        r"Sha256\(byte\[\] bytes\) => (?P<unpadded>\w+)\(SHA256\.HashData\(bytes\)\)",
        r"ToBase64String\(bytes\)\.TrimEnd\('(?P<trimmed>.)'\)\.Replace\('\+', '(?P<plus>.)'\)\.Replace\('/', '(?P<slash>.)'\)",
        r'text = \$"\{Its\.Base64Url\(Its\.Utf8\((?P<signed>\w+)\)\)\}(?P<dot>.)\{Its\.Base64Url\(Its\.Utf8\(claims\)\)\}"',
        r"alg\[0\] == '(?P<letter>.)' \? RSASignaturePadding\.(?P<then>\w+) : RSASignaturePadding\.(?P<other>\w+)",
        r'SignData\(Encoding\.ASCII\.GetBytes\(text\), new HashAlgorithmName\(\$"SHA\{alg\[(?P<bits>\d)\.\.\]\}"\), padding\)',
    ),
    "powershell": (
        r"\$secret = \S+RandomNumberGenerator\]::GetBytes\((?P<secret>\d+)\)",
        r"\$iv = \S+RandomNumberGenerator\]::GetBytes\((?P<iv>\d+)\)",
        r"\$aes\.Key = \$(?P<key>\w+)\n",
        r"\$sealed = \$aes\.Encrypt(?P<mode>\w+)\(\[byte\[\]\]\$Message\.Content, \$iv, \S+PaddingMode\]::(?P<padding>\w+)\)",
        r"\$whole = \[byte\[\]\]::new\((?P<room>\d+) \+ \$sealed\.Length\)\n",
        r"\$(?P<first>\w+)\.CopyTo\(\$whole, 0\)\n\s+\$sealed\.CopyTo\(\$whole, (?P<after>\d+)\)\n\s+\$body = \[Convert\]::(?P<body>\w+)\(\$whole\)",
        r"\$wrapped = ConvertTo-(?P<wrapped>\w+) \(\$key\.Public\.Encrypt\(\$secret, \S+RSAEncryptionPadding\]::(?P<oaep>\w+)\)\)",
        r"enc_sym_key = \$(?P<sent>\w+); enc_key_id = \$key\.Id",
        r"ath = \(Get-(?P<ath>\w+) \(\[Text\.Encoding\]::ASCII\.GetBytes\(\$token\)\)\)",
        r"\$content = \$content\[(?P<mark>\d+)\.\.\(\$content\.Length - 1\)\]",
        r"Content = \$content; Hash = \(Get-(?P<hash>\w+) \$content\); Type",
        r"Get-Sha256\(\[byte\[\]\]\$Bytes\) \{ ConvertTo-(?P<unpadded>\w+) \(\S+SHA256\]::HashData\(\$Bytes\)\) \}",
        r"ToBase64String\(\$Bytes\)\.TrimEnd\('(?P<trimmed>.)'\)\.Replace\('\+', '(?P<plus>.)'\)\.Replace\('/', '(?P<slash>.)'\)",
        r"foreach \(\$part in \$(?P<signed>\w+), \$Claims\)",
        r"\$text = \$segments -join '(?P<dot>.)'",
        r"\$Alg\[0\] -eq '(?P<letter>.)'\) \{ \S+RSASignaturePadding\]::(?P<then>\w+) \} else \{ \S+RSASignaturePadding\]::(?P<other>\w+) \}",
        r"HashAlgorithmName\]::new\(\"SHA\$\(\$Alg\.Substring\((?P<bits>\d)\)\)\"\)",
        r"SignData\(\[Text\.Encoding\]::ASCII\.GetBytes\(\$text\), \$hash, \$padding\)",
    ),
}
"""What the sources write, and the choices in it. Every pattern must be found once."""


class UnknownLayout(Exception):
    """The source does not write what the test can read, or chooses what the test does not know."""


class Layout(NamedTuple):
    """The choices of one source, by the names in `READ`."""

    said: dict[str, str]

    def pick(self, name: str, choices: dict):
        try:
            return choices[self.said[name].lower()]
        except KeyError as unknown:
            raise UnknownLayout(name) from unknown

    def base64url(self, raw: bytes) -> str:
        text = base64.b64encode(raw).decode().rstrip(self.said["trimmed"])
        return text.replace("+", self.said["plus"]).replace("/", self.said["slash"])

    def sha256(self, raw: bytes, used_for: str) -> str:
        self.pick("unpadded", {"base64url": True})
        self.pick(used_for, {"sha256": True})
        return self.base64url(hashlib.sha256(raw).digest())

    def key(self, private, wrapped: str) -> bytes:
        """The message's key as the client wrapped it."""
        self.pick("wrapped", {"base64url": True})
        raw = base64.b64decode(wrapped.translate({ord(self.said["plus"]): "+", ord(self.said["slash"]): "/"}) + "==")
        if self.base64url(raw) != wrapped:
            raise UnknownLayout("wrapped")
        digest = self.pick("oaep", {"oaepsha256": hashes.SHA256(), "oaepsha1": hashes.SHA1()})
        return private.decrypt(raw, rsa_padding.OAEP(rsa_padding.MGF1(digest), digest, None))

    def plaintext(self, key: bytes, body: str) -> bytes:
        (
            self.pick("body", {"tobase64string": True}),
            self.pick("key", {"secret": True}),
            self.pick("first", {"iv": True}),
        )
        if len(key) != int(self.said["secret"]):
            raise UnknownLayout("secret")
        raw, length = base64.b64decode(body, validate=True), int(self.said["iv"])
        if {self.said.get("room"), self.said.get("after")} - {None, str(length)}:
            raise UnknownLayout("room")
        mode = self.pick("mode", {"cbc": modes.CBC})(raw[:length])
        opened = Cipher(algorithms.AES(key), mode).decryptor()
        padded = opened.update(raw[length:]) + opened.finalize()
        unpadder = self.pick("padding", {"pkcs7": padding.PKCS7, "ansix923": padding.ANSIX923})(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()

    def verify(self, compact: str, header: dict) -> None:
        """The signature over what the client signs, with the hash and the padding that it takes from the algorithm."""
        self.pick("signed", {"header": True})
        signed, _, signature = compact.rpartition(self.said["dot"])
        alg = header["alg"]
        digest = {"256": hashes.SHA256()}[alg[int(self.said["bits"]) :]]
        name = "then" if alg[0] == self.said["letter"] else "other"
        pss = rsa_padding.PSS(rsa_padding.MGF1(digest), digest.digest_size)  # .NET's only length of the salt
        form = self.pick(name, {"pss": pss, "pkcs1": rsa_padding.PKCS1v15()})
        public = rsa.RSAPublicNumbers(number(header["jwk"]["e"]), number(header["jwk"]["n"])).public_key()
        public.verify(base64.urlsafe_b64decode(signature + "=="), signed.encode(), form, digest)


def read_layout(language: str, text: str) -> Layout:
    """The choices of a source; UnknownLayout when it does not say one of them, or says it twice."""
    said: dict[str, str] = {}
    for pattern in READ[language]:
        found = list(re.finditer(pattern, text))
        if len(found) != 1:
            raise UnknownLayout(pattern)
        said |= found[0].groupdict()
    if said.get("sent", "wrapped") != "wrapped":
        raise UnknownLayout("sent")
    return Layout(said)


@functools.cache
def source(language: str) -> str:
    return (EXAMPLES / SOURCES[language]).read_text(encoding="utf-8")


def compare(layout: Layout) -> None:
    """Every recorded message, signed both ways: content, hashes and signature."""
    for recording in RECORDINGS.values():
        private = load_pem_private_key(recording.material["slash_private_key"].encode(), None)
        token = recording.material["access_token"].encode("ascii")
        for request, content in zip(recording.to("/message"), plaintexts(), strict=True):
            proof = jws.parse(request.header("DPoP"))
            key = layout.key(private, proof.payload["enc_sym_key"])
            assert layout.plaintext(key, request.body.decode()) == content
            hashed = proof.payload["msg_hash"], proof.payload["ath"]
            assert hashed == (layout.sha256(content, "hash"), layout.sha256(token, "ath"))
            layout.verify(request.header("DPoP"), proof.header)
    assert int(layout.said["mark"]) == len(b"\xef\xbb\xbf")


@pytest.mark.parametrize("language", SOURCES)
def test_the_recorded_bytes_are_laid_out_as_the_source_says(language):
    compare(read_layout(language, source(language)))


CHANGED = [
    ("csharp", "GetBytes(32)", "GetBytes(16)"),
    ("csharp", "[.. iv, .. aes", "[.. secret, .. aes"),
    ("csharp", "iv = RandomNumberGenerator.GetBytes(16)", "iv = RandomNumberGenerator.GetBytes(12)"),
    ("csharp", "PaddingMode.PKCS7", "PaddingMode.ANSIX923"),
    ("csharp", "OaepSHA256", "OaepSHA1"),
    ("powershell", "GetBytes(32)", "GetBytes(16)"),
    (
        "powershell",
        "$iv = [Security.Cryptography.RandomNumberGenerator]::GetBytes(16)",
        "$iv = [R.RandomNumberGenerator]::GetBytes(12)",
    ),
    ("powershell", "$sealed.CopyTo($whole, 16)", "$sealed.CopyTo($whole, 0)"),
    ("powershell", "EncryptCbc", "EncryptCfb"),
    ("powershell", "PaddingMode]::PKCS7", "PaddingMode]::ANSIX923"),
    ("powershell", "OaepSHA256", "OaepSHA1"),
    ("powershell", "ConvertTo-Base64Url ($key.Public", "[Convert]::ToBase64String ($key.Public"),
    ("powershell", ".Replace('+', '-')", ".Replace('+', '.')"),
    ("powershell", ".TrimEnd('=')", ".TrimEnd('-')"),
    ("powershell", "Hash = (Get-Sha256 $content)", "Hash = (Get-Sha512 $content)"),
    ("powershell", "$part in $Header, $Claims", "$part in $Claims, $Header"),
    ("powershell", "RSASignaturePadding]::Pss }", "RSASignaturePadding]::Pkcs1 }"),
    ("powershell", "$Alg.Substring(2)", "$Alg.Substring(1)"),
    ("powershell", "enc_sym_key = $wrapped", "enc_sym_key = $secret"),
]


@pytest.mark.parametrize(("language", "was", "becomes"), CHANGED)
def test_a_source_that_lays_out_one_byte_otherwise_is_noticed(language, was, becomes):
    assert was in source(language)
    changed = source(language).replace(was, becomes)
    with pytest.raises((UnknownLayout, AssertionError, ValueError, KeyError, InvalidSignature)):
        compare(read_layout(language, changed))
