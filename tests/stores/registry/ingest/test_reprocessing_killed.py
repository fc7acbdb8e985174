"""`kill -9` of `ktt registry reprocess --write` at step after step: the next run goes on, and nothing is done twice."""

from __future__ import annotations

from support.killed_reprocessing import STEPS, killed_at
from support.registry_commands import ask
from support.registry_inbox import OTHER, UNIT
from support.reprocessing_place import BEFORE, ENDED, TOO_EARLY, ends


def test_killed_at_every_step_it_goes_on_where_it_was(misread, capfd):
    for step in STEPS:
        killed_at(misread.config, step)
    capfd.readouterr()
    ask(capfd, "reprocess", "--config", misread.config, "--write", "--reason", "for tredje gang")
    assert ends(misread) == {"T-1": ENDED, "T-2": BEFORE}
    assert ends(misread, unit=OTHER) == {"T-4": ENDED}
    assert misread.open_findings(TOO_EARLY) == ["T-2"]
    assert misread.registry.versions(UNIT, "care_service").filter(service_id="T-1")["version"].to_list() == [1, 2]
    assert misread.verify().holds
