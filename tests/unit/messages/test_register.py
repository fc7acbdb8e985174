"""Finding a message version."""

from __future__ import annotations

import pytest

from ktt.messages.errors import MessageTypeUnknown, PackUnknown
from ktt.messages.register import find, pack
from ktt.messages.settings import PackSettings
from ktt.messages.version import MessageVersion

TRAVEL_ORDER = ["KTT_Vedtak", "KTT_Tjeneste", "KTT_Personopplysninger", "KTT_Funksjonsvurdering", "KTT_Diagnose"]


def test_the_pack_comes_in_travel_order():
    assert [version.message_type for version in pack("ktt_v1")] == TRAVEL_ORDER


@pytest.mark.parametrize("message_type", TRAVEL_ORDER)
def test_a_version_is_found_by_type_and_number(message_type):
    version: MessageVersion = find(message_type, "1")
    assert (version.pack, version.message_type, version.version) == ("ktt_v1", message_type, "1")
    assert find(message_type, "1") is version


@pytest.mark.parametrize(
    ("message_type", "number"), [("KTT_Vedtak", "2"), ("HST_Avtale", "1"), ("", ""), ("ktt_vedtak", "1")]
)
def test_an_unknown_type_or_version_is_named_with_those_that_are_known(message_type, number):
    with pytest.raises(MessageTypeUnknown) as caught:
        find(message_type, number)
    assert caught.value.facts["message_type"] == message_type
    assert "KTT_Tjeneste 1" in caught.value.advises().nb


def test_a_strangers_type_name_is_made_safe_to_show():
    with pytest.raises(MessageTypeUnknown) as caught:
        find("x\n\x1b[31m" + "y" * 500, "1")
    assert caught.value.facts["message_type"] == "x??[31m" + "y" * 53


def test_an_unknown_pack():
    with pytest.raises(PackUnknown) as caught:
        pack("ktt_v9")
    assert "ktt_v1" in caught.value.advises().en


def test_the_sizes_of_the_contract():
    settings = PackSettings()
    sizes = (settings.max_body_bytes, settings.max_json_bytes, settings.target_json_bytes)
    assert sizes == (15_000_000, 11_000_000, 2_000_000)
