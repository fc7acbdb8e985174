"""What a unit's settings make of its daily run: its name, its time, and the only folders that it may write in."""

from __future__ import annotations

from pathlib import Path

import pytest

from ktt.domain.unit import ReportingUnit
from ktt.sender.agent.job import job_of
from ktt.sender.agent.schedule import daily_time

UNIT = ReportingUnit("312111403", "0301", "07")


class Named:
    """A section of the settings with what is named."""

    def __init__(self, **values):
        self.__dict__.update(values)


@pytest.mark.parametrize(
    ("url", "writes"),
    [
        ("sqlite:////var/lib/ktt/store/s.sqlite", ["/var/lib/ktt/store", "/etc/ktt", "/etc/ktt/client"]),
        ("sqlite:////etc/ktt/s.sqlite", ["/etc/ktt", "/etc/ktt/client"]),
        ("postgresql://ktt@db/ktt", ["/etc/ktt", "/etc/ktt/client"]),
    ],
)
def test_a_run_writes_where_its_store_and_its_keys_are(url, writes):
    settings = Named(
        unit=Named(reporting_unit=UNIT),
        store=Named(url=url, key_file=Path("/etc/ktt/s.key")),
        helseid=Named(key_file=Path("/etc/ktt/client/client.jwk")),  # a run takes the next key into use
    )
    job = job_of(settings, Path("/etc/ktt/sender.toml"), Path("/opt/ktt/bin/ktt"), "ktt")
    assert list(map(str, job.writes)) == writes
    assert (job.name, job.at) == ("ktt-daily-312111403-0301-07", daily_time(UNIT))
    assert job.arguments == ("daily", "--config", "/etc/ktt/sender.toml")
