"""The vault: only the same key and the same context open what was sealed, and the key is its owner's alone."""

from __future__ import annotations

import os
import stat
import sys
import threading

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ktt.storage.errors import KeyFileTooOpen, KeyFileUnreadable, KeyFileUnwritable, SealBroken
from ktt.storage.vault import Vault, read_secret, replace_secret, write_secret

KEY, OTHER = bytes(32), bytes(31) + b"\x01"
CONTEXT = "outbox/312000008-1114/17"

posix = pytest.mark.skipif(sys.platform == "win32", reason="the folder's rights decide there")


def names(folder):
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("plaintext", [b"", b"41815012345", bytes(100_000)])
def test_what_is_sealed_opens(plaintext):
    vault = Vault(KEY)
    assert vault.open(vault.seal(plaintext, CONTEXT), CONTEXT) == plaintext


def test_the_same_text_never_looks_the_same_twice_and_never_like_itself():
    vault = Vault(KEY)
    first, second = vault.seal(b"41815012345", CONTEXT), vault.seal(b"41815012345", CONTEXT)
    assert first != second
    assert b"41815012345" not in first


def test_the_sealed_form_is_a_version_twelve_random_bytes_and_the_ciphertext(monkeypatch):
    asked = []

    def random(count):
        asked.append(count)
        return bytes(range(count))

    monkeypatch.setattr("ktt.storage.vault.secrets.token_bytes", random)
    sealed = Vault(KEY).seal(b"content", CONTEXT)
    assert asked == [12]  # what AES-GCM takes as it is; fewer random bytes would soon come a second time
    assert sealed[:13] == b"\x01" + bytes(range(12))
    assert len(sealed) == 1 + 12 + len(b"content") + 16
    assert AESGCM(KEY).decrypt(bytes(range(12)), sealed[13:], CONTEXT.encode()) == b"content"


def test_a_nonce_never_comes_again_in_whole_or_in_part():
    vault = Vault(KEY)
    nonces = [vault.seal(b"", CONTEXT)[1:13] for _ in range(2000)]
    for part in (slice(0, 6), slice(6, 12), slice(0, 12, 2), slice(1, 12, 2)):
        assert len({nonce[part] for nonce in nonces}) == len(nonces)


def test_every_byte_and_the_context_count():
    sealed = Vault(KEY).seal(b"content", CONTEXT)
    tampered = [sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in range(len(sealed))]
    for wrong in [*tampered, sealed[:-1], sealed + b"\0", b"", sealed[:5]]:
        with pytest.raises(SealBroken):
            Vault(KEY).open(wrong, CONTEXT)
    for vault, context in [(Vault(OTHER), CONTEXT), (Vault(KEY), "outbox/312000008-1114/18")]:
        with pytest.raises(SealBroken):
            vault.open(sealed, context)


def test_keys_for_other_purposes_differ_and_are_always_the_same():
    assert Vault(KEY).derive("fingerprint") == Vault(KEY).derive("fingerprint")
    derived = {KEY, *(vault.derive(purpose) for vault in (Vault(KEY), Vault(OTHER)) for purpose in ("a", "b"))}
    assert len(derived) == 5


def test_what_an_earlier_release_sealed_and_derived_is_still_the_same():
    """Values of the first release. If they change, no stored payload opens and every record looks changed."""
    sealed = bytes.fromhex("01000102030405060708090a0beba45d266593fbd086d987820fbe9556a262d97de0f997")
    assert Vault(KEY).open(sealed, CONTEXT) == b"content"
    assert Vault(KEY).derive("fingerprint").hex() == "24dfe643bdf2cb308d358f5189d501892e81529c62b265281d3af78e716eb838"


def test_a_vault_shows_nothing():
    assert repr(Vault(KEY)) == "Vault(•••)"


@posix
def test_a_key_file_is_made_once_and_is_its_owners_alone(tmp_path):
    path = tmp_path / "keys" / "outbox.key"
    first = Vault.from_file(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert names(path.parent) == ["outbox.key"]
    again = Vault.from_file(path, create=True)
    assert again.open(first.seal(b"x", CONTEXT), CONTEXT) == b"x"


def test_of_many_who_make_the_key_at_once_all_get_the_same(tmp_path):
    vaults = []

    def make():
        vaults.append(Vault.from_file(tmp_path / "key", create=True))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({vault.derive("x") for vault in vaults}) == 1
    assert len(vaults) == 8


@pytest.mark.parametrize(("write", "names_it"), [(write_secret, "link"), (replace_secret, "replace")])
def test_a_secret_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch, write, names_it):
    """Else a machine that stops would leave a key file that is empty."""
    steps = []
    for step in ("fsync", names_it):
        real = getattr(os, step)
        monkeypatch.setattr(os, step, lambda *given, step=step, real=real: (steps.append(step), real(*given))[1])
    write(tmp_path / "key", b"first")
    assert steps == ["fsync", names_it]


def test_a_secret_is_replaced_in_one_step_and_nothing_is_left_when_that_fails(tmp_path):
    write_secret(tmp_path / "key", b"first")
    replace_secret(tmp_path / "key", b"second")
    assert read_secret(tmp_path / "key") == b"second"
    (tmp_path / "folder").mkdir()
    with pytest.raises(KeyFileUnwritable):
        replace_secret(tmp_path / "folder", b"third")
    assert sorted(names(tmp_path)) == ["folder", "key"]


def test_a_secret_is_never_written_over(tmp_path):
    write_secret(tmp_path / "key", b"first")
    with pytest.raises(FileExistsError):
        write_secret(tmp_path / "key", b"second")
    assert read_secret(tmp_path / "key") == b"first"
    assert names(tmp_path) == ["key"]


@pytest.mark.parametrize("content", [b"", b"zz" * 32, b"00" * 31, b"00" * 33, b"\xff\xfe"])
def test_a_file_that_is_no_key_is_refused_without_showing_it(tmp_path, content):
    write_secret(tmp_path / "key", content)
    with pytest.raises(KeyFileUnreadable) as caught:
        Vault.from_file(tmp_path / "key")
    assert not content or content.decode("latin-1")[:6] not in str(caught.value)


def test_a_key_that_is_missing_is_not_made_unasked(tmp_path):
    with pytest.raises(KeyFileUnreadable):
        Vault.from_file(tmp_path / "key")
    assert names(tmp_path) == []


def test_where_nothing_can_be_written_is_a_known_fault(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KeyFileUnwritable):
        Vault.from_file(tmp_path / "file" / "key", create=True)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o777])
def test_a_key_that_others_can_read_is_refused(tmp_path, mode):
    write_secret(tmp_path / "key", KEY.hex().encode())
    (tmp_path / "key").chmod(mode)
    with pytest.raises(KeyFileTooOpen, match=f"{mode:o}"):
        Vault.from_file(tmp_path / "key")
