"""How the same message is sent from a program of one's own, for copying: each is a few lines for a shell."""

from __future__ import annotations

from collections.abc import Mapping

from ktt.core.text import Text

_FETCH = "curl -o melding.json '{console}/requests/{number}/message.json'\n"
_FETCH_WINDOWS = "Invoke-WebRequest '{console}/requests/{number}/message.json' -OutFile melding.json\n"
_WAYS: tuple[tuple[str, Text, str], ...] = (
    (
        "check",
        Text(nb="curl: kontroller uten å sende", en="curl: judge without sending"),
        _FETCH + "curl -H 'Content-Type: application/json' --data-binary @melding.json \\\n"
        "  '{mottak}/check?type={type}&version={version}'",
    ),
    (
        "curl",
        Text(nb="curl og bash: send på nytt", en="curl and bash: send again"),
        _FETCH + "bash examples/curl/send.sh client.json melding.json {type} {version}",
    ),
    (
        "powershell",
        Text(nb="PowerShell: send på nytt", en="PowerShell: send again"),
        _FETCH_WINDOWS + "pwsh examples/powershell/send.ps1 client.json melding.json {type} {version}",
    ),
    (
        "csharp",
        Text(nb="C#: send på nytt", en="C#: send again"),
        _FETCH + "dotnet run --project examples/csharp -- client.json melding.json {type} {version}",
    ),
    (
        "node",
        Text(nb="Node: send på nytt", en="Node: send again"),
        _FETCH + "node examples/node/send.mjs client.json melding.json {type} {version}",
    ),
)


def snippets(facts: Mapping[str, str]) -> list[tuple[str, Text, str]]:
    """Name, what it does, and the lines. `facts` are console, mottak, number, type and version, all known to be harmless."""
    return [(name, says, text.format(**facts)) for name, says, text in _WAYS]
