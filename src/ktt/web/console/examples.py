"""The examples of each message type: what each shows, the message itself, and a button that sends it."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from ktt.core.text import Text
from ktt.messages.packs.message import PackedMessage
from ktt.web.console.console import SITE, Console, go_to, nothing_here
from ktt.web.console.content import WORDS, content_of
from ktt.web.site import Visit

_TITLE = Text(nb="Eksempler", en="Examples")
_UNKNOWN = Text(nb="Eksempelet finnes ikke.", en="There is no such example.")


def examples_page(console: Console, visit: Visit) -> Response:
    """`/examples`: one message type at a time."""
    versions = console.register.versions
    wanted = visit.asked("type") or versions[0].message_type
    shown = next((one for one in versions if one.message_type == wanted), versions[0])
    facts: dict[str, Any] = {"versions": versions, "shown": shown, "rows": _rows(shown)}
    return SITE.page(visit, "examples.html.jinja", title=_TITLE, **facts)


def _rows(version: PackedMessage) -> list[tuple[str, bool, Text]]:
    """Name, whether it fits the schema, and what it shows; those that fit come first."""
    said = version.example_sentences()
    names = sorted(version.examples(), key=lambda name: (not name.startswith("N"), name))
    return [(name, name.startswith("N"), said.get(name, Text("", ""))) for name in names]


def example_page(console: Console, visit: Visit) -> Response:
    """`/examples/TYPE/VERSION/NAME`."""
    found = _find(console, visit)
    if found is None:
        return nothing_here(visit, _UNKNOWN)
    version, name = found
    text = version.examples()[name].decode("utf-8", "replace")
    kind = version.message_type, version.version
    content = content_of(text, kind, console.sandbox.settings.packs, console.today, masked=True)
    says = version.example_sentences().get(name, Text("", ""))
    facts: dict[str, Any] = {"version": version, "name": name, "says": says, "content": content, **WORDS}
    return SITE.page(visit, "example.html.jinja", title=Text(name, name), **facts)


def send(console: Console, visit: Visit) -> Response:
    """`POST /examples/TYPE/VERSION/NAME/send`: as a client would; the page of the request that came of it."""
    found = _find(console, visit)
    if found is None:
        return nothing_here(visit, _UNKNOWN)
    version, name = found
    before = console.control.recorder.last
    console.control.send(version.message_type, version.version, version.examples()[name])
    return go_to(after_sending(console, before))


def after_sending(console: Console, before: int) -> str:
    """The page of the message that was recorded after that number; the list when none came so far."""
    came = [one.number for one in console.control.recorder.after(before) if one.address == "/message"]
    return f"/requests/{came[-1]}" if came else "/requests"


def _find(console: Console, visit: Visit) -> tuple[PackedMessage, str] | None:
    given = visit.request.path_params
    for version in console.register.versions:
        if (version.message_type, version.version) == (given["type"], given["version"]):
            return (version, given["name"]) if given["name"] in version.examples() else None
    return None
