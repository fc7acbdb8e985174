"""What a message changes in the snapshot."""

from __future__ import annotations

import zlib

import orjson
import polars as pl
import pytest

from ktt.sender.outbox.manifest import SNAPSHOT_SCHEMA, Manifest, fold, pack, unpack
from support.outbox_queues import as_dict, message


def frame(**ids):
    return pl.DataFrame({"local_id": list(ids), "fingerprint": list(ids.values())}, schema=SNAPSHOT_SCHEMA)


def test_a_manifest_survives_packing():
    planned = message(a="1", b="2", delete=("c", "æ\x1f'\""))
    assert unpack(pack(planned), "decision") == {"care_service": Manifest.of(planned, "care_service")}


def test_a_manifest_of_an_older_outbox_is_of_the_messages_one_type():
    older = zlib.compress(orjson.dumps([["c"], ["a"], ["1"]]))
    assert unpack(older, "decision") == {"decision": Manifest(["c"], ["a"], ["1"])}


def test_a_record_outlives_its_own_deletion():
    manifest = Manifest.of(message(a="1", delete=("a", "b")), "care_service")
    assert (manifest.deletions, manifest.local_ids) == (["b"], ["a"])


@pytest.mark.parametrize(
    ("manifests", "after"),
    [
        ([], {"a": "1", "b": "2"}),
        ([Manifest([], ["c"], ["3"])], {"a": "1", "b": "2", "c": "3"}),
        ([Manifest([], ["a"], ["9"])], {"a": "9", "b": "2"}),
        ([Manifest(["a"], [], [])], {"b": "2"}),
        ([Manifest(["a"], [], []), Manifest([], ["a"], ["8"])], {"a": "8", "b": "2"}),
        ([Manifest([], ["a"], ["8"]), Manifest(["a", "x"], [], [])], {"b": "2"}),
    ],
)
def test_the_last_manifest_with_an_id_counts(manifests, after):
    assert as_dict(fold(frame(a="1", b="2"), manifests)) == after
