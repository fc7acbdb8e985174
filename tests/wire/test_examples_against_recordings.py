"""The clients in `examples/` write every name that FHI's own client wrote, and know FHI's codes by name.

Read, not run: it is what can be said of a client on a machine without its runtime, as of the one in PowerShell.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from ktt.testing.conformance import golden
from ktt.wire.answers import AnswerCode

EXAMPLES = Path(__file__).parents[2] / "examples"
SOURCES = ["node/send.mjs", "java/Send.java", "curl/send.sh", "csharp/Send.cs", "powershell/send.ps1"]
PROTOCOL = Path(__file__).parents[2] / "docs" / "reference" / "protocol"
BY_THE_LIBRARY = {"accept", "host", "content-length", "traceparent"}  # headers that every HTTP library writes by itself
OF_FHIS_CLIENT_ALONE = {"alg", "kid"}  # members of a proof that may be left out (transport § 5)


def requests() -> list[dict]:
    lines = (Path(golden.__file__).parent / "rs256" / "requests.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def decoded(jws: str) -> tuple[dict, dict]:
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "===")) for part in jws.split(".")[:2])
    return header, claims


def names() -> set[str]:
    """Headers, form fields, members and claims of one recorded submission."""
    found: set[str] = set()
    for request in requests()[:6]:
        if request["method"] != "POST":
            continue
        headers = {name.lower(): value for name, value in request["headers"]}
        found |= headers.keys() - BY_THE_LIBRARY
        header, claims = decoded(headers["dpop"])
        found |= header.keys() | header["jwk"].keys() | claims.keys() | {header["typ"]}
        if request["path"].endswith("/token"):
            form = {name: values[0] for name, values in parse_qs(request["body"]).items()}
            header, claims = decoded(form["client_assertion"])
            found |= form.keys() | claims.keys() | {form["grant_type"], form["client_assertion_type"]}
    return found - OF_FHIS_CLIENT_ALONE


def test_the_recording_has_what_is_looked_for():
    assert {"dpop", "x-vendor-name", "msg_hash", "enc_sym_key", "ath", "nonce", "client_assertion", "htu"} <= names()


@pytest.mark.parametrize("source", SOURCES)
def test_every_name_of_the_recording_is_written(source):
    text = (EXAMPLES / source).read_text(encoding="utf-8")
    automatic = {"content-type"}  # of a form, in most languages
    missing = {
        name
        for name in names() - automatic
        if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE)
    }
    assert missing == set()
    assert "text/plain" in text


@pytest.mark.parametrize("source", SOURCES)
def test_the_codes_are_those_of_the_protocol(source):
    text = (EXAMPLES / source).read_text(encoding="utf-8")
    pairs = dict(re.findall(r'"?\[?"?(\w+)"?\]?"?(?:: ?| ?= ?|, ?)(\d{4})L?\b', text))
    named = {code.label: str(int(code)) for code in AnswerCode}
    written = {name: code for name, code in pairs.items() if name in named}
    assert len(written) == 10
    assert written == {name: named[name] for name in written}


@pytest.mark.parametrize("source", SOURCES)
def test_the_limits_are_the_same_in_all(source):
    text = (EXAMPLES / source).read_text(encoding="utf-8").replace("_", "")
    numbers = re.findall(
        r"\$?(?:tries|firstwait|longestwait|answerwithin|largestbody|tokenmargin) ?= ?(\d+)", text, re.IGNORECASE
    )
    assert numbers == ["4", "1", "30", "40", "15000000", "10"]


@pytest.mark.parametrize("source", SOURCES)
def test_the_sections_that_the_comments_name_are_there(source):
    text = (EXAMPLES / source).read_text(encoding="utf-8")
    cited = re.findall(r"(helseid )?§ (\d+(?:\.\d+)?)", text)
    assert len(cited) > 20
    for page, section in cited:
        headings = (PROTOCOL / f"{'helseid' if page else 'transport'}.md").read_text(encoding="utf-8")
        assert re.search(rf"^#+ {re.escape(section)} ", headings, re.MULTILINE), (page, section)
