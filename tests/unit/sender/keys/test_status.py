"""How long a key has left, and when it begins to be urgent."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from ktt.sender.client.key_change import new_key_file
from ktt.sender.keys.status import key_status, set_expiry
from support.wire_keys import private_jwk

NOW = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


def written(path, kind="ES256", **more):
    path.write_text(json.dumps({**private_jwk(kind), **more}))
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    ("left", "level", "exit_code", "words"),
    [
        (dt.timedelta(days=61), "good", 0, "2026-05-02 (61 days left)"),
        (dt.timedelta(days=60), "notice", 4, "expires on 2026-05-01, in 60 days"),
        (dt.timedelta(days=30), "warning", 4, "expires soon"),
        (dt.timedelta(days=7), "urgent", 15, "in 7 days. Then sending stops"),
        (dt.timedelta(days=1), "urgent", 15, "in 1 day."),
        (dt.timedelta(seconds=1), "urgent", 15, "in 0 days"),
        (dt.timedelta(0), "expired", 15, "expired on 2026-03-02"),
        (dt.timedelta(days=-3), "expired", 15, "expired on 2026-02-27"),
    ],
)
def test_the_alarms(tmp_path, left, level, exit_code, words):
    found = key_status(written(tmp_path / "k", exp=int((NOW + left).timestamp())), NOW)
    assert (found.level, found.exit_code) == (level, exit_code)
    assert words in found.says.en


def test_a_key_that_does_not_say_until_when_is_no_good_news(tmp_path):
    path = written(tmp_path / "k", "RSA-2048")
    found = key_status(path, NOW)
    assert (found.level, found.exit_code, found.current.kind) == ("unknown", 4, "RSA-2048")
    assert "ktt key expiry" in found.remedy.nb
    set_expiry(path, NOW + dt.timedelta(days=100))
    after = key_status(path, NOW)
    assert (after.level, after.current.kid) == ("good", found.current.kid)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("exp", ["tomorrow", 10**30, True, 1.5])
def test_an_expiry_that_is_none(tmp_path, exp):
    assert key_status(written(tmp_path / "k", exp=exp), NOW).level == "unknown"


def test_a_change_that_is_going_on(tmp_path):
    path = written(tmp_path / "k", exp=int(NOW.timestamp()))
    written(new_key_file(path), "ES384")
    found = key_status(path, NOW)
    assert found.new is not None
    assert (found.new.kind, found.current.kind) == ("P-384", "P-256")
    assert "Register it" in found.remedy.en
    assert found.as_data(NOW)["new"]["kid"] == found.new.kid
    assert private_jwk("ES256")["d"] not in str(found.as_data(NOW))
