"""Packs of unlike shape, from record system to registry: the same records come through, whatever the messages look like."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from ktt.cli.app import run
from ktt.core.clock import SystemClock
from ktt.domain.content import content_hash
from ktt.domain.records import RECIPIENT, ROOTS
from ktt.messages.contract import Accepted, OutgoingMessage
from ktt.messages.errors import MappingMissing
from ktt.messages.register import BUILT_IN, open_pack
from ktt.sender.client.factory import open_receiver_client
from ktt.sender.daily import run_daily
from ktt.sender.outbox.interventions.resend import Resend
from ktt.sender.settings import SenderSettings
from ktt.testing.conformance.case import Verdict
from ktt.testing.conformance.receiver.pack_cases import pack_cases
from ktt.testing.conformance.receiver.run import run_suite
from ktt.testing.conformance.receiver.target import target_from
from ktt.testing.demo.demo import LOAD_DAY, Demo, DemoSize
from ktt.testing.sandbox import Sandbox
from ktt.testing.sandbox.settings import SandboxSettings
from ktt.testing.synthetic.advance import advance_day
from ktt.wiring.sender import outbox_from, sender_from

PACKS = Path(__file__).parents[1] / "packs"
UNLIKE = sorted(path.name for path in PACKS.iterdir() if (path / "pack.toml").exists())
RECIPIENTS, DAYS, SINCE = 8, 2, dt.date(2025, 1, 1)


@contextmanager
def demonstrated(folder: Path, *packs: str, days: int = DAYS):
    """A municipality sent in these packs: the demo, its sandbox and unit, and the result."""
    demo = Demo(folder, DemoSize(RECIPIENTS, days, since=SINCE, packs=packs), lambda *_: None)
    unit = demo.write_epj()
    with demo.sandbox(unit) as sandbox:
        yield demo, sandbox, unit, demo.run(sandbox, unit)


def content(sandbox, unit):
    """Every record of the registry with its parts, and every person."""
    records = sandbox.registry.records(unit)
    kinds = [kind for root in (RECIPIENT, *ROOTS) for kind in (root, *root.parts) if kind.name in records]
    return {kind.name: records[kind.name].sort(records[kind.name].columns).to_dicts() for kind in kinds}


@pytest.fixture(scope="module")
def in_ktt_v1(tmp_path_factory):
    with demonstrated(tmp_path_factory.mktemp("ktt_v1"), BUILT_IN) as (_, sandbox, unit, result):
        result.check()
        return content(sandbox, unit), {one.record_type: one.registry for one in result.comparisons}


@pytest.mark.parametrize("name", UNLIKE)
def test_the_registry_holds_the_same_records_in_every_pack_and_none_of_a_retired_unit(tmp_path, in_ktt_v1, name):
    records, hashes = in_ktt_v1
    with demonstrated(tmp_path, str(PACKS / name)) as (_, sandbox, unit, result):
        result.check()
        assert {one.record_type: one.registry for one in result.comparisons} == hashes
        found = content(sandbox, unit)
        settings = ("--config", str(tmp_path / "sender" / "sender.toml"), "--on", f"{LOAD_DAY + dt.timedelta(days=3)}")
        assert run(["unit", "retire", *settings, "--reason", "slutt"]) == 0
        assert sandbox.wait_for_ingest()
        withdrawn = sandbox.registry.content_hashes(unit, who="a test", why="proof")
    assert set(withdrawn.values()) == {content_hash([])}
    for kind, rows in records.items():
        assert _without_times(found[kind]) == _without_times(rows), kind


def _without_times(rows):
    """When a record was registered is not content, and a pack may say it once for several records."""
    return [{name: value for name, value in row.items() if name != "recorded_at"} for row in rows]


@pytest.mark.parametrize("name", UNLIKE)
def test_a_change_of_pack_sends_nothing_again(tmp_path, name):
    """What was sent in one pack is known in the next, and what changes from then on is sent in that; there and back."""
    own = open_pack(PACKS / name).name
    with demonstrated(tmp_path, BUILT_IN, str(PACKS / name), days=0) as (demo, sandbox, unit, result):
        result.check()
        assert {one.pack for one in messages_of(tmp_path)} == {own}
        settings = SenderSettings.load(tmp_path / "sender" / "sender.toml")
        for ahead, pack in enumerate((BUILT_IN, own)):
            places = {BUILT_IN: BUILT_IN, own: str(PACKS / name)}
            changed = settings.model_copy(update={"packs": (places[pack],)})
            day = LOAD_DAY + dt.timedelta(days=ahead)
            quiet = demo._send(changed, day, daily=True)
            assert (quiet.messages, quiet.undelivered) == (0, 0)
            advance_day(tmp_path / "epj")
            report = demo._send(changed, day + dt.timedelta(days=1), daily=True)
            report.check()
            assert {one.pack for one in messages_of(tmp_path)[-report.messages :]} == {pack}
            assert 0 < report.messages < 20
            assert all(one.same for one in demo.compare(sandbox, unit)), (ahead, pack)
        with sender_from(changed, on=day + dt.timedelta(days=1)) as sender:
            sender.outbox.resend(unit, Resend(), by="ola", reason="mottakeren ba om det")
            everything = run_daily(sender, day + dt.timedelta(days=1))
        everything.check()
        assert {name: (one.new, one.unchanged) for name, one in everything.types.items()} == dict.fromkeys(
            everything.types, (0, 0)
        )
        assert everything.messages > 0
        assert all(one.same for one in demo.compare(sandbox, unit))


def messages_of(folder):
    """The messages of the sender's outbox, in order."""
    settings = SenderSettings.load(folder / "sender" / "sender.toml")
    with outbox_from(settings) as outbox:
        return outbox.messages(settings.unit.reporting_unit)


def test_a_pack_without_mapping_is_received_and_read_once_there_is_one(tmp_path):
    """On the day somebody has nothing but the schemas."""
    bare = tmp_path / "bare"
    shutil.copytree(PACKS / "text_everywhere", bare)
    (bare / "mapping.toml").unlink()
    shutil.rmtree(bare / "examples")
    version = open_pack(PACKS / "text_everywhere").versions[0]
    settings = SandboxSettings(folder=tmp_path / "sandbox", helseid_port=0, mottak_port=0, packs=(str(bare),))
    with Sandbox(settings) as sandbox:
        unit = sandbox.units[0]
        payload = next(body for name, body in version.examples().items() if name.startswith("N"))
        value = json.loads(payload)
        value["innsendar"] |= {"organisasjon": unit.organisation, "kommune": unit.municipality, "bydel": ""}
        body = json.dumps(value, ensure_ascii=False).encode()
        sender = SenderSettings.load(sandbox.write_sender(tmp_path / "sender"))
        with open_receiver_client(sender, SystemClock()) as receiver:
            outcome = receiver.send(OutgoingMessage(unit, version.message_type, version.version, body, LOAD_DAY))
        assert isinstance(outcome, Accepted), outcome
        sandbox.wait_for_ingest()
        assert [one.code for one in sandbox.registry.held()] == [MappingMissing.code]
        for path in ("/openapi.json", "/swagger", f"/schemas/{version.message_type}/{version.version}"):
            assert urlopen(sandbox.mottak_url + path).status == 200, path
    shutil.copy(PACKS / "text_everywhere" / "mapping.toml", bare / "mapping.toml")
    with Sandbox(replace_packs(settings, tmp_path, bare)) as sandbox:
        sandbox.wait_for_ingest()
        assert sandbox.registry.held() == []
        (batch,) = version.read(body)
        kind = version.carriers[0]
        assert sandbox.registry.current(unit, kind.name).height == batch.records[kind.name].height > 0


def replace_packs(settings, tmp_path, bare):
    """The same sandbox with the pack read anew, from another folder since a pack is read once in a program."""
    mapped = tmp_path / "mapped"
    shutil.copytree(bare, mapped)
    return settings.model_copy(update={"packs": (str(mapped),)})


@pytest.mark.parametrize("name", UNLIKE)
def test_the_suite_for_a_receiver_plays_a_packs_examples(tmp_path, name):
    settings = SandboxSettings(folder=tmp_path, helseid_port=0, mottak_port=0, packs=(str(PACKS / name),))
    cases = pack_cases(open_pack(PACKS / name).versions)
    assert len(cases) > 10
    with Sandbox(settings) as sandbox:
        results = run_suite(target_from(sandbox.config), cases)
    assert [one.case.purpose.en for one in results if one.verdict is not Verdict.PASSED] == []
